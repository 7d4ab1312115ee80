/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Real solid harmonics up to f written out as polynomials (maths/harmonics.h has order and norm), with
 * their first and second derivatives: what kernels over arrays of points and overlap integrals need.
 */
#ifndef BASIS_SOLID_H
#define BASIS_SOLID_H

enum { SOLID_LMAX = 3, SOLID_TERMS = 3, SOLID_MONOMIALS = 20 };

struct polynomial {
    int terms;
    double c[SOLID_TERMS];
    signed char power[SOLID_TERMS][3]; /* x^a y^b z^c */
};

/* S_lm, m = -l .. l; l <= SOLID_LMAX. */
struct polynomial solid_polynomial(int l, int m);
struct polynomial solid_derivative(const struct polynomial *p, int axis);
/* Index of x^a y^b z^c among the SOLID_MONOMIALS of degree <= 3, ordered by degree: 1; x y z; xx ... */
int solid_monomial(const signed char power[3]);

#endif
