/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/response.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "dft/block.h"
#include "dft/coarse.h"
#include "dft/density.h"
#include "dft/kernel.h"
#include "dft/solver.h"

/* What a turn on the coarse grid leaves of the residual, whatever it says itself: 2e-4 to 3e-3. Its own word is taken
 * where no more is asked for than TRUSTED. */
#define COARSE_ERROR 5e-4
#define TRUSTED 0.02
#define SAFE 0.7    /* of what is asked for: aim of a turn */
#define STALLED 0.5 /* a turn that leaves more than this of the residual */

enum { TOGETHER = 8 }; /* products of orbitals in memory at once */

/* Arrays of the occupied orbitals, per k: [occupied][size]. */
struct response {
    struct state *s;
    int occupied;
    double *potential;
    struct kernel *kernel;
    struct coarse *coarse;
    double **h;                              /* [n][m] = <psi_m|H|psi_n> */
    double **z, **residual, **turn, **image; /* of the solution; turn: what is added to z */
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

static void fill_matrices(struct response *r)
{
    const int n = r->occupied;
    r->h = MEM_NEW(double *, r->s->nk);
    for (int j = 0; j < r->s->nk; j++) {
        const struct kstate *k = &r->s->k[j];
        const struct block block = block_of(k);
        r->h[j] = MEM_NEW(double, (size_t)n *n *block_scalars(&block));
        solver_apply(k->waves, r->potential, n, k->orbital, r->image[j]);
        block_inner(&block, n, k->orbital, n, r->image[j], r->h[j]);
    }
}

struct response *response_new(struct state *s)
{
    struct response *r = MEM_NEW(struct response, 1);
    r->s = s;
    r->occupied = (int)(s->electrons / 2 + 0.25);
    r->potential = MEM_NEW(double, s->grid->points);
    state_density_energy(s, r->potential);
    double ***const all[] = {&r->z, &r->residual, &r->turn, &r->image};
    for (int i = 0; i < 4; i++)
        *all[i] = arrays(r);
    fill_matrices(r);
    r->kernel = kernel_new(s->poisson, s->xc, s->rho);
    r->coarse = coarse_new(s, r->potential, r->occupied, r->h);
    return r;
}

void response_free(struct response *r)
{
    if (!r)
        return;
    double **const all[] = {r->z, r->residual, r->turn, r->image};
    for (int i = 0; i < 4; i++)
        free_arrays(r, all[i]);
    for (int j = 0; j < r->s->nk; j++)
        free(r->h[j]);
    free(r->h);
    kernel_free(r->kernel);
    coarse_free(r->coarse);
    free(r->potential);
    free(r);
}

/* Two orbitals, or one, that share a transform: the first of unit u, and whether there is a second. */
static const double *unit(const struct response *r, int j, int u, const double *x, bool *pair)
{
    const struct waves *w = r->s->k[j].waves;
    const int first = w->real ? 2 * u : u;
    *pair = w->real && first + 1 < r->occupied;
    return x + (size_t)first * (size_t)w->size;
}

static int units(const struct response *r, int j)
{
    return r->s->k[j].waves->real ? (r->occupied + 1) / 2 : r->occupied;
}

static void open_unit(const struct response *r, int j, int u, const double *x,
                      double complex *field, double complex *scratch)
{
    const struct waves *w = r->s->k[j].waves;
    bool pair;
    const double *a = unit(r, j, u, x, &pair);
    waves_open(w, a, pair ? a + w->size : NULL, field, scratch);
}

/* product = sum of psi x of unit u; room: two fields, then scratch */
static void multiply(const struct response *r, int j, int u, const double *x, double complex *room,
                     double *product)
{
    const size_t points = r->s->grid->points;
    const double *a = (const double *)room, *b = (const double *)(room + points);
    open_unit(r, j, u, r->s->k[j].orbital, room, room + 2 * points);
    open_unit(r, j, u, x, room + points, room + 2 * points);
    for (size_t i = 0; i < points; i++)
        product[i] = a[2 * i] * b[2 * i] + a[2 * i + 1] * b[2 * i + 1];
}

static double complex *new_room(const struct response *r, int j)
{
    return MEM_RAW(double complex, 2 * r->s->grid->points + waves_scratch(r->s->k[j].waves));
}

/* rho' = 4/V sum_k w_k sum_n psi_n x_n; units in the same order whatever the number of threads */
static void density_change(const struct response *r, double *const *x, double *change)
{
    const size_t points = r->s->grid->points;
    double *product = MEM_RAW(double, TOGETHER *points);
    memset(change, 0, points * sizeof *change);
    for (int j = 0; j < r->s->nk; j++)
        for (int from = 0, all = units(r, j); from < all; from += TOGETHER) {
            const int count = all - from < TOGETHER ? all - from : TOGETHER;
            const double scale = 4 * r->s->k[j].weight / r->s->grid->volume;
#pragma omp parallel
            {
                double complex *room = new_room(r, j);
#pragma omp for schedule(static)
                for (int u = 0; u < count; u++)
                    multiply(r, j, from + u, x[j], room, product + u * points);
#pragma omp for schedule(static)
                for (size_t i = 0; i < points; i++)
                    for (int u = 0; u < count; u++)
                        change[i] += scale * product[u * points + i];
                free(room);
            }
        }
    free(product);
}

/* out = H x + V' psi at one k */
static void apply_k(const struct response *r, int j, const double *x, const double *change,
                    double *out)
{
    const struct waves *w = r->s->k[j].waves;
    const size_t points = r->s->grid->points, size = w->size;
#pragma omp parallel
    {
        double complex *room = new_room(r, j);
#pragma omp for schedule(static)
        for (int u = 0; u < units(r, j); u++) {
            bool pair;
            const size_t at = (size_t)(unit(r, j, u, x, &pair) - x);
            open_unit(r, j, u, r->s->k[j].orbital, room, room + 2 * points);
            open_unit(r, j, u, x, room + points, room + 2 * points);
            waves_close(w, r->potential, room + points, change, room, out + at,
                        pair ? out + at + size : NULL, room + 2 * points);
            for (size_t i = 0; i < (pair ? 2 : 1) * size; i++)
                out[at + i] += w->kinetic[i % size / 2] * x[at + i];
        }
        free(room);
    }
}

/* out = P [H x - h x + V'[rho'] psi] */
static void apply(struct response *r, double *const *x, double **out)
{
    const int n = r->occupied;
    double *change = MEM_RAW(double, r->s->grid->points);
    density_change(r, x, change);
    kernel_potential(r->kernel, change);
    for (int j = 0; j < r->s->nk; j++) {
        const struct block block = block_of(&r->s->k[j]);
        apply_k(r, j, x[j], change, out[j]);
        block_combine(&block, -1, n, x[j], n, r->h[j], n, 1, out[j]);
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

/* <residual|P K|residual>, K the preconditioner */
static double square_of(const struct response *r)
{
    for (int j = 0; j < r->s->nk; j++) {
        const struct kstate *k = &r->s->k[j];
        double *damped = r->image[j];
        memcpy(damped, r->residual[j], numbers(r, j) * sizeof(double));
        solver_precondition(k->waves, r->occupied, k->orbital, damped);
        project_out(r, j, damped);
    }
    return dot(r, r->residual, r->image);
}

/* z = 0 and the residual -P y / 4 w_k */
static void start(struct response *r, double **y)
{
    for (int j = 0; j < r->s->nk; j++) {
        const double scale = -0.25 / r->s->k[j].weight;
        memset(r->z[j], 0, numbers(r, j) * sizeof(double));
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
        if (!turn.minimum)
            return no_minimum(err);
        add(r, 1, r->turn, r->z);
        left = turn.residual;
        if (tolerance < TRUSTED) {
            apply(r, r->turn, r->image);
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
            for (int b = 0; b < r->occupied; b++) {
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
    density_change(r, r->z, change);
    density_set(s, change); /* in which these are linear */
    local_term.force(s, result->force);
    if (s->system->periodic) {
        local_term.strain(s, result->strain);
        add_hartree(s, rho, change, result->strain);
        add_kinetic(r, result->strain);
        kernel_strain(r->kernel, change, result->strain);
    }
    density_set(s, rho);
    free(rho);
    free(change);
}

enum status response_solve(struct response *r, double **y, double tolerance, int max_steps,
                           struct response_result *result, struct err *err)
{
    start(r, y);
    const enum status status = iterate(r, tolerance, max_steps, result, err);
    if (status == ST_OK)
        add_explicit(r, result);
    return status;
}
