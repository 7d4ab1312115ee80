/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/configurations.h"
#include "base/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK 32          /* configurations evaluated together */
#define WORK 4            /* of which the Jastrow factor keeps so many */
#define PATIENCE 0.2      /* seconds of work of one thread between questions whether to stop */
#define DEEPER 6          /* times as much work are the derivatives */
#define PAIR_SECONDS 2e-7 /* J and its derivatives, per pair of an electron and another particle */

struct configurations *configurations_new(const struct wavefunction *psi)
{
    struct configurations *c = mem_new(1, sizeof *c);
    c->psi = psi;
    c->twist_energy = MEM_NEW(double, psi->twists);
    return c;
}

static void release(struct configurations *c)
{
    free(c->twist);
    free(c->pos);
    free(c->slater);
    free(c->slater_laplacian);
    free(c->potential);
    free(c->jastrow);
    free(c->weight);
    free(c->energy);
    free(c->dlog);
    free(c->denergy);
}

void configurations_free(struct configurations *c)
{
    if (!c)
        return;
    release(c);
    free(c->twist_energy);
    free(c);
}

static void reserve(struct configurations *c, int n)
{
    int electrons = c->psi->electrons;
    size_t parameters = jastrow_count(c->psi->jastrow);
    if (n <= c->room)
        return;
    release(c);
    c->room = n;
    c->twist = mem_new(n, sizeof *c->twist);
    c->pos = mem_new((size_t)n * electrons, sizeof *c->pos);
    c->slater = mem_new((size_t)n * electrons, sizeof *c->slater);
    c->slater_laplacian = MEM_NEW(double, n);
    c->potential = MEM_NEW(double, n);
    c->jastrow = MEM_NEW(double, n);
    c->weight = MEM_NEW(double, n);
    c->energy = MEM_NEW(double, n);
    c->dlog = MEM_NEW(double, n *parameters);
    c->denergy = MEM_NEW(double, n *parameters);
}

static void keep_batch(struct configurations *c, const struct walkers *w)
{
    size_t electrons = c->psi->electrons, rows = w->n * electrons;
    int at = c->n + w->index * w->n;
    memcpy(c->pos + at * electrons, w->pos, rows * sizeof *w->pos);
    memcpy(c->slater + at * electrons, w->slater, rows * sizeof *w->slater);
    memcpy(c->slater_laplacian + at, w->slater_laplacian, w->n * sizeof *w->slater_laplacian);
    for (int k = 0; k < w->n; k++)
        c->potential[at + k] = w->coulomb[k].ee + w->coulomb[k].en + w->coulomb[k].nn;
}

/* J, grad J and lap J of `count` configurations into scratch: value[count], gradient, laplacian */
struct part {
    double value[CHUNK];
    double (*gradient)[3], *laplacian;
    struct jastrow_work *work;
};

static struct part *part_new(const struct wavefunction *psi)
{
    int electrons = psi->electrons;
    struct part *p = mem_new(1, sizeof *p);
    p->gradient = mem_new((size_t)CHUNK * electrons, sizeof *p->gradient);
    p->laplacian = MEM_NEW(double, CHUNK *electrons);
    p->work = jastrow_work_new(psi->jastrow, WORK);
    return p;
}

static void part_free(struct part *p)
{
    free(p->gradient);
    free(p->laplacian);
    jastrow_work_free(p->work);
    free(p);
}

/* E_L (measure.c); the gradient becomes grad ln Psi */
static double local_energy(const struct configurations *c, int k, double (*gradient)[3],
                           const double laplacian[])
{
    int electrons = c->psi->electrons;
    double sum = c->slater_laplacian[k];
    for (int i = 0; i < electrons; i++) {
        const double *d = c->slater[(size_t)k * electrons + i];
        sum += laplacian[i];
        for (int x = 0; x < 3; x++) {
            sum += gradient[i][x] * (2 * d[x] + gradient[i][x]);
            gradient[i][x] += d[x];
        }
    }
    return c->potential[k] - sum / 2;
}

