/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/opt_table.h"
#include "base/words.h"

struct parser {
    const struct program *program;
    char *settings;
    struct common *common;
    int argc, at; /* at: the next argument */
    char **argv;
};

/* The option of that name in the program's table, then in the common one. */
static struct opt_slot find(const struct parser *p, const char *name, size_t length)
{
    const struct opt *tables[] = {p->program->options, opt_table_common};
    const void *bases[] = {p->settings, p->common};
    for (int t = 0; t < 2; t++)
        for (const struct opt *o = tables[t]; o && o->kind != OPT_END; o++)
            if (opt_table_is_option(o) && !strncmp(o->name, name, length) && !o->name[length])
                return (struct opt_slot){o, bases[t]};
    return (struct opt_slot){NULL, NULL};
}

static struct opt_slot find_letter(const struct parser *p, char letter)
{
    for (const struct opt *o = opt_table_common; o->kind != OPT_END; o++)
        if (opt_table_short(o->name) == letter)
            return (struct opt_slot){o, p->common};
    return (struct opt_slot){NULL, NULL};
}

/* The beginning of a name counts as one mistake: people abbreviate. */
static const char *nearest(const struct parser *p, const char *name)
{
    const struct opt *tables[] = {p->program->options, opt_table_common};
    const char *best = "help";
    int least = INT_MAX;
    for (int t = 0; t < 2; t++)
        for (const struct opt *o = tables[t]; o && o->kind != OPT_END; o++) {
            if (!opt_table_is_option(o))
                continue;
            bool begins = *name && !strncmp(o->name, name, strlen(name));
            int d = begins ? 1 : words_distance(name, o->name);
            if (d < least) {
                least = d;
                best = o->name;
            }
        }
    return best;
}

static enum status unknown(const struct parser *p, const char *name, int length, struct err *err)
{
    char text[64];
    snprintf(text, sizeof text, "%.*s", length, name);
    return err_set(err, ST_USAGE, "unknown option '--%s'; did you mean --%s? (--help lists all)",
                   text, nearest(p, text));
}

static enum status check_range(const struct opt *o, double x, struct err *err)
{
    bool any = o->min == 0 && o->max == 0; /* exactly as in the table */
    if (any || (x >= o->min && x <= o->max))
        return ST_OK;
    double size = 1;
    enum dimension dim;
    bool quantity = o->kind == OPT_QUANTITY && units_find(o->arg, &dim, &size);
    const char *unit = quantity ? " " : "", *name = quantity ? o->arg : "";
    double low = o->min / size, high = o->max / size;
    if (o->max >= DBL_MAX && o->min == OPT_ABOVE_0)
        return err_set(err, ST_USAGE, "must be greater than 0");
    if (o->max >= DBL_MAX)
        return err_set(err, ST_USAGE, "must be at least %.6g%s%s", low, unit, name);
    if (o->min == OPT_ABOVE_0)
        return err_set(err, ST_USAGE, "must be greater than 0 and at most %.6g%s%s", high, unit,
                       name);
    return err_set(err, ST_USAGE, "must be from %.6g to %.6g%s%s", low, high, unit, name);
}

static enum status set_int(const struct opt *o, int *to, const char *text, struct err *err)
{
    char *end;
    errno = 0;
    long x = strtol(text, &end, 10);
    if (isspace((unsigned char)*text) || end == text || *end || errno || x > INT_MAX || x < INT_MIN)
        return err_set(err, ST_USAGE, "'%.80s' is not an integer; write one such as 4", text);
    enum status status = check_range(o, (double)x, err);
    if (!status)
        *to = (int)x;
    return status;
}

static enum status set_seed(uint64_t *to, const char *text, struct err *err)
{
    char *end;
    errno = 0;
    unsigned long long x = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)*text) || *end || errno)
        return err_set(err, ST_USAGE, "'%.80s' is not a seed; write an integer from 0 to 2^64 - 1",
                       text);
    *to = x;
    return ST_OK;
}

static enum status set_real(const struct opt *o, double *to, const char *text, struct err *err)
{
    double size = 1, x;
    enum dimension dim = DIM_NONE;
    if (o->kind == OPT_QUANTITY)
        units_find(o->arg, &dim, &size);
    enum status status = units_parse(text, dim, &x, err);
    if (!status)
        status = check_range(o, x, err);
    if (!status)
        *to = x;
    return status;
}

static enum status set_choice(const struct opt *o, int *to, const char *text, struct err *err)
{
    size_t length = strlen(text);
    int i = 0;
    for (const char *c = o->arg; *c; i++) {
        size_t n = strcspn(c, "|");
        if (n == length && !strncmp(c, text, n)) {
            *to = i;
            return ST_OK;
        }
        c += n + (c[n] == '|');
    }
    return err_set(err, ST_USAGE, "'%.80s' is none of %s", text, o->arg);
}

static void append(struct opt_list *list, const char *text)
{
    list->item = mem_grow(list->item, (size_t)list->n, (size_t)list->n + 1, sizeof *list->item);
    list->item[list->n++] = text;
}

static enum status set(struct opt_slot slot, const char *text, struct err *err)
{
    void *to = (char *)slot.base + slot.opt->where;
    enum status status = ST_OK;
    switch (slot.opt->kind) {
    case OPT_FLAG:
        *(bool *)to = true;
        break;
    case OPT_INT:
        status = set_int(slot.opt, to, text, err);
        break;
    case OPT_SEED:
        status = set_seed(to, text, err);
        break;
    case OPT_REAL:
    case OPT_QUANTITY:
        status = set_real(slot.opt, to, text, err);
        break;
    case OPT_CHOICE:
        status = set_choice(slot.opt, to, text, err);
        break;
    case OPT_TEXT:
        *(const char **)to = text;
        break;
    case OPT_LIST:
        append(to, text);
        break;
    case OPT_END:
    case OPT_SECTION:
        break;
    }
    return status ? err_set(err, status, "--%s: %s", slot.opt->name, err ? err->text : "") : ST_OK;
}

