/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Time series of a run and what they average to. Local energies are kept walker by walker, other
 * quantities as means over a batch. The series of the walkers (batches) of a twist are put end to
 * end and reblocked: blocks then see the correlation of one walker and number as many as there are
 * walkers.
 */
#ifndef QMC_SERIES_H
#define QMC_SERIES_H

#include <stddef.h>
#include "maths/stats.h"
#include "qmc/vmc.h"

struct series {
    int twists, batches, size; /* batches over all twists; walkers per batch */
    int quantities;            /* besides the energy */
    int steps, capacity;
    double **energy; /* [batch * size + walker][step] */
    double **means;  /* [batch][step][quantity] */
};

struct series *series_new(int twists, int batches, int size, int quantities);
void series_free(struct series *s);
void series_reserve(struct series *s, int steps); /* room for so many */

static inline double *series_energy(const struct series *s, int batch, int walker)
{
    return s->energy[batch * s->size + walker];
}

static inline double *series_means(const struct series *s, int batch, int step)
{
    return s->means[batch] + (size_t)step * s->quantities;
}

/* Sweeps at the beginning that are not yet in equilibrium */
int series_discard(const struct series *s);
/* Mean over twists of the energy; per twist too where asked ([twist], may be NULL). */
struct estimate series_total(const struct series *s, double *twist_energy, double *twist_error);
/* Fill the means of a result, quantities 0, 1, 2 being kinetic, ee, en. */
void series_result(const struct series *s, struct vmc_result *r);

#endif
