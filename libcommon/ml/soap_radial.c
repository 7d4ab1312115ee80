/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "maths/linalg.h"
#include "ml/soap_radial.h"
#include "ml/sphere.h"

enum { GRID = 96, INTERVALS = 96, BESSEL_START = 160 };

struct jet { /* a function of r with two derivatives */
    double f, d, dd;
};

static struct jet times(struct jet a, struct jet b)
{
    return (struct jet){a.f * b.f, a.d * b.f + a.f * b.d, a.dd * b.f + 2 * a.d * b.d + a.f * b.dd};
}

/* 1 - t^3 (10 - 15 t + 6 t^2): from 1 to 0 with two vanishing derivatives at both ends */
static struct jet step_down(double t, double width)
{
    double u = 1 - t;
    return (struct jet){1 - t * t * t * (10 - 15 * t + 6 * t * t), -30 * t * t * u * u / width,
                        -60 * t * u * (u - t) / (width * width)};
}

static struct jet weight(const struct soap_settings *s, double r)
{
    struct jet w = {1, 0, 0};
    double inner = s->cutoff - s->transition;
    if (s->scale > 0) {
        double m = s->exponent, q = pow(r / s->scale, m), u = 1 / (1 + q);
        double d = r > 0 ? m * q / r : 0, dd = r > 0 ? m * (m - 1) * q / (r * r) : 0;
        w = (struct jet){u, -d * u * u, -dd * u * u + 2 * d * d * u * u * u};
    }
    if (r > inner)
        w = times(w, step_down(fmin((r - inner) / s->transition, 1), s->transition));
    return w;
}

/* exp(-x) i_l(x) for l <= lmax, by the continued fraction of the ratios (stable downwards). */
static void bessel(int lmax, double x, double *i)
{
    double ratio = 0;
    double zero = x > 1e-8 ? -expm1(-2 * x) / (2 * x) : 1 - x;
    for (int l = BESSEL_START; l > 0; l--) {
        ratio = x / (2 * l + 1 + x * ratio);
        if (l <= lmax)
            i[l] = ratio;
    }
    i[0] = zero;
    for (int l = 1; l <= lmax; l++)
        i[l] *= i[l - 1];
}

/* di_l/dx = (l i_l-1 + (l+1) i_l+1)/(2l+1), applied to a ladder that already carries exp(-x) */
static double ladder(const double *i, int l)
{
    return ((l ? l * i[l - 1] : 0) + (l + 1) * i[l + 1]) / (2 * l + 1);
}

/* K_l(r, other) as a function of r, all l <= lmax. */
static void overlap(int lmax, double sigma, double r, double other, struct jet k[])
{
    double i[SPHERE_MAX + 3], first[SPHERE_MAX + 2], b = other / (2 * sigma * sigma),
                                                     a = r / (2 * sigma * sigma);
    double g = 4 * M_PI * exp(-(r - other) * (r - other) / (4 * sigma * sigma));
    bessel(lmax + 2, r * b, i);
    for (int l = 0; l <= lmax + 1; l++)
        first[l] = ladder(i, l);
    for (int l = 0; l <= lmax; l++) {
        struct jet gauss = {g, -a * g, (a * a - 1 / (2 * sigma * sigma)) * g};
        k[l] = times(gauss, (struct jet){i[l], b * first[l], b * b * ladder(first, l)});
    }
}

struct grid {
    double r[GRID], root[GRID]; /* root of the measure w^2 r^2 dr; the last point is the centre */
};

static void grid_fill(const struct soap_settings *s, struct grid *grid)
{
    double h = s->cutoff / (GRID - 1);
    for (int q = 0; q < GRID - 1; q++) {
        double r = (q + 0.5) * h;
        grid->r[q] = r;
        grid->root[q] = weight(s, r).f * r * sqrt(h);
    }
    grid->r[GRID - 1] = 0;
    grid->root[GRID - 1] = s->centre;
}

/* W^1/2 K_l W^1/2 for all l: a[l][GRID][GRID], lower triangles. */
static double *matrices(const struct soap_settings *s, const struct grid *grid)
{
    double *a = MEM_NEW(double, (s->l_max + 1) * GRID * GRID);
    struct jet k[SPHERE_MAX + 1];
    for (int q = 0; q < GRID; q++)
        for (int p = 0; p <= q; p++) {
            overlap(s->l_max, s->sigma, grid->r[q], grid->r[p], k);
            for (int l = 0; l <= s->l_max; l++)
                a[(l * GRID + q) * GRID + p] = k[l].f * grid->root[q] * grid->root[p];
        }
    return a;
}

/* Rows v[n][GRID] of coefficients: R_n(r) = sum_q v_nq K_l(r, r_q), without w; a is destroyed.
 * Eigenvalues below 1e-8 of the largest are noise: their functions stay zero. */
static enum status basis(int n_max, const struct grid *grid, double *a, double *v, struct err *err)
{
    double w[GRID];
    enum status status = linalg_eigen(GRID, a, w, err);
    for (int n = 0; n < n_max && !status; n++) {
        const double *e = a + (GRID - 1 - n) * GRID;
        double lambda = w[GRID - 1 - n], largest = 0;
        for (int q = 0; q < GRID; q++)
            if (fabs(e[q]) > fabs(largest) * (1 + 1e-6))
                largest = e[q];
        double f = lambda > 1e-8 * w[GRID - 1] ? copysign(1 / sqrt(lambda), largest) : 0;
        for (int q = 0; q < GRID; q++)
            v[n * GRID + q] = f * grid->root[q] * e[q];
    }
    return status;
}

