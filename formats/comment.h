/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The second line of a frame. Extended XYZ if it contains Lattice= or Properties=, or if all of it
 * reads as key=value pairs; plain XYZ otherwise (then it becomes the key `comment`).
 */
#ifndef FORMATS_COMMENT_H
#define FORMATS_COMMENT_H

#include "base/err.h"
#include "formats/frame.h"

struct warnings {
    bool strict; /* warnings about the dialect are errors */
    int n, capacity;
    char **text; /* "line 3: ..." */
};

void warnings_add(struct warnings *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void warnings_clear(struct warnings *w);
void warnings_free(struct warnings *w);

/* Fill the empty frame f: cell, pbc, keys, and columns without data. line: for warnings. ST_DATA. */
enum status comment_parse(struct frame *f, const char *p, const char *end, long line,
                          struct warnings *w, struct err *err);

#endif
