/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/dmc_population.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "qmc/scratch.h"

#define GENERATION 0.05 /* 1/Ha, about: weights stay near 1 */
#define ALPHA 0.5       /* of the bound of S */
#define LOST 0.25       /* share of walkers at the bound that makes a run meaningless */
#define REFRESH 32      /* steps between inversions from scratch */

struct dmc_batch {
    struct walkers *w;
    struct dmc_mover *mover;
    struct rng *rng;                      /* [walker] */
    double *log_weight;                   /* [walker] */
    double *local;                        /* [walker], S where it stands */
    int *age;                             /* [walker][electron], rejections in a row */
    double *weights, *energies, *squares; /* [step], sums of w, w E_L, w E_L^2 over walkers */
    int bounded;                          /* local energies beyond the bound, over all steps */
    struct dmc_tally tally;
};

static void batch_start(struct dmc_batch *b, const struct wavefunction *psi, int twist, int size,
                        int steps)
{
    b->w = walkers_new(psi, twist, size);
    b->mover = dmc_mover_new(psi, size);
    b->rng = mem_new(size, sizeof *b->rng);
    b->log_weight = MEM_NEW(double, size);
    b->local = MEM_NEW(double, size);
    b->age = MEM_NEW(int, size * psi->electrons);
    b->weights = MEM_NEW(double, steps);
    b->energies = MEM_NEW(double, steps);
    b->squares = MEM_NEW(double, steps);
}

static void batch_stop(struct dmc_batch *b)
{
    walkers_free(b->w);
    dmc_mover_free(b->mover);
    free(b->rng);
    free(b->log_weight);
    free(b->local);
    free(b->age);
    free(b->weights);
    free(b->energies);
    free(b->squares);
}

struct dmc_population *dmc_population_new(const struct wavefunction *psi, int twist, int batches,
                                          int size, double tau, double reference)
{
    struct dmc_population *p = mem_new(1, sizeof *p);
    p->psi = psi;
    p->twist = twist;
    p->batches = batches;
    p->size = size;
    p->n = batches * size;
    p->steps = tau < GENERATION ? (int)(GENERATION / tau + 0.5) : 1;
    p->tau = p->tau_eff = tau;
    p->reference = reference;
    p->cut = ALPHA * sqrt(psi->electrons / tau);
    p->batch = mem_new(batches, sizeof *p->batch);
    p->weight = MEM_NEW(double, p->n);
    p->copies = MEM_NEW(int, p->n);
    for (int b = 0; b < batches; b++)
        batch_start(&p->batch[b], psi, twist, size, p->steps);
    return p;
}

void dmc_population_free(struct dmc_population *p)
{
    if (!p)
        return;
    for (int b = 0; b < p->batches; b++)
        batch_stop(&p->batch[b]);
    free(p->batch);
    free(p->weight);
    free(p->copies);
    free(p);
}

static double bounded(const struct dmc_population *p, double energy)
{
    return p->reference + fmax(-p->cut, fmin(p->cut, energy - p->reference));
}

void dmc_population_place(struct dmc_population *p, int b, int k, const struct walkers *from,
                          int of)
{
    walkers_copy(from, of, p->batch[b].w, k);
}

void dmc_population_begin(struct dmc_population *p)
{
    for (int b = 0; b < p->batches; b++) {
        struct dmc_batch *batch = &p->batch[b];
        walkers_measure(batch->w);
        for (int k = 0; k < p->size; k++)
            batch->local[k] = bounded(p, batch->w->energy[k]);
    }
}

/* Weights and sums of a batch after step t of the generation */
static void weigh(struct dmc_population *p, struct dmc_batch *b, int t)
{
    b->weights[t] = b->energies[t] = b->squares[t] = 0;
    for (int k = 0; k < p->size; k++) {
        double energy = b->w->energy[k], now = bounded(p, energy);
        b->log_weight[k] -= p->tau_eff * ((b->local[k] + now) / 2 - p->reference);
        b->local[k] = now;
        double w = exp(b->log_weight[k]);
        b->weights[t] += w;
        b->energies[t] += w * energy;
        b->squares[t] += w * energy * energy;
        b->bounded += now != energy;
    }
}

void dmc_population_advance(struct dmc_population *p, int number)
{
    struct dmc_batch *b = &p->batch[number];
    uint64_t walker = p->first + (uint64_t)(number * p->size);
    memset(b->log_weight, 0, p->size * sizeof *b->log_weight);
    b->bounded = 0;
    for (int t = 0; t < p->steps; t++) {
        uint64_t step = p->step + (uint64_t)t;
        for (int k = 0; k < p->size; k++)
            rng_start(&b->rng[k], p->seed, RNG_DMC, p->frame, walker + (uint64_t)k, step + 1);
        if (step % REFRESH == REFRESH - 1)
            walkers_invert(b->w);
        dmc_sweep(b->w, b->mover, p->tau, b->rng, b->age, &b->tally);
        walkers_measure(b->w);
        weigh(p, b, t);
    }
}

