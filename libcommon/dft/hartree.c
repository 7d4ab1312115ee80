/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hartree energy: V/2 sum_G kernel(G) |rho(G)|^2. */
#include <stdlib.h>
#include "base/mem.h"
#include "dft/state.h"

static double norm(double complex z)
{
    return creal(z) * creal(z) + cimag(z) * cimag(z);
}

static double energy(const struct state *s, double *potential)
{
    const struct grid *g = s->poisson->grid;
    double sum = 0;
    for (int i = 0; i < g->ng; i++)
        sum += g->weight[i] * s->poisson->kernel[i] * norm(s->rho_list[i]);
    if (potential) {
        double complex *v = MEM_RAW(double complex, g->ng);
#pragma omp parallel for schedule(static)
        for (int i = 0; i < g->ng; i++)
            v[i] = s->poisson->kernel[i] * s->rho_list[i];
        poisson_add_field(s->poisson, v, potential);
        free(v);
    }
    return 0.5 * g->volume * sum;
}

/* V rho(G) stays: E = (V rho)^2 kernel / 2V, and G^2 changes by -2 G.strain.G. */
static void strain(const struct state *s, double out[3][3])
{
    const struct grid *g = s->poisson->grid;
    double e = energy(s, NULL);
    for (int a = 0; a < 3; a++)
        out[a][a] -= e;
    for (int i = 1; i < g->ng; i++) {
        double x = g->volume * g->weight[i] * s->poisson->slope[i] * norm(s->rho_list[i]);
        for (int a = 0; a < 9; a++)
            out[a / 3][a % 3] -= x * g->g[i][a / 3] * g->g[i][a % 3];
    }
}

const struct term hartree_term = {"hartree", energy, NULL, strain};
