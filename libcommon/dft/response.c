/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/response.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "dft/block.h"
#include "dft/density.h"
#include "dft/solver.h"

#define DENSITY_STEP 1e-4 /* largest change of the density, of its maximum, for the change of V */
#define ORBITAL_STEP 1e-4 /* norm of a changed orbital, for the change of forces and stress */

/* Arrays of the occupied orbitals, per k: [occupied][size]. */
struct response {
    struct state *s;
    int occupied;
    double *rho, *potential;
    double **h;                                             /* [n][m] = <psi_m|H|psi_n> */
    double **z, **residual, **direction, **image, **damped; /* of the solution */
};

static struct block block_of(const struct kstate *k)
{
    return (struct block){k->waves->real, k->waves->size};
}

static size_t numbers(const struct response *r, int j)
{
    return (size_t)r->occupied * (size_t)r->s->k[j].waves->size;
}

static double **arrays(const struct response *r)
{
    double **x = MEM_NEW(double *, r->s->nk);
    for (int j = 0; j < r->s->nk; j++)
        x[j] = MEM_NEW(double, numbers(r, j));
    return x;
}

static void free_arrays(const struct response *r, double **x)
{
    for (int j = 0; j < r->s->nk; j++)
        free(x[j]);
    free(x);
}

/* x -= psi <psi|x> */
static void project_out(const struct response *r, int j, double *x)
{
    const struct kstate *k = &r->s->k[j];
    const struct block block = block_of(k);
    const int n = r->occupied;
    double *overlap = MEM_RAW(double, (size_t)n *n *block_scalars(&block));
    block_inner(&block, n, k->orbital, n, x, overlap);
    block_combine(&block, -1, n, k->orbital, n, overlap, n, 1, x);
    free(overlap);
}

struct response *response_new(struct state *s)
{
    struct response *r = MEM_NEW(struct response, 1);
    const int n = (int)(s->electrons / 2 + 0.25);
    r->s = s;
    r->occupied = n;
    r->rho = MEM_RAW(double, s->grid->points);
    r->potential = MEM_NEW(double, s->grid->points);
    memcpy(r->rho, s->rho, s->grid->points * sizeof *r->rho);
    state_density_energy(s, r->potential);
    double ***const all[] = {&r->z, &r->residual, &r->direction, &r->image, &r->damped};
    for (int i = 0; i < 5; i++)
        *all[i] = arrays(r);
    r->h = MEM_NEW(double *, s->nk);
    for (int j = 0; j < s->nk; j++) {
        const struct kstate *k = &s->k[j];
        const struct block block = block_of(k);
        r->h[j] = MEM_NEW(double, (size_t)n *n *block_scalars(&block));
        solver_apply(k->waves, r->potential, n, k->orbital, r->image[j]);
        block_inner(&block, n, k->orbital, n, r->image[j], r->h[j]);
    }
    return r;
}

void response_free(struct response *r)
{
    if (!r)
        return;
    double **const all[] = {r->z, r->residual, r->direction, r->image, r->damped};
    for (int i = 0; i < 5; i++)
        free_arrays(r, all[i]);
    for (int j = 0; j < r->s->nk; j++)
        free(r->h[j]);
    free(r->h);
    free(r->rho);
    free(r->potential);
    free(r);
}

/* The state with orbitals psi + t x, doubly occupied and alone; its density into rho. */
struct shifted {
    struct state state;
    double **orbital;
};

static void shift(const struct response *r, double t, double *const *x, struct shifted *out,
                  double *rho)
{
    const struct state *s = r->s;
    out->state = *s;
    out->state.bands = r->occupied;
    out->state.k = mem_new(s->nk, sizeof *out->state.k);
    out->orbital = arrays(r);
    for (int j = 0; j < s->nk; j++) {
        struct kstate *k = &out->state.k[j];
        *k = s->k[j];
        k->orbital = out->orbital[j];
        k->occupation = MEM_NEW(double, r->occupied);
        for (int b = 0; b < r->occupied; b++)
            k->occupation[b] = 2;
        for (size_t i = 0; i < numbers(r, j); i++)
            k->orbital[i] = s->k[j].orbital[i] + t * x[j][i];
    }
    density_orbitals(&out->state, rho);
}

