/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where walkers begin: one electron per unit of nuclear charge, spins alternating along close pairs
 * of atoms, so that molecules far apart begin neutral and unpolarised. */
#include "qmc/walkers.h"
#include "base/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SPREAD 0.7 /* bohr, standard deviation about the nucleus */

struct pair {
    double distance;
    int a, b;
};

static int by_distance(const void *p, const void *q)
{
    const struct pair *x = p, *y = q;
    if (x->distance != y->distance)
        return x->distance < y->distance ? -1 : 1;
    return x->a != y->a ? x->a - y->a : x->b - y->b;
}

/* order[]: atoms so that 2m and 2m+1 are each other's closest partners still free. */
static void pair_atoms(const struct system *s, int order[])
{
    int pairs = 0, n = 0;
    struct pair *pair = mem_new((size_t)s->n * (s->n - 1) / 2 + 1, sizeof *pair);
    char *used = mem_new(s->n, 1);
    for (int a = 0; a < s->n; a++)
        for (int b = a + 1; b < s->n; b++) {
            double d[3];
            for (int c = 0; c < 3; c++)
                d[c] = s->pos[b][c] - s->pos[a][c];
            system_minimum_image(s, d, d);
            pair[pairs++] = (struct pair){sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]), a, b};
        }
    qsort(pair, pairs, sizeof *pair, by_distance);
    for (int p = 0; p < pairs; p++) {
        if (used[pair[p].a] || used[pair[p].b])
            continue;
        used[order[n++] = pair[p].a] = 1;
        used[order[n++] = pair[p].b] = 1;
    }
    for (int a = 0; a < s->n; a++)
        if (!used[a])
            order[n++] = a;
    free(pair);
    free(used);
}

/* An electron of the wanted spin, or of the other one when there are none left; -1 at the end. */
static int next_electron(const struct wavefunction *psi, int spin, int given[2])
{
    int limit[2] = {psi->up, psi->down};
    if (given[spin] == limit[spin])
        spin = 1 - spin;
    if (given[spin] == limit[spin])
        return -1;
    return (spin ? psi->up : 0) + given[spin]++;
}

static void put(struct walkers *w, int k, int electron, const double at[3], struct rng *rng)
{
    for (int c = 0; electron >= 0 && c < 3; c++)
        w->pos[k * w->psi->electrons + electron][c] = at[c] + SPREAD * rng_normal(rng);
}

void walkers_place(struct walkers *w, int k, struct rng *rng)
{
    const struct system *s = w->psi->system;
    int *order = mem_new(s->n, sizeof *order), given[2] = {0, 0}, spin = 0;
    pair_atoms(s, order);
    for (int a = 0; a < s->n; a++) {
        if (a % 2 == 0)
            spin = rng_below(rng, 2);
        for (int z = 0; z < s->element[order[a]]; z++, spin = 1 - spin)
            put(w, k, next_electron(w->psi, spin, given), s->pos[order[a]], rng);
    }
    for (int a = 0; given[0] + given[1] < w->psi->electrons; a++, spin = 1 - spin) /* anions */
        put(w, k, next_electron(w->psi, spin, given), s->pos[a % s->n], rng);
    free(order);
}
