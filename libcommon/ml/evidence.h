/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The regularised least-squares problem of Gaussian-process regression and its evidence. Given the
 * data as R and z = Q^T b (ml/tsqr.h; rows in units of their noise) and the prior's Cholesky factor L (amplitude
 * 1), minimise |R w - z|^2 + |L^T w|^2 / amplitude^2 by QR of the stacked system. With the noise known up
 * to a common factor s, weights depend on rho = amplitude/s only, and the log marginal likelihood
 *   -1/2 [n ln s^2 + chi^2(rho)/s^2 + ln det(1 + rho^2 A K^-1 A^T)]
 * is largest at s^2 = chi^2/n (Rasmussen & Williams, Gaussian Processes for Machine Learning (2006), eq. (5.8)).
 */
#ifndef ML_EVIDENCE_H
#define ML_EVIDENCE_H

#include "base/err.h"
#include "ml/tsqr.h"

struct evidence {
    double ratio;      /* rho, Ha */
    double noise;      /* s */
    double likelihood; /* log marginal likelihood, up to a constant of the data */
};

/* The ratio with the largest likelihood, between 1e-4 and 1e4 Ha. data: finished. */
enum status evidence_best(const struct tsqr *data, const double prior[], struct evidence *best,
                          struct err *err);

/* weight[n] and R of the stacked system for one ratio; *e is filled in. factor[n][n]. */
enum status evidence_solve(const struct tsqr *data, const double prior[], double ratio,
                           struct evidence *e, double weight[], double factor[], struct err *err);

#endif
