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
#include "dft/solver.h"
#include "dft/trial.h"
#include "maths/linalg.h"

/* Norm of the given orbitals outside the span of ours that is taken for rounding, and energy that they then cost which is
 * taken for convergence, in tolerances: without a gap much of them does cost little. Not more of them than APART: the
 * gradient is theirs and the response ours, even where another level is occupied that costs nothing. */
#define FOREIGN 2e-3
#define CONVERGED 10
#define APART 0.1

#define MATRICES 3e7 /* numbers in matrices at once */

/* One k point; matrices over orbitals n and functions row. */
struct part {
    int n, row;
    double *own;         /* C */
    const double *given; /* C */
    double *factor;      /* of Cholesky, of M */
    double *covariant;   /* own S */
    double *metric;      /* own S own^T, then its Cholesky factor */
    double *turn;        /* given = turn own */
    double *u;           /* M^-1 g, [gradient][n][row] */
    struct projection *projection;
};

static double *product(int rows, int columns, int inner, enum linalg_op op, const double *a,
                       const double *b)
{
    double *c = MEM_RAW(double, (size_t)rows *columns);
    linalg_gemm(LINALG_N, op, rows, columns, inner, 1, a, b, 0, c);
    return c;
}

/* given - turn own: what of the given orbitals is not in ours */
static double *foreign(const struct part *p)
{
    double *rest = MEM_RAW(double, (size_t)p->n * p->row);
    memcpy(rest, p->given, (size_t)p->n * p->row * sizeof *rest);
    linalg_gemm(LINALG_N, LINALG_N, p->n, p->row, p->n, -1, p->turn, p->own, 1, rest);
    return rest;
}

/* Largest norm of them in the metric S, relative to one */
static double foreign_norm(const struct part *p, const double *rest, const double *overlap)
{
    double most = 0;
    double *s = product(p->n, p->row, p->row, LINALG_N, rest, overlap);
    for (int n = 0; n < p->n; n++) {
        double sum = 0;
        for (int f = 0; f < p->row; f++)
            sum += rest[n * p->row + f] * s[n * p->row + f];
        most = fmax(most, sum);
    }
    free(s);
    return sqrt(most);
}

/* By how much they raise the energy of two electrons each in our potential, to second order: 2 w sum <rest|H - e|rest>, Ha,
 * w the weight of this k, e our highest level there */
static double foreign_cost(const struct part *p, const struct dft *d, int k, const double *rest)
{
    const struct kstate *own = &d->state.k[k];
    const size_t all = (size_t)p->n * own->waves->size;
    double *x = MEM_RAW(double, all), *h = MEM_RAW(double, all), top = own->eigenvalue[0], sum = 0;
    double *potential = MEM_RAW(double, d->grid->points);
    for (int n = 1; n < p->n; n++)
        top = fmax(top, own->eigenvalue[n]);
    projection_expand(p->projection, d->system, p->n, rest, x);
    state_density_energy(&d->state, potential);
    solver_apply(own->waves, potential, p->n, x, h);
    for (size_t i = 0; i < all; i++)
        sum += x[i] * (h[i] - top * x[i]);
    free(potential);
    free(h);
    free(x);
    return 2 * own->weight * sum;
}

static void part_free(struct part *p)
{
    free(p->own);
    free(p->factor);
    free(p->covariant);
    free(p->metric);
    free(p->turn);
    free(p->u);
    projection_free(p->projection);
}

/* What the worst orbital spills, as in dft/trial.c */
static double spillage(const struct part *p)
{
    double most = 0;
    for (int n = 0; n < p->n; n++)
        most = fmax(most, fabs(1 - p->metric[n * p->n + n]));
    return most;
}

/* own = M^-1 <chi|psi>, and turn = (given S own^T) (own S own^T)^-1 */
static enum status part_fill(struct part *p, const struct dft *d, const struct ao *ao, int k,
                             struct err *err)
{
    const size_t square = (size_t)p->row * p->row;
    double *overlap = MEM_RAW(double, square);
    p->own = MEM_RAW(double, (size_t)p->n * p->row);
    p->factor = MEM_RAW(double, square);
    ao_overlap(ao, k, overlap);
    projection_metric(p->row, overlap, p->factor);
    projection_overlaps(p->projection, d->system, p->n, d->state.k[k].orbital, p->own);
    bool good = linalg_cholesky(p->row, p->factor, NULL) == ST_OK;
    if (good)
        linalg_cholesky_solve(p->row, p->factor, p->n, p->own);
    p->covariant = product(p->n, p->row, p->row, LINALG_N, p->own, overlap);
    p->metric = product(p->n, p->n, p->row, LINALG_T, p->covariant, p->own);
    p->turn = product(p->n, p->n, p->row, LINALG_T, p->given, p->covariant);
    const double spilt = spillage(p);
    good = good && linalg_cholesky(p->n, p->metric, NULL) == ST_OK;
    if (good)
        linalg_cholesky_solve(p->n, p->metric, p->n, p->turn);
    double *rest = good ? foreign(p) : NULL;
    const double off = good ? foreign_norm(p, rest, overlap) : 0;
    const double cost = off < FOREIGN ? 0 : foreign_cost(p, d, k, rest);
    free(rest);
    free(overlap);
    if (!good)
        return err_set(err, ST_COMPUTE, "the functions of the basis are linearly dependent");
    if (trial_by_energy(d, spilt))
        return err_set(err, ST_USAGE,
                       "the response is that of orbitals by least squares; --orbital-fit overlap "
                       "would be right, for the trial orbitals, too");
    if (!(off < APART && cost < CONVERGED * d->settings.tolerance * d->system->n))
        return err_set(err, ST_DATA,
                       "column 'orbitals' is off by %.1e from the orbitals of this system; the "
                       "options that made them would be right",
                       off);
    return ST_OK;
}