static void evaluate_chunk(struct configurations *c, int first, int count, bool derivatives,
                           struct part *p)
{
    const struct jastrow *j = c->psi->jastrow;
    int electrons = c->psi->electrons;
    int parameters = jastrow_count(j);
    const double(*pos)[3] = (const double(*)[3])c->pos + (size_t)first * electrons;
    jastrow_all(j, p->work, count, pos, p->value, p->gradient, p->laplacian);
    for (int m = 0; m < count; m++) {
        int k = first + m;
        double(*velocity)[3] = p->gradient + (size_t)m * electrons;
        c->energy[k] = local_energy(c, k, velocity, p->laplacian + (size_t)m * electrons);
        c->weight[k] = p->value[m];
        if (derivatives)
            jastrow_derivatives(j, p->work, pos + (size_t)m * electrons,
                                (const double(*)[3])velocity, c->dlog + (size_t)k * parameters,
                                c->denergy + (size_t)k * parameters);
    }
}

/* Is so much work worth waking threads? */
static bool worth_threads(const struct configurations *c, int n)
{
    double pairs = (double)c->psi->electrons * (c->psi->electrons + c->psi->system->n);
    return vmc_worth(n * pairs * PAIR_SECONDS);
}

struct range { /* of configurations, which begins and ends between two looks at the walkers */
    struct configurations *c;
    int first, last;
    bool derivatives;
};

static void evaluate_batch(void *context, int b, struct checkpoint *to)
{
    const struct range *r = context;
    struct configurations *c = r->c;
    size_t size = c->size, parameters = jastrow_count(c->psi->jastrow);
    for (int k = r->first + b * c->size; k < r->last; k += c->walkers) {
        checkpoint_bytes(to, c->weight + k, size * sizeof(double));
        checkpoint_bytes(to, c->energy + k, size * sizeof(double));
        if (!r->derivatives)
            continue;
        checkpoint_bytes(to, c->dlog + k * parameters, size * parameters * sizeof(double));
        checkpoint_bytes(to, c->denergy + k * parameters, size * parameters * sizeof(double));
    }
}

/* Pieces: chunks of this rank's walkers at one look */
static void evaluate_part(struct configurations *c, int first, int last, bool derivatives)
{
    int mine = c->end - c->begin, chunks = (mine + CHUNK - 1) / CHUNK;
    int looks = (last - first) / c->walkers;
#pragma omp parallel if (worth_threads(c, looks * mine))
    {
        struct part *p = part_new(c->psi);
#pragma omp for schedule(dynamic)
        for (int piece = 0; piece < looks * chunks; piece++) {
            int k = piece % chunks * CHUNK, count = mine - k < CHUNK ? mine - k : CHUNK;
            int at = first + piece / chunks * c->walkers + c->begin + k;
            evaluate_chunk(c, at, count, derivatives, p);
        }
        part_free(p);
    }
}

/* Looks at all walkers to be evaluated before it is asked whether to stop */
static int patience(const struct configurations *c, bool derivatives)
{
    double pairs = (double)c->psi->electrons * (c->psi->electrons + c->psi->system->n);
    double seconds = c->walkers * pairs * PAIR_SECONDS * (derivatives ? DEEPER : 1);
    return (int)fmax(1, fmin(PATIENCE / seconds, 1e6));
}

/* J of each of first .. last-1 into weight, E_L into energy */
static void evaluate_range(struct configurations *c, int first, int last, bool derivatives)
{
    const long most = (long)patience(c, derivatives) * c->walkers;
    for (long at = first; at < last && !(at > first && vmc_stopped(c->v)); at += most)
        evaluate_part(c, (int)at, (int)(at + most < last ? at + most : last), derivatives);
    ranks_gather(c->ranks, c->batches, evaluate_batch,
                 &(struct range){c, first, last, derivatives});
}

