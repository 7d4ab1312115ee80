/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "crystal/neighbour.h"

/* Atoms sorted into bins; bins that share a slot of the hash table are told apart by their index.
 */
struct bins {
    const struct system *s;
    double cell[3][3]; /* reduced */
    int map[3][3];     /* reduced = map . cell of the system */
    double cutoff2;
    long count[3];    /* bins per axis; 0: open */
    int reach[3];     /* bins to look at on either side */
    uint64_t mask;    /* slots - 1 */
    int *first;       /* slots + 1 */
    int *order;       /* atoms by slot */
    long (*bin)[3];   /* of each atom */
    int (*image)[3];  /* lattice vector (of the reduced cell) in which the atom stands */
    double (*pos)[3]; /* wrapped into the reduced cell */
};

static uint64_t slot_of(const struct bins *b, const long bin[3])
{
    uint64_t h = (uint64_t)bin[0] * 0x9e3779b97f4a7c15u;
    h = (h ^ (h >> 29)) + (uint64_t)bin[1] * 0xbf58476d1ce4e5b9u;
    h = (h ^ (h >> 31)) + (uint64_t)bin[2] * 0x94d049bb133111ebu;
    return (h ^ (h >> 32)) & b->mask;
}

static void place_periodic(struct bins *b, const double inv[3][3], int atom)
{
    const double *r = b->s->pos[atom];
    for (int i = 0; i < 3; i++) {
        double f = r[0] * inv[0][i] + r[1] * inv[1][i] + r[2] * inv[2][i];
        double whole = floor(f);
        b->image[atom][i] = (int)whole;
        long bin = (long)((f - whole) * (double)b->count[i]);
        b->bin[atom][i] = bin < b->count[i] ? bin : b->count[i] - 1;
    }
    const int *n = b->image[atom];
    for (int x = 0; x < 3; x++)
        b->pos[atom][x] = r[x] - n[0] * b->cell[0][x] - n[1] * b->cell[1][x] - n[2] * b->cell[2][x];
}

static void place_open(struct bins *b, double cutoff, int atom)
{
    for (int i = 0; i < 3; i++) {
        b->pos[atom][i] = b->s->pos[atom][i];
        b->bin[atom][i] = (long)fmin(fmax(floor(b->pos[atom][i] / cutoff), -1e15), 1e15);
    }
}

/* Counting sort by slot. */
static void sort_bins(struct bins *b)
{
    int n = b->s->n;
    uint64_t slots = 16;
    while (slots < 2 * (uint64_t)n)
        slots *= 2;
    b->mask = slots - 1;
    b->first = MEM_NEW(int, slots + 1);
    b->order = MEM_NEW(int, n);
    for (int i = 0; i < n; i++)
        b->first[slot_of(b, b->bin[i]) + 1]++;
    for (uint64_t k = 0; k < slots; k++)
        b->first[k + 1] += b->first[k];
    int *next = MEM_NEW(int, slots);
    memcpy(next, b->first, slots * sizeof *next);
    for (int i = 0; i < n; i++)
        b->order[next[slot_of(b, b->bin[i])]++] = i;
    free(next);
}

static void bins_make(struct bins *b, const struct system *s, double cutoff)
{
    double inv[3][3];
    size_t n = (size_t)s->n;
    *b = (struct bins){.s = s, .cutoff2 = cutoff * cutoff, .reach = {1, 1, 1}};
    b->bin = mem_new(n, sizeof *b->bin);
    b->image = mem_new(n, sizeof *b->image);
    b->pos = mem_new(n, sizeof *b->pos);
    if (s->periodic) {
        system_reduce(s->cell, b->cell, b->map);
        system_inverse(b->cell, inv);
        for (int i = 0; i < 3; i++) {
            double height =
                1 / sqrt(inv[0][i] * inv[0][i] + inv[1][i] * inv[1][i] + inv[2][i] * inv[2][i]);
            b->count[i] = (long)fmin(fmax(floor(height / cutoff), 1), 1 << 20);
            b->reach[i] = (int)ceil(cutoff * (double)b->count[i] / height * (1 - 1e-14));
        }
    }
    for (int i = 0; i < s->n; i++)
        if (s->periodic)
            place_periodic(b, inv, i);
        else
            place_open(b, cutoff, i);
    sort_bins(b);
}

static void bins_free(struct bins *b)
{
    free(b->first);
    free(b->order);
    free(b->bin);
    free(b->image);
    free(b->pos);
}

/* Bin and lattice vector at `step` bins from bin: the step wraps around a periodic cell. */
static void step_bin(const struct bins *b, const long bin[3], const int step[3], long to[3],
                     int shift[3])
{
    for (int i = 0; i < 3; i++) {
        to[i] = bin[i] + step[i];
        shift[i] = 0;
        if (b->count[i]) {
            long turns = to[i] >= 0 ? to[i] / b->count[i] : -((-to[i] - 1) / b->count[i]) - 1;
            to[i] -= turns * b->count[i];
            shift[i] = (int)turns;
        }
    }
}

