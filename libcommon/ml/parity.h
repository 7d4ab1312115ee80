/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Predictions beside labels, for figures: energies per atom in eV, force components in eV/A, stress
 * components in GPa, of the training and the validation frames.
 */
#ifndef ML_PARITY_H
#define ML_PARITY_H

#include "ml/score.h"

enum { PARITY_SETS = 2 };

struct parity {
    struct parity_pairs {
        size_t n, room;
        double *label, *prediction;
    } pairs[SCORE_QUANTITIES][PARITY_SETS];
};

/* set: 0 training, 1 validation */
void parity_add(struct parity *p, int set, const struct rows_label *label,
                const struct predict_result *prediction);
/* One panel for each quantity that there is; of more than a few thousand points an even
 * choice, which is all that stays in *p. */
enum status parity_plot(struct parity *p, const char *path, struct err *err);
void parity_free(struct parity *p);

#endif
