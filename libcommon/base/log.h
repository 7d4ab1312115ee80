/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a program says on standard error while it runs. Library routines that take long accept a
 * struct log (NULL: silent); they never print otherwise.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdio.h>

struct log {
    const char *program;
    int verbosity;  /* 0 quiet (-q), 1 normal, 2 verbose (-v); -1 not even warnings */
    bool progress;  /* a rewritten line on the terminal */
    bool line_open; /* a progress line stands on the terminal */
    FILE *to;       /* messages, not the progress, go there; NULL: standard error */
};

void log_warning(struct log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_note(struct log *log, const char *format, ...)
    __attribute__((format(printf, 2, 3))); /* verbosity >= 1 */
void log_detail(struct log *log, const char *format, ...)
    __attribute__((format(printf, 2, 3))); /* verbosity >= 2 */
void log_progress(struct log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_done(struct log *log); /* remove the progress line */

#endif
