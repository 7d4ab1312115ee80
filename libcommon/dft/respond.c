/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The derivative of a function of trial orbitals. With B = <chi|psi>, C = S^-1 B and g = dQ/dC,
 *
 *   dQ = sum_n u_n (dB_n - dS C_n),   u = S^-1 g,   dB = <dchi|psi> + <chi|dpsi>:
 *
 * the functions move with their atoms (dft/projection.h, basis/ao.h), and the orbitals follow as
 * dft/response.h has it, with y_n = sum_mu u_n,mu chi_mu.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "basis/ao.h"
#include "dft/dft.h"
#include "dft/projection.h"
#include "dft/response.h"
#include "dft/session.h"
#include "maths/linalg.h"

/* Norm of the given orbitals outside the span of ours that is taken for rounding and convergence */
#define FOREIGN 1e-4

/* Everything of one k point; matrices over orbitals n and functions row. */
struct part {
    int n, row;
    double *overlap;           /* S */
    double *factor;            /* its Cholesky factor */
    const double *own, *given; /* C */
    double *g, *u;             /* of our orbitals */
};

static double *product(int rows, int columns, int inner, enum linalg_op op, const double *a,
                       const double *b)
{
    double *c = MEM_RAW(double, (size_t)rows *columns);
    linalg_gemm(LINALG_N, op, rows, columns, inner, 1, a, b, 0, c);
    return c;
}

/* given = turn own: turn = (given S own^T) (own S own^T)^-1; false: dependent orbitals */
static bool find_turn(const struct part *p, double *turn, double *metric)
{
    double *so = product(p->n, p->row, p->row, LINALG_N, p->own, p->overlap);
    double *m = product(p->n, p->n, p->row, LINALG_T, so, p->own);
    memcpy(metric, m, (size_t)p->n * p->n * sizeof *m);
    linalg_gemm(LINALG_N, LINALG_T, p->n, p->n, p->row, 1, p->given, so, 0, turn);
    const bool good = linalg_cholesky(p->n, m, NULL) == ST_OK;
    if (good)
        linalg_cholesky_solve(p->n, m, p->n, turn);
    free(so);
    free(m);
    return good;
}

/* Largest norm of given - turn own in the metric S, relative to one */
static double foreign(const struct part *p, const double *turn)
{
    double most = 0, *rest = MEM_RAW(double, (size_t)p->n * p->row);
    memcpy(rest, p->given, (size_t)p->n * p->row * sizeof *rest);
    linalg_gemm(LINALG_N, LINALG_N, p->n, p->row, p->n, -1, turn, p->own, 1, rest);
    double *s = product(p->n, p->row, p->row, LINALG_N, rest, p->overlap);
    for (int n = 0; n < p->n; n++) {
        double sum = 0;
        for (int f = 0; f < p->row; f++)
            sum += rest[n * p->row + f] * s[n * p->row + f];
        most = fmax(most, sum);
    }
    free(rest);
    free(s);
    return sqrt(most);
}

/* g of our orbitals: turned, and without what would change Q when they mix, own_n . g_m = 0. */
static void take_gradient(struct part *p, const double *turn, double *metric, const double *given)
{
    linalg_gemm(LINALG_T, LINALG_N, p->n, p->row, p->n, 1, turn, given, 0, p->g);
    double *along = product(p->n, p->n, p->row, LINALG_T, p->g, p->own); /* [g][own] */
    double *so = product(p->n, p->row, p->row, LINALG_N, p->own, p->overlap);
    if (linalg_cholesky(p->n, metric, NULL) == ST_OK)
        linalg_cholesky_solve(p->n, metric, p->n, along);
    linalg_gemm(LINALG_N, LINALG_N, p->n, p->row, p->n, -1, along, so, 1, p->g);
    free(along);
    free(so);
}

static void part_free(struct part *p)
{
    free(p->overlap);
    free(p->factor);
    free(p->g);
    free(p->u);
}

static enum status part_fill(struct part *p, const struct ao *ao, int k, const double *gradient,
                             struct err *err)
{
    const size_t square = (size_t)p->row * p->row;
    p->overlap = MEM_RAW(double, square);
    p->factor = MEM_RAW(double, square);
    p->g = MEM_RAW(double, (size_t)p->n * p->row);
    p->u = MEM_RAW(double, (size_t)p->n * p->row);
    ao_overlap(ao, k, p->overlap);
    memcpy(p->factor, p->overlap, square * sizeof *p->factor);
    double *turn = MEM_RAW(double, (size_t)p->n * p->n), *metric = MEM_RAW(double, p->n * p->n);
    enum status status = ST_OK;
    if (linalg_cholesky(p->row, p->factor, NULL) != ST_OK || !find_turn(p, turn, metric))
        status = err_set(err, ST_COMPUTE, "the functions of the basis are linearly dependent");
    else if (!(foreign(p, turn) < FOREIGN))
        status = err_set(err, ST_DATA,
                         "column 'orbitals' is off by %.1e from the orbitals of this system; the "
                         "options that made them would be right",
                         foreign(p, turn));
    else {
        take_gradient(p, turn, metric, gradient);
        memcpy(p->u, p->g, (size_t)p->n * p->row * sizeof *p->u);
        linalg_cholesky_solve(p->row, p->factor, p->n, p->u);
    }
    free(turn);
    free(metric);
    return status;
}

