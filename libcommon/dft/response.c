/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/response.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "dft/coarse.h"
#include "dft/density.h"
#include "dft/session.h"
#include "dft/hessian.h"
#include "dft/solver.h"

/* What a turn on the coarse grid leaves of the residual, whatever it says itself: 2e-4 to 3e-3. Its own word is taken
 * where no more is asked for than TRUSTED. */
#define COARSE_ERROR 5e-4
#define TRUSTED 0.02
#define SAFE 0.7    /* of what is asked for: aim of a turn */
#define STALLED 0.5 /* a turn that leaves more than this of the residual */

struct response {
    struct state *s;
    struct hessian *hessian;
    struct coarse *coarse;
    double gap;
    double **z, **residual, **turn, **image; /* of the solution; turn: what is added to z */
};

struct response *response_new(struct state *s, double gap)
{
    struct response *r = MEM_NEW(struct response, 1);
    r->s = s;
    r->gap = gap;
    r->hessian = hessian_new(s);
    hessian_shift(r->hessian, gap);
    r->coarse = coarse_new(s, r->hessian->potential, r->hessian->occupied, r->hessian->h);
    double ***const all[] = {&r->z, &r->residual, &r->turn, &r->image};
    for (int i = 0; i < 4; i++)
        *all[i] = hessian_arrays(r->hessian);
    return r;
}

void response_free(struct response *r)
{
    if (!r)
        return;
    double **const all[] = {r->z, r->residual, r->turn, r->image};
    for (int i = 0; i < 4; i++)
        hessian_free_arrays(r->hessian, all[i]);
    coarse_free(r->coarse);
    hessian_free(r->hessian);
    free(r);
}

/* sum_k w_k <a|b> */
static double dot(const struct response *r, double *const *a, double *const *b)
{
    double sum = 0;
    for (int j = 0; j < r->s->nk; j++) {
        double part = 0;
        const double *x = a[j], *y = b[j];
#pragma omp simd reduction(+ : part)
        for (size_t i = 0; i < hessian_numbers(r->hessian, j); i++)
            part += x[i] * y[i];
        sum += r->s->k[j].weight * part;
    }
    return sum;
}

static void add(const struct response *r, double t, double *const *x, double **to)
{
    for (int j = 0; j < r->s->nk; j++)
        for (size_t i = 0; i < hessian_numbers(r->hessian, j); i++)
            to[j][i] += t * x[j][i];
}

/* <residual|P K|residual>, K the preconditioner */
static double square_of(const struct response *r)
{
    for (int j = 0; j < r->s->nk; j++) {
        const struct kstate *k = &r->s->k[j];
        double *damped = r->image[j];
        memcpy(damped, r->residual[j], hessian_numbers(r->hessian, j) * sizeof(double));
        solver_precondition(k->waves, r->hessian->occupied, k->orbital, damped);
        hessian_project(r->hessian, j, damped);
    }
    return dot(r, r->residual, r->image);
}

/* z = 0 and the residual -P y / 4 w_k */
static void start(struct response *r, double **y)
{
    for (int j = 0; j < r->s->nk; j++) {
        const double scale = -0.25 / r->s->k[j].weight;
        memset(r->z[j], 0, hessian_numbers(r->hessian, j) * sizeof(double));
        for (size_t i = 0; i < hessian_numbers(r->hessian, j); i++)
            r->residual[j][i] = scale * y[j][i];
        hessian_project(r->hessian, j, r->residual[j]);
    }
}

static enum status no_minimum(struct err *err)
{
    return err_set(err, ST_COMPUTE,
                   "the occupied orbitals are not a minimum of the energy, or occupied and empty "
                   "levels touch: there is no response; --response-gap, another k point or a "
                   "smaller --tolerance would be right");
}

static enum status not_converged(double residual, int steps, double tolerance, struct err *err)
{
    return err_set(err, ST_COMPUTE,
                   "the response of the orbitals is off by %.1e after %d steps and the tolerance "
                   "is %.1e; more --max-iterations would be right",
                   residual, steps, tolerance);
}

