/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Goedecker-Teter-Hutter pseudopotentials, local part, analytic in reciprocal space:
 *
 *   v(G) = -4 pi Z / G^2 exp(-x^2/2)
 *          + sqrt(8 pi^3) r^3 exp(-x^2/2) [C1 + C2 (3 - x^2)],     x = G r
 *
 * (Goedecker, Teter, Hutter, Phys. Rev. B 54, 1703 (1996), eq. (5); Hartwigsen, Goedecker, Hutter,
 * Phys. Rev. B 58, 3641 (1998), eq. (2)). The first term is the potential of a Gaussian charge and is
 * made by the Coulomb kernel of the calculation (dft/coulomb.h); the second is here.
 */
#ifndef DFT_PSEUDO_H
#define DFT_PSEUDO_H

enum pseudo_family { PSEUDO_LDA, PSEUDO_PBE, PSEUDO_BLYP };

struct pseudo {
    int element;
    enum pseudo_family family;
    double charge; /* Z, valence electrons */
    double radius; /* r, bohr */
    double c1, c2; /* Ha */
};

/* NULL when the table has none. */
const struct pseudo *pseudo_find(int element, enum pseudo_family family);

/* The Gaussian charge exp(-x^2/2) that carries Z, at G^2 = g2 (1/bohr^2); *slope = d/dG^2. */
double pseudo_charge(const struct pseudo *p, double g2, double *slope);
/* The short-range part of v(G), Ha bohr^3; *slope = d/dG^2. */
double pseudo_short(const struct pseudo *p, double g2, double *slope);

#endif
