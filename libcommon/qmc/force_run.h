/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sampling of forces and stress until they are as precise as asked. Walkers come from qmc/vmc.h; every
 * `stride` sweeps all derivatives of qmc/forces.h are measured. Batch means go to blocks of measurements
 * whose length doubles when there are too many, so that memory does not grow with the run. Means are
 * made per twist, dE/dx = <f a> + 2 <f (E_L - E) b>, and averaged over twists; error bars come from the
 * series linearised about these means (the product with E included), reblocked.
 */
#ifndef QMC_FORCE_RUN_H
#define QMC_FORCE_RUN_H

#include "base/log.h"
#include "maths/stats.h"
#include "qmc/forces.h"
#include "qmc/vmc.h"

struct force_run_settings {
    double error; /* stop at this standard error of a force component (root mean square over all),
                     Ha/bohr; 0: not a criterion */
    long samples; /* stop at this number of samples; 0: not a criterion */
    int stride;   /* sweeps between measurements */
};

struct force_result {
    int atoms;
    double (*force)[3], (*force_error)[3]; /* Ha/bohr */
    double stress[3][3],
        stress_error[3][3];      /* (1/V) dE/dstrain, Ha/bohr^3; symmetric; zero when open */
    double net[3], net_error[3]; /* sum of all forces: zero within errors */
    struct estimate energy;      /* Ha, mean over twists */
    double virial, virial_error; /* (2 T + V) / (3 volume), Ha/bohr^3; zero when open */
    double damped;               /* fraction of samples that came closer than epsilon to a node */
    long samples;
};

/* v has been warmed up. One of the criteria must be set. ST_COMPUTE: a quantity that is not finite.
 * *result: force_result_free. */
enum status force_run(struct vmc *v, const struct forces *f,
                      const struct force_run_settings *settings, struct log *log,
                      struct force_result *result, struct err *err);
void force_result_free(struct force_result *r);

#endif