/* Turns on the coarse grid, each followed by the residual that it leaves. */
static enum status iterate(struct response *r, double tolerance, int max_steps,
                           struct response_result *result, struct err *err)
{
    const double first = square_of(r);
    double left = first > 0 ? 1 : 0; /* relative residual */
    while (left > tolerance) {
        const double before = left, aim = fmax(COARSE_ERROR, SAFE * tolerance / left);
        const struct coarse_result turn =
            coarse_solve(r->coarse, r->residual, tolerance < TRUSTED ? aim : tolerance,
                         max_steps - result->iterations, r->turn);
        result->iterations += turn.steps;
        if (session_hurry(r->s->session))
            return ST_OK; /* response_solve asks all */
        if (!turn.minimum)
            return no_minimum(err);
        add(r, 1, r->turn, r->z);
        left = turn.residual;
        if (tolerance < TRUSTED) {
            hessian_apply(r->hessian, r->turn, r->image);
            add(r, -1, r->image, r->residual);
            left = sqrt(square_of(r) / first);
        }
        if (left > tolerance && (left > STALLED * before || result->iterations >= max_steps))
            return not_converged(left, result->iterations, tolerance, err);
    }
    result->residual = left;
    return ST_OK;
}

/* Along psi + t z at t = 0: the kinetic energy's strain derivative, q -> (1 - strain) q */
static void add_kinetic(const struct response *r, double strain[3][3])
{
    for (int j = 0; j < r->s->nk; j++) {
        const struct kstate *k = &r->s->k[j];
        const size_t size = k->waves->size;
        for (int i = 0; i < k->waves->n; i++) {
            double charge = 0;
            const double *q = k->waves->q[i];
            for (int b = 0; b < r->hessian->occupied; b++) {
                const double *x = k->orbital + b * size + 2 * i, *z = r->z[j] + b * size + 2 * i;
                charge += 4 * (x[0] * z[0] + x[1] * z[1]);
            }
            for (int a = 0; a < 9; a++)
                strain[a / 3][a % 3] -= k->weight * charge * q[a / 3] * q[a % 3];
        }
    }
}

/* Of the Hartree energy, quadratic in the density, by densities rho + t rho' and rho - t rho' */
static void add_hartree(struct state *s, const double *rho, const double *change,
                        double strain[3][3])
{
    const size_t points = s->grid->points;
    double up[3][3] = {{0}}, down[3][3] = {{0}}, most = 0, total = 0;
    double *moved = MEM_RAW(double, points);
    for (size_t i = 0; i < points; i++) {
        most = fmax(most, fabs(change[i]));
        total = fmax(total, rho[i]);
    }
    const double t = most > 0 ? total / most : 1;
    for (int side = -1; side <= 1; side += 2) {
        for (size_t i = 0; i < points; i++)
            moved[i] = rho[i] + side * t * change[i];
        density_set(s, moved);
        hartree_term.strain(s, side < 0 ? down : up);
    }
    for (int a = 0; a < 9; a++)
        strain[a / 3][a % 3] += (up[a / 3][a % 3] - down[a / 3][a % 3]) / (2 * t);
    free(moved);
}

/* Derivative of forces and of the strain derivative of the energy along z, added to the result. */
static void add_explicit(struct response *r, struct response_result *result)
{
    struct state *s = r->s;
    const size_t points = s->grid->points;
    double *rho = MEM_RAW(double, points), *change = MEM_RAW(double, points);
    memcpy(rho, s->rho, points * sizeof *rho);
    hessian_density(r->hessian, r->z, change);
    density_set(s, change); /* in which these are linear */
    local_term.force(s, result->force);
    if (s->system->periodic) {
        local_term.strain(s, result->strain);
        add_hartree(s, rho, change, result->strain);
        add_kinetic(r, result->strain);
        kernel_strain(r->hessian->kernel, change, result->strain);
    }
    density_set(s, rho);
    free(rho);
    free(change);
}

/* (A + g)^-1 has left g z of the residual: with what that gives, 1/a of an eigenvalue a is 1/a (1 - (g / (a + g))^2). */
static enum status again(struct response *r, double tolerance, int max_steps,
                         struct response_result *result, struct err *err)
{
    double **first = hessian_arrays(r->hessian);
    for (int j = 0; j < r->s->nk; j++) {
        const size_t bytes = hessian_numbers(r->hessian, j) * sizeof(double);
        memcpy(first[j], r->z[j], bytes);
        memset(r->z[j], 0, bytes);
        memset(r->residual[j], 0, bytes);
    }
    add(r, r->gap, first, r->residual);
    const enum status status = iterate(r, tolerance, max_steps, result, err);
    add(r, 1, first, r->z);
    hessian_free_arrays(r->hessian, first);
    return status;
}

enum status response_solve(struct response *r, double **y, double tolerance, int max_steps,
                           struct response_result *result, struct err *err)
{
    start(r, y);
    enum status status = iterate(r, tolerance, max_steps, result, err);
    if (status == ST_OK && r->gap > 0)
        status = again(r, tolerance, max_steps, result, err);
    const enum status stopped = session_stop(r->s->session, err);
    if (stopped != ST_OK)
        return stopped;
    if (status == ST_OK)
        add_explicit(r, result);
    return status;
}
