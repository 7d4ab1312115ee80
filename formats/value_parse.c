/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Values of the comment line: libAtoms grammar (github.com/libAtoms/extxyz, README), with single
 * quotes and containers of one element and brackets without commas as its tests have them.
 */
#include <stdlib.h>
#include "formats/number.h"
#include "formats/value.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && is_blank(*p))
        p++;
    return p;
}

/* May stand in an unquoted word; an apostrophe may too, except at its start. */
static bool is_bare(char c)
{
    return !is_blank(c) && !strchr("=\",{}[]\\", c);
}

static const char *bare_end(const char *p, const char *end)
{
    while (p < end && (!*p || is_bare(*p)))
        p++;
    return p;
}

/* p behind the opening quote; returns the closing one, NULL and *err if there is none. */
static const char *find_quote(const char *p, const char *end, char quote, struct err *err)
{
    for (; p < end; p++) {
        if (*p == '\\')
            p++;
        else if (*p == quote)
            return p;
    }
    err_set(err, ST_DATA, "unterminated %c", quote);
    return NULL;
}

/* One element or word at *p: quoted or bare, not empty when bare. */
static enum status word(struct value_tokens *t, const char **p, const char *end, struct err *err)
{
    const char *start = *p;
    if (start < end && (*start == '"' || *start == '\'')) {
        const char *close = find_quote(start + 1, end, *start, err);
        if (!close)
            return ST_DATA;
        value_add_token(t, start + 1, close, true);
        *p = close + 1;
        return ST_OK;
    }
    *p = bare_end(start, end);
    if (*p == start)
        return err_set(err, ST_DATA, start < end ? "unexpected '%c'" : "unexpected end of the line",
                       start < end ? *start : ' ');
    value_add_token(t, start, *p, false);
    return ST_OK;
}

/* Words separated by blanks, or by commas with blanks around; false if it is neither. */
static bool split(struct value_tokens *t, const char *p, const char *end, bool quotes)
{
    bool commas = false;
    p = skip_blanks(p, end);
    while (p < end) {
        if (!quotes && (*p == '"' || *p == '\''))
            return false;
        if (word(t, &p, end, NULL))
            return false;
        const char *after = skip_blanks(p, end);
        bool comma = after < end && *after == ',';
        if (after < end && !comma && (after == p || commas))
            return false;
        if (t->n > 1 && after < end && comma != commas)
            return false;
        commas = comma;
        p = comma ? skip_blanks(after + 1, end) : after;
        if (comma && p == end)
            return false;
    }
    return true;
}

static enum status one_string(struct value *v, const char *p, const char *end)
{
    struct value_token item = {p, end, true};
    struct value_tokens t = {&item, 1, 1};
    return value_from_tokens(v, &t, 0, 1, NULL);
}

/* Old-style containers: "..", '..' hold numbers or logicals or else are a string; {..} also strings. */
static enum status old_style(struct value *v, const char *p, const char *end, bool braces,
                             struct err *err)
{
    struct value_tokens t = {0};
    bool array =
        (braces || !memchr(p, '\\', (size_t)(end - p))) && split(&t, p, end, braces) && t.n;
    if (array && !braces && value_tokens_kind(&t) == KIND_STRING)
        array = false;
    enum status status;
    if (array)
        status = value_from_tokens(v, &t, t.n == 1 ? 0 : t.n == 9 ? 2 : 1, t.n == 9 ? 3 : 1, err);
    else
        status = one_string(v, p, end);
    free(t.item);
    return status;
}

static enum status quoted(struct value *v, const char **p, const char *end, struct err *err)
{
    const char *start = *p + 1, *close = find_quote(start, end, **p, err);
    if (!close)
        return ST_DATA;
    *p = close + 1;
    enum status status = old_style(v, start, close, false, err);
    size_t skip = strlen(VALUE_JSON);
    struct value array;
    if (!status && v->kind == KIND_STRING && !strncmp(start, VALUE_JSON, skip) &&
        value_parse_json(&array, v->string[0] + skip, v->string[0] + strlen(v->string[0]))) {
        value_free(v);
        *v = array;
    }
    return status;
}

static enum status braces(struct value *v, const char **p, const char *end, struct err *err)
{
    const char *start = *p + 1, *q = start;
    for (; q < end && *q != '}'; q++) {
        if (*q == '{')
            return err_set(err, ST_DATA, "{ inside {..}");
        if (*q == '\\')
            q++;
        else if ((*q == '"' || (*q == '\'' && (q == start || !is_bare(q[-1])))) &&
                 !(q = find_quote(q + 1, end, *q, err)))
            return ST_DATA;
    }
    if (q >= end)
        return err_set(err, ST_DATA, "unterminated {");
    *p = q + 1;
    return old_style(v, start, q, true, err);
}

