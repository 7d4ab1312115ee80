/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A command that runs beside the program, with pipes to its standard input and from its standard output;
 * its standard error is ours. It is a process group of its own, so that what a terminal sends to us (^C) does not
 * reach it, and ends at the latest with child_free, with all that it has started. No call raises SIGPIPE.
 */
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include <stddef.h>
#include "base/err.h"

struct child; /* opaque */

/* /bin/sh -c command. NULL: ST_SYSTEM. From the program's first thread. */
struct child *child_new(const char *command, struct err *err);
int child_output(const struct child *c); /* descriptor to read from, the child's */
/* All n bytes, until the wall clock says `end`. ST_COMPUTE: it does not read them in time, or no longer. */
enum status child_write(struct child *c, const void *data, size_t n, double end, struct err *err);
/* How it ended, "exit status 3" or "signal 9"; waits for half a second; NULL: it runs. child_free's. */
const char *child_end(struct child *c);
/* Closes its input, which ends a filter, and waits for `patience` seconds; then it is terminated, then killed. */
void child_free(struct child *c, double patience);

#endif
