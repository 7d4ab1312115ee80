/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Exchange-correlation energy on the grid, E = (V/N) sum_r f(rho, |grad rho|^2), gradients by Fourier
 * transform on the full grid. The potential is the exact derivative of that sum (White & Bird, Phys.
 * Rev. B 50, 4954 (1994), eq. (10)): v = f_rho - div(2 f_sigma grad rho). The strain derivative, too: at
 * fixed coefficients rho scales with 1/V and grad rho -> (1 - tr strain - strain) grad rho.
 */
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "dft/state.h"

struct fields {
    double *f, *f_rho, *f_sigma;
    double *gradient[3]; /* NULL for an LDA */
};

/* Multiply by i G_d, over the half-complex array; the ambiguous component n/2 has no derivative. */
static void derive(const struct grid *g, int d, const double complex *in, double complex *out)
{
    size_t at = 0;
    for (int i = 0; i < g->n[0]; i++)
        for (int j = 0; j < g->n[1]; j++)
            for (int l = 0; l <= g->n[2] / 2; l++, at++) {
                int m[3] = {i > g->n[0] / 2 ? i - g->n[0] : i, j > g->n[1] / 2 ? j - g->n[1] : j,
                            l};
                double x = 0;
                for (int a = 0; a < 3; a++)
                    if (2 * m[a] != g->n[a])
                        x += m[a] * g->rec[a][d];
                out[at] = I * x * in[at];
            }
}

static void gradient(const struct grid *g, const double *rho, struct fields *x)
{
    double complex *c = MEM_NEW(double complex, g->half);
    grid_forward(g, rho, c);
#pragma omp parallel for
    for (int d = 0; d < 3; d++) {
        double complex *part = MEM_NEW(double complex, g->half);
        x->gradient[d] = MEM_NEW(double, g->points);
        derive(g, d, c, part);
        grid_backward(g, part, x->gradient[d]);
        free(part);
    }
    free(c);
}

static void fields_make(const struct state *s, struct fields *x)
{
    const struct grid *g = s->grid;
    double *sigma = NULL;
    memset(x, 0, sizeof *x);
    x->f = MEM_NEW(double, g->points);
    x->f_rho = MEM_NEW(double, g->points);
    if (xc_gradient(s->xc)) {
        x->f_sigma = MEM_NEW(double, g->points);
        sigma = MEM_NEW(double, g->points);
        gradient(g, s->rho, x);
        for (int d = 0; d < 3; d++)
            for (size_t i = 0; i < g->points; i++)
                sigma[i] += x->gradient[d][i] * x->gradient[d][i];
    }
    xc_evaluate(s->xc, g->points, s->rho, sigma, x->f, x->f_rho, x->f_sigma);
    free(sigma);
}

static void fields_free(struct fields *x)
{
    free(x->f);
    free(x->f_rho);
    free(x->f_sigma);
    for (int d = 0; d < 3; d++)
        free(x->gradient[d]);
}

/* potential -= div(2 f_sigma grad rho); spoils x->gradient */
static void add_divergence(const struct grid *g, struct fields *x, double *potential)
{
    double complex *sum = MEM_NEW(double complex, g->half);
#pragma omp parallel for ordered schedule(static, 1)
    for (int d = 0; d < 3; d++) {
        double complex *part = MEM_NEW(double complex, g->half);
        for (size_t i = 0; i < g->points; i++)
            x->gradient[d][i] *= 2 * x->f_sigma[i];
        grid_forward(g, x->gradient[d], part);
        derive(g, d, part, part);
#pragma omp ordered
        for (size_t i = 0; i < g->half; i++)
            sum[i] += part[i];
        free(part);
    }
    double *field = x->gradient[0];
    grid_backward(g, sum, field);
    for (size_t i = 0; i < g->points; i++)
        potential[i] -= field[i];
    free(sum);
}

static double energy(const struct state *s, double *potential)
{
    const struct grid *g = s->grid;
    struct fields x;
    double sum = 0;
    fields_make(s, &x);
    for (size_t i = 0; i < g->points; i++)
        sum += x.f[i];
    if (potential) {
        for (size_t i = 0; i < g->points; i++)
            potential[i] += x.f_rho[i];
        if (x.f_sigma)
            add_divergence(g, &x, potential);
    }
    fields_free(&x);
    return sum * g->volume / (double)g->points;
}

static void strain(const struct state *s, double out[3][3])
{
    const struct grid *g = s->grid;
    struct fields x;
    double trace = 0, full[3][3] = {{0}}, point = g->volume / (double)g->points;
    fields_make(s, &x);
    for (size_t i = 0; i < g->points; i++) {
        trace += x.f[i] - x.f_rho[i] * s->rho[i];
        for (int a = 0; a < 9 && x.f_sigma; a++)
            full[a / 3][a % 3] += 2 * x.f_sigma[i] * x.gradient[a / 3][i] * x.gradient[a % 3][i];
    }
    trace -= full[0][0] + full[1][1] + full[2][2];
    for (int a = 0; a < 9; a++)
        out[a / 3][a % 3] += point * ((a % 4 ? 0 : trace) - full[a / 3][a % 3]);
    fields_free(&x);
}

const struct term exchange_term = {"exchange-correlation", energy, NULL, strain};
