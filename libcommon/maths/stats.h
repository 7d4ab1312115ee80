/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Means with honest error bars. A correlated series of equally spaced samples is reblocked (Flyvbjerg
 * & Petersen, J. Chem. Phys. 91, 461 (1989)); the block length is the smallest that exceeds the
 * statistical inefficiency cubed relation of Lee et al., Phys. Rev. E 83, 066706 (2011):
 * B^3 > 2 n (error_B / error_1)^4. The error is that of these blocks, enlarged by the correlation that
 * reaches beyond a block and by its own uncertainty, so that deviations in units of it have variance 1
 * (1.2 where only 50 independent samples' worth of data exist).
 */
#ifndef MATHS_STATS_H
#define MATHS_STATS_H

struct estimate {
    double mean;
    double error;    /* one standard error of the mean, correlation included */
    double variance; /* of the samples */
    double
        time; /* statistical inefficiency in samples: squared error n / variance, at least 1 in theory;
               * without the part of the error that stands for its own uncertainty */
};

/* n >= 2 samples; n < 2 gives an infinite error. A series too short for the relation gets the largest
 * error of any block length that leaves 4 blocks. */
struct estimate stats_series(int n, const double x[]);
/* The same from means x of blocks of `length` consecutive samples, whose own variance is known: `time` is in
 * samples. */
struct estimate stats_blocks(int n, const double x[], double length, double variance);
/* The same with weights (> 0): the ratio of the means of weight * x and weight; `time` counts in
 * effective samples (sum w)^2 / sum w^2. */
struct estimate stats_weighted(int n, const double x[], const double weight[]);
/* Index of the first sample after equilibration: MSER-5 (White, Simulation 69, 323 (1997)); at most n/2. */
int stats_equilibration(int n, const double x[]);

#endif
