/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "qmc/cost.h"
#include "qmc/dmc_parts.h"

/* Imaginary times in 1/Ha */
#define SETTLE 3.    /* to leave the variational distribution and know the effective time step */
#define SHORTEST 40. /* before an error bar is believed, ... */
#define BLOCKS 24    /* ... which has as many blocks, of all twists, behind it */
#define LEAST \
    3 /* generations that surely leave the two blocks of an error bar: one may be cut off */
#define PIECE 5.     /* between checks and pauses, at most: */
#define WORK 0.2     /* seconds of work of one thread, ... */
#define LONG 32      /* ... or as many steps, as each piece ends with what takes as long as one */
#define STUCK 1000   /* rejections in a row that no electron should see */
#define VMC_LOOKS 16 /* variational energies, 2 sweeps apart, that give the references */
#define PATIENCE 0.2 /* seconds of work of one thread between questions whether to stop */

/* Copies of the walkers of v, which may be those of other ranks there */
static void place(const struct dmc *d, const struct vmc *v, struct dmc_population *p)
{
    int parcels = 0;
    struct ranks_parcel *parcel = mem_new((size_t)p->n * WALKERS_PARCELS, sizeof *parcel);
    for (int b = 0; b < p->batches; b++) {
        int number = p->twist * p->batches + b;
        int from = ranks_owner(d->ranks, vmc_batches(v), number);
        int to = dmc_population_owner(p, b);
        struct walkers *source = vmc_batch(v, number), *target = dmc_population_walkers(p, b);
        for (int k = 0; k < p->size; k++) {
            if (source && target)
                dmc_population_place(p, b, k, source, k);
            if (from == to)
                continue;
            walkers_parcels(d->psi, source ? source : target, k, from, to, parcel + parcels);
            parcels += WALKERS_PARCELS;
        }
    }
    ranks_deliver(d->ranks, parcels, parcel);
    free(parcel);
}

static struct dmc_population *start(const struct dmc *d, const struct vmc *v, int number)
{
    int groups = vmc_batches(v) / d->psi->twists, twist = number % d->psi->twists;
    double tau = d->settings.timestep[number / d->psi->twists];
    struct dmc_share share = {d->ranks, number, d->populations};
    struct dmc_population *p =
        dmc_population_new(d->psi, twist, groups, vmc_size(v), tau, 0, &share);
    p->seed = d->settings.seed;
    p->frame = d->settings.frame;
    p->first = (uint64_t)number * (uint64_t)p->n;
    place(d, v, p);
    return p;
}

struct dmc *dmc_new(const struct vmc *v, const struct wavefunction *psi,
                    const struct dmc_settings *settings)
{
    struct dmc *d = mem_new(1, sizeof *d);
    int n = settings->timesteps;
    double *timestep = MEM_NEW(double, n);
    memcpy(timestep, settings->timestep, (size_t)n * sizeof *timestep);
    d->settings = *settings;
    d->settings.timestep = timestep;
    d->psi = psi;
    d->ranks = vmc_ranks(v);
    d->populations = n * psi->twists;
    d->population = mem_new(d->populations, sizeof *d->population);
    d->series = mem_new(d->populations, sizeof *d->series);
    for (int p = 0; p < d->populations; p++)
        d->population[p] = start(d, v, p);
    return d;
}

bool dmc_refer(struct dmc *d, struct vmc *v)
{
    int twists = d->psi->twists, batches = vmc_batches(v), groups = batches / twists, first, last;
    int size = vmc_size(v);
    double *energy = MEM_NEW(double, twists), *one = MEM_NEW(double, batches *size);
    vmc_share(v, &first, &last);
    for (int look = 0; look < VMC_LOOKS && !vmc_stopped(v); look++) {
        vmc_step(v, 2);
        for (int b = first; b < last; b++)
            memcpy(one + b * size, vmc_batch(v, b)->energy, size * sizeof *one);
        ranks_gather_rows(d->ranks, batches, one, size * sizeof *one);
        for (int k = 0; k < batches * size; k++)
            energy[k / (groups * size)] += one[k] / (VMC_LOOKS * groups * size);
    }
    ranks_broadcast(d->ranks, energy, twists * sizeof *energy);
    free(one);
    for (int p = 0; p < d->populations; p++) {
        d->population[p]->reference = energy[p % twists];
        dmc_population_refresh(d->population[p]); /* as a checkpoint would find them */
    }
    free(energy);
    return !vmc_stopped(v);
}

void dmc_free(struct dmc *d)
{
    if (!d)
        return;
    for (int p = 0; p < d->populations; p++) {
        dmc_population_free(d->population[p]);
        dmc_series_free(&d->series[p]);
    }
    free(d->population);
    free(d->series);
    free((double *)d->settings.timestep); /* our copy */
    free(d);
}

