/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/deflate.h"
#include <stdbool.h>
#include <stdlib.h>
#include <zlib.h>
#include "base/rng.h"
#include "check.h"
#include "formats/huffman.h"

static unsigned char text[DEFLATE_TEXT], packed[DEFLATE_TEXT + 1000 + DEFLATE_SLACK],
    back[DEFLATE_TEXT + 1];

/* zlib makes the same text of it, and nothing is written behind it but the slack. */
static void check(struct deflate *d, size_t n)
{
    size_t room = n + 1000;
    memset(packed, 0xee, sizeof packed);
    size_t length = deflate_pack(d, text, n, packed, room);
    CHECK(length > 0 && length <= room);
    for (size_t i = length + DEFLATE_SLACK; i < sizeof packed; i++)
        if (packed[i] != 0xee) {
            CHECK(packed[i] == 0xee);
            break;
        }
    z_stream z = {0};
    inflateInit2(&z, -15);
    z.next_in = packed;
    z.avail_in = (unsigned)length;
    z.next_out = back;
    z.avail_out = sizeof back;
    CHECK(inflate(&z, Z_FINISH) == Z_STREAM_END);
    CHECK(z.total_out == n && z.avail_in == 0 && !memcmp(back, text, n));
    inflateEnd(&z);
}

static void make_numbers(struct rng *rng, int digits)
{
    size_t n = 0;
    while (n < DEFLATE_TEXT - 40)
        n += (size_t)sprintf((char *)text + n, "%.*f%c", digits, 10 * rng_normal(rng),
                             rng_below(rng, 6) ? ' ' : '\n');
    memset(text + n, ' ', DEFLATE_TEXT - n);
}

static void make_bytes(struct rng *rng, int kinds)
{
    for (size_t i = 0; i < DEFLATE_TEXT; i++)
        text[i] = (unsigned char)rng_below(rng, kinds);
}

/* Few letters of very unequal frequency: codes of more than 15 bits would be best. */
static void make_unequal(struct rng *rng)
{
    for (size_t i = 0; i < DEFLATE_TEXT; i++)
        text[i] = (unsigned char)(33 + __builtin_clzll(rng_word(rng) | 1) % 60);
    for (int c = 0; c < 100; c++)
        text[100 * c + 7] = (unsigned char)(100 + c);
}

static void zlib_unpacks_what_is_packed(void)
{
    static const size_t sizes[] = {1, 2, 7, 8, 9, 100, 1000, 0xff00, DEFLATE_TEXT};
    struct rng rng;
    rng_start(&rng, 1, RNG_TEST, 0, 0, 0);
    for (int level = 1; level <= 9; level++) {
        struct deflate *d = deflate_new(level);
        for (int kind = 0; kind < 8; kind++) {
            if (kind < 3)
                make_numbers(&rng, 3 + 6 * kind);
            else if (kind == 3)
                make_unequal(&rng);
            else if (kind == 4)
                memset(text, ' ', sizeof text);
            else
                make_bytes(&rng, kind == 5 ? 2 : kind == 6 ? 40 : 256);
            for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
                check(d, sizes[i]);
        }
        deflate_free(d);
    }
}

static void repetitions_of_every_length_and_distance_unpack(void)
{
    struct rng rng;
    struct deflate *d = deflate_new(6);
    rng_start(&rng, 2, RNG_TEST, 0, 0, 0);
    for (int trial = 0; trial < 100; trial++) {
        size_t n = 0;
        while (n < DEFLATE_TEXT) { /* random words and copies of earlier ones */
            size_t length = (size_t)rng_below(&rng, rng_below(&rng, 10) ? 20 : 400) + 1;
            size_t from = n ? (size_t)rng_below(&rng, (int)n) : 0;
            bool copy = n && rng_below(&rng, 2);
            for (; length && n < DEFLATE_TEXT; length--, n++)
                text[n] = copy                 ? text[from++]
                          : rng_below(&rng, 5) ? (unsigned char)(40 + rng_below(&rng, 80))
                                               : ' ';
        }
        check(d, DEFLATE_TEXT);
    }
    deflate_free(d);
}

static void text_that_would_grow_is_refused(void)
{
    struct rng rng;
    struct deflate *d = deflate_new(1);
    rng_start(&rng, 3, RNG_TEST, 0, 0, 0);
    make_bytes(&rng, 256);
    CHECK(deflate_pack(d, text, 60000, packed, 60000) == 0);
    make_numbers(&rng, 8);
    size_t length = deflate_pack(d, text, 60000, packed, 60000);
    CHECK(length > 0 && length < 32000); /* a digit has 3.3 bits */
    CHECK(deflate_pack(d, text, 60000, packed, length - 1) == 0);
    CHECK(deflate_pack(d, text, 60000, packed, length) == length);
    deflate_free(d);
}

/* Kraft: the sum of 2^-bits is 1, no code too long; without a limit the mean length is Huffman's, at
 * most a bit above the entropy. */
static void huffman_codes_are_complete_and_limited(void)
{
    struct rng rng;
    uint32_t frequency[HUFFMAN_SYMBOLS];
    rng_start(&rng, 4, RNG_TEST, 0, 0, 0);
    for (int trial = 0; trial < 300; trial++) {
        int n = 2 + rng_below(&rng, 280),
            limit = n < 100 ? 7 + rng_below(&rng, 9) : 9 + rng_below(&rng, 7);
        double total = 0, entropy = 0, mean = 0, kraft = 0;
        for (int i = 0; i < n; i++) {
            frequency[i] = 1u << rng_below(&rng, trial % 20 + 1);
            total += frequency[i];
        }
        struct huffman h;
        huffman_make(&h, frequency, n, limit);
        for (int i = 0; i < n; i++) {
            CHECK(h.length[i] >= 1 && h.length[i] <= limit);
            kraft += pow(2, -h.length[i]);
            mean += frequency[i] / total * h.length[i];
            entropy -= frequency[i] / total * log2(frequency[i] / total);
        }
        CHECK(kraft == 1);
        CHECK(mean >= entropy - 1e-9 && (limit < 15 || trial % 20 > 6 || mean < entropy + 1));
    }
}

int main(int argc, char **argv)
{
    static const struct check_case cases[] = {
        {"unpack", zlib_unpacks_what_is_packed},
        {"repetitions", repetitions_of_every_length_and_distance_unpack},
        {"grow", text_that_would_grow_is_refused},
        {"huffman", huffman_codes_are_complete_and_limited},
        {NULL, NULL}};
    return check_main(argc, argv, cases);
}
