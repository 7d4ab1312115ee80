/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The energy at time step zero from several time steps: a weighted polynomial in tau. */
#ifndef QMC_DMC_EXTRAPOLATE_H
#define QMC_DMC_EXTRAPOLATE_H

struct dmc_limit {
    double energy, error; /* of one time step: what it gave */
    int order;            /* of the polynomial: 0 (one time step), 1, or 2 where chi^2 demands it */
    double chi2;
    int freedom;
};

/* n >= 1 different time steps; error[n] > 0. */
struct dmc_limit dmc_extrapolate(int n, const double tau[], const double energy[],
                                 const double error[]);

#endif
