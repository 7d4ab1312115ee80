/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Radial functions of SOAP. The l-th harmonic of a Gaussian at distance r is
 *   4 pi exp(-(x^2 + r^2)/2 sigma^2) i_l(x r / sigma^2), i_l the modified spherical Bessel function;
 * two of them overlap, up to a constant factor, as
 *   K_l(r, r') = 4 pi exp(-(r^2 + r'^2)/4 sigma^2) i_l(r r'/2 sigma^2).
 * For each l the orthonormal basis is the one that captures most of the density of neighbours spread
 * uniformly with weight w(r): the leading eigenfunctions of K_l with measure w(r)^2 r^2 dr (the
 * Karhunen-Loeve basis; Goscinski et al., J. Chem. Phys. 155, 104106 (2021)). It needs no integrals over x:
 *   R_nl(r) = w(r) lambda_n^-1/2 sum_q K_l(r, r_q) W_q^1/2 v_nq,
 * with v_n the eigenvectors of W^1/2 K_l W^1/2 on a grid r_q; sum_n R_nl(r) R_nl(r') -> w K_l w as n_max grows.
 * Tabulated as quintic splines with exact value, first and second derivative at the knots: two
 * continuous derivatives everywhere, and zero with two derivatives at the cut-off.
 */
#ifndef ML_SOAP_RADIAL_H
#define ML_SOAP_RADIAL_H

#include "ml/soap.h"

enum { SOAP_RADIAL_ORDER = 6 };

struct soap_radial {
    int n_max, l_max, functions; /* functions = (l_max + 1) * n_max, index l * n_max + n */
    int intervals;
    double cutoff, step;
    double *table;  /* [intervals][6][functions], powers of t = r / step - interval */
    double *origin; /* [n_max]: R_n0(0), what the central atom contributes (times Y_00) */
};

struct soap_radial *soap_radial_new(const struct soap_settings *settings, struct err *err);
void soap_radial_free(struct soap_radial *r);
/* value and slope: [functions]; zero beyond the cut-off. slope may be NULL. */
void soap_radial_values(const struct soap_radial *r, double distance, double value[],
                        double slope[]);

#endif
