/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>
#include "qmc/radial.h"

/* Horner's steps are written out: compilers do not vectorise a loop around a loop. */
_Static_assert(RADIAL_ORDER == 8, "one STEP for each power");

#define TINY 1e-200 /* keeps 1/r finite when two points coincide */

void radial_start(struct radial *f, double cutoff, double cusp, int order, const double a[])
{
    memset(f->c, 0, sizeof f->c);
    f->cutoff = cutoff;
    f->cusp = cusp;
    f->order = order;
    f->c[0] = a[0];
    f->c[1] = -cusp / (cutoff * cutoff * cutoff) + 3 * a[0] / cutoff;
    for (int l = 2; l <= order; l++)
        f->c[l] = a[l - 1];
}

void radial_laplacian(const struct radial *f, int n, const double r2[], double value[],
                      double slope[], double laplacian[])
{
    const double cutoff = f->cutoff;
    double c[RADIAL_ORDER + 1];
    memcpy(c, f->c, sizeof c);
#pragma omp simd
    for (int m = 0; m < n; m++) {
        double r = sqrt(r2[m] + TINY), t = (r < cutoff ? r - cutoff : 0.0);
        double p = 0, p1 = 0, p2 = 0; /* P, P', P''/2 by Horner */
#define STEP(l) p2 = p2 * r + p1, p1 = p1 * r + p, p = p * r + c[l]
        STEP(8), STEP(7), STEP(6), STEP(5), STEP(4), STEP(3), STEP(2), STEP(1), STEP(0);
#undef STEP
        double first = t * t * (3 * p + t * p1), inverse = 1 / r;
        value[m] = t * t * t * p;
        slope[m] = first * inverse;
        laplacian[m] = t * (6 * p + 6 * t * p1 + 2 * t * t * p2) + 2 * first * inverse;
    }
}

void radial_third(const struct radial *f, int n, const double r2[], double slope[], double bend[],
                  double third[])
{
    const double cutoff = f->cutoff;
    double c[RADIAL_ORDER + 1];
    memcpy(c, f->c, sizeof c);
#pragma omp simd
    for (int m = 0; m < n; m++) {
        double r = sqrt(r2[m] + TINY), t = (r < cutoff ? r - cutoff : 0.0), i = 1 / r;
        double p = 0, p1 = 0, p2 = 0, p3 = 0; /* P, P', P''/2, P'''/6 */
#define STEP(l) p3 = p3 * r + p2, p2 = p2 * r + p1, p1 = p1 * r + p, p = p * r + c[l]
        STEP(8), STEP(7), STEP(6), STEP(5), STEP(4), STEP(3), STEP(2), STEP(1), STEP(0);
#undef STEP
        double f1 = t * t * (3 * p + t * p1), f2 = t * (6 * p + 6 * t * p1 + 2 * t * t * p2);
        double f3 = 6 * p + 18 * t * p1 + 18 * t * t * p2 + 6 * t * t * t * p3;
        f3 = r < cutoff ? f3 : 0.0;
        slope[m] = f1 * i;
        bend[m] = (f2 - f1 * i) * i * i;
        third[m] = (f3 + 2 * (f2 - f1 * i) * i) * i;
    }
}

/* For g = t^3 q: g' = t^2 (3 q + t q'), g'' = t (6 q + 6 t q' + t^2 q''), q = r^l or 1 + 3 r/L. */
void radial_basis(const struct radial *f, double r, double value[], double slope[],
                  double laplacian[])
{
    double t = fmin(r - f->cutoff, 0.0), i = 1 / (r + TINY), power = 1; /* r^(l-2) */
    for (int k = 0; k < f->order; k++) {
        int l = k + 1;
        double q = 1 + 3 * r / f->cutoff, q1 = 3 / f->cutoff, q2 = 0;
        if (k) {
            q = power * r * r;
            q1 = l * power * r;
            q2 = l * (l - 1) * power;
            power *= r;
        }
        double first = t * t * (3 * q + t * q1);
        value[k] = t * t * t * q;
        slope[k] = first * i;
        laplacian[k] = t * (6 * q + 6 * t * q1 + t * t * q2) + 2 * first * i;
    }
}