/* All R_nl with two derivatives at r. */
static void functions(const struct soap_settings *s, const struct grid *grid, const double *v,
                      double r, struct jet out[])
{
    struct jet k[SPHERE_MAX + 1], w = weight(s, r);
    int count = (s->l_max + 1) * s->n_max;
    for (int f = 0; f < count; f++)
        out[f] = (struct jet){0, 0, 0};
    for (int q = 0; q < GRID; q++) {
        overlap(s->l_max, s->sigma, r, grid->r[q], k);
        for (int f = 0; f < count; f++) {
            double c = v[f * GRID + q];
            struct jet *o = &out[f], j = k[f / s->n_max];
            *o = (struct jet){o->f + c * j.f, o->d + c * j.d, o->dd + c * j.dd};
        }
    }
    for (int f = 0; f < count; f++)
        out[f] = times(out[f], w);
}

/* Powers of t of the quintic with the given value and derivatives (with respect to t) at both ends */
static void hermite(struct jet a, struct jet b, double h, double c[SOAP_RADIAL_ORDER])
{
    double f = b.f - a.f, d0 = a.d * h, d1 = b.d * h, s0 = a.dd * h * h, s1 = b.dd * h * h;
    c[0] = a.f;
    c[1] = d0;
    c[2] = s0 / 2;
    c[3] = 10 * f - 6 * d0 - 4 * d1 - 1.5 * s0 + 0.5 * s1;
    c[4] = -15 * f + 8 * d0 + 7 * d1 + 1.5 * s0 - s1;
    c[5] = 6 * f - 3 * d0 - 3 * d1 - 0.5 * s0 + 0.5 * s1;
}

static void tabulate(struct soap_radial *r, const struct soap_settings *s, const struct grid *grid,
                     const double *v)
{
    struct jet *now = MEM_NEW(struct jet, r->functions), *next = MEM_NEW(struct jet, r->functions);
    functions(s, grid, v, 0, now);
    for (int n = 0; n < r->n_max; n++)
        r->origin[n] = s->centre * now[n].f / weight(s, 0).f;
    for (int i = 0; i < r->intervals; i++) {
        functions(s, grid, v, (i + 1) * r->step, next);
        for (int f = 0; f < r->functions; f++) {
            double c[SOAP_RADIAL_ORDER];
            hermite(now[f], next[f], r->step, c);
            for (int k = 0; k < SOAP_RADIAL_ORDER; k++)
                r->table[(i * SOAP_RADIAL_ORDER + k) * r->functions + f] = c[k];
        }
        struct jet *swap = now;
        now = next;
        next = swap;
    }
    free(now);
    free(next);
}

struct soap_radial *soap_radial_new(const struct soap_settings *s, struct err *err)
{
    struct soap_radial *r = MEM_NEW(struct soap_radial, 1);
    struct grid grid;
    enum status status = ST_OK;
    r->n_max = s->n_max;
    r->l_max = s->l_max;
    r->functions = (s->l_max + 1) * s->n_max;
    r->intervals = INTERVALS;
    r->cutoff = s->cutoff;
    r->step = s->cutoff / INTERVALS;
    r->table = MEM_NEW(double, r->intervals *SOAP_RADIAL_ORDER * r->functions);
    r->origin = MEM_NEW(double, r->n_max);
    grid_fill(s, &grid);
    double *v = MEM_NEW(double, r->functions *GRID), *a = matrices(s, &grid);
    for (int l = 0; l <= s->l_max && !status; l++)
        status = basis(s->n_max, &grid, a + l * GRID * GRID, v + l * s->n_max * GRID, err);
    if (!status)
        tabulate(r, s, &grid, v);
    free(a);
    free(v);
    if (!status)
        return r;
    soap_radial_free(r);
    return NULL;
}

void soap_radial_free(struct soap_radial *r)
{
    if (!r)
        return;
    free(r->table);
    free(r->origin);
    free(r);
}

static void values(int n, const double *c, double t, double *restrict value)
{
#pragma omp simd
    for (int f = 0; f < n; f++)
        value[f] =
            c[f] +
            t * (c[n + f] +
                 t * (c[2 * n + f] + t * (c[3 * n + f] + t * (c[4 * n + f] + t * c[5 * n + f]))));
}

void soap_radial_values(const struct soap_radial *r, double distance, double value[],
                        double slope[])
{
    int n = r->functions, i = (int)(distance / r->step);
    double t = distance / r->step - i, inverse = 1 / r->step;
    if (!(distance < r->cutoff)) {
        memset(value, 0, n * sizeof *value);
        if (slope)
            memset(slope, 0, n * sizeof *slope);
        return;
    }
    const double *c = r->table + (size_t)i * SOAP_RADIAL_ORDER * n;
    if (!slope) {
        values(n, c, t, value);
        return;
    }
#pragma omp simd
    for (int f = 0; f < n; f++) {
        double c0 = c[f], c1 = c[n + f], c2 = c[2 * n + f];
        double c3 = c[3 * n + f], c4 = c[4 * n + f], c5 = c[5 * n + f];
        value[f] = c0 + t * (c1 + t * (c2 + t * (c3 + t * (c4 + t * c5))));
        slope[f] = (c1 + t * (2 * c2 + t * (3 * c3 + t * (4 * c4 + t * 5 * c5)))) * inverse;
    }
}
