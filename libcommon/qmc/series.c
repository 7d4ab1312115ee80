/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/series.h"
#include "base/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST = 64, MOST = 2048, FIRST = 64 }; /* blocks */
enum { SIGNIFICANT = 3 };                     /* standard errors */

static const double budget = 4e6; /* numbers kept, beyond which blocks are fewer than MOST */

struct series *series_new(int twists, int batches, int size, int quantities, double reference)
{
    struct series *s = mem_new(1, sizeof *s);
    double each = (double)batches * (2.0 * size + quantities);
    *s = (struct series){.twists = twists,
                         .batches = batches,
                         .last = batches,
                         .size = size,
                         .quantities = quantities,
                         .most = MOST,
                         .length = 1,
                         .reference = reference};
    while (s->most > LEAST && s->most * each > budget)
        s->most /= 2;
    s->energy = mem_new((size_t)batches * size, sizeof *s->energy);
    s->sums = mem_new(batches, sizeof *s->sums);
    return s;
}

void series_hold(struct series *s, int first, int last)
{
    s->first = first;
    s->last = last;
}

void series_free(struct series *s)
{
    if (!s)
        return;
    for (int w = 0; w < s->batches * s->size; w++)
        free(s->energy[w]);
    for (int b = 0; b < s->batches; b++)
        free(s->sums[b]);
    free(s->energy);
    free(s->sums);
    free(s);
}

/* Sums of neighbouring blocks of `width` numbers; the upper half becomes zero. */
static void merge_rows(double *x, int blocks, size_t width)
{
    for (int k = 0; k < blocks / 2; k++)
        for (size_t c = 0; c < width; c++)
            x[k * width + c] = x[2 * k * width + c] + x[(2 * k + 1) * width + c];
    memset(x + blocks / 2 * width, 0, blocks / 2 * width * sizeof *x);
}

static void merge(struct series *s)
{
    for (int w = s->first * s->size; w < s->last * s->size; w++)
        merge_rows(s->energy[w], s->blocks, 2);
    for (int b = s->first; b < s->last; b++)
        merge_rows(s->sums[b], s->blocks, s->quantities);
    s->blocks /= 2;
    s->length *= 2;
}

static void make_room(struct series *s, long blocks)
{
    size_t old = s->room, now = old ? old : FIRST, width = s->quantities;
    while ((long)now < blocks && now < (size_t)s->most)
        now *= 2;
    if (now == old)
        return;
    for (int w = s->first * s->size; w < s->last * s->size; w++)
        s->energy[w] = mem_grow(s->energy[w], 2 * old, 2 * now, sizeof(double));
    for (int b = s->first; b < s->last; b++)
        s->sums[b] = mem_grow(s->sums[b], old * width, now * width, sizeof(double));
    s->room = (int)now;
}

long series_reserve(struct series *s, long sweeps)
{
    long blocks = sweeps / s->length, left = s->most - s->blocks;
    blocks = blocks < left ? blocks : left;
    make_room(s, s->blocks + blocks);
    return blocks * s->length;
}

void series_energy(struct series *s, int batch, int walker, long sweep, double energy)
{
    double *at = s->energy[batch * s->size + walker] + 2 * (s->blocks + sweep / s->length);
    double d = energy - s->reference;
    at[0] += d;
    at[1] += d * d;
}

double *series_sums(struct series *s, int batch, long sweep)
{
    return s->sums[batch] + (size_t)(s->blocks + sweep / s->length) * s->quantities;
}

void series_forget(struct series *s)
{
    size_t left = s->room - s->blocks, width = s->quantities;
    for (int w = s->first * s->size; w < s->last * s->size; w++)
        memset(s->energy[w] + 2 * s->blocks, 0, 2 * left * sizeof(double));
    for (int b = s->first; b < s->last; b++)
        memset(s->sums[b] + s->blocks * width, 0, left * width * sizeof(double));
}

struct fresh { /* blocks just recorded */
    struct series *s;
    int blocks;
};

static void fresh_row(void *context, int b, struct checkpoint *c)
{
    const struct fresh *f = context;
    struct series *s = f->s;
    size_t n = f->blocks, width = s->quantities;
    for (int w = b * s->size; w < (b + 1) * s->size; w++)
        checkpoint_bytes(c, s->energy[w] + 2 * s->blocks, 2 * n * sizeof(double));
    checkpoint_bytes(c, s->sums[b] + s->blocks * width, n * width * sizeof(double));
}

void series_gather(struct series *s, struct ranks *ranks, long sweeps)
{
    ranks_gather(ranks, s->batches, fresh_row, &(struct fresh){s, (int)(sweeps / s->length)});
}

