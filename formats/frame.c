/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames: cell and keys. Columns are in column.c. */
#include "formats/frame.h"
#include <stdlib.h>
#include "formats/frame_parts.h"

struct frame *frame_new(void)
{
    return MEM_NEW(struct frame, 1);
}

static void clear_columns(struct frame *f)
{
    for (int i = 0; i < f->columns; i++) {
        free(f->column[i].name);
        free(f->column[i].real);
        free(f->column[i].strings.pool.p);
        free(f->column[i].strings.at);
    }
    f->columns = 0;
    f->rows.n = 0;
}

void frame_clear(struct frame *f)
{
    for (int i = 0; i < f->keys; i++) {
        free(f->key[i].name);
        value_free(&f->key[i].value);
    }
    f->keys = 0;
    clear_columns(f);
    f->n = 0;
    f->plain = f->has_lattice = false;
    memset(f->pbc, 0, sizeof f->pbc);
}

void frame_free(struct frame *f)
{
    if (!f)
        return;
    frame_clear(f);
    free(f->key);
    free(f->column);
    free(f->rows.p);
    free(f);
}

static void copy_column(struct column *to, const struct column *from, size_t n)
{
    to->in_text = from->in_text;
    to->first = from->first;
    if (from->in_text)
        return;
    if (from->real) {
        to->real = MEM_NEW(double, n * from->cols);
        memcpy(to->real, from->real, n * from->cols * sizeof(double));
    }
    if (from->strings.at) {
        to->strings.at = MEM_NEW(size_t, n);
        memcpy(to->strings.at, from->strings.at, n * sizeof(size_t));
        text_add(&to->strings.pool, from->strings.pool.p, from->strings.pool.n);
    }
}

struct frame *frame_copy(const struct frame *f)
{
    struct frame *c = frame_new();
    c->n = f->n;
    c->plain = f->plain;
    c->has_lattice = f->has_lattice;
    memcpy(c->pbc, f->pbc, sizeof c->pbc);
    memcpy(c->cell, f->cell, sizeof c->cell);
    for (int i = 0; i < f->keys; i++)
        value_copy(frame_append_key(c, f->key[i].name), &f->key[i].value);
    for (int i = 0; i < f->columns; i++) {
        const struct column *from = &f->column[i];
        copy_column(frame_append_column(c, from->name, from->kind, from->cols), from, f->n);
    }
    if (f->rows.n)
        text_add(&c->rows, f->rows.p, f->rows.n);
    return c;
}

size_t frame_atoms(const struct frame *f)
{
    return f->n;
}

void frame_set_atoms(struct frame *f, size_t n)
{
    clear_columns(f);
    f->n = n;
}

bool frame_lattice(const struct frame *f, double cell[3][3])
{
    if (f->has_lattice)
        memcpy(cell, f->cell, sizeof f->cell);
    return f->has_lattice;
}

void frame_set_lattice(struct frame *f, const double cell[3][3])
{
    f->has_lattice = cell != NULL;
    if (cell)
        memcpy(f->cell, cell, sizeof f->cell);
}

void frame_pbc(const struct frame *f, bool pbc[3])
{
    memcpy(pbc, f->pbc, sizeof f->pbc);
}

void frame_set_pbc(struct frame *f, const bool pbc[3])
{
    memcpy(f->pbc, pbc, sizeof f->pbc);
}

int frame_keys(const struct frame *f)
{
    return f->keys;
}

const char *frame_key_name(const struct frame *f, int i)
{
    return f->key[i].name;
}

struct frame_key *frame_find_key(const struct frame *f, const char *name)
{
    for (int i = 0; i < f->keys; i++)
        if (!strcmp(f->key[i].name, name))
            return &f->key[i];
    return NULL;
}

struct value *frame_append_key(struct frame *f, const char *name)
{
    if (f->keys == f->key_capacity) {
        int capacity = 2 * f->key_capacity + 16;
        f->key = mem_grow(f->key, (size_t)f->key_capacity, (size_t)capacity, sizeof *f->key);
        f->key_capacity = capacity;
    }
    struct frame_key *key = &f->key[f->keys++];
    *key = (struct frame_key){.name = mem_text(name)};
    return &key->value;
}

bool frame_has_key(const struct frame *f, const char *name)
{
    return frame_find_key(f, name) != NULL;
}

void frame_remove_key(struct frame *f, const char *name)
{
    struct frame_key *key = frame_find_key(f, name);
    if (!key)
        return;
    free(key->name);
    value_free(&key->value);
    size_t after = (size_t)(f->key + --f->keys - key);
    memmove(key, key + 1, after * sizeof *key);
}

static void rename_text(char **name, const char *to)
{
    free(*name);
    *name = mem_text(to);
}

void frame_rename(struct frame *f, const char *name, const char *to)
{
    if (!strcmp(name, to))
        return;
    if (frame_has_key(f, name)) {
        frame_remove_key(f, to);
        rename_text(&frame_find_key(f, name)->name, to);
    }
    if (frame_has_column(f, name)) {
        frame_remove_column(f, to);
        rename_text(&frame_find_column(f, name)->name, to);
    }
}

