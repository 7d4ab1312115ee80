/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The JSON form of values that the old style cannot express (see value.h). */
#include <stdlib.h>
#include "formats/number.h"
#include "formats/value.h"

/* Only what value_print writes: no blanks, \" \\ \n and \u00XX in strings. */
static const char *json_string(struct text *out, const char *p, const char *end)
{
    for (p++; p < end && *p != '"'; p++) {
        if (*p != '\\') {
            text_char(out, *p);
        } else if (end - p > 5 && p[1] == 'u') {
            char hex[5] = {p[2], p[3], p[4], p[5], 0};
            char *stop;
            long c = strtol(hex, &stop, 16);
            if (*stop || c < 1 || c > 0x7f)
                return NULL;
            text_char(out, (char)c);
            p += 5;
        } else if (++p < end) {
            text_char(out, *p == 'n' ? '\n' : *p);
        }
    }
    return p < end ? p + 1 : NULL;
}

struct json {
    struct text strings; /* contents of all strings, each ended by NUL */
    struct value_tokens tokens;
    size_t rows, nested; /* rows seen; elements of the first row */
    bool ragged;
};

static const char *json_element(struct json *j, const char *p, const char *end)
{
    const char *start = p;
    if (p < end && *p == '"') {
        size_t at = j->strings.n;
        p = json_string(&j->strings, p, end);
        text_char(&j->strings, 0);
        /* offsets for now: the buffer may still move */
        value_add_token(&j->tokens, (const char *)at, (const char *)(j->strings.n - 1), true);
        return p;
    }
    while (p < end && !strchr(",[]\"", *p))
        p++;
    value_add_token(&j->tokens, start, p, false);
    return p > start ? p : NULL;
}

/* [element,element,...] with elements of the next level */
static const char *json_row(struct json *j, const char *p, const char *end, int depth)
{
    do {
        p++;
        size_t before = j->tokens.n;
        if (p < end && *p == '[' && depth == 0) {
            p = json_row(j, p, end, 1);
            j->rows++;
            if (j->rows == 1)
                j->nested = j->tokens.n;
            j->ragged |= j->tokens.n - before != j->nested;
        } else {
            p = json_element(j, p, end);
        }
    } while (p && p < end && *p == ',');
    return p && p < end && *p == ']' ? p + 1 : NULL;
}

static bool same_kind(const struct value_tokens *t)
{
    bool quoted = t->item[0].quoted;
    for (size_t i = 0; i < t->n; i++)
        if (t->item[i].quoted != quoted)
            return false;
    return quoted || value_tokens_kind(t) != KIND_STRING;
}

/* The strings have been unescaped: make the value from them as they are. */
static void strings_value(struct value *v, const struct json *j, int rank, size_t rows)
{
    size_t n = j->tokens.n;
    value_new(v, KIND_STRING, rank, rows, n / rows);
    for (size_t i = 0; i < n; i++) {
        v->string[i] = mem_text(j->strings.p + (size_t)j->tokens.item[i].p);
    }
}

bool value_parse_json(struct value *v, const char *p, const char *end)
{
    struct json j = {0};
    int rank = 0;
    if (p < end && *p == '[')
        p = json_row(&j, p, end, 0);
    else
        p = p < end && *p == '"' ? json_element(&j, p, end) : NULL;
    bool good = p == end && j.tokens.n && !j.ragged && same_kind(&j.tokens) &&
                (j.rows == 0 || j.rows * j.nested == j.tokens.n);
    if (good) {
        size_t rows = j.rows ? j.rows : 1;
        rank = j.rows ? 2 : end[-1] == ']' ? 1 : 0;
        if (j.tokens.item[0].quoted)
            strings_value(v, &j, rank, rows);
        else
            good = !value_from_tokens(v, &j.tokens, rank, rows, NULL);
        if (good)
            value_transpose3(v);
    }
    free(j.tokens.item);
    free(j.strings.p);
    return good;
}
