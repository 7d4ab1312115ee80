/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/series.h"
#include "base/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct series *series_new(int twists, int batches, int size, int quantities)
{
    struct series *s = mem_new(1, sizeof *s);
    *s = (struct series){
        .twists = twists, .batches = batches, .size = size, .quantities = quantities};
    s->energy = mem_new((size_t)batches * size, sizeof *s->energy);
    s->means = mem_new(batches, sizeof *s->means);
    return s;
}

void series_free(struct series *s)
{
    for (int w = 0; w < s->batches * s->size; w++)
        free(s->energy[w]);
    for (int b = 0; b < s->batches; b++)
        free(s->means[b]);
    free(s->energy);
    free(s->means);
    free(s);
}

void series_reserve(struct series *s, int steps)
{
    if (steps <= s->capacity)
        return;
    size_t old = s->capacity, now = steps > 2 * s->capacity ? steps : 2 * s->capacity;
    for (int w = 0; w < s->batches * s->size; w++)
        s->energy[w] = mem_grow(s->energy[w], old, now, sizeof(double));
    for (int b = 0; b < s->batches; b++)
        s->means[b] =
            mem_grow(s->means[b], old * s->quantities, now * s->quantities, sizeof(double));
    s->capacity = (int)now;
}

int series_discard(const struct series *s)
{
    double *mean = MEM_NEW(double, s->steps);
    for (int w = 0; w < s->batches * s->size; w++)
        for (int t = 0; t < s->steps; t++)
            mean[t] += s->energy[w][t];
    int discard = stats_equilibration(s->steps, mean);
    free(mean);
    return discard;
}

/* Estimate of one twist from `n` series end to end; *variance_time adds up what the total reports.
 */
static struct estimate joined(int n, double *const *series, int stride, int offset, int first,
                              int steps, double *buffer)
{
    int m = 0;
    for (int w = 0; w < n; w++)
        for (int t = first; t < steps; t++)
            buffer[m++] = series[w][(size_t)t * stride + offset];
    return stats_series(m, buffer);
}

/* Mean over the twists of series[per_twist * twists]; every twist has equal weight. */
static struct estimate over_twists(const struct series *s, int per_twist, double *const *series,
                                   int stride, int offset, int first, double *mean, double *error)
{
    double *buffer = MEM_NEW(double, (size_t)per_twist * s->steps);
    struct estimate total = {0};
    for (int k = 0; k < s->twists; k++) {
        struct estimate e = joined(per_twist, series + (size_t)k * per_twist, stride, offset, first,
                                   s->steps, buffer);
        total.mean += e.mean / s->twists;
        total.error += e.error * e.error / (s->twists * s->twists);
        total.variance += e.variance / s->twists;
        total.time += e.time / s->twists;
        if (mean)
            mean[k] = e.mean;
        if (error)
            error[k] = e.error;
    }
    total.error = sqrt(total.error);
    free(buffer);
    return total;
}

struct estimate series_total(const struct series *s, double *twist_energy, double *twist_error)
{
    return over_twists(s, s->batches * s->size / s->twists, s->energy, 1, 0, series_discard(s),
                       twist_energy, twist_error);
}

static struct estimate quantity(const struct series *s, int q, int discard)
{
    return over_twists(s, s->batches / s->twists, s->means, s->quantities, q, discard, NULL, NULL);
}

void series_result(const struct series *s, struct vmc_result *r)
{
    double *mean[3] = {&r->kinetic, &r->ee, &r->en};
    double *error[3] = {&r->kinetic_error, &r->ee_error, &r->en_error};
    r->twist_energy = MEM_NEW(double, s->twists);
    r->twist_error = MEM_NEW(double, s->twists);
    r->observed = MEM_NEW(double, s->quantities);
    r->observed_error = MEM_NEW(double, s->quantities);
    r->discarded = series_discard(s);
    r->steps = s->steps;
    r->samples = (long)(s->steps - r->discarded) * s->batches * s->size;
    r->energy = series_total(s, r->twist_energy, r->twist_error);
    for (int q = 0; q < s->quantities; q++) {
        struct estimate e = quantity(s, q, r->discarded);
        if (q < 3) {
            *mean[q] = e.mean;
            *error[q] = e.error;
        } else {
            r->observed[q - 3] = e.mean;
            r->observed_error[q - 3] = e.error;
        }
    }
}
