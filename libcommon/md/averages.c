/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "md/averages.h"
#include <math.h>
#include <stdlib.h>
#include "base/mem.h"

struct averages {
    int samples, room, runs, run_room;
    struct averages_sample *sample;
    int *first; /* of every run */
    bool begin;
};

struct averages *averages_new(void)
{
    struct averages *a = MEM_NEW(struct averages, 1);
    a->begin = true;
    return a;
}

void averages_free(struct averages *a)
{
    if (!a)
        return;
    free(a->sample);
    free(a->first);
    free(a);
}

void averages_begin_run(struct averages *a)
{
    a->begin = true;
}

static void begin_run(struct averages *a)
{
    if (a->runs == a->run_room) {
        a->first = mem_grow(a->first, a->run_room, 2 * a->run_room + 1, sizeof a->first[0]);
        a->run_room = 2 * a->run_room + 1;
    }
    a->first[a->runs++] = a->samples;
    a->begin = false;
}

void averages_add(struct averages *a, const struct averages_sample *sample)
{
    if (a->begin)
        begin_run(a);
    if (a->samples == a->room) {
        a->sample = mem_grow(a->sample, a->room, 2 * a->room + 64, sizeof a->sample[0]);
        a->room = 2 * a->room + 64;
    }
    a->sample[a->samples++] = *sample;
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

static void series(const struct averages *a, const struct averages_settings *set, enum quantity q,
                   int from, int to, double x[])
{
    for (int i = from; i < to; i++)
        x[i - from] = value(&a->sample[i], set, q);
}

static int run_end(const struct averages *a, int run)
{
    return run + 1 < a->runs ? a->first[run + 1] : a->samples;
}

/* Samples to leave out at the start of a run: until energy and pressure have both settled. */
static int equilibration(const struct averages *a, const struct averages_settings *set, int run,
                         double scratch[])
{
    int from = a->first[run], n = run_end(a, run) - from, cut = 0;
    if (set->discard >= 0)
        return set->discard < n ? set->discard : n;
    for (enum quantity q = ENERGY; q <= PRESSURE; q++) {
        series(a, set, q, from, from + n, scratch);
        int found = stats_equilibration(n, scratch);
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
    return run_end(a, run) - a->first[run];
}

int averages_discarded(const struct averages *a, const struct averages_settings *set, int run)
{
    double *scratch = MEM_NEW(double, averages_samples(a, run) + 1);
    int cut = equilibration(a, set, run, scratch);
    free(scratch);
    return cut;
}

/* Starts of the used part of every run; returns the number of samples used. */
static int cut_runs(const struct averages *a, const struct averages_settings *set, int start[],
                    double scratch[])
{
    int used = 0;
    for (int run = 0; run < a->runs; run++) {
        start[run] = a->first[run] + equilibration(a, set, run, scratch);
        used += run_end(a, run) - start[run];
    }
    return used;
}

static struct estimate estimate(const struct averages *a, const struct averages_settings *set,
                                const int start[], enum quantity q, double x[])
{
    int n = 0;
    for (int run = 0; run < a->runs; run++) {
        series(a, set, q, start[run], run_end(a, run), x + n);
        n += run_end(a, run) - start[run];
    }
    struct estimate e = stats_series(n, x);
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
    for (int i = 0; i < a->samples && !set->analytic; i++)
        if (isnan(a->sample[i].kT))
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
    int used = cut_runs(a, set, start, x);
    enum status status = check(a, set, used, err);
    if (!status) {
        result->samples = a->samples;
        result->used = used;
        result->runs = a->runs;
        result->energy = estimate(a, set, start, ENERGY, x);
        result->pressure = estimate(a, set, start, PRESSURE, x);
        result->kinetic = estimate(a, set, start, KINETIC, x);
        result->fraction = estimate(a, set, start, FRACTION, x);
        result->inverse_volume = estimate(a, set, start, INVERSE_VOLUME, x);
        result->kT = result->kinetic;
        if (set->analytic)
            result->kT = (struct estimate){.mean = set->kT};
    }
    free(start);
    free(x);
    return status;
}
