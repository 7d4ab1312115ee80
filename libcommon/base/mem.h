/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory that cannot fail: running out ends the program with status 4 and one line. All blocks are
 * aligned to 64 bytes (a cache line, and what SIMD and FFTW like) and released with free().
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* Released memory stays with the program: giving large blocks back to the system and taking them again at every
 * iteration costs page faults, 3 % of a small DFT run. */
void mem_keep(void);
void *mem_new(size_t count, size_t size); /* zeroed; count * size checked */
void *mem_raw(size_t count, size_t size); /* the same, not zeroed */
void *mem_grow(void *old, size_t old_count, size_t count, size_t size); /* keeps old contents */
char *mem_text(const char *text);                                       /* a copy of a string */
char *mem_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* double *x = MEM_NEW(double, n); */
#define MEM_NEW(type, count) ((type *)mem_new((size_t)(count), sizeof(type)))
#define MEM_RAW(type, count) ((type *)mem_raw((size_t)(count), sizeof(type)))

#endif
