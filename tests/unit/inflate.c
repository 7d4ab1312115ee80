/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/inflate.h"
#include <stdbool.h>
#include <stdlib.h>
#include <zlib.h>
#include "base/rng.h"
#include "check.h"

enum { TEXT = 1 << 16 };

static unsigned char text[TEXT], packed[2 * TEXT];

/* In blocks of their own size, so that the sanitizer sees each byte too far. */
static bool unpacks(struct inflate *w, const unsigned char *data, size_t n, size_t length,
                    bool compare)
{
    unsigned char *in = calloc(n + INFLATE_SLACK, 1), *out = malloc(length + 1);
    memcpy(in, data, n);
    bool good = inflate_unpack(w, in, n, out, length);
    if (good && compare)
        CHECK(!memcmp(out, text, length));
    free(in);
    free(out);
    return good;
}

static size_t pack(int level, int strategy, size_t n)
{
    z_stream z = {0};
    deflateInit2(&z, level, Z_DEFLATED, -15, 8, strategy);
    z.next_in = text;
    z.avail_in = (unsigned)n;
    z.next_out = packed;
    z.avail_out = sizeof packed;
    CHECK(deflate(&z, Z_FINISH) == Z_STREAM_END);
    size_t length = z.total_out;
    deflateEnd(&z);
    return length;
}

/* 0 numbers, 1 a few letters, 2 any bytes, 3 one letter, 4 unequal letters, 5 words of a list */
static void make_text(struct rng *rng, int kind)
{
    for (size_t i = 0; i < TEXT; i++)
        text[i] =
            (unsigned char)(kind == 0   ? "0123456789.- \n"[rng_below(rng, 14)]
                            : kind == 1 ? 'a' + rng_below(rng, 3)
                            : kind == 2 ? rng_below(rng, 256)
                            : kind == 3 ? 'x'
                            : kind == 4
                                ? 33 + __builtin_clzll(rng_word(rng) | 1) % 90
                                : "forces energy stress "[(i + (size_t)rng_below(rng, 2)) % 21]);
}

static void what_zlib_packs_is_unpacked(void)
{
    static const int strategies[] = {Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE,
                                     Z_FIXED};
    static const size_t sizes[] = {0, 1, 2, 3, 5, 17, 300, 5000, 0xff00, TEXT};
    struct inflate *w = inflate_new();
    struct rng rng;
    rng_start(&rng, 1, RNG_TEST, 0, 0, 0);
    for (int kind = 0; kind < 6; kind++) {
        make_text(&rng, kind);
        for (int i = 0; i < 10; i++)
            for (int s = 0; s < 5; s++)
                for (int level = 0; level < 10; level += 3) {
                    size_t n = pack(level, strategies[s], sizes[i]);
                    CHECK(unpacks(w, packed, n, sizes[i], true));
                    CHECK(!unpacks(w, packed, n, sizes[i] + 1, false));
                    CHECK(sizes[i] == 0 || !unpacks(w, packed, n, sizes[i] - 1, false));
                    CHECK(!unpacks(w, packed, n - 1, sizes[i], false));
                    packed[n] = 0;
                    CHECK(!unpacks(w, packed, n + 1, sizes[i], false));
                }
    }
    inflate_free(w);
}

/* zlib says the same of data with a few wrong bytes: good or bad, and which text. */
static void damaged_data_are_judged_as_zlib_judges_them(void)
{
    static unsigned char theirs[TEXT + 1];
    struct inflate *w = inflate_new();
    struct rng rng;
    int accepted = 0;
    rng_start(&rng, 2, RNG_TEST, 0, 0, 0);
    for (int trial = 0; trial < 6000; trial++) {
        if (trial % 100 == 0)
            make_text(&rng, trial / 100 % 6);
        size_t length = (size_t)rng_below(&rng, 600) + 1;
        size_t n = pack(trial % 10, trial % 7 == 0 ? Z_FIXED : Z_DEFAULT_STRATEGY, length);
        for (int k = trial % 4; k >= 0; k--)
            packed[rng_below(&rng, (int)(n < 40 || k % 2 ? n : 40))] ^=
                (unsigned char)(1 << rng_below(&rng, 8));
        z_stream z = {0};
        inflateInit2(&z, -15);
        z.next_in = packed;
        z.avail_in = (unsigned)n;
        z.next_out = theirs;
        z.avail_out = (unsigned)length;
        bool good = inflate(&z, Z_FINISH) == Z_STREAM_END && !z.avail_in && !z.avail_out;
        inflateEnd(&z);
        unsigned char *in = calloc(n + INFLATE_SLACK, 1), *out = calloc(length, 1);
        memcpy(in, packed, n);
        bool ours = inflate_unpack(w, in, n, out, length);
        if (good) {
            accepted++;
            CHECK(ours && !memcmp(out, theirs, length));
        }
        free(in);
        free(out);
    }
    CHECK(accepted > 100); /* a wrong bit in a stored block or in a literal goes unnoticed here */
    inflate_free(w);
}

static void noise_does_no_harm(void)
{
    struct inflate *w = inflate_new();
    struct rng rng;
    rng_start(&rng, 3, RNG_TEST, 0, 0, 0);
    for (int trial = 0; trial < 20000; trial++) {
        size_t n = (size_t)rng_below(&rng, 200);
        for (size_t i = 0; i < n; i++)
            packed[i] = (unsigned char)rng_below(&rng, 256);
        if (n && trial % 2)
            packed[0] = (unsigned char)((packed[0] & 0xf8) | 5); /* last block, own codes */
        unpacks(w, packed, n, (size_t)rng_below(&rng, 1000), false);
    }
    inflate_free(w);
}

int main(int argc, char **argv)
{
    static const struct check_case cases[] = {
        {"zlib", what_zlib_packs_is_unpacked},
        {"damaged", damaged_data_are_judged_as_zlib_judges_them},
        {"noise", noise_does_no_harm},
        {NULL, NULL}};
    return check_main(argc, argv, cases);
}
