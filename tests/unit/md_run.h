/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tests of dynamics share: running, and distributions. */
#ifndef TESTS_MD_RUN_H
#define TESTS_MD_RUN_H

#include <stdlib.h>
#include "check.h"
#include "md/dynamics.h"

static inline void advance(struct dynamics *d, int steps)
{
    struct err err = {0};
    for (int i = 0; i < steps; i++)
        if (dynamics_step(d, &err)) {
            printf("%s\n", err.text);
            check_failures++;
            return;
        }
}

static inline int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

#define KOLMOGOROV_1_PERCENT 1.63

/* Kolmogorov-Smirnov: largest distance of the empirical distribution of x from cdf(x/scale,
 * parameter), times sqrt(n). Sorts x. */
static inline double kolmogorov(int n, double x[], double (*cdf)(double, double), double parameter,
                                double scale)
{
    double worst = 0;
    qsort(x, n, sizeof *x, by_size);
    for (int i = 0; i < n; i++) {
        double p = cdf(x[i] / scale, parameter);
        worst = fmax(worst, fmax(fabs(p - (double)i / n), fabs(p - (i + 1.) / n)));
    }
    return worst * sqrt(n);
}

#endif
