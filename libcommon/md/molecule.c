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

int molecule_find(const struct system *s, double bond, int partner[])
{
    struct neighbour *list = neighbour_new(s, bond);
    int *near = MEM_NEW(int, s->n), molecules = 0;
    for (int i = 0; i < s->n; i++)
        near[i] = nearest(list, i);
    for (int i = 0; i < s->n; i++) {
        bool mutual = near[i] >= 0 && near[near[i]] == i;
        partner[i] = mutual ? near[i] : -1;
        molecules += mutual && near[i] > i;
    }
    neighbour_free(list);
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
