/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The learning curve: errors on frames that no fit has seen against the number of frames of the
 * fit, each fit with its own choice of sparse environments.
 */
#ifndef ML_LEARNING_H
#define ML_LEARNING_H

#include <stdio.h>
#include "ml/fit.h"
#include "ml/score.h"

enum { LEARNING_POINTS = 5 };

struct learning {
    int n;
    struct learning_point {
        int frames, sparse;
        struct score_sum sum[SCORE_QUANTITIES];
    } point[LEARNING_POINTS];
};

/* Fits to 1/16, 1/8, 1/4, 1/2 (evenly spread) and all of the frames, as far as that is at least one frame more. */
enum status learning_curve(int frames, const struct rows_label label[], int tests,
                           const struct rows_label test[], const struct fit_settings *settings,
                           struct learning *curve, struct log *log, struct err *err);

/* A table, tab-separated with a header: a line per number of frames and quantity. */
void learning_write(const struct learning *curve, FILE *out);
/* Root mean square errors in logarithmic scales, a panel per quantity. */
enum status learning_plot(const struct learning *curve, const char *path, struct err *err);

#endif
