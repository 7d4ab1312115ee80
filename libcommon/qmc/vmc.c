/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/vmc_parts.h"
#include "qmc/cost.h"
#include "qmc/scratch.h"
#include "base/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 16        /* walkers moved together, at most */
#define REFRESH 32      /* sweeps between inversions from scratch */
#define ACCEPTANCE 0.55 /* what the time step is tuned to */
#define FIRST_TAU 0.3
#define ATTEMPTS 1000 /* to place a walker off the nodes */
#define PATIENCE 0.2  /* seconds of work of one thread between questions whether to stop */
#define LOOK 2 /* sweeps in whose time somebody who looks at the walkers has measured forces */

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

static int batches_of_twist(int walkers, int twists)
{
    const int per_twist = (walkers + twists - 1) / twists;
    return (per_twist + BATCH - 1) / BATCH;
}

int vmc_batches_of(int walkers, int twists)
{
    return batches_of_twist(walkers, twists) * twists;
}

struct vmc *vmc_new(const struct wavefunction *psi, const struct vmc_settings *settings,
                    struct err *err)
{
    struct vmc *v = mem_new(1, sizeof *v);
    int per_twist = (settings->walkers + psi->twists - 1) / psi->twists;
    int groups = batches_of_twist(settings->walkers, psi->twists);
    v->psi = psi;
    v->settings = *settings;
    v->size = (per_twist + groups - 1) / groups;
    v->batches = groups * psi->twists;
    ranks_share(settings->ranks, v->batches, &v->first, &v->last);
    v->tau = settings->tau > 0 ? settings->tau : FIRST_TAU;
    v->batch = mem_new(v->batches, sizeof *v->batch);
    v->rng = mem_new((size_t)v->batches * v->size, sizeof *v->rng);
    v->accepted = mem_new(v->batches, sizeof *v->accepted);
    int failed = 0;
#pragma omp parallel for schedule(dynamic) reduction(+ : failed) if (vmc_worth(vmc_seconds(v)))
    for (int b = v->first; b < v->last; b++) {
        v->batch[b] = walkers_new(psi, b / groups, v->size);
        v->batch[b]->index = b;
        failed += !place_batch(v, b);
    }
    if (!ranks_most(settings->ranks, failed))
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
    series_free(v->series);
    free(v->tails);
    free(v);
}

int vmc_batches(const struct vmc *v)
{
    return v->batches;
}

int vmc_size(const struct vmc *v)
{
    return v->size;
}

const struct wavefunction *vmc_wavefunction(const struct vmc *v)
{
    return v->psi;
}

struct ranks *vmc_ranks(const struct vmc *v)
{
    return v->settings.ranks;
}

void vmc_share(const struct vmc *v, int *first, int *last)
{
    *first = v->first;
    *last = v->last;
}

struct walkers *vmc_batch(const struct vmc *v, int batch)
{
    return v->batch[batch];
}

double vmc_seconds(const struct vmc *v)
{
    return cost_sample(v->psi) * v->batches * v->size;
}

static struct rng *begin_sweep(struct vmc *v, int b, uint64_t step)
{
    struct rng *rng = v->rng + b * v->size;
    for (int k = 0; k < v->size; k++)
        rng_start(&rng[k], v->settings.seed, RNG_VMC, v->settings.frame,
                  (uint64_t)(b * v->size + k), step);
    if (step % REFRESH == REFRESH - 1)
        walkers_invert(v->batch[b]);
    return rng;
}

void vmc_sweep(struct vmc *v, int b, uint64_t step)
{
    v->accepted[b] += walkers_sweep(v->batch[b], v->tau, begin_sweep(v, b, step));
}

void vmc_sample(struct vmc *v, int b, uint64_t step, bool again)
{
    again =
        again && step % REFRESH != REFRESH - 1; /* sums that are kept up to date are made anew */
    v->accepted[b] += walkers_sample(v->batch[b], v->tau, begin_sweep(v, b, step), again);
}

