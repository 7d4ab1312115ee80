/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Configurations drawn from |Psi|^2 of one system and kept with all that does not depend on the Jastrow
 * parameters, so that the energy of other parameters follows by reweighting (correlated sampling).
 */
#ifndef QMC_CONFIGURATIONS_H
#define QMC_CONFIGURATIONS_H

#include "qmc/vmc.h"

struct configurations {
    const struct wavefunction *psi;
    int n, room;              /* drawn, allocated */
    int *twist;               /* [n] */
    double (*pos)[3];         /* [n][electron] */
    double (*slater)[3];      /* [n][electron], grad ln D */
    double *slater_laplacian; /* [n] */
    double *potential;        /* [n] */
    double *jastrow;          /* [n], J with which they were drawn */
    double *weight; /* [n], of the last evaluation: |Psi/Psi_drawn|^2, sum over a twist = 1 */
    double *energy; /* [n], local energies of the last evaluation */
    double *dlog,
        *denergy; /* [n][p], d ln Psi/dp and dE_L/dp of the last evaluation with derivatives */
};

struct configurations *configurations_new(const struct wavefunction *psi);
void configurations_free(struct configurations *c);
/* Replace the contents by at least n fresh ones, `spacing` sweeps apart. */
void configurations_draw(struct configurations *c, struct vmc *v, int n, int spacing);

struct configurations_mean {
    double energy, variance; /* total, means over twists */
    double effective; /* (sum w)^2 / sum w^2 / n of the worst twist: 1 when nothing has changed */
};
/* With the present Jastrow of psi. */
struct configurations_mean configurations_evaluate(struct configurations *c, bool derivatives);

#endif
