/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/minimise.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "dft/block.h"
#include "dft/density.h"
#include "dft/session.h"
#include "dft/solver.h"

/* Conjugacy is lost as the space turns, most where levels are degenerate: steepest descent now and then
 * (Powell, Math. Program. 12, 241 (1977)) saves a perfect crystal hundreds of steps. */
enum { RENEW = 12 };

#define ROUNDING 1e-15 /* of an energy, relative */
#define FIRST_STEP 0.4 /* of the preconditioned gradient, in 1/Ha */

/* Arrays per k point: [occupied][size]. */
struct minimise {
    struct state *s;
    int occupied;
    double **start;     /* orbitals at the beginning of a line */
    double **gradient;  /* (1 - P) H C */
    double **direction; /* orthogonal to the orbitals */
    double *potential, *rho;
    int directions;  /* so far */
    double slope;    /* dE along the direction at its beginning */
    double steepest; /* <g|K g> of this and of the last step: Fletcher & Reeves */
    double step;     /* length that minimised the last line */
};

static double **new_blocks(const struct state *s, int occupied)
{
    double **x = MEM_NEW(double *, s->nk);
    for (int j = 0; j < s->nk; j++)
        x[j] = MEM_NEW(double, (size_t)occupied *(size_t)s->k[j].waves->size);
    return x;
}

static void free_blocks(const struct state *s, double **x)
{
    for (int j = 0; j < s->nk; j++)
        free(x[j]);
    free(x);
}

static size_t numbers(const struct minimise *m, int j)
{
    return (size_t)m->occupied * (size_t)m->s->k[j].waves->size;
}

