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
                        int steps, bool mine)
{
    b->w = mine ? walkers_new(psi, twist, size) : NULL;
    b->mover = mine ? dmc_mover_new(psi, size) : NULL;
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
    if (b->w) {
        walkers_free(b->w);
        dmc_mover_free(b->mover);
    }
    free(b->rng);
    free(b->log_weight);
    free(b->local);
    free(b->age);
    free(b->weights);
    free(b->energies);
    free(b->squares);
}

int dmc_population_owner(const struct dmc_population *p, int b)
{
    const struct dmc_share *s = &p->share;
    return ranks_owner(s->ranks, p->batches * s->of, b * s->of + s->number);
}

struct walkers *dmc_population_walkers(const struct dmc_population *p, int b)
{
    return p->batch[b].w;
}

struct dmc_population *dmc_population_new(const struct wavefunction *psi, int twist, int batches,
                                          int size, double tau, double reference,
                                          const struct dmc_share *share)
{
    struct dmc_population *p = mem_new(1, sizeof *p);
    p->share = share ? *share : (struct dmc_share){NULL, 0, 1};
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
        batch_start(&p->batch[b], psi, twist, size, p->steps,
                    dmc_population_owner(p, b) == ranks_number(p->share.ranks));
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
#pragma omp parallel for schedule(dynamic)
    for (int b = 0; b < p->batches; b++) {
        struct dmc_batch *batch = &p->batch[b];
        if (!batch->w)
            continue;
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

void dmc_population_report(struct dmc_population *p, int number, struct checkpoint *c)
{
    struct dmc_batch *b = &p->batch[number];
    checkpoint_bytes(c, b->log_weight, p->size * sizeof *b->log_weight);
    checkpoint_bytes(c, b->weights, p->steps * sizeof *b->weights);
    checkpoint_bytes(c, b->energies, p->steps * sizeof *b->energies);
    checkpoint_bytes(c, b->squares, p->steps * sizeof *b->squares);
    checkpoint_bytes(c, &b->bounded, sizeof b->bounded);
    checkpoint_bytes(c, &b->tally, sizeof b->tally);
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

/* copies[k] so that they add up to n: how many teeth u, u + 1, .. of the comb fall on walker k. Of weights that are
 * no numbers the first walker has all; check of dmc.c ends such a run. */
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
        int now = k < p->n - 1 && reached - u < p->n ? (int)ceil(reached - u) : p->n;
        p->copies[k] = now > teeth ? now - teeth : 0;
        teeth += p->copies[k];
    }
}

enum { PARCELS = WALKERS_PARCELS + 2 }; /* of a walker, with local and age */

static void copy(struct dmc_population *p, int from, int to)
{
    struct dmc_batch *a = &p->batch[from / p->size], *b = &p->batch[to / p->size];
    int i = from % p->size, j = to % p->size, electrons = p->psi->electrons;
    walkers_copy(a->w, i, b->w, j);
    b->local[j] = a->local[i];
    memcpy(b->age + j * electrons, a->age + i * electrons, electrons * sizeof *b->age);
}

/* From rank to rank: which of the two is here, if any? */
static void send(struct dmc_population *p, int from, int to, struct ranks_parcel parcel[PARCELS])
{
    int sender = dmc_population_owner(p, from / p->size);
    int receiver = dmc_population_owner(p, to / p->size), electrons = p->psi->electrons;
    int here = ranks_number(p->share.ranks) == sender ? from : to;
    struct dmc_batch *b = &p->batch[here / p->size];
    int k = here % p->size;
    walkers_parcels(p->psi, b->w, k, sender, receiver, parcel);
    parcel[WALKERS_PARCELS] =
        (struct ranks_parcel){sender, receiver, b->local + k, sizeof *b->local};
    parcel[WALKERS_PARCELS + 1] =
        (struct ranks_parcel){sender, receiver, b->age + k * electrons, electrons * sizeof *b->age};
}

/* Walker `to` becomes a copy of walker `from`; returns how many parcels are to be delivered for that. */
static int replace(struct dmc_population *p, int from, int to, struct ranks_parcel parcel[PARCELS])
{
    int sender = dmc_population_owner(p, from / p->size);
    p->replaced++;
    if (sender != dmc_population_owner(p, to / p->size)) {
        send(p, from, to, parcel);
        return PARCELS;
    }
    if (sender == ranks_number(p->share.ranks))
        copy(p, from, to);
    return 0;
}

/* The teeth of the comb beyond the first on each walker replace walkers without any. */
static void branch(struct dmc_population *p)
{
    size_t copies = 0;
    int parcels = 0;
    for (int k = 0; k < p->n; k++)
        copies += p->copies[k] > 1 ? p->copies[k] - 1 : 0;
    struct ranks_parcel *parcel = mem_new(copies * PARCELS, sizeof *parcel);
    for (int from = 0, to = 0; from < p->n; from++)
        for (int extra = 1; extra < p->copies[from]; extra++) {
            while (p->copies[to])
                to++;
            parcels += replace(p, from, to++, parcel + parcels);
        }
    ranks_deliver(p->share.ranks, parcels, parcel);
    free(parcel);
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

/* Rank 0: the sums, and who is to live */
static void decide(struct dmc_population *p, struct dmc_generation *sums)
{
    struct rng rng;
    sum_up(p, sums);
    follow(p);
    for (int b = 0; b < p->batches; b++)
        add_tally(&p->tally, &p->batch[b].tally);
    if (p->lost)
        return;
    rng_start(&rng, p->seed, RNG_DMC, p->frame, ~p->first, p->step + (uint64_t)p->steps);
    comb(p, rng_uniform(&rng));
}

void dmc_population_renew(struct dmc_population *p, struct dmc_generation *sums)
{
    struct ranks *ranks = p->share.ranks;
    if (ranks_first(ranks))
        decide(p, sums);
    for (int b = 0; b < p->batches; b++)
        p->batch[b].tally = (struct dmc_tally){0};
    p->step += (uint64_t)p->steps;
    ranks_broadcast(ranks, &p->lost, sizeof p->lost);
    if (p->lost)
        return;
    ranks_broadcast(ranks, p->copies, p->n * sizeof *p->copies);
    branch(p);
}

void dmc_population_settle(struct dmc_population *p)
{
    p->tau_eff = p->tau * p->tally.moved / p->tally.proposed;
    ranks_broadcast(p->share.ranks, &p->tau_eff, sizeof p->tau_eff);
    p->tally = (struct dmc_tally){0};
    p->replaced = 0;
}

void dmc_population_refresh(struct dmc_population *p)
{
#pragma omp parallel for schedule(dynamic)
    for (int b = 0; b < p->batches; b++)
        if (p->batch[b].w)
            walkers_refresh(p->batch[b].w);
    dmc_population_begin(p);
}

/* Where the walkers of all ranks are */
struct places {
    struct dmc_population *p;
    double (*pos)[3]; /* [walker][electron] */
    int *age;         /* likewise */
};

static void places_row(void *context, int item, struct checkpoint *c)
{
    const struct places *all = context;
    const struct dmc_population *p = all->p;
    size_t rows = (size_t)p->size * p->psi->electrons, at = item / p->share.of * rows;
    if (item % p->share.of != p->share.number)
        return;
    checkpoint_bytes(c, all->pos + at, rows * sizeof *all->pos);
    checkpoint_bytes(c, all->age + at, rows * sizeof *all->age);
}

static void keep_places(struct dmc_population *p, struct checkpoint *c)
{
    size_t rows = (size_t)p->size * p->psi->electrons, pos = rows * sizeof(double[3]);
    struct places all = {p, mem_new(p->batches, pos), MEM_NEW(int, p->batches *rows)};
    for (int b = 0; b < p->batches; b++)
        if (p->batch[b].w) {
            memcpy(all.pos + b * rows, p->batch[b].w->pos, pos);
            memcpy(all.age + b * rows, p->batch[b].age, rows * sizeof *all.age);
        }
    if (!c->reading)
        ranks_gather(p->share.ranks, p->batches * p->share.of, places_row, &all);
    for (int b = 0; b < p->batches; b++) {
        checkpoint_bytes(c, all.pos + b * rows, pos);
        checkpoint_bytes(c, all.age + b * rows, rows * sizeof *all.age);
        if (p->batch[b].w) {
            memcpy(p->batch[b].w->pos, all.pos + b * rows, pos);
            memcpy(p->batch[b].age, all.age + b * rows, rows * sizeof *all.age);
        }
    }
    free(all.pos);
    free(all.age);
}

void dmc_population_keep(struct dmc_population *p, struct checkpoint *c)
{
    checkpoint_bytes(c, &p->step, sizeof p->step);
    checkpoint_bytes(c, &p->tau_eff, sizeof p->tau_eff);
    checkpoint_bytes(c, &p->reference, sizeof p->reference);
    checkpoint_bytes(c, &p->bounded, sizeof p->bounded);
    checkpoint_bytes(c, &p->lost, sizeof p->lost);
    checkpoint_bytes(c, &p->tally, sizeof p->tally);
    checkpoint_bytes(c, &p->replaced, sizeof p->replaced);
    keep_places(p, c);
    if (c->reading && !c->refused)
        dmc_population_refresh(p);
}
