/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to vmc.c and vmc_run.c. */
#ifndef QMC_VMC_PARTS_H
#define QMC_VMC_PARTS_H

#include "qmc/vmc.h"

struct vmc {
    const struct wavefunction *psi;
    struct vmc_settings settings;
    int batches, size;      /* size: walkers of a batch */
    int first, last;        /* batches of this rank */
    struct walkers **batch; /* NULL: another rank's */
    struct rng *rng;        /* [batch][size] */
    long *accepted;         /* [batch], since the last look */
    double tau;
    uint64_t step; /* sweeps done: names the random numbers */
    /* Of vmc_run: */
    struct series *series; /* NULL: none yet; all batches on rank 0, those of this rank on others */
    struct tails *tails;   /* [batch], of E - reference; of this rank until the end or a pause */
    bool running;          /* the series is to be gone on with */
    long goal;             /* sweeps after which to look at the stopping rules */
};

/* About how many seconds a sweep of all walkers takes on one thread */
double vmc_seconds(const struct vmc *v);
/* Sweep number `step` of batch b */
void vmc_sweep(struct vmc *v, int b, uint64_t step);
/* A sweep and the local energies; again: the last that was done to the batch was the same. */
void vmc_sample(struct vmc *v, int b, uint64_t step, bool again);
/* Fraction of the moves of the last `sweeps` sweeps that were accepted, of all batches on rank 0 if
 * their counters have been gathered; counters start again. */
double vmc_take_acceptance(struct vmc *v, double sweeps);

#endif
