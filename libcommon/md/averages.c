/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "md/averages.h"
#include <float.h>
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

static bool known(const struct averages_sample *s)
{
    return !isnan(s->energy);
}

/* What a quantity of a sample is in the potential that made it; NaN if that is not known. */
static double control(const struct averages_sample *s, enum quantity q)
{
    switch (q) {
    case ENERGY:
        return s->sampled;
    case PRESSURE:
        return s->volume > 0 ? s->sampled_pressure : 0;
    case FRACTION:
        return s->fraction;
    default:
        return NAN;
    }
}

/* Samples to leave out at the start of a run: until energy and pressure have both settled. */
static int equilibration(const struct series *r, const struct averages_settings *set,
                         double scratch[])
{
    int cut = 0;
    if (set->discard >= 0)
        return set->discard < r->n ? set->discard : r->n;
    for (enum quantity q = ENERGY; q <= PRESSURE; q++) {
        for (int i = 0; i < r->n; i++)
            scratch[i] =
                known(&r->sample[i]) ? value(&r->sample[i], set, q) : control(&r->sample[i], q);
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

/* Starts of the used part of every run */
static void cut_runs(const struct averages *a, const struct averages_settings *set, int start[],
                     double scratch[])
{
    for (int run = 0; run < a->runs; run++)
        start[run] = equilibration(&a->run[run], set, scratch);
}

/* One quantity of the used samples, with weights (NULL: all alike), and of the potential that made them: first of the n
 * samples that have an energy, then of the others. change: (U - U')/kT, their mean taken away. */
struct gathered {
    int n, others;
    double *x, *weight, *change, *control;
};

static struct gathered gathered_new(const struct averages *a, const struct averages_settings *set)
{
    size_t n = (size_t)a->samples + 1;
    return (struct gathered){.x = MEM_NEW(double, n),
                             .weight = set->reweight ? MEM_NEW(double, n) : NULL,
                             .change = MEM_NEW(double, n),
                             .control = MEM_NEW(double, n)};
}

static void gathered_free(struct gathered *g)
{
    free(g->x);
    free(g->weight);
    free(g->change);
    free(g->control);
}

#define LARGEST \
    600. /* exponent of a weight: what is further off counts for nothing, yet above zero */

static double mean_of(int n, const double x[])
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += x[i];
    return sum / n;
}

static void count(const struct averages *a, const struct averages_settings *set, const int start[],
                  struct gathered *g)
{
    g->n = g->others = 0;
    for (int run = 0; run < a->runs; run++)
        for (int i = start[run]; i < a->run[run].n; i++) {
            const struct averages_sample *s = &a->run[run].sample[i];
            if (known(s))
                g->change[g->n++] = set->reweight ? (s->energy - s->sampled) / set->kT : 0;
            else
                g->others++;
        }
    double mean = mean_of(g->n, g->change);
    for (int i = 0; i < g->n; i++)
        g->change[i] -= mean;
}

static double spread_of(const struct gathered *g)
{
    double square = 0;
    for (int i = 0; i < g->n; i++)
        square += g->change[i] * g->change[i];
    return g->n > 1 ? sqrt(square / (g->n - 1)) : 0;
}

/* The largest weight is 1; all are, where the cumulant takes their place. Returns the effective number of the samples. */
static double weigh(const struct averages_settings *set, struct gathered *g)
{
    double least = HUGE_VAL, sum = 0, square = 0;
    for (int i = 0; i < g->n; i++)
        least = fmin(least, g->change[i]);
    for (int i = 0; i < g->n; i++) {
        double w = exp(-fmin(g->change[i] - least, LARGEST));
        sum += w;
        square += w * w;
        if (g->weight)
            g->weight[i] = set->reweight == AVERAGES_CUMULANT ? 1 : w;
    }
    return g->n ? sum * sum / square : 0;
}

/* Values whose mean is <x> - <(x - <x>) change>, without bias where samples are independent, and whose deviations from it are what
 * each sample adds to it, to first order. */
static void tilt(struct gathered *g)
{
    double mean = mean_of(g->n, g->x), unbiased = g->n / fmax(g->n - 1, 1);
    for (int i = 0; i < g->n; i++)
        g->x[i] -= unbiased * (g->x[i] - mean) * g->change[i];
}

static void gather(const struct averages *a, const struct averages_settings *set, const int start[],
                   enum quantity q, struct gathered *g)
{
    int n = 0, others = g->n;
    for (int run = 0; run < a->runs; run++)
        for (int i = start[run]; i < a->run[run].n; i++) {
            const struct averages_sample *s = &a->run[run].sample[i];
            if (known(s))
                g->x[n] = value(s, set, q);
            g->control[known(s) ? n++ : others++] = set->reweight ? control(s, q) : NAN;
        }
    if (set->reweight == AVERAGES_CUMULANT)
        tilt(g);
}

static bool all_finite(int n, const double x[])
{
    for (int i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return false;
    return true;
}

/* The control variate: e, the weighted mean of g->x, which changes, is corrected with the mean of g->control over the other
 * samples. A sample's share in the error is (n - 1) times what the mean loses with it, w (x - mean) / (W - w). */
static void correct(struct gathered *g, struct estimate *e)
{
    int n = g->n;
    double total = mean_of(n, g->weight) * n, few = mean_of(n, g->control);
    double cross = 0, square = 0;
    for (int i = 0; i < n; i++) {
        double rest = fmax(total - g->weight[i], total * DBL_EPSILON);
        g->x[i] = (n - 1) * g->weight[i] * (g->x[i] - e->mean) / rest;
        cross += g->x[i] * (g->control[i] - few);
        square += (g->control[i] - few) * (g->control[i] - few);
    }
    if (square == 0)
        return;
    double c = cross / square;
    for (int i = 0; i < n; i++)
        g->x[i] -= c * (g->control[i] - few);
    struct estimate rest = stats_series(n, g->x), all = stats_series(g->others, g->control + n);
    e->mean -= c * (few - all.mean);
    e->error = hypot(rest.error, c * all.error);
}

static struct estimate estimate(const struct averages *a, const struct averages_settings *set,
                                const int start[], enum quantity q, struct gathered *g)
{
    gather(a, set, start, q, g);
    struct estimate e = stats_weighted(g->n, g->x, g->weight);
    if (g->weight && g->others > 1 && all_finite(g->n + g->others, g->control))
        correct(g, &e);
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
    struct gathered g = gathered_new(a, set);
    cut_runs(a, set, start, g.x);
    count(a, set, start, &g);
    double effective = weigh(set, &g);
    enum status status = check(a, set, g.n, err);
    if (!status) {
        result->samples = a->samples;
        result->used = g.n;
        result->runs = a->runs;
        result->effective = effective;
        result->spread = spread_of(&g);
        result->energy = estimate(a, set, start, ENERGY, &g);
        result->pressure = estimate(a, set, start, PRESSURE, &g);
        result->kinetic = estimate(a, set, start, KINETIC, &g);
        result->fraction = estimate(a, set, start, FRACTION, &g);
        result->inverse_volume = estimate(a, set, start, INVERSE_VOLUME, &g);
        result->kT = result->kinetic;
        if (set->analytic)
            result->kT = (struct estimate){.mean = set->kT};
    }
    free(start);
    gathered_free(&g);
    return status;
}
