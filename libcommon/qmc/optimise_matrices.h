/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The matrices of the linear method and its stabilised steps (optimise.c). */
#ifndef QMC_OPTIMISE_MATRICES_H
#define QMC_OPTIMISE_MATRICES_H

#include <stdbool.h>
#include "qmc/configurations.h"

struct matrices { /* of n parameters */
    int n;
    double *h, *s, *g; /* [n][n] and [n] */
    double *scratch;
};

struct stabilisation {
    double overlap, unit;
};

struct matrices *matrices_new(int n);
void matrices_free(struct matrices *m);
void matrices_clear(struct matrices *m);
/* Add `share` times those of the mean over twists of one part of the samples, from the last
 * evaluation with derivatives, made with the parameters that they were drawn with. weight: of the
 * variance. */
void matrices_add(struct matrices *m, const struct configurations *c, enum configurations_part part,
                  double share, double weight);
bool matrices_finite(const struct matrices *m);
/* m = (weight m + other_weight other) / (weight + other_weight); a weight of 0: has no part in it. */
void matrices_average(struct matrices *m, double weight, const struct matrices *other,
                      double other_weight);
/* The same quadratic model of the objective about parameters that are step[n] away: g += h step. */
void matrices_move(struct matrices *m, const double step[]);
/* step[n]: (h + overlap S + unit + damping) step = -g, all but the damping (Ha) in units that give S a
 * unit diagonal; parameters without effect do not move, and of those whose given[n] is not NAN, this is the step.
 * false: singular. */
bool matrices_step(struct matrices *m, const struct stabilisation *by, double damping,
                   const double given[], double step[]);

#endif
