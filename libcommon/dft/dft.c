/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/dft.h"
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "dft/correction.h"
#include "dft/density.h"
#include "dft/extrapolate.h"
#include "dft/session.h"

/* Of the bands that the next configuration starts with: a hundredth of what makes it ask for more */
#define KEPT_OCCUPATION 1e-8

const struct dft_settings dft_defaults = {
    .functional = "pbe",
    .ecut = 30,
    .mesh = {1, 1, 1},
    .basis_correction = true,
    .temperature = 0.00316681156, /* 1000 K */
    .tolerance = 1e-7,
    .trial_residual = 1,
    .max_iterations = 60,
    .padding = 7,
};

struct dft *dft_new(const struct dft_settings *settings, struct err *err)
{
    struct xc *xc = xc_new(settings->functional, err);
    if (!xc)
        return NULL;
    struct dft *d = MEM_NEW(struct dft, 1);
    d->settings = *settings;
    d->xc = xc;
    d->past = extrapolate_new();
    d->expected = SESSION_EXPECTED;
    d->pseudo = pseudo_table(xc_family(xc));
    for (struct pseudo *p = d->pseudo; p->element && settings->basis_correction; p++) {
        correction_apply(p, settings->ecut);
        if (settings->keep_waves) /* stress at a fixed set is what is asked for */
            p->pulay = 0;
    }
    return d;
}

void dft_free(struct dft *d)
{
    if (!d)
        return;
    session_clear(d);
    waves_plans_free(d->plans);
    extrapolate_free(d->past);
    xc_free(d->xc);
    free(d->pseudo);
    free(d);
}

bool dft_stopped(const struct dft *d)
{
    return d->stopped;
}

void dft_forget(struct dft *d)
{
    extrapolate_forget(d->past);
}

/* A copy in its box, as the grid has it; NULL of NULL */
static struct system *boxed(const struct dft_settings *settings, const struct system *y)
{
    double origin[3];
    struct system *copy = y ? system_copy(y) : NULL;
    if (!copy)
        return NULL;
    session_box(settings, y, copy->cell, origin);
    for (int i = 0; i < y->n; i++)
        for (int a = 0; a < 3; a++)
            copy->pos[i][a] += origin[a];
    return copy;
}

bool dft_follows(const struct dft_settings *settings, const struct system *now,
                 const struct system *before, const struct system *earlier)
{
    struct system *y[3] = {boxed(settings, now), boxed(settings, before), boxed(settings, earlier)};
    const bool near = extrapolate_near(y[0], y[1], y[2]);
    for (int i = 0; i < 3; i++)
        system_free(y[i]);
    return near;
}

/* Bands up to 14.5 kT above the Fermi energy, where f < 1e-6, of a free electron gas, and some more. */
static int guess_bands(const struct dft *d, const struct system *y)
{
    double electrons = 0, t = d->settings.temperature;
    for (int i = 0; i < y->n; i++)
        electrons += y->element[i];
    if (d->settings.bands > 0)
        return d->settings.bands;
    if (!(t > 0))
        return (int)ceil(electrons / 2);
    double volume = y->periodic ? fabs(system_det(y->cell)) : y->n * 50;
    double fermi = 0.5 * pow(3 * M_PI * M_PI * electrons / volume, 2.0 / 3);
    double above = pow(1 + 14.5 * t / fermi, 1.5);
    return (int)fmin(ceil(1.1 * above * electrons / 2) + 3, INT_MAX);
}

/* Bands to go on with: a gap leaves more of those guessed empty than there need be. */
static int occupied_bands(const struct dft *d)
{
    const struct state *s = &d->state;
    int bands = session_spare_bands(d);
    if (d->settings.bands > 0 || !(d->settings.temperature > 0))
        return s->bands;
    for (int j = 0; j < s->nk; j++)
        while (bands < s->bands && s->k[j].occupation[bands - 1] > KEPT_OCCUPATION)
            bands++;
    return bands < s->bands ? bands : s->bands;
}

static void fill_result(const struct dft *d, const struct scf_result *scf, struct dft_result *r)
{
    const struct state *s = &d->state;
    r->free_energy = state_energy(s, r->term);
    r->entropy_energy = 0 - entropy_term.energy(s, NULL); /* never -0 */
    r->energy = r->free_energy + r->entropy_energy;
    r->fermi = s->fermi;
    r->force = mem_new(s->system->n, 3 * sizeof(double));
    state_forces(s, r->force);
    density_drift_forces(s, r->force);
    if (s->system->periodic)
        state_stress(s, r->stress);
    r->iterations = scf->iterations;
    r->bands = s->bands;
    r->nk = s->nk;
    memcpy(r->grid, d->grid->n, sizeof r->grid);
    r->top_occupation = scf->top_occupation;
}

enum status dft_run(struct dft *d, const struct system *system, struct dft_result *result,
                    struct err *err)
{
    struct scf_result scf = {0};
    memset(result, 0, sizeof *result);
    int bands = guess_bands(d, system);
    enum status status = session_prepare(d, system, bands, err);
    if (status != ST_OK)
        return status;
    d->state.temperature = d->settings.temperature;
    if (d->filled)
        bands = d->enough > 0 && d->enough < d->state.bands ? d->enough : d->state.bands;
    session_bands(d, bands);
    status = scf_run(d, &(struct scf_aim){.density = FIRST_ORDER}, &scf, err);
    if (status == ST_OK) {
        fill_result(d, &scf, result);
        d->enough = ranks_most(d->settings.ranks, occupied_bands(d));
        extrapolate_store(d->past, &d->state, d->next);
    }
    return status;
}

void dft_result_free(struct dft_result *r)
{
    free(r->force);
    r->force = NULL;
}
