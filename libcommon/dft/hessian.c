/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/hessian.h"
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "dft/block.h"
#include "dft/solver.h"

enum { TOGETHER = 8 }; /* products of orbitals in memory at once */

static struct block block_of(const struct kstate *k)
{
    return (struct block){k->waves->real, k->waves->size};
}

size_t hessian_numbers(const struct hessian *v, int j)
{
    return (size_t)v->occupied * (size_t)v->s->k[j].waves->size;
}

double **hessian_arrays(const struct hessian *v)
{
    double **x = MEM_NEW(double *, v->s->nk);
    for (int j = 0; j < v->s->nk; j++)
        x[j] = MEM_NEW(double, hessian_numbers(v, j));
    return x;
}

void hessian_free_arrays(const struct hessian *v, double **x)
{
    for (int j = 0; j < v->s->nk; j++)
        free(x[j]);
    free(x);
}

/* h of every k: <psi_m|H|psi_n> */
static void fill_matrices(struct hessian *v)
{
    const int n = v->occupied;
    double **image = hessian_arrays(v);
    v->h = MEM_NEW(double *, v->s->nk);
    for (int j = 0; j < v->s->nk; j++) {
        const struct kstate *k = &v->s->k[j];
        const struct block block = block_of(k);
        v->h[j] = MEM_NEW(double, (size_t)n *n *block_scalars(&block));
        solver_apply(k->waves, v->potential, n, k->orbital, image[j]);
        block_inner(&block, n, k->orbital, n, image[j], v->h[j]);
    }
    hessian_free_arrays(v, image);
}

struct hessian *hessian_new(const struct state *s)
{
    struct hessian *v = MEM_NEW(struct hessian, 1);
    v->s = s;
    v->occupied = (int)(s->electrons / 2 + 0.25);
    v->potential = MEM_NEW(double, s->grid->points);
    state_density_energy(s, v->potential);
    fill_matrices(v);
    v->kernel = kernel_new(s->poisson, s->xc, s->rho);
    return v;
}

void hessian_shift(struct hessian *v, double by)
{
    for (int j = 0; j < v->s->nk; j++) {
        const struct block block = block_of(&v->s->k[j]);
        for (int n = 0; n < v->occupied; n++)
            v->h[j][(size_t)n * (v->occupied + 1) * block_scalars(&block)] -= by;
    }
}

void hessian_free(struct hessian *v)
{
    if (!v)
        return;
    for (int j = 0; j < v->s->nk; j++)
        free(v->h[j]);
    free(v->h);
    kernel_free(v->kernel);
    free(v->potential);
    free(v);
}

void hessian_project(const struct hessian *v, int j, double *x)
{
    const struct kstate *k = &v->s->k[j];
    const struct block block = block_of(k);
    const int n = v->occupied;
    double *overlap = MEM_RAW(double, (size_t)n *n *block_scalars(&block));
    block_inner(&block, n, k->orbital, n, x, overlap);
    block_combine(&block, -1, n, k->orbital, n, overlap, n, 1, x);
    free(overlap);
}

/* Two orbitals, or one, that share a transform: the first of unit u, and whether there is a second. */
static const double *unit(const struct hessian *v, int j, int u, const double *x, bool *pair)
{
    const struct waves *w = v->s->k[j].waves;
    const int first = w->real ? 2 * u : u;
    *pair = w->real && first + 1 < v->occupied;
    return x + (size_t)first * (size_t)w->size;
}

static int units(const struct hessian *v, int j)
{
    return v->s->k[j].waves->real ? (v->occupied + 1) / 2 : v->occupied;
}

static void open_unit(const struct hessian *v, int j, int u, const double *x, double complex *field,
                      double complex *scratch)
{
    const struct waves *w = v->s->k[j].waves;
    bool pair;
    const double *a = unit(v, j, u, x, &pair);
    waves_open(w, a, pair ? a + w->size : NULL, field, scratch);
}

/* product = sum of psi x of unit u; room: two fields, then scratch */
static void multiply(const struct hessian *v, int j, int u, const double *x, double complex *room,
                     double *product)
{
    const size_t points = v->s->grid->points;
    const double *a = (const double *)room, *b = (const double *)(room + points);
    open_unit(v, j, u, v->s->k[j].orbital, room, room + 2 * points);
    open_unit(v, j, u, x, room + points, room + 2 * points);
    for (size_t i = 0; i < points; i++)
        product[i] = a[2 * i] * b[2 * i] + a[2 * i + 1] * b[2 * i + 1];
}

static double complex *new_room(const struct hessian *v, int j)
{
    return MEM_RAW(double complex, 2 * v->s->grid->points + waves_scratch(v->s->k[j].waves));
}

/* Units in the same order whatever the number of threads */
void hessian_density(const struct hessian *v, double *const *x, double *change)
{
    const size_t points = v->s->grid->points;
    double *product = MEM_RAW(double, TOGETHER *points);
    memset(change, 0, points * sizeof *change);
    for (int j = 0; j < v->s->nk; j++)
        for (int from = 0, all = units(v, j); from < all; from += TOGETHER) {
            const int count = all - from < TOGETHER ? all - from : TOGETHER;
            const double scale = 4 * v->s->k[j].weight / v->s->grid->volume;
#pragma omp parallel
            {
                double complex *room = new_room(v, j);
#pragma omp for schedule(static)
                for (int u = 0; u < count; u++)
                    multiply(v, j, from + u, x[j], room, product + u * points);
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
static void apply_k(const struct hessian *v, int j, const double *x, const double *change,
                    double *out)
{
    const struct waves *w = v->s->k[j].waves;
    const size_t points = v->s->grid->points, size = w->size;
#pragma omp parallel
    {
        double complex *room = new_room(v, j);
#pragma omp for schedule(static)
        for (int u = 0; u < units(v, j); u++) {
            bool pair;
            const size_t at = (size_t)(unit(v, j, u, x, &pair) - x);
            open_unit(v, j, u, v->s->k[j].orbital, room, room + 2 * points);
            open_unit(v, j, u, x, room + points, room + 2 * points);
            waves_close(w, v->potential, room + points, change, room, out + at,
                        pair ? out + at + size : NULL, room + 2 * points);
            for (size_t i = 0; i < (pair ? 2 : 1) * size; i++)
                out[at + i] += w->kinetic[i % size / 2] * x[at + i];
        }
        free(room);
    }
}

void hessian_apply(const struct hessian *v, double *const *x, double **out)
{
    const int n = v->occupied;
    double *change = MEM_RAW(double, v->s->grid->points);
    hessian_density(v, x, change);
    kernel_potential(v->kernel, change);
    for (int j = 0; j < v->s->nk; j++) {
        const struct block block = block_of(&v->s->k[j]);
        apply_k(v, j, x[j], change, out[j]);
        block_combine(&block, -1, n, x[j], n, v->h[j], n, 1, out[j]);
        hessian_project(v, j, out[j]);
    }
    free(change);
}
