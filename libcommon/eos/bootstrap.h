/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Error bars of a Hugoniot by a parametric bootstrap (Efron & Tibshirani, An Introduction to the
 * Bootstrap (1993), 6.5). A replica redraws what is uncertain and repeats fits, roots and all that
 * follows from them:
 *   - E and P of every state within their errors;
 *   - the models: which one, with the probabilities that the evidence gives them, and of a Gaussian
 *     process also what the curve does between the points;
 *   - E0, one for all points of a replica.
 */
#ifndef EOS_BOOTSTRAP_H
#define EOS_BOOTSTRAP_H

#include <stdint.h>
#include "eos/hugoniot.h"
#include "eos/maximum.h"

enum { BOOTSTRAP_STATES = 1, BOOTSTRAP_MODELS = 2, BOOTSTRAP_INITIAL = 4, BOOTSTRAP_ALL = 7 };

struct bootstrap {
    int samples, n;
    uint64_t seed;
    const struct hugoniot_point *centre; /* n, the caller's */
    struct hugoniot_point *point; /* samples x n; temperature NaN: this replica has no root */
};

/* sources: what is redrawn, a sum of the constants above. The fitted groups[i] belongs to points[i]; the
 * points must outlive the result. bootstrap_free after use. */
struct bootstrap bootstrap_make(const struct eos_initial *initial, int n,
                                const struct eos_group groups[],
                                const struct hugoniot_point points[], int samples, uint64_t seed,
                                int sources);
void bootstrap_free(struct bootstrap *bootstrap);

/* Standard errors error[n] of the members of all points: root mean squares of the deviations of the
 * replicas from the central points; infinite with fewer than two replicas. The residual's is that of
 * the energy balance at the central root. */
void bootstrap_errors(const struct bootstrap *bootstrap, struct hugoniot_point error[]);

/* Errors of the members of the maximum (made of the central points), and the fraction of replicas that
 * have it inside: 1 less the probability that it is only a bound. Replicas that lack a point are left
 * out. */
void bootstrap_maximum(const struct bootstrap *bootstrap, const struct maximum *maximum,
                       struct hugoniot_maximum *error, double *inside);

/*
 * The line through u_s and u_p with weights 1 / (variance(u_s - s u_p) + scatter^2), s its slope (York et
 * al., Am. J. Phys. 72, 367 (2004), with the errors of u_p correlated with those of u_s); the scatter is the
 * least that makes chi^2 equal the freedom (Mandel & Paule, Anal. Chem. 42, 1194 (1970)). Errors of
 * intercept and slope: of the bootstrap and of the scatter together. Equal weights where no point has an error. n >= 2.
 */
struct hugoniot_line bootstrap_line(const struct bootstrap *bootstrap, struct hugoniot_line *error);
/* The standard errors error[n] of u_s - slope u_p, infinite with fewer than two replicas. */
void bootstrap_off_line(const struct bootstrap *bootstrap, double slope, double error[]);

#endif
