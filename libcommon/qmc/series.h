/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Time series of a run and what they average to, in memory that does not grow with the run: sums over
 * blocks of consecutive sweeps, whose length doubles (neighbours are merged) whenever the blocks are
 * full. Local energies are kept walker by walker with their squares, other quantities summed over a
 * batch. The blocks of the walkers (batches) of a twist are put end to end and reblocked: the error
 * then sees the correlation of one walker and is judged by as many blocks as all walkers have.
 */
#ifndef QMC_SERIES_H
#define QMC_SERIES_H

#include <stddef.h>
#include "base/checkpoint.h"
#include "base/ranks.h"
#include "maths/stats.h"

struct series {
    int twists, batches, size; /* batches over all twists; walkers per batch */
    int first, last;           /* batches held here; the rows of others are NULL */
    int quantities;            /* besides the energy */
    int most, room, blocks;    /* blocks: at most, allocated, complete */
    long length;               /* sweeps of a block */
    double reference;          /* energies are kept relative to this, Ha */
    double **energy;           /* [batch * size + walker][block][2]: sums of E and E^2 */
    double **sums;             /* [batch][block][quantity]: sums over sweeps and walkers */
};

struct series *series_new(int twists, int batches, int size, int quantities, double reference);
void series_free(struct series *s);
/* Before anything else: only these batches are recorded and kept here, for another rank to average. */
void series_hold(struct series *s, int first, int last);
/* Room for more sweeps: returns for how many, at most `sweeps`, in whole blocks; 0: a block has more
 * sweeps than that. */
long series_reserve(struct series *s, long sweeps);
/* Local energy (Ha) of a walker in sweep number `sweep` since series_reserve; out of order and from
 * several threads (one per batch). */
void series_energy(struct series *s, int batch, int walker, long sweep, double energy);
/* Where to add the quantities of a walker of this batch in that sweep. */
double *series_sums(struct series *s, int batch, long sweep);
/* Instead of series_advance: what was recorded since series_reserve never was. */
void series_forget(struct series *s);
/* Between the recording of so many sweeps and series_advance: rank 0, which holds all batches, gets those of the others. */
void series_gather(struct series *s, struct ranks *ranks, long sweeps);
/* That many sweeps (whole blocks) are recorded; merges blocks when they are full. */
void series_advance(struct series *s, long sweeps);
static inline long series_sweeps(const struct series *s)
{
    return s->blocks * s->length;
}

/* Blocks at the beginning that are not yet in equilibrium */
int series_discard(const struct series *s);
/* Energy of one twist from blocks first .. last - 1. */
struct estimate series_twist_energy(const struct series *s, int twist, int first, int last);
/* Mean over twists, the same weight for each. */
struct estimate series_total(const struct series *s, int first, int last);
/* sum_q weight_q x (mean of quantity q) of one twist; the error sees the quantities' correlation. */
struct estimate series_combination(const struct series *s, int twist, const double weight[],
                                   int first);
/* Mean of one quantity of one twist. */
double series_mean(const struct series *s, int twist, int quantity, int first);
/* Write to a checkpoint (batches that are not held as zeros), or read what was written for the same numbers of
 * twists, batches, walkers and quantities. */
void series_keep(struct series *s, struct checkpoint *c);

#endif
