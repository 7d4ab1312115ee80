/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/radial.h"
#include <math.h>
#include <string.h>

/* Steps are written out: compilers do not vectorise a loop around a loop. */
_Static_assert(RADIAL_ORDER == 10, "one STEP for each power");

#define LOW 6       /* powers of the shorter kernels */
#define TINY 1e-200 /* keeps 1/r finite when two points coincide */
#define POWER(k) (3 << (k))

void radial_start(struct radial *f, double cusp, double range, double cutoff, int order,
                  const double a[])
{
    memset(f, 0, sizeof *f);
    f->cusp = cusp;
    f->range = range;
    f->cutoff = cutoff;
    f->order = order;
    memcpy(f->a, a, (size_t)order * sizeof *a);
}

/*
 * With q = 1 - s r^2, s = 1/L^2 and D_n = d^n/dq^n sum_k a_k q^p_k:
 *   f'/r = -2 s D_1, bend = 4 s^2 D_2, f'' + 2 f'/r = 3 f'/r + r^2 bend,
 *   third = 20 s^2 D_2 - 8 s^3 r^2 D_3.
 * From power p to 2p, b = q^(p-1), c = q^(p-2) and d = q^(p-3) become b b q, b b and b c.
 */
static inline __attribute__((always_inline)) void laplacian_kernel(const struct radial *f, int all,
                                                                   int n, const double r2[],
                                                                   double value[], double slope[],
                                                                   double laplacian[])
{
    const double s = 1 / (f->cutoff * f->cutoff), i_range = 1 / f->range, cusp = f->cusp;
    double a0[RADIAL_ORDER], a1[RADIAL_ORDER], a2[RADIAL_ORDER];
    for (int k = 0; k < RADIAL_ORDER; k++) {
        a0[k] = f->a[k];
        a1[k] = a0[k] * POWER(k);
        a2[k] = a1[k] * (POWER(k) - 1);
    }
#pragma omp simd
    for (int m = 0; m < n; m++) {
        double r = sqrt(r2[m] + TINY), i = 1 / r, y = 1 - r * i_range, t = y > 0 ? y : 0.0;
        double x = 1 - r2[m] * s, q = x > 0 ? x : 0.0, b = q * q, c = q, d0 = 0, d1 = 0, d2 = 0;
#define NEXT(k) d0 += a0[k] * b, d1 += a1[k] * b, d2 += a2[k] * c, c = b * b, b = c * q
        NEXT(0), NEXT(1), NEXT(2), NEXT(3), NEXT(4), NEXT(5);
        if (all)
            NEXT(6), NEXT(7), NEXT(8), NEXT(9);
#undef NEXT
        double first = -2 * s * d1, c1 = cusp * t * t * i;
        value[m] = d0 * q - cusp * t * t * t / (3 * i_range);
        slope[m] = first + c1;
        laplacian[m] = 3 * first + 4 * s * s * r2[m] * d2 + 2 * (c1 - cusp * t * i_range);
    }
}

void radial_laplacian(const struct radial *f, int n, const double r2[], double value[],
                      double slope[], double laplacian[])
{
    if (f->order <= LOW)
        laplacian_kernel(f, 0, n, r2, value, slope, laplacian);
    else
        laplacian_kernel(f, 1, n, r2, value, slope, laplacian);
}

/* The powers alone: f'/r, bend, third */
static void powers_third(const struct radial *f, int n, const double r2[], double first[],
                         double bend[], double third[])
{
    const double s = 1 / (f->cutoff * f->cutoff);
    double a1[RADIAL_ORDER], a2[RADIAL_ORDER], a3[RADIAL_ORDER];
    for (int k = 0; k < RADIAL_ORDER; k++) {
        a1[k] = f->a[k] * POWER(k);
        a2[k] = a1[k] * (POWER(k) - 1);
        a3[k] = a2[k] * (POWER(k) - 2);
    }
#pragma omp simd
    for (int m = 0; m < n; m++) {
        double x = 1 - r2[m] * s, q = x > 0 ? x : 0.0, b = q * q, c = q, d = x > 0 ? 1.0 : 0.0;
        double d1 = 0, d2 = 0, d3 = 0;
#define NEXT(k) d1 += a1[k] * b, d2 += a2[k] * c, d3 += a3[k] * d, d = b * c, c = b * b, b = c * q
        NEXT(0), NEXT(1), NEXT(2), NEXT(3), NEXT(4), NEXT(5), NEXT(6), NEXT(7), NEXT(8), NEXT(9);
#undef NEXT
        first[m] = -2 * s * d1;
        bend[m] = 4 * s * s * d2;
        third[m] = 20 * s * s * d2 - 8 * s * s * s * r2[m] * d3;
    }
}

