/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside of struct frame, for the files of formats/ that fill, print and change it.
 *
 * The atom lines are kept as one text, already in written form (single blanks, shortest numbers, one
 * line end per atom), so that columns nobody touches are copied as they are. A column is `in_text`
 * as long as that text holds its truth; its numbers are parsed when first asked for. A column that a
 * program has made or replaced exists in memory only.
 */
#ifndef FORMATS_FRAME_PARTS_H
#define FORMATS_FRAME_PARTS_H

#include "formats/frame.h"
#include "formats/text.h"
#include "formats/value.h"

struct frame_key {
    char *name;
    struct value value;
};

/* A column of strings in memory: string i is pool.p + at[i], ended by NUL. */
struct strings {
    struct text pool;
    size_t *at;
};

struct column {
    char *name;
    enum kind kind;
    size_t cols;
    bool in_text;
    size_t first;           /* in_text: words before it in each line */
    double *real;           /* n * cols, or NULL: not yet parsed */
    struct strings strings; /* at NULL: not yet made */
};

struct frame {
    size_t n;
    bool plain, has_lattice, pbc[3];
    double cell[3][3];
    int keys, key_capacity;
    struct frame_key *key;
    int columns, column_capacity;
    struct column *column;
    struct text rows;
};

struct frame_key *frame_find_key(const struct frame *f, const char *name); /* NULL: none */
struct column *frame_find_column(const struct frame *f, const char *name);
/* Append; the name is copied. The value is zeroed, the column has no data. */
struct value *frame_append_key(struct frame *f, const char *name);
struct column *frame_append_column(struct frame *f, const char *name, enum kind kind, size_t cols);

/* Append the record (count, comment, atom lines) in the written dialect. ST_COMPUTE: not finite. */
enum status frame_print(const struct frame *f, struct text *out, struct err *err);

/* Where word `index` of the line at p begins (words are separated by one blank). */
const char *frame_word(const char *p, size_t index);
void frame_need_strings(const struct frame *f, struct column *c); /* cols 1; fills c->strings */
void frame_order_columns(const struct frame *f, int *order);      /* species, pos, the others */

#endif