/* u = M^-1 g of our orbitals: turned, and without what would change Q when they mix, own . g = 0. */
static void take_gradient(const struct part *p, const double *given, double *u)
{
    linalg_gemm(LINALG_T, LINALG_N, p->n, p->row, p->n, 1, p->turn, given, 0, u);
    double *along = product(p->n, p->n, p->row, LINALG_T, u, p->own); /* [g][own] */
    linalg_cholesky_solve(p->n, p->metric, p->n, along);
    linalg_gemm(LINALG_N, LINALG_N, p->n, p->row, p->n, -1, along, p->covariant, 1, u);
    linalg_cholesky_solve(p->row, p->factor, p->n, u);
    free(along);
}

struct responding { /* what the gradients share */
    struct dft *d;
    struct ao *ao;
    struct part *part; /* of each k */
    struct response *response;
    int count;          /* of gradients */
    double gap;         /* Ha */
    double **y;         /* of each k, [gradient][orbital][size] */
    double (*slope)[3]; /* [gradient][atom]: explicit derivatives */
    double (*strain)[3][3];
};

/* Explicit derivatives at fixed psi and S, and y, of all gradients at this k */
static void differentiate(struct responding *w, int k, const struct dft_gradient gradient[])
{
    struct part *p = &w->part[k];
    const size_t step = (size_t)p->n * p->row;
    p->u = MEM_RAW(double, w->count *step);
    for (int i = 0; i < w->count; i++)
        take_gradient(p, gradient[i].value + k * step, p->u + i * step);
    projection_expand(p->projection, w->d->system, w->count * p->n, p->u, w->y[k]);
    projection_gradient(p->projection, w->d->system, w->count, p->n, w->d->state.k[k].orbital, p->u,
                        w->slope, w->strain);
}

/* With respect to S of `points` k points from `first` on: dS is contracted with -u^T C of each gradient. */
static void overlap_slopes(struct responding *w, int first, int points)
{
    const int atoms = w->d->system->n, all = points * w->count;
    double **m = MEM_NEW(double *, all), (*slope)[3] = mem_new(all * atoms, sizeof *slope);
    double(*strain)[3][3] = mem_new(all, sizeof *strain);
    int *k = MEM_NEW(int, all);
    for (int i = 0; i < all; i++) {
        k[i] = first + i / w->count;
        const struct part *p = &w->part[k[i]];
        m[i] = MEM_RAW(double, (size_t)p->row * p->row);
        linalg_gemm(LINALG_T, LINALG_N, p->row, p->row, p->n, -1,
                    p->u + (size_t)(i % w->count) * p->n * p->row, p->own, 0, m[i]);
    }
    ao_overlap_gradient(w->ao, all, k, m, slope, strain);
    for (int i = 0; i < all; i++) {
        for (int a = 0; a < 3 * atoms; a++)
            w->slope[i % w->count * atoms + a / 3][a % 3] += slope[i * atoms + a / 3][a % 3];
        for (int a = 0; a < 9; a++)
            w->strain[i % w->count][a / 3][a % 3] += strain[i][a / 3][a % 3];
        free(m[i]);
    }
    free(m);
    free(slope);
    free(strain);
    free(k);
}

/* As many k points together as there is room for: integrals are the same for all. */
static void all_overlap_slopes(struct responding *w)
{
    const double one = (double)w->count * w->part[0].row * w->part[0].row;
    const int nk = w->d->state.nk, together = (int)fmax(1, fmin(nk, MATRICES / one));
    for (int k = 0; k < nk; k += together)
        overlap_slopes(w, k, nk - k < together ? nk - k : together);
}

