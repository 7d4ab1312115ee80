/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Error bars of the Hugoniot: Efron & Tibshirani, An Introduction to the Bootstrap (1993), 6.5. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "eos/hugoniot.h"

/* Sums over replicas of the members of a point, taken as an array of doubles. */
enum { MEMBERS = sizeof(struct hugoniot_point) / sizeof(double) };

struct tally {
    int count;
    double sum[MEMBERS], square[MEMBERS]; /* of the differences to the central value */
};

static void tally_add(struct tally *t, const struct hugoniot_point *point,
                      const struct hugoniot_point *centre)
{
    const double *p = (const double *)point, *c = (const double *)centre;
    t->count++;
    for (int k = 0; k < MEMBERS; k++) {
        t->sum[k] += p[k] - c[k];
        t->square[k] += (p[k] - c[k]) * (p[k] - c[k]);
    }
}

static double deviation(int count, double sum, double square)
{
    if (count < 2)
        return INFINITY;
    const double mean = sum / count;
    return sqrt(fmax(0, square / count - mean * mean) * count / (count - 1));
}

static void redraw(int n, const struct eos_state states[], struct eos_state drawn[],
                   struct rng *rng)
{
    for (int i = 0; i < n; i++) {
        drawn[i] = states[i];
        drawn[i].energy += states[i].energy_error * rng_normal(rng);
        drawn[i].pressure += states[i].pressure_error * rng_normal(rng);
    }
}

static bool refit(struct eos_group *g, const struct eos_group *original,
                  const struct eos_state drawn[], double *scratch)
{
    *g = *original;
    double *e = scratch, *p = e + g->n, *e_error = p + g->n, *p_error = e_error + g->n;
    for (int i = 0; i < g->n; i++) {
        const struct eos_state *s = &drawn[g->index[i]];
        e[i] = s->energy;
        e_error[i] = s->energy_error;
        p[i] = s->pressure;
        p_error[i] = s->pressure_error;
    }
    return polyfit_fixed(&g->energy, original->energy.order, g->n, g->x, e, e_error, NULL) ==
               ST_OK &&
           polyfit_fixed(&g->pressure, original->pressure.order, g->n, g->x, p, p_error, NULL) ==
               ST_OK;
}

/* The replica's root by Newton's method from the central one: it may lie a little outside the range
 * of the points, where the central root may not. */
static bool replica_root(const struct eos_initial *initial, const struct eos_group *g,
                         const struct hugoniot_point *centre, struct hugoniot_point *out)
{
    const bool isotherm = g->along == EOS_ISOTHERMS;
    const double width = g->x[g->n - 1] - g->x[0];
    double x = isotherm ? centre->density : centre->temperature;
    for (int i = 0; i < 60; i++) {
        struct hugoniot_point p[2];
        for (int side = 0; side < 2; side++) {
            const double y = x + (side ? 1e-6 : 0) * width;
            p[side] = (struct hugoniot_point){.temperature = isotherm ? g->nominal : y,
                                              .density = isotherm ? y : g->nominal,
                                              .energy = polyfit_value(&g->energy, y),
                                              .pressure = polyfit_value(&g->pressure, y)};
            hugoniot_complete(initial, &p[side]);
        }
        const double slope = (p[1].residual - p[0].residual) / (1e-6 * width);
        const double step = -p[0].residual / slope;
        if (!(fabs(step) < width))
            return false;
        x += step;
        *out = p[0];
        if (fabs(step) < 1e-10 * width)
            return x > 0;
    }
    return false;
}

/* Residual of the replica at the central root: how well H = 0 is known there. */
static double residual_at(const struct eos_initial *initial, const struct eos_group *g,
                          const struct hugoniot_point *centre)
{
    const double x = g->along == EOS_ISOTHERMS ? centre->density : centre->temperature;
    struct hugoniot_point p = {.temperature = centre->temperature,
                               .density = centre->density,
                               .energy = polyfit_value(&g->energy, x),
                               .pressure = polyfit_value(&g->pressure, x)};
    hugoniot_complete(initial, &p);
    return p.residual;
}

static int states_used(int n, const struct eos_group groups[], int *largest)
{
    int count = 0;
    *largest = 0;
    for (int i = 0; i < n; i++) {
        *largest = groups[i].n > *largest ? groups[i].n : *largest;
        for (int k = 0; k < groups[i].n; k++)
            count = groups[i].index[k] + 1 > count ? groups[i].index[k] + 1 : count;
    }
    return count;
}

void hugoniot_bootstrap(const struct eos_initial *initial, int n, const struct eos_group groups[],
                        const struct eos_state states[], const struct hugoniot_point points[],
                        int samples, uint64_t seed, struct hugoniot_point error[],
                        struct hugoniot_maximum *maximum)
{
    int largest;
    const int state_count = states_used(n, groups, &largest);
    struct eos_state *drawn = MEM_NEW(struct eos_state, state_count);
    struct tally *tally = MEM_NEW(struct tally, n);
    struct hugoniot_point *replica = MEM_NEW(struct hugoniot_point, n);
    double *scratch = MEM_NEW(double, 4 * (size_t)largest);
    *maximum = hugoniot_maximum(n, points);
    double top[2] = {0}, top_square[2] = {0};
    int top_count = 0;
    for (int b = 0; b < samples; b++) {
        struct rng rng;
        rng_start(&rng, seed, RNG_BOOTSTRAP, 0, 0, (uint64_t)b);
        struct eos_initial start = *initial;
        start.energy += initial->energy_error * rng_normal(&rng);
        redraw(state_count, states, drawn, &rng);
        int solved = 0;
        for (int i = 0; i < n; i++) {
            struct eos_group g;
            if (!refit(&g, &groups[i], drawn, scratch) ||
                !replica_root(&start, &g, &points[i], &replica[i]))
                continue;
            solved++;
            replica[i].residual = residual_at(&start, &g, &points[i]);
            tally_add(&tally[i], &replica[i], &points[i]);
        }
        if (solved < n)
            continue;
        const struct hugoniot_maximum m = hugoniot_maximum(n, replica);
        const double d[2] = {m.compression - maximum->compression, m.pressure - maximum->pressure};
        for (int k = 0; k < 2; k++) {
            top[k] += d[k];
            top_square[k] += d[k] * d[k];
        }
        top_count++;
    }
    for (int i = 0; i < n; i++)
        for (int k = 0; k < MEMBERS; k++)
            ((double *)&error[i])[k] =
                deviation(tally[i].count, tally[i].sum[k], tally[i].square[k]);
    maximum->compression_error = deviation(top_count, top[0], top_square[0]);
    maximum->pressure_error = deviation(top_count, top[1], top_square[1]);
    free(scratch);
    free(replica);
    free(tally);
    free(drawn);
}
