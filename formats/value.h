/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The value of a key: a scalar, vector or matrix of strings, integers, reals or logicals, as it is
 * read from and written on a comment line.
 *
 * Elements stand in row-major order, except that a 3 x 3 matrix stands column after column: so nine
 * numbers in the old style ("a b c ...", column after column by convention) keep their order.
 *
 * Written: numbers and logicals as 1, 2.0, T, vectors as "1 2 3", 3 x 3 matrices as nine numbers,
 * strings bare or "quoted", vectors of strings as {"a" "b"}. A string that would read as a number or
 * logical gets a backslash ("\3" is the string 3). What the old style cannot say without [..]
 * (vectors of one or nine elements, other matrices) is written in ASE's JSON form with two blanks,
 * key="_JSON  [[1,2],[3,4]]": ASE reads it as the array, other readers as a string, we as the array;
 * _JSON with one blank, as ASE writes it, remains a string.
 */
#ifndef FORMATS_VALUE_H
#define FORMATS_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "formats/frame.h"
#include "formats/text.h"

struct value {
    enum kind kind;
    int rank;          /* 0 scalar, 1 vector, 2 matrix */
    size_t rows, cols; /* rank 1: rows 1 */
    bool wide;         /* integers beyond 64 bits, kept as text */
    union {
        double *real;
        int64_t *integer;
        bool *logical;
        char **string; /* n strings, each allocated; also for wide integers */
    };
};

#define VALUE_JSON "_JSON  "

/* Shape without elements -> zeroed elements. Free with value_free. */
void value_new(struct value *v, enum kind kind, int rank, size_t rows, size_t cols);
void value_free(struct value *v);
void value_copy(struct value *to, const struct value *from);
size_t value_size(const struct value *v);
bool value_is_matrix3(const struct value *v); /* 3 x 3, so stored column after column */

/* Parse the value at *p (no blank before it) up to the blank or end behind it. Error ST_DATA. */
enum status value_parse(struct value *v, const char **p, const char *end, struct err *err);
/* The text after VALUE_JSON; false if it is not an array or string of ours. */
bool value_parse_json(struct value *v, const char *p, const char *end);
/* The same for one word (a key, an old-style quoted key): a new string, NULL and *err on error. */
char *value_parse_word(const char **p, const char *end, bool key, struct err *err);

/* Append the written form; "" for an empty string (to be left out). */
void value_print(struct text *out, const struct value *v);
void value_print_word(struct text *out, const char *s); /* a string or key, quoted when needed */
/* Append element i as JSON; column-after-column storage is the caller's affair. */
void value_print_json(struct text *out, const struct value *v, size_t i);
void value_print_json_string(struct text *out, const char *s, size_t length);

/* Elements from texts, shared by the parsers: kind chosen so that all fit (integers, reals, logicals,
 * strings). ST_DATA: a real out of range. */
struct value_token {
    const char *p, *end;
    bool quoted; /* a string whatever it looks like, with backslash escapes inside */
};

struct value_tokens {
    struct value_token *item;
    size_t n, capacity;
};

void value_add_token(struct value_tokens *t, const char *p, const char *end, bool quoted);
enum kind value_tokens_kind(const struct value_tokens *t);
enum status value_from_tokens(struct value *v, const struct value_tokens *t, int rank, size_t rows,
                              struct err *err);
/* A 3 x 3 matrix that was given row after row: to column after column. Others stay. */
void value_transpose3(struct value *v);

#endif
