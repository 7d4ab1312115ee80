/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Cross-validation of a fit: every folds-th frame is left out in turn, and the model of the others
 * predicts it. The sparse environments and e0 are those of all frames, so that the rows of the
 * least-squares problem are made only once: the positions of a frame that is left out are known, its
 * forces and its deviation from the mean energy are not.
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
