/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/opt_table.h"

/* text + " --name=value"; a value with blanks stands in single quotes. Takes over `text`. */
static char *add(char *text, const char *name, const char *value)
{
    bool quote = strpbrk(value, " ;\t") != NULL;
    char *longer = mem_print("%s --%s%s%s%s%s", text, name, *value ? "=" : "", quote ? "'" : "",
                             value, quote ? "'" : "");
    free(text);
    return longer;
}

static const void *at(const struct opt *o, const void *base)
{
    return (const char *)base + o->where;
}

static char *add_text(char *text, const struct opt *o, const void *settings, const void *defaults)
{
    const char *now = *(const char *const *)at(o, settings);
    const char *then = *(const char *const *)at(o, defaults);
    if (!now || (then && !strcmp(now, then)))
        return text;
    return add(text, o->name, now);
}

static char *add_option(char *text, const struct opt *o, const void *settings, const void *defaults)
{
    char now[64], then[64];
    if (o->kind == OPT_TEXT)
        return add_text(text, o, settings, defaults);
    if (o->kind == OPT_LIST) {
        const struct opt_list *list = at(o, settings);
        for (int i = 0; i < list->n; i++)
            text = add(text, o->name, list->item[i]);
        return text;
    }
    if (o->kind == OPT_FLAG) {
        bool given = *(const bool *)at(o, settings) && !*(const bool *)at(o, defaults);
        return given ? add(text, o->name, "") : text;
    }
    opt_help_value(o, settings, 0, now, sizeof now);
    opt_help_value(o, defaults, 0, then, sizeof then);
    return strcmp(now, then) ? add(text, o->name, now) : text;
}

char *opt_history(const struct program *program, const void *settings, const void *defaults,
                  const struct common *common)
{
    char *text = mem_print("%s %s", program->name, opt_version);
    bool recorded = true;
    for (const struct opt *o = program->options; o && o->kind != OPT_END; o++)
        if (o->kind == OPT_SECTION)
            recorded = o->where != OPT_UNRECORDED;
        else if (recorded)
            text = add_option(text, o, settings, defaults);
    if (common->seed != 1) {
        char seed[32];
        snprintf(seed, sizeof seed, "%llu", (unsigned long long)common->seed);
        text = add(text, "seed", seed);
    }
    return text;
}
