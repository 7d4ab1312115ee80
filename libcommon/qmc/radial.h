/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The radial function of all pair terms, on lists of squared distances:
 *
 *   f(r) = cusp C(r) + sum_k a_k (1 - r^2/L^2)^p_k Theta(L - r),    p_k = 3 2^k, k = 0, 1, ...
 *   C(r) = -(R/3) (1 - r/R)^3 Theta(R - r),                         C'(0) = 1.
 *
 * The powers are an even-tempered family of bell shapes of widths L/sqrt(p_k), much like Gaussians
 * but zero beyond L, so that few of them describe both a core and a tail; none has a slope at the
 * origin: f'(0) = cusp exactly. The third derivatives of C and of k = 0 jump at R and L; everything
 * of lower order is continuous.
 */
#ifndef QMC_RADIAL_H
#define QMC_RADIAL_H

#include <string.h>

#define RADIAL_ORDER 10 /* most powers */
#define RADIAL_LIST 256 /* callers' lists are at most this long */

struct radial {
    double cusp, range; /* R */
    double cutoff;      /* L */
    int order;          /* powers in use */
    double a[RADIAL_ORDER];
};

/* Parameters a[order]. */
void radial_start(struct radial *f, double cusp, double range, double cutoff, int order,
                  const double a[]);

/* f; f'/r; f'' + 2 f'/r */
void radial_laplacian(const struct radial *f, int n, const double r2[], double value[],
                      double slope[], double laplacian[]);
/* f'/r; (f'' - f'/r)/r^2; d(f'' + 2 f'/r)/dr / r: what gradients of gradients and Laplacians need. */
void radial_third(const struct radial *f, int n, const double r2[], double slope[], double bend[],
                  double third[]);
/* Derivatives of the first three with respect to R, L, a_0, a_1, ... at one distance: each
 * [2 + order]. */
void radial_basis(const struct radial *f, double r2, double value[], double slope[],
                  double laplacian[]);
/* Each power alone, unmasked by coefficients: (1 - r^2/L^2)^p_k and its f'/r, Laplacian, bend and
 * third as above, k < 4: out[5][4], all zero beyond L. */
void radial_four(double r2, double cutoff, double out[5][4]);
/* The same with p_k = 3 4^k: widths from L/1.7 to L/14. */
void radial_wide(double r2, double cutoff, double out[5][4]);

typedef double radial_lanes __attribute__((vector_size(32)));

/* The first three of radial_four, inline: the inner loop of moves. */
static inline __attribute__((always_inline)) void radial_four_laplacian(double r2, double cutoff,
                                                                        double out[][4])
{
    const radial_lanes one = {3, 6, 12, 24}, two = {3 * 2, 6 * 5, 12 * 11, 24 * 23};
    double s = 1 / (cutoff * cutoff), x = 1 - s * r2, q = x > 0 ? x : 0, q2 = q * q, q4 = q2 * q2,
           q10 = q4 * q4 * q2;
    radial_lanes c = {q, q4, q10, q10 * q10 * q2}, b = c * q, slope = -2 * s * one * b;
    radial_lanes all[3] = {b * q, slope, 3 * slope + r2 * (4 * s * s) * two * c};
    memcpy(out, all, sizeof all);
}

#endif
