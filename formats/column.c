/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames: per-atom columns. */
#include <stdlib.h>
#include "formats/frame_parts.h"
#include "formats/number.h"

int frame_columns(const struct frame *f)
{
    return f->columns;
}

const char *frame_column_name(const struct frame *f, int i)
{
    return f->column[i].name;
}

struct column *frame_find_column(const struct frame *f, const char *name)
{
    for (int i = 0; i < f->columns; i++)
        if (!strcmp(f->column[i].name, name))
            return &f->column[i];
    return NULL;
}

struct column *frame_append_column(struct frame *f, const char *name, enum kind kind, size_t cols)
{
    if (f->columns == f->column_capacity) {
        int capacity = 2 * f->column_capacity + 8;
        f->column =
            mem_grow(f->column, (size_t)f->column_capacity, (size_t)capacity, sizeof *f->column);
        f->column_capacity = capacity;
    }
    struct column *c = &f->column[f->columns++];
    *c = (struct column){.name = mem_text(name), .kind = kind, .cols = cols};
    return c;
}

bool frame_has_column(const struct frame *f, const char *name)
{
    return frame_find_column(f, name) != NULL;
}

size_t frame_column_cols(const struct frame *f, const char *name)
{
    const struct column *c = frame_find_column(f, name);
    return c ? c->cols : 0;
}

static void free_data(struct column *c)
{
    free(c->real);
    free(c->strings.pool.p);
    free(c->strings.at);
    c->real = NULL;
    c->strings = (struct strings){0};
}

void frame_remove_column(struct frame *f, const char *name)
{
    struct column *c = frame_find_column(f, name);
    if (!c)
        return;
    free_data(c);
    free(c->name);
    size_t after = (size_t)(f->column + --f->columns - c);
    memmove(c, c + 1, after * sizeof *c);
}

const char *frame_word(const char *p, size_t index)
{
    for (; index; index--) {
        while (*p != ' ')
            p++;
        p++;
    }
    return p;
}

static const char *word_end(const char *p)
{
    while (*p != ' ' && *p != '\n')
        p++;
    return p;
}

/* The numbers of a column of the text, which have been checked when it was read. */
static void parse_reals(const struct frame *f, struct column *c)
{
    const char *line = f->rows.p, *end = f->rows.p + f->rows.n;
    double *x = c->real = MEM_NEW(double, f->n * c->cols);
    for (size_t i = 0; i < f->n; i++) {
        const char *p = frame_word(line, c->first);
        for (size_t k = 0; k < c->cols; k++) {
            const char *stop = word_end(p);
            number_real(p, stop, x++);
            p = stop + 1;
        }
        line = i + 1 < f->n ? (const char *)memchr(p - 1, '\n', (size_t)(end - p + 1)) + 1 : end;
    }
}

const double *frame_reals(const struct frame *f, const char *name, size_t cols, struct err *err)
{
    struct column *c = frame_find_column(f, name);
    if (!c) {
        err_set(err, ST_DATA, "column '%s' is missing", name);
        return NULL;
    }
    if (c->kind != KIND_REAL && c->kind != KIND_INT) {
        err_set(err, ST_DATA, "column '%s' is of type %c: numbers (R) are needed", name, c->kind);
        return NULL;
    }
    if (cols && c->cols != cols) {
        err_set(err, ST_DATA, "column '%s' has %zu numbers per atom: %zu needed", name, c->cols,
                cols);
        return NULL;
    }
    if (!c->real)
        parse_reals(f, c);
    return c->real;
}

double *frame_add_reals(struct frame *f, const char *name, size_t cols)
{
    struct column *c = frame_find_column(f, name);
    if (!c)
        c = frame_append_column(f, name, KIND_REAL, cols);
    free_data(c);
    c->kind = KIND_REAL;
    c->cols = cols;
    c->in_text = false;
    return c->real = MEM_NEW(double, f->n *cols);
}

void frame_need_strings(const struct frame *f, struct column *c)
{
    if (c->strings.at)
        return;
    const char *line = f->rows.p, *end = f->rows.p + f->rows.n;
    c->strings.at = MEM_NEW(size_t, f->n);
    for (size_t i = 0; i < f->n; i++) {
        const char *p = frame_word(line, c->first), *stop = word_end(p);
        c->strings.at[i] = c->strings.pool.n;
        text_add(&c->strings.pool, p, (size_t)(stop - p));
        text_char(&c->strings.pool, 0);
        line = i + 1 < f->n ? (const char *)memchr(stop, '\n', (size_t)(end - stop)) + 1 : end;
    }
}

static struct column *species_column(const struct frame *f)
{
    struct column *c = frame_find_column(f, "species");
    return c && c->kind == KIND_STRING && c->cols == 1 ? c : NULL;
}

const char *frame_species(const struct frame *f, size_t atom)
{
    struct column *c = species_column(f);
    if (!c)
        return NULL;
    frame_need_strings(f, c);
    return c->strings.pool.p + c->strings.at[atom];
}

static struct column *new_species(struct frame *f)
{
    frame_remove_column(f, "species");
    struct column *c = frame_append_column(f, "species", KIND_STRING, 1);
    c->strings.at = MEM_NEW(size_t, f->n);
    text_add(&c->strings.pool, "X", 2); /* unknown until it is set */
    return c;
}

void frame_set_species(struct frame *f, size_t atom, const char *symbol)
{
    struct column *c = species_column(f);
    if (!c)
        c = new_species(f);
    frame_need_strings(f, c);
    c->in_text = false;
    const char *old = c->strings.pool.p + c->strings.at[atom];
    if (!strcmp(old, symbol))
        return;
    /* strings are shared: look at the last one before adding another */
    size_t last = atom ? c->strings.at[atom - 1] : 0;
    if (strcmp(c->strings.pool.p + last, symbol)) {
        last = c->strings.pool.n;
        text_add(&c->strings.pool, symbol, strlen(symbol) + 1);
    }
    c->strings.at[atom] = last;
}

static int rank_of(const struct frame *f, int i)
{
    return !strcmp(f->column[i].name, "species") ? 0 : !strcmp(f->column[i].name, "pos") ? 1 : 2;
}

void frame_order_columns(const struct frame *f, int *order)
{
    int n = 0;
    for (int rank = 0; rank < 3; rank++)
        for (int i = 0; i < f->columns; i++)
            if (rank_of(f, i) == rank)
                order[n++] = i;
}
