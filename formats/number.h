/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers and logicals as text. Texts are [p, end) and need one readable byte at end (a blank, a line
 * end or a NUL). Grammar of the libAtoms specification: an integer is [+-]digits, a real
 * [+-](digits[.[digits]] | .digits)[(d|D|e|E)[+-]digits]; no nan, inf, hexadecimal. On the comment line,
 * where kinds are guessed, a leading zero (007, 00.5) makes a word of it; in a column, whose kind is
 * declared, it does not matter.
 * Written form of a real: shortest digits, positional from 0.0001 to below 1e16, else d.ddde-5.
 */
#ifndef FORMATS_NUMBER_H
#define FORMATS_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NUMBER_SIZE = 32 }; /* room for any written real or integer and a NUL */

bool number_is_int(const char *p, const char *end);  /* comment-line grammar */
bool number_is_real(const char *p, const char *end); /* comment-line grammar, integers included */
/* 1 true, 0 false, -1 neither: T F true false True False TRUE FALSE */
int number_logical(const char *p, const char *end);

/* Value of a text of either grammar; false: malformed or out of range. */
bool number_int(const char *p, const char *end, int64_t *x);
bool number_real(const char *p, const char *end, double *x);

/* Write x (finite) and a NUL; returns the length. */
size_t number_print(double x, char *out);
size_t number_print_int(int64_t x, char *out);

/* Copy the real or integer that starts at p in written form, without converting where the digits
 * suffice: *out moves behind it (room for NUMBER_SIZE or the length of the text). Returns where the
 * text ends (a blank or end), NULL if it is malformed or overflows. NUMBER_SIZE bytes from end on must
 * be readable. */
const char *number_copy_real(const char *p, const char *end, char **out);
const char *number_copy_int(const char *p, const char *end, char **out);

#endif
