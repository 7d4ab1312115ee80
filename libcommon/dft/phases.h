/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Structure factors of atoms on the list of reciprocal vectors of a grid, and forces through them. Sums over
 * atoms and vectors are matrix products: exp(-i G.r) is a product of one factor per axis. */
#ifndef DFT_PHASES_H
#define DFT_PHASES_H

#include "dft/grid.h"

/* sum[ng] = sum_a weight[a] exp(-i G.r_a) for n positions (bohr). */
void phases_sum(const struct grid *g, int n, const double (*r)[3], const double *weight,
                double complex *sum);

/* force[a] -= weight[a] sum_G G Im[list*(G) exp(-i G.r_a)] */
void phases_forces(const struct grid *g, int n, const double (*r)[3], const double *weight,
                   const double complex *list, double (*force)[3]);

#endif
