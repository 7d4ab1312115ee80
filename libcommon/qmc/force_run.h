/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sampling of forces and stress until they are as precise as asked. Walkers come from qmc/vmc.h; every
 * `stride` sweeps all derivatives of qmc/forces.h are measured. Their sums go to a series (qmc/series.h),
 * whose memory does not grow with the run. Means are made per twist, dE/dx = <f a> + 2 <f (E_L - E) b>,
 * and averaged over twists; error bars come from the series linearised about these means (the product
 * with E included), reblocked.
 */
#ifndef QMC_FORCE_RUN_H
#define QMC_FORCE_RUN_H

#include "base/log.h"
#include "maths/stats.h"
#include "qmc/forces.h"
#include "qmc/orbital_gradient.h"
#include "qmc/vmc.h"

struct force_run_settings {
    double error; /* stop at this standard error of a force component (root mean square over all),
                     Ha/bohr; 0: not a criterion */
    long samples; /* stop at this number of samples; 0: not a criterion */
    int stride; /* sweeps between measurements; 0: chosen from the first FORCE_RUN_PILOT, by how fast
                     the forces decorrelate and what a measurement costs */
    struct orbital_gradient
        *gradient; /* also summed over the samples; NULL: not; must outlive the run */
};

enum { FORCE_RUN_PILOT = 16 };

struct force_result {
    bool stopped; /* by the pause or the walkers': nothing else is set, as on other ranks than 0 */
    int atoms;
    double (*force)[3], (*force_error)[3]; /* Ha/bohr */
    double (*covariance)[6]; /* of the means of an atom, xx xy xz yy yz zz, (Ha/bohr)^2 */
    double error;            /* root mean square of force_error */
    double stress[3][3];     /* (1/V) dE/dstrain, Ha/bohr^3; symmetric; zero when open */
    double stress_error[3][3];
    double net[3], net_error[3]; /* sum of all forces: zero within errors */
    struct estimate energy;      /* Ha, mean over twists; time in measurements */
    double virial, virial_error; /* (2 T + V) / (3 volume), Ha/bohr^3; zero when open */
    double damped;               /* fraction of samples that came closer than epsilon to a node */
    double bias, bias_error;     /* of the damping, root mean square of a force component, estimated
                                    from what damping within 2 epsilon would give; error: what noise
                                    alone makes of it */
    struct tails_verdict tails;  /* of the estimators of all forces together */
    bool heavy;                  /* tails_heavy: the variance may be infinite */
    long samples, discarded;     /* behind the means; measurements left out as equilibration */
    int stride;
};

struct force_run; /* a run and how it stands */

/* v has been warmed up, or is about to be read from a checkpoint; v and f must outlive the run.
 * observer: more to be averaged over the same samples, NULL: nothing. One of the criteria must be set. */
struct force_run *force_run_new(struct vmc *v, struct forces *f,
                                const struct vmc_observer *observer,
                                const struct force_run_settings *settings);
void force_run_free(struct force_run *r);

/* Between pieces of a run: true stops it there, to go on later. */
struct force_pause {
    bool (*stop)(void *context, struct force_run *r);
    void *context;
};

/* Sample until a criterion is met, or go on with a run that was stopped. pause may be NULL.
 * ST_COMPUTE: a quantity that is not finite. *result: force_result_free. */
enum status force_run(struct force_run *r, const struct force_pause *pause, struct log *log,
                      struct force_result *result, struct err *err);
void force_result_free(struct force_result *r);

/* Everything that decides how a run goes on, as vmc_keep; and a result. Arrays are new when read. */
void force_run_keep(struct force_run *r, struct checkpoint *c);
void force_result_keep(struct force_result *r, struct checkpoint *c);

/* On rank 0: blocks, the observer's quantities from VMC_OBSERVED on, and how many are left out at the beginning. */
const struct series *force_run_series(const struct force_run *r);
int force_run_discard(const struct force_run *r);

#endif
