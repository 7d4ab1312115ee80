/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The regularised least-squares problem of Gaussian-process regression and its evidence. Given the
 * data as R and z = Q^T b (ml/tsqr.h; rows in units of their noise) and the prior's Cholesky factor L (amplitude
 * 1), minimise |R w - z|^2 + |L^T w|^2 / amplitude^2 by QR of the stacked system. With the noise known up
 * to a common factor s, weights depend on rho = amplitude/s only, and the log marginal likelihood
 *   -1/2 [n ln s^2 + chi^2(rho)/s^2 + ln det(1 + rho^2 A K^-1 A^T)]
 * is largest at s^2 = chi^2/n (Rasmussen & Williams, Gaussian Processes for Machine Learning (2006), eq. (5.8)).
 *
 * A second, small block of columns, the last ones, has a prior of its own: weights F v, v of variance
 * amplitude_2^2, where F is one of several factors (kinds). For each rho the first block is eliminated once, and what
 * is left is a small problem in v in which the best amplitude_2 and kind cost next to nothing.
 */
#ifndef ML_EVIDENCE_H
#define ML_EVIDENCE_H

#include "base/err.h"
#include "ml/tsqr.h"

struct evidence_prior {
    int first;               /* columns of the first block */
    const double *l;         /* [first][first] */
    int copies, size, kinds; /* second block: F = factor of one kind, repeated on the diagonal */
    const double *factor;    /* [kinds][size][size], lower triangles; NULL: no second block */
};

struct evidence {
    double ratio;  /* rho, Ha */
    double second; /* amplitude_2 / s, Ha */
    int kind;
    double noise;      /* s */
    double likelihood; /* log marginal likelihood, up to a constant of the data */
};

/* The largest likelihood. A ratio or second above 0 and a kind not below 0 that *best has on entry stay; ratios
 * are between 1e-4 and 1e4 Ha, seconds between 1e-6 and 1e2. data: finished. */
enum status evidence_best(const struct tsqr *data, const struct evidence_prior *prior,
                          struct evidence *best, struct err *err);

/* weight[n] and R of the stacked system, n columns, for one ratio, second and kind; the rest of *e is filled in.
 * factor[n][n]. */
enum status evidence_solve(const struct tsqr *data, const struct evidence_prior *prior,
                           struct evidence *e, double weight[], double factor[], struct err *err);

#endif