/* Which walkers, and which of them are this rank's */
static void begin(struct configurations *c, const struct vmc *v)
{
    int first, last;
    c->ranks = vmc_ranks(v);
    c->v = v;
    c->batches = vmc_batches(v);
    c->size = vmc_size(v);
    c->walkers = c->batches * c->size;
    vmc_share(v, &first, &last);
    c->begin = first * c->size;
    c->end = last * c->size;
}

void configurations_draw(struct configurations *c, struct vmc *v, int n, int spacing)
{
    begin(c, v);
    reserve(c, n + 2 * c->walkers);
    int most = vmc_patience(v, (long)n * spacing) / spacing + 1, steps = 0;
    for (c->n = 0; c->n < n || c->n < 2 * c->walkers; c->n += c->walkers) {
        if (++steps % most == 0 && vmc_stopped(v))
            break;
        vmc_step(v, spacing);
        for (int b = c->begin / c->size; b < c->end / c->size; b++)
            keep_batch(c, vmc_batch(v, b));
        for (int k = 0; k < c->walkers; k++)
            c->twist[c->n + k] = k / (c->walkers / c->psi->twists);
    }
    evaluate_range(c, 0, c->n, false);
    memcpy(c->jastrow, c->weight, c->n * sizeof *c->jastrow);
}

void configurations_range(const struct configurations *c, enum configurations_part part, int *first,
                          int *last)
{
    int half = c->n / c->walkers / 2 * c->walkers;
    *first = part == CONFIGURATIONS_LATE ? half : 0;
    *last = part == CONFIGURATIONS_EARLY ? half : c->n;
}

/* Weights, energy and variance of the configurations of one twist, which add to *mean. */
static void average_twist(struct configurations *c, int first, int last, int twist,
                          struct configurations_mean *mean)
{
    double top = -HUGE_VAL, sum = 0, square = 0, energy = 0, variance = 0;
    int n = 0;
    for (int k = first; k < last; k++)
        if (c->twist[k] == twist)
            top = fmax(top, c->weight[k]);
    for (int k = first; k < last; k++)
        if (c->twist[k] == twist) {
            c->weight[k] = exp(c->weight[k] - top);
            sum += c->weight[k];
            square += c->weight[k] * c->weight[k];
            n++;
        }
    for (int k = first; k < last; k++)
        if (c->twist[k] == twist) {
            c->weight[k] /= sum;
            energy += c->weight[k] * c->energy[k];
        }
    for (int k = first; k < last; k++)
        if (c->twist[k] == twist)
            variance += c->weight[k] * (c->energy[k] - energy) * (c->energy[k] - energy);
    c->twist_energy[twist] = energy;
    mean->energy += energy / c->psi->twists;
    mean->variance += variance / c->psi->twists;
    mean->effective = fmin(mean->effective, sum * sum / square / n);
}

struct configurations_mean configurations_evaluate(struct configurations *c,
                                                   enum configurations_part part, bool derivatives)
{
    struct configurations_mean mean = {0, 0, 1};
    int first, last;
    configurations_range(c, part, &first, &last);
    evaluate_range(c, first, last, derivatives);
    for (int k = 0; k < c->n; k++)
        c->weight[k] = k < first || k >= last ? 0 : 2 * (c->weight[k] - c->jastrow[k]);
    for (int t = 0; ranks_first(c->ranks) && t < c->psi->twists; t++)
        average_twist(c, first, last, t, &mean);
    ranks_broadcast(c->ranks, &mean, sizeof mean);
    return mean;
}

void configurations_deviations(const struct configurations *c, double scale, double weight,
                               double out[])
{
    int twists = c->psi->twists;
    for (int t = 0; t < twists; t++) {
        double mean = 0;
        for (int pass = 0; pass < 2; pass++)
            for (int k = 0; k < c->n; k++) {
                double d = c->energy[k] - c->twist_energy[t], x = d + weight * d * d;
                if (c->twist[k] != t)
                    continue;
                if (pass)
                    out[k % c->walkers] += scale / twists * c->weight[k] * (x - mean);
                else
                    mean += c->weight[k] * x;
            }
    }
}
