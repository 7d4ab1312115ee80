/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/json.h"
#include "formats/frame_parts.h"
#include "formats/number.h"

static void put_real(struct text *out, const char *p, size_t n)
{
    text_add(out, p, n);
    if (!memchr(p, '.', n) && !memchr(p, 'e', n))
        text_add(out, ".0", 2);
}

static void real(struct text *out, double x)
{
    char number[NUMBER_SIZE];
    put_real(out, number, number_print(x, number));
}

static void lattice(struct text *out, const struct frame *f)
{
    double a[3][3];
    if (!frame_lattice(f, a)) {
        text_puts(out, "null");
        return;
    }
    for (int i = 0; i < 9; i++) {
        text_puts(out, i == 0 ? "[[" : i % 3 ? ", " : "], [");
        real(out, a[i / 3][i % 3]);
    }
    text_puts(out, "]]");
}

static void value(struct text *out, const struct value *v)
{
    if (v->rank == 0) {
        value_print_json(out, v, 0);
        return;
    }
    text_char(out, '[');
    for (size_t r = 0; r < v->rows; r++) {
        if (v->rank == 2)
            text_puts(out, r ? ", [" : "[");
        for (size_t c = 0; c < v->cols; c++) {
            if (c)
                text_puts(out, ", ");
            value_print_json(out, v, value_is_matrix3(v) ? 3 * c + r : r * v->cols + c);
        }
        if (v->rank == 2)
            text_char(out, ']');
    }
    text_char(out, ']');
}

static void word(struct text *out, enum kind kind, const char *p, size_t n)
{
    if (kind == KIND_REAL)
        put_real(out, p, n);
    else if (kind == KIND_INT)
        text_add(out, p, n);
    else if (kind == KIND_BOOL)
        text_puts(out, *p == 'T' ? "true" : "false");
    else
        value_print_json_string(out, p, n);
}

/* One atom of a column: of the text at line, or of the column's own data. */
static void cell(struct text *out, const struct column *c, const char *line, size_t atom)
{
    const char *p = c->in_text ? frame_word(line, c->first) : NULL;
    if (c->cols > 1)
        text_char(out, '[');
    for (size_t k = 0; k < c->cols; k++) {
        if (k)
            text_puts(out, ", ");
        if (c->in_text) {
            size_t n = strcspn(p, " \n");
            word(out, c->kind, p, n);
            p += n + 1;
        } else if (c->kind == KIND_REAL) {
            real(out, c->real[atom * c->cols + k]);
        } else {
            const char *s = c->strings.pool.p + c->strings.at[atom];
            value_print_json_string(out, s, strlen(s));
        }
    }
    if (c->cols > 1)
        text_char(out, ']');
}

static void column(struct text *out, const struct frame *f, const struct column *c)
{
    char number[NUMBER_SIZE];
    const char *line = f->rows.p;
    value_print_json_string(out, c->name, strlen(c->name));
    text_puts(out, ": {\"type\": \"");
    text_char(out, (char)c->kind);
    text_puts(out, "\", \"cols\": ");
    text_add(out, number, number_print_int((int64_t)c->cols, number));
    text_puts(out, ", \"values\": [");
    for (size_t i = 0; i < f->n; i++) {
        if (i)
            text_puts(out, ", ");
        cell(out, c, line, i);
        if (c->in_text)
            line = (const char *)memchr(line, '\n', f->rows.n - (size_t)(line - f->rows.p)) + 1;
    }
    text_puts(out, "]}");
}

void json_frame(struct text *out, const struct frame *f)
{
    char number[NUMBER_SIZE];
    text_puts(out, "{\"natoms\": ");
    text_add(out, number, number_print_int((int64_t)f->n, number));
    text_puts(out, ", \"lattice\": ");
    lattice(out, f);
    for (int i = 0; i < 3; i++) {
        text_puts(out, i ? ", " : ", \"pbc\": [");
        text_puts(out, f->pbc[i] ? "true" : "false");
    }
    text_puts(out,
              f->plain ? "], \"plain\": true, \"info\": {" : "], \"plain\": false, \"info\": {");
    for (int i = 0; i < f->keys; i++) {
        text_puts(out, i ? ", " : "");
        value_print_json_string(out, f->key[i].name, strlen(f->key[i].name));
        text_puts(out, ": ");
        value(out, &f->key[i].value);
    }
    text_puts(out, "}, \"arrays\": {");
    for (int i = 0; i < f->columns; i++) {
        text_puts(out, i ? ", " : "");
        column(out, f, &f->column[i]);
    }
    text_puts(out, "}}\n");
}
