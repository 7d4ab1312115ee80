/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/bgzf.h"
#include <assert.h>
#include <string.h>

const unsigned char bgzf_end[BGZF_END_SIZE] = {0x1f, 0x8b, 8,   4,   0, 0, 0,  0, 0, 0xff,
                                               6,    0,    'B', 'C', 2, 0, 27, 0, 3, 0,
                                               0,    0,    0,   0,   0, 0, 0,  0};

static unsigned two_bytes(const unsigned char *p)
{
    return p[0] | (unsigned)p[1] << 8;
}

static unsigned long four_bytes(const unsigned char *p)
{
    return two_bytes(p) | (unsigned long)two_bytes(p + 2) << 16;
}

static void put_two(unsigned char *p, unsigned x)
{
    p[0] = (unsigned char)x;
    p[1] = (unsigned char)(x >> 8);
}

static void put_four(unsigned char *p, unsigned long x)
{
    put_two(p, (unsigned)(x & 0xffff));
    put_two(p + 2, (unsigned)(x >> 16));
}

size_t bgzf_length(const unsigned char *p, size_t n)
{
    if (n < 12)
        return n < 4 || (p[0] == 0x1f && p[1] == 0x8b && p[2] == 8 && (p[3] & 4));
    if (p[0] != 0x1f || p[1] != 0x8b || p[2] != 8 || p[3] != 4)
        return 0;
    size_t extra = two_bytes(p + 10);
    if (n < 12 + extra)
        return 1;
    for (size_t at = 12; at + 4 <= 12 + extra; at += 4 + two_bytes(p + at + 2))
        if (p[at] == 'B' && p[at + 1] == 'C' && two_bytes(p + at + 2) == 2 &&
            at + 6 <= 12 + extra) {
            size_t length = two_bytes(p + at + 4) + 1u;
            return length >= 12 + extra + 10 ? length : 0;
        }
    return 0;
}

size_t bgzf_text_length(const unsigned char *block, size_t length)
{
    return four_bytes(block + length - 4);
}

bool bgzf_unpack(struct unpacker *u, const unsigned char *block, size_t length, unsigned char *text,
                 size_t text_length)
{
    size_t header = 12 + two_bytes(block + 10);
    return unpacker_unpack(u, block + header, length - header - BGZF_TRAILER, text, text_length) &&
           deflate_crc(text, text_length) == four_bytes(block + length - BGZF_TRAILER);
}

/* Text that deflate would make longer is stored: five bytes more. */
static size_t store(const unsigned char *text, size_t n, unsigned char *out)
{
    out[0] = 1;
    put_two(out + 1, (unsigned)n);
    put_two(out + 3, (unsigned)~n & 0xffff);
    memcpy(out + 5, text, n);
    return n + 5;
}

size_t bgzf_pack(struct packer *p, const unsigned char *text, size_t n, unsigned char *out)
{
    assert(n <= BGZF_TEXT);
    size_t packed =
        packer_pack(p, text, n, out + BGZF_HEADER, BGZF_BLOCK - BGZF_HEADER - BGZF_TRAILER);
    if (!packed)
        packed = store(text, n, out + BGZF_HEADER);
    memcpy(out, bgzf_end, BGZF_HEADER);
    put_two(out + 16, (unsigned)(BGZF_HEADER + packed + BGZF_TRAILER - 1));
    put_four(out + BGZF_HEADER + packed, deflate_crc(text, n));
    put_four(out + BGZF_HEADER + packed + 4, n);
    return BGZF_HEADER + packed + BGZF_TRAILER;
}
