/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/density.h"
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/threads.h"
#include "dft/exchange.h"

/* Orbitals b and, where two share a transform, b + 1 of one k point. */
static void add_unit(const struct state *s, const struct kstate *k, int b, double *rho,
                     double complex *scratch)
{
    size_t size = k->waves->size;
    int pair = k->waves->real && b + 1 < s->bands;
    double scale = k->weight / s->grid->volume;
    double wa = scale * k->occupation[b], wb = pair ? scale * k->occupation[b + 1] : 0;
    if (wa > 0 || wb > 0)
        waves_density(k->waves, wa, k->orbital + b * size, wb,
                      pair ? k->orbital + (b + 1) * size : NULL, rho, scratch);
}

void density_orbitals(const struct state *s, double *rho)
{
    int threads = threads_max(), used = 1;
    size_t points = s->grid->points, most = 0;
    double *part = MEM_NEW(double, points *threads);
    for (int j = 0; j < s->nk; j++)
        if (waves_scratch(s->k[j].waves) > most)
            most = waves_scratch(s->k[j].waves);
    double complex *scratch = MEM_RAW(double complex, most *threads);
#pragma omp parallel for schedule(static) num_threads(threads)
    for (int t = 0; t < threads; t++) /* thread t: every threads-th unit */
        for (int j = 0, unit = 0; j < s->nk; j++)
            for (int b = 0; b < s->bands; b += s->k[j].waves->real ? 2 : 1, unit++)
                if (unit % threads == t)
                    add_unit(s, &s->k[j], b, part + t * points, scratch + t * most);
    memcpy(rho, part, points * sizeof *rho);
    for (; used < threads; used++)
        for (size_t i = 0; i < points; i++)
            rho[i] += part[used * points + i];
    free(part);
    free(scratch);
}

/* exp(-2r)/pi has the Fourier transform (1 + G^2/4)^-2. */
static double atom(double g2)
{
    const double u = 1 + g2 / 4;
    return 1 / (u * u);
}

/* Electrons of each free atom: their charges, scaled to the electrons of the state. */
static double *atom_electrons(const struct state *s)
{
    double *electrons = MEM_RAW(double, s->system->n), total = 0;
    for (int a = 0; a < s->system->n; a++)
        total += s->pseudo[a]->charge;
    for (int a = 0; a < s->system->n; a++)
        electrons[a] = s->pseudo[a]->charge * s->electrons / total;
    return electrons;
}

void density_atoms_list(const struct state *s, double complex *list)
{
    const struct grid *g = s->grid;
    double *electrons = atom_electrons(s);
    grid_structure(g, s->system->n, (const double(*)[3])s->system->pos, electrons, list);
    for (int i = 0; i < g->ng; i++)
        list[i] *= atom(g->g2[i]) / g->volume;
    free(electrons);
}

void density_atoms(const struct state *s, double *rho)
{
    double complex *list = MEM_RAW(double complex, s->grid->ng);
    density_atoms_list(s, list);
    grid_from_list(s->grid, list, rho);
    free(list);
}

void density_drift_forces(const struct state *s, double (*force)[3])
{
    const struct grid *g = s->grid;
    double complex *drift = MEM_RAW(double complex, g->ng);
    double *electrons = atom_electrons(s);
    grid_to_list(g, s->drift, drift);
    for (int i = 0; i < g->ng; i++)
        drift[i] *= g->weight[i] * atom(g->g2[i]);
    grid_forces(g, s->system->n, (const double(*)[3])s->system->pos, electrons, drift, force);
    free(drift);
    free(electrons);
}

void density_set(struct state *s, const double *rho)
{
    if (rho != s->rho)
        memcpy(s->rho, rho, s->grid->points * sizeof *rho);
    exchange_forget(s->exchange);
    poisson_to_list(s->poisson, s->rho, s->rho_list);
}