/* Has the population generations to do before that imaginary time? */
static bool behind(const struct dmc_population *p, double until)
{
    return (double)p->step * p->tau < until - 1e-9;
}

static bool any_behind(const struct dmc *d, double until)
{
    bool any = false;
    for (int p = 0; p < d->populations; p++)
        any = any || behind(d->population[p], until);
    return any;
}

static void renew(struct dmc *d, int p, bool record)
{
    struct dmc_generation sums;
    dmc_population_renew(d->population[p], &sums);
    if (record && ranks_first(d->ranks))
        dmc_series_add(&d->series[p], &sums);
}

struct news { /* of those who had generations to do */
    struct dmc *d;
    double until;
};

static void report(void *context, int unit, struct checkpoint *c)
{
    const struct news *n = context;
    struct dmc_population *p = n->d->population[unit % n->d->populations];
    if (behind(p, n->until))
        dmc_population_report(p, unit / n->d->populations, c);
}

/* Generations to do before it is asked whether to stop */
static int patience(const struct dmc *d)
{
    const struct dmc_population *p = d->population[0];
    double steps = (double)d->populations * p->n * p->steps;
    return (int)fmax(1, fmin(1e6, PATIENCE / (steps * cost_sample(d->psi))));
}

/* All populations up to that imaginary time; those with long generations do fewer of them. Units are shared so
 * that each rank has some of all populations. false: stopped in between. */
static bool propagate(struct dmc *d, double until, bool record, const struct dmc_pause *pause)
{
    int units = d->populations * d->population[0]->batches, first, last, most = patience(d), n = 0;
    ranks_share(d->ranks, units, &first, &last);
    while (any_behind(d, until)) {
        if (++n % most == 0 && pause && pause->now && pause->now(pause->context))
            return false;
#pragma omp parallel for schedule(dynamic)
        for (int unit = first; unit < last; unit++)
            if (behind(d->population[unit % d->populations], until))
                dmc_population_advance(d->population[unit % d->populations], unit / d->populations);
        ranks_gather(d->ranks, units, report, &(struct news){d, until});
        for (int p = 0; p < d->populations; p++)
            if (behind(d->population[p], until))
                renew(d, p, record);
    }
    return true;
}

/* What no average should hide */
static enum status check_sums(const struct dmc *d, struct err *err)
{
    for (int k = 0; k < d->populations; k++) {
        const struct dmc_population *p = d->population[k];
        const struct dmc_series *s = &d->series[k];
        if (s->n && !isfinite(s->energy[s->n - 1]))
            return err_set(err, ST_COMPUTE,
                           "the local energy is not finite: the trial function must be smooth");
        if (p->lost)
            return err_set(
                err, ST_COMPUTE,
                "time step %g: a quarter of the walkers have local energies more than %g "
                "Ha from the variational one: improve the trial function or shorten the "
                "time step",
                p->tau, p->cut);
        if (p->tally.oldest > STUCK)
            return err_set(err, ST_COMPUTE,
                           "time step %g: an electron is stuck (%d moves rejected in a row): "
                           "shorten the time step or improve the trial function",
                           p->tau, p->tally.oldest);
    }
    return ST_OK;
}

/* Walker steps of a unit of imaginary time */
static double rate(const struct dmc *d)
{
    double sum = 0;
    for (int p = 0; p < d->populations; p++)
        sum += d->population[p]->n / d->population[p]->tau;
    return sum;
}

/* So short a run that a time step has no error bar? */
static enum status check_blocks(const struct dmc *d, const struct dmc_result *r, struct err *err)
{
    double longest = 0;
    for (int t = 0; t < r->timesteps; t++) {
        const struct dmc_population *p = d->population[t * d->psi->twists];
        longest = fmax(longest, p->steps * p->tau);
    }
    for (int t = 0; t < r->timesteps; t++)
        if (r->timestep[t].blocks < 2 * d->psi->twists)
            return err_set(
                err, ST_COMPUTE,
                "the samples (%ld) last for %.3g /Ha of imaginary time, in which time step %g "
                "does not come to the two blocks of an error bar: at least %.0f samples "
                "are needed, for a good one many more",
                d->settings.samples, d->time, r->timestep[t].tau, ceil(LEAST * longest * rate(d)));
    return ST_OK;
}

/* Everybody ends as rank 0 does. */
static enum status agree(const struct dmc *d, enum status status, struct err *err)
{
    ranks_broadcast(d->ranks, &status, sizeof status);
    if (status && !ranks_first(d->ranks))
        err_set(err, status, "rank 0 has found the run unstable or too short");
    return status;
}

static enum status check(const struct dmc *d, struct err *err)
{
    return agree(d, ranks_first(d->ranks) ? check_sums(d, err) : ST_OK, err);
}

/* An error bar from n blocks is known to 1 / sqrt(2 (n - 1)); whoever stops as soon as it is small stops when
 * it is too small. So its upper end counts. */
