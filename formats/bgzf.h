/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * BGZF: gzip members of at most 64 KiB of text, each with its compressed size in an extra field BC,
 * closed by an empty one (SAM/BAM specification, section 4.1, samtools.github.io/hts-specs).
 */
#ifndef FORMATS_BGZF_H
#define FORMATS_BGZF_H

#include <stdbool.h>
#include <stddef.h>
#include "formats/deflate.h"

enum {
    BGZF_TEXT = 0xff00,   /* text per block when writing, as bgzip has it: it always fits */
    BGZF_BLOCK = 0x10000, /* a block is never longer */
    BGZF_HEADER = 18,
    BGZF_TRAILER = 8, /* checksum, length of the text */
    BGZF_END_SIZE = 28
};

extern const unsigned char bgzf_end[BGZF_END_SIZE]; /* the empty block */

/* Length of the block whose first n bytes are at p: 0 if it is not BGZF, 1 if more bytes are needed
 * to tell (at most BGZF_HEADER when the extra field holds nothing else). */
size_t bgzf_length(const unsigned char *p, size_t n);
size_t bgzf_text_length(const unsigned char *block, size_t length); /* as its trailer says */
/* Unpack a whole block. False: damaged. */
bool bgzf_unpack(struct unpacker *u, const unsigned char *block, size_t length, unsigned char *text,
                 size_t text_length);
/* Pack at most BGZF_TEXT bytes into out (room for BGZF_BLOCK). Returns the block's length. */
size_t bgzf_pack(struct packer *p, const unsigned char *text, size_t n, unsigned char *out);

#endif
