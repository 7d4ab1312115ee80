/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/dmc_series.h"
#include <math.h>
#include <stdlib.h>
#include "base/mem.h"

#define MOST_BLOCKS 256
#define LEAST_BLOCKS 4

static void reserve(struct dmc_series *s, int room)
{
    size_t old = s->room, now = room;
    if (room <= s->room)
        return;
    s->energy = mem_grow(s->energy, old, now, sizeof *s->energy);
    s->square = mem_grow(s->square, old, now, sizeof *s->square);
    s->weight = mem_grow(s->weight, old, now, sizeof *s->weight);
    s->growth = mem_grow(s->growth, old, now, sizeof *s->growth);
    s->room = room;
}

void dmc_series_add(struct dmc_series *s, const struct dmc_generation *g)
{
    if (s->n == s->room)
        reserve(s, 2 * s->room + 64);
    s->energy[s->n] = g->energy;
    s->square[s->n] = g->square;
    s->weight[s->n] = g->weight;
    s->growth[s->n++] = g->growth;
}

void dmc_series_keep(struct dmc_series *s, struct checkpoint *c)
{
    int n = s->n;
    checkpoint_bytes(c, &n, sizeof n);
    if (n < 0 || (c->reading && (size_t)n > c->size / sizeof *s->energy))
        checkpoint_refuse(c);
    if (c->refused)
        return;
    reserve(s, n);
    s->n = n;
    checkpoint_bytes(c, s->energy, n * sizeof *s->energy);
    checkpoint_bytes(c, s->square, n * sizeof *s->square);
    checkpoint_bytes(c, s->weight, n * sizeof *s->weight);
    checkpoint_bytes(c, s->growth, n * sizeof *s->growth);
}

void dmc_series_free(struct dmc_series *s)
{
    free(s->energy);
    free(s->square);
    free(s->weight);
    free(s->growth);
    *s = (struct dmc_series){0};
}

static double mean(int n, const double x[])
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += x[i];
    return sum / n;
}

/* G_m over its typical value: sums of ln w_j over the last `memory` generations */
static void history(const struct dmc_series *s, int memory, double centre, double g[])
{
    double log_g = 0;
    for (int m = 0; m < s->n; m++) {
        g[m] = exp(log_g);
        log_g += memory ? s->growth[m] - centre : 0;
        log_g -= memory && m >= memory ? s->growth[m - memory] - centre : 0;
    }
}

static double efficiency(int n, const double g[])
{
    double sum = 0, squares = 0;
    for (int m = 0; m < n; m++) {
        sum += g[m];
        squares += g[m] * g[m];
    }
    return sum * sum / (n * squares);
}

/* Generations of a block: DMC_BLOCK, more when there are very many */
static int block_length(int n, double generation)
{
    int length = (int)ceil(DMC_BLOCK / generation), more = n / MOST_BLOCKS, most = n / LEAST_BLOCKS;
    length = length > more ? length : more;
    return length < most ? length : most > 1 ? most : 1;
}

/* The mean of x[n] with weights w[n] and its error from blocks of `length`. */
static struct estimate blocked(int n, int length, const double x[], const double w[])
{
    double weight = 0, value = 0, square = 0, squares = 0;
    int blocks = 0;
    for (int m = 0; m < n; m++) {
        weight += w[m];
        value += w[m] * x[m];
    }
    value /= weight;
    for (int first = 0; first + length <= n; first += length, blocks++) {
        double sum = 0;
        for (int m = first; m < first + length; m++) {
            sum += w[m] * (x[m] - value);
            square += w[m] * (x[m] - value) * (x[m] - value);
        }
        squares += sum * sum;
    }
    double share = (double)blocks * length / n; /* what is in whole blocks */
    double error2 = squares / share * blocks / (blocks - 1) / (weight * weight);
    double variance = square / share / weight;
    return (struct estimate){value, blocks > 1 ? sqrt(error2) : INFINITY, variance,
                             error2 * n / variance};
}

struct dmc_average dmc_series_average(const struct dmc_series *s, int discard, int memory,
                                      const struct dmc_population *p)
{
    int n = s->n - discard, length = block_length(n, p->steps * p->tau);
    double *g = MEM_NEW(double, s->n), *x = MEM_NEW(double, n), t = p->steps * p->tau_eff;
    double centre = mean(n, s->growth + discard);
    struct dmc_average a = {.blocks = n / length};
    history(s, memory, centre, g);
    a.efficiency = efficiency(n, g + discard);
    for (int m = 0; m < n; m++)
        x[m] = exp(s->growth[discard + m] - centre);
    struct estimate w = blocked(n, length, x, g + discard);
    a.growth = p->reference - (log(w.mean) + centre) / t;
    a.growth_error = w.error / (w.mean * t);
    a.fluctuation = sqrt(w.variance);
    for (int m = discard; m < s->n; m++)
        g[m] *= s->weight[m];
    a.energy = blocked(n, length, s->energy + discard, g + discard);
    a.variance =
        blocked(n, length, s->square + discard, g + discard).mean - a.energy.mean * a.energy.mean;
    free(g);
    free(x);
    return a;
}
