/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/threads.h"
#include "qmc/force_run.h"

#define BLOCKS 512 /* when there are so many, pairs are merged */
#define FIRST 64   /* measurements before the first look at the errors */

/* What is kept of a measurement of one batch (means over its walkers): f (a + 2 (E_L - E_0) b) and f b
 * for every component, then these. */
enum { ENERGY, SQUARE, KINETIC, POTENTIAL, DAMPED, EXTRA };

struct run_state {
    struct vmc *v;
    const struct forces *f;
    const struct wavefunction *psi;
    int m, width; /* components; numbers per block = 2 m + EXTRA */
    int batches, threads;
    double reference;                /* E_0 */
    int blocks, length;              /* complete blocks, measurements in each */
    double **sum;                    /* [batch][block][width] */
    struct forces_scratch **scratch; /* [thread] */
    double **work;                   /* [thread], a, b and f of a batch */
};

static void start(struct run_state *s, struct vmc *v, const struct forces *f)
{
    *s = (struct run_state){.v = v, .f = f, .length = 1};
    s->psi = vmc_batch(v, 0)->psi;
    s->m = forces_components(f);
    s->width = 2 * s->m + EXTRA;
    s->batches = vmc_batches(v);
    s->threads = threads_max();
    s->sum = mem_new((size_t)s->batches, sizeof *s->sum);
    for (int b = 0; b < s->batches; b++)
        s->sum[b] = MEM_NEW(double, (size_t)BLOCKS * s->width);
    int n = vmc_batch(v, 0)->n;
    s->scratch = mem_new((size_t)s->threads, sizeof *s->scratch);
    s->work = mem_new((size_t)s->threads, sizeof *s->work);
    for (int t = 0; t < s->threads; t++) {
        s->scratch[t] = forces_scratch_new(f, n);
        s->work[t] = MEM_NEW(double, (size_t)(2 * s->m + 1) * n);
    }
    vmc_step(v, 1);
    for (int b = 0; b < s->batches; b++)
        for (int k = 0; k < n; k++)
            s->reference += vmc_batch(v, b)->energy[k] / (s->batches * n);
}

static void finish(struct run_state *s)
{
    for (int b = 0; b < s->batches; b++)
        free(s->sum[b]);
    for (int t = 0; t < s->threads; t++) {
        forces_scratch_free(s->scratch[t]);
        free(s->work[t]);
    }
    free(s->sum);
    free(s->scratch);
    free(s->work);
}

/* Add one measurement of a batch to its block. */
static void measure(void *context, const struct walkers *w, int step)
{
    struct run_state *s = context;
    int thread = omp_get_thread_num();
    double *a = s->work[thread], *lb = a + (size_t)w->n * s->m, *regular = lb + (size_t)w->n * s->m;
    double *sum = s->sum[w->index] + (size_t)(s->blocks + step / s->length) * s->width,
           *extra = sum + 2 * s->m;
    double scale = 1.0 / (w->n * s->length);
    forces_measure(s->f, s->scratch[thread], w, a, lb, regular);
    for (int k = 0; k < w->n; k++) {
        double weight = scale * regular[k], twice = 2 * (w->energy[k] - s->reference);
        const double *ak = a + (size_t)k * s->m, *bk = lb + (size_t)k * s->m;
#pragma omp simd
        for (int c = 0; c < s->m; c++) {
            sum[c] += weight * (ak[c] + twice * bk[c]);
            sum[s->m + c] += weight * bk[c];
        }
        extra[ENERGY] += scale * w->energy[k];
        extra[SQUARE] += scale * (w->energy[k] - s->reference) * (w->energy[k] - s->reference);
        extra[KINETIC] += scale * w->kinetic[k];
        extra[POTENTIAL] += scale * (w->energy[k] - w->kinetic[k]);
        extra[DAMPED] += scale * (regular[k] < 1);
    }
}

static void merge(struct run_state *s)
{
    size_t width = (size_t)s->width;
    for (int b = 0; b < s->batches; b++) {
        for (int k = 0; k < s->blocks / 2; k++)
            for (size_t c = 0; c < width; c++)
                s->sum[b][k * width + c] =
                    0.5 * (s->sum[b][2 * k * width + c] + s->sum[b][(2 * k + 1) * width + c]);
        memset(s->sum[b] + s->blocks / 2 * width, 0,
               (size_t)(s->blocks - s->blocks / 2) * width * sizeof(double));
    }
    s->blocks /= 2;
    s->length *= 2;
}

