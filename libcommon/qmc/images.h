/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Minimum-image displacements of many points at once, for cells of any shape. The cell is reduced
 * first; after wrapping fractional coordinates of the reduced cell to [-1/2, 1/2) only the few
 * lattice vectors that could still shorten a displacement are tried (none for an orthorhombic
 * cell).
 */
#ifndef QMC_IMAGES_H
#define QMC_IMAGES_H

#include "crystal/system.h"

#define IMAGES_SHIFTS 26

struct images {
    bool periodic;
    double cell[3][3];    /* reduced lattice vectors, rows, bohr */
    double inverse[3][3]; /* f = d . inverse */
    double inradius;      /* half the shortest lattice vector; infinite when open */
    int shifts;
    double shift[IMAGES_SHIFTS][3];
};

void images_start(struct images *im, const struct system *s);
/* d[m] = (x[m], y[m], z[m]) replaced by the shortest of its images. */
void images_shortest(const struct images *im, int n, double x[], double y[], double z[]);

#endif
