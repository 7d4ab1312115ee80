/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The radial function of all pair terms: f(r) = (r - L)^3 Theta(L - r) P(r), P(r) = sum_l c_l r^l
 * with c_1 = cusp/(-L)^3 + 3 c_0/L (Drummond, Towler, Needs, Phys. Rev. B 70, 235119, eq. (3)), on
 * lists of squared distances. f''' jumps at L; everything of lower order is continuous.
 */
#ifndef QMC_RADIAL_H
#define QMC_RADIAL_H

#define RADIAL_ORDER 8  /* highest power */
#define RADIAL_LIST 256 /* callers' lists are at most this long */

struct radial {
    double cutoff, cusp;
    int order;                  /* free parameters: c_0, c_2 .. c_order, `order` of them */
    double c[RADIAL_ORDER + 1]; /* unused ones zero */
};

/* Parameters a[order] = a_0, a_2, .., a_order. */
void radial_start(struct radial *f, double cutoff, double cusp, int order, const double a[]);

/* f; f'/r; f'' + 2 f'/r */
void radial_laplacian(const struct radial *f, int n, const double r2[], double value[],
                      double slope[], double laplacian[]);
/* f'/r; (f'' - f'/r)/r^2; d(f'' + 2 f'/r)/dr / r: what gradients of gradients and Laplacians need.
 */
void radial_third(const struct radial *f, int n, const double r2[], double slope[], double bend[],
                  double third[]);
/* Derivatives of the first three with respect to the free parameters at one distance r:
 * value[order], slope[order], laplacian[order]; all zero beyond L. */
void radial_basis(const struct radial *f, double r, double value[], double slope[],
                  double laplacian[]);

#endif
