/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Repulsion of the nuclei: an Ewald sum in a background, or the plain sum in open boundaries. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "crystal/ewald.h"
#include "dft/state.h"

static double plain(const struct state *s, double (*gradient)[3])
{
    const struct system *y = s->system;
    double sum = 0;
    for (int i = 0; i < y->n; i++)
        for (int j = 0; j < i; j++) {
            double d[3], r2 = 0, zz = s->pseudo[i]->charge * s->pseudo[j]->charge;
            for (int a = 0; a < 3; a++) {
                d[a] = y->pos[i][a] - y->pos[j][a];
                r2 += d[a] * d[a];
            }
            double r = sqrt(r2);
            sum += zz / r;
            for (int a = 0; a < 3 && gradient; a++) {
                gradient[i][a] -= zz * d[a] / (r2 * r);
                gradient[j][a] += zz * d[a] / (r2 * r);
            }
        }
    return sum;
}

static double sum(const struct state *s, double (*gradient)[3], double strain[3][3])
{
    if (!s->system->periodic)
        return plain(s, gradient);
    struct ewald *e = ewald_new(s->grid->cell);
    double *charge = MEM_NEW(double, s->system->n);
    for (int i = 0; i < s->system->n; i++)
        charge[i] = s->pseudo[i]->charge;
    double energy = ewald_energy(e, s->system->n, s->system->pos, charge, gradient, strain);
    free(charge);
    ewald_free(e);
    return energy;
}

static double energy(const struct state *s, double *potential)
{
    (void)potential;
    return sum(s, NULL, NULL);
}

static void force(const struct state *s, double (*out)[3])
{
    double(*gradient)[3] = mem_new(s->system->n, 3 * sizeof(double));
    sum(s, gradient, NULL);
    for (int i = 0; i < s->system->n; i++)
        for (int d = 0; d < 3; d++)
            out[i][d] -= gradient[i][d];
    free(gradient);
}

static void strain(const struct state *s, double out[3][3])
{
    double part[3][3] = {{0}};
    if (s->system->periodic)
        sum(s, NULL, part);
    for (int d = 0; d < 9; d++)
        out[d / 3][d % 3] += part[d / 3][d % 3];
}

const struct term nuclei_term = {"nuclei", energy, force, strain};