/* One argument, already taken from argv, split into option and value; the value may be the next
 * one. */
struct item {
    struct opt_slot slot; /* opt NULL: an operand or an unknown option */
    const char *name, *value;
    int length;          /* of name */
    bool operand, brief; /* brief: written with one dash */
};

static struct item split_long(struct parser *p, const char *arg)
{
    size_t length = strcspn(arg + 2, "=");
    struct item it = {.name = arg + 2, .length = (int)length};
    it.slot = find(p, it.name, length);
    if (arg[2 + length])
        it.value = arg + 2 + length + 1;
    else if (it.slot.opt && it.slot.opt->kind != OPT_FLAG && p->at < p->argc)
        it.value = p->argv[p->at++];
    return it;
}

/* -q, -o FILE, -oFILE, -j4 */
static struct item split_short(struct parser *p, const char *arg)
{
    struct item it = {.name = arg + 1, .length = (int)strlen(arg + 1), .brief = true};
    it.slot = find_letter(p, arg[1]);
    bool flag = it.slot.opt && it.slot.opt->kind == OPT_FLAG;
    if (flag && arg[2])
        it.slot.opt = NULL;
    else if (arg[2])
        it.value = arg + 2;
    else if (it.slot.opt && !flag && p->at < p->argc)
        it.value = p->argv[p->at++];
    return it;
}

/* Take the next argument (p->at < p->argc). */
static struct item take(struct parser *p, bool *only_operands)
{
    const char *arg = p->argv[p->at++];
    if (!*only_operands && !strcmp(arg, "--")) {
        *only_operands = true;
        return (struct item){.operand = true};
    }
    if (*only_operands || arg[0] != '-' || !arg[1])
        return (struct item){.operand = true, .value = arg};
    return arg[1] == '-' ? split_long(p, arg) : split_short(p, arg);
}

static bool is(const struct item *it, const char *name)
{
    return it->slot.opt && !strcmp(it->slot.opt->name, name);
}

/* --help and --version act before anything else, so that the defaults are still what is shown. */
static enum status answer_questions(struct parser p, bool *done, struct err *err)
{
    bool only_operands = false;
    while (p.at < p.argc) {
        struct item it = take(&p, &only_operands);
        if (it.operand || !(is(&it, "help") || is(&it, "version")))
            continue;
        *done = true;
        if (is(&it, "version"))
            return opt_help_version(p.program, err);
        if (!it.value)
            return opt_help_print(p.program, p.settings, p.common, err);
        if (!strcmp(it.value, "mdoc"))
            return opt_help_mdoc(p.program, p.settings, p.common, err);
        return err_set(err, ST_USAGE,
                       "--help=%.40s: write --help, or --help=mdoc for the manual page", it.value);
    }
    return ST_OK;
}

static enum status accept(struct parser *p, const struct item *it, struct err *err)
{
    if (it->operand) { /* without a value: the -- itself */
        if (it->value)
            append(&p->common->files, it->value);
        return ST_OK;
    }
    const struct opt *o = it->slot.opt;
    if (!o && !it->brief)
        return unknown(p, it->name, it->length, err);
    if (!o)
        return err_set(err, ST_USAGE,
                       "unknown option '-%.40s'; the short ones are -o FILE -j N -q -v "
                       "-h -V (--help lists all)",
                       it->name);
    if (o->kind == OPT_FLAG && it->value)
        return err_set(err, ST_USAGE, "--%s takes no value; leave '=%.40s' out", o->name,
                       it->value);
    if (o->kind != OPT_FLAG && !it->value)
        return err_set(err, ST_USAGE, "--%s needs a value: --%s=%s", o->name, o->name,
                       o->arg ? o->arg : "N");
    return set(it->slot, it->value, err);
}

enum status opt_parse(const struct program *program, int argc, char **argv, void *settings,
                      struct common *common, bool *done, struct err *err)
{
    struct parser p = {program, settings, common, argc, argc > 0 ? 1 : 0, argv};
    *done = false;
    enum status status = answer_questions(p, done, err);
    bool only_operands = false;
    while (!status && !*done && p.at < p.argc) {
        struct item it = take(&p, &only_operands);
        status = accept(&p, &it, err);
    }
    return status;
}

void opt_free(const struct program *program, void *settings, struct common *common)
{
    for (const struct opt *o = program->options; o && o->kind != OPT_END; o++)
        if (o->kind == OPT_LIST) {
            struct opt_list *list = (void *)((char *)settings + o->where);
            free(list->item);
            *list = (struct opt_list){0};
        }
    free(common->files.item);
    common->files = (struct opt_list){0};
}

enum status opt_quantity_list(const char *text, enum dimension dim, int *n, double **au,
                              struct err *err)
{
    char *copy = mem_text(text), *item = copy;
    int count = 0;
    *au = NULL;
    *n = 0;
    enum status status = ST_OK;
    while (item && !status) {
        char *comma = strchr(item, ',');
        if (comma)
            *comma = 0;
        *au = mem_grow(*au, (size_t)count, (size_t)count + 1, sizeof **au);
        status = units_parse(item, dim, &(*au)[count++], err);
        item = comma ? comma + 1 : NULL;
    }
    free(copy);
    if (status) {
        free(*au);
        *au = NULL;
    } else
        *n = count;
    return status;
}
