/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One set of functions, two libraries: both structs are the library's own under another name. */
#include "formats/deflate.h"

#ifdef HAVE_LIBDEFLATE

#include <libdeflate.h>

struct packer *packer_new(int level)
{
    return (struct packer *)libdeflate_alloc_compressor(level);
}

void packer_free(struct packer *p)
{
    libdeflate_free_compressor((struct libdeflate_compressor *)p);
}

size_t packer_pack(struct packer *p, const unsigned char *text, size_t n, unsigned char *out,
                   size_t room)
{
    return libdeflate_deflate_compress((struct libdeflate_compressor *)p, text, n, out, room);
}

struct unpacker *unpacker_new(void)
{
    return (struct unpacker *)libdeflate_alloc_decompressor();
}

void unpacker_free(struct unpacker *u)
{
    libdeflate_free_decompressor((struct libdeflate_decompressor *)u);
}

bool unpacker_unpack(struct unpacker *u, const unsigned char *data, size_t n, unsigned char *text,
                     size_t text_n)
{
    struct libdeflate_decompressor *d = (struct libdeflate_decompressor *)u;
    size_t used = 0, got = 0;
    return libdeflate_deflate_decompress_ex(d, data, n, text, text_n, &used, &got) ==
               LIBDEFLATE_SUCCESS &&
           used == n && got == text_n;
}

unsigned long deflate_crc(const unsigned char *text, size_t n)
{
    return libdeflate_crc32(0, text, n);
}

#else

#include <stdlib.h>
#include <zlib.h>

enum { RAW = -15 /* no header, the largest window */, MEMORY = 8 /* zlib's default */ };

struct packer {
    z_stream z;
};

struct unpacker {
    z_stream z;
};

struct packer *packer_new(int level)
{
    struct packer *p = calloc(1, sizeof *p);
    if (p && deflateInit2(&p->z, level, Z_DEFLATED, RAW, MEMORY, Z_DEFAULT_STRATEGY) == Z_OK)
        return p;
    free(p);
    return NULL;
}

void packer_free(struct packer *p)
{
    if (p)
        deflateEnd(&p->z);
    free(p);
}

size_t packer_pack(struct packer *p, const unsigned char *text, size_t n, unsigned char *out,
                   size_t room)
{
    deflateReset(&p->z);
    p->z.next_in = (unsigned char *)text;
    p->z.avail_in = (unsigned)n;
    p->z.next_out = out;
    p->z.avail_out = (unsigned)room;
    return deflate(&p->z, Z_FINISH) == Z_STREAM_END ? room - p->z.avail_out : 0;
}

struct unpacker *unpacker_new(void)
{
    struct unpacker *u = calloc(1, sizeof *u);
    if (u && inflateInit2(&u->z, RAW) == Z_OK)
        return u;
    free(u);
    return NULL;
}

void unpacker_free(struct unpacker *u)
{
    if (u)
        inflateEnd(&u->z);
    free(u);
}

bool unpacker_unpack(struct unpacker *u, const unsigned char *data, size_t n, unsigned char *text,
                     size_t text_n)
{
    unsigned char nothing = 0; /* zlib wants a place even for no text */
    inflateReset(&u->z);
    u->z.next_in = (unsigned char *)data;
    u->z.avail_in = (unsigned)n;
    u->z.next_out = text_n ? text : &nothing;
    u->z.avail_out = (unsigned)text_n;
    return inflate(&u->z, Z_FINISH) == Z_STREAM_END && !u->z.avail_out && !u->z.avail_in;
}

unsigned long deflate_crc(const unsigned char *text, size_t n)
{
    return n ? crc32(0, text, (unsigned)n) : 0;
}

#endif
