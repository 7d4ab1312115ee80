/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values: storage, and elements from texts. */
#include "formats/value.h"
#include <stdlib.h>
#include "formats/number.h"

static size_t element_size(enum kind kind, bool wide)
{
    return kind == KIND_BOOL ? sizeof(bool) : kind == KIND_STRING || wide ? sizeof(char *) : 8;
}

static bool holds_text(const struct value *v)
{
    return v->kind == KIND_STRING || v->wide;
}

void value_new(struct value *v, enum kind kind, int rank, size_t rows, size_t cols)
{
    *v = (struct value){.kind = kind, .rank = rank, .rows = rows, .cols = cols};
    v->real = mem_new(rows * cols, element_size(kind, false));
}

size_t value_size(const struct value *v)
{
    return v->rows * v->cols;
}

bool value_is_matrix3(const struct value *v)
{
    return v->rank == 2 && v->rows == 3 && v->cols == 3;
}

void value_free(struct value *v)
{
    if (holds_text(v) && v->string)
        for (size_t i = 0; i < value_size(v); i++)
            free(v->string[i]);
    free(v->real);
    *v = (struct value){0};
}

void value_copy(struct value *to, const struct value *from)
{
    *to = *from;
    size_t n = value_size(from), size = element_size(from->kind, from->wide);
    to->real = mem_new(n, size);
    if (holds_text(from))
        for (size_t i = 0; i < n; i++)
            to->string[i] = mem_text(from->string[i]);
    else
        memcpy(to->real, from->real, n * size);
}

void value_add_token(struct value_tokens *t, const char *p, const char *end, bool quoted)
{
    if (t->n == t->capacity) {
        size_t capacity = 2 * t->capacity + 16;
        t->item = mem_grow(t->item, t->capacity, capacity, sizeof *t->item);
        t->capacity = capacity;
    }
    t->item[t->n++] = (struct value_token){p, end, quoted};
}

enum kind value_tokens_kind(const struct value_tokens *t)
{
    bool integer = true, real = true, logical = true;
    for (size_t i = 0; i < t->n && (real || logical); i++) {
        const struct value_token *item = &t->item[i];
        integer = integer && !item->quoted && number_is_int(item->p, item->end);
        real = real && !item->quoted && number_is_real(item->p, item->end);
        logical = logical && !item->quoted && number_logical(item->p, item->end) >= 0;
    }
    return integer ? KIND_INT : real ? KIND_REAL : logical ? KIND_BOOL : KIND_STRING;
}

/* Backslash: the next character itself, except \n, a newline. */
static char *unescape(const char *p, const char *end)
{
    char *copy = mem_new((size_t)(end - p) + 1, 1), *q = copy;
    for (; p < end; p++) {
        if (*p == '\\' && p + 1 < end) {
            p++;
            *q++ = *p == 'n' ? '\n' : *p;
        } else {
            *q++ = *p;
        }
    }
    return copy;
}

static char *copy_text(const struct value_token *t)
{
    if (t->quoted)
        return unescape(t->p, t->end);
    char *copy = mem_new((size_t)(t->end - t->p) + 1, 1);
    memcpy(copy, t->p, (size_t)(t->end - t->p));
    return copy;
}

/* An integer beyond 64 bits: keep all as they stand. */
static void keep_as_text(struct value *v, const struct value_tokens *t)
{
    free(v->real);
    v->wide = true;
    v->string = mem_new(t->n, sizeof(char *));
    for (size_t i = 0; i < t->n; i++) {
        v->string[i] = copy_text(&t->item[i]);
        if (*v->string[i] == '+')
            memmove(v->string[i], v->string[i] + 1, strlen(v->string[i]));
    }
}

static enum status fill(struct value *v, const struct value_tokens *t, struct err *err)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct value_token *item = &t->item[i];
        if (v->kind == KIND_STRING) {
            v->string[i] = copy_text(item);
        } else if (v->kind == KIND_BOOL) {
            v->logical[i] = number_logical(item->p, item->end) == 1;
        } else if (v->kind == KIND_REAL) {
            if (!number_real(item->p, item->end, &v->real[i]))
                return err_set(err, ST_DATA, "number %.*s is out of range",
                               (int)(item->end - item->p), item->p);
        } else if (!number_int(item->p, item->end, &v->integer[i])) {
            keep_as_text(v, t);
            return ST_OK;
        }
    }
    return ST_OK;
}

void value_transpose3(struct value *v)
{
    if (!value_is_matrix3(v))
        return;
    static const int order[9] = {0, 3, 6, 1, 4, 7, 2, 5, 8};
    struct value old = *v;
    size_t size = element_size(v->kind, v->wide);
    v->real = mem_new(9, size);
    for (int i = 0; i < 9; i++)
        memcpy((char *)v->real + (size_t)i * size, (char *)old.real + (size_t)order[i] * size,
               size);
    free(old.real);
}

enum status value_from_tokens(struct value *v, const struct value_tokens *t, int rank, size_t rows,
                              struct err *err)
{
    value_new(v, value_tokens_kind(t), rank, rows, t->n / rows);
    enum status status = fill(v, t, err);
    if (status)
        value_free(v);
    return status;
}
