/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/deflate.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "formats/huffman.h"

enum {
    HASH_BITS = 13,
    NOWHERE = 0xffff,
    REACH = 32768, /* largest distance */
    LONGEST = 258,
    SHORTEST = 5, /* what the hash covers */
    END_OF_BLOCK = 256,
    LENGTH_CODES = 286,
    DISTANCE_CODES = 30,
    LENGTHS_MAX = LENGTH_CODES + DISTANCE_CODES
};

/* `literals` bytes as they stand, then `length` bytes copied from `distance` before. */
struct sequence {
    uint16_t literals, length, distance;
};

struct deflate {
    int depth; /* places looked at */
    uint16_t head[1 << HASH_BITS], previous[DEFLATE_TEXT];
    struct sequence sequence[DEFLATE_TEXT / SHORTEST + 1];
    int sequences;
    size_t tail; /* literals after the last sequence */
    uint32_t symbols[LENGTH_CODES], distances[DISTANCE_CODES];
    int cost[256]; /* of a literal, in 1/16 bit, were there no repetitions */
    struct huffman symbol_code, distance_code;
};

struct deflate *deflate_new(int level)
{
    static const int depth[10] = {1, 1, 2, 3, 4, 6, 10, 20, 40, 80};
    struct deflate *d = MEM_NEW(struct deflate, 1);
    d->depth = depth[level];
    return d;
}

void deflate_free(struct deflate *d)
{
    free(d);
}

static inline uint64_t load(const unsigned char *p)
{
    uint64_t v;
    memcpy(&v, p, 8);
    return v;
}

static inline int log2_of(unsigned x)
{
    return 31 - __builtin_clz(x);
}

/* Codes of lengths and distances with their extra bits, RFC 1951, 3.2.5. In both tables a power of two
 * is divided into 4 or 2 codes. */
static inline int length_code(int length, int *extra)
{
    if (length == LONGEST) {
        *extra = 0;
        return 285;
    }
    int x = length - 3;
    *extra = x < 8 ? 0 : log2_of((unsigned)x) - 2;
    return 257 + (x < 8 ? x : 4 * *extra + (x >> *extra));
}

static inline int distance_code(int distance, int *extra)
{
    int x = distance - 1;
    *extra = x < 4 ? 0 : log2_of((unsigned)x) - 1;
    return x < 4 ? x : 2 * *extra + (x >> *extra);
}

static inline unsigned hash(const unsigned char *p)
{
    return (unsigned)(((load(p) << 24) * 0x9e3779b97f4a7c15u) >> (64 - HASH_BITS));
}

static inline int common_length(const unsigned char *a, const unsigned char *b, size_t limit)
{
    size_t n = 0;
    for (; n + 8 <= limit; n += 8) {
        uint64_t differs = load(a + n) ^ load(b + n);
        if (differs)
            return (int)n + __builtin_ctzll(differs) / 8;
    }
    while (n < limit && a[n] == b[n])
        n++;
    return (int)n;
}

static inline void insert(struct deflate *d, const unsigned char *text, size_t i)
{
    uint16_t *head = &d->head[hash(text + i)];
    d->previous[i] = *head;
    *head = (uint16_t)i;
}

/* What a repetition saves, in 1/16 bit: its bytes as literals, against 4 bits and the logarithm of the
 * distance (measured: less than it costs, since what replaces more literals shortens their codes). */
static inline int gain(const struct deflate *d, const unsigned char *p, int length, size_t distance)
{
    int sum = -16 * (4 + log2_of((unsigned)distance));
    for (int i = 0; i < length; i++)
        sum += d->cost[p[i]];
    return sum;
}

/* The best repetition of what stands at i, which is inserted; its gain, at most 0 if there is none. */
static inline int find(struct deflate *d, const unsigned char *text, size_t n, size_t i,
                       struct sequence *best)
{
    insert(d, text, i);
    size_t limit = n - i < LONGEST ? n - i : LONGEST, at = d->previous[i];
    int most = 0, longest = SHORTEST - 1;
    for (int k = d->depth; k && at != NOWHERE && i - at <= REACH; k--, at = d->previous[at]) {
        int length = common_length(text + at, text + i, limit);
        if (length <= longest)
            continue; /* farther away and not longer */
        int saved = gain(d, text + i, length, i - at);
        if (saved <= most)
            continue;
        most = saved;
        longest = length;
        *best = (struct sequence){0, (uint16_t)length, (uint16_t)(i - at)};
        if ((size_t)length == limit)
            break;
    }
    return most;
}