/* At least `count` more measurements, in whole blocks. */
static void sample(struct run_state *s, long count, int stride)
{
    while (count > 0) {
        if (s->blocks == BLOCKS)
            merge(s);
        long blocks = (count + s->length - 1) / s->length;
        blocks = blocks < BLOCKS - s->blocks ? blocks : BLOCKS - s->blocks;
        vmc_observe(s->v, (int)blocks * s->length, stride, measure, s);
        s->blocks += (int)blocks;
        count -= blocks * s->length;
    }
}

/* Mean of column c over all that twist t has measured; batches of a twist stand together. */
static double twist_total(const struct run_state *s, int t, int c)
{
    int per = s->batches / s->psi->twists;
    double sum = 0;
    for (int b = t * per; b < (t + 1) * per; b++)
        for (int k = 0; k < s->blocks; k++)
            sum += s->sum[b][(size_t)k * s->width + c];
    return sum / ((double)per * s->blocks);
}

/* Blocks of all batches of twist t end to end: reblocking then sees the correlation of one batch and
 * has as many blocks to judge it by as there are. */
static struct estimate twist_estimate(const struct run_state *s, int t, const double factor[],
                                      double constant, double series[])
{
    int per = s->batches / s->psi->twists, n = 0;
    for (int k = 0; k < per * s->blocks; k++)
        series[k] = constant;
    for (int c = 0; c < s->width; c++) {
        n = 0;
        if (factor[c] == 0)
            continue;
        for (int b = t * per; b < (t + 1) * per; b++)
            for (int k = 0; k < s->blocks; k++)
                series[n++] += factor[c] * s->sum[b][(size_t)k * s->width + c];
    }
    return stats_series(per * s->blocks, series);
}

/*
 * sum_c w[c] dE/dx_c, mean over twists; linearised about the means of each twist:
 * A - 2 (<E> - E_0) B - 2 (E - <E>) <B>.
 */
static struct estimate combination(const struct run_state *s, const double w[])
{
    int twists = s->psi->twists;
    double *series = MEM_NEW(double, s->batches / twists * s->blocks);
    double *factor = MEM_NEW(double, s->width);
    struct estimate sum = {0};
    for (int t = 0; t < twists; t++) {
        double energy = twist_total(s, t, 2 * s->m + ENERGY), b = 0;
        for (int c = 0; c < s->m; c++) {
            factor[c] = w[c];
            factor[s->m + c] = -2 * (energy - s->reference) * w[c];
            b += w[c] == 0 ? 0 : w[c] * twist_total(s, t, s->m + c);
        }
        factor[2 * s->m + ENERGY] = -2 * b;
        struct estimate e = twist_estimate(s, t, factor, 2 * b * energy, series);
        sum.mean += e.mean / twists;
        sum.error += e.error * e.error / (twists * twists);
    }
    sum.error = sqrt(sum.error);
    free(factor);
    free(series);
    return sum;
}

/* sum of w_k times extra column k, mean over twists */
static struct estimate extra(const struct run_state *s, const double w[EXTRA])
{
    int twists = s->psi->twists;
    double *series = MEM_NEW(double, s->batches / twists * s->blocks);
    double *factor = MEM_NEW(double, s->width);
    struct estimate sum = {0};
    memcpy(factor + 2 * s->m, w, EXTRA * sizeof *w);
    for (int t = 0; t < twists; t++) {
        struct estimate e = twist_estimate(s, t, factor, 0, series);
        sum.mean += e.mean / twists;
        sum.error += e.error * e.error / (twists * twists);
    }
    sum.error = sqrt(sum.error);
    free(factor);
    free(series);
    return sum;
}

static void forces_of(const struct run_state *s, struct force_result *r)
{
    double *w = MEM_NEW(double, s->m);
    for (int a = 0; a < r->atoms; a++)
        for (int x = 0; x < 3; x++) {
            w[3 * a + x] = -1;
            struct estimate e = combination(s, w);
            r->force[a][x] = e.mean;
            r->force_error[a][x] = e.error;
            w[3 * a + x] = 0;
        }
    free(w);
}

static void net_of(const struct run_state *s, struct force_result *r)
{
    double *w = MEM_NEW(double, s->m);
    for (int x = 0; x < 3; x++) {
        for (int a = 0; a < r->atoms; a++)
            w[3 * a + x] = -1;
        struct estimate e = combination(s, w);
        r->net[x] = e.mean;
        r->net_error[x] = e.error;
        for (int a = 0; a < r->atoms; a++)
            w[3 * a + x] = 0;
    }
    free(w);
}

