/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* program_invocation_short_name */
#include <errno.h>
#ifdef __linux__
#include <malloc.h>
#endif
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"

enum { ALIGNMENT = 64 };

static void out_of_memory(size_t count, size_t size)
{
    fprintf(stderr, "%s: out of memory: %zu elements of %zu bytes cannot be had\n",
            program_invocation_short_name, count, size);
    exit(ST_SYSTEM);
}

void mem_keep(void)
{
#ifdef M_MMAP_THRESHOLD
    /* the largest that glibc takes */
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
}

/* Not zeroed: large blocks must not touch pages that the caller overwrites anyway. */
static void *allocate(size_t count, size_t size)
{
    if (size && count > (SIZE_MAX - ALIGNMENT) / size)
        out_of_memory(count, size);
    size_t bytes = (count * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    void *p = aligned_alloc(ALIGNMENT, bytes ? bytes : ALIGNMENT);
    if (!p)
        out_of_memory(count, size);
    return p;
}

void *mem_raw(size_t count, size_t size)
{
    return allocate(count, size);
}

void *mem_new(size_t count, size_t size)
{
    void *p = allocate(count, size);
    memset(p, 0, count * size);
    return p;
}

void *mem_grow(void *old, size_t old_count, size_t count, size_t size)
{
    char *p = allocate(count, size);
    size_t kept = (old_count < count ? old_count : count) * size;
    if (kept)
        memcpy(p, old, kept);
    memset(p + kept, 0, count * size - kept);
    free(old);
    return p;
}

char *mem_text(const char *text)
{
    size_t bytes = strlen(text) + 1;
    return memcpy(allocate(bytes, 1), text, bytes);
}

char *mem_print(const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    size_t bytes = length < 0 ? 1 : (size_t)length + 1;
    char *text = mem_new(bytes, 1);
    vsnprintf(text, bytes, format, again);
    va_end(again);
    return text;
}
