/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Blocks of orbitals (dft/block.h) in single precision, for corrections to orbitals that are small: half the
 * memory and twice the speed. Vectors are read piece after piece; sums over pieces are in double precision, and
 * so are matrices.
 */
#ifndef DFT_BLOCK_SINGLE_H
#define DFT_BLOCK_SINGLE_H

#include "dft/block.h"

/* Either kind of vectors, the other NULL; wide ones are rounded piece by piece. */
struct vectors {
    const double *wide;
    const float *narrow;
};

/* m[j][i] = <a_i|b_j>, i < na, j < nb */
void block_single_inner(const struct block *k, int na, struct vectors a, int nb, const float *b,
                        double *m);
/* y_j += alpha sum_i m[j][i] x_i, j < ny, i < nx; row length of m is ld >= nx scalars */
void block_single_add(const struct block *k, double alpha, int nx, struct vectors x, int ny,
                      const double *m, int ld, float *y);
/* Orthonormalise n normalised vectors; of dependent ones only some combinations are kept, first in x.
 * Returns their number. */
int block_single_orthonormal(const struct block *k, int n, float *x);
/* x_j = sum_i m[j][i] x_i + sum_i m[j][nx + i] w_i in place, i and j < nx, and nw of the w */
void block_single_rotate(const struct block *k, int nx, double *x, int nw, const float *w,
                         const double *m, int ld);

#endif
