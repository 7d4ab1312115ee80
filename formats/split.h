/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stream cut into numbered files: NAME.xyz.gz becomes NAME-0001.xyz.gz, NAME-0002.xyz.gz, ... */
#ifndef FORMATS_SPLIT_H
#define FORMATS_SPLIT_H

#include "base/err.h"
#include "formats/frame.h"
#include "formats/stream.h"

struct split {
    const char *name;
    enum compress compress;
    int threads, level;
    long frames;  /* per file at most; 0: any number */
    double bytes; /* of text per file, passed by less than a frame; 0: any */
    int files;    /* begun */
    struct writer *writer;
};

enum status split_put(struct split *s, const struct frame *f, struct err *err);
/* Finish the current file; commit false: it is kept as .part. */
enum status split_close(struct split *s, bool commit, struct err *err);

#endif
