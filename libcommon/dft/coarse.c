/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/coarse.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "dft/block_single.h"
#include "dft/kernel.h"
#include "dft/session.h"
#include "dft/solver.h"

/* One k point; vectors are [occupied][size]. */
struct piece {
    const struct waves *waves;
    struct block block;
    double weight;
    const double *h;
    float *psi;
    double *scale;              /* of the preconditioner, of each orbital */
    float complex *psi_r, *x_r; /* [unit][points]: psi, and what H is applied to, in real space */
    float *z, *residual, *direction, *image, *damped;
};

struct coarse {
    const struct dft *session;
    int nk, occupied;
    double volume;
    size_t points;
    struct grid *grid;
    struct poisson *poisson;
    struct kernel *kernel;
    float *potential, *change_v; /* V and V' */
    double *change;              /* rho', then V' */
    struct piece *k;
};

static size_t numbers(const struct coarse *c, const struct piece *k)
{
    return (size_t)c->occupied * (size_t)k->waves->size;
}

static int units(const struct coarse *c, const struct piece *k)
{
    return k->waves->real ? (c->occupied + 1) / 2 : c->occupied;
}

/* The two orbitals of x that unit u transforms; b NULL: there is one. */
static const float *unit(const struct coarse *c, const struct piece *k, int u, const float *x,
                         const float **b)
{
    const int first = k->waves->real ? 2 * u : u;
    const float *a = x + (size_t)first * (size_t)k->waves->size;
    *b = k->waves->real && first + 1 < c->occupied ? a + k->waves->size : NULL;
    return a;
}

/* field[unit][points] of the orbitals x */
static void open_all(const struct coarse *c, const struct piece *k, const float *x,
                     float complex *field)
{
#pragma omp parallel
    {
        float complex *scratch = MEM_RAW(float complex, waves_single_scratch(k->waves));
#pragma omp for schedule(dynamic)
        for (int u = 0; u < units(c, k); u++) {
            const float *b, *a = unit(c, k, u, x, &b);
            waves_coarse_open(k->waves, a, b, field + (size_t)u * c->points, scratch);
        }
        free(scratch);
    }
}

/* The largest |G| whose sphere fits into the grid */
static double reach(const double cell[3][3], const int n[3])
{
    double most = INFINITY;
    for (int d = 0; d < 3; d++) {
        const double *a = cell[d], length = sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2]);
        most = fmin(most, (n[d] / 2 - 1) * 2 * M_PI / length);
    }
    return most;
}

static void make_fields(struct coarse *c, const struct state *s, const double *potential)
{
    const struct waves_plans *plans = s->k[0].waves->plans;
    c->points = waves_coarse_points(plans);
    c->grid = grid_new(s->grid->cell, NULL, plans->coarse,
                       fmin(s->grid->gmax, reach(s->grid->cell, plans->coarse)));
    c->poisson = poisson_new(c->grid, s->poisson->open);
    c->potential = MEM_RAW(float, c->points);
    c->change_v = MEM_RAW(float, c->points);
    c->change = MEM_RAW(double, c->points);
    waves_coarse_field(plans, s->grid, s->rho, c->potential);
    for (size_t i = 0; i < c->points; i++)
        c->change[i] = c->potential[i];
    c->kernel = kernel_new(c->poisson, s->xc, c->change);
    waves_coarse_field(plans, s->grid, potential, c->potential);
}

static void make_piece(const struct coarse *c, const struct kstate *from, const double *h,
                       struct piece *k)
{
    k->waves = from->waves;
    k->block = (struct block){from->waves->real, from->waves->size};
    k->weight = from->weight;
    k->h = h;
    float **const all[] = {&k->psi, &k->z, &k->residual, &k->direction, &k->image, &k->damped};
    for (int i = 0; i < 6; i++)
        *all[i] = MEM_RAW(float, numbers(c, k));
    for (size_t i = 0; i < numbers(c, k); i++)
        k->psi[i] = (float)from->orbital[i];
    k->scale = MEM_RAW(double, c->occupied);
    for (int n = 0; n < c->occupied; n++)
        k->scale[n] = solver_scale(k->waves, from->orbital + (size_t)n * k->waves->size);
    k->psi_r = MEM_RAW(float complex, units(c, k) * c->points);
    k->x_r = MEM_RAW(float complex, units(c, k) * c->points);
    open_all(c, k, k->psi, k->psi_r);
}

struct coarse *coarse_new(const struct state *s, const double *potential, int occupied,
                          double *const *h)
{
    struct coarse *c = MEM_NEW(struct coarse, 1);
    c->session = s->session;
    c->nk = s->nk;
    c->occupied = occupied;
    c->volume = s->grid->volume;
    make_fields(c, s, potential);
    c->k = MEM_NEW(struct piece, s->nk);
    for (int j = 0; j < s->nk; j++)
        make_piece(c, &s->k[j], h[j], &c->k[j]);
    return c;
}

void coarse_free(struct coarse *c)
{
    if (!c)
        return;
    for (int j = 0; j < c->nk; j++) {
        struct piece *k = &c->k[j];
        void *const all[] = {k->psi,    k->z,     k->residual, k->direction, k->image,
                             k->damped, k->scale, k->psi_r,    k->x_r};
        for (size_t i = 0; i < sizeof all / sizeof *all; i++)
            free(all[i]);
    }
    free(c->k);
    free(c->potential);
    free(c->change_v);
    free(c->change);
    kernel_free(c->kernel);
    poisson_free(c->poisson);
    grid_free(c->grid);
    free(c);
}

