/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The weights of a potential whose environments are chosen: labels of all frames in one least-squares problem
 * (ml/rows.h, ml/tsqr.h), of which only triangular factors are kept, solved with what the evidence decides
 * (ml/evidence.h). Frames are dealt to a fixed number of lanes, so that the result does not depend on the number of
 * threads.
 */
#ifndef ML_REGRESS_H
#define ML_REGRESS_H

#include "ml/fit.h"

/* p: prepared, without factor. Its weights, factor and hyperparameters are set, and the rest of the report. */
enum status regress(struct potential *p, int frames, const struct rows_label label[],
                    const struct fit_settings *settings, struct fit_report *report,
                    struct err *err);

#endif
