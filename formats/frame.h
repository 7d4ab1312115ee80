/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One frame of the stream: a cell, ordered keys and ordered per-atom columns, exactly as read, in
 * the stream's units. Keys and columns that a program does not touch travel through unchanged.
 * Shapes: a key is a scalar (rank 0), a vector (rank 1) or a matrix (rank 2); a column has `cols`
 * numbers per atom, row-major [atoms][cols].
 *
 * Columns stay text until a program asks for their numbers, so even a const frame changes inside:
 * do not use one frame from several threads at once.
 *
 * Strings that programs set must be valid UTF-8; an empty string is not written, and a real that is
 * not finite is an error of the writer.
 */
#ifndef FORMATS_FRAME_H
#define FORMATS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

enum kind { KIND_STRING = 'S', KIND_INT = 'I', KIND_REAL = 'R', KIND_BOOL = 'L' };

struct frame; /* opaque */

struct frame *frame_new(void);
void frame_free(struct frame *f);
struct frame *frame_copy(const struct frame *f);
void frame_clear(struct frame *f); /* to zero atoms, no keys, no columns; keeps its memory */

size_t frame_atoms(const struct frame *f);
void frame_set_atoms(struct frame *f, size_t n);                  /* drops all columns */
bool frame_lattice(const struct frame *f, double cell[3][3]);     /* A; false: no Lattice */
void frame_set_lattice(struct frame *f, const double cell[3][3]); /* NULL removes it */
void frame_pbc(const struct frame *f, bool pbc[3]);
void frame_set_pbc(struct frame *f, const bool pbc[3]);

/* Keys. Getters: ST_DATA with "key 'x' is missing: ..." or what shape and kind it has and should
 * have. Integers are accepted where reals are asked for, never the reverse. */
bool frame_has_key(const struct frame *f, const char *name);
enum status frame_get_real(const struct frame *f, const char *name, double *x, struct err *err);
enum status frame_get_int(const struct frame *f, const char *name, int64_t *x, struct err *err);
enum status frame_get_bool(const struct frame *f, const char *name, bool *x, struct err *err);
/* The string stays the frame's, until the key changes. */
enum status frame_get_string(const struct frame *f, const char *name, const char **x,
                             struct err *err);
/* A vector or matrix of exactly n reals, in the order in which they stand on the line (a scalar
 * counts as n = 1); count for unknown n is frame_key_size. A 3 x 3 matrix is nine numbers, column
 * after column. */
enum status frame_get_reals(const struct frame *f, const char *name, size_t n, double *x,
                            struct err *err);
size_t frame_key_size(const struct frame *f,
                      const char *name); /* elements; 0 if there is no such key */

void frame_set_real(struct frame *f, const char *name, double x);
void frame_set_int(struct frame *f, const char *name, int64_t x);
void frame_set_bool(struct frame *f, const char *name, bool x);
void frame_set_string(struct frame *f, const char *name, const char *x);
/* A vector; n = 1 is written as a scalar, n = 9 as a 3 x 3 matrix. */
void frame_set_reals(struct frame *f, const char *name, size_t n, const double *x);
void frame_remove_key(struct frame *f, const char *name);

/* Names in their order, 0 <= i < count; Lattice, pbc and Properties are not among the keys. */
int frame_keys(const struct frame *f);
const char *frame_key_name(const struct frame *f, int i);
int frame_columns(const struct frame *f);
const char *frame_column_name(const struct frame *f, int i);

/* Columns. frame_reals returns the frame's own array [atoms][cols] (NULL and *err when there is no
 * such column of reals with that many numbers per atom; cols = 0 accepts any number). */
bool frame_has_column(const struct frame *f, const char *name);
size_t frame_column_cols(const struct frame *f,
                         const char *name); /* 0 if there is no such column */
const double *frame_reals(const struct frame *f, const char *name, size_t cols, struct err *err);
const char *frame_species(const struct frame *f, size_t atom); /* NULL: no species column */
/* Make or replace a column; the array returned is to be filled by the caller. */
double *frame_add_reals(struct frame *f, const char *name, size_t cols);
void frame_set_species(struct frame *f, size_t atom,
                       const char *symbol); /* column made if needed */
void frame_remove_column(struct frame *f, const char *name);
/* The key and the column of that name, if there are any, have another, in place of what had it. */
void frame_rename(struct frame *f, const char *name, const char *to);

/* Append an entry to `history` (entries are joined by "; "). */
void frame_add_history(struct frame *f, const char *entry);

/* digest (to be started with CHECKPOINT_DIGEST) continued with everything that is written of f */
uint64_t frame_digest(const struct frame *f, uint64_t digest);

#endif
