/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text files (tables, logs, figures) that appear complete or not at all: written under a temporary
 * name in the same folder and renamed when they are closed.
 */
#ifndef BASE_OUTFILE_H
#define BASE_OUTFILE_H

#include <stdbool.h>
#include <stdio.h>
#include "base/err.h"

struct outfile {
    FILE *file;
    char *path, *temporary;
};

/* Error ST_SYSTEM: cannot create. */
enum status outfile_open(struct outfile *out, const char *path, struct err *err);
/* commit: flush, check, rename; otherwise remove. Either way *out is empty afterwards. */
enum status outfile_close(struct outfile *out, bool commit, struct err *err);

#endif
