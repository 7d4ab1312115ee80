/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Variational Monte Carlo: walkers of all twists sample |Psi_k|^2; energies are means over twists.
 * The work is cut into batches that do not depend on the number of threads, every walker draws its
 * own random numbers, and sums are made in a fixed order: the same seed gives the same bytes for
 * any number of threads.
 */
#ifndef QMC_VMC_H
#define QMC_VMC_H

#include <stdint.h>
#include "base/log.h"
#include "maths/stats.h"
#include "qmc/walkers.h"

struct vmc_settings {
    uint64_t seed, frame; /* name the random numbers */
    int walkers;          /* over all twists; rounded up to whole batches */
    double tau;           /* time step to start from, 1/Ha; <= 0: automatic */
    double error; /* stop at this standard error of the total energy, Ha; 0: not a criterion */
    long samples; /* stop at this number of samples; 0: not a criterion */
    int warmup;   /* sweeps */
};

/* Further quantities to average over the same samples: `size` numbers per walker. measure is called
 * after walkers_measure, from several threads, each with its own batch w->index (0 .. vmc_batches -
 * 1). */
struct vmc_observer {
    int size;
    void (*measure)(void *context, const struct walkers *w, double out[]); /* out[walker][size] */
    void *context;
};

struct vmc_result {
    struct estimate energy;     /* total, Ha, mean over twists; variance: mean over twists */
    double kinetic, ee, en, nn; /* means, Ha */
    double kinetic_error, ee_error, en_error;
    long samples; /* behind the means */
    double acceptance, tau;
    int steps, discarded; /* sweeps measured; those dropped as equilibration beyond the warm-up */
    double *twist_energy, *twist_error; /* [twist] */
    double *observed, *observed_error;  /* [size] */
};

struct vmc; /* walkers and their random sequence; keeps going where it stands */

/* psi must outlive it; its Jastrow may be changed in between (then vmc_warm again, a little).
 * ST_COMPUTE: no place where the determinants do not vanish. */
struct vmc *vmc_new(const struct wavefunction *psi, const struct vmc_settings *settings,
                    struct err *err);
void vmc_free(struct vmc *v);
int vmc_batches(const struct vmc *v);
struct walkers *vmc_batch(const struct vmc *v, int batch); /* for whoever collects configurations */
double vmc_tau(const struct vmc *v);

/* Sweeps without measuring; tune: the time step is brought to half of the moves accepted. */
void vmc_warm(struct vmc *v, int sweeps, bool tune);
/* `sweeps` sweeps of all walkers, then walkers_measure. */
void vmc_step(struct vmc *v, int sweeps);
/* The same `steps` times, without waiting for other batches in between: each (may be NULL) sees every
 * batch after each step, from several threads; the steps of one batch come in order. */
void vmc_observe(struct vmc *v, int steps, int sweeps,
                 void (*each)(void *context, const struct walkers *w, int step), void *context);
/* Sample until a criterion of the settings is met. observer may be NULL. *result: vmc_result_free.
 * ST_COMPUTE if the local energy is not finite. */
enum status vmc_run(struct vmc *v, const struct vmc_observer *observer, struct log *log,
                    struct vmc_result *result, struct err *err);
void vmc_result_free(struct vmc_result *r);

#endif
