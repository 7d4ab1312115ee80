/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/inflate.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"

/*
 * Codes are looked up by their first ROOT bits; longer ones go on in a second table of the remaining
 * bits. An entry of a table:
 *   bits 0-4    number of bits of the code (or codes)
 *   bits 5-6    number of literals, which follow in bits 8-31; if there is none:
 *   bits 8-10   what it is
 *   bits 11-15  number of extra bits of a length or distance, or of bits of the second table
 *   bits 16-31  base of the length or distance, or place of the second table
 * As digits have codes of three or four bits, up to three literals fit into one entry.
 */
enum { LITERAL_ROOT = 11, DISTANCE_ROOT = 8, LONGEST = 15, LITERALS = 288, DISTANCES = 32 };
enum { IS_BAD, IS_BASE, IS_END, IS_TABLE };

#define ENTRIES(root, symbols) ((1 << (root)) + ((symbols) << (LONGEST - (root))))

struct inflate {
    uint32_t literal[ENTRIES(LITERAL_ROOT, LITERALS)];
    uint32_t distance[ENTRIES(DISTANCE_ROOT, DISTANCES)];
    uint32_t several[1 << LITERAL_ROOT]; /* literal, with as many literals as fit */
};

struct input {
    const unsigned char *p, *end;
    uint64_t word;
    int n;    /* bits in word */
    int past; /* zero bytes that were added behind the end */
};

struct output {
    unsigned char *start, *p, *end;
};

struct inflate *inflate_new(void)
{
    return MEM_NEW(struct inflate, 1);
}

void inflate_free(struct inflate *w)
{
    free(w);
}

/* At least 56 bits in the word. */
static inline void refill(struct input *in)
{
    if (in->p <= in->end) {
        uint64_t next;
        memcpy(&next, in->p, 8);
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
        next = __builtin_bswap64(next);
#endif
        in->word |= next << in->n;
        in->p += (63 - in->n) >> 3;
        in->n |= 56;
        return;
    }
    for (; in->n < 56; in->n += 8)
        in->past++;
}

static inline unsigned take(struct input *in, int n)
{
    unsigned x = (unsigned)(in->word & ((1ull << n) - 1));
    in->word >>= n;
    in->n -= n;
    return x;
}

/* The first byte of which nothing has been taken. */
static const unsigned char *position(const struct input *in)
{
    return in->p + in->past - in->n / 8;
}

static uint32_t base_entry(int extra, unsigned base)
{
    return IS_BASE << 8 | (uint32_t)extra << 11 | (uint32_t)base << 16;
}

/* RFC 1951, 3.2.5 */
static uint32_t literal_entry(int symbol)
{
    if (symbol < 256)
        return 1 << 5 | (uint32_t)symbol << 8;
    if (symbol == 256)
        return IS_END << 8;
    if (symbol > 285)
        return IS_BAD << 8;
    if (symbol == 285)
        return base_entry(0, 258);
    int x = symbol - 257, extra = x < 8 ? 0 : x / 4 - 1;
    return base_entry(extra, 3 + (unsigned)(x < 8 ? x : (4 + x % 4) << extra));
}

static uint32_t distance_entry(int symbol)
{
    if (symbol > 29)
        return IS_BAD << 8;
    int extra = symbol < 4 ? 0 : symbol / 2 - 1;
    return base_entry(extra, 1 + (unsigned)(symbol < 4 ? symbol : (2 + symbol % 2) << extra));
}

static unsigned reversed(unsigned code, int bits)
{
    unsigned r = 0;
    for (; bits; bits--, code >>= 1)
        r = r << 1 | (code & 1);
    return r;
}

/* Where each length's codes begin; false if there are more codes than bits allow. */
static bool first_codes(const uint8_t *length, int symbols, unsigned next[LONGEST + 1])
{
    int count[LONGEST + 1] = {0}, left = 1;
    unsigned code = 0;
    for (int i = 0; i < symbols; i++)
        count[length[i]]++;
    count[0] = 0;
    for (int bits = 1; bits <= LONGEST; bits++) {
        left = 2 * left - count[bits];
        if (left < 0)
            return false;
        code = (code + (unsigned)count[bits - 1]) << 1;
        next[bits] = code;
    }
    return true;
}