static void shifted_free(const struct response *r, struct shifted *x)
{
    for (int j = 0; j < r->s->nk; j++)
        free(x->state.k[j].occupation);
    free_arrays(r, x->orbital);
    free(x->state.k);
}

/* rho' of psi + t x at t = 0: the density is quadratic in t. */
static void density_change(const struct response *r, double *const *x, double *change)
{
    const size_t points = r->s->grid->points;
    double *other = MEM_RAW(double, points);
    struct shifted up, down;
    shift(r, 1, x, &up, change);
    shift(r, -1, x, &down, other);
    for (size_t i = 0; i < points; i++)
        change[i] = 0.5 * (change[i] - other[i]);
    shifted_free(r, &up);
    shifted_free(r, &down);
    free(other);
}

static double largest(size_t n, const double *x)
{
    double most = 0;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs(x[i]));
    return most;
}

/* change of the density -> change of the potential, by a difference about the present density */
static void potential_change(struct response *r, double *change)
{
    struct state *s = r->s;
    const size_t points = s->grid->points;
    double *rho = MEM_RAW(double, points), *other = MEM_NEW(double, points);
    const double most = largest(points, change);
    const double t = most > 0 ? DENSITY_STEP * largest(points, r->rho) / most : 1;
    for (size_t i = 0; i < points; i++)
        rho[i] = r->rho[i] - t * change[i];
    density_set(s, rho);
    state_density_energy(s, other);
    for (size_t i = 0; i < points; i++)
        rho[i] = r->rho[i] + t * change[i];
    density_set(s, rho);
    state_density_energy(s, change);
    for (size_t i = 0; i < points; i++)
        change[i] = (change[i] - other[i]) / (2 * t);
    density_set(s, r->rho);
    free(rho);
    free(other);
}

/* out += V' psi */
static void add_potential(const struct response *r, const struct kstate *k, const double *change,
                          double *out)
{
    const struct waves *w = k->waves;
    const int step = w->real ? 2 : 1, units = (r->occupied + step - 1) / step;
    const size_t size = w->size;
#pragma omp parallel
    {
        double complex *scratch = MEM_RAW(double complex, waves_scratch(w));
        double *part = MEM_RAW(double, 2 * size);
#pragma omp for schedule(static)
        for (int u = 0; u < units; u++) {
            const int b = u * step, pair = w->real && b + 1 < r->occupied;
            const double *x = k->orbital + b * size;
            waves_potential(w, change, x, pair ? x + size : NULL, part, pair ? part + size : NULL,
                            scratch);
            for (size_t i = 0; i < (pair ? 2 : 1) * size; i++)
                out[b * size + i] += part[i];
        }
        free(part);
        free(scratch);
    }
}

/* out = P [H x - h x + V'[rho'] psi] */
static void apply(struct response *r, double *const *x, double **out)
{
    const int n = r->occupied;
    double *change = MEM_NEW(double, r->s->grid->points);
    density_change(r, x, change);
    potential_change(r, change);
    for (int j = 0; j < r->s->nk; j++) {
        const struct kstate *k = &r->s->k[j];
        const struct block block = block_of(k);
        solver_apply(k->waves, r->potential, n, x[j], out[j]);
        block_combine(&block, -1, n, x[j], n, r->h[j], n, 1, out[j]);
        add_potential(r, k, change, out[j]);
        project_out(r, j, out[j]);
    }
    free(change);
}

/* sum_k w_k <a|b> */
static double dot(const struct response *r, double *const *a, double *const *b)
{
    double sum = 0;
    for (int j = 0; j < r->s->nk; j++) {
        double part = 0;
        const double *x = a[j], *y = b[j];
#pragma omp simd reduction(+ : part)
        for (size_t i = 0; i < numbers(r, j); i++)
            part += x[i] * y[i];
        sum += r->s->k[j].weight * part;
    }
    return sum;
}

static void add(const struct response *r, double t, double *const *x, double **to)
{
    for (int j = 0; j < r->s->nk; j++)
        for (size_t i = 0; i < numbers(r, j); i++)
            to[j][i] += t * x[j][i];
}

