/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text files (tables, logs, figures) that appear complete or not at all: written under a temporary
 * name in the same folder and renamed when they are closed; devices and named pipes are written as they are. Or, of a run that keeps a checkpoint, in place:
 * cut back to what the checkpoint knows of, and continued.
 */
#ifndef BASE_OUTFILE_H
#define BASE_OUTFILE_H

#include <stdbool.h>
#include <stdio.h>
#include "base/err.h"

struct outfile {
    FILE *file;
    char *path, *temporary; /* temporary NULL: in place */
};

/* The open descriptor that a name stands for (/dev/stdout, /dev/fd/3, links to such), -1: another name. What stands behind it, a
 * regular file too, is written from where it stands, as by the shell that has opened it. */
int outfile_descriptor(const char *path);
/* Another descriptor for the same, for the caller to close. -1: errno. */
int outfile_duplicate(int fd);
/* An open descriptor, or exists and is no regular file: a terminal, a pipe, /dev/stderr, /dev/null. Such a one is written as
 * it is, and must not be replaced by a file of its name. */
bool outfile_is_device(const char *path);
/* A log to be watched, which is there under its own name from the beginning. NULL: errno. */
FILE *outfile_log(const char *path);
/* Error ST_SYSTEM: cannot create. */
enum status outfile_open(struct outfile *out, const char *path, struct err *err);
/* In place, from byte `keep` on (0: a new file). ST_DATA: the file is shorter. ST_USAGE: it is not a
 * regular file. ST_SYSTEM: also when another process continues it. */
enum status outfile_continue(struct outfile *out, const char *path, size_t keep, struct err *err);
/* The same for those who write to a descriptor, which is returned; -1: err->status says why. */
int outfile_cut_back(const char *path, size_t keep, struct err *err);
/* Everything written is on the disk: *bytes of it. ST_SYSTEM. */
enum status outfile_sync(struct outfile *out, size_t *bytes, struct err *err);
/* commit: flush, check, rename; otherwise remove (but not what is written in place). Either way *out is empty afterwards. */
enum status outfile_close(struct outfile *out, bool commit, struct err *err);

#endif
