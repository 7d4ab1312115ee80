/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "md/molecule.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "crystal/neighbour.h"

/* Nearest neighbour of atom i in the list, -1 if there is none (or only its own image). */
static int nearest(const struct neighbour *list, int i)
{
    double least = HUGE_VAL;
    int best = -1;
    for (size_t k = list->first[i]; k < list->first[i + 1]; k++) {
        const double *d = list->d[k];
        double square = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
        if (square < least) {
            least = square;
            best = list->atom[k];
        }
    }
    return best == i ? -1 : best;
}

/* A length within which an atom of a fluid has a neighbour or few, bohr. */
static double spacing(const struct system *s)
{
    double extent = 0;
    if (s->periodic)
        return cbrt(system_volume(s) / s->n);
    for (int c = 0; c < 3; c++) {
        double low = HUGE_VAL, high = -HUGE_VAL;
        for (int i = 0; i < s->n; i++) {
            low = fmin(low, s->pos[i][c]);
            high = fmax(high, s->pos[i][c]);
        }
        extent = fmax(extent, high - low);
    }
    return extent / cbrt(s->n);
}

/* near[n]: the nearest neighbours, -1 where there is none within bond. Returns whether all have one. */
static bool find_near(const struct system *s, double bond, int near[])
{
    struct neighbour *list = neighbour_new(s, bond);
    bool all = true;
    for (int i = 0; i < s->n; i++) {
        near[i] = nearest(list, i);
        all = all && near[i] >= 0;
    }
    neighbour_free(list);
    return all;
}

/* No nearest neighbour, be that an image of the atom itself, is further away. */
static double furthest(const struct system *s)
{
    double least = HUGE_VAL;
    for (int c = 0; c < 3 && s->periodic; c++)
        least = fmin(least, hypot(hypot(s->cell[c][0], s->cell[c][1]), s->cell[c][2]));
    return least;
}

/* The time must not grow with a bond that is much longer than needed: atoms further away than the nearest count for nothing,
 * nor do those further away than an atom's own image. */
static void find_nearest(const struct system *s, double bond, int near[])
{
    double most = fmin(bond, furthest(s));
    double within = fmin(most, spacing(s));
    while (!find_near(s, within, near) && within < most)
        within = fmin(most, 2 * within);
}

int molecule_find(const struct system *s, double bond, int partner[])
{
    int *near = MEM_NEW(int, s->n), molecules = 0;
    for (int i = 0; i < s->n; i++)
        near[i] = partner[i] = -1;
    if (s->n > 1)
        find_nearest(s, bond, near);
    for (int i = 0; i < s->n; i++) {
        bool mutual = near[i] >= 0 && near[near[i]] == i;
        partner[i] = mutual ? near[i] : -1;
        molecules += mutual && near[i] > i;
    }
    free(near);
    return molecules;
}

void molecule_follow(struct molecule_life *life, int n, const int partner[], double time,
                     bool begin)
{
    bool follows = life->started && !begin && n == life->n;
    for (int i = 0; follows && i < n; i++)
        if (life->partner[i] > i) {
            life->seen += time - life->last;
            life->broken += partner[i] != life->partner[i];
        }
    if (n > life->n)
        life->partner = mem_grow(life->partner, life->n, n, sizeof *partner);
    memcpy(life->partner, partner, sizeof *partner * n);
    life->n = n;
    life->last = time;
    life->started = true;
}

double molecule_lifetime(const struct molecule_life *life)
{
    if (!(life->seen > 0))
        return NAN;
    return life->broken > 0 ? life->seen / life->broken : INFINITY;
}

void molecule_free(struct molecule_life *life)
{
    free(life->partner);
}
