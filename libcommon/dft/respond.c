/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The derivative of a function of trial orbitals. With B = <chi|psi>, C = M^-1 B, M = S + ridge, and g = dQ/dC,
 *
 *   dQ = sum_n u_n (dB_n - dS C_n),   u = M^-1 g,   dB = <dchi|psi> + <chi|dpsi>:
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
#define FOREIGN 2e-3

/* One k point; matrices over orbitals n and functions row. */
struct part {
    int n, row;
    const double *own, *given; /* C */
    double *factor;            /* of Cholesky, of M */
    double *covariant;         /* own S */
    double *metric;            /* own S own^T, then its Cholesky factor */
    double *turn;              /* given = turn own */
    struct projection *projection;
};

static double *product(int rows, int columns, int inner, enum linalg_op op, const double *a,
                       const double *b)
{
    double *c = MEM_RAW(double, (size_t)rows *columns);
    linalg_gemm(LINALG_N, op, rows, columns, inner, 1, a, b, 0, c);
    return c;
}

/* Largest norm of given - turn own in the metric S, relative to one */
static double foreign(const struct part *p, const double *overlap)
{
    double most = 0, *rest = MEM_RAW(double, (size_t)p->n * p->row);
    memcpy(rest, p->given, (size_t)p->n * p->row * sizeof *rest);
    linalg_gemm(LINALG_N, LINALG_N, p->n, p->row, p->n, -1, p->turn, p->own, 1, rest);
    double *s = product(p->n, p->row, p->row, LINALG_N, rest, overlap);
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

static void part_free(struct part *p)
{
    free(p->factor);
    free(p->covariant);
    free(p->metric);
    free(p->turn);
    projection_free(p->projection);
}

/* turn = (given S own^T) (own S own^T)^-1 */
static enum status part_fill(struct part *p, const struct ao *ao, int k, struct err *err)
{
    const size_t square = (size_t)p->row * p->row;
    double *overlap = MEM_RAW(double, square);
    enum status status = ST_OK;
    ao_overlap(ao, k, overlap);
    p->covariant = product(p->n, p->row, p->row, LINALG_N, p->own, overlap);
    p->metric = product(p->n, p->n, p->row, LINALG_T, p->covariant, p->own);
    p->turn = product(p->n, p->n, p->row, LINALG_T, p->given, p->covariant);
    p->factor = MEM_RAW(double, square);
    projection_metric(p->row, overlap, p->factor);
    if (linalg_cholesky(p->row, p->factor, NULL) != ST_OK ||
        linalg_cholesky(p->n, p->metric, NULL) != ST_OK)
        status = err_set(err, ST_COMPUTE, "the functions of the basis are linearly dependent");
    else
        linalg_cholesky_solve(p->n, p->metric, p->n, p->turn);
    const double off = status == ST_OK ? foreign(p, overlap) : 0;
    if (!(off < FOREIGN))
        status = err_set(err, ST_DATA,
                         "column 'orbitals' is off by %.1e from the orbitals of this system; the "
                         "options that made them would be right",
                         off);
    free(overlap);
    return status;
}

/* u = M^-1 g of our orbitals: turned, and without what would change Q when they mix, own . g = 0. */
static double *take_gradient(const struct part *p, const double *given)
{
    double *u = MEM_RAW(double, (size_t)p->n * p->row);
    linalg_gemm(LINALG_T, LINALG_N, p->n, p->row, p->n, 1, p->turn, given, 0, u);
    double *along = product(p->n, p->n, p->row, LINALG_T, u, p->own); /* [g][own] */
    linalg_cholesky_solve(p->n, p->metric, p->n, along);
    linalg_gemm(LINALG_N, LINALG_N, p->n, p->row, p->n, -1, along, p->covariant, 1, u);
    linalg_cholesky_solve(p->row, p->factor, p->n, u);
    free(along);
    return u;
}

/* Explicit derivatives at fixed psi, and y of this k. */
static void differentiate(struct dft *d, const struct ao *ao, int k, const struct part *p,
                          const double *gradient, double *y, struct response_result *result)
{
    double(*slope)[3] = mem_new(d->system->n, sizeof *slope);
    double *u = take_gradient(p, gradient);
    double *m = MEM_RAW(double, (size_t)p->row * p->row);
    projection_expand(p->projection, d->system, p->n, u, y);
    projection_gradient(p->projection, d->system, p->n, d->state.k[k].orbital, u, slope,
                        result->strain);
    linalg_gemm(LINALG_T, LINALG_N, p->row, p->row, p->n, -1, u, p->own, 0, m);
    ao_overlap_gradient(ao, k, m, slope, result->strain);
    for (int a = 0; a < 3 * d->system->n; a++)
        result->force[a / 3][a % 3] -= slope[a / 3][a % 3];
    free(m);
    free(u);
    free(slope);
}

struct responding { /* what the gradients share */
    struct dft *d;
    struct ao *ao;
    struct part *part; /* of each k */
    struct response *response;
    double **y;
    size_t step; /* numbers of a gradient per k */
};

static enum status prepare(struct responding *w, const struct basis *basis,
                           const struct dft_orbitals *own, const struct dft_orbitals *given,
                           struct err *err)
{
    struct dft *d = w->d;
    const int nk = d->state.nk, row = d->system->n * own->functions;
    enum status status = ST_OK;
    w->step = (size_t)own->orbitals * row;
    if (!(w->ao = ao_new(d->system, basis, nk, (const double(*)[3])own->k, err)))
        return err->status;
    w->part = mem_new(nk, sizeof *w->part);
    w->y = MEM_NEW(double *, nk);
    for (int k = 0; k < nk && status == ST_OK; k++) {
        const struct waves *waves = d->state.k[k].waves;
        w->part[k] = (struct part){.n = own->orbitals,
                                   .row = row,
                                   .own = own->coefficient + k * w->step,
                                   .given = given->coefficient + k * w->step};
        w->part[k].projection = projection_new(waves, basis, d->grid->volume);
        w->y[k] = MEM_NEW(double, (size_t)own->orbitals * waves->size);
        status = part_fill(&w->part[k], w->ao, k, err);
    }
    if (status == ST_OK)
        w->response = response_new(&d->state);
    return status;
}

static void responding_free(struct responding *w)
{
    for (int k = 0; w->part && k < w->d->state.nk; k++) {
        part_free(&w->part[k]);
        free(w->y[k]);
    }
    free(w->part);
    free(w->y);
    response_free(w->response);
    ao_free(w->ao);
}

static enum status respond(struct responding *w, const double *gradient, double tolerance,
                           struct dft_response *r, struct err *err)
{
    struct dft *d = w->d;
    struct response_result result = {.force = mem_new(d->system->n, sizeof *result.force)};
    for (int k = 0; k < d->state.nk; k++)
        differentiate(d, w->ao, k, &w->part[k], gradient + k * w->step, w->y[k], &result);
    const enum status status =
        response_solve(w->response, w->y, tolerance, d->settings.max_iterations, &result, err);
    r->force = result.force;
    r->iterations = result.iterations;
    r->residual = result.residual;
    for (int a = 0; a < 9 && d->system->periodic; a++) /* Q may change when everything turns */
        r->stress[a / 3][a % 3] =
            (result.strain[a / 3][a % 3] + result.strain[a % 3][a / 3]) / (2 * d->grid->volume);
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
                        const struct dft_orbitals *given, int count,
                        const struct dft_gradient gradient[], struct dft_response response[],
                        struct err *err)
{
    struct dft_orbitals own = {0};
    struct responding w = {.d = d};
    memset(response, 0, count * sizeof *response);
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
    if (status == ST_OK && own.energy_fit)
        status = err_set(err, ST_DATA,
                         "these orbitals are those of the lowest energy in the basis, which do not "
                         "follow as least squares do; --orbital-fit overlap would be right");
    if (status == ST_OK)
        status = check_given(&own, given, err);
    if (status == ST_OK)
        status = prepare(&w, basis, &own, given, err);
    for (int i = 0; i < count && status == ST_OK; i++)
        status = respond(&w, gradient[i].value, gradient[i].tolerance, &response[i], err);
    responding_free(&w);
    dft_orbitals_free(&own);
    for (int i = 0; i < count && status != ST_OK; i++)
        dft_response_free(&response[i]);
    return status;
}

void dft_response_free(struct dft_response *r)
{
    free(r->force);
    r->force = NULL;
}