/* The next blank or control character from i on. */
static inline size_t next_separator(const unsigned char *text, size_t i, size_t last)
{
    for (; i + 8 <= last; i += 8) {
        uint64_t v = load(text + i);
        uint64_t small = (v - 0x2121212121212121u) & ~v & 0x8080808080808080u;
        if (small)
            return i + (size_t)__builtin_ctzll(small) / 8;
    }
    while (i < last && text[i] > ' ')
        i++;
    return i;
}

/* How often each byte stands there. Four tables, so that equal neighbours do not wait for each other. */
static void count_bytes(struct deflate *d, const unsigned char *text, size_t n)
{
    uint32_t part[4][256];
    size_t i = 0;
    memset(part, 0, sizeof part);
    memset(d->symbols, 0, sizeof d->symbols);
    for (; i + 4 <= n; i += 4)
        for (int k = 0; k < 4; k++)
            part[k][text[i + k]]++;
    for (; i < n; i++)
        part[0][text[i]]++;
    for (int c = 0; c < 256; c++) {
        d->symbols[c] = part[0][c] + part[1][c] + part[2][c] + part[3][c];
        if (d->symbols[c])
            d->cost[c] = (int)(16 * log2((double)n / d->symbols[c]) + 0.5);
    }
}

static void add(struct deflate *d, const unsigned char *p, const struct sequence *q)
{
    int extra;
    d->sequence[d->sequences++] = *q;
    d->symbols[length_code(q->length, &extra)]++;
    d->distances[distance_code(q->distance, &extra)]++;
    for (int i = 0; i < q->length; i++)
        d->symbols[p[i]]--;
}

/* Repetitions are looked for at blanks and line ends: looking at every byte finds no smaller form
 * of numbers and is five times slower. From there they are followed in both directions. */
static void divide(struct deflate *d, const unsigned char *text, size_t n)
{
    size_t start = 0, last = n < 8 ? 0 : n - 8;
    d->sequences = 0;
    memset(d->head, 0xff, sizeof d->head);
    memset(d->distances, 0, sizeof d->distances);
    for (size_t i = next_separator(text, 0, last); i < last;
         i = next_separator(text, i + 1, last)) {
        struct sequence best;
        if (i < start) {
            insert(d, text, i);
            continue;
        }
        if (find(d, text, n, i, &best) <= 0)
            continue;
        size_t from = i;
        while (from > start && from > best.distance &&
               text[from - 1] == text[from - 1 - best.distance] && best.length < LONGEST) {
            from--;
            best.length++;
        }
        best.literals = (uint16_t)(from - start);
        add(d, text + from, &best);
        start = from + best.length;
    }
    d->tail = n - start;
    d->symbols[END_OF_BLOCK] = 1;
}

struct bits {
    uint64_t word;
    int n;
    unsigned char *p;
};

static inline void put(struct bits *b, unsigned code, int n)
{
    b->word |= (uint64_t)code << b->n;
    b->n += n;
}

/* At most 7 bits stay. */
static inline void drain(struct bits *b)
{
    memcpy(b->p, &b->word, 8);
    b->p += b->n >> 3;
    b->word >>= b->n & ~7;
    b->n &= 7;
}

/* The code lengths, run-length coded: 16 repeats the last 3 to 6 times, 17 and 18 are 3 to 10 and 11
 * to 138 zeros (RFC 1951, 3.2.7). symbol[k] has its extra bits in the upper byte. */
static int shorten(const uint8_t *length, int n, uint16_t *symbol)
{
    int m = 0;
    for (int i = 0; i < n;) {
        int run = 1;
        while (i + run < n && length[i + run] == length[i])
            run++;
        if (length[i] == 0 && run >= 3) {
            run = run > 138 ? 138 : run;
            symbol[m++] = (uint16_t)(run < 11 ? 17 | (run - 3) << 8 : 18 | (run - 11) << 8);
        } else if (i > 0 && length[i] == length[i - 1] && run >= 3) {
            run = run > 6 ? 6 : run;
            symbol[m++] = (uint16_t)(16 | (run - 3) << 8);
        } else {
            run = 1;
            symbol[m++] = length[i];
        }
        i += run;
    }
    return m;
}

struct header {
    uint16_t symbol[LENGTHS_MAX];
    int symbols, lengths, distances, codes;
    struct huffman code;
    size_t bits;
};

static const uint8_t code_order[19] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                       11, 4,  12, 3, 13, 2, 14, 1, 15};
static const uint8_t code_extra[19] = {[16] = 2, [17] = 3, [18] = 7};

