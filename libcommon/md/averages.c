/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "md/averages.h"
#include <math.h>
#include <stdlib.h>
#include "base/mem.h"

struct series {
    int n, room;
    struct averages_sample *sample;
};

struct averages {
    int samples, runs, room;
    struct series *run;
};

struct averages *averages_new(void)
{
    return MEM_NEW(struct averages, 1);
}

void averages_free(struct averages *a)
{
    if (!a)
        return;
    for (int run = 0; run < a->runs; run++)
        free(a->run[run].sample);
    free(a->run);
    free(a);
}

int averages_begin_run(struct averages *a)
{
    if (a->runs == a->room) {
        a->run = mem_grow(a->run, a->room, 2 * a->room + 1, sizeof a->run[0]);
        a->room = 2 * a->room + 1;
    }
    a->run[a->runs] = (struct series){0};
    return a->runs++;
}

void averages_add(struct averages *a, int run, const struct averages_sample *sample)
{
    struct series *r = &a->run[run];
    if (r->n == r->room) {
        r->sample = mem_grow(r->sample, r->room, 2 * r->room + 64, sizeof r->sample[0]);
        r->room = 2 * r->room + 64;
    }
    r->sample[r->n++] = *sample;
    a->samples++;
}

enum quantity { ENERGY, PRESSURE, KINETIC, INVERSE_VOLUME, FRACTION };

/* One quantity of one sample as it enters the mean. */
static double value(const struct averages_sample *s, const struct averages_settings *set,
                    enum quantity q)
{
    double kT = set->analytic ? set->kT : s->kT;
    double density = s->volume > 0 ? set->atoms / s->volume : 0;
    switch (q) {
    case ENERGY:
        return s->energy + s->entropy + 1.5 * set->atoms * kT;
    case PRESSURE:
        return s->volume > 0 ? s->pressure + density * kT : 0;
    case KINETIC:
        return s->kT;
    case INVERSE_VOLUME:
        return s->volume > 0 ? 1 / s->volume : 0;
    case FRACTION:
        return s->fraction;
    }
    return 0;
}

/* Of one run, from a sample on */
static void values(const struct series *r, const struct averages_settings *set, enum quantity q,
                   int from, double x[])
{
    for (int i = from; i < r->n; i++)
        x[i - from] = value(&r->sample[i], set, q);
}

/* Samples to leave out at the start of a run: until energy and pressure have both settled. */
static int equilibration(const struct series *r, const struct averages_settings *set,
                         double scratch[])
{
    int cut = 0;
    if (set->discard >= 0)
        return set->discard < r->n ? set->discard : r->n;
    for (enum quantity q = ENERGY; q <= PRESSURE; q++) {
        values(r, set, q, 0, scratch);
        int found = stats_equilibration(r->n, scratch);
        cut = found > cut ? found : cut;
    }
    return cut;
}

int averages_runs(const struct averages *a)
{
    return a->runs;
}

int averages_samples(const struct averages *a, int run)
{
    return a->run[run].n;
}

int averages_discarded(const struct averages *a, const struct averages_settings *set, int run)
{
    double *scratch = MEM_NEW(double, a->run[run].n + 1);
    int cut = equilibration(&a->run[run], set, scratch);
    free(scratch);
    return cut;
}

/* Starts of the used part of every run; returns the number of samples used. */
static int cut_runs(const struct averages *a, const struct averages_settings *set, int start[],
                    double scratch[])
{
    int used = 0;
    for (int run = 0; run < a->runs; run++) {
        start[run] = equilibration(&a->run[run], set, scratch);
        used += a->run[run].n - start[run];
    }
    return used;
}

#define LARGEST \
    600. /* of weights' exponents: what is further off counts for nothing, yet is above zero */

/* Weights of the used samples, the largest is 1; NULL without any. Returns their effective number. */
static double weigh(const struct averages *a, const struct averages_settings *set,
                    const int start[], int used, double *weight)
{
    double least = HUGE_VAL, sum = 0, square = 0;
    int n = 0;
    if (!weight)
        return used;
    for (int run = 0; run < a->runs; run++)
        for (int i = start[run]; i < a->run[run].n; i++)
            least = fmin(least, weight[n++] = a->run[run].sample[i].excess);
    for (int i = 0; i < n; i++) {
        weight[i] = exp(-fmin((weight[i] - least) / set->kT, LARGEST));
        sum += weight[i];
        square += weight[i] * weight[i];
    }
    return sum * sum / square;
}

static struct estimate estimate(const struct averages *a, const struct averages_settings *set,
                                const int start[], enum quantity q, const double weight[],
                                double x[])
{
    int n = 0;
    for (int run = 0; run < a->runs; run++) {
        values(&a->run[run], set, q, start[run], x + n);
        n += a->run[run].n - start[run];
    }
    struct estimate e = stats_weighted(n, x, weight);
    if (sqrt(e.variance) < 1e-13 * fabs(e.mean)) /* a constant: no error but rounding */
        e.error = 0;
    return e;
}

static enum status check(const struct averages *a, const struct averages_settings *set, int used,
                         struct err *err)
{
    if (used < 2)
        return err_set(err, ST_DATA,
                       "%d of %d frames are left after equilibration: at least 2 are needed", used,
                       a->samples);
    for (int run = 0; run < a->runs && !set->analytic; run++)
        for (int i = 0; i < a->run[run].n; i++)
            if (isnan(a->run[run].sample[i].kT))
                return err_set(err, ST_DATA,
                               "sample %d has no temperature: kinetic terms need it or a known one",
                               i + 1);
    return ST_OK;
}

enum status averages_result(const struct averages *a, const struct averages_settings *set,
                            struct averages_result *result, struct err *err)
{
    int *start = MEM_NEW(int, a->runs + 1);
    double *x = MEM_NEW(double, a->samples + 1);
    double *weight = set->reweight ? MEM_NEW(double, a->samples + 1) : NULL;
    int used = cut_runs(a, set, start, x);
    enum status status = check(a, set, used, err);
    if (!status) {
        result->samples = a->samples;
        result->used = used;
        result->runs = a->runs;
        result->effective = weigh(a, set, start, used, weight);
        result->energy = estimate(a, set, start, ENERGY, weight, x);
        result->pressure = estimate(a, set, start, PRESSURE, weight, x);
        result->kinetic = estimate(a, set, start, KINETIC, weight, x);
        result->fraction = estimate(a, set, start, FRACTION, weight, x);
        result->inverse_volume = estimate(a, set, start, INVERSE_VOLUME, weight, x);
        result->kT = result->kinetic;
        if (set->analytic)
            result->kT = (struct estimate){.mean = set->kT};
    }
    free(start);
    free(weight);
    free(x);
    return status;
}