/* Where a walk over the pairs of one atom writes them; each array may be NULL (only count). */
struct sink {
    size_t count, room; /* the walk stops when count reaches room */
    int *atom;
    int (*shift)[3];
    double (*d)[3];
};

static void put_pair(const struct bins *b, int i, int j, const int shift[3], const double d[3],
                     struct sink *out)
{
    size_t at = out->count++;
    if (!out->atom)
        return;
    int turn[3];
    out->atom[at] = j;
    memcpy(out->d[at], d, sizeof out->d[at]);
    for (int x = 0; x < 3; x++)
        turn[x] = shift[x] - b->image[j][x] + b->image[i][x];
    for (int x = 0; x < 3; x++)
        out->shift[at][x] =
            turn[0] * b->map[0][x] + turn[1] * b->map[1][x] + turn[2] * b->map[2][x];
}

/* Pairs of atom i with the atoms of one bin, displaced by shift. */
static void walk_bin(const struct bins *b, int i, const long bin[3], const int shift[3],
                     struct sink *out)
{
    double origin[3];
    for (int x = 0; x < 3; x++)
        origin[x] = shift[0] * b->cell[0][x] + shift[1] * b->cell[1][x] + shift[2] * b->cell[2][x] -
                    b->pos[i][x];
    bool home = !shift[0] && !shift[1] && !shift[2];
    uint64_t slot = slot_of(b, bin);
    for (int k = b->first[slot]; k < b->first[slot + 1] && out->count < out->room; k++) {
        int j = b->order[k];
        const long *at = b->bin[j];
        if ((home && i == j) || at[0] != bin[0] || at[1] != bin[1] || at[2] != bin[2])
            continue;
        double d[3] = {b->pos[j][0] + origin[0], b->pos[j][1] + origin[1],
                       b->pos[j][2] + origin[2]};
        if (d[0] * d[0] + d[1] * d[1] + d[2] * d[2] < b->cutoff2)
            put_pair(b, i, j, shift, d, out);
    }
}

static void walk_atom(const struct bins *b, int i, struct sink *out)
{
    int step[3], shift[3];
    long to[3];
    for (step[0] = -b->reach[0]; step[0] <= b->reach[0]; step[0]++)
        for (step[1] = -b->reach[1]; step[1] <= b->reach[1]; step[1]++)
            for (step[2] = -b->reach[2]; step[2] <= b->reach[2]; step[2]++) {
                step_bin(b, b->bin[i], step, to, shift);
                walk_bin(b, i, to, shift, out);
            }
}

struct neighbour *neighbour_new(const struct system *s, double cutoff)
{
    struct bins b;
    struct neighbour *list = MEM_NEW(struct neighbour, 1);
    list->n = s->n;
    list->first = MEM_NEW(size_t, s->n + 1);
    bins_make(&b, s, cutoff);
#pragma omp parallel for schedule(static) if (s->n > 1000)
    for (int i = 0; i < s->n; i++) {
        struct sink count = {.room = SIZE_MAX};
        walk_atom(&b, i, &count);
        list->first[i + 1] = count.count;
    }
    for (int i = 0; i < s->n; i++)
        list->first[i + 1] += list->first[i];
    size_t pairs = list->first[s->n];
    list->atom = MEM_NEW(int, pairs);
    list->shift = mem_new(pairs, sizeof *list->shift);
    list->d = mem_new(pairs, sizeof *list->d);
#pragma omp parallel for schedule(static) if (s->n > 1000)
    for (int i = 0; i < s->n; i++) {
        struct sink out = {.count = list->first[i],
                           .room = list->first[i + 1],
                           .atom = list->atom,
                           .shift = list->shift,
                           .d = list->d};
        walk_atom(&b, i, &out);
    }
    bins_free(&b);
    return list;
}

void neighbour_free(struct neighbour *list)
{
    if (!list)
        return;
    free(list->first);
    free(list->atom);
    free(list->shift);
    free(list->d);
    free(list);
}

bool neighbour_closer(const struct system *s, double distance, int *i, int *j, double *found)
{
    struct bins b;
    bool any = false;
    int atom, shift[1][3];
    double d[1][3];
    bins_make(&b, s, distance);
    for (int a = 0; a < s->n && !any; a++) {
        struct sink out = {.room = 1, .atom = &atom, .shift = shift, .d = d};
        walk_atom(&b, a, &out);
        if (out.count) {
            any = true;
            *i = a < atom ? a : atom;
            *j = a < atom ? atom : a;
            *found = sqrt(d[0][0] * d[0][0] + d[0][1] * d[0][1] + d[0][2] * d[0][2]);
        }
    }
    bins_free(&b);
    return any;
}
