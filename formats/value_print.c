/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values as they are written on the comment line, and as JSON. */
#include <ctype.h>
#include <stdlib.h>
#include <stdio.h>
#include "formats/number.h"
#include "formats/value.h"

static void print_real(struct text *out, double x)
{
    char number[NUMBER_SIZE];
    size_t n = number_print(x, number);
    text_add(out, number, n);
    if (!strpbrk(number, ".e")) /* or it would read as an integer */
        text_add(out, ".0", 2);
}

static void print_quoted(struct text *out, const char *s, bool disguise)
{
    text_char(out, '"');
    if (disguise)
        text_char(out, '\\');
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            text_char(out, '\\');
        if (*s == '\n')
            text_puts(out, "\\n");
        else
            text_char(out, *s);
    }
    text_char(out, '"');
}

/* No reader splits, unescapes or converts it. */
static bool is_plain_word(const char *s)
{
    for (const char *p = s; *p; p++)
        if (!isalnum((unsigned char)*p) && !strchr("_-+.:/@%^*~;?!<>|()&$#", *p))
            return false;
    return *s != 0;
}

void value_print_word(struct text *out, const char *s)
{
    if (is_plain_word(s))
        text_puts(out, s);
    else
        print_quoted(out, s, false);
}

/* A string in quotes that would read as something else. */
static bool needs_disguise(const char *s)
{
    struct text quoted = {0};
    struct value v = {0};
    print_quoted(&quoted, s, false);
    const char *p = quoted.p;
    bool differs = false;
    if (!value_parse(&v, &p, quoted.p + quoted.n, NULL)) {
        differs = v.kind != KIND_STRING || v.rank != 0;
        value_free(&v);
    }
    free(quoted.p);
    return differs;
}

static void print_string(struct text *out, const char *s)
{
    if (!*s)
        return;
    if (needs_disguise(s))
        print_quoted(out, s, true);
    else
        value_print_word(out, s);
}

static void print_element(struct text *out, const struct value *v, size_t i)
{
    char number[NUMBER_SIZE];
    if (v->wide)
        text_puts(out, v->string[i]);
    else if (v->kind == KIND_REAL)
        print_real(out, v->real[i]);
    else if (v->kind == KIND_INT)
        text_add(out, number, number_print_int(v->integer[i], number));
    else if (v->kind == KIND_BOOL)
        text_char(out, v->logical[i] ? 'T' : 'F');
    else
        print_quoted(out, v->string[i], false);
}

void value_print_json_string(struct text *out, const char *s, size_t length)
{
    char escape[8];
    text_char(out, '"');
    for (const char *end = s + length; s < end; s++) {
        if (*s == '"' || *s == '\\')
            text_char(out, '\\');
        if (*s == '\n')
            text_puts(out, "\\n");
        else if ((unsigned char)*s < 0x20)
            text_add(out, escape, (size_t)snprintf(escape, sizeof escape, "\\u%04x", *s));
        else
            text_char(out, *s);
    }
    text_char(out, '"');
}

void value_print_json(struct text *out, const struct value *v, size_t i)
{
    if (v->kind == KIND_STRING)
        value_print_json_string(out, v->string[i], strlen(v->string[i]));
    else if (v->kind == KIND_BOOL)
        text_puts(out, v->logical[i] ? "true" : "false");
    else
        print_element(out, v, i);
}

static bool has_old_style(const struct value *v)
{
    size_t n = value_size(v);
    if (v->kind == KIND_STRING)
        return v->rank == 1 && n > 1 && n != 9;
    return (v->rank == 1 && n > 1 && n != 9) || value_is_matrix3(v);
}

static void print_old_style(struct text *out, const struct value *v)
{
    bool strings = v->kind == KIND_STRING;
    text_char(out, strings ? '{' : '"');
    for (size_t i = 0; i < value_size(v); i++) {
        if (i)
            text_char(out, ' ');
        print_element(out, v, i);
    }
    text_char(out, strings ? '}' : '"');
}

static void print_json_rows(struct text *out, const struct value *v)
{
    if (v->rank == 2)
        text_char(out, '[');
    for (size_t r = 0; r < v->rows; r++) {
        text_puts(out, r ? ",[" : "[");
        for (size_t c = 0; c < v->cols; c++) {
            if (c)
                text_char(out, ',');
            value_print_json(out, v, value_is_matrix3(v) ? 3 * c + r : r * v->cols + c);
        }
        text_char(out, ']');
    }
    if (v->rank == 2)
        text_char(out, ']');
}

void value_print(struct text *out, const struct value *v)
{
    if (v->rank == 0 && v->kind == KIND_STRING) {
        print_string(out, v->string[0]);
    } else if (v->rank == 0) {
        print_element(out, v, 0);
    } else if (has_old_style(v)) {
        print_old_style(out, v);
    } else {
        struct text json = {0};
        text_puts(&json, VALUE_JSON);
        print_json_rows(&json, v);
        print_quoted(out, text_string(&json), false);
        free(json.p);
    }
}
