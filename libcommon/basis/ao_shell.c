/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One shell at many displacements. With s = r^2, g(s) = sum_p c_p exp(-a_p s), g' = dg/ds and S
 * harmonic and homogeneous of degree l:
 *
 *   chi = S g,   d_i chi = S_i g + 2 x_i S g',   lap chi = S h,   h = (4 l + 6) g' + 4 s g'',
 *   d_ij chi = S_ij g + 2 (x_i S_j + x_j S_i) g' + (2 delta_ij g' + 4 x_i x_j g'') S,
 *   d_i lap chi = S_i h + 2 x_i S h',   h' = (4 l + 10) g'' + 4 s g'''.
 */
#include "basis/ao_parts.h"
#include "maths/fastexp.h"

/* Each exponential is made once for all derivatives. */
void ao_radial_eval(const struct ao_shell *s, int order, int n, struct ao_radial *r)
{
    double e[AO_CHUNK];
    for (int p = 0; p < s->primitives; p++) {
        double a = s->exponent[p], factor = s->coefficient[p];
#pragma omp simd
        for (int i = 0; i < n; i++)
            e[i] = fastexp(-a * r->r2[i]);
        for (int d = 0; d <= order; d++, factor *= -a) {
            double *g = r->g[d];
            if (p == 0) {
#pragma omp simd
                for (int i = 0; i < n; i++)
                    g[i] = factor * e[i];
            } else {
#pragma omp simd
                for (int i = 0; i < n; i++)
                    g[i] += factor * e[i];
            }
        }
    }
}

static void monomials(int l, int n, const double x[], const double y[], const double z[],
                      double mono[SOLID_MONOMIALS][AO_CHUNK])
{
    for (int i = 0; i < n; i++)
        mono[0][i] = 1;
    const double *axis[3] = {x, y, z};
    for (int degree = 1; degree <= l; degree++)
        for (int a = degree; a >= 0; a--)
            for (int b = degree - a; b >= 0; b--) {
                signed char power[3] = {(signed char)a, (signed char)b,
                                        (signed char)(degree - a - b)};
                double *to = mono[solid_monomial(power)];
                int along = a ? 0 : b ? 1 : 2;
                power[along]--;
                const double *from = mono[solid_monomial(power)];
#pragma omp simd
                for (int i = 0; i < n; i++)
                    to[i] = from[i] * axis[along][i];
            }
}

static void polynomial_eval(const struct polynomial *p, int n,
                            const double mono[SOLID_MONOMIALS][AO_CHUNK], double out[AO_CHUNK])
{
    for (int i = 0; i < n; i++)
        out[i] = 0;
    for (int t = 0; t < p->terms; t++) {
        const double *m = mono[solid_monomial(p->power[t])];
        double c = p->c[t];
#pragma omp simd
        for (int i = 0; i < n; i++)
            out[i] += c * m[i];
    }
}

/* h, and its derivative where that is needed. */
static void laplacian_factors(int l, enum ao_level level, int n, const double r2[],
                              const struct ao_radial *r, double h[AO_CHUNK], double dh[AO_CHUNK])
{
#pragma omp simd
    for (int i = 0; i < n; i++)
        h[i] = (4 * l + 6) * r->g[1][i] + 4 * r2[i] * r->g[2][i];
    for (int i = 0; level == AO_THIRD && i < n; i++)
        dh[i] = (4 * l + 10) * r->g[2][i] + 4 * r2[i] * r->g[3][i];
}

/* f S_i + 2 x_i S f': the derivative of f(r^2) S along an axis. */
static void derivative(int n, const double s[], const double si[], const double x[],
                       const double f[], const double df[], double out[])
{
#pragma omp simd
    for (int i = 0; i < n; i++)
        out[i] = f[i] * si[i] + 2 * x[i] * s[i] * df[i];
}

static void hessian(int n, bool same, const double s[], const double sij[], const double si[],
                    const double sj[], const double x[], const double y[],
                    const struct ao_radial *r, double out[])
{
    double delta = same ? 2 : 0;
#pragma omp simd
    for (int i = 0; i < n; i++)
        out[i] = sij[i] * r->g[0][i] +
                 (2 * (x[i] * sj[i] + y[i] * si[i]) + delta * s[i]) * r->g[1][i] +
                 4 * x[i] * y[i] * s[i] * r->g[2][i];
}

static void product(int n, const double a[], const double b[], double out[])
{
#pragma omp simd
    for (int i = 0; i < n; i++)
        out[i] = a[i] * b[i];
}

/* Any l, through tables of monomials. */
static void any_shell(const struct ao_shell *s, enum ao_level level, int n,
                      const struct ao_radial *r, double out[])
{
    double mono[SOLID_MONOMIALS][AO_CHUNK], v[AO_CHUNK], d[3][AO_CHUNK], dd[AO_CHUNK];
    double h[AO_CHUNK], dh[AO_CHUNK];
    const double *axis[3] = {r->x, r->y, r->z};
    int width = 2 * s->l + 1, step = width * AO_CHUNK;
    monomials(s->l, n, r->x, r->y, r->z, mono);
    if (level >= AO_LAPLACIAN)
        laplacian_factors(s->l, level, n, r->r2, r, h, dh);
    for (int m = 0; m < width; m++) {
        double *to = out + m * AO_CHUNK;
        polynomial_eval(&s->s[m], n, mono, v);
        product(n, v, r->g[0], to);
        for (int i = 0; level > AO_VALUE && i < 3; i++) {
            polynomial_eval(&s->d[m][i], n, mono, d[i]);
            derivative(n, v, d[i], axis[i], r->g[0], r->g[1], to + (1 + i) * step);
        }
        if (level == AO_LAPLACIAN)
            product(n, v, h, to + 4 * step);
        for (int i = 0, k = 0; level == AO_THIRD && i < 3; i++) {
            for (int j = i; j < 3; j++, k++) {
                polynomial_eval(&s->dd[m][k], n, mono, dd);
                hessian(n, i == j, v, dd, d[i], d[j], axis[i], axis[j], r, to + (4 + k) * step);
            }
            derivative(n, v, d[i], axis[i], h, dh, to + (10 + i) * step);
        }
    }
}

void ao_shell_eval(const struct ao_shell *s, enum ao_level level, int n, const double x[],
                   const double y[], const double z[], const double r2[], double out[])
{
    struct ao_radial r;
    r.x = x;
    r.y = y;
    r.z = z;
    r.r2 = r2;
    int order = level == AO_VALUE ? 0 : level == AO_GRADIENT ? 1 : level == AO_LAPLACIAN ? 2 : 3;
    ao_radial_eval(s, order, n, &r);
    if (!ao_kernel(s->l, level, n, &r, out))
        any_shell(s, level, n, &r, out);
}