static void stress_of(const struct run_state *s, double volume, struct force_result *r)
{
    double *w = MEM_NEW(double, s->m), *strain = w + 3 * r->atoms;
    for (int x = 0; x < 3; x++)
        for (int y = 0; y <= x; y++) {
            strain[3 * x + y] += 0.5 / volume;
            strain[3 * y + x] += 0.5 / volume;
            struct estimate e = combination(s, w);
            r->stress[x][y] = r->stress[y][x] = e.mean;
            r->stress_error[x][y] = r->stress_error[y][x] = e.error;
            strain[3 * x + y] = strain[3 * y + x] = 0;
        }
    free(w);
}

static void energy_of(const struct run_state *s, struct force_result *r)
{
    double mean = extra(s, (double[EXTRA]){[ENERGY] = 1}).mean, within = 0;
    r->energy = extra(s, (double[EXTRA]){[ENERGY] = 1});
    double square = extra(s, (double[EXTRA]){[SQUARE] = 1}).mean;
    for (int t = 0; t < s->psi->twists; t++) { /* variance about each twist's own mean */
        double d = twist_total(s, t, 2 * s->m + ENERGY) - s->reference;
        within += d * d / s->psi->twists;
    }
    r->energy.mean = mean;
    r->energy.variance = square - within;
    r->energy.time = r->energy.error * r->energy.error * (double)r->samples / r->energy.variance;
}

static void summary(const struct run_state *s, struct force_result *r)
{
    const struct system *system = s->psi->system;
    r->samples = (long)s->blocks * s->length * s->batches * vmc_batch(s->v, 0)->n;
    energy_of(s, r);
    r->damped = extra(s, (double[EXTRA]){[DAMPED] = 1}).mean;
    net_of(s, r);
    if (!system->periodic)
        return;
    double w = 1 / (3 * system_volume(system));
    struct estimate e = extra(s, (double[EXTRA]){[KINETIC] = 2 * w, [POTENTIAL] = w});
    r->virial = e.mean;
    r->virial_error = e.error;
    stress_of(s, system_volume(system), r);
}

static double typical_error(const struct force_result *r)
{
    double sum = 0;
    for (int a = 0; a < r->atoms; a++)
        for (int x = 0; x < 3; x++)
            sum += r->force_error[a][x] * r->force_error[a][x];
    return sqrt(sum / (3 * r->atoms));
}

/* Measurements still to do; 0: a criterion is met. */
static long next_count(const struct run_state *s, const struct force_run_settings *set,
                       double error)
{
    long done = (long)s->blocks * s->length, next = done ? done : FIRST;
    long size = (long)s->batches * vmc_batch(s->v, 0)->n;
    if (set->error > 0 && done) {
        if (error <= set->error)
            return 0;
        double more = 1.05 * (double)done * (error * error / (set->error * set->error) - 1) + 1;
        next = more < (double)next ? (long)more : next;
    }
    if (set->samples > 0) {
        long left = (set->samples + size - 1) / size - done;
        next = left < next ? left : next;
    }
    return next;
}

enum status force_run(struct vmc *v, const struct forces *f,
                      const struct force_run_settings *settings, struct log *log,
                      struct force_result *r, struct err *err)
{
    struct run_state s;
    start(&s, v, f);
    memset(r, 0, sizeof *r);
    r->atoms = s.psi->system->n;
    r->force = mem_new((size_t)r->atoms, sizeof *r->force);
    r->force_error = mem_new((size_t)r->atoms, sizeof *r->force_error);
    double error = INFINITY;
    for (long n; (n = next_count(&s, settings, error)) > 0;) {
        sample(&s, n, settings->stride);
        forces_of(&s, r);
        error = typical_error(r);
        if (!isfinite(error))
            break;
        log_progress(log, "forces: %ld measurements, error %.5f Ha/bohr", (long)s.blocks * s.length,
                     error);
    }
    log_done(log);
    summary(&s, r);
    finish(&s);
    if (isfinite(error) && isfinite(r->energy.mean))
        return ST_OK;
    force_result_free(r);
    return err_set(
        err, ST_COMPUTE,
        "the forces are not finite: more samples, or a smoother trial function, are needed");
}

void force_result_free(struct force_result *r)
{
    free(r->force);
    free(r->force_error);
    r->force = r->force_error = NULL;
}