/* Fill all places of a table of 2^size entries whose lower bits are the code. */
static void fill(uint32_t *table, int size, unsigned code, int bits, uint32_t entry)
{
    for (unsigned i = code; i < 1u << size; i += 1u << bits)
        table[i] = entry;
}

static bool make_table(uint32_t *table, int root, const uint8_t *length, int symbols,
                       uint32_t (*entry_of)(int symbol))
{
    unsigned next[LONGEST + 1], room = 1u << root;
    if (!first_codes(length, symbols, next))
        return false;
    memset(table, 0, sizeof *table << root); /* IS_BAD */
    for (int i = 0; i < symbols; i++) {
        int bits = length[i];
        if (!bits)
            continue;
        unsigned code = reversed(next[bits]++, bits);
        if (bits <= root) {
            fill(table, root, code, bits, entry_of(i) | (unsigned)bits);
            continue;
        }
        uint32_t *link = &table[code & ((1u << root) - 1)];
        if (!*link) {
            *link = IS_TABLE << 8 | room << 16;
            memset(table + room, 0, sizeof *table << (LONGEST - root));
            room += 1u << (LONGEST - root);
        }
        fill(table + (*link >> 16), LONGEST - root, code >> root, bits - root,
             entry_of(i) | (unsigned)bits);
    }
    return true;
}

/* Join literals whose codes together are within the root's bits. */
static void join_literals(struct inflate *w)
{
    for (unsigned i = 0; i < 1u << LITERAL_ROOT; i++) {
        uint32_t all = w->literal[i];
        int n = all >> 5 & 3;
        while (n && n < 3) {
            int bits = all & 31;
            uint32_t more = w->literal[i >> bits];
            int both = bits + (int)(more & 31);
            if ((more >> 5 & 3) != 1 || both > LITERAL_ROOT)
                break;
            all = (all & 0xffffff00) | (more >> 8 & 0xff) << (8 + 8 * n);
            all |= (uint32_t)++n << 5 | (uint32_t)both;
        }
        w->several[i] = all;
    }
}

static bool make_codes(struct inflate *w, const uint8_t *length, int literals, int distances)
{
    if (!make_table(w->literal, LITERAL_ROOT, length, literals, literal_entry) ||
        !make_table(w->distance, DISTANCE_ROOT, length + literals, distances, distance_entry))
        return false;
    join_literals(w);
    return true;
}

static bool fixed_codes(struct inflate *w)
{
    uint8_t length[LITERALS + DISTANCES];
    for (int i = 0; i < LITERALS; i++)
        length[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    memset(length + LITERALS, 5, DISTANCES);
    return make_codes(w, length, LITERALS, DISTANCES);
}

static uint32_t length_entry(int symbol)
{
    return base_entry(0, (unsigned)symbol);
}

/* Code lengths, themselves coded and run-length coded (RFC 1951, 3.2.7). */
static bool read_lengths(struct inflate *w, struct input *in, const uint8_t *code, uint8_t *length,
                         int n)
{
    if (!make_table(w->distance, DISTANCE_ROOT, code, 19, length_entry))
        return false;
    for (int i = 0; i < n;) {
        refill(in);
        uint32_t entry = w->distance[in->word & ((1u << DISTANCE_ROOT) - 1)];
        unsigned symbol = entry >> 16;
        if ((entry >> 8 & 7) != IS_BASE || in->past > 8)
            return false;
        take(in, entry & 31);
        if (symbol < 16) {
            length[i++] = (uint8_t)symbol;
            continue;
        }
        int run = symbol == 16   ? 3 + (int)take(in, 2)
                  : symbol == 17 ? 3 + (int)take(in, 3)
                                 : 11 + (int)take(in, 7);
        if (i + run > n || (symbol == 16 && i == 0))
            return false;
        memset(length + i, symbol == 16 ? length[i - 1] : 0, (size_t)run);
        i += run;
    }
    return true;
}

static bool own_codes(struct inflate *w, struct input *in)
{
    static const uint8_t order[19] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                      11, 4,  12, 3, 13, 2, 14, 1, 15};
    uint8_t code[19] = {0}, length[LITERALS + DISTANCES];
    refill(in);
    int literals = 257 + (int)take(in, 5), distances = 1 + (int)take(in, 5),
        codes = 4 + (int)take(in, 4);
    for (int i = 0; i < codes; i++) {
        refill(in);
        code[order[i]] = (uint8_t)take(in, 3);
    }
    return read_lengths(w, in, code, length, literals + distances) && length[256] &&
           make_codes(w, length, literals, distances);
}

