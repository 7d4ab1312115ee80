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

enum { PIECE = 4096 }; /* points summed together */

struct exchange {
    bool known; /* energy and strain are those of the present density */
    double energy, strain[3][3];
    double *f, *f_rho, *f_sigma, *sigma;
    double *gradient[3]; /* NULL for an LDA */
    double complex *rho, *part[3];
};

struct exchange *exchange_new(const struct grid *g, const struct xc *xc)
{
    struct exchange *x = MEM_NEW(struct exchange, 1);
    x->f = MEM_RAW(double, g->points);
    x->f_rho = MEM_RAW(double, g->points);
    if (!xc_gradient(xc))
        return x;
    x->f_sigma = MEM_RAW(double, g->points);
    x->sigma = MEM_RAW(double, g->points);
    x->rho = MEM_RAW(double complex, g->half);
    for (int d = 0; d < 3; d++) {
        x->gradient[d] = MEM_RAW(double, g->points);
        x->part[d] = MEM_RAW(double complex, g->half);
    }
    return x;
}

void exchange_free(struct exchange *x)
{
    if (!x)
        return;
    free(x->f);
    free(x->f_rho);
    free(x->f_sigma);
    free(x->sigma);
    free(x->rho);
    for (int d = 0; d < 3; d++) {
        free(x->gradient[d]);
        free(x->part[d]);
    }
    free(x);
}

void exchange_forget(struct exchange *x)
{
    x->known = false;
}

/* Multiply by i G_d, over the half-complex array; the ambiguous component n/2 has no derivative. */
static void derive(const struct grid *g, int d, const double complex *in, double complex *out)
{
    const int last = g->n[2] / 2;
    for (int i = 0; i < g->n[0]; i++)
        for (int j = 0; j < g->n[1]; j++) {
            const int m[2] = {i > g->n[0] / 2 ? i - g->n[0] : i, j > g->n[1] / 2 ? j - g->n[1] : j};
            const size_t row = ((size_t)i * g->n[1] + j) * (last + 1);
            double x = 0;
            for (int a = 0; a < 2; a++)
                if (2 * m[a] != g->n[a])
                    x += m[a] * g->rec[a][d];
            for (int l = 0; l <= last; l++) {
                const double y = l < last ? x + l * g->rec[2][d] : x;
                out[row + l] = CMPLX(-y * cimag(in[row + l]), y * creal(in[row + l]));
            }
        }
}

/* Gradient of rho and its square. */
static void make_gradient(const struct grid *g, const double *rho, struct exchange *x)
{
    grid_forward(g, rho, x->rho);
#pragma omp parallel for schedule(static, 1)
    for (int d = 0; d < 3; d++) {
        derive(g, d, x->rho, x->part[d]);
        grid_backward(g, x->part[d], x->gradient[d]);
    }
    const double *a = x->gradient[0], *b = x->gradient[1], *c = x->gradient[2];
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < g->points; i++)
        x->sigma[i] = a[i] * a[i] + b[i] * b[i] + c[i] * c[i];
}

/* Sums of one piece: f, f - f_rho rho, and 2 f_sigma times the six products of gradients. */
static void sum_piece(const struct exchange *x, const double *rho, size_t from, size_t to,
                      double sum[8])
{
    static const int pair[6][2] = {{0, 0}, {1, 1}, {2, 2}, {0, 1}, {0, 2}, {1, 2}};
    for (size_t i = from; i < to; i++) {
        sum[0] += x->f[i];
        sum[1] += x->f[i] - x->f_rho[i] * rho[i];
    }
    for (int p = 0; p < 6 && x->f_sigma; p++) {
        const double *a = x->gradient[pair[p][0]], *b = x->gradient[pair[p][1]];
        for (size_t i = from; i < to; i++)
            sum[2 + p] += 2 * x->f_sigma[i] * a[i] * b[i];
    }
}

static void totals(const struct state *s, struct exchange *x)
{
    const struct grid *g = s->grid;
    const int pieces = (int)((g->points + PIECE - 1) / PIECE);
    double(*part)[8] = mem_new(pieces, sizeof *part), sum[8] = {0};
#pragma omp parallel for schedule(static)
    for (int p = 0; p < pieces; p++) {
        const size_t from = (size_t)p * PIECE, to = from + PIECE;
        sum_piece(x, s->rho, from, to < g->points ? to : g->points, part[p]);
    }
    for (int p = 0; p < pieces; p++)
        for (int a = 0; a < 8; a++)
            sum[a] += part[p][a] * g->volume / (double)g->points;
    free(part);
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
    struct exchange *x = s->exchange;
    if (xc_gradient(s->xc))
        make_gradient(s->grid, s->rho, x);
    xc_evaluate(s->xc, s->grid->points, s->rho, x->sigma, x->f, x->f_rho, x->f_sigma);
    totals(s, x);
}

/* potential -= div(2 f_sigma grad rho); spoils x->gradient */
static void add_divergence(const struct grid *g, struct exchange *x, double *potential)
{
#pragma omp parallel for schedule(static, 1)
    for (int d = 0; d < 3; d++) {
        for (size_t i = 0; i < g->points; i++)
            x->gradient[d][i] *= 2 * x->f_sigma[i];
        grid_forward(g, x->gradient[d], x->part[d]);
        derive(g, d, x->part[d], x->part[d]);
    }
    for (size_t i = 0; i < g->half; i++)
        x->part[0][i] += x->part[1][i] + x->part[2][i];
    double *field = x->gradient[0];
    grid_backward(g, x->part[0], field);
    for (size_t i = 0; i < g->points; i++)
        potential[i] -= field[i];
}

static double energy(const struct state *s, double *potential)
{
    struct exchange *x = s->exchange;
    if (!x->known || potential)
        evaluate(s);
    if (potential) {
        for (size_t i = 0; i < s->grid->points; i++)
            potential[i] += x->f_rho[i];
        if (x->f_sigma)
            add_divergence(s->grid, x, potential);
    }
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
