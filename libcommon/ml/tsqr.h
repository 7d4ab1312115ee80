/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Least squares with more rows than fit in memory: rows wait below the triangular
 * factor of the rows before, which takes them in when there are as many as columns (tall-skinny QR; Demmel et al.,
 * SIAM J. Sci. Comput. 34, A206 (2012)). Minimises |A x - b|^2 without forming A^T A.
 */
#ifndef ML_TSQR_H
#define ML_TSQR_H

#include "base/checkpoint.h"
#include "base/err.h"

struct tsqr {
    int columns, waiting; /* rows below the factor */
    int capacity;         /* of them */
    double *a;            /* [columns + capacity][columns] */
    double *b;            /* [columns + capacity] */
    double residual2;     /* squared residual of all rows factored so far, at their own optimum */
    double count;         /* rows put in */
};

struct tsqr *tsqr_new(int columns);
void tsqr_free(struct tsqr *t);
/* ST_COMPUTE of these: a number that is not finite. */
/* n rows that the caller fills: *a[n][columns] and *b[n] are zero on return. */
enum status tsqr_rows(struct tsqr *t, int n, double **a, double **b, struct err *err);
/* After it, a[columns][columns] is R (upper triangle, zeros below) and b[columns] is Q^T b. */
enum status tsqr_finish(struct tsqr *t, struct err *err);
/* A finished one, written to a checkpoint or read into one of as many columns. */
void tsqr_keep(struct tsqr *t, struct checkpoint *c);
/* Take in what another one holds; both finished afterwards, the other one before. */
enum status tsqr_merge(struct tsqr *t, const struct tsqr *other, struct err *err);

#endif
