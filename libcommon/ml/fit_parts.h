/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The steps of a fit, for those that repeat some of them (ml/cross.h). */
#ifndef ML_FIT_PARTS_H
#define ML_FIT_PARTS_H

#include "ml/fit.h"
#include "ml/tsqr.h"

/* Sparse environments chosen, e0 fitted, weights zero; prepared. */
struct potential *fit_start(int frames, const struct rows_label label[],
                            const struct fit_settings *settings, struct fit_report *report,
                            struct err *err);

/* The rows of every lanes-th frame from `lane` on, into t, which is finished. */
enum status fit_rows(const struct potential *p, int frames, const struct rows_label label[],
                     int lane, int lanes, struct tsqr *t, struct err *err);

/* Weights, amplitude and factor from finished data and the factor of the prior (potential_prior). The
 * potential must be prepared again. */
enum status fit_solve(struct potential *p, const struct tsqr *data, const double prior[],
                      const struct fit_settings *settings, struct fit_report *report,
                      struct err *err);

#endif
