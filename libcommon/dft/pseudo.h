/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Goedecker-Teter-Hutter pseudopotentials, local part, analytic in reciprocal space:
 *
 *   v(G) = -4 pi Z / G^2 exp(-x^2/2)
 *          + sqrt(8 pi^3) r^3 exp(-x^2/2) [C1 + C2 (3 - x^2)],     x = G r
 *
 * (Goedecker, Teter, Hutter, Phys. Rev. B 54, 1703 (1996), eq. (5); Hartwigsen, Goedecker, Hutter,
 * Phys. Rev. B 58, 3641 (1998), eq. (2)). The first term is the potential of a Gaussian charge and is
 * made by the Coulomb kernel of the calculation (dft/poisson.h); the second is here.
 */
#ifndef DFT_PSEUDO_H
#define DFT_PSEUDO_H

enum pseudo_family { PSEUDO_LDA, PSEUDO_PBE, PSEUDO_BLYP };
enum { PSEUDO_FOLD = 3 };

struct pseudo {
    int element;
    enum pseudo_family family;
    double charge;            /* Z, valence electrons */
    double radius;            /* r, bohr */
    double c1, c2;            /* Ha */
    double fold[PSEUDO_FOLD]; /* of the finite-basis correction (dft/correction.h) */
    double pulay;             /* what c1 gains by it per ln(cut-off), Ha; 0 without it */
};

/* Those of a family as published, ended by element 0. The caller frees. */
struct pseudo *pseudo_table(enum pseudo_family family);
/* NULL when the table has none. */
const struct pseudo *pseudo_find(const struct pseudo *table, int element);

/* The Gaussian charge exp(-x^2/2) that carries Z, at G^2 = g2 (1/bohr^2); *slope = d/dG^2. */
double pseudo_charge(const struct pseudo *p, double g2, double *slope);
/* The short-range part of v(G), Ha bohr^3; *slope = d/dG^2. */
double pseudo_short(const struct pseudo *p, double g2, double *slope);
/* Its derivative with respect to C1. */
double pseudo_gaussian(const struct pseudo *p, double g2);

#endif
