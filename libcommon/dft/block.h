/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Blocks of orbitals, [orbital][doubles], and the matrices between them: BLAS-3 in real arithmetic
 * where the orbitals are real (dft/waves.h), in complex arithmetic elsewhere. A matrix M[j][i] has one
 * double, or one double complex, per element; `scalars` says how many doubles that is.
 */
#ifndef DFT_BLOCK_H
#define DFT_BLOCK_H

#include <stdbool.h>

struct block {
    bool real; /* kind of arithmetic */
    int size;  /* doubles per orbital */
};

int block_scalars(const struct block *b); /* 1 or 2 */

/* m[j][i] = <a_i|b_j>, i < na, j < nb */
void block_inner(const struct block *k, int na, const double *a, int nb, const double *b,
                 double *m);
/* y_j = beta y_j + alpha sum_i m[j][i] x_i, j < ny, i < nx; row length of m is ld >= nx scalars */
void block_combine(const struct block *k, double alpha, int nx, const double *x, int ny,
                   const double *m, int ld, double beta, double *y);
/* Orthonormalise by Cholesky of the overlap. False: linearly dependent, the block is unchanged. */
bool block_orthonormal(const struct block *k, int n, double *x);
/* The same for dependent orbitals: keeps the combinations whose overlap exceeds `smallest`, orthonormal
 * and first in x; returns their number. */
int block_reduce(const struct block *k, int n, double *x, double smallest);
/* Eigenvalues and vectors, m[e][i] on return, of the Hermitian m[j][i] = <i|H|j>, of which i <= j is
 * read. False: failed. */
bool block_eigen(const struct block *k, int n, double *m, double *eigenvalue);

#endif
