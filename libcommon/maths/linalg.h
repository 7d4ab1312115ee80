/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Dense linear algebra: thin wrappers of BLAS and LAPACK for row-major contiguous matrices a[n][n].
 * No copy is made to change the layout: LAPACK sees the transposed matrix, and the wrappers are
 * arranged so that this is what is wanted. Hence
 *   - sets of vectors (eigenvectors, right-hand sides, solutions) are ROWS: v[k][i] is component i
 *     of vector k;
 *   - of a symmetric or Hermitian matrix only the lower triangle (i >= j) is read.
 * Success is ST_OK; a matrix that is singular, not positive definite, or not a number, and an
 * iteration that does not converge are ST_COMPUTE. LAPACK's scratch is allocated per call: not for
 * loops over small matrices that must be fast. Single-threaded (base/threads.h): safe in parallel loops.
 */
#ifndef MATHS_LINALG_H
#define MATHS_LINALG_H

#include <complex.h>
#include <stdbool.h>
#include "base/err.h"

enum linalg_op {
    LINALG_N,
    LINALG_T,
    LINALG_C
}; /* as it is, transposed, conjugated and transposed */

/* c[m][n] = alpha op(a) op(b) + beta c with op(a) [m][k], op(b) [k][n]. beta = 0: c need not be set. */
void linalg_gemm(enum linalg_op op_a, enum linalg_op op_b, int m, int n, int k, double alpha,
                 const double *a, const double *b, double beta, double *c);
/* in single precision */
void linalg_gemm_s(enum linalg_op op_a, enum linalg_op op_b, int m, int n, int k, float alpha,
                   const float *a, const float *b, float beta, float *c);
void linalg_gemm_z(enum linalg_op op_a, enum linalg_op op_b, int m, int n, int k,
                   double complex alpha, const double complex *a, const double complex *b,
                   double complex beta, double complex *c);

/* A v = w v. w[n] ascending; a is replaced by the orthonormal eigenvectors, one per row. */
enum status linalg_eigen(int n, double *a, double *w, struct err *err);
enum status linalg_eigen_z(int n, double complex *a, double *w, struct err *err);
/* A v = w B v, B positive definite, v B v = 1. a is replaced by the eigenvectors; b is destroyed. */
enum status linalg_eigen_general(int n, double *a, double *b, double *w, struct err *err);
enum status linalg_eigen_general_z(int n, double complex *a, double complex *b, double *w,
                                   struct err *err);
/* A v = (re + i im) B v for any real A and B, both destroyed. An infinite eigenvalue has re = HUGE_VAL.
 * Real eigenvalue k: v[k][n]. Complex pair k, k+1 (im[k] > 0): v[k] + i v[k+1] and its conjugate. */
enum status linalg_eigen_pencil(int n, double *a, double *b, double *re, double *im, double *v,
                                struct err *err);

/* A = L L^T; a is replaced by L, zeros above the diagonal. */
enum status linalg_cholesky(int n, double *a, struct err *err);
/* Solve A x = b with that L; each row of b[count][n] is replaced by its solution. */
void linalg_cholesky_solve(int n, const double *l, int count, double *b);

/* a is replaced by its inverse. log|det A| and the sign (phase) of det A; both may be NULL. */
enum status linalg_invert(int n, double *a, double *log_det, double *sign, struct err *err);
enum status linalg_invert_z(int n, double complex *a, double *log_det, double complex *phase,
                            struct err *err);
/* A x = b for general A, which is destroyed; each row of b[count][n] is replaced by its solution. */
enum status linalg_solve(int n, double *a, int count, double *b, struct err *err);

/*
 * A = Q R of a[m][n], m >= n, by Householder reflections: the upper triangle of a's first n rows
 * becomes R (below it stand the reflectors; linalg_upper clears them), and each row of b[count][m] is
 * replaced by Q^T b. A least-squares problem is linalg_qr, then linalg_solve_upper on the first n
 * numbers of a row of b; the rest of the row has the norm of the residual.
 */
enum status linalg_qr(int m, int n, double *a, int count, double *b, struct err *err);
/*
 * The same of a[n + m][n] and b[count][n + m], where the first n rows of a are such an R already, so that only what is new costs flops (2 m n^2; LAPACK's
 * triangular-pentagonal factorisation). triangle: m = n and the new rows are an upper triangle, too, a third of them. What
 * stands below the diagonal of R is neither read nor written, below that of the new triangle it becomes zero.
 */
enum status linalg_qr_append(int m, bool triangle, int n, double *a, int count, double *b,
                             struct err *err);
void linalg_upper(int n, double *r); /* zero what is below the diagonal of r[n][n] */
/* R x = b (transposed: R^T x = b) by substitution, b[n] replaced by x. ST_COMPUTE: a zero on the
 * diagonal of R. */
enum status linalg_solve_upper(int n, const double *r, bool transposed, double *b, struct err *err);

/* How independent the rows a[n][m] are: the smallest diagonal element of R over the largest in QR with pivots of the
 * columns a^T. 0: they are dependent, as more than m always are, or not finite. a is destroyed. */
double linalg_independence(int n, int m, double *a);

#endif
