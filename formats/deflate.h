/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Raw deflate data (RFC 1951) of whole buffers, as the blocks of BGZF need them: by libdeflate where
 * the build found it, which packs and unpacks about twice as fast, otherwise by zlib.
 */
#ifndef FORMATS_DEFLATE_H
#define FORMATS_DEFLATE_H

#include <stdbool.h>
#include <stddef.h>

struct packer;
struct unpacker;

/* level 1 (fast) to 9 (small); NULL when memory is out. */
struct packer *packer_new(int level);
void packer_free(struct packer *p);
/* Length of the packed text in out, 0 if `room` bytes do not hold it. */
size_t packer_pack(struct packer *p, const unsigned char *text, size_t n, unsigned char *out,
                   size_t room);

struct unpacker *unpacker_new(void); /* NULL when memory is out */
void unpacker_free(struct unpacker *u);
/* Unpack n bytes into exactly text_n; false: damaged data, or another length. */
bool unpacker_unpack(struct unpacker *u, const unsigned char *data, size_t n, unsigned char *text,
                     size_t text_n);

/* The checksum of gzip (RFC 1952). */
unsigned long deflate_crc(const unsigned char *text, size_t n);

#endif
