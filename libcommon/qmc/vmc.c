/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/vmc.h"
#include "qmc/series.h"
#include "qmc/scratch.h"
#include "base/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 16        /* walkers moved together, at most */
#define REFRESH 32      /* sweeps between inversions from scratch */
#define ACCEPTANCE 0.55 /* what the time step is tuned to */
#define FIRST_TAU 0.3
#define BLOCK 32      /* sweeps between looks at the stopping rules, at least */
#define ATTEMPTS 1000 /* to place a walker off the nodes */

struct vmc {
    const struct wavefunction *psi;
    struct vmc_settings settings;
    int batches, size; /* size: walkers of a batch */
    struct walkers **batch;
    struct rng *rng; /* [batch][size] */
    long *accepted;  /* [batch], since the last look */
    double tau;
    uint64_t step; /* sweeps done: names the random numbers */
};

static bool place_batch(struct vmc *v, int b)
{
    struct walkers *w = v->batch[b];
    for (int k = 0; k < v->size; k++) {
        rng_start(&v->rng[b * v->size + k], v->settings.seed, RNG_WALKERS, v->settings.frame,
                  (uint64_t)(b * v->size + k), 0);
        walkers_place(w, k, &v->rng[b * v->size + k]);
    }
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        int k = walkers_refresh(w);
        if (k < 0)
            return true;
        walkers_place(w, k, &v->rng[b * v->size + k]);
    }
    return false;
}

struct vmc *vmc_new(const struct wavefunction *psi, const struct vmc_settings *settings,
                    struct err *err)
{
    struct vmc *v = mem_new(1, sizeof *v);
    int per_twist = (settings->walkers + psi->twists - 1) / psi->twists;
    int groups = (per_twist + BATCH - 1) / BATCH;
    v->psi = psi;
    v->settings = *settings;
    v->size = (per_twist + groups - 1) / groups;
    v->batches = groups * psi->twists;
    v->tau = settings->tau > 0 ? settings->tau : FIRST_TAU;
    v->batch = mem_new(v->batches, sizeof *v->batch);
    v->rng = mem_new((size_t)v->batches * v->size, sizeof *v->rng);
    v->accepted = mem_new(v->batches, sizeof *v->accepted);
    int failed = 0;
#pragma omp parallel for schedule(dynamic) reduction(+ : failed)
    for (int b = 0; b < v->batches; b++) {
        v->batch[b] = walkers_new(psi, b / groups, v->size);
        v->batch[b]->index = b;
        failed += !place_batch(v, b);
    }
    if (!failed)
        return v;
    vmc_free(v);
    err_set(err, ST_COMPUTE,
            "the orbitals are linearly dependent: every Slater determinant vanishes");
    return NULL;
}

void vmc_free(struct vmc *v)
{
    if (!v)
        return;
    for (int b = 0; b < v->batches; b++)
        walkers_free(v->batch[b]);
    free(v->batch);
    free(v->rng);
    free(v->accepted);
    free(v);
}

int vmc_batches(const struct vmc *v)
{
    return v->batches;
}

struct walkers *vmc_batch(const struct vmc *v, int batch)
{
    return v->batch[batch];
}

double vmc_tau(const struct vmc *v)
{
    return v->tau;
}

/* Sweep number `step` of batch b */
static void sweep(struct vmc *v, int b, uint64_t step)
{
    struct rng *rng = v->rng + b * v->size;
    for (int k = 0; k < v->size; k++)
        rng_start(&rng[k], v->settings.seed, RNG_VMC, v->settings.frame,
                  (uint64_t)(b * v->size + k), step);
    if (step % REFRESH == REFRESH - 1)
        walkers_invert(v->batch[b]);
    v->accepted[b] += walkers_sweep(v->batch[b], v->tau, rng);
}

/* Fraction of the moves of the last `sweeps` sweeps that were accepted; counters start again. */
static double take_acceptance(struct vmc *v, long sweeps)
{
    double accepted = 0, offered = (double)sweeps * v->batches * v->size * v->psi->electrons;
    for (int b = 0; b < v->batches; b++) {
        accepted += (double)v->accepted[b];
        v->accepted[b] = 0;
    }
    return accepted / offered;
}

void vmc_warm(struct vmc *v, int sweeps, bool tune)
{
    const int piece = 5;
    memset(v->accepted, 0, v->batches * sizeof *v->accepted);
    for (int done = 0; done < sweeps; done += piece) {
#pragma omp parallel for schedule(dynamic)
        for (int b = 0; b < v->batches; b++)
            for (int s = 0; s < piece; s++)
                sweep(v, b, v->step + (uint64_t)s);
        v->step += piece;
        double acceptance = take_acceptance(v, piece);
        if (tune)
            v->tau *= exp(2 * (acceptance - ACCEPTANCE));
    }
}

