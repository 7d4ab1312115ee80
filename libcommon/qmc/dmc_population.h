/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A population of a fixed number of weighted walkers of one twist, moved with one time step. A
 * generation is a few steps, in which weights change by
 *
 *   w <- w exp(-tau_eff [(S(R) + S(R')) / 2 - E_ref]),
 *
 * S the local energy, kept within E_ref +- alpha sqrt(electrons / tau) (Zen, Sorella, Gillan, Michaelides,
 * Alfe, Phys. Rev. B 93, 241118 (2016): the bound grows with the system as fluctuations do, so that
 * molecules far apart keep their energies; they take alpha = 0.2 with pseudopotentials, we 0.5, which
 * leaves the bare nuclei alone: 0.2 costs a hydrogen atom with a poor Psi 7 mHa at tau = 0.12), tau_eff = tau sum p dr^2 / sum dr^2 (Umrigar, Nightingale, Runge,
 * J. Chem. Phys. 99, 2865 (1993)), one number for the population, for the same reason. Then walkers are
 * drawn anew in proportion to their weights with one random number (a comb; Calandra Buonaura & Sorella,
 * Phys. Rev. B 57, 11446 (1998), Sec. V), and the mean weight is kept: the products of mean weights undo the
 * bias of keeping their number fixed (qmc/dmc_series.h).
 */
#ifndef QMC_DMC_POPULATION_H
#define QMC_DMC_POPULATION_H

#include "base/checkpoint.h"
#include "base/ranks.h"
#include "qmc/dmc_move.h"

/* Of `of` populations that ranks move together, this is number `number`; each rank has some batches of all. */
struct dmc_share {
    struct ranks *ranks;
    int number, of;
};

/* Sums, tallies and weights of all walkers are known to rank 0 only. */
struct dmc_population {
    struct dmc_share share;
    const struct wavefunction *psi;
    int twist, batches, size, n; /* n = batches * size walkers */
    int steps;                   /* of a generation */
    double tau, tau_eff;
    double reference, cut;             /* E_ref, largest |S - E_ref| */
    uint64_t seed, frame, first, step; /* name the random numbers: walkers are first, first + 1, ..;
                                          `step` steps are done */
    struct dmc_batch *batch;
    double *weight;         /* [walker], scratch */
    int *copies;            /* [walker], scratch */
    struct dmc_tally tally; /* since dmc_population_settle */
    double replaced;        /* walkers replaced by copies, likewise */
    double bounded;         /* share of the walkers at the bound of S lately */
    bool lost;              /* bounded has been a quarter: nothing that follows counts */
};

struct dmc_generation { /* sums over steps and walkers */
    double energy;      /* sum w E_L / sum w */
    double square;      /* sum w E_L^2 / sum w */
    double weight;      /* mean w */
    double growth;      /* ln of the mean of the last weights */
};

/* batches of `size` walkers, not placed; psi must outlive it. share NULL: not shared. */
struct dmc_population *dmc_population_new(const struct wavefunction *psi, int twist, int batches,
                                          int size, double tau, double reference,
                                          const struct dmc_share *share);
void dmc_population_free(struct dmc_population *p);
int dmc_population_owner(const struct dmc_population *p, int b); /* rank that has batch b */
/* The walkers of a batch, to be placed (dmc_population_begin after the last); NULL: another rank's */
struct walkers *dmc_population_walkers(const struct dmc_population *p, int b);
/* Walker k of batch b becomes a copy of `from`'s. */
void dmc_population_place(struct dmc_population *p, int b, int k, const struct walkers *from,
                          int of);
void dmc_population_begin(struct dmc_population *p);
/* The steps of a generation for one batch of this rank; batches may be moved by different threads. */
void dmc_population_advance(struct dmc_population *p, int b);
/* What a batch that has advanced has to tell rank 0: an item of ranks_gather, for all b * of + number. */
void dmc_population_report(struct dmc_population *p, int b, struct checkpoint *c);
/* When all batches have advanced and reported: the sums (of rank 0), and the next generation. */
void dmc_population_renew(struct dmc_population *p, struct dmc_generation *sums);
/* Everything anew from the positions. */
void dmc_population_refresh(struct dmc_population *p);
/* Between generations; reading into a dmc_population_new with the same numbers, then refreshes. */
void dmc_population_keep(struct dmc_population *p, struct checkpoint *c);
/* Fix tau_eff at what has been seen so far; the tallies start again. */
void dmc_population_settle(struct dmc_population *p);

#endif
