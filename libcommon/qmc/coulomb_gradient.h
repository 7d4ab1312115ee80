/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All derivatives of the Coulomb energy of electrons and bare nuclei: with respect to every position,
 * and in a cell to a homogeneous strain. Plain sums in open boundaries; an Ewald sum in cells, its
 * real-space part cut at the inradius (one image per pair), its reciprocal part through the structure
 * factor; agrees with crystal/ewald.h to about 1e-7 relative.
 */
#ifndef QMC_COULOMB_GRADIENT_H
#define QMC_COULOMB_GRADIENT_H

#include "crystal/system.h"

struct coulomb_gradient;

struct coulomb_gradient *coulomb_gradient_new(const struct system *s, int electrons);
void coulomb_gradient_free(struct coulomb_gradient *c);
int coulomb_gradient_scratch(const struct coulomb_gradient *c); /* doubles */

/* gradient[electrons, then nuclei][3] in Ha/bohr, strain[3][3] = dV/dstrain in Ha (zero when open) at
 * pos[electron][3]. Thread safe. */
void coulomb_gradient_eval(const struct coulomb_gradient *c, const double pos[][3],
                           double scratch[], double gradient[][3], double strain[3][3]);

#endif
