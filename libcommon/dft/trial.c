/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Trial orbitals: the occupied Kohn-Sham orbitals of fixed occupations by least squares in atom-centred
 * Gaussians. With chi_mu a Bloch sum (basis/ao.h), S its overlap per cell and psi normalised in the cell,
 *
 *   C = M^-1 <chi|psi>,   captured norm of psi = C^T S C,
 *
 * M = S and a little more on its diagonal (projection_metric), real at a k with k = -k (dft/projection.h);
 * or, where these miss much, those of dft/lcao.h.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "basis/ao.h"
#include "dft/density.h"
#include "dft/lcao.h"
#include "dft/projection.h"
#include "dft/trial.h"
#include "maths/linalg.h"

#define WHOLE 1e-7  /* how far from 0 or 2 an occupation may be to count as that */
#define MISSED 0.01 /* spillage above which least squares are not trusted in open boundaries */

bool trial_by_energy(const struct dft *d, double spillage)
{
    bool missed = !d->system->periodic && spillage > MISSED;
    return d->settings.fit == DFT_FIT_ENERGY || (d->settings.fit == DFT_FIT_AUTO && missed);
}

/* One k point: coefficients into their places, the worst spillage. */
static enum status one_k(const struct dft *d, const struct ao *ao, int j, const struct basis *b,
                         struct dft_orbitals *o, struct err *err)
{
    int row = ao_functions(ao);
    double *overlap = MEM_NEW(double, (size_t)row *row),
           *metric = MEM_NEW(double, (size_t)row *row),
           *t = MEM_NEW(double, (size_t)o->orbitals *row);
    double *c = o->coefficient + (size_t)j * o->orbitals * row;
    struct projection *p = projection_new(d->state.k[j].waves, b, d->grid->volume);
    projection_overlaps(p, d->system, o->orbitals, d->state.k[j].orbital, c);
    ao_overlap(ao, j, overlap);
    projection_metric(row, overlap, metric);
    enum status status = linalg_cholesky(row, metric, NULL);
    if (status != ST_OK)
        err_set(err, ST_COMPUTE,
                "the functions of basis %s are linearly dependent in this cell; a smaller "
                "basis would be right",
                b->name);
    else
        linalg_cholesky_solve(row, metric, o->orbitals, c);
    linalg_gemm(LINALG_N, LINALG_N, o->orbitals, row, row, 1, c, overlap, 0, t);
    for (int n = 0; n < o->orbitals && status == ST_OK; n++) {
        double captured = 0;
        for (int f = 0; f < row; f++)
            captured += c[(size_t)n * row + f] * t[(size_t)n * row + f];
        o->spillage = fmax(o->spillage, fabs(1 - captured)); /* a small box captures too much */
    }
    o->energy_fit = trial_by_energy(d, o->spillage);
    if (status == ST_OK && o->energy_fit)
        status = lcao_orbitals(&d->state, &d->state.k[j], p, b->functions, o->orbitals, c, err);
    projection_free(p);
    free(overlap);
    free(metric);
    free(t);
    return status;
}

static enum status all_k(const struct dft *d, const struct basis *basis, struct dft_orbitals *o,
                         struct err *err)
{
    const struct state *s = &d->state;
    o->nk = s->nk;
    o->orbitals = (int)ceil(s->electrons / 2);
    o->functions = basis->functions;
    o->k = mem_new(s->nk, sizeof *o->k);
    o->coefficient = MEM_NEW(double, (size_t)s->system->n * s->nk * o->orbitals * basis->functions);
    for (int j = 0; j < s->nk; j++) {
        memcpy(o->k[j], s->k[j].waves->k, sizeof *o->k);
        if (!s->k[j].waves->real)
            return err_set(err, ST_USAGE,
                           "orbitals are real only at k points with k = -k; a mesh of 1 or 2 "
                           "points in each direction without shift would be right");
    }
    struct ao *ao = ao_new(d->system, basis, s->nk, (const double(*)[3])o->k, err);
    if (!ao)
        return err->status;
    enum status status = ST_OK;
    for (int j = 0; j < s->nk && status == ST_OK; j++)
        status = one_k(d, ao, j, basis, o, err);
    ao_free(ao);
    return status;
}

