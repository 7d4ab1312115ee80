/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Coulomb energy of electrons and bare nuclei, made for being evaluated at millions of
 * configurations: plain sums in open boundaries; in a cell an Ewald sum whose real-space part is a
 * table up to the inradius (one image per pair) and whose reciprocal part is the structure factor.
 * Everything that concerns nuclei alone is done once. Constant terms included: equal to
 * crystal/ewald.h within about 1e-7 Ha per electron.
 */
#ifndef QMC_COULOMB_H
#define QMC_COULOMB_H

#include "crystal/system.h"

struct coulomb;

struct coulomb_energy { /* Ha; the sum is the potential energy */
    double ee, en, nn;
};

struct coulomb *coulomb_new(const struct system *s,
                            int electrons); /* the system may be freed afterwards */
void coulomb_free(struct coulomb *c);
int coulomb_waves(
    const struct coulomb *c); /* of the reciprocal part, G and -G once; 0 in open boundaries */
/* energy[walker] at pos[walker][electron][3] in bohr, need not be wrapped; scratch: coulomb_scratch(c)
 * doubles. Thread safe. */
int coulomb_scratch(const struct coulomb *c);
void coulomb_evaluate(const struct coulomb *c, int walkers, const double pos[][3], double scratch[],
                      struct coulomb_energy energy[]);

#endif