static void prepare_header(const struct deflate *d, struct header *h)
{
    uint8_t length[LENGTHS_MAX];
    uint32_t frequency[19] = {0};
    h->lengths = LENGTH_CODES;
    while (!d->symbol_code.length[h->lengths - 1])
        h->lengths--;
    h->distances = DISTANCE_CODES;
    while (h->distances > 1 && !d->distance_code.length[h->distances - 1])
        h->distances--;
    memcpy(length, d->symbol_code.length, (size_t)h->lengths);
    memcpy(length + h->lengths, d->distance_code.length, (size_t)h->distances);
    h->symbols = shorten(length, h->lengths + h->distances, h->symbol);
    for (int i = 0; i < h->symbols; i++)
        frequency[h->symbol[i] & 0xff]++;
    huffman_make(&h->code, frequency, 19, 7);
    h->codes = 19;
    while (h->codes > 4 && !h->code.length[code_order[h->codes - 1]])
        h->codes--;
    h->bits = 17 + 3 * (size_t)h->codes;
    for (int i = 0; i < 19; i++)
        h->bits += frequency[i] * (size_t)(h->code.length[i] + code_extra[i]);
}

static void put_header(struct bits *b, const struct header *h)
{
    put(b, 1 | 2 << 1, 3); /* the last block, with codes of its own */
    put(b, (unsigned)h->lengths - 257, 5);
    put(b, (unsigned)h->distances - 1, 5);
    put(b, (unsigned)h->codes - 4, 4);
    drain(b);
    for (int i = 0; i < h->codes; i++) {
        put(b, h->code.length[code_order[i]], 3);
        drain(b);
    }
    for (int i = 0; i < h->symbols; i++) {
        int s = h->symbol[i] & 0xff;
        put(b, h->code.code[s], h->code.length[s]);
        put(b, h->symbol[i] >> 8, code_extra[s]);
        drain(b);
    }
}

static size_t body_bits(const struct deflate *d)
{
    size_t bits = 0;
    for (int i = 0; i < LENGTH_CODES; i++) {
        int extra = i < 265 || i == 285 ? 0 : (i - 261) / 4;
        bits += d->symbols[i] * (size_t)(d->symbol_code.length[i] + extra);
    }
    for (int i = 0; i < DISTANCE_CODES; i++)
        bits += d->distances[i] * (size_t)(d->distance_code.length[i] + (i < 4 ? 0 : i / 2 - 1));
    return bits;
}

static inline void put_symbol(struct bits *b, const struct huffman *h, int symbol)
{
    put(b, h->code[symbol], h->length[symbol]);
}

static void put_literals(struct bits *b, const struct huffman *h, const unsigned char *p, size_t n)
{
    for (; n >= 3; n -= 3, p += 3) { /* 3 * 15 + 7 bits fit */
        put_symbol(b, h, p[0]);
        put_symbol(b, h, p[1]);
        put_symbol(b, h, p[2]);
        drain(b);
    }
    for (; n; n--)
        put_symbol(b, h, *p++);
    drain(b);
}

static void put_body(struct bits *b, const struct deflate *d, const unsigned char *text)
{
    for (int s = 0; s < d->sequences; s++) {
        const struct sequence *q = &d->sequence[s];
        int extra, code = length_code(q->length, &extra);
        put_literals(b, &d->symbol_code, text, q->literals);
        put_symbol(b, &d->symbol_code, code);
        put(b, (unsigned)(q->length - 3) & ((1u << extra) - 1), extra);
        code = distance_code(q->distance, &extra);
        put_symbol(b, &d->distance_code, code);
        put(b, (unsigned)(q->distance - 1) & ((1u << extra) - 1), extra);
        drain(b);
        text += q->literals + q->length;
    }
    put_literals(b, &d->symbol_code, text, d->tail);
    put_symbol(b, &d->symbol_code, END_OF_BLOCK);
    drain(b);
}

size_t deflate_pack(struct deflate *d, const unsigned char *text, size_t n, unsigned char *out,
                    size_t room)
{
    struct header h;
    count_bytes(d, text, n);
    divide(d, text, n);
    huffman_make(&d->symbol_code, d->symbols, LENGTH_CODES, HUFFMAN_BITS);
    huffman_make(&d->distance_code, d->distances, DISTANCE_CODES, HUFFMAN_BITS);
    prepare_header(d, &h);
    size_t length = (h.bits + body_bits(d) + 7) / 8;
    if (length > room)
        return 0;
    struct bits b = {.p = out};
    put_header(&b, &h);
    put_body(&b, d, text);
    return length;
}
