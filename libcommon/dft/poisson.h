/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The Coulomb interaction of smooth charges on a grid.
 *
 * Periodic: 4 pi/G^2, zero at G = 0 (neutral as a whole), on the grid of the density.
 *
 * Open boundaries: a cut-off interaction, so that no periodic image is felt. Rozzi et al., Phys. Rev. B
 * 73, 205119 (2006) cut 1/r at a sphere, which needs a box longer than the radius plus the extent of
 * the charge; cutting at the faces of a box twice as long as that of the density needs less. As in
 * Martyna & Tuckerman, J. Chem. Phys. 110, 2810 (1999), eqs. (2.11)-(2.15): 1/r = erf(a r)/r + erfc(a r)/r,
 * the first smooth and transformed on the doubled grid, the second short-ranged and analytic. The
 * density, zero outside its box, is put into the doubled one; potentials come back for the box.
 */
#ifndef DFT_POISSON_H
#define DFT_POISSON_H

#include <stdbool.h>
#include "dft/grid.h"

struct poisson {
    bool open;
    const struct grid *box;  /* of the density; not owned */
    struct grid *doubled;    /* open boundaries only */
    const struct grid *grid; /* the one of the two whose vectors carry the interaction */
    double *kernel;          /* grid->ng, bohr^2 */
    double *slope;           /* d kernel / dG^2 where periodic, else NULL */
};

struct poisson *poisson_new(const struct grid *box, bool open);
void poisson_free(struct poisson *p);

/* A field on the box's grid (zero outside, where open) into the list of p->grid. */
void poisson_to_list(const struct poisson *p, const double *field, double complex *list);
/* field += what a list of p->grid is on the box's grid. */
void poisson_add_field(const struct poisson *p, const double complex *list, double *field);

#endif
