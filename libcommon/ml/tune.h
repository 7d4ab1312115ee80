/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Hyperparameters by minimisation of one number (Nelder & Mead, Comput. J. 7, 308 (1965), in the logarithms of
 * the parameters; then powers of the kernel one up and down while that helps):
 *   validation: the logarithm of the geometric mean of the root mean square errors of energies (about
 *     their mean error: e0 is not what is tuned), force components and stress components of frames left out in
 *     cross-validation (ml/cross.h). It has no units and needs no weights, but enough frames: n energies
 *     know theirs to 1/sqrt(2 n);
 *   evidence: minus the log marginal likelihood per label (ml/evidence.h), all frames at once.
 * Frames are few and sparse environments few compared with the final fit: the landscape hardly
 * depends on them, the time does.
 */
#ifndef ML_TUNE_H
#define ML_TUNE_H

#include "base/err.h"
#include "base/log.h"
#include "ml/fit.h"

enum tune_objective { TUNE_VALIDATION, TUNE_EVIDENCE };

struct tune_settings {
    const char *parameters; /* names, separated by commas: tune_names */
    enum tune_objective objective;
    int folds, evaluations; /* evaluations: at most */
};

/* "cutoff,transition,sigma,...": what can be tuned */
extern const char tune_names[];

/* Check the list before anything is read. ST_USAGE names what is unknown. */
enum status tune_check(const struct tune_settings *set, struct err *err);

/* Changes *fit and *noise to the best values found, and the noise of the labels with them. Every
 * evaluation is a line of the log; *summary, "sigma=0.31A ...", what was chosen and how good it is (the caller frees). */
enum status tune(int frames, struct rows_label label[], const struct tune_settings *set,
                 struct fit_settings *fit, struct rows_noise *noise, struct log *log,
                 char **summary, struct err *err);

#endif
