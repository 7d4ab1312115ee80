/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The generations of one population and what they average to. A fixed number of walkers is held by
 * dividing all weights by their mean w_m; the product of the last L of these,
 *
 *   G_m = prod_{j = m-L}^{m-1} w_j,
 *
 * given to generation m, undoes the bias of that (Nightingale & Bloete, Phys. Rev. B 33, 659 (1986);
 * Umrigar, Nightingale, Runge, J. Chem. Phys. 99, 2865 (1993), Sec. II; Calandra Buonaura & Sorella,
 * Phys. Rev. B 57, 11446 (1998), eq. (22)). Two energies follow:
 *
 *   mixed    sum G_m sum w E_L / sum G_m sum w
 *   growth   E_ref - ln(sum G_m w_m / sum G_m) / t,   t the effective time of a generation,
 *
 * which agree when the time step is small. Error bars are those of blocks of 5/Ha, longer ones in long runs: the
 * population has to be seen as a whole, since families spread (in H2, batches of 16 of 64 walkers look
 * independent from step to step, but share a quarter of the variance of such blocks), and series this
 * short mislead rules that look for the length of a block.
 */
#ifndef QMC_DMC_SERIES_H
#define QMC_DMC_SERIES_H

#include "maths/stats.h"
#include "qmc/dmc_population.h"

#define DMC_BLOCK 5. /* 1/Ha, several times the correlation time of the local energy */

struct dmc_series {
    int n, room;
    double *energy, *square, *weight, *growth; /* [generation], of struct dmc_generation */
};

struct dmc_average {
    struct estimate energy; /* mixed, Ha; time in generations */
    double growth, growth_error;
    int blocks;         /* behind the error bars */
    double variance;    /* of the local energy, Ha^2 */
    double efficiency;  /* (sum G)^2 / (n sum G^2): 1 if the population did not fluctuate */
    double fluctuation; /* standard deviation of ln w_m */
};

void dmc_series_add(struct dmc_series *s, const struct dmc_generation *g);
void dmc_series_keep(struct dmc_series *s, struct checkpoint *c); /* reading: into an empty one */
void dmc_series_free(struct dmc_series *s);                       /* the contents */
/* Of the generations from `discard` on; memory: L, 0 for no correction. */
struct dmc_average dmc_series_average(const struct dmc_series *s, int discard, int memory,
                                      const struct dmc_population *p);

#endif
