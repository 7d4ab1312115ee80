/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include "base/mem.h"
#include "qmc/dmc_parts.h"

#define MEMORY 10. /* 1/Ha over which the bias of a fixed population is corrected */

/* Do the first `discard` of n correlated numbers differ from the rest by more than three standard errors? In a
 * short run the best place to cut is mostly one that makes the rest look quiet by chance. */
static bool differs(int n, int discard, const double x[])
{
    double first = 0, rest = 0;
    for (int m = 0; m < n; m++)
        *(m < discard ? &first : &rest) += x[m] / (m < discard ? discard : n - discard);
    struct estimate e = stats_series(n - discard, x + discard);
    return fabs(first - rest) > 3 * e.error * sqrt((double)n / discard);
}

/* Generations at the start that still remember the variational distribution */
static int equilibration(const struct dmc *d, int timestep)
{
    int twists = d->psi->twists, n = d->series[timestep * twists].n;
    double *mean = MEM_NEW(double, n);
    for (int k = 0; k < twists; k++)
        for (int m = 0; m < n; m++)
            mean[m] += d->series[timestep * twists + k].energy[m] / twists;
    int discard = stats_equilibration(n, mean);
    if (discard && !differs(n, discard, mean))
        discard = 0;
    free(mean);
    return discard;
}

/* Add the population of a twist to the mean over twists. */
static void add_twist(const struct dmc *d, int number, int discard, struct dmc_timestep *t)
{
    const struct dmc_population *p = d->population[number];
    int twists = d->psi->twists, k = number % twists;
    double generation = p->steps * p->tau, offered = p->tally.offered * twists;
    struct dmc_average a =
        dmc_series_average(&d->series[number], discard, (int)(MEMORY / generation + 0.5), p);
    t->twist_energy[k] = a.energy.mean;
    t->twist_error[k] = a.energy.error;
    t->energy.mean += a.energy.mean / twists;
    t->energy.error += pow(a.energy.error / twists, 2);
    t->energy.time += a.energy.time * generation / twists;
    t->growth += a.growth / twists;
    t->growth_error += pow(a.growth_error / twists, 2);
    t->variance += a.variance / twists;
    t->blocks += a.blocks;
    t->effective += a.variance / pow(a.energy.error, 2);
    t->fluctuation += a.fluctuation / twists;
    t->efficiency += a.efficiency / twists;
    t->tau_eff += p->tau_eff / twists;
    t->acceptance += p->tally.accepted / offered;
    t->crossings += p->tally.crossings / offered;
    t->replaced += p->replaced / (p->n * d->time * twists);
    t->oldest = p->tally.oldest > t->oldest ? p->tally.oldest : t->oldest;
}

/* An error bar of few blocks is as often too small as too large, and deviations follow Student's distribution: this
 * makes their variance in units of it 1. With fewer than three it has none: then what three have. freedom: blocks less the
 * means taken off them. */
static double few(int freedom)
{
    freedom = freedom > 3 ? freedom : 3;
    return sqrt(freedom / (freedom - 2.));
}

static void average(const struct dmc *d, int number, struct dmc_timestep *t)
{
    int twists = d->psi->twists, discard = equilibration(d, number);
    const struct dmc_population *p = d->population[number * twists];
    t->tau = p->tau;
    t->discarded = discard * p->steps * p->tau;
    t->measured = d->time - t->discarded;
    t->twist_energy = MEM_NEW(double, twists);
    t->twist_error = MEM_NEW(double, twists);
    for (int k = 0; k < twists; k++)
        add_twist(d, number * twists + k, discard, t);
    t->energy.error = few(t->blocks - twists) * sqrt(t->energy.error);
    t->energy.variance = t->variance;
    t->growth_error = few(t->blocks - twists) * sqrt(t->growth_error);
}

void dmc_summarise(const struct dmc *d, struct dmc_result *r)
{
    int n = d->settings.timesteps;
    double *energy = MEM_NEW(double, n), *error = MEM_NEW(double, n);
    *r = (struct dmc_result){.timesteps = n,
                             .twists = d->psi->twists,
                             .walkers = d->population[0]->n,
                             .timestep = mem_new(n, sizeof *r->timestep)};
    for (int t = 0; t < n; t++) {
        average(d, t, &r->timestep[t]);
        energy[t] = r->timestep[t].energy.mean;
        error[t] = r->timestep[t].energy.error;
        r->samples += lround(r->timestep[t].measured / r->timestep[t].tau) * r->walkers * r->twists;
    }
    r->limit = dmc_extrapolate(n, d->settings.timestep, energy, error);
    free(energy);
    free(error);
}

void dmc_result_free(struct dmc_result *r)
{
    for (int t = 0; t < r->timesteps; t++) {
        free(r->timestep[t].twist_energy);
        free(r->timestep[t].twist_error);
    }
    free(r->timestep);
    *r = (struct dmc_result){0};
}

static void keep_twists(double **x, int twists, struct checkpoint *c)
{
    if (c->reading)
        *x = MEM_NEW(double, twists);
    checkpoint_bytes(c, *x, (size_t)twists * sizeof **x);
}

void dmc_result_keep(struct dmc_result *r, struct checkpoint *c)
{
    void *timestep = r->timestep;
    size_t size = (size_t)r->timesteps * sizeof *r->timestep;
    checkpoint_bytes(c, r, sizeof *r);
    checkpoint_block(c, &timestep, &size);
    r->timestep = timestep;
    if (size != (size_t)r->timesteps * sizeof *r->timestep || r->twists < 0) {
        checkpoint_refuse(c);
        r->timesteps = 0;
    }
    for (int t = 0; t < r->timesteps; t++) {
        keep_twists(&r->timestep[t].twist_energy, r->twists, c);
        keep_twists(&r->timestep[t].twist_error, r->twists, c);
    }
}