/* Explicit derivatives at fixed psi, and y of this k. */
static void differentiate(struct dft *d, const struct basis *basis, const struct ao *ao, int k,
                          const struct part *p, double *y, struct response_result *result)
{
    const struct kstate *state = &d->state.k[k];
    const size_t row = p->row;
    double(*gradient)[3] = mem_new(d->system->n, sizeof *gradient);
    double *m = MEM_RAW(double, row *row);
    struct projection *projection = projection_new(state->waves, basis, d->grid->volume);
    projection_expand(projection, d->system, p->n, p->u, y);
    projection_gradient(projection, d->system, p->n, state->orbital, p->u, gradient,
                        result->strain);
    projection_free(projection);
    linalg_gemm(LINALG_T, LINALG_N, p->row, p->row, p->n, -1, p->u, p->own, 0, m);
    ao_overlap_gradient(ao, k, m, gradient, result->strain);
    for (int a = 0; a < 3 * d->system->n; a++)
        result->force[a / 3][a % 3] -= gradient[a / 3][a % 3];
    free(m);
    free(gradient);
}

static enum status respond(struct dft *d, const struct basis *basis, const struct dft_orbitals *own,
                           const struct dft_orbitals *given, const double *gradient,
                           double tolerance, struct response_result *result, struct err *err)
{
    const int nk = d->state.nk, row = d->system->n * own->functions;
    const size_t step = (size_t)own->orbitals * row;
    struct ao *ao = ao_new(d->system, basis, nk, (const double(*)[3])own->k, err);
    double **y = MEM_NEW(double *, nk);
    enum status status = ao ? ST_OK : err->status;
    for (int k = 0; k < nk && status == ST_OK; k++) {
        struct part p = {.n = own->orbitals,
                         .row = row,
                         .own = own->coefficient + k * step,
                         .given = given->coefficient + k * step};
        y[k] = MEM_NEW(double, (size_t)own->orbitals * d->state.k[k].waves->size);
        status = part_fill(&p, ao, k, gradient + k * step, err);
        if (status == ST_OK)
            differentiate(d, basis, ao, k, &p, y[k], result);
        part_free(&p);
    }
    if (status == ST_OK) {
        struct response *r = response_new(&d->state);
        status = response_solve(r, y, tolerance, d->settings.max_iterations, result, err);
        response_free(r);
    }
    for (int k = 0; k < nk; k++)
        free(y[k]);
    free(y);
    ao_free(ao);
    return status;
}

/* The same k points and sizes? */
static enum status check_given(const struct dft_orbitals *own, const struct dft_orbitals *given,
                               struct err *err)
{
    bool same = own->nk == given->nk && own->orbitals == given->orbitals &&
                own->functions == given->functions;
    for (int k = 0; k < own->nk && same; k++)
        for (int x = 0; x < 3; x++)
            same &= fabs(own->k[k][x] - given->k[k][x]) < 1e-9;
    return same ? ST_OK
                : err_set(err, ST_DATA,
                          "column 'orbitals' has %d orbitals at %d k points, and this system %d "
                          "at %d; the options that made them would be right",
                          given->orbitals, given->nk, own->orbitals, own->nk);
}

enum status dft_respond(struct dft *d, const struct system *system, const struct basis *basis,
                        const struct dft_orbitals *given, const double *gradient, double tolerance,
                        struct dft_response *response, struct err *err)
{
    struct dft_orbitals own = {0};
    struct response_result result = {.force = mem_new(system->n, sizeof *result.force)};
    memset(response, 0, sizeof *response);
    const double residual = d->settings.trial_residual;
    d->settings.trial_residual = fmin(residual, FIRST_ORDER);
    enum status status = dft_trial(d, system, basis, &own, err);
    d->settings.trial_residual = residual;
    if (status == ST_OK && fmod(d->state.electrons, 2) != 0)
        status = err_set(err, ST_DATA,
                         "%g electrons: the response is that of doubly occupied orbitals; an even "
                         "number would be right",
                         d->state.electrons);
    if (status == ST_OK && own.energy_fit)
        status = err_set(err, ST_USAGE,
                         "the response is that of orbitals by least squares; --orbital-fit overlap "
                         "would be right, for the trial orbitals, too");
    if (status == ST_OK)
        status = check_given(&own, given, err);
    if (status == ST_OK)
        status = respond(d, basis, &own, given, gradient, tolerance, &result, err);
    response->force = result.force;
    response->iterations = result.iterations;
    response->residual = result.residual;
    if (system->periodic)
        for (int a = 0; a < 9; a++)
            response->stress[a / 3][a % 3] = result.strain[a / 3][a % 3] / d->grid->volume;
    dft_orbitals_free(&own);
    if (status != ST_OK)
        dft_response_free(response);
    return status;
}

void dft_response_free(struct dft_response *r)
{
    free(r->force);
    r->force = NULL;
}
