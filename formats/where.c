/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/where.h"
#include <stdlib.h>
#include "formats/frame_parts.h"
#include "formats/number.h"

enum relation { EXISTS, MISSING, EQUAL, DIFFERENT, LESS, AT_MOST, MORE, AT_LEAST };

struct where {
    enum relation relation;
    char *key, *value;
    bool numeric; /* value is a number */
    double number;
};

static char *trimmed(const char *p, const char *end)
{
    while (p < end && *p == ' ')
        p++;
    while (end > p && end[-1] == ' ')
        end--;
    char *s = mem_new((size_t)(end - p) + 1, 1);
    memcpy(s, p, (size_t)(end - p));
    return s;
}

/* The operator at p and its length; 0: none */
static int operator_at(const char *p, enum relation *relation)
{
    static const struct {
        const char *text;
        enum relation relation;
    } operators[] = {{"==", EQUAL}, {"!=", DIFFERENT}, {"<=", AT_MOST}, {">=", AT_LEAST},
                     {"=", EQUAL},  {"<", LESS},       {">", MORE}};
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (!strncmp(p, operators[i].text, strlen(operators[i].text))) {
            *relation = operators[i].relation;
            return (int)strlen(operators[i].text);
        }
    return 0;
}

struct where *where_new(const char *text, struct err *err)
{
    struct where *w = MEM_NEW(struct where, 1);
    const char *p = text, *end = text + strlen(text);
    int length = 0;
    w->relation = EXISTS;
    if (*p == '!' && p[1] != '=') {
        w->relation = MISSING;
        text = ++p;
    } else {
        while (p < end && !(length = operator_at(p, &w->relation)))
            p++;
    }
    w->key = trimmed(text, length ? p : end);
    w->value = trimmed(length ? p + length : end, end);
    const char *value = w->value;
    w->numeric = *value && number_real(value, value + strlen(value), &w->number);
    if (*w->key && (!length || *value))
        return w;
    err_set(err, ST_USAGE, "'%s' is no condition: key=value, !=, <, <=, >, >=, key or !key", text);
    where_free(w);
    return NULL;
}

void where_free(struct where *w)
{
    if (!w)
        return;
    free(w->key);
    free(w->value);
    free(w);
}

static bool compare(enum relation relation, bool less, bool equal)
{
    switch (relation) {
    case EQUAL:
        return equal;
    case DIFFERENT:
        return !equal;
    case LESS:
        return less;
    case AT_MOST:
        return less || equal;
    case MORE:
        return !less && !equal;
    default:
        return !less;
    }
}

static bool compare_number(const struct where *w, double x)
{
    return w->numeric ? compare(w->relation, x < w->number, x == w->number)
                      : w->relation == DIFFERENT;
}

static bool compare_text(const struct where *w, const char *s)
{
    int order = strcmp(s, w->value);
    return compare(w->relation, order < 0, order == 0);
}

static bool compare_value(const struct where *w, const struct value *v)
{
    if (v->kind == KIND_STRING && v->rank == 0)
        return compare_text(w, v->string[0]);
    if (v->kind == KIND_BOOL && v->rank == 0) {
        bool found = v->logical[0];
        int wanted = number_logical(w->value, w->value + strlen(w->value));
        return wanted < 0 ? w->relation == DIFFERENT
                          : compare(w->relation, !found && wanted, found == (wanted == 1));
    }
    if (v->rank == 0 && !v->wide)
        return compare_number(w, v->kind == KIND_INT ? (double)v->integer[0] : v->real[0]);
    struct text written = {0}; /* arrays as they are written */
    value_print(&written, v);
    const char *s = text_string(&written);
    bool holds = compare_text(w, s);
    free(written.p);
    return holds;
}

bool where_holds(const struct where *w, const struct frame *f)
{
    const struct frame_key *key = frame_find_key(f, w->key);
    bool natoms = !key && !strcmp(w->key, "natoms");
    if (w->relation == EXISTS || w->relation == MISSING)
        return (key || natoms) == (w->relation == EXISTS);
    if (natoms)
        return compare_number(w, (double)frame_atoms(f));
    return key && compare_value(w, &key->value);
}
