/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/validate.h"
#include <string.h>
#include "formats/convert.h"
#include "formats/frame_parts.h"
#include "formats/keys.h"

static bool kind_fits(enum kind wanted, enum kind found)
{
    return found == wanted || (wanted == KIND_REAL && found == KIND_INT);
}

/* stress and virial may also be six numbers */
static bool size_fits(const struct key *key, size_t n)
{
    return key->size == 0 || n == (size_t)key->size || (key->size == 9 && n == 6);
}

static const char *kind_text(enum kind kind)
{
    return kind == KIND_STRING ? "a string" : kind == KIND_INT ? "an integer" : "a number";
}

static enum status check_keys(const struct frame *f, struct err *err)
{
    for (int i = 0; i < f->keys; i++) {
        const struct key *key = keys_find(f->key[i].name);
        const struct value *v = &f->key[i].value;
        /* a label that looks like a number is still a label */
        if (!key || key->column || (key->kind == KIND_STRING && v->rank == 0))
            continue;
        if (!kind_fits(key->kind, v->kind))
            return err_set(err, ST_DATA, "key '%s' is not %s", key->name, kind_text(key->kind));
        if (!size_fits(key, value_size(v)))
            return err_set(err, ST_DATA, "key '%s' has %zu elements: %d needed", key->name,
                           value_size(v), key->size);
    }
    return ST_OK;
}

static enum status check_columns(const struct frame *f, struct err *err)
{
    for (int i = 0; i < f->columns; i++) {
        const struct column *c = &f->column[i];
        const struct key *key = keys_find(c->name);
        if (!key || !key->column)
            continue;
        if (!kind_fits(key->kind, c->kind) || (key->size && c->cols != (size_t)key->size))
            return err_set(err, ST_DATA, "column '%s' is %c:%zu: %c:%d needed", c->name, c->kind,
                           c->cols, key->kind, key->size);
    }
    return ST_OK;
}

static enum status check_companions(const struct frame *f, struct err *err)
{
    for (int i = 0; i < f->keys; i++) {
        const char *name = f->key[i].name;
        size_t n = strlen(name);
        char stem[64];
        if (n < 7 || n >= sizeof stem || strcmp(name + n - 6, "_error"))
            continue;
        memcpy(stem, name, n - 6);
        stem[n - 6] = 0;
        size_t size = frame_key_size(f, stem);
        if (size && size != frame_key_size(f, name))
            return err_set(err, ST_DATA, "key '%s' has %zu elements, '%s' %zu: the same needed",
                           name, frame_key_size(f, name), stem, size);
    }
    return ST_OK;
}

enum status validate_frame(const struct frame *f, struct err *err)
{
    if (check_keys(f, err) || check_columns(f, err) || check_companions(f, err))
        return ST_DATA;
    if (frame_atoms(f) == 0)
        return ST_OK;
    struct system *s = system_from_frame(f, err);
    system_free(s);
    return s ? ST_OK : ST_DATA;
}
