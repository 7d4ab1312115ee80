/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/mem.h"
#include "base/opt_table.h"

enum { WIDTH = 79, COLUMN = 26, MDOC_WIDTH = 76 };

#ifdef __clang__
#define COMPILER __VERSION__
#else
#define COMPILER "gcc " __VERSION__
#endif
#ifndef DELTAQMC_LIBRARIES
#define DELTAQMC_LIBRARIES "unknown libraries"
#endif
#ifndef DELTAQMC_BUILD
#define DELTAQMC_BUILD "unknown options"
#endif

static enum status finish(struct err *err)
{
    if (fflush(stdout) || ferror(stdout))
        return err_set(err, ST_SYSTEM, "cannot write to standard output: is the disk full?");
    return ST_OK;
}

/* A real in a number of digits; 0: as few, from 6 on, as units_parse reads back as the same au. */
static void print_real(double au, double size, const char *unit, enum dimension dim, int digits,
                       char *text, size_t bytes)
{
    if (digits) {
        snprintf(text, bytes, "%.*g", digits, au / size);
        return;
    }
    double back = NAN;
    for (digits = 6; digits <= 17 && !(back == au); digits++) {
        snprintf(text, bytes, "%.*g%s", digits, au / size, units_suffix(unit));
        if (units_parse(text, dim, &back, NULL))
            return; /* infinite or not set */
    }
}

static void print_choice(const char *choices, int i, char *text, size_t bytes)
{
    while (i-- > 0 && strchr(choices, '|'))
        choices = strchr(choices, '|') + 1;
    snprintf(text, bytes, "%.*s", (int)strcspn(choices, "|"), choices);
}

void opt_help_value(const struct opt *opt, const void *base, int digits, char *text, size_t bytes)
{
    const void *at = (const char *)base + opt->where;
    enum dimension dim = DIM_NONE;
    double size = 1;
    const char *string;
    *text = 0;
    switch (opt->kind) {
    case OPT_INT:
        snprintf(text, bytes, "%d", *(const int *)at);
        break;
    case OPT_SEED:
        snprintf(text, bytes, "%" PRIu64, *(const uint64_t *)at);
        break;
    case OPT_REAL:
        print_real(*(const double *)at, 1, "", DIM_NONE, digits, text, bytes);
        break;
    case OPT_QUANTITY:
        units_find(opt->arg, &dim, &size);
        print_real(*(const double *)at, size, opt->arg, dim, digits, text, bytes);
        break;
    case OPT_CHOICE:
        print_choice(opt->arg, *(const int *)at, text, bytes);
        break;
    case OPT_TEXT:
        string = *(const char *const *)at;
        snprintf(text, bytes, "%s", string ? string : "");
        break;
    default:
        break;
    }
}

/* "default 816.34 eV = 30 Ha", or nothing where there is nothing to say */
static void default_text(const struct opt *opt, const void *base, char *text, size_t bytes)
{
    char value[256];
    *text = 0;
    if (opt->kind == OPT_LIST)
        snprintf(text, bytes, "may be given several times");
    if (opt->kind == OPT_QUANTITY || opt->kind == OPT_REAL) {
        double x = *(const double *)(const void *)((const char *)base + opt->where);
        if (!isfinite(x)) {
            snprintf(text, bytes, isnan(x) ? "not set" : "no limit");
            return;
        }
    }
    opt_help_value(opt, base, 6, value, sizeof value);
    if (!*value)
        return;
    if (opt->kind != OPT_QUANTITY) {
        snprintf(text, bytes, "default %s", value);
        return;
    }
    enum dimension dim = DIM_NONE;
    double size = 1;
    units_find(opt->arg, &dim, &size);
    const char *stream = units_stream_name(dim);
    struct opt shown = *opt;
    shown.arg = stream;
    char bare[64];
    opt_help_value(&shown, base, 6, bare, sizeof bare);
    if (!strcmp(stream, opt->arg))
        snprintf(text, bytes, "default %s %s", bare, stream);
    else
        snprintf(text, bytes, "default %s %s = %s %s", bare, stream, value, opt->arg);
}

/* The unit of a bare number stands in the place of the value: --cutoff eV */
static const char *value_name(const struct opt *opt)
{
    enum dimension dim;
    double size;
    if (opt->kind == OPT_QUANTITY && units_find(opt->arg, &dim, &size))
        return units_stream_name(dim);
    if (opt->kind == OPT_FLAG)
        return "";
    return opt->arg ? opt->arg : opt->kind == OPT_TEXT || opt->kind == OPT_LIST ? "TEXT" : "N";
}

/* Words from `column` on (already reached), wrapped at `width`, new lines indented to `indent`. */
static int wrap(const char *text, int column, int indent, int width)
{
    bool first = true;
    while (*text) {
        int n = (int)strcspn(text, " \n");
        if (!first && column + 1 + n > width) {
            printf("\n%*s", indent, "");
            column = indent;
        } else if (!first) {
            putchar(' ');
            column++;
        }
        printf("%.*s", n, text);
        column += n;
        first = false;
        text += n;
        text += strspn(text, " \n");
    }
    return column;
}