static enum status prepare(struct responding *w, const struct basis *basis,
                           const struct dft_orbitals *given, struct err *err)
{
    struct dft *d = w->d;
    const int nk = d->state.nk, row = d->system->n * given->functions;
    const size_t step = (size_t)given->orbitals * row;
    enum status status = ST_OK;
    if (!(w->ao = ao_new(d->system, basis, nk, (const double(*)[3])given->k, err)))
        return err->status;
    w->part = mem_new(nk, sizeof *w->part);
    w->y = MEM_NEW(double *, nk);
    w->slope = mem_new(w->count * d->system->n, sizeof *w->slope);
    w->strain = mem_new(w->count, sizeof *w->strain);
    for (int k = 0; k < nk && status == ST_OK; k++) {
        const struct waves *waves = d->state.k[k].waves;
        w->part[k] =
            (struct part){.n = given->orbitals, .row = row, .given = given->coefficient + k * step};
        w->part[k].projection = projection_new(waves, basis, d->grid->volume);
        w->y[k] = MEM_RAW(double, (size_t)w->count * given->orbitals * waves->size);
        status = part_fill(&w->part[k], d, w->ao, k, err);
    }
    if (status == ST_OK)
        w->response = response_new(&d->state, w->gap);
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
    free(w->slope);
    free(w->strain);
    response_free(w->response);
    ao_free(w->ao);
}

/* Gradient i: what the orbitals add to its explicit derivatives */
static enum status respond(struct responding *w, int i, double tolerance, struct dft_response *r,
                           struct err *err)
{
    struct dft *d = w->d;
    const int atoms = d->system->n, nk = d->state.nk;
    struct response_result result = {.force = mem_new(atoms, sizeof *result.force)};
    double **y = MEM_NEW(double *, nk);
    for (int k = 0; k < nk; k++)
        y[k] = w->y[k] + (size_t)i * w->part[k].n * d->state.k[k].waves->size;
    for (int a = 0; a < 3 * atoms; a++)
        result.force[a / 3][a % 3] = -w->slope[i * atoms + a / 3][a % 3];
    memcpy(result.strain, w->strain[i], sizeof result.strain);
    const int steps = SESSION_STEPS * d->settings.max_iterations;
    const enum status status = response_solve(w->response, y, tolerance, steps, &result, err);
    free(y);
    r->force = result.force;
    r->iterations = result.iterations;
    r->residual = result.residual;
    for (int a = 0; a < 9 && d->system->periodic; a++) /* Q may change when everything turns */
        r->stress[a / 3][a % 3] =
            (result.strain[a / 3][a % 3] + result.strain[a % 3][a / 3]) / (2 * d->grid->volume);
    return status;
}

/* What can be known before anything is converged: of whole pairs, in the right number, at the k points of the mesh */
static enum status check_given(const struct dft *d, const struct dft_orbitals *given,
                               struct err *err)
{
    const struct state *s = &d->state;
    const int orbitals = (int)(s->electrons / 2);
    if (fmod(s->electrons, 2) != 0)
        return err_set(err, ST_DATA,
                       "%g electrons: the response is that of doubly occupied orbitals; an even "
                       "number would be right",
                       s->electrons);
    bool same = given->nk == s->nk && given->orbitals == orbitals;
    for (int k = 0; k < s->nk && same; k++)
        for (int x = 0; x < 3; x++)
            same &= s->k[k].waves->real && fabs(s->k[k].waves->k[x] - given->k[k][x]) < 1e-9;
    return same ? ST_OK
                : err_set(err, ST_DATA,
                          "column 'orbitals' has %d orbitals at %d k points, and this system %d "
                          "at %d; the options that made them would be right",
                          given->orbitals, given->nk, orbitals, s->nk);
}

enum status dft_respond(struct dft *d, const struct system *system, const struct basis *basis,
                        const struct dft_orbitals *given, const struct dft_gradients *gradients,
                        struct dft_response response[], struct err *err)
{
    const int count = gradients->count;
    const struct dft_gradient *gradient = gradients->each;
    struct responding w = {.d = d, .count = count, .gap = gradients->gap};
    memset(response, 0, count * sizeof *response);
    enum status status = session_prepare(d, system, 0, err);
    if (status == ST_OK)
        status = check_given(d, given, err);
    if (status == ST_OK)
        status = trial_restart(d, basis, given, err);
    if (status == ST_OK)
        status = prepare(&w, basis, given, err);
    for (int k = 0; k < d->state.nk && status == ST_OK; k++)
        differentiate(&w, k, gradient);
    if (status == ST_OK)
        all_overlap_slopes(&w);
    for (int i = 0; i < count && status == ST_OK; i++)
        status = respond(&w, i, gradient[i].tolerance, &response[i], err);
    responding_free(&w);
    for (int i = 0; i < count && status != ST_OK; i++)
        dft_response_free(&response[i]);
    return status;
}

void dft_response_free(struct dft_response *r)
{
    free(r->force);
    r->force = NULL;
}
