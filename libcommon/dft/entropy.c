/* SPDX-License-Identifier: GPL-3.0-or-later */
/* -T S of the Fermi-Dirac occupations: 2 kT sum_k w_k sum_n [x ln x + (1-x) ln(1-x)], x = f/2
 * (Mermin, Phys. Rev. 137, A1441 (1965)). */
#include <math.h>
#include "dft/state.h"

static double energy(const struct state *s, double *potential)
{
    (void)potential;
    double sum = 0;
    for (int j = 0; j < s->nk; j++)
        for (int b = 0; b < s->bands; b++) {
            double x = s->k[j].occupation[b] / 2;
            if (x > 0 && x < 1)
                sum += s->k[j].weight * (x * log(x) + (1 - x) * log1p(-x));
        }
    return 2 * s->temperature * sum;
}

const struct term entropy_term = {"entropy", energy, NULL, NULL};