size_t frame_key_size(const struct frame *f, const char *name)
{
    const struct frame_key *key = frame_find_key(f, name);
    return key ? value_size(&key->value) : 0;
}

static const char *kind_name(enum kind kind)
{
    return kind == KIND_INT    ? "an integer"
           : kind == KIND_REAL ? "a number"
           : kind == KIND_BOOL ? "T or F"
                               : "a string";
}

/* The key of n elements of the wanted kind (integers for reals too); NULL and *err. */
static const struct value *get(const struct frame *f, const char *name, enum kind kind, size_t n,
                               struct err *err)
{
    const struct frame_key *key = frame_find_key(f, name);
    if (!key) {
        err_set(err, ST_DATA, "key '%s' is missing: %s is needed", name,
                n == 1 ? kind_name(kind) : "an array of numbers");
        return NULL;
    }
    const struct value *v = &key->value;
    if (value_size(v) != n) {
        err_set(err, ST_DATA, "key '%s' has %zu elements: %zu needed", name, value_size(v), n);
        return NULL;
    }
    if (v->wide) {
        err_set(err, ST_DATA, "key '%s' is beyond 64 bits: %s", name, v->string[0]);
        return NULL;
    }
    if (v->kind != kind && !(kind == KIND_REAL && v->kind == KIND_INT)) {
        if (v->kind == KIND_STRING)
            err_set(err, ST_DATA, "key '%s' is '%.40s': %s is needed", name, v->string[0],
                    kind_name(kind));
        else
            err_set(err, ST_DATA, "key '%s' is %s: %s is needed", name, kind_name(v->kind),
                    kind_name(kind));
        return NULL;
    }
    return v;
}

enum status frame_get_real(const struct frame *f, const char *name, double *x, struct err *err)
{
    return frame_get_reals(f, name, 1, x, err);
}

enum status frame_get_int(const struct frame *f, const char *name, int64_t *x, struct err *err)
{
    const struct value *v = get(f, name, KIND_INT, 1, err);
    if (v)
        *x = v->integer[0];
    return v ? ST_OK : ST_DATA;
}

enum status frame_get_bool(const struct frame *f, const char *name, bool *x, struct err *err)
{
    const struct value *v = get(f, name, KIND_BOOL, 1, err);
    if (v)
        *x = v->logical[0];
    return v ? ST_OK : ST_DATA;
}

enum status frame_get_string(const struct frame *f, const char *name, const char **x,
                             struct err *err)
{
    const struct value *v = get(f, name, KIND_STRING, 1, err);
    if (v)
        *x = v->string[0];
    return v ? ST_OK : ST_DATA;
}

enum status frame_get_reals(const struct frame *f, const char *name, size_t n, double *x,
                            struct err *err)
{
    const struct value *v = get(f, name, KIND_REAL, n, err);
    for (size_t i = 0; v && i < n; i++)
        x[i] = v->kind == KIND_INT ? (double)v->integer[i] : v->real[i];
    return v ? ST_OK : ST_DATA;
}

/* The value of an existing or new key, emptied, its place in the order kept. */
static struct value *renew(struct frame *f, const char *name)
{
    struct frame_key *key = frame_find_key(f, name);
    if (!key)
        return frame_append_key(f, name);
    value_free(&key->value);
    return &key->value;
}

void frame_set_real(struct frame *f, const char *name, double x)
{
    frame_set_reals(f, name, 1, &x);
}

void frame_set_int(struct frame *f, const char *name, int64_t x)
{
    struct value *v = renew(f, name);
    value_new(v, KIND_INT, 0, 1, 1);
    v->integer[0] = x;
}

void frame_set_bool(struct frame *f, const char *name, bool x)
{
    struct value *v = renew(f, name);
    value_new(v, KIND_BOOL, 0, 1, 1);
    v->logical[0] = x;
}

void frame_set_string(struct frame *f, const char *name, const char *x)
{
    char *copy = mem_text(x); /* x may be the old value */
    struct value *v = renew(f, name);
    value_new(v, KIND_STRING, 0, 1, 1);
    v->string[0] = copy;
}

void frame_set_reals(struct frame *f, const char *name, size_t n, const double *x)
{
    struct value *v = renew(f, name);
    if (n == 9)
        value_new(v, KIND_REAL, 2, 3, 3);
    else
        value_new(v, KIND_REAL, n > 1, 1, n);
    memcpy(v->real, x, n * sizeof *x);
}

void frame_add_history(struct frame *f, const char *entry)
{
    const char *old;
    if (frame_get_string(f, "history", &old, NULL)) {
        frame_set_string(f, "history", entry);
        return;
    }
    char *both = mem_print("%s; %s", old, entry);
    frame_set_string(f, "history", both);
    free(both);
}