static double dot(size_t n, const double *a, const double *b)
{
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Energy of the present orbitals; their density and its potential become the state's. */
static double energy_here(struct minimise *m)
{
    struct state *s = m->s;
    density_orbitals(s, m->rho);
    density_set(s, m->rho);
    return state_density_energy(s, m->potential) + kinetic_term.energy(s, NULL) +
           nuclei_term.energy(s, NULL);
}

/* x -= C <C|x> for the occupied orbitals C of k point j. */
static void project_out(const struct minimise *m, int j, double *x)
{
    const struct kstate *k = &m->s->k[j];
    const struct block block = {k->waves->real, k->waves->size};
    const int n = m->occupied;
    double *overlap = MEM_NEW(double, (size_t)n *n *block_scalars(&block));
    block_inner(&block, n, k->orbital, n, x, overlap);
    block_combine(&block, -1, n, k->orbital, n, overlap, n, 1, x);
    free(overlap);
}

/* Occupied orbitals of k point j become eigenstates of H within their space; out = H C. */
static bool rotate(struct minimise *m, int j, double *out)
{
    struct kstate *k = &m->s->k[j];
    const struct block block = {k->waves->real, k->waves->size};
    const int n = m->occupied;
    const size_t bytes = numbers(m, j) * sizeof(double);
    double *h = MEM_NEW(double, (size_t)n *n *block_scalars(&block));
    double *copy = MEM_NEW(double, numbers(m, j));
    solver_apply(k->waves, m->potential, n, k->orbital, out);
    block_inner(&block, n, k->orbital, n, out, h);
    const bool good = block_eigen(&block, n, h, k->eigenvalue) && isfinite(k->eigenvalue[0]);
    if (good) {
        memcpy(copy, k->orbital, bytes);
        block_combine(&block, 1, n, copy, n, h, n, 0, k->orbital);
        memcpy(copy, out, bytes);
        block_combine(&block, 1, n, copy, n, h, n, 0, out);
        /* the old direction stays conjugate only in the rotated basis */
        memcpy(copy, m->direction[j], bytes);
        block_combine(&block, 1, n, copy, n, h, n, 0, m->direction[j]);
    }
    free(copy);
    free(h);
    return good;
}

/* Gradient, preconditioned and conjugate to the last direction, at every k. */
static bool new_direction(struct minimise *m)
{
    const double last = m->steepest;
    double **k_gradient = new_blocks(m->s, m->occupied);
    bool good = true;
    m->steepest = m->slope = 0;
    for (int j = 0; j < m->s->nk && good; j++) {
        const struct kstate *k = &m->s->k[j];
        good = rotate(m, j, m->gradient[j]);
        project_out(m, j, m->gradient[j]);
        memcpy(k_gradient[j], m->gradient[j], numbers(m, j) * sizeof(double));
        solver_precondition(k->waves, m->occupied, k->orbital, k_gradient[j]);
        project_out(m, j, k_gradient[j]);
        m->steepest += k->weight * dot(numbers(m, j), m->gradient[j], k_gradient[j]);
    }
    const double beta = last > 0 && ++m->directions % RENEW ? m->steepest / last : 0;
    for (int j = 0; j < m->s->nk && good; j++) {
        double *d = m->direction[j];
        for (size_t i = 0; i < numbers(m, j); i++)
            d[i] = beta * d[i] - k_gradient[j][i];
        project_out(m, j, d);
        m->slope += 4 * m->s->k[j].weight * dot(numbers(m, j), m->gradient[j], d);
        memcpy(m->start[j], m->s->k[j].orbital, numbers(m, j) * sizeof(double));
    }
    free_blocks(m->s, k_gradient);
    return good;
}

/* Forget the last direction: steepest descent. */
static void restart(struct minimise *m)
{
    m->slope = 0;
    for (int j = 0; j < m->s->nk; j++) {
        double *d = m->direction[j];
        memset(d, 0, numbers(m, j) * sizeof *d);
    }
    m->steepest = 0;
}

/* Energy at start + t direction, made orthonormal. */
static double energy_along(struct minimise *m, double t)
{
    for (int j = 0; j < m->s->nk; j++) {
        const struct kstate *k = &m->s->k[j];
        const struct block block = {k->waves->real, k->waves->size};
        for (size_t i = 0; i < numbers(m, j); i++)
            k->orbital[i] = m->start[j][i] + t * m->direction[j][i];
        if (!block_orthonormal(&block, m->occupied, k->orbital))
            return INFINITY;
    }
    return energy_here(m);
}

/* Minimum along the line by a parabola through the energy, its slope and one trial; the energy there,
 * which is never above the one at the beginning. */
static double line(struct minimise *m, double energy)
{
    double t = m->step, trial = energy_along(m, t);
    while (!(trial < energy + 0.1 * fabs(m->slope) * t) && t > 1e-6 * FIRST_STEP) {
        t *= 0.25;
        trial = energy_along(m, t);
    }
    const double bend = (trial - energy - m->slope * t) / (t * t);
    double best = bend > 0 ? -m->slope / (2 * bend) : 3 * t;
    best = fmin(best, 3 * t);
    const double found = energy_along(m, best);
    m->step = fmin(fmax(best, 1e-3 * FIRST_STEP), 10 * FIRST_STEP);
    if (found <= trial && found <= energy)
        return found;
    return trial < energy ? energy_along(m, t) : energy_along(m, 0);
}

static void occupy(const struct minimise *m)
{
    for (int j = 0; j < m->s->nk; j++)
        for (int b = 0; b < m->s->bands; b++)
            m->s->k[j].occupation[b] = b < m->occupied ? 2 : 0;
}

static void report(const struct minimise *m, const struct minimise_settings *settings, int step,
                   double energy, double gain)
{
    const struct dft_iteration it = {.fixed = true,
                                     .minimise = true,
                                     .iteration = step,
                                     .bands = m->occupied,
                                     .free_energy = energy,
                                     .change = -gain,
                                     .orbital_residual = sqrt(m->steepest),
                                     .fermi = m->s->fermi};
    log_detail(settings->log, "step %d: F %.10f Ha, gain %.2e Ha", step, energy, gain);
    if (settings->watch)
        settings->watch(settings->watcher, &it);
}

static enum status descend(struct minimise *m, const struct minimise_settings *settings,
                           double *energy, struct err *err)
{
    double gain = INFINITY, before = INFINITY;
    int lost = 0; /* steps in a row whose gain is lost in rounding */
    *energy = energy_here(m);
    for (int i = 1; i <= settings->max_steps; i++) {
        if (session_stop(m->s->session, err) != ST_OK)
            return ST_COMPUTE;
        if (!new_direction(m))
            return err_set(err, ST_COMPUTE, "the diagonalisation of the occupied space failed");
        if ((gain < settings->tolerance && before < settings->tolerance) || lost == 2 * RENEW)
            return ST_OK;
        if (!(m->slope < 0)) {
            restart(m);
            continue;
        }
        const double lower = line(m, *energy);
        before = gain;
        gain = *energy - lower;
        lost = fabs(gain) < ROUNDING * fabs(lower) ? lost + 1 : 0;
        *energy = lower;
        report(m, settings, i, lower, gain);
    }
    return err_set(err, ST_COMPUTE,
                   "fixed occupations: the energy still falls by %.1e Ha after %d steps; more "
                   "--max-iterations would be right",
                   gain, settings->max_steps);
}

enum status minimise_energy(struct state *s, const struct minimise_settings *settings,
                            double *energy, struct err *err)
{
    const int occupied = (int)(s->electrons / 2 + 0.25);
    struct minimise m = {.s = s, .occupied = occupied, .step = FIRST_STEP};
    m.start = new_blocks(s, occupied);
    m.gradient = new_blocks(s, occupied);
    m.direction = new_blocks(s, occupied);
    m.potential = MEM_NEW(double, s->grid->points);
    m.rho = MEM_NEW(double, s->grid->points);
    occupy(&m);
    const enum status status = descend(&m, settings, energy, err);
    memset(s->drift, 0, s->grid->points * sizeof *s->drift);
    free(m.rho);
    free(m.potential);
    free_blocks(s, m.direction);
    free_blocks(s, m.gradient);
    free_blocks(s, m.start);
    return status;
}