/* damped = P K residual; returns <residual|damped> */
static double precondition(struct response *r)
{
    for (int j = 0; j < r->s->nk; j++) {
        const struct kstate *k = &r->s->k[j];
        memcpy(r->damped[j], r->residual[j], numbers(r, j) * sizeof(double));
        solver_precondition(k->waves, r->occupied, k->orbital, r->damped[j]);
        project_out(r, j, r->damped[j]);
    }
    return dot(r, r->residual, r->damped);
}

/* z = 0 and the residual -P y / 4 w_k */
static void start(struct response *r, double **y)
{
    for (int j = 0; j < r->s->nk; j++) {
        const double scale = -0.25 / r->s->k[j].weight;
        memset(r->z[j], 0, numbers(r, j) * sizeof(double));
        memset(r->direction[j], 0, numbers(r, j) * sizeof(double));
        for (size_t i = 0; i < numbers(r, j); i++)
            r->residual[j][i] = scale * y[j][i];
        project_out(r, j, r->residual[j]);
    }
}

static enum status no_minimum(struct err *err)
{
    return err_set(err, ST_COMPUTE,
                   "the occupied orbitals are not a minimum of the energy, or occupied and empty "
                   "levels touch: there is no response; another k point or a smaller --tolerance "
                   "would be right");
}

static enum status iterate(struct response *r, double tolerance, int max_steps,
                           struct response_result *result, struct err *err)
{
    double square = precondition(r), first = square;
    for (result->iterations = 0; square > tolerance * tolerance * first; result->iterations++) {
        if (result->iterations == max_steps)
            return err_set(err, ST_COMPUTE,
                           "the response of the orbitals is off by %.1e after %d steps and the "
                           "tolerance is %.1e; more --max-iterations would be right",
                           sqrt(square / first), max_steps, tolerance);
        for (int j = 0; j < r->s->nk; j++)
            for (size_t i = 0; i < numbers(r, j); i++)
                r->direction[j][i] += r->damped[j][i];
        apply(r, r->direction, r->image);
        const double bend = dot(r, r->direction, r->image);
        if (!(bend > 0))
            return no_minimum(err);
        const double length = square / bend, before = square;
        add(r, length, r->direction, r->z);
        add(r, -length, r->image, r->residual);
        square = precondition(r);
        for (int j = 0; j < r->s->nk; j++)
            for (size_t i = 0; i < numbers(r, j); i++)
                r->direction[j][i] *= square / before;
    }
    result->residual = first > 0 ? sqrt(square / first) : 0;
    return ST_OK;
}

/* The largest norm of an orbital of z */
static double longest(const struct response *r)
{
    double most = 0;
    for (int j = 0; j < r->s->nk; j++)
        for (int b = 0; b < r->occupied; b++) {
            double sum = 0;
            const size_t size = r->s->k[j].waves->size;
            for (size_t i = 0; i < size; i++)
                sum += pow(r->z[j][b * size + i], 2);
            most = fmax(most, sum);
        }
    return sqrt(most);
}

/* Forces and strain derivative of the energy at psi + t z, times scale, added to the result. */
static void add_explicit(struct response *r, double t, double scale, struct response_result *result)
{
    struct shifted x;
    const int atoms = r->s->system->n;
    double(*force)[3] = mem_new(atoms, sizeof *force), stress[3][3];
    double *rho = MEM_RAW(double, r->s->grid->points);
    shift(r, t, r->z, &x, rho);
    density_set(&x.state, rho); /* arrays shared with s */
    state_forces(&x.state, force);
    for (int a = 0; a < 3 * atoms; a++)
        result->force[a / 3][a % 3] += scale * force[a / 3][a % 3];
    if (r->s->system->periodic) {
        state_stress(&x.state, stress);
        for (int a = 0; a < 9; a++)
            result->strain[a / 3][a % 3] += scale * stress[a / 3][a % 3] * r->s->grid->volume;
    }
    density_set(r->s, r->rho);
    shifted_free(r, &x);
    free(rho);
    free(force);
}

enum status response_solve(struct response *r, double **y, double tolerance, int max_steps,
                           struct response_result *result, struct err *err)
{
    start(r, y);
    enum status status = iterate(r, tolerance, max_steps, result, err);
    const double length = longest(r);
    if (status != ST_OK || !(length > 0))
        return status;
    const double t = ORBITAL_STEP / length;
    add_explicit(r, t, 0.5 / t, result);
    add_explicit(r, -t, -0.5 / t, result);
    return ST_OK;
}
