/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/huffman.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct leaf {
    uint32_t frequency;
    int symbol;
};

static int rarer_first(const void *a, const void *b)
{
    const struct leaf *x = a, *y = b;
    if (x->frequency != y->frequency)
        return x->frequency < y->frequency ? -1 : 1;
    return x->symbol - y->symbol;
}

/* How many of the n >= 2 leaves have each number of bits. The two rarest nodes are joined until one
 * is left; leaves and joined nodes both come in rising order, so two queues do. */
static void count_depths(const struct leaf *leaf, int n, int *count)
{
    uint32_t weight[2 * HUFFMAN_SYMBOLS];
    int parent[2 * HUFFMAN_SYMBOLS] = {0}, depth[2 * HUFFMAN_SYMBOLS], next = 0, joined = n,
                   root = 2 * n - 2;
    for (int i = 0; i < n; i++)
        weight[i] = leaf[i].frequency;
    for (int node = n; node <= root; node++) {
        weight[node] = 0;
        for (int k = 0; k < 2; k++) {
            bool is_leaf = next < n && (joined >= node || weight[next] <= weight[joined]);
            int rarest = is_leaf ? next++ : joined++;
            weight[node] += weight[rarest];
            parent[rarest] = node;
        }
    }
    depth[root] = 0;
    for (int node = root - 1; node >= 0; node--) {
        depth[node] = depth[parent[node]] + 1;
        if (node < n)
            count[depth[node] < 63 ? depth[node] : 63]++;
    }
}

/* Bring leaves that lie too deep up to the limit: each pair of them takes a place next to a leaf that
 * goes down by one. The sum of 2^-bits stays 1. */
static void limit_depths(int *count, int limit)
{
    int above =
        0; /* in units of 2^-limit: how far the sum exceeds 1 once all are cut to the limit */
    for (int bits = 63; bits > limit; bits--) {
        count[limit] += count[bits];
        count[bits] = 0;
    }
    for (int bits = 1; bits <= limit; bits++)
        above += count[bits] << (limit - bits);
    for (above -= 1 << limit; above > 0; above--) {
        int bits = limit - 1;
        while (!count[bits])
            bits--;
        count[bits]--;
        count[bits + 1] += 2;
        count[limit]--;
    }
}

static uint16_t reversed(unsigned code, int bits)
{
    unsigned r = 0;
    for (; bits; bits--, code >>= 1)
        r = r << 1 | (code & 1);
    return (uint16_t)r;
}

static void assign_codes(struct huffman *h, int n, const int *count)
{
    unsigned next[HUFFMAN_BITS + 2] = {0}, code = 0;
    for (int bits = 1; bits <= HUFFMAN_BITS; bits++) {
        code = (code + (unsigned)(bits > 1 ? count[bits - 1] : 0)) << 1;
        next[bits] = code;
    }
    for (int i = 0; i < n; i++)
        if (h->length[i])
            h->code[i] = reversed(next[h->length[i]]++, h->length[i]);
}

void huffman_make(struct huffman *h, const uint32_t *frequency, int n, int limit)
{
    struct leaf leaf[HUFFMAN_SYMBOLS];
    int used = 0, count[64] = {0};
    memset(h, 0, sizeof *h);
    for (int i = 0; i < n; i++)
        if (frequency[i])
            leaf[used++] = (struct leaf){frequency[i], i};
    if (used == 0)
        return;
    qsort(leaf, (size_t)used, sizeof *leaf, rarer_first);
    if (used == 1)
        count[1] = 1;
    else
        count_depths(leaf, used, count);
    limit_depths(count, limit);
    for (int bits = limit, i = 0; bits > 0; bits--)
        for (int k = count[bits]; k > 0; k--)
            h->length[leaf[i++].symbol] = (uint8_t)bits;
    assign_codes(h, n, count);
}
