/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Deflate (RFC 1951) for pieces of at most 64 KiB of numbers in text form, faster and smaller than a
 * general compressor makes them. Random digits repeat by chance in threes and fours, and referring
 * back to such a repetition costs more bits than the digits: repetitions are looked for only where words
 * begin, and used only where they are shorter. The rest is left to the Huffman code.
 */
#ifndef FORMATS_DEFLATE_H
#define FORMATS_DEFLATE_H

#include <stddef.h>

enum { DEFLATE_TEXT = 1 << 16, DEFLATE_SLACK = 16 };

struct deflate; /* opaque workspace, one per thread */

struct deflate *deflate_new(int level); /* 1 (fast) to 9 (small) */
void deflate_free(struct deflate *d);

/* Pack n bytes (at most DEFLATE_TEXT) as one final block into out, which has room for `room` bytes and
 * DEFLATE_SLACK more. Returns the length, 0 if it would be longer than room. */
size_t deflate_pack(struct deflate *d, const unsigned char *text, size_t n, unsigned char *out,
                    size_t room);

#endif
