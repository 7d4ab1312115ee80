/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How fast the tails of a distribution fall, from the largest of the samples. P(|x| > t) ~ t^-alpha:
 * for alpha <= 2 there is no variance and an error bar means nothing; at the nodes of a trial function
 * and at wrong cusps the local energy has alpha = 3 (Trail, Phys. Rev. E 77, 016703 (2008)). Hill's
 * estimator (Ann. Stat. 3, 1163 (1975)) from the m largest:
 *   1/alpha = 1/(m-1) sum_{i<m} ln(x_i / x_m), with the relative error 1/sqrt(m).
 */
#ifndef QMC_TAILS_H
#define QMC_TAILS_H

#include <stdbool.h>
#include "base/checkpoint.h"

#define TAILS_KEPT 256

struct tails { /* zeroed before use; x^2 in a heap, the smallest first */
    int n;
    double square[TAILS_KEPT];
};

static inline bool tails_wants(const struct tails *t, double square)
{
    return t->n < TAILS_KEPT || square > t->square[0];
}
void tails_add(struct tails *t, double square); /* if tails_wants */
void tails_join(struct tails *t, const struct tails *more);
void tails_keep(struct tails *t, struct checkpoint *c);

struct tails_verdict {
    double alpha, alpha_error; /* infinite: too few samples to tell, or no tail */
    double largest;            /* share of one sample in the sum of squares */
};

/* Of `samples` samples with that sum of squares: at most 1 % of them count as tail. */
struct tails_verdict tails_judge(const struct tails *t, double samples, double squares);
/* alpha is below 2 by twice its error, or one sample makes a quarter of the variance of more than 1000. */
bool tails_heavy(const struct tails_verdict *v, double samples);

#endif
