/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/vmc_parts.h"
#include "base/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SHORT 32 /* sweeps between looks at the stopping rules, at least */
#define LONG 64  /* sweeps between pauses, where they take longer than: */
#define PIECE \
    0.2 /* seconds of work, so that threads are seldom waited for and little is lost in a kill */
#define EXCESS 1.02 /* aim at so much more than the error asks for */

static int rising(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Median local energy of the walkers as they stand */
static double reference_energy(struct vmc *v)
{
    int n = v->batches * v->size;
    double *e = MEM_NEW(double, n);
#pragma omp parallel for schedule(dynamic) if (vmc_worth(vmc_seconds(v)))
    for (int b = v->first; b < v->last; b++) {
        walkers_refresh(v->batch[b]); /* as a checkpoint would find them */
        walkers_measure(v->batch[b]);
        memcpy(e + b * v->size, v->batch[b]->energy, v->size * sizeof *e);
    }
    ranks_gather_rows(v->settings.ranks, v->batches, e, v->size * sizeof *e);
    qsort(e, n, sizeof *e, rising);
    double median = e[n / 2];
    ranks_broadcast(v->settings.ranks, &median, sizeof median);
    free(e);
    return isfinite(median) ? median : 0;
}

static void series_begin(struct vmc *v, const struct vmc_observer *o, double reference)
{
    series_free(v->series);
    free(v->tails);
    v->series = series_new(v->psi->twists, v->batches, v->size, VMC_OBSERVED + (o ? o->size : 0),
                           reference);
    if (!ranks_first(v->settings.ranks))
        series_hold(v->series, v->first, v->last);
    v->tails = mem_new(v->batches, sizeof *v->tails);
}

static void record(struct vmc *v, int b, const struct vmc_observer *o, double *out, long sweep)
{
    const struct walkers *w = v->batch[b];
    struct series *s = v->series;
    double *sum = series_sums(s, b, sweep);
    int size = o ? o->size : 0;
    if (o)
        o->measure(o->context, w, out);
    for (int k = 0; k < v->size; k++) {
        double d = w->energy[k] - s->reference;
        series_energy(s, b, k, sweep, w->energy[k]);
        if (tails_wants(&v->tails[b], d * d))
            tails_add(&v->tails[b], d * d);
        sum[0] += w->kinetic[k];
        sum[1] += w->coulomb[k].ee;
        sum[2] += w->coulomb[k].en;
        for (int q = 0; q < size; q++)
            sum[VMC_OBSERVED + q] += out[k * size + q];
    }
}

/* Sweeps first .. last - 1 of a piece. At its start everything is made anew from the positions, which is what a
 * checkpoint holds. */
static void run_part(struct vmc *v, const struct vmc_observer *o, long first, long last)
{
#pragma omp parallel for schedule(dynamic) if (vmc_worth((double)(last - first) * vmc_seconds(v)))
    for (int b = v->first; b < v->last; b++) {
        double *out = o ? MEM_NEW(double, v->size * o->size) : NULL;
        if (!first)
            walkers_refresh(v->batch[b]);
        for (long t = first; t < last; t++) {
            vmc_sample(v, b, v->step + (uint64_t)t, t > 0);
            record(v, b, o, out, t);
        }
        free(out);
    }
}

/* What a piece changes, besides the series and what is made anew at its start */
static void mark(struct vmc *v, struct checkpoint *c)
{
    vmc_mark(v, c);
    checkpoint_bytes(c, v->tails, v->batches * sizeof *v->tails);
}

/* false: stopped, and all is as it was before */
static bool run_piece(struct vmc *v, const struct vmc_observer *o, long sweeps)
{
    struct checkpoint *beginning = checkpoint_new();
    mark(v, beginning);
    int most = vmc_patience(v, sweeps);
    bool whole = true;
    for (long done = 0; done < sweeps && whole; done += most) {
        whole = !(done && vmc_stopped(v));
        if (whole)
            run_part(v, o, done, done + most < sweeps ? done + most : sweeps);
    }
    if (whole) {
        v->step += (uint64_t)sweeps;
        series_gather(v->series, v->settings.ranks, sweeps);
        series_advance(v->series, sweeps);
    } else {
        beginning->reading = true;
        mark(v, beginning);
        series_forget(v->series);
    }
    checkpoint_free(beginning);
    return whole;
}

/* How many sweeps until the stopping rules are looked at again; 0: a criterion is met. */
static long next_sweeps(const struct vmc *v, const struct estimate *now)
{
    long walkers = (long)v->batches * v->size, done = series_sweeps(v->series), next = SHORT;
    const struct vmc_settings *set = &v->settings;
    if (set->error > 0 && done) {
        if (now->error <= set->error && done >= 2 * SHORT)
            return 0;
        double more = (double)done * (pow(EXCESS * now->error / set->error, 2) - 1);
        next = more > (double)done ? done : more > SHORT ? (long)more : SHORT;
    }
    if (next < v->series->length)
        next = v->series->length;
    if (set->samples > 0) {
        long left = (set->samples + walkers - 1) / walkers - done;
        next = left < next || !(set->error > 0) ? left : next;
    }
    return next;
}

static void energies(const struct vmc *v, int first, struct vmc_result *r)
{
    const struct series *s = v->series;
    r->twists = s->twists;
    r->twist_energy = MEM_NEW(double, s->twists);
    r->twist_error = MEM_NEW(double, s->twists);
    for (int t = 0; t < s->twists; t++) {
        struct estimate e = series_twist_energy(s, t, first, s->blocks);
        r->twist_energy[t] = e.mean;
        r->twist_error[t] = e.error;
    }
    r->energy = series_total(s, first, s->blocks);
    int middle = (first + s->blocks + 1) / 2;
    struct estimate a = series_total(s, first, middle), b = series_total(s, middle, s->blocks);
    r->halves = pow(a.mean - b.mean, 2) / (a.error * a.error + b.error * b.error);
    if (!isfinite(r->halves))
        r->halves = 0; /* too short, or a constant energy */
}

static void quantities(const struct vmc *v, int first, struct vmc_result *r)
{
    const struct series *s = v->series;
    double *mean[] = {&r->kinetic, &r->ee, &r->en};
    double *error[] = {&r->kinetic_error, &r->ee_error, &r->en_error};
    double *one = MEM_NEW(double, s->quantities);
    r->size = s->quantities - VMC_OBSERVED;
    r->observed = MEM_NEW(double, r->size);
    r->observed_error = MEM_NEW(double, r->size);
    for (int q = 0; q < s->quantities; q++) {
        double sum = 0, square = 0;
        one[q] = 1;
        for (int t = 0; t < s->twists; t++) {
            struct estimate e = series_combination(s, t, one, first);
            sum += e.mean / s->twists;
            square += e.error * e.error / (s->twists * s->twists);
        }
        one[q] = 0;
        *(q < VMC_OBSERVED ? mean[q] : &r->observed[q - VMC_OBSERVED]) = sum;
        *(q < VMC_OBSERVED ? error[q] : &r->observed_error[q - VMC_OBSERVED]) = sqrt(square);
    }
    free(one);
}

static void judge_tails(const struct vmc *v, struct vmc_result *r)
{
    const struct series *s = v->series;
    struct tails all = {0};
    double squares = 0, samples = (double)series_sweeps(s) * v->batches * v->size;
    for (int b = 0; b < v->batches; b++)
        tails_join(&all, &v->tails[b]);
    for (int w = 0; w < v->batches * v->size; w++)
        for (int t = 0; t < s->blocks; t++)
            squares += s->energy[w][2 * t + 1];
    r->tails = tails_judge(&all, samples, squares);
    r->heavy = tails_heavy(&r->tails, samples);
}

static void summary(struct vmc *v, struct vmc_result *r)
{
    const struct series *s = v->series;
    int first = vmc_discard(v);
    r->tau = v->tau;
    r->nn = v->batch[0]->coulomb[0].nn;
    r->sweeps = series_sweeps(s);
    r->discarded = first * s->length;
    r->samples = (r->sweeps - r->discarded) * v->batches * v->size;
    r->acceptance = vmc_take_acceptance(v, (double)r->sweeps);
    energies(v, first, r);
    quantities(v, first, r);
    judge_tails(v, r);
}

/* How many sweeps to do in one go, up to the goal if possible */
static long next_piece(const struct vmc *v)
{
    long left = v->goal - series_sweeps(v->series);
    long most = (long)fmax(LONG, fmin(PIECE / vmc_seconds(v), 1e6));
    return v->series->length > most ? v->series->length : left < most ? left : most;
}

/* Look at the energy and set the next goal; false: enough. */
static bool judge(struct vmc *v, struct log *log)
{
    struct series *s = v->series;
    struct estimate now = {0};
    if (s->blocks) {
        now = series_total(s, series_discard(s), s->blocks);
        if (!isfinite(now.mean))
            return false;
        log_progress(log, "VMC: %ld samples, energy %.5f(%.5f) Ha",
                     series_sweeps(s) * v->batches * v->size, now.mean, now.error);
    }
    long next = next_sweeps(v, &now);
    v->goal = series_sweeps(s) + next;
    return next >= s->length;
}

/* Rank 0 looks, for all. */
static bool look(struct vmc *v, struct log *log)
{
    bool more = ranks_first(v->settings.ranks) && judge(v, log);
    ranks_broadcast(v->settings.ranks, &v->goal, sizeof v->goal);
    ranks_broadcast(v->settings.ranks, &more, sizeof more);
    return more;
}

static void tails_row(void *context, int b, struct checkpoint *c)
{
    struct vmc *v = context;
    tails_keep(&v->tails[b], c);
}

/* What the ranks have counted and collected without asking: onto rank 0 */
static void join(struct vmc *v)
{
    ranks_gather_rows(v->settings.ranks, v->batches, v->accepted, sizeof *v->accepted);
    if (v->running)
        ranks_gather(v->settings.ranks, v->batches, tails_row, v);
}

static enum status conclude(struct vmc *v, struct vmc_result *result, struct err *err)
{
    struct ranks *ranks = v->settings.ranks;
    join(v);
    v->running = false;
    bool finite =
        ranks_first(ranks) && isfinite(series_total(v->series, 0, v->series->blocks).mean);
    ranks_broadcast(ranks, &finite, sizeof finite);
    if (!finite)
        return err_set(err, ST_COMPUTE,
                       "the local energy is not finite: the trial function must be smooth");
    if (ranks_first(ranks))
        summary(v, result);
    return ST_OK;
}

enum status vmc_run(struct vmc *v, const struct vmc_observer *observer,
                    const struct vmc_pause *pause, struct log *log, struct vmc_result *result,
                    struct err *err)
{
    memset(result, 0, sizeof *result);
    if (!v->running) {
        memset(v->accepted, 0, v->batches * sizeof *v->accepted);
        series_begin(v, observer, reference_energy(v));
        v->goal = 0;
    }
    v->running = true;
    bool whole = true;
    while (series_sweeps(v->series) + v->series->length <= v->goal || look(v, log)) {
        result->stopped = (pause && pause->stop(pause->context, v)) || !whole;
        if (result->stopped)
            break;
        whole = run_piece(v, observer, series_reserve(v->series, next_piece(v)));
    }
    log_done(log);
    return result->stopped ? ST_OK : conclude(v, result, err);
}

const struct series *vmc_series(const struct vmc *v)
{
    return v->series;
}

int vmc_discard(const struct vmc *v)
{
    return series_discard(v->series);
}

/* Positions of all walkers, [batch][walker][electron] */
static void keep_positions(struct vmc *v, struct checkpoint *c)
{
    size_t rows = (size_t)v->size * v->psi->electrons, row = rows * sizeof(double[3]);
    double(*pos)[3] = mem_new(v->batches * rows, sizeof *pos);
    for (int b = v->first; b < v->last; b++)
        memcpy(pos + b * rows, v->batch[b]->pos, row);
    if (!c->reading)
        ranks_gather_rows(v->settings.ranks, v->batches, pos, row);
    checkpoint_bytes(c, pos, v->batches * row);
    for (int b = v->first; b < v->last; b++)
        memcpy(v->batch[b]->pos, pos + b * rows, row);
    free(pos);
}

void vmc_keep(struct vmc *v, const struct vmc_observer *observer, struct checkpoint *c)
{
    if (!c->reading)
        join(v);
    checkpoint_bytes(c, &v->tau, sizeof v->tau);
    checkpoint_bytes(c, &v->step, sizeof v->step);
    checkpoint_bytes(c, &v->running, sizeof v->running);
    checkpoint_bytes(c, &v->goal, sizeof v->goal);
    checkpoint_bytes(c, v->accepted, v->batches * sizeof *v->accepted);
    keep_positions(v, c);
    if (v->running) {
        if (c->reading)
            series_begin(v, observer, 0);
        series_keep(v->series, c);
        for (int b = 0; b < v->batches; b++)
            tails_keep(&v->tails[b], c);
    }
    int singular = 0;
    for (int b = v->first; c->reading && b < v->last; b++)
        singular += walkers_refresh(v->batch[b]) >= 0;
    if (ranks_most(v->settings.ranks, singular))
        checkpoint_refuse(c);
}

void vmc_result_free(struct vmc_result *r)
{
    free(r->twist_energy);
    free(r->twist_error);
    free(r->observed);
    free(r->observed_error);
    r->twist_energy = r->twist_error = r->observed = r->observed_error = NULL;
}

void vmc_result_keep(struct vmc_result *r, struct checkpoint *c)
{
    struct vmc_result numbers = *r;
    double **array[] = {&r->twist_energy, &r->twist_error, &r->observed, &r->observed_error};
    checkpoint_bytes(c, &numbers, sizeof numbers);
    if (c->reading) {
        *r = numbers;
        for (int i = 0; i < 4; i++)
            *array[i] = NULL;
    }
    for (int i = 0; i < 4; i++) {
        size_t size = (i < 2 ? r->twists : r->size) * sizeof(double);
        void *data = *array[i];
        checkpoint_block(c, &data, &size);
        if (size != (i < 2 ? r->twists : r->size) * sizeof(double))
            checkpoint_refuse(c);
        *array[i] = data;
    }
}
