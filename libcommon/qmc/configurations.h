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
    struct ranks *ranks;
    const struct vmc *v;      /* with which they were drawn */
    int n, room;              /* drawn, allocated */
    int walkers;              /* k and k + walkers are places of the same walker */
    int batches, size;        /* walkers are drawn in batches of `size` */
    int begin, end;           /* walkers of this rank: others' places are empty, except: */
    int *twist;               /* [n] */
    double (*pos)[3];         /* [n][electron] */
    double (*slater)[3];      /* [n][electron], grad ln D */
    double *slater_laplacian; /* [n] */
    double *potential;        /* [n] */
    double *jastrow;          /* [n], J with which they were drawn; rank 0: of all */
    /* Of the last evaluation, on rank 0 of all: */
    double *weight;         /* [n], |Psi/Psi_drawn|^2, sum over a twist = 1 */
    double *energy;         /* [n], local energies */
    double *dlog, *denergy; /* [n][p], d ln Psi/dp and dE_L/dp (with derivatives) */
    double *twist_energy;   /* [twist], means */
};

struct configurations *configurations_new(const struct wavefunction *psi);
void configurations_free(struct configurations *c);
/* Replace the contents by at least n fresh ones, `spacing` sweeps apart. When v is stopped (vmc_stopped) this and
 * what follows end soon, with results of no use. */
void configurations_draw(struct configurations *c, struct vmc *v, int n, int spacing);

enum configurations_part { CONFIGURATIONS_ALL, CONFIGURATIONS_EARLY, CONFIGURATIONS_LATE };
/* [*first, *last): all, or either half of the time */
void configurations_range(const struct configurations *c, enum configurations_part part, int *first,
                          int *last);

struct configurations_mean {
    double energy, variance; /* total, means over twists */
    double effective; /* (sum w)^2 / sum w^2 / n of the worst twist: 1 when nothing has changed */
};
/* With the present Jastrow of psi, of one part; the weights of others are zero then. All ranks are told. */
struct configurations_mean configurations_evaluate(struct configurations *c,
                                                   enum configurations_part part, bool derivatives);

/*
 * On rank 0, of the last evaluation: scale times what each walker contributes to the deviation of
 * E + weight * variance (totals) from its expectation, added to out[walkers]. Its squares summed up
 * are the square of the standard error, however long a walker remembers; differences of two
 * evaluations on the same places are those of correlated sampling.
 */
void configurations_deviations(const struct configurations *c, double scale, double weight,
                               double out[]);

#endif