static void help_option(const struct opt *opt, const void *base)
{
    char head[160], tail[320], text[1024];
    const char *value = value_name(opt);
    char letter = opt_table_short(opt->name), shown[8] = "    ";
    if (letter)
        snprintf(shown, sizeof shown, "-%c, ", letter);
    int n = snprintf(head, sizeof head, "  %s--%s%s%s", shown, opt->name, *value ? " " : "", value);
    default_text(opt, base, tail, sizeof tail);
    snprintf(text, sizeof text, *tail ? "%s [%s]" : "%s%s", opt->help, tail);
    printf("%s", head);
    if (n + 2 > COLUMN)
        printf("\n%*s", COLUMN, "");
    else
        printf("%*s", COLUMN - n, "");
    wrap(text, COLUMN, COLUMN, WIDTH);
    putchar('\n');
}

static void help_table(const struct opt *table, const void *base)
{
    for (const struct opt *o = table; o && o->kind != OPT_END; o++)
        if (o->kind == OPT_SECTION)
            printf("\n%c%s:\n", toupper((unsigned char)*o->name), o->name + 1);
        else
            help_option(o, base);
}

enum status opt_help_print(const struct program *program, const void *settings,
                           const struct common *common, struct err *err)
{
    const struct opt *table = program->options;
    const char *operands = program->operands ? program->operands : "";
    printf("usage: %s [OPTION]...%s%s\n", program->name, *operands ? " " : "", operands);
    wrap(program->summary, 0, 0, WIDTH);
    printf("\n");
    if (program->description) {
        printf("\n");
        wrap(program->description, 0, 0, WIDTH);
        printf("\n");
    }
    if (table && opt_table_is_option(table))
        printf("\nOptions:\n");
    help_table(table, settings);
    printf("\nShared by all programs:\n");
    help_table(opt_table_common, common);
    printf("\nA quantity may carry its unit (40Ha, 2.5A, 8000K); a bare number is in the unit\n"
           "shown with the option. The manual: man %s, man deltaqmc.\n",
           program->name);
    return finish(err);
}

/* One sentence per line, as mdoc wants it; a dot or quote that begins a word could begin a line: a
 * request. */
static void mdoc_sentence(const char *text, bool full_stop)
{
    char line[1100];
    size_t n = 0;
    for (const char *c = text; *c && n < sizeof line - 8; c++) {
        bool word = c == text || c[-1] == ' ';
        if (word && (*c == '.' || *c == '\'')) {
            line[n++] = '\\';
            line[n++] = '&';
        }
        if (*c == '\\') {
            line[n++] = '\\';
            line[n++] = 'e';
        } else if (word && *c == '-') {
            line[n++] = '\\';
            line[n++] = '-';
        } else
            line[n++] = c == text ? (char)toupper((unsigned char)*c) : *c;
    }
    line[n] = 0;
    wrap(line, 0, 0, MDOC_WIDTH);
    puts(full_stop ? "." : "");
}

static void mdoc_option(const struct opt *opt, const void *base)
{
    char letter = opt_table_short(opt->name), tail[320];
    const char *value = value_name(opt);
    printf(".It ");
    if (letter)
        printf("Fl %c , ", letter);
    printf("Fl \\-%s%s%s\n", opt->name, *value ? " Ar " : "", value);
    mdoc_sentence(opt->help, true);
    default_text(opt, base, tail, sizeof tail);
    if (*tail)
        mdoc_sentence(tail, true);
}

/* Lists of options between headings; *open: a list stands open. */
static void mdoc_table(const struct opt *table, const void *base)
{
    bool open = false;
    for (const struct opt *o = table; o && o->kind != OPT_END; o++) {
        if (o->kind == OPT_SECTION && open)
            puts(".El");
        if (o->kind == OPT_SECTION)
            printf(".Ss %c%s\n", toupper((unsigned char)*o->name), o->name + 1);
        if (o->kind == OPT_SECTION || !open)
            puts(".Bl -tag -width Ds");
        open = true;
        if (o->kind != OPT_SECTION)
            mdoc_option(o, base);
    }
    if (open)
        puts(".El");
}

enum status opt_help_mdoc(const struct program *program, const void *settings,
                          const struct common *common, struct err *err)
{
    mdoc_table(program->options, settings);
    puts(".Ss Shared by all programs");
    mdoc_table(opt_table_common, common);
    return finish(err);
}

enum status opt_help_version(const struct program *program, struct err *err)
{
    printf("%s (deltaqmc) %s\n", program->name, opt_version);
    printf("compiler: %s\n", COMPILER);
    printf("build: %s\n", DELTAQMC_BUILD);
    printf("libraries: %s\n", DELTAQMC_LIBRARIES);
    printf("licence: GPL-3.0-or-later, without warranty\n");
    return finish(err);
}
