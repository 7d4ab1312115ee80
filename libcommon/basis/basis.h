/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Gaussian basis sets of one element: contracted shells of real solid harmonics,
 *
 *   chi_{lm}(r) = S_lm(r) sum_p c_p N_l(a_p) exp(-a_p r^2),
 *
 * with S_lm the real solid harmonics r^l Y_lm (maths/harmonics.h gives the order of m and the
 * normalisation), N_l the norm of the primitive, and the contraction normalised to one.
 */
#ifndef BASIS_BASIS_H
#define BASIS_BASIS_H

#include "base/err.h"

struct shell {
    int l; /* 0 s, 1 p, 2 d, 3 f */
    int primitives;
    double *exponent;    /* 1/bohr^2 */
    double *coefficient; /* multiplies exp(-a r^2) S_lm: contraction and all norms included */
};

struct basis {
    char *name;
    int element; /* atomic number */
    int shells;
    struct shell *shell;
    int functions; /* sum of 2 l + 1 */
};

/* A built-in hydrogen set: "h-sz", "h-dz", "h-tz" (ST_USAGE lists the names otherwise). */
struct basis *basis_builtin(const char *name, struct err *err);
/* From bare exponents and contraction coefficients of normalised primitives; normalises. */
struct basis *basis_new(const char *name, int element, int shells, const int l[],
                        const int primitives[], const double *const exponent[],
                        const double *const contraction[]);
/* From a flat list of numbers, as a basis travels with a frame: for each shell l, the number of its
 * primitives, and for each of these exponent (1/bohr^2) and coefficient. ST_DATA: no such list, l > 3,
 * a contraction that vanishes. */
struct basis *basis_from_list(const char *name, int element, int n, const double *list,
                              struct err *err);
/* For hydrogen: from the list, or a built-in set where there is none (n = 0). */
struct basis *basis_find(const char *name, int n, const double *list, struct err *err);
void basis_free(struct basis *b);

/* Radial part of the Fourier transform of shell s at |q| = q: int chi e^{-i q.r} dr =
 * (-i)^l S_lm(q) basis_fourier(s, q). */
double basis_fourier(const struct shell *s, double q);
double basis_fourier_slope(const struct shell *s,
                           double q); /* its derivative with respect to q^2 */

#endif
