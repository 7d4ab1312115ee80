/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fixed-node diffusion Monte Carlo: a population for every twist and time step, all started from the
 * walkers of a variational run and moved side by side for the same imaginary time; energies are
 * means over twists, extrapolated to time step zero. Random numbers are named by walker and step, sums
 * and branching have a fixed order: the same seed gives the same bytes for any number of threads, and of
 * ranks (those of the variational run), which share the batches of all populations.
 */
#ifndef QMC_DMC_H
#define QMC_DMC_H

#include <stdbool.h>
#include "base/log.h"
#include "qmc/dmc_extrapolate.h"
#include "qmc/dmc_series.h"
#include "qmc/vmc.h"

struct dmc_settings {
    uint64_t seed, frame;   /* name the random numbers */
    int timesteps;          /* >= 1, all different and > 0 */
    const double *timestep; /* 1/Ha */
    double error; /* stop at this standard error of the extrapolated total energy, Ha; 0: never */
    long samples; /* stop at this number of walker steps over all time steps; 0: never */
};

struct dmc_timestep { /* what one time step gave; means over twists */
    double tau, tau_eff;
    struct estimate energy; /* mixed, Ha; time: imaginary time between independent samples, 1/Ha */
    double growth, growth_error;
    double variance;                /* of the local energy, Ha^2 */
    double effective;               /* independent local energies behind the mean */
    int blocks;                     /* behind the error bars */
    double acceptance, crossings;   /* fractions of the moves */
    double discarded, measured;     /* imaginary time, 1/Ha */
    double fluctuation, efficiency; /* of the population, see struct dmc_average */
    double replaced; /* share of the walkers that became copies of others, per 1/Ha */
    int oldest;      /* rejections in a row */
    double *twist_energy, *twist_error; /* [twist] */
};

struct dmc_result {
    struct dmc_limit limit; /* the energy of the cell and its error, Ha */
    int timesteps;
    struct dmc_timestep *timestep; /* [timesteps] */
    int twists, walkers;           /* walkers: of one population */
    long samples;                  /* walker steps behind the means */
    bool stopped;                  /* by the pause: nothing else is set, as on other ranks than 0 */
};

struct dmc;

/* Between pieces of a run: true stops it there, to go on later. now, asked a few times in a second by all ranks
 * together, gives up the piece at hand: to go on from what dmc_keep wrote before. */
struct dmc_pause {
    bool (*stop)(void *context, struct dmc *d);
    bool (*now)(void *context); /* may be NULL */
    void *context;
};

/* Takes copies of the walkers of v; psi is v's and must outlive it. */
struct dmc *dmc_new(const struct vmc *v, const struct wavefunction *psi,
                    const struct dmc_settings *settings);
/* Before the first dmc_run: the mean local energies of v, which moves on a little, become the references
 * of the weights. false: vmc_stopped. */
bool dmc_refer(struct dmc *d, struct vmc *v);
void dmc_free(struct dmc *d);
/* Until a criterion of the settings is met, or go on with a run that was stopped; pause may be NULL.
 * *result: dmc_result_free. ST_COMPUTE, result empty: an energy is not finite, an electron is stuck, a
 * population has lost the trial function, or the samples are too few for an error bar. */
enum status dmc_run(struct dmc *d, const struct dmc_pause *pause, struct log *log,
                    struct dmc_result *result, struct err *err);
/* Everything that decides how a run goes on, in a pause or before a run. Reading: into a dmc_new of
 * the same settings. */
void dmc_keep(struct dmc *d, struct checkpoint *c);

void dmc_result_free(struct dmc_result *r);
void dmc_result_keep(struct dmc_result *r, struct checkpoint *c); /* arrays are new when read */

#endif
