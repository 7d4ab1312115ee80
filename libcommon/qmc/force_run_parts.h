/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to force_run.c and force_average.c. */
#ifndef QMC_FORCE_RUN_PARTS_H
#define QMC_FORCE_RUN_PARTS_H

#include "qmc/force_run.h"

/*
 * Quantities of the series (sums over walkers): kinetic, e-e and e-n energy, the observer's, and then for
 * every component, with x = a + 2 (E_L - E_0) b: f x; f b; f_2 x; f_2 b, f_2 that of twice the distance.
 * Then these single ones: f; f_2; f (E_L - E_0); f_2 (E_L - E_0); samples that are damped; sum of (f x)^2.
 */
enum { FORCE_WEIGHT, FORCE_ENERGY = 2, FORCE_DAMPED = 4, FORCE_SQUARE, FORCE_EXTRA };

struct force_run {
    struct vmc *v;
    struct forces *f;
    const struct vmc_observer *observer;
    struct force_run_settings settings;
    const struct wavefunction *psi;
    struct ranks *ranks;
    int components, forces;      /* forces: leading components that belong to nuclei */
    int first, extra;            /* quantities: of f x; the single ones */
    int batches, walkers, batch; /* walkers of a batch: batch */
    int begin, end;              /* batches of this rank */
    struct series *series;       /* all batches on rank 0, those of this rank on others */
    struct tails
        *tails; /* [batch], of |f x| over all forces; of this rank until the end or a pause */
    bool running;
    int stride; /* in use */
    long goal;  /* measurements after which to look at the stopping rules */
    int threads;
    struct forces_scratch **scratch; /* [thread] */
    double **work; /* [thread], a, b, f of a batch and what the observer measures */
};

/* Forces and their errors, from block `first` on; returns the root mean square of the errors. */
double force_average_forces(const struct force_run *r, int first, double force[][3],
                            double error[][3]);
/* All the rest of the result. */
void force_average_rest(const struct force_run *r, int first, struct force_result *result);
/* The stride with the smallest error for the effort, from measurements after every sweep */
int force_average_stride(const struct force_run *r);

#endif