/* Elements up to the closing bracket. *commas false: they were separated by blanks. */
static enum status elements(struct value_tokens *t, const char **at, const char *end, bool *commas,
                            struct err *err)
{
    const char *p = *at;
    *commas = true;
    for (;;) {
        p = skip_blanks(p, end);
        if (p < end && (*p == ',' || *p == ']'))
            return err_set(err, ST_DATA, "empty array element");
        if (p == end)
            return err_set(err, ST_DATA, "unterminated [");
        if (word(t, &p, end, err))
            return ST_DATA;
        const char *after = skip_blanks(p, end);
        if (after == end)
            return err_set(err, ST_DATA, "unterminated [");
        *at = after + 1;
        if (*after == ']')
            return ST_OK;
        if (*after != ',')
            break;
        p = after + 1;
    }
    *commas = false;
    return err_set(err, ST_DATA, "expected , or ] in an array");
}

static enum status matrix_rows(struct value_tokens *t, const char **p, const char *end,
                               size_t *rows, struct err *err)
{
    size_t cols = 0;
    bool commas;
    for (*rows = 0;;) {
        if (*p == end)
            return err_set(err, ST_DATA, "unterminated [");
        if (**p != '[')
            return err_set(err, ST_DATA, "expected [ in nested array");
        size_t before = t->n;
        ++*p;
        if (elements(t, p, end, &commas, err))
            return ST_DATA;
        if ((*rows)++ == 0)
            cols = t->n;
        else if (t->n - before != cols)
            return err_set(err, ST_DATA, "rows of different length");
        *p = skip_blanks(*p, end);
        if (*p == end)
            return err_set(err, ST_DATA, "unterminated [");
        if (**p == ']') {
            ++*p;
            return ST_OK;
        }
        if (**p != ',')
            return err_set(err, ST_DATA, "expected , or ] in nested array");
        *p = skip_blanks(*p + 1, end);
    }
}

/* [T F S]: brackets without a comma quote a string. */
static bool bracket_string(const char *p, const char *end, const char **close)
{
    for (*close = p; *close < end && **close != ']'; ++*close)
        if (strchr(",[\"'\\", **close))
            return false;
    return *close < end;
}

static enum status brackets(struct value *v, const char **p, const char *end, struct err *err)
{
    const char *start = *p + 1, *first = skip_blanks(start, end), *close;
    struct value_tokens t = {0};
    enum status status;
    size_t rows = 1;
    bool commas = true, nested = first < end && *first == '[';
    if (first < end && *first == ']') {
        *p = first + 1;
        return one_string(v, start, start);
    }
    *p = first;
    status = nested ? matrix_rows(&t, p, end, &rows, err) : elements(&t, p, end, &commas, err);
    if (!status) {
        status = value_from_tokens(v, &t, nested ? 2 : 1, rows, err);
        if (!status)
            value_transpose3(v);
    } else if (!commas && t.n == 1 && bracket_string(start, end, &close)) {
        *p = close + 1;
        status = one_string(v, start, close);
    }
    free(t.item);
    return status;
}

static enum status bare(struct value *v, const char **p, const char *end, struct err *err)
{
    struct value_tokens t = {0};
    enum status status = word(&t, p, end, err);
    if (!status)
        status = value_from_tokens(v, &t, 0, 1, err);
    free(t.item);
    return status;
}

static enum status expect_blank(const char *start, const char *p, const char *end, struct err *err)
{
    if (p == end || is_blank(*p))
        return ST_OK;
    return err_set(err, ST_DATA, "unexpected '%c' after '%.*s': quote the value", *p,
                   (int)(p - start), start);
}

enum status value_parse(struct value *v, const char **p, const char *end, struct err *err)
{
    const char *start = *p;
    enum status status;
    if (start < end && (*start == '"' || *start == '\''))
        status = quoted(v, p, end, err);
    else if (start < end && *start == '{')
        status = braces(v, p, end, err);
    else if (start < end && *start == '[')
        status = brackets(v, p, end, err);
    else
        status = bare(v, p, end, err);
    if (!status && (status = expect_blank(start, *p, end, err)))
        value_free(v);
    return status;
}

char *value_parse_word(const char **p, const char *end, bool key, struct err *err)
{
    struct value_tokens t = {0};
    const char *start = *p;
    char *s = NULL;
    if (!word(&t, p, end, err)) {
        struct value v;
        struct value_token item = t.item[0];
        if (item.p == item.end)
            err_set(err, ST_DATA, "empty key");
        else if ((key && *p < end && **p == '=') || !expect_blank(start, *p, end, err)) {
            t.item[0].quoted = true;
            value_from_tokens(&v, &t, 0, 1, NULL);
            s = v.string[0];
            free(v.string);
        }
    }
    free(t.item);
    return s;
}
