/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Unpack deflate (RFC 1951) that is at hand as a whole, into text of known length. Any input, however
 * damaged, is read and written within its bounds.
 */
#ifndef FORMATS_INFLATE_H
#define FORMATS_INFLATE_H

#include <stdbool.h>
#include <stddef.h>

enum { INFLATE_SLACK = 8 };

struct inflate; /* opaque workspace, one per thread */

struct inflate *inflate_new(void);
void inflate_free(struct inflate *w);

/* From in[0 .. n-1], behind which INFLATE_SLACK more bytes can be read, to exactly `length` bytes of
 * text. False: it is not deflate, or longer or shorter text. */
bool inflate_unpack(struct inflate *w, const unsigned char *in, size_t n, unsigned char *text,
                    size_t length);

#endif
