/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The local energy E_L = -1/2 sum_i lap_i Psi / Psi + V with ln Psi = ln D + J:
 *   lap_i Psi / Psi = lap_i D / D + 2 grad_i ln D . grad_i J + lap_i J + |grad_i J|^2.
 */
#include "qmc/scratch.h"
#include "qmc/slater.h"
#include <string.h>

/* grad ln D of each electron and sum_i lap_i D / D of walker k */
static void slater_part(struct walkers *w, int k)
{
    const struct wavefunction *psi = w->psi;
    w->slater_laplacian[k] = 0;
    for (int i = 0; i < psi->electrons; i++) {
        int spin = i >= psi->up, n = spin ? psi->down : psi->up, row = spin ? i - psi->up : i;
        const double *b = walkers_inverse(w, k, spin) + row * n;
        const double *orbital = w->orbital + ((size_t)k * psi->electrons + i) * 5 * psi->orbitals;
        for (int c = 0; c < 3; c++)
            w->slater[k * psi->electrons + i][c] =
                slater_dot(n, orbital + (c + 1) * psi->orbitals, b);
        w->slater_laplacian[k] += slater_dot(n, orbital + 4 * psi->orbitals, b);
    }
}

/* On entry velocity = grad J */
static void join_jastrow(struct walkers *w, int k)
{
    int electrons = w->psi->electrons;
    const double *laplacian = w->scratch->laplacian + (size_t)k * electrons;
    double sum = w->slater_laplacian[k];
    for (int i = 0; i < electrons; i++) {
        double *v = w->velocity[k * electrons + i];
        const double *d = w->slater[k * electrons + i];
        sum += laplacian[i];
        for (int c = 0; c < 3; c++) {
            sum += v[c] * (2 * d[c] + v[c]);
            v[c] += d[c];
        }
    }
    w->kinetic[k] = -sum / 2;
}

void walkers_energy(struct walkers *w)
{
    coulomb_evaluate(w->psi->coulomb, w->n, (const double(*)[3])w->pos, w->scratch->coulomb,
                     w->coulomb);
    for (int k = 0; k < w->n; k++) {
        slater_part(w, k);
        join_jastrow(w, k);
        w->energy[k] = w->kinetic[k] + w->coulomb[k].ee + w->coulomb[k].en + w->coulomb[k].nn;
    }
}

void walkers_measure(struct walkers *w)
{
    const struct wavefunction *psi = w->psi;
    struct walkers_scratch *s = w->scratch;
    size_t all = (size_t)w->n * psi->electrons;
    if (psi->jastrow)
        jastrow_all(psi->jastrow, walkers_jastrow(w), w->n, (const double(*)[3])w->pos, s->value,
                    w->velocity, s->laplacian);
    else {
        memset(w->velocity, 0, all * sizeof *w->velocity);
        memset(s->laplacian, 0, all * sizeof *s->laplacian);
    }
    walkers_energy(w);
}
