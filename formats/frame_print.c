/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames as text, in the written dialect of deltaqmc-stream(5). */
#include <math.h>
#include <stdlib.h>
#include "base/checkpoint.h"
#include "formats/frame_parts.h"
#include "formats/number.h"

static void print_lattice(const struct frame *f, struct text *out)
{
    char number[NUMBER_SIZE];
    text_puts(out, "Lattice=\"");
    for (int i = 0; i < 9; i++) {
        if (i)
            text_char(out, ' ');
        text_add(out, number, number_print(f->cell[i / 3][i % 3], number));
    }
    text_puts(out, "\" ");
}

static void print_properties(const struct frame *f, const int *order, struct text *out)
{
    struct text list = {0};
    char number[NUMBER_SIZE];
    for (int i = 0; i < f->columns; i++) {
        const struct column *c = &f->column[order[i]];
        if (i)
            text_char(&list, ':');
        text_puts(&list, c->name);
        text_char(&list, ':');
        text_char(&list, (char)c->kind);
        text_char(&list, ':');
        text_add(&list, number, number_print_int((int64_t)c->cols, number));
    }
    if (f->columns) {
        text_puts(out, "Properties=");
        value_print_word(out, text_string(&list));
        text_char(out, ' ');
    }
    free(list.p);
}

static bool all_finite(const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return false;
    return true;
}

static enum status print_key(const struct frame_key *key, struct text *out, struct err *err)
{
    const struct value *v = &key->value;
    if (v->kind == KIND_REAL && !all_finite(v->real, value_size(v)))
        return err_set(err, ST_COMPUTE, "%s is not finite and cannot be written", key->name);
    if (value_size(v) == 0 || (v->kind == KIND_STRING && v->rank == 0 && !*v->string[0]))
        return ST_OK; /* nothing to write: empty strings never are */
    text_char(out, ' ');
    value_print_word(out, key->name);
    text_char(out, '=');
    value_print(out, v);
    return ST_OK;
}

static enum status print_comment(const struct frame *f, const int *order, struct text *out,
                                 struct err *err)
{
    if (f->has_lattice && !all_finite(f->cell[0], 9))
        return err_set(err, ST_COMPUTE, "Lattice is not finite and cannot be written");
    if (f->has_lattice)
        print_lattice(f, out);
    print_properties(f, order, out);
    text_puts(out, "pbc=\"");
    for (int i = 0; i < 3; i++)
        text_add(out, f->pbc[i] ? "T " : "F ", i < 2 ? 2 : 1);
    text_char(out, '"');
    for (int i = 0; i < f->keys; i++)
        if (print_key(&f->key[i], out, err))
            return ST_COMPUTE;
    text_char(out, '\n');
    return ST_OK;
}

/* The text of the atom lines is what is to be written: the same columns in the same order. */
static bool untouched(const struct frame *f, const int *order)
{
    size_t words = 0;
    for (int i = 0; i < f->columns; i++) {
        const struct column *c = &f->column[order[i]];
        if (!c->in_text || c->first != words)
            return false;
        words += c->cols;
    }
    /* words behind the last column would be one that has been removed */
    return f->columns == 0 || *(frame_word(f->rows.p, words - 1) +
                                strcspn(frame_word(f->rows.p, words - 1), " \n")) == '\n';
}

static const char *skip_words(const char *p, size_t n)
{
    for (; n; n--) {
        p += strcspn(p, " \n");
        p += *p == ' ';
    }
    return p;
}

static void print_numbers(struct text *out, const double *x, size_t n)
{
    char *start = text_room(out, n * NUMBER_SIZE), *p = start;
    for (size_t k = 0; k < n; k++) {
        p += number_print(x[k], p);
        *p++ = ' ';
    }
    out->n += (size_t)(p - start);
}

static void print_row(const struct frame *f, const int *order, const char *line, size_t atom,
                      struct text *out)
{
    for (int i = 0; i < f->columns; i++) {
        const struct column *c = &f->column[order[i]];
        if (c->in_text) {
            const char *p = frame_word(line, c->first), *end = skip_words(p, c->cols);
            text_add(out, p, (size_t)(end - p));
            if (*end == '\n')
                text_char(out, ' ');
        } else if (c->kind == KIND_STRING) {
            text_puts(out, c->strings.pool.p + c->strings.at[atom]);
            text_char(out, ' ');
        } else {
            print_numbers(out, c->real + atom * c->cols, c->cols);
        }
    }
    if (f->columns)
        out->n--; /* the last blank */
    text_char(out, '\n');
}

static enum status check_columns(const struct frame *f, struct err *err)
{
    for (int i = 0; i < f->columns; i++) {
        const struct column *c = &f->column[i];
        if (!c->in_text && c->kind == KIND_REAL && !all_finite(c->real, f->n * c->cols))
            return err_set(err, ST_COMPUTE, "column %s is not finite and cannot be written",
                           c->name);
    }
    return ST_OK;
}

static void print_rows(const struct frame *f, const int *order, struct text *out)
{
    const char *line = f->rows.p;
    if (f->rows.n && untouched(f, order)) {
        text_add(out, f->rows.p, f->rows.n);
        return;
    }
    for (size_t i = 0; i < f->n; i++) {
        print_row(f, order, line, i, out);
        if (f->rows.n)
            line = (const char *)memchr(line, '\n', f->rows.n) + 1;
    }
}

enum status frame_print(const struct frame *f, struct text *out, struct err *err)
{
    char number[NUMBER_SIZE];
    size_t start = out->n;
    int *order = MEM_NEW(int, f->columns + 1);
    frame_order_columns(f, order);
    enum status status = check_columns(f, err);
    if (f->n && !f->columns)
        status = err_set(err, ST_COMPUTE, "a frame of atoms without columns cannot be written");
    if (!status) {
        size_t digits = number_print_int((int64_t)f->n, number);
        text_add(out, number, digits);
        text_char(out, '\n');
        status = print_comment(f, order, out, err);
    }
    if (!status)
        print_rows(f, order, out);
    else
        out->n = start; /* all or nothing */
    free(order);
    return status;
}

uint64_t frame_digest(const struct frame *f, uint64_t digest)
{
    struct text text = {0};
    frame_print(f, &text, NULL);
    digest = checkpoint_digest(digest, text.p, text.n);
    free(text.p);
    return digest;
}
