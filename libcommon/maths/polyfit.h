/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Weighted least-squares polynomials of an order that the data support. The abscissa is mapped to
 * [-1, 1]; the order minimises the Bayesian information criterion chi^2 + (order + 1) ln n
 * (Schwarz, Ann. Statist. 6, 461 (1978), eq. (1) for Gaussian errors of known size).
 */
#ifndef MATHS_POLYFIT_H
#define MATHS_POLYFIT_H

#include "base/err.h"

enum { POLYFIT_MAX_ORDER = 5 };

struct polyfit {
    int order;
    double centre, half_width; /* t = (x - centre) / half_width */
    double c[POLYFIT_MAX_ORDER + 1];
    double chi2; /* sum of squared residuals in units of the errors */
    int freedom; /* points less parameters */
};

/* Fit of the given order (0 <= order < n). error[n] are standard errors; NULL or all zero: equal
 * weights. ST_DATA: too few points, two equal abscissae where the order needs more. */
enum status polyfit_fixed(struct polyfit *fit, int order, int n, const double x[], const double y[],
                          const double error[], struct err *err);
/* The order (1 .. max_order) with the best evidence. Without errors: the highest order that the
 * points determine, since exact data deserve interpolation. */
enum status polyfit_best(struct polyfit *fit, int max_order, int n, const double x[],
                         const double y[], const double error[], struct err *err);
/* How many of x[n] differ: a polynomial needs more of them than its order. */
int polyfit_distinct(int n, const double x[]);
double polyfit_value(const struct polyfit *fit, double x);

#endif
