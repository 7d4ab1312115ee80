/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/density.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/threads.h"
#include "dft/exchange.h"
#include "dft/phases.h"

/* Orbitals b and, where two share a transform, b + 1 of one k point; narrow: room for two, or NULL for double
 * precision. */
static void add_unit(const struct state *s, const struct kstate *k, int b, double *rho,
                     float *narrow, void *scratch)
{
    const size_t size = k->waves->size;
    const int pair = k->waves->real && b + 1 < s->bands;
    const double scale = k->weight / s->grid->volume, *x = k->orbital + b * size;
    const double wa = scale * k->occupation[b], wb = pair ? scale * k->occupation[b + 1] : 0;
    if (!(wa > 0 || wb > 0))
        return;
    if (narrow) {
        for (size_t i = 0; i < (pair ? 2 : 1) * size; i++)
            narrow[i] = (float)x[i];
        waves_single_density(k->waves, wa, narrow, wb, pair ? narrow + size : NULL, rho, scratch);
    } else
        waves_density(k->waves, wa, x, wb, pair ? x + size : NULL, rho, scratch);
}

/* rho of the units whose number is `rank` modulo `threads`. */
static void add_units(const struct state *s, int rank, int threads, bool single, double *rho)
{
    size_t most = 0, size = 0;
    for (int j = 0; j < s->nk; j++) {
        const struct waves *w = s->k[j].waves;
        const size_t room = single ? waves_single_scratch(w) : waves_scratch(w);
        most = room > most ? room : most;
        size = (size_t)w->size > size ? (size_t)w->size : size;
    }
    void *scratch = mem_raw(most, single ? sizeof(float complex) : sizeof(double complex));
    float *narrow = single ? MEM_RAW(float, 2 * size) : NULL;
    memset(rho, 0, s->grid->points * sizeof *rho);
    for (int j = s->first, unit = 0; j < s->last; j++)
        for (int b = 0; b < s->bands; b += s->k[j].waves->real ? 2 : 1, unit++)
            if (unit % threads == rank)
                add_unit(s, &s->k[j], b, rho, narrow, scratch);
    free(scratch);
    free(narrow);
}

static void density(const struct state *s, bool single, double *rho)
{
    const int threads = threads_max();
    const size_t points = s->grid->points;
    double *part = MEM_RAW(double, points *(threads - 1));
#pragma omp parallel for schedule(static) num_threads(threads)
    for (int t = 0; t < threads; t++)
        add_units(s, t, threads, single, t ? part + (t - 1) * points : rho);
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < points; i++)
        for (int t = 0; t < threads - 1; t++)
            rho[i] += part[t * points + i];
    free(part);
    ranks_sum(s->ranks, points, rho);
}

void density_orbitals(const struct state *s, double *rho)
{
    density(s, false, rho);
}

void density_orbitals_single(const struct state *s, double *rho)
{
    const size_t points = s->grid->points;
    density(s, true, rho);
    const double scale = s->electrons / grid_integral(s->grid, rho, NULL);
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < points; i++)
        rho[i] *= scale;
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
    phases_sum(g, s->system->n, (const double(*)[3])s->system->pos, electrons, list);
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
    phases_forces(g, s->system->n, (const double(*)[3])s->system->pos, electrons, drift, force);
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
