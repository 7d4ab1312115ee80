/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How far predictions are from labels: root mean square, mean absolute and mean error of energies per
 * atom, force components and stress components, by set (training, validation) and group. Groups keep
 * the order in which they appear; the first line of a set is all of it ("all").
 */
#ifndef ML_SCORE_H
#define ML_SCORE_H

#include <stdio.h>
#include "ml/predict.h"
#include "ml/rows.h"

enum score_quantity { SCORE_ENERGY, SCORE_FORCE, SCORE_STRESS, SCORE_QUANTITIES };

struct score_sum {
    double count, square, absolute, sum; /* of the errors, atomic units */
    double noise;                        /* the sum of the squared error bars of the labels */
};

struct score {
    char *set, *group;
    struct score_sum quantity[SCORE_QUANTITIES];
};

struct scores {
    int n;
    struct score *score;
};

/* Add the errors of one frame. */
void score_frame(struct score_sum sum[SCORE_QUANTITIES], const struct rows_label *label,
                 const struct predict_result *prediction);
/* The same for the predictions of a model on several frames. */
enum status score_model(struct potential *p, int frames, const struct rows_label label[],
                        struct score_sum sum[SCORE_QUANTITIES], struct err *err);
/* Add one frame to its group and to "all" of its set. group NULL: only to "all". */
void scores_add(struct scores *s, const char *set, const char *group,
                const struct rows_label *label, const struct predict_result *prediction);
void scores_free(struct scores *s);

/* A table, tab-separated with a header: a line per set, group and quantity, each number in two units. */
void scores_write(const struct scores *s, FILE *out);
/* One line of text per quantity of a set's "all"; NULL: there are none. The caller frees. */
char *scores_summary(const struct score *s, enum score_quantity quantity);

struct score_unit {
    const char *quantity, *name, *atomic; /* what people say, and thousandths of the atomic unit */
    double size;                          /* of the first in atomic units */
};
struct score_unit score_unit(enum score_quantity q);
/* rmse, mae, bias and the unit, twice, then error bar and what is beyond it in both: the end of a line of a table,
 * and of its header */
#define SCORE_HEADER \
    "rmse\tmae\tbias\tunit\trmse\tmae\tbias\tunit\terror_bar\tbeyond\terror_bar\tbeyond"
void score_write(const struct score_sum *sum, enum score_quantity q, FILE *out);

double score_rmse(const struct score_sum *s);
double score_mae(const struct score_sum *s);
double score_bias(const struct score_sum *s);
double score_spread(const struct score_sum *s); /* root mean square about the bias */
double score_noise(const struct score_sum *s);  /* root mean square error bar of the labels */
/* What noise of the size of the labels' error bars, which a prediction knows nothing of, does not explain of
 * the root mean square error; of frames of the fit it is an underestimate. */
double score_beyond(const struct score_sum *s);

#endif