void radial_third(const struct radial *f, int n, const double r2[], double slope[], double bend[],
                  double third[])
{
    const double i_range = 1 / f->range, cusp = f->cusp;
    powers_third(f, n, r2, slope, bend, third);
#pragma omp simd
    for (int m = 0; m < n; m++) {
        double r = sqrt(r2[m] + TINY), i = 1 / r, y = 1 - r * i_range, t = y > 0 ? y : 0.0;
        double c1 = cusp * t * t * i, b = -(2 * cusp * t * i_range + c1) * i * i;
        double c3 = y > 0 ? 2 * cusp * i_range * i_range * i : 0.0;
        slope[m] += c1;
        bend[m] += b;
        third[m] += c3 + 2 * b;
    }
}

/* L d/dL of a function of r/L is -r d/dr; for f'/r and the Laplacian 2 more powers of 1/L count. The
 * cusp term scales with R besides. */
static void basis_cutoffs(const struct radial *f, double r2, double value[], double slope[],
                          double laplacian[])
{
    double first, bend, third, r = sqrt(r2 + TINY), t = 1 - r / f->range;
    powers_third(f, 1, &r2, &first, &bend, &third);
    value[1] = -r2 * first / f->cutoff;
    slope[1] = -(2 * first + r2 * bend) / f->cutoff;
    laplacian[1] = -(2 * (3 * first + r2 * bend) + r2 * third) / f->cutoff;
    value[0] = slope[0] = laplacian[0] = 0;
    if (!(t > 0))
        return;
    double x = r / f->range;
    value[0] = -f->cusp * t * t * (t / 3 + x);
    slope[0] = 2 * f->cusp * t / (f->range * f->range);
    laplacian[0] = f->cusp * (2 * t - 2 * x + 4 * t) / (f->range * f->range);
}

void radial_basis(const struct radial *f, double r2, double value[], double slope[],
                  double laplacian[])
{
    double s = 1 / (f->cutoff * f->cutoff), q = fmax(1 - s * r2, 0.0), b = q * q, c = q;
    basis_cutoffs(f, r2, value, slope, laplacian);
    for (int k = 0; k < f->order; k++) {
        double d1 = POWER(k) * b, d2 = POWER(k) * (POWER(k) - 1) * c;
        value[2 + k] = b * q;
        slope[2 + k] = -2 * s * d1;
        laplacian[2 + k] = -6 * s * d1 + 4 * s * s * r2 * d2;
        c = b * b, b = c * q;
    }
}

typedef double four_lanes __attribute__((vector_size(32)));

/* p (p-1) ... and q^(p-3) -> as radial_four */
static void powers_alone(double r2, double s, double q, const four_lanes one, const four_lanes two,
                         const four_lanes three, four_lanes d, double out[5][4])
{
    four_lanes c = q * d, b = q * c, d2 = two * c, slope = -2 * s * one * b, bend = 4 * s * s * d2;
    four_lanes all[5] = {q * b, slope, 3 * slope + r2 * bend, bend,
                         20 * s * s * d2 - 8 * s * s * s * r2 * three * d};
    memcpy(out, all, sizeof all);
}

void radial_wide(double r2, double cutoff, double out[5][4])
{
    static const four_lanes one = {3, 12, 48, 192}, two = {3 * 2, 12 * 11, 48 * 47, 192 * 191},
                            three = {3 * 2 * 1, 12 * 11 * 10, 48 * 47 * 46, 192. * 191 * 190};
    double s = 1 / (cutoff * cutoff), q = 1 - s * r2, q3 = q * q * q, q9 = q3 * q3 * q3,
           q18 = q9 * q9, q45 = q18 * q18 * q9, q90 = q45 * q45;
    if (!(q > 0)) {
        memset(out, 0, 5 * sizeof out[0]);
        return;
    }
    powers_alone(r2, s, q, one, two, three, (four_lanes){1, q9, q45, q90 * q90 * q9}, out);
}

void radial_four(double r2, double cutoff, double out[5][4])
{
    static const four_lanes one = {3, 6, 12, 24}, two = {3 * 2, 6 * 5, 12 * 11, 24 * 23},
                            three = {3 * 2 * 1, 6 * 5 * 4, 12 * 11 * 10, 24 * 23 * 22};
    double s = 1 / (cutoff * cutoff), q = 1 - s * r2, q2 = q * q, q4 = q2 * q2, q10 = q4 * q4 * q2;
    if (!(q > 0)) {
        memset(out, 0, 5 * sizeof out[0]);
        return;
    }
    four_lanes c = {q, q4, q10, q10 * q10 * q2}, b = c * q,
               d = {1, q2 * q, q4 * q4 * q, q10 * q10 * q};
    four_lanes d2 = two * c, slope = -2 * s * one * b, bend = 4 * s * s * d2;
    four_lanes all[5] = {b * q, slope, 3 * slope + r2 * bend, bend,
                         20 * s * s * d2 - 8 * s * s * s * r2 * three * d};
    memcpy(out, all, sizeof all);
}
