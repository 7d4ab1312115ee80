/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Cross-validation of a fit: every folds-th frame is left out in turn, and the model of the others
 * predicts it. Sparse environments, too, are chosen without the frames that are left out: where their
 * environments are among the sparse ones, narrow kernels look better than they are.
 */
#ifndef ML_CROSS_H
#define ML_CROSS_H

#include "ml/fit.h"
#include "ml/score.h"

/* Errors of the frames that were left out, summed over the folds, for energies, forces and stress.
 * 2 <= folds <= frames. */
enum status cross_validate(int frames, const struct rows_label label[],
                           const struct fit_settings *settings, int folds,
                           struct score_sum sum[SCORE_QUANTITIES], struct err *err);

#endif
