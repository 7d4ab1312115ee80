/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Exchange-correlation energy on the grid, E = (V/N) sum_r f(rho, |grad rho|^2), gradients by Fourier
 * transform on the full grid. The potential is the exact derivative of that sum (White & Bird, Phys.
 * Rev. B 50, 4954 (1994), eq. (10)): v = f_rho - div(2 f_sigma grad rho). The strain derivative, too: at
 * fixed coefficients rho scales with 1/V and grad rho -> (1 - tr strain - strain) grad rho.
 *
 * The functional is what costs: energy and strain derivative of a density are found together and kept.
 */
#include "dft/exchange.h"
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "dft/state.h"

enum {
    PIECE = 2048,  /* points summed together */
    LONG = 1 << 15 /* points from which on threads are worth waking for a pass over them */
};

struct exchange {
    bool known; /* energy and strain are those of the present density */
    double energy, strain[3][3];
    double *f_rho, *f_sigma;
    double *gradient[3]; /* NULL for an LDA */
    double complex *rho, *part;
};

struct exchange *exchange_new(const struct grid *g, const struct xc *xc)
{
    struct exchange *x = MEM_NEW(struct exchange, 1);
    x->f_rho = MEM_RAW(double, g->points);
    if (!xc_gradient(xc))
        return x;
    x->f_sigma = MEM_RAW(double, g->points);
    x->rho = MEM_RAW(double complex, g->half);
    x->part = MEM_RAW(double complex, g->half);
    for (int d = 0; d < 3; d++)
        x->gradient[d] = MEM_RAW(double, g->points);
    return x;
}

void exchange_free(struct exchange *x)
{
    if (!x)
        return;
    free(x->f_rho);
    free(x->f_sigma);
    free(x->rho);
    free(x->part);
    for (int d = 0; d < 3; d++)
        free(x->gradient[d]);
    free(x);
}

void exchange_forget(struct exchange *x)
{
    x->known = false;
}

static void make_gradient(const struct grid *g, const double *rho, struct exchange *x)
{
    grid_forward(g, rho, x->rho);
    for (int d = 0; d < 3; d++) {
        grid_derive(g, d, x->rho, false, x->part);
        grid_backward(g, x->part, x->gradient[d]);
    }
}

/* Sums of n points: f, f - f_rho rho, and 2 f_sigma times the six products of gradients. */
static void sum_piece(size_t n, const double *rho, const double *f, const double *f_rho,
                      const double *f_sigma, double *const gradient[3], double sum[8])
{
    static const int pair[6][2] = {{0, 0}, {1, 1}, {2, 2}, {0, 1}, {0, 2}, {1, 2}};
    for (size_t i = 0; i < n; i++) {
        sum[0] += f[i];
        sum[1] += f[i] - f_rho[i] * rho[i];
    }
    for (int p = 0; p < 6 && f_sigma; p++) {
        const double *a = gradient[pair[p][0]], *b = gradient[pair[p][1]];
        for (size_t i = 0; i < n; i++)
            sum[2 + p] += 2 * f_sigma[i] * a[i] * b[i];
    }
}

/* The functional at n points from `from`. */
static void evaluate_piece(const struct state *s, size_t from, size_t n, double sum[8])
{
    struct exchange *x = s->exchange;
    double f[PIECE], sigma[PIECE] = {0};
    double *f_rho = x->f_rho + from, *f_sigma = x->f_sigma ? x->f_sigma + from : NULL;
    double *gradient[3] = {NULL};
    if (f_sigma) {
        for (int d = 0; d < 3; d++)
            gradient[d] = x->gradient[d] + from;
        const double *a = gradient[0], *b = gradient[1], *c = gradient[2];
        for (size_t i = 0; i < n; i++)
            sigma[i] = a[i] * a[i] + b[i] * b[i] + c[i] * c[i];
    }
    xc_evaluate(s->xc, n, s->rho + from, f_sigma ? sigma : NULL, f, f_rho, f_sigma);
    sum_piece(n, s->rho + from, f, f_rho, f_sigma, gradient, sum);
}

static void keep(struct exchange *x, const double sum[8])
{
    const double trace = sum[1] - sum[2] - sum[3] - sum[4];
    const double full[3][3] = {{trace - sum[2], -sum[5], -sum[6]},
                               {-sum[5], trace - sum[3], -sum[7]},
                               {-sum[6], -sum[7], trace - sum[4]}};
    x->energy = sum[0];
    memcpy(x->strain, full, sizeof full);
    x->known = true;
}

static void evaluate(const struct state *s)
{
    const struct grid *g = s->grid;
    const int pieces = (int)((g->points + PIECE - 1) / PIECE);
    double(*part)[8] = mem_new(pieces, sizeof *part), sum[8] = {0};
    if (xc_gradient(s->xc))
        make_gradient(g, s->rho, s->exchange);
#pragma omp parallel for schedule(static)
    for (int p = 0; p < pieces; p++) {
        const size_t from = (size_t)p * PIECE, left = g->points - from;
        evaluate_piece(s, from, left < PIECE ? left : PIECE, part[p]);
    }
    for (int p = 0; p < pieces; p++)
        for (int a = 0; a < 8; a++)
            sum[a] += part[p][a] * g->volume / (double)g->points;
    free(part);
    keep(s->exchange, sum);
}

/* x->gradient[0] = div(2 f_sigma grad rho); spoils the others and x->rho */
static void make_divergence(const struct grid *g, struct exchange *x)
{
    for (int d = 0; d < 3; d++) {
        double *field = x->gradient[d];
#pragma omp parallel for schedule(static) if (g->points >= LONG)
        for (size_t i = 0; i < g->points; i++)
            field[i] *= 2 * x->f_sigma[i];
        grid_forward(g, field, x->part);
        grid_derive(g, d, x->part, d > 0, x->rho);
    }
    grid_backward(g, x->rho, x->gradient[0]);
}

static double energy(const struct state *s, double *potential)
{
    struct exchange *x = s->exchange;
    if (!x->known || potential)
        evaluate(s);
    if (potential && x->f_sigma)
        make_divergence(s->grid, x);
    const size_t points = potential ? s->grid->points : 0;
    const double *divergence = x->f_sigma ? x->gradient[0] : NULL;
#pragma omp parallel for schedule(static) if (points >= LONG)
    for (size_t i = 0; i < points; i++)
        potential[i] += divergence ? x->f_rho[i] - divergence[i] : x->f_rho[i];
    return x->energy;
}

static void strain(const struct state *s, double out[3][3])
{
    if (!s->exchange->known)
        evaluate(s);
    for (int a = 0; a < 9; a++)
        out[a / 3][a % 3] += s->exchange->strain[a / 3][a % 3];
}

const struct term exchange_term = {"exchange-correlation", energy, NULL, strain};