/* The state is that of exactly this system ... */
static bool same_system(const struct dft *d, const struct system *y)
{
    if (!d->filled || d->system->n != y->n || d->system->periodic != y->periodic ||
        memcmp(d->system->cell, y->cell, sizeof y->cell))
        return false;
    for (int i = 0; i < y->n; i++)
        for (int a = 0; a < 3; a++)
            if (d->system->element[i] != y->element[i] ||
                d->system->pos[i][a] != y->pos[i][a] + d->origin[a])
                return false;
    return true;
}

/* ... and holds whole pairs of electrons: nothing is left to converge. */
static bool converged(const struct dft *d, const struct system *y)
{
    if (!same_system(d, y) || fmod(d->state.electrons, 2) != 0 ||
        d->reached > d->settings.trial_residual)
        return false;
    for (int j = 0; j < d->state.nk; j++)
        for (int b = 0; b < d->state.bands; b++) {
            double whole = 2 * b < d->state.electrons ? 2 : 0;
            if (!(fabs(d->state.k[j].occupation[b] - whole) < WHOLE))
                return false;
        }
    return true;
}

/* Self-consistency with the lowest orbitals filled, from the hot ones of the same system where they are there. */
static enum status fixed_occupations(struct dft *d, const struct system *system, double *energy,
                                     struct err *err)
{
    struct scf_result scf = {0};
    const struct scf_aim aim = {
        .density = d->settings.trial_residual, .solved = same_system(d, system), .orbitals = true};
    if (!aim.solved && session_prepare(d, system, 0, err) != ST_OK)
        return err->status;
    const int before = d->filled ? d->state.bands : 0, bands = session_spare_bands(d);
    d->state.temperature = 0;
    d->filled = d->filled && before >= bands;
    session_bands(d, bands);
    const enum status status = scf_run(d, &aim, &scf, err);
    *energy = scf.free_energy;
    return status;
}

/* The occupied orbitals alone, with their density */
static void start_from(struct dft *d, const struct basis *basis, const struct dft_orbitals *from)
{
    struct state *s = &d->state;
    const size_t step = (size_t)from->orbitals * s->system->n * from->functions;
    session_bands(d, from->orbitals);
    d->filled = true;
    for (int j = 0; j < s->nk; j++) {
        struct kstate *k = &s->k[j];
        struct projection *p = projection_new(k->waves, basis, d->grid->volume);
        projection_expand(p, s->system, s->bands, from->coefficient + j * step, k->orbital);
        projection_free(p);
        for (int b = 0; b < s->bands; b++)
            k->occupation[b] = 2;
    }
    session_orthonormal(d);
    if (!d->filled)
        return;
    double *rho = MEM_RAW(double, d->grid->points);
    density_orbitals(s, rho);
    density_set(s, rho);
    free(rho);
}

enum status trial_restart(struct dft *d, const struct basis *basis, const struct dft_orbitals *from,
                          struct err *err)
{
    struct scf_result scf = {0};
    d->state.temperature = 0;
    start_from(d, basis, from);
    return scf_run(d, &(struct scf_aim){.density = FIRST_ORDER}, &scf, err);
}

static enum status check_basis(const struct basis *basis, struct err *err)
{
    for (int s = 0; s < basis->shells; s++)
        if (basis->shell[s].l > PROJECTION_LMAX)
            return err_set(err, ST_DATA,
                           "basis %s has a shell with l = %d; l up to %d would be right",
                           basis->name, basis->shell[s].l, PROJECTION_LMAX);
    return ST_OK;
}

enum status dft_trial(struct dft *d, const struct system *system, const struct basis *basis,
                      struct dft_orbitals *orbitals, struct err *err)
{
    memset(orbitals, 0, sizeof *orbitals);
    enum status status = check_basis(basis, err);
    if (status == ST_OK && converged(d, system)) {
        d->state.temperature = 0;
        orbitals->energy = state_energy(&d->state, NULL);
    } else if (status == ST_OK)
        status = fixed_occupations(d, system, &orbitals->energy, err);
    if (status == ST_OK)
        status = all_k(d, basis, orbitals, err);
    if (status != ST_OK)
        dft_orbitals_free(orbitals);
    return status;
}

void dft_orbitals_free(struct dft_orbitals *o)
{
    free(o->k);
    free(o->coefficient);
    o->k = NULL;
    o->coefficient = NULL;
}
