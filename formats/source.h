/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines of a file, plain or gzip-compressed (known by its first bytes, never by its name). Several
 * gzip members are one text; the blocks of BGZF are checked before their text is passed on, and
 * unpacked in parallel. Memory grows with the longest line.
 */
#ifndef FORMATS_SOURCE_H
#define FORMATS_SOURCE_H

#include <stdbool.h>
#include <signal.h>
#include "base/err.h"

struct source; /* opaque */

/* path NULL or "-": standard input. Error ST_SYSTEM. */
struct source *source_open(const char *path, struct err *err);
struct source *source_from(int fd);                     /* a descriptor that stays the caller's */
struct source *source_text(const char *text, size_t n); /* plain text in memory, copied */
/* From now on ST_COMPUTE when a wait for input lasts until the wall clock says `end`, after
 * which nothing more can be read; 0: no limit. */
void source_deadline(struct source *s, double end);
void source_close(struct source *s);
void source_watch(struct source *s,
                  const volatile sig_atomic_t *stop); /* end of input once it is set */

/* The next line without its end (LF or CRLF) in [*p, *end), valid until the next call; 32 bytes
 * from *end on are readable. *p NULL at the end of the text. ST_DATA: damaged or truncated compression; ST_SYSTEM. */
enum status source_line(struct source *s, const char **p, const char **end, struct err *err);
void source_back(struct source *s); /* give the last line again; once, after a call that gave one */
bool source_unended(const struct source *s);    /* the text stopped within the last line */
long source_number(const struct source *s);     /* number of the last line, from 1 */
bool source_compressed(const struct source *s); /* known after the first line */
bool source_padded(const struct source *s);     /* zeros after the last member were passed over */
bool source_waiting(const struct source *s); /* nothing at hand: the next line may take a while */
bool source_live(const struct source *s);    /* no regular file */
bool source_is(const struct source *s, int fd); /* the same file as fd */

#endif
