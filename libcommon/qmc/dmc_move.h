/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The moves of diffusion Monte Carlo: one electron after another drifts and diffuses, is rejected at
 * the nodes of the trial function and otherwise accepted with the probability that keeps |Psi|^2, as
 * Umrigar, Nightingale, Runge, J. Chem. Phys. 99, 2865 (1993) propose it, Sec. III: limited drift
 * that cannot overshoot the nearest nucleus, and near it a mixture of a Gaussian and of an exponential
 * about the nucleus that has the cusp of Psi^2.
 */
#ifndef QMC_DMC_MOVE_H
#define QMC_DMC_MOVE_H

#include "qmc/images.h"
#include "qmc/walkers.h"

/* Where an electron at r with v = grad ln Psi may go: with probability 1 - q a Gaussian of variance
 * tau about centre, with probability q an exponential exp(-2 zeta |r' - nucleus|). */
struct dmc_proposal {
    double nucleus[3], centre[3], q, zeta;
};

struct dmc_tally { /* sums over moves */
    double offered, accepted, crossings;
    double proposed, moved; /* sum of dr^2 and of p dr^2, dr the diffusion, p its acceptance */
    int oldest;             /* rejections in a row of one electron, at most */
};

struct dmc_mover; /* nuclei and scratch for batches of n walkers */

struct dmc_mover *dmc_mover_new(const struct wavefunction *psi, int n);
void dmc_mover_free(struct dmc_mover *m);

void dmc_propose(struct dmc_mover *m, const double r[3], const double v[3], double tau,
                 struct dmc_proposal *p);
void dmc_draw(const struct dmc_proposal *p, double tau, struct rng *rng, double at[3]);
double dmc_density(const struct dmc_proposal *p, double tau, const double at[3]); /* 1/bohr^3 */

/* One sweep. age[walker][electron] counts rejections in a row; the tally is added to. */
void dmc_sweep(struct walkers *w, struct dmc_mover *m, double tau, struct rng rng[], int age[],
               struct dmc_tally *tally);

#endif
