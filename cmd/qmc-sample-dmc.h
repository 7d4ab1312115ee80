/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The diffusion Monte Carlo stage of qmc-sample: its time steps, its report, its keys. */
#ifndef CMD_QMC_SAMPLE_DMC_H
#define CMD_QMC_SAMPLE_DMC_H

#include <stdlib.h>
#include "base/mem.h"
#include "base/opt.h"
#include "formats/keys.h"
#include "qmc/dmc.h"

/* "0.01,0.04" into *tau[*n]: positive and all different. */
static enum status dmc_stage_timesteps(const char *text, int *n, double **tau, struct err *err)
{
    enum status status = opt_quantity_list(text, DIM_NONE, n, tau, err);
    for (int i = 0; status == ST_OK && i < *n; i++) {
        if (!((*tau)[i] > 0 && (*tau)[i] <= 10))
            status = err_set(err, ST_USAGE, "--dmc-timesteps: %g is not between 0 and 10 /Ha",
                             (*tau)[i]);
        for (int j = 0; status == ST_OK && j < i; j++)
            if ((*tau)[i] == (*tau)[j])
                status = err_set(err, ST_USAGE, "--dmc-timesteps: %g is given twice", (*tau)[i]);
    }
    return status;
}

static void dmc_stage_say_timestep(struct log *log, const struct dmc_timestep *t, int atoms)
{
    log_detail(log,
               "DMC time step %g /Ha (effective %.5f): energy %.6f(%.6f), growth estimator "
               "%.6f(%.6f) Ha per atom",
               t->tau, t->tau_eff, t->energy.mean / atoms, t->energy.error / atoms,
               t->growth / atoms, t->growth_error / atoms);
    log_detail(log,
               "  variance %.4f Ha^2, correlation time %.2f /Ha, %.0f effective samples, %.1f /Ha "
               "measured, %.1f /Ha discarded",
               t->variance, t->energy.time, t->effective, t->measured, t->discarded);
    log_detail(log,
               "  acceptance %.4f, nodes met by %.4f of the moves, longest wait %d steps; %.3f of "
               "the walkers replaced per 1/Ha, ln of the population %.4f, its history worth %.2f",
               t->acceptance, t->crossings, t->oldest, t->replaced, t->fluctuation, t->efficiency);
}

static void dmc_stage_say(struct log *log, const struct dmc_result *r, int atoms,
                          const double kpoint[][3])
{
    for (int t = 0; t < r->timesteps; t++) {
        const struct dmc_timestep *step = &r->timestep[t];
        dmc_stage_say_timestep(log, step, atoms);
        for (int k = 0; k < r->twists && r->twists > 1; k++)
            log_detail(log, "  twist %g %g %g: energy %.6f(%.6f) Ha", kpoint[k][0], kpoint[k][1],
                       kpoint[k][2], step->twist_energy[k], step->twist_error[k]);
        if (step->efficiency < 0.5)
            log_warning(log,
                        "DMC: %d walkers per twist fluctuate so much that only %.2f of the history "
                        "counts: more --walkers are cheaper",
                        r->walkers, step->efficiency);
    }
    if (r->timesteps > 1)
        log_detail(log, "DMC at time step 0: %.6f(%.6f) Ha per atom, order %d, chi^2 %.1f of %d",
                   r->limit.energy / atoms, r->limit.error / atoms, r->limit.order, r->limit.chi2,
                   r->limit.freedom);
}

static void dmc_stage_write(struct frame *f, const struct dmc_result *r)
{
    int n = r->timesteps;
    double *tau = MEM_NEW(double, n), *energy = MEM_NEW(double, n), *error = MEM_NEW(double, n);
    double used = n > 1 ? 0 : r->timestep[0].tau;
    for (int t = 0; t < n; t++) {
        tau[t] = r->timestep[t].tau;
        energy[t] = r->timestep[t].energy.mean;
        error[t] = r->timestep[t].energy.error;
    }
    keys_set(f, "dmc_energy", 1, &r->limit.energy);
    keys_set(f, "dmc_energy_error", 1, &r->limit.error);
    keys_set(f, "dmc_timestep", 1, &used);
    frame_set_int(f, "dmc_samples", r->samples);
    frame_remove_key(f, "dmc_timesteps");
    frame_remove_key(f, "dmc_timestep_energy");
    frame_remove_key(f, "dmc_timestep_energy_error");
    if (n > 1) {
        keys_set(f, "dmc_timesteps", n, tau);
        keys_set(f, "dmc_timestep_energy", n, energy);
        keys_set(f, "dmc_timestep_energy_error", n, error);
    }
    free(tau);
    free(energy);
    free(error);
}

#endif
