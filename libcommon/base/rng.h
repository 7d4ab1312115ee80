/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Counter-based random numbers: Philox4x64-10 of Random123 (Salmon et al., SC'11). A stream is
 * named by what it is for (seed, purpose) and where (frame, walker, step): the same name gives the
 * same numbers on any thread or rank, in any order, and needs no state to be saved.
 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>

enum rng_purpose { /* one number per independent use, so that uses never share numbers */
                   RNG_CELL = 1,
                   RNG_ORBITALS,
                   RNG_WALKERS,
                   RNG_VMC,
                   RNG_DMC,
                   RNG_OPTIMISE,
                   RNG_FORCE,
                   RNG_SPARSE,
                   RNG_VELOCITIES,
                   RNG_THERMOSTAT,
                   RNG_BAROSTAT,
                   RNG_BOOTSTRAP,
                   RNG_TEST
};

struct rng {
    uint64_t key[2];     /* seed, purpose */
    uint64_t counter[4]; /* frame, walker, step, block */
    uint64_t block[4];   /* the last block drawn */
    int used;            /* words of it already given out */
};

void rng_start(struct rng *rng, uint64_t seed, enum rng_purpose purpose, uint64_t frame,
               uint64_t walker, uint64_t step);
uint64_t rng_word(struct rng *rng);  /* 64 random bits */
double rng_uniform(struct rng *rng); /* in (0, 1), never 0 or 1 */
double rng_normal(struct rng *rng);  /* mean 0, variance 1 */
/* x[i] that rng_normal would make of the uniform number p[i]: many at once */
void rng_normals(int n, const double p[], double x[]);
double rng_gamma(struct rng *rng,
                 double shape);        /* Gamma(shape), scale 1, shape > 0; 0 for shape 0 */
int rng_below(struct rng *rng, int n); /* 0 .. n-1, unbiased */

#endif