/* rho' = 4/V sum_k w_k sum_n psi_n x_n, orbitals in the same order at every point */
static void density_change(struct coarse *c)
{
    enum { SPAN = 1024 };
#pragma omp parallel for schedule(static)
    for (size_t from = 0; from < c->points; from += SPAN) {
        const size_t to = from + SPAN < c->points ? from + SPAN : c->points;
        memset(c->change + from, 0, (to - from) * sizeof *c->change);
        for (int j = 0; j < c->nk; j++) {
            const struct piece *k = &c->k[j];
            const double scale = 4 * k->weight / c->volume;
            for (int u = 0; u < units(c, k); u++) {
                const float *a = (const float *)(k->psi_r + (size_t)u * c->points);
                const float *b = (const float *)(k->x_r + (size_t)u * c->points);
                for (size_t i = from; i < to; i++)
                    c->change[i] +=
                        scale * (double)(a[2 * i] * b[2 * i] + a[2 * i + 1] * b[2 * i + 1]);
            }
        }
    }
}

/* image = P [H x - h x + V' psi], x in real space and as it is */
static void finish(const struct coarse *c, struct piece *k, const float *x)
{
    const size_t size = k->waves->size;
#pragma omp parallel
    {
        float complex *scratch = MEM_RAW(float complex, waves_single_scratch(k->waves));
#pragma omp for schedule(dynamic)
        for (int u = 0; u < units(c, k); u++) {
            const float *b, *a = unit(c, k, u, k->image, &b);
            const size_t at = (size_t)(a - k->image);
            waves_coarse_close(k->waves, c->potential, k->x_r + u * c->points, c->change_v,
                               k->psi_r + u * c->points, k->image + at,
                               b ? k->image + at + size : NULL, scratch);
            for (size_t i = 0; i < (b ? 2 : 1) * size; i++)
                k->image[at + i] += (float)k->waves->kinetic[i % size / 2] * x[at + i];
        }
        free(scratch);
    }
    block_single_add(&k->block, -1, c->occupied, (struct vectors){.narrow = x}, c->occupied, k->h,
                     c->occupied, k->image);
}

/* x -= psi <psi|x> */
static void project_out(const struct coarse *c, const struct piece *k, float *x)
{
    const int n = c->occupied;
    const struct vectors psi = {.narrow = k->psi};
    double *overlap = MEM_RAW(double, (size_t)n *n *block_scalars(&k->block));
    block_single_inner(&k->block, n, psi, n, x, overlap);
    block_single_add(&k->block, -1, n, psi, n, overlap, n, x);
    free(overlap);
}

static void apply(struct coarse *c)
{
    for (int j = 0; j < c->nk; j++)
        open_all(c, &c->k[j], c->k[j].direction, c->k[j].x_r);
    density_change(c);
    kernel_potential(c->kernel, c->change);
    for (size_t i = 0; i < c->points; i++)
        c->change_v[i] = (float)c->change[i];
    for (int j = 0; j < c->nk; j++) {
        finish(c, &c->k[j], c->k[j].direction);
        project_out(c, &c->k[j], c->k[j].image);
    }
}

static double dot(size_t n, const float *a, const float *b)
{
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

/* damped = P K residual; returns <residual|damped> */
static double precondition(struct coarse *c)
{
    double sum = 0;
    for (int j = 0; j < c->nk; j++) {
        struct piece *k = &c->k[j];
        memcpy(k->damped, k->residual, numbers(c, k) * sizeof *k->damped);
        for (int n = 0; n < c->occupied; n++)
            solver_precondition_single(k->waves, k->scale[n],
                                       k->damped + (size_t)n * k->waves->size);
        project_out(c, k, k->damped);
        sum += k->weight * dot(numbers(c, k), k->residual, k->damped);
    }
    return sum;
}

static double start(struct coarse *c, double *const *r)
{
    for (int j = 0; j < c->nk; j++) {
        struct piece *k = &c->k[j];
        for (size_t i = 0; i < numbers(c, k); i++)
            k->residual[i] = (float)r[j][i];
        memset(k->z, 0, numbers(c, k) * sizeof *k->z);
        memset(k->direction, 0, numbers(c, k) * sizeof *k->direction);
    }
    return precondition(c);
}

/* direction = damped + beta direction, its image, and the curvature along it */
static double new_direction(struct coarse *c, double beta)
{
    double bend = 0;
    for (int j = 0; j < c->nk; j++)
        for (size_t i = 0; i < numbers(c, &c->k[j]); i++)
            c->k[j].direction[i] = (float)beta * c->k[j].direction[i] + c->k[j].damped[i];
    apply(c);
    for (int j = 0; j < c->nk; j++)
        bend += c->k[j].weight * dot(numbers(c, &c->k[j]), c->k[j].direction, c->k[j].image);
    return bend;
}

static void step(struct coarse *c, double length)
{
    const float t = (float)length;
    for (int j = 0; j < c->nk; j++) {
        struct piece *k = &c->k[j];
        for (size_t i = 0; i < numbers(c, k); i++) {
            k->z[i] += t * k->direction[i];
            k->residual[i] -= t * k->image[i];
        }
    }
}

struct coarse_result coarse_solve(struct coarse *c, double *const *r, double tolerance,
                                  int max_steps, double **z)
{
    struct coarse_result result = {.minimum = true};
    const double first = start(c, r);
    double square = first, beta = 0;
    while (result.minimum && !session_hurry(c->session) && square > tolerance * tolerance * first &&
           result.steps < max_steps) {
        const double bend = new_direction(c, beta), before = square;
        result.steps++;
        result.minimum = bend > 0;
        if (result.minimum)
            step(c, square / bend);
        square = precondition(c);
        beta = square / before;
    }
    result.residual = first > 0 ? sqrt(square / first) : 0;
    for (int j = 0; j < c->nk; j++)
        for (size_t i = 0; i < numbers(c, &c->k[j]); i++)
            z[j][i] = c->k[j].z[i];
    return result;
}