static bool stored(struct input *in, struct output *out)
{
    take(in, in->n & 7);
    refill(in);
    unsigned n = take(in, 16), inverse = take(in, 16);
    const unsigned char *p = position(in); /* gives back what was read ahead */
    if (n != (~inverse & 0xffff) || p > in->end || n > (size_t)(in->end - p) ||
        n > (size_t)(out->end - out->p))
        return false;
    memcpy(out->p, p, n);
    out->p += n;
    *in = (struct input){.p = p + n, .end = in->end};
    return true;
}

static inline bool put_literals(struct output *out, uint32_t entry)
{
    int n = entry >> 5 & 3;
    if (out->end - out->p >= 4) {
        uint32_t bytes = entry >> 8;
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
        bytes = __builtin_bswap32(bytes);
#endif
        memcpy(out->p, &bytes, 4);
        out->p += n;
        return true;
    }
    for (entry >>= 8; n; n--, entry >>= 8) {
        if (out->p == out->end)
            return false;
        *out->p++ = (unsigned char)entry;
    }
    return true;
}

static inline bool copy(struct output *out, size_t length, size_t distance)
{
    size_t room = (size_t)(out->end - out->p);
    if (length > room || distance > (size_t)(out->p - out->start))
        return false;
    unsigned char *p = out->p, *end = p + length;
    const unsigned char *from = p - distance;
    out->p = end;
    if (distance >= 8 && room >= length + 8) {
        for (; p < end; p += 8, from += 8)
            memcpy(p, from, 8);
        return true;
    }
    while (p < end)
        *p++ = *from++;
    return true;
}

/* The repetition whose length has this entry. 48 bits are at hand: 15 + 5 + 15 + 13. */
static inline bool repeat(const struct inflate *w, struct input *in, struct output *out,
                          uint32_t entry)
{
    size_t length = (entry >> 16) + take(in, entry >> 11 & 31);
    uint32_t far = w->distance[in->word & ((1u << DISTANCE_ROOT) - 1)];
    if ((far >> 8 & 7) == IS_TABLE)
        far = w->distance[(far >> 16) +
                          (in->word >> DISTANCE_ROOT & ((1u << (LONGEST - DISTANCE_ROOT)) - 1))];
    if ((far >> 8 & 7) != IS_BASE)
        return false;
    take(in, far & 31);
    return copy(out, length, (far >> 16) + take(in, far >> 11 & 31));
}

static bool coded(const struct inflate *w, struct input *in, struct output *out)
{
    for (;;) {
        if (in->n < 48) {
            refill(in);
            if (in->past > 8)
                return false;
        }
        uint32_t entry = w->several[in->word & ((1u << LITERAL_ROOT) - 1)];
        if (!(entry & 0x60) && (entry >> 8 & 7) == IS_TABLE)
            entry = w->literal[(entry >> 16) +
                               (in->word >> LITERAL_ROOT & ((1u << (LONGEST - LITERAL_ROOT)) - 1))];
        take(in, entry & 31);
        if (entry & 0x60) {
            if (!put_literals(out, entry))
                return false;
            continue;
        }
        int kind = entry >> 8 & 7;
        if (kind != IS_BASE)
            return kind == IS_END;
        if (!repeat(w, in, out, entry))
            return false;
    }
}

bool inflate_unpack(struct inflate *w, const unsigned char *data, size_t n, unsigned char *text,
                    size_t length)
{
    struct input in = {.p = data, .end = data + n};
    struct output out = {text, text, text + length};
    bool last, good;
    do {
        refill(&in);
        last = take(&in, 1);
        unsigned kind = take(&in, 2);
        if (kind == 0)
            good = stored(&in, &out);
        else
            good = (kind == 1   ? fixed_codes(w)
                    : kind == 2 ? own_codes(w, &in)
                                : false) &&
                   coded(w, &in, &out);
    } while (good && !last && in.past <= 8);
    return good && out.p == out.end && position(&in) == in.end;
}