double vmc_take_acceptance(struct vmc *v, double sweeps)
{
    double accepted = 0, offered = sweeps * v->batches * v->size * v->psi->electrons;
    for (int b = 0; b < v->batches; b++) {
        accepted += (double)v->accepted[b];
        v->accepted[b] = 0;
    }
    return accepted / offered;
}

static void tune_step(struct vmc *v, int sweeps)
{
    ranks_gather_rows(v->settings.ranks, v->batches, v->accepted, sizeof *v->accepted);
    double acceptance = vmc_take_acceptance(v, sweeps);
    v->tau *= exp(2 * (acceptance - ACCEPTANCE));
    ranks_broadcast(v->settings.ranks, &v->tau, sizeof v->tau);
}

bool vmc_stopped(const struct vmc *v)
{
    return v->settings.stop && v->settings.stop(v->settings.context);
}

int vmc_patience(const struct vmc *v, long sweeps)
{
    return (int)fmax(1, fmin((double)sweeps, PATIENCE / vmc_seconds(v)));
}

static bool sweep_all(struct vmc *v, int sweeps)
{
    int most = vmc_patience(v, sweeps);
    for (int done = 0; done < sweeps && !vmc_stopped(v); done += most) {
        int n = sweeps - done < most ? sweeps - done : most;
#pragma omp parallel for schedule(dynamic) if (vmc_worth(n * vmc_seconds(v)))
        for (int b = v->first; b < v->last; b++)
            for (int s = 0; s < n; s++)
                vmc_sweep(v, b, v->step + (uint64_t)s);
        v->step += n;
    }
    return !vmc_stopped(v);
}

bool vmc_warm(struct vmc *v, int sweeps, bool tune)
{
    const int piece = 5;
    bool whole = true;
    memset(v->accepted, 0, v->batches * sizeof *v->accepted);
    for (int done = 0; done < sweeps && whole; done += piece) {
        whole = sweep_all(v, piece);
        if (tune)
            tune_step(v, piece);
    }
    memset(v->accepted, 0, v->batches * sizeof *v->accepted);
    return whole;
}

/* Steps first .. last - 1 of vmc_observe */
static void observe_part(struct vmc *v, int first, int last, int sweeps,
                         void (*each)(void *context, const struct walkers *w, int step),
                         void *context)
{
    double work = (double)(last - first) * (sweeps + (each ? LOOK : 0)) * vmc_seconds(v);
#pragma omp parallel for schedule(dynamic) if (vmc_worth(work))
    for (int b = v->first; b < v->last; b++)
        for (int t = first; t < last; t++) {
            const uint64_t step = v->step + (uint64_t)(t - first) * (uint64_t)sweeps;
            for (int s = 0; s < sweeps - 1; s++)
                vmc_sweep(v, b, step + (uint64_t)s);
            vmc_sample(v, b, step + (uint64_t)sweeps - 1, sweeps == 1 && t > 0);
            if (each)
                each(context, v->batch[b], t);
        }
    v->step += (uint64_t)(last - first) * (uint64_t)sweeps;
}

bool vmc_observe(struct vmc *v, int steps, int sweeps,
                 void (*each)(void *context, const struct walkers *w, int step), void *context)
{
    const int one = sweeps + (each ? LOOK : 0), patience = vmc_patience(v, (long)steps * one);
    const int most = patience > one ? patience / one : 1;
    for (int done = 0; done < steps; done += most) {
        if (done && vmc_stopped(v))
            return false;
        observe_part(v, done, done + most < steps ? done + most : steps, sweeps, each, context);
    }
    return true;
}

void vmc_step(struct vmc *v, int sweeps)
{
    vmc_observe(v, 1, sweeps, NULL, NULL);
}

void vmc_mark(struct vmc *v, struct checkpoint *c)
{
    for (int b = v->first; b < v->last; b++)
        checkpoint_bytes(c, v->batch[b]->pos,
                         (size_t)v->size * v->psi->electrons * sizeof *v->batch[b]->pos);
    checkpoint_bytes(c, v->accepted, v->batches * sizeof *v->accepted);
    checkpoint_bytes(c, &v->step, sizeof v->step);
}
