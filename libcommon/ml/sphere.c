/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include "ml/sphere.h"

enum { V = SPHERE_LANES };

#define LANES _Pragma("omp simd") for (int k = 0; k < V; k++)

static int triangle(int l, int m)
{
    return l * (l + 1) / 2 + m;
}

/* sqrt((2l+1)/(4 pi) (l-m)!/(l+m)!), times sqrt 2 for m > 0 */
static double prefactor(int l, int m)
{
    double ratio = 1;
    for (int i = l - m + 1; i <= l + m; i++)
        ratio /= i;
    return sqrt((2 * l + 1) / (4 * M_PI) * ratio * (m ? 2 : 1));
}

void sphere_factors(int lmax, double factor[])
{
    for (int l = 0; l <= lmax; l++)
        for (int m = 0; m <= l; m++)
            factor[triangle(l, m)] = prefactor(l, m);
}

/* Q_lm(z, r^2 = 1): the polynomial without its factor Re or Im (x + i y)^m. */
static void legendre(int lmax, const double z[V], double q[][V])
{
    double top = 1;
    for (int m = 0; m <= lmax; m++) {
        LANES q[triangle(m, m)][k] = top;
        if (m < lmax)
            LANES q[triangle(m + 1, m)][k] = (2 * m + 1) * z[k] * top;
        for (int l = m + 2; l <= lmax; l++) {
            const double *one = q[triangle(l - 1, m)], *two = q[triangle(l - 2, m)];
            double a = (2 * l - 1.0) / (l - m), b = (l + m - 1.0) / (l - m);
            LANES q[triangle(l, m)][k] = a * z[k] * one[k] - b * two[k];
        }
        top *= 2 * m + 1;
    }
}

/* (x + i y)^m = a[m] + i b[m] */
static void powers(int lmax, const double x[V], const double y[V], double a[][V], double b[][V])
{
    LANES a[0][k] = 1, b[0][k] = 0;
    for (int m = 1; m <= lmax; m++)
        LANES
        {
            a[m][k] = x[k] * a[m - 1][k] - y[k] * b[m - 1][k];
            b[m][k] = x[k] * b[m - 1][k] + y[k] * a[m - 1][k];
        }
}

/* S = f q a and its gradient: dq/d(x, y) = -(x, y) Q_l-1,m+1 (side), dq/dz = (l + m) Q_l-1,m (below). */
static inline void one(const double *restrict unit, double f, int sum, const double *restrict q,
                       const double *restrict side, const double *restrict below,
                       const double *restrict a, const double *restrict ax,
                       const double *restrict ay, double *restrict s, double *restrict gx,
                       double *restrict gy, double *restrict gz)
{
    LANES
    {
        s[k] = f * q[k] * a[k];
        gx[k] = f * (q[k] * ax[k] - unit[k] * side[k] * a[k]);
        gy[k] = f * (q[k] * ay[k] - unit[V + k] * side[k] * a[k]);
        gz[k] = f * sum * below[k] * a[k];
    }
}

void sphere_harmonics(int lmax, const double factor[], const double unit[], double s[],
                      double gradient[])
{
    double q[SPHERE_FACTORS][V], a[SPHERE_MAX + 1][V], b[SPHERE_MAX + 1][V];
    double up[V], down[V], zero[V] = {0};
    int count = (lmax + 1) * (lmax + 1);
    double *gx = gradient, *gy = gx + count * V, *gz = gy + count * V;
    legendre(lmax, unit + 2 * V, q);
    powers(lmax, unit, unit + V, a, b);
    for (int l = 0; l <= lmax; l++)
        for (int m = 0; m <= l; m++) {
            double f = factor[triangle(l, m)];
            const double *side = m + 1 <= l - 1 ? q[triangle(l - 1, m + 1)] : zero;
            const double *below = m <= l - 1 ? q[triangle(l - 1, m)] : zero;
            const double *am = m ? a[m - 1] : zero, *bm = m ? b[m - 1] : zero;
            int i = (l * l + l + m) * V, j = (l * l + l - m) * V;
            /* d(x+iy)^m/dx = m (x+iy)^(m-1), d/dy = i m (x+iy)^(m-1) */
            LANES up[k] = m * am[k], down[k] = -m * bm[k];
            one(unit, f, l + m, q[triangle(l, m)], side, below, a[m], up, down, s + i, gx + i,
                gy + i, gz + i);
            if (!m)
                continue;
            LANES up[k] = m * bm[k], down[k] = m * am[k];
            one(unit, f, l + m, q[triangle(l, m)], side, below, b[m], up, down, s + j, gx + j,
                gy + j, gz + j);
        }
}

void sphere_values(int lmax, const double factor[], const double unit[], double s[])
{
    double q[SPHERE_FACTORS][V], a[SPHERE_MAX + 1][V], b[SPHERE_MAX + 1][V];
    legendre(lmax, unit + 2 * V, q);
    powers(lmax, unit, unit + V, a, b);
    for (int l = 0; l <= lmax; l++)
        for (int m = 0; m <= l; m++) {
            double f = factor[triangle(l, m)];
            const double *of = q[triangle(l, m)];
            double *up = s + (l * l + l + m) * V, *down = s + (l * l + l - m) * V;
            LANES up[k] = f * of[k] * a[m][k];
            if (m)
                LANES down[k] = f * of[k] * b[m][k];
        }
}
