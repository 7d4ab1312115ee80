/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Huffman codes as deflate has them (RFC 1951, section 3.2.2): canonical, of limited length. */
#ifndef FORMATS_HUFFMAN_H
#define FORMATS_HUFFMAN_H

#include <stdint.h>

enum { HUFFMAN_SYMBOLS = 288, HUFFMAN_BITS = 15 };

struct huffman {
    uint8_t length[HUFFMAN_SYMBOLS]; /* bits; 0: not used */
    uint16_t code[HUFFMAN_SYMBOLS];  /* first bit lowest */
};

/* The code for n symbols of these frequencies, none longer than limit bits (at most HUFFMAN_BITS). */
void huffman_make(struct huffman *h, const uint32_t *frequency, int n, int limit);

#endif
