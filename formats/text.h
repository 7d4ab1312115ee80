/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A growing piece of text. Zero-initialised it is empty; free(text.p) releases it. */
#ifndef FORMATS_TEXT_H
#define FORMATS_TEXT_H

#include <stddef.h>
#include <string.h>
#include "base/mem.h"

struct text {
    char *p;
    size_t n, capacity;
};

/* Room for `more` bytes; returns where they go. The caller advances n. */
static inline char *text_room(struct text *t, size_t more)
{
    if (t->capacity - t->n < more) {
        size_t capacity = 2 * t->capacity + more + 64;
        t->p = (char *)mem_grow(t->p, t->capacity, capacity, 1);
        t->capacity = capacity;
    }
    return t->p + t->n;
}

static inline void text_add(struct text *t, const char *p, size_t n)
{
    // cppcheck-suppress uninitvar ; p was filled by the call that gave n
    memcpy(text_room(t, n + 1), p, n);
    t->n += n;
}

static inline void text_puts(struct text *t, const char *s)
{
    text_add(t, s, strlen(s));
}

static inline void text_char(struct text *t, char c)
{
    *text_room(t, 2) = c;
    t->n++;
}

/* The text as a C string (valid until the next change). */
static inline const char *text_string(struct text *t)
{
    *text_room(t, 1) = 0;
    return t->p;
}

#endif