static void sum_up(const struct dmc_population *p, struct dmc_generation *sums)
{
    double w = 0, e = 0, e2 = 0, last = 0;
    for (int b = 0; b < p->batches; b++) {
        for (int t = 0; t < p->steps; t++) {
            w += p->batch[b].weights[t];
            e += p->batch[b].energies[t];
            e2 += p->batch[b].squares[t];
        }
        last += p->batch[b].weights[p->steps - 1];
    }
    *sums = (struct dmc_generation){e / w, e2 / w, w / (p->n * p->steps), log(last / p->n)};
}

/* Share of the walkers at the bound of S over the last 1/Ha or so */
static void follow(struct dmc_population *p)
{
    double share = 0;
    for (int b = 0; b < p->batches; b++)
        share += (double)p->batch[b].bounded / (p->n * p->steps);
    p->bounded += fmin(p->steps * p->tau, 1) * (share - p->bounded);
    p->lost = p->lost || !(p->bounded < LOST);
}

/* copies[k] so that they add up to n: how many teeth u, u + 1, .. of the comb fall on walker k */
static void comb(struct dmc_population *p, double u)
{
    double total = 0, reached = 0;
    int teeth = 0;
    for (int k = 0; k < p->n; k++) {
        p->weight[k] = exp(p->batch[k / p->size].log_weight[k % p->size]);
        total += p->weight[k];
    }
    for (int k = 0; k < p->n; k++) {
        reached += p->weight[k] / total * p->n;
        int now = k == p->n - 1 ? p->n : (int)ceil(reached - u);
        p->copies[k] = now > teeth ? now - teeth : 0;
        teeth += p->copies[k];
    }
}

static void replace(struct dmc_population *p, int from, int to)
{
    struct dmc_batch *a = &p->batch[from / p->size], *b = &p->batch[to / p->size];
    int i = from % p->size, j = to % p->size, electrons = p->psi->electrons;
    walkers_copy(a->w, i, b->w, j);
    b->local[j] = a->local[i];
    memcpy(b->age + j * electrons, a->age + i * electrons, electrons * sizeof *b->age);
    p->replaced++;
}

static void add_tally(struct dmc_tally *to, struct dmc_tally *from)
{
    to->offered += from->offered;
    to->accepted += from->accepted;
    to->crossings += from->crossings;
    to->proposed += from->proposed;
    to->moved += from->moved;
    to->oldest = from->oldest > to->oldest ? from->oldest : to->oldest;
    *from = (struct dmc_tally){0};
}

void dmc_population_renew(struct dmc_population *p, struct dmc_generation *sums)
{
    struct rng rng;
    sum_up(p, sums);
    follow(p);
    for (int b = 0; b < p->batches; b++)
        add_tally(&p->tally, &p->batch[b].tally);
    p->step += (uint64_t)p->steps;
    if (p->lost)
        return;
    rng_start(&rng, p->seed, RNG_DMC, p->frame, ~p->first, p->step);
    comb(p, rng_uniform(&rng));
    for (int from = 0, to = 0; from < p->n; from++)
        for (int extra = 1; extra < p->copies[from]; extra++) {
            while (p->copies[to])
                to++;
            replace(p, from, to++);
        }
}

void dmc_population_settle(struct dmc_population *p)
{
    p->tau_eff = p->tau * p->tally.moved / p->tally.proposed;
    p->tally = (struct dmc_tally){0};
    p->replaced = 0;
}

void dmc_population_refresh(struct dmc_population *p)
{
    for (int b = 0; b < p->batches; b++)
        walkers_refresh(p->batch[b].w);
    dmc_population_begin(p);
}

void dmc_population_keep(struct dmc_population *p, struct checkpoint *c)
{
    size_t electrons = (size_t)p->size * (size_t)p->psi->electrons;
    checkpoint_bytes(c, &p->step, sizeof p->step);
    checkpoint_bytes(c, &p->tau_eff, sizeof p->tau_eff);
    checkpoint_bytes(c, &p->reference, sizeof p->reference);
    checkpoint_bytes(c, &p->bounded, sizeof p->bounded);
    checkpoint_bytes(c, &p->lost, sizeof p->lost);
    checkpoint_bytes(c, &p->tally, sizeof p->tally);
    checkpoint_bytes(c, &p->replaced, sizeof p->replaced);
    for (int b = 0; b < p->batches; b++) {
        checkpoint_bytes(c, p->batch[b].w->pos, electrons * sizeof *p->batch[b].w->pos);
        checkpoint_bytes(c, p->batch[b].age, electrons * sizeof *p->batch[b].age);
    }
    if (c->reading && !c->refused)
        dmc_population_refresh(p);
}
