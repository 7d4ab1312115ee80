/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two files of the Ewald sum share; not for others. */
#ifndef CRYSTAL_EWALD_PARTS_H
#define CRYSTAL_EWALD_PARTS_H

/* Half of reciprocal space (G and -G give complex conjugates): for each (n1, n2) a contiguous run
 * of n3. */
struct ewald_row {
    int n1, n2;
    int n3;    /* first of the run */
    int count; /* a multiple of EWALD_LANES; what is beyond the cut-off has coefficient zero */
    int at;    /* index of the first in coefficient[] */
};

enum { EWALD_LANES = 4 };

struct ewald {
    double cell[3][3], inverse[3][3], rec[3][3]; /* of the reduced cell */
    double volume, kappa, cutoff;                /* real-space cut-off */
    double xi, background;                       /* background: -pi / (kappa^2 V) */
    int images; /* lattice vectors T that can bring a wrapped displacement within the cut-off */
    double (*image)[3]; /* the first is zero */
    int rows, waves;
    int row_room, wave_room; /* allocated */
    struct ewald_row *row;
    double *coefficient; /* waves: 2 * 4 pi / V exp(-G^2/4 kappa^2) / G^2 */
    double *third;       /* waves: n3 */
    int reach[3];        /* |n_i| <= reach[i], reach[2] padded */
};

void ewald_phases(double phase, int low, int high, double re[], double im[]);

#endif
