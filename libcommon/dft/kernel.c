/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/kernel.h"
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"

enum { LONG = 1 << 14 /* points from which on threads are worth waking */ };

struct kernel {
    const struct poisson *poisson;
    const struct grid *grid;
    double *rho, *gradient[3];              /* gradients: NULL for an LDA */
    double *f_r, *f_s, *f_rr, *f_rs, *f_ss; /* f_r: only to find f_s */
    double complex *list;                   /* of poisson->grid; open boundaries only */
    double complex *half, *part;            /* work */
    double *along[3], *sigma;               /* gradient of the change, sigma' */
};

static void make_gradient(struct kernel *k, const double *rho, double *const gradient[3])
{
    grid_forward(k->grid, rho, k->half);
    for (int d = 0; d < 3; d++) {
        grid_derive(k->grid, d, k->half, false, k->part);
        grid_backward(k->grid, k->part, gradient[d]);
    }
}

/* sigma = scale a . b at every point */
static void dot_fields(size_t n, double scale, double *const a[3], double *const b[3],
                       double *sigma)
{
#pragma omp parallel for schedule(static) if (n >= LONG)
    for (size_t i = 0; i < n; i++)
        sigma[i] = scale * (a[0][i] * b[0][i] + a[1][i] * b[1][i] + a[2][i] * b[2][i]);
}

static void allocate(struct kernel *k, bool gradient)
{
    const size_t n = k->grid->points;
    double **const always[] = {&k->rho, &k->f_r, &k->f_rr};
    double **const gga[] = {&k->f_s,         &k->f_rs,        &k->f_ss,        &k->sigma,
                            &k->gradient[0], &k->gradient[1], &k->gradient[2], &k->along[0],
                            &k->along[1],    &k->along[2]};
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        *always[i] = MEM_RAW(double, n);
    for (size_t i = 0; i < sizeof gga / sizeof *gga && gradient; i++)
        *gga[i] = MEM_RAW(double, n);
    k->half = MEM_RAW(double complex, k->grid->half);
    k->part = MEM_RAW(double complex, k->grid->half);
    if (k->poisson->open)
        k->list = MEM_RAW(double complex, k->poisson->grid->ng);
}

struct kernel *kernel_new(const struct poisson *p, const struct xc *xc, const double *rho)
{
    struct kernel *k = MEM_NEW(struct kernel, 1);
    const size_t n = p->box->points;
    double *f = MEM_RAW(double, n);
    k->poisson = p;
    k->grid = p->box;
    allocate(k, xc_gradient(xc));
    memcpy(k->rho, rho, n * sizeof *rho);
    if (k->sigma) {
        make_gradient(k, rho, k->gradient);
        dot_fields(n, 1, k->gradient, k->gradient, k->sigma);
    }
    xc_evaluate(xc, n, rho, k->sigma, f, k->f_r, k->f_s);
    xc_second(xc, n, rho, k->sigma, k->f_rr, k->f_rs, k->f_ss);
    free(f);
    return k;
}

void kernel_free(struct kernel *k)
{
    if (!k)
        return;
    double *const all[] = {k->rho,         k->f_r,         k->f_rr,       k->f_s,      k->f_rs,
                           k->f_ss,        k->sigma,       k->along[0],   k->along[1], k->along[2],
                           k->gradient[0], k->gradient[1], k->gradient[2]};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
    free(k->half);
    free(k->part);
    free(k->list);
    free(k);
}

/* gradient of the change and sigma' */
static void change_gradient(struct kernel *k, const double *change)
{
    make_gradient(k, change, k->along);
    dot_fields(k->grid->points, 2, k->gradient, k->along, k->sigma);
}

/* change -> f_rr rho' + f_rs sigma', and along -> the field whose divergence is taken off */
static void local_part(struct kernel *k, double *change)
{
    const size_t n = k->grid->points;
#pragma omp parallel for schedule(static) if (n >= LONG)
    for (size_t i = 0; i < n; i++) {
        const double r = change[i], s = k->sigma ? k->sigma[i] : 0;
        change[i] = k->f_rr[i] * r;
        if (!k->sigma)
            continue;
        change[i] += k->f_rs[i] * s;
        const double x = 2 * (k->f_rs[i] * r + k->f_ss[i] * s), y = 2 * k->f_s[i];
        for (int d = 0; d < 3; d++)
            k->along[d][i] = x * k->gradient[d][i] + y * k->along[d][i];
    }
}

void kernel_potential(struct kernel *k, double *change)
{
    const struct grid *g = k->grid;
    const bool open = k->poisson->open;
    double *work = MEM_RAW(double, g->points);
    double complex *out = MEM_NEW(double complex, g->half);
    if (open)
        poisson_to_list(k->poisson, change, k->list);
    if (k->sigma)
        change_gradient(k, change); /* leaves the change in k->half */
    else
        grid_forward(g, change, k->half);
    for (int i = 0; i < g->ng && !open; i++)
        out[g->place[i]] = -k->poisson->kernel[i] * k->half[g->place[i]];
    local_part(k, change);
    for (int d = 0; d < 3 && k->sigma; d++) {
        grid_forward(g, k->along[d], k->part);
        grid_derive(g, d, k->part, true, out);
    }
    grid_backward(g, out, work);
    for (size_t i = 0; i < g->points; i++)
        change[i] -= work[i];
    for (int i = 0; i < k->poisson->grid->ng && open; i++)
        k->list[i] *= k->poisson->kernel[i];
    if (open)
        poisson_add_field(k->poisson, k->list, change);
    free(work);
    free(out);
}

/* Changes at point i: trace of f - f_rho rho, and the products of 2 f_sigma grad rho grad rho */
static double point_strain(const struct kernel *k, size_t i, double r, double products[3][3])
{
    if (!k->sigma)
        return -k->f_rr[i] * r * k->rho[i];
    const double s = k->sigma[i], x = 2 * (k->f_rs[i] * r + k->f_ss[i] * s), y = 2 * k->f_s[i];
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++)
            products[a][b] +=
                x * k->gradient[a][i] * k->gradient[b][i] +
                y * (k->along[a][i] * k->gradient[b][i] + k->gradient[a][i] * k->along[b][i]);
    return k->f_s[i] * s - k->rho[i] * (k->f_rr[i] * r + k->f_rs[i] * s);
}

/* (f - f_rho rho - 2 f_sigma sigma) 1 - 2 f_sigma grad rho grad rho, as in dft/exchange.c */
void kernel_strain(struct kernel *k, const double *change, double strain[3][3])
{
    const double scale = k->grid->volume / (double)k->grid->points;
    double trace = 0, products[3][3] = {{0}};
    if (k->sigma)
        change_gradient(k, change);
    for (size_t i = 0; i < k->grid->points; i++)
        trace += point_strain(k, i, change[i], products);
    for (int a = 0; a < 3; a++)
        trace -= products[a][a];
    for (int a = 0; a < 9; a++)
        strain[a / 3][a % 3] += scale * ((a % 4 ? 0 : trace) - products[a / 3][a % 3]);
}