void series_advance(struct series *s, long sweeps)
{
    s->blocks += (int)(sweeps / s->length);
    if (s->blocks == s->most)
        merge(s);
}

/* MSER alone also drops a fluctuation that happens to stand at the beginning, which makes energies biased
 * and error bars too small: what it proposes counts if the dropped part differs by more than SIGNIFICANT
 * standard errors. */
static bool differs(int first, int n, const double x[])
{
    double before = 0;
    struct estimate rest = stats_series(n - first, x + first);
    for (int i = 0; i < first; i++)
        before += x[i] / first;
    double square = rest.error * rest.error + rest.variance * fmax(rest.time, 1) / first;
    return !(pow(before - rest.mean, 2) <= SIGNIFICANT * SIGNIFICANT * square);
}

int series_discard(const struct series *s)
{
    double *mean = MEM_NEW(double, s->blocks);
    for (int w = 0; w < s->batches * s->size; w++)
        for (int t = 0; t < s->blocks; t++)
            mean[t] += s->energy[w][2 * t];
    int discard = stats_equilibration(s->blocks, mean);
    if (discard && !differs(discard, s->blocks, mean))
        discard = 0;
    free(mean);
    return discard;
}

struct estimate series_twist_energy(const struct series *s, int twist, int first, int last)
{
    int walkers = s->batches * s->size / s->twists, n = 0;
    double *x = MEM_NEW(double, (size_t)walkers *(last - first)), square = 0, mean = 0;
    for (int w = twist * walkers; w < (twist + 1) * walkers; w++)
        for (int t = first; t < last; t++) {
            x[n] = s->energy[w][2 * t] / (double)s->length;
            mean += x[n++];
            square += s->energy[w][2 * t + 1];
        }
    double samples = (double)n * (double)s->length;
    mean /= n;
    double variance = (square / samples - mean * mean) * samples / fmax(samples - 1, 1);
    struct estimate e = stats_blocks(n, x, (double)s->length, variance);
    e.mean += s->reference;
    free(x);
    return e;
}

struct estimate series_total(const struct series *s, int first, int last)
{
    struct estimate total = {0};
    for (int k = 0; k < s->twists; k++) {
        struct estimate e = series_twist_energy(s, k, first, last);
        total.mean += e.mean / s->twists;
        total.error += e.error * e.error / (s->twists * s->twists);
        total.variance += e.variance / s->twists;
        total.time += e.time / s->twists;
    }
    total.error = sqrt(total.error);
    return total;
}

struct estimate series_combination(const struct series *s, int twist, const double weight[],
                                   int first)
{
    int per = s->batches / s->twists, n = 0;
    double *x = MEM_NEW(double, (size_t)per *(s->blocks - first));
    for (int b = twist * per; b < (twist + 1) * per; b++)
        for (int t = first; t < s->blocks; t++, n++) {
            const double *row = s->sums[b] + (size_t)t * s->quantities;
            for (int q = 0; q < s->quantities; q++)
                x[n] += weight[q] * row[q];
            x[n] /= (double)s->length * s->size;
        }
    struct estimate e = stats_series(n, x);
    free(x);
    return e;
}

double series_mean(const struct series *s, int twist, int quantity, int first)
{
    int per = s->batches / s->twists;
    double sum = 0;
    for (int b = twist * per; b < (twist + 1) * per; b++)
        for (int t = first; t < s->blocks; t++)
            sum += s->sums[b][(size_t)t * s->quantities + quantity];
    return sum / ((double)per * (s->blocks - first) * (double)s->length * s->size);
}

static void keep_row(struct checkpoint *c, double *row, double *nobodys, size_t n)
{
    checkpoint_bytes(c, row ? row : nobodys, n * sizeof *row);
}

void series_keep(struct series *s, struct checkpoint *c)
{
    int blocks = s->blocks;
    checkpoint_bytes(c, &blocks, sizeof blocks);
    checkpoint_bytes(c, &s->length, sizeof s->length);
    checkpoint_bytes(c, &s->reference, sizeof s->reference);
    if (blocks < 0 || blocks > s->most || s->length < 1) {
        checkpoint_refuse(c);
        return;
    }
    make_room(s, blocks);
    s->blocks = blocks;
    size_t n = blocks, width = s->quantities;
    double *nobodys = MEM_NEW(double, n *(width + 2));
    for (int w = 0; w < s->batches * s->size; w++)
        keep_row(c, s->energy[w], nobodys, 2 * n);
    for (int b = 0; b < s->batches; b++)
        keep_row(c, s->sums[b], nobodys, n * width);
    free(nobodys);
}