static double upper_error(const struct dmc_result *r)
{
    int blocks = r->timesteps ? r->timestep[0].blocks : 0;
    for (int t = 1; t < r->timesteps; t++)
        blocks = r->timestep[t].blocks < blocks ? r->timestep[t].blocks : blocks;
    return blocks > 1 ? r->limit.error * (1 + 1 / sqrt(2. * (blocks - 1))) : INFINITY;
}

/* How long to go on; 0: a criterion is met. */
static double choose_time(const struct dmc *d, const struct dmc_result *r)
{
    const struct dmc_settings *set = &d->settings;
    double error = upper_error(r);
    double next = fmax(SHORTEST, BLOCKS * DMC_BLOCK / d->psi->twists);
    if (d->time > 0 && set->error > 0) {
        double more = d->time * (pow(error / set->error, 2) - 1);
        next = more <= 0 ? 0 : fmin(fmax(more, SHORTEST / 2), d->time);
    } else if (d->time > 0)
        next = d->time;
    if (set->samples > 0)
        next = fmin(next, (double)set->samples / rate(d) - d->time);
    return next > 1e-9 ? next : 0;
}

/* Rank 0 chooses, for all. */
static double next_time(const struct dmc *d, const struct dmc_result *r)
{
    double next = ranks_first(d->ranks) ? choose_time(d, r) : 0;
    ranks_broadcast(d->ranks, &next, sizeof next);
    return next;
}

/* Imaginary time between pauses, a function of the trial function and the settings alone */
static double piece(const struct dmc *d)
{
    double steps = 0;
    for (int p = 0; p < d->populations; p++)
        steps += 1 / d->population[p]->tau;
    return fmin(PIECE, fmax(LONG * d->populations / steps, WORK / (rate(d) * cost_sample(d->psi))));
}

static void settle(struct dmc *d)
{
    d->settled = true;
    for (int p = 0; p < d->populations; p++)
        dmc_population_settle(d->population[p]);
}

/* A piece of the run, which settles first. Walkers are refreshed from their positions after it, so that going on and
 * reading a checkpoint are the same. *stopped: given up. */
static enum status advance(struct dmc *d, const struct dmc_pause *pause, bool *stopped,
                           struct err *err)
{
    const bool settled = d->settled;
    double *now = settled ? &d->time : &d->settling;
    double next = fmin(*now + piece(d), settled ? d->goal : SETTLE);
    *stopped = !propagate(d, settled ? SETTLE + next : next, settled, pause);
    if (*stopped)
        return ST_OK;
    *now = next;
    if (!settled && next >= SETTLE)
        settle(d);
    for (int p = 0; p < d->populations; p++)
        dmc_population_refresh(d->population[p]);
    return d->settled ? check(d, err) : ST_OK;
}

/* Up to the goal; *stopped by the pause */
static enum status reach(struct dmc *d, const struct dmc_pause *pause, bool *stopped,
                         struct err *err)
{
    enum status status = ST_OK;
    *stopped = false;
    while (status == ST_OK && !*stopped && !(d->settled && d->time >= d->goal - 1e-9)) {
        status = advance(d, pause, stopped, err);
        if (status == ST_OK && !*stopped)
            *stopped = pause && pause->stop(pause->context, d);
    }
    return status;
}

enum status dmc_run(struct dmc *d, const struct dmc_pause *pause, struct log *log,
                    struct dmc_result *result, struct err *err)
{
    bool stopped = false;
    *result = (struct dmc_result){0};
    double next = d->goal > 0 ? 0 : next_time(d, result);
    for (d->goal += next;; d->goal += next) {
        enum status status = reach(d, pause, &stopped, err);
        dmc_result_free(result);
        if (status != ST_OK || stopped) {
            log_done(log);
            result->stopped = stopped;
            return status;
        }
        if (ranks_first(d->ranks))
            dmc_summarise(d, result);
        log_progress(log, "DMC: imaginary time %.0f /Ha, energy %.5f(%.5f) Ha", d->time,
                     result->limit.energy, result->limit.error);
        next = next_time(d, result);
        if (!(next > 0))
            break;
    }
    log_done(log);
    enum status status =
        agree(d, ranks_first(d->ranks) ? check_blocks(d, result, err) : ST_OK, err);
    if (status)
        dmc_result_free(result);
    return status;
}

void dmc_keep(struct dmc *d, struct checkpoint *c)
{
    checkpoint_bytes(c, &d->settled, sizeof d->settled);
    checkpoint_bytes(c, &d->settling, sizeof d->settling);
    checkpoint_bytes(c, &d->time, sizeof d->time);
    checkpoint_bytes(c, &d->goal, sizeof d->goal);
    for (int p = 0; p < d->populations && !c->refused; p++) {
        dmc_population_keep(d->population[p], c);
        dmc_series_keep(&d->series[p], c);
    }
}
