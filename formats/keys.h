/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of keys and columns of the stream (name, kind, shape, dimension, owner, meaning), and
 * typed access in atomic units through it: the only place, with formats/convert.h, where units change.
 * A name that is not in the table gets its dimension from its ending: X_error and X_uncertainty are
 * like X; *_energy, *_free_energy energies; *_forces forces (a column of 3); *_stress stress (9);
 * *_GPa pressure.
 */
#ifndef FORMATS_KEYS_H
#define FORMATS_KEYS_H

#include "base/err.h"
#include "base/units.h"
#include "formats/frame.h"

struct key {
    const char *name;
    bool column;
    enum kind kind;
    int size; /* numbers per key or per atom; 0: any */
    enum dimension dim;
    const char *owner, *meaning;
};

extern const struct key keys_table[];          /* ended by a NULL name */
const struct key *keys_find(const char *name); /* exact names only; NULL if unknown */
enum dimension keys_dimension(const char *name);

/* Values in atomic units. n numbers; columns: n = atoms * cols. Errors as frame_get_*. */
enum status keys_get(const struct frame *f, const char *name, size_t n, double *au,
                     struct err *err);
void keys_set(struct frame *f, const char *name, size_t n, const double *au);
/* A statistical quantity and its standard error, NAME_error; both taken away again. */
void keys_set_pair(struct frame *f, const char *name, size_t n, const double *au,
                   const double *error);
void keys_remove_pair(struct frame *f, const char *name);
enum status keys_get_column(const struct frame *f, const char *name, size_t cols, double *au,
                            struct err *err);
void keys_set_column(struct frame *f, const char *name, size_t cols, const double *au);

#endif