void vmc_observe(struct vmc *v, int steps, int sweeps,
                 void (*each)(void *context, const struct walkers *w, int step), void *context)
{
#pragma omp parallel for schedule(dynamic)
    for (int b = 0; b < v->batches; b++)
        for (int t = 0; t < steps; t++) {
            for (int s = 0; s < sweeps; s++)
                sweep(v, b, v->step + (uint64_t)(t * sweeps + s));
            walkers_measure(v->batch[b]);
            if (each)
                each(context, v->batch[b], t);
        }
    v->step += (uint64_t)steps * (uint64_t)sweeps;
}

void vmc_step(struct vmc *v, int sweeps)
{
    vmc_observe(v, 1, sweeps, NULL, NULL);
}

/* Batch means of what is averaged besides the energy: kinetic, ee, en, then the observer's
 * quantities */
static void record(const struct vmc *v, int b, const struct vmc_observer *o, double *out,
                   struct series *s, int step)
{
    const struct walkers *w = v->batch[b];
    int size = o ? o->size : 0;
    double *mean = series_means(s, b, step);
    memset(mean, 0, (3 + size) * sizeof *mean);
    if (o)
        o->measure(o->context, w, out);
    for (int k = 0; k < v->size; k++) {
        series_energy(s, b, k)[step] = w->energy[k];
        mean[0] += w->kinetic[k] / v->size;
        mean[1] += w->coulomb[k].ee / v->size;
        mean[2] += w->coulomb[k].en / v->size;
        for (int q = 0; q < size; q++)
            mean[3 + q] += out[k * size + q] / v->size;
    }
}

static void run_block(struct vmc *v, const struct vmc_observer *o, struct series *s, int steps)
{
    series_reserve(s, s->steps + steps);
#pragma omp parallel for schedule(dynamic)
    for (int b = 0; b < v->batches; b++) {
        double *out = o ? MEM_NEW(double, v->size * o->size) : NULL;
        for (int t = 0; t < steps; t++) {
            sweep(v, b, v->step + (uint64_t)t);
            walkers_measure(v->batch[b]);
            record(v, b, o, out, s, s->steps + t);
        }
        free(out);
    }
    v->step += (uint64_t)steps;
    s->steps += steps;
}

/* How many sweeps to do next; 0: a criterion is met. */
static int next_block(const struct vmc *v, const struct series *s, const struct estimate *now)
{
    int walkers = v->batches * v->size, next = BLOCK;
    const struct vmc_settings *set = &v->settings;
    if (s->steps && set->error > 0) {
        if (now->error <= set->error && s->steps >= 2 * BLOCK)
            return 0;
        double more = s->steps * (pow(now->error / set->error, 2) - 1);
        next = more > s->steps ? s->steps : more > BLOCK ? (int)more : BLOCK;
    } else if (!(set->error > 0))
        next = 16 * BLOCK;
    if (set->samples > 0) {
        long left = (set->samples + walkers - 1) / walkers - s->steps;
        next = left < next ? (int)left : next;
    }
    return next;
}

enum status vmc_run(struct vmc *v, const struct vmc_observer *observer, struct log *log,
                    struct vmc_result *result, struct err *err)
{
    struct series *s =
        series_new(v->psi->twists, v->batches, v->size, 3 + (observer ? observer->size : 0));
    struct estimate now = {0};
    memset(result, 0, sizeof *result);
    memset(v->accepted, 0, v->batches * sizeof *v->accepted);
    for (int steps; (steps = next_block(v, s, &now)) > 0;) {
        run_block(v, observer, s, steps);
        now = series_total(s, NULL, NULL);
        if (!isfinite(now.mean))
            break;
        log_progress(log, "VMC: %ld samples, energy %.5f(%.5f) Ha",
                     (long)s->steps * v->batches * v->size, now.mean, now.error);
    }
    log_done(log);
    result->tau = v->tau;
    result->acceptance = take_acceptance(v, s->steps);
    series_result(s, result);
    result->nn = v->batch[0]->coulomb[0].nn;
    series_free(s);
    if (isfinite(result->energy.mean))
        return ST_OK;
    vmc_result_free(result);
    return err_set(err, ST_COMPUTE,
                   "the local energy is not finite: the trial function must be smooth");
}

void vmc_result_free(struct vmc_result *r)
{
    free(r->twist_energy);
    free(r->twist_error);
    free(r->observed);
    free(r->observed_error);
    r->twist_energy = r->twist_error = r->observed = r->observed_error = NULL;
}
