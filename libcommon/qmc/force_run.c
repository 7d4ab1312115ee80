/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/force_run_parts.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/threads.h"

enum { FIRST = 32, PILOT_STRIDE = 1 };
enum { PIECE = 16 }; /* measurements between pauses, at least */
/* Before the run: components of forces, 300 for each control variate, and the measurements that this may take */
enum { ROWS = 11400, FEWEST = 4, MOST = 32, LEARN_STRIDE = 3 };

struct force_run *force_run_new(struct vmc *v, struct forces *f,
                                const struct vmc_observer *observer,
                                const struct force_run_settings *settings)
{
    struct force_run *r = mem_new(1, sizeof *r);
    r->v = v;
    r->f = f;
    r->observer = observer;
    r->settings = *settings;
    r->psi = vmc_wavefunction(v);
    r->ranks = vmc_ranks(v);
    r->components = forces_components(f);
    r->forces = 3 * r->psi->system->n;
    r->first = VMC_OBSERVED + (observer ? observer->size : 0);
    r->extra = r->first + 4 * r->components;
    r->batches = vmc_batches(v);
    vmc_share(v, &r->begin, &r->end);
    r->batch = vmc_size(v);
    r->walkers = r->batches * r->batch;
    r->threads = threads_max();
    r->scratch = mem_new(r->threads, sizeof *r->scratch);
    r->work = mem_new(r->threads, sizeof *r->work);
    for (int t = 0; t < r->threads; t++) {
        r->scratch[t] = forces_scratch_new(f, r->batch);
        r->work[t] = MEM_NEW(double, (size_t)r->batch *(2 * r->components + 2 + r->first));
    }
    r->stride = settings->stride ? settings->stride : PILOT_STRIDE;
    return r;
}

void force_run_free(struct force_run *r)
{
    if (!r)
        return;
    for (int t = 0; t < r->threads; t++) {
        forces_scratch_free(r->scratch[t]);
        free(r->work[t]);
    }
    free(r->scratch);
    free(r->work);
    series_free(r->series);
    free(r->tails);
    free(r);
}

const struct series *force_run_series(const struct force_run *r)
{
    return r->series;
}

int force_run_discard(const struct force_run *r)
{
    return series_discard(r->series);
}

static void series_begin(struct force_run *r, double reference)
{
    r->series = series_new(r->psi->twists, r->batches, r->batch, r->extra + FORCE_EXTRA, reference);
    if (!ranks_first(r->ranks))
        series_hold(r->series, r->begin, r->end);
    r->tails = mem_new(r->batches, sizeof *r->tails);
}

/* Everything anew from the positions, which is what a checkpoint holds. */
static void refresh(struct force_run *r)
{
#pragma omp parallel for schedule(dynamic)
    for (int b = r->begin; b < r->end; b++)
        walkers_refresh(vmc_batch(r->v, b));
}

/* E_0: the nearer to the mean, the less the forces depend on the product of E - E_0 and <b>. */
static double reference_energy(struct force_run *r)
{
    double sum = 0, *energy = MEM_NEW(double, r->walkers);
    refresh(r);
    vmc_step(r->v, 1);
    for (int b = r->begin; b < r->end; b++)
        memcpy(energy + b * r->batch, vmc_batch(r->v, b)->energy, r->batch * sizeof *energy);
    ranks_gather_rows(r->ranks, r->batches, energy, r->batch * sizeof *energy);
    for (int k = 0; k < r->walkers; k++)
        sum += energy[k];
    ranks_broadcast(r->ranks, &sum, sizeof sum);
    free(energy);
    return isfinite(sum) ? sum / r->walkers : 0;
}

struct learning {
    struct force_run *r;
    double reference, *sums; /* [batch][controls_sums] */
};

static void learn_step(void *context, const struct walkers *w, int step)
{
    struct learning *l = context;
    size_t size = controls_sums(forces_controls(l->r->f));
    (void)step;
    forces_learn(l->r->f, l->r->scratch[omp_get_thread_num()], w, l->reference,
                 l->sums + (size_t)w->index * size);
}

/* On rank 0: sums of batches to those of twists, to coefficients */
static void find_coefficients(struct force_run *r, double sums[], double left[2])
{
    const struct controls *c = forces_controls(r->f);
    size_t size = controls_sums(c);
    int twists = r->psi->twists, per = r->batches / twists;
    for (int b = 0; b < r->batches; b++) {
        double *to = sums + (size_t)(b / per) * size, *from = sums + (size_t)b * size;
        if (b % per == 0)
            memmove(to, from, size * sizeof *to);
        else
            for (size_t k = 0; k < size; k++)
                to[k] += from[k];
    }
    controls_solve(c, twists, sums, forces_coefficients(r->f), left);
}

/* Coefficients of the control variates, from samples that are not used again. false: stopped in between. */
static bool learn(struct force_run *r, double reference, struct log *log)
{
    const struct controls *c = forces_controls(r->f);
    if (!c)
        return true;
    size_t size = controls_sums(c);
    struct learning l = {r, reference, MEM_NEW(double, (size_t)r->batches *size)};
    double wanted = ceil((double)ROWS / ((double)r->walkers * r->forces));
    int steps = (int)fmin(fmax(wanted, FEWEST), MOST);
    bool whole = vmc_observe(r->v, steps, LEARN_STRIDE, learn_step, &l);
    if (whole) {
        double left[2] = {1, 1};
        ranks_gather_rows(r->ranks, r->batches, l.sums, size * sizeof *l.sums);
        if (ranks_first(r->ranks))
            find_coefficients(r, l.sums, left);
        ranks_broadcast(r->ranks, forces_coefficients(r->f), CONTROLS * sizeof(double));
        log_detail(log,
                   "control variates leave %.0f %% of the variance of forces, %.0f %% of stress",
                   100 * left[0], 100 * left[1]);
    }
    free(l.sums);
    return whole;
}

/* Before the first piece; false: stopped, and all is as it was before */
static bool begin(struct force_run *r, struct log *log)
{
    struct checkpoint *beginning = checkpoint_new();
    vmc_mark(r->v, beginning);
    double reference = reference_energy(r);
    r->running = learn(r, reference, log);
    if (r->running) {
        series_begin(r, reference);
    } else {
        beginning->reading = true;
        vmc_mark(r->v, beginning);
    }
    checkpoint_free(beginning);
    return r->running;
}

/* Add the derivatives of one walker; returns the sum of squares of its forces. */
static double add_components(const struct force_run *r, const double a[], const double b[],
                             double twice, const double regular[2], double *sum)
{
    int m = r->components;
    double squares = 0, f = regular[0], f2 = regular[1];
#pragma omp simd
    for (int c = 0; c < m; c++) {
        double x = a[c] + twice * b[c];
        sum[c] += f * x;
        sum[m + c] += f * b[c];
        sum[2 * m + c] += f2 * x;
        sum[3 * m + c] += f2 * b[c];
    }
    for (int c = 0; c < r->forces; c++) {
        double x = f * (a[c] + twice * b[c]);
        squares += x * x;
    }
    return squares;
}

static void record_walker(struct force_run *r, const struct walkers *w, int k, const double a[],
                          const double b[], const double regular[2], double *sum)
{
    struct tails *tails = &r->tails[w->index];
    double *extra = sum + r->extra, d = w->energy[k] - r->series->reference;
    double square = add_components(r, a, b, 2 * d, regular, sum + r->first);
    if (tails_wants(tails, square))
        tails_add(tails, square);
    sum[0] += w->kinetic[k];
    sum[1] += w->coulomb[k].ee;
    sum[2] += w->coulomb[k].en;
    for (int twice = 0; twice < 2; twice++) {
        extra[FORCE_WEIGHT + twice] += regular[twice];
        extra[FORCE_ENERGY + twice] += regular[twice] * d;
    }
    extra[FORCE_DAMPED] += regular[0] != 1;
    extra[FORCE_SQUARE] += square;
}

static void measure(void *context, const struct walkers *w, int step)
{
    struct force_run *r = context;
    int thread = omp_get_thread_num(), m = r->components, more = r->first - VMC_OBSERVED;
    double *a = r->work[thread], *b = a + (size_t)w->n * m, *out = b + (size_t)w->n * (m + 2);
    double(*regular)[2] = (double(*)[2])(void *)(b + (size_t)w->n * m);
    double *sum = series_sums(r->series, w->index, step);
    forces_measure(r->f, r->scratch[thread], w, a, b, regular);
    if (r->settings.gradient)
        orbital_gradient_measure(r->settings.gradient, thread, w,
                                 &(struct orbital_gradient_sample){
                                     a, b, (const double(*)[2])regular, r->series->reference});
    if (r->observer)
        r->observer->measure(r->observer->context, w, out);
    for (int k = 0; k < w->n; k++) {
        series_energy(r->series, w->index, k, step, w->energy[k]);
        record_walker(r, w, k, a + (size_t)k * m, b + (size_t)k * m, regular[k], sum);
        for (int q = 0; q < more; q++)
            sum[VMC_OBSERVED + q] += out[k * more + q];
    }
}

/* What a piece changes, besides the series and what is made anew at its start */
static void mark(struct force_run *r, struct checkpoint *c)
{
    vmc_mark(r->v, c);
    checkpoint_bytes(c, r->tails, r->batches * sizeof *r->tails);
    if (r->settings.gradient)
        orbital_gradient_keep(r->settings.gradient, c);
}

/* false: stopped, and all is as it was before */
static bool run_piece(struct force_run *r, long measurements)
{
    long n = series_reserve(r->series, measurements);
    struct checkpoint *beginning = checkpoint_new();
    mark(r, beginning);
    refresh(r);
    bool whole = vmc_observe(r->v, (int)n, r->stride, measure, r);
    if (whole) {
        series_gather(r->series, r->ranks, n);
        series_advance(r->series, n);
    } else {
        beginning->reading = true;
        mark(r, beginning);
        series_forget(r->series);
    }
    checkpoint_free(beginning);
    return whole;
}

/* Measurements until the stopping rules are looked at again; 0: a criterion is met. */
static long next_count(const struct force_run *r, double error)
{
    const struct force_run_settings *set = &r->settings;
    long done = series_sweeps(r->series), next = done ? done : FIRST;
    if (!done && set->stride == 0)
        next = FORCE_RUN_PILOT;
    if (set->error > 0 && done >= FIRST) {
        if (error <= set->error)
            return 0;
        double more = 1.02 * (double)done * (error * error / (set->error * set->error) - 1) + 1;
        next = more < (double)next ? (long)more : next;
    }
    if (next < r->series->length)
        next = r->series->length;
    if (set->samples > 0) {
        long left = (set->samples + r->walkers - 1) / r->walkers - done;
        next = left < next ? left : next;
    }
    return next;
}

/* Look at the forces and set the next goal; false: enough, or not finite. */
static bool judge(struct force_run *r, struct log *log)
{
    long done = series_sweeps(r->series);
    double error = INFINITY;
    if (done >= FIRST && r->settings.error > 0) {
        int atoms = r->forces / 3;
        double(*force)[3] = mem_new(atoms, sizeof *force),
        (*each)[3] = mem_new(atoms, sizeof *each);
        error = force_average_forces(r, series_discard(r->series), force, each);
        free(force);
        free(each);
        if (!isfinite(error))
            return false;
        log_progress(log, "forces: %ld samples, error %.5f Ha/bohr", done * r->walkers, error);
    }
    if (done && done <= FORCE_RUN_PILOT && r->settings.stride == 0)
        r->stride = force_average_stride(r);
    long next = next_count(r, error);
    r->goal = done + next;
    return next >= r->series->length;
}

/* Rank 0 looks, for all. */
static bool look(struct force_run *r, struct log *log)
{
    bool more = ranks_first(r->ranks) && judge(r, log);
    ranks_broadcast(r->ranks, &r->goal, sizeof r->goal);
    ranks_broadcast(r->ranks, &r->stride, sizeof r->stride);
    ranks_broadcast(r->ranks, &more, sizeof more);
    return more;
}

static void tails_row(void *context, int b, struct checkpoint *c)
{
    struct force_run *r = context;
    tails_keep(&r->tails[b], c);
}

/* What the ranks have collected without asking: onto rank 0 */
static void join(struct force_run *r)
{
    ranks_gather(r->ranks, r->batches, tails_row, r);
    if (r->settings.gradient)
        orbital_gradient_gather(r->settings.gradient, r->ranks);
}

static enum status summary(const struct force_run *r, struct force_result *result, struct err *err)
{
    int atoms = r->forces / 3, first = series_discard(r->series);
    long all = series_sweeps(r->series);
    result->atoms = atoms;
    result->force = mem_new(atoms, sizeof *result->force);
    result->force_error = mem_new(atoms, sizeof *result->force_error);
    result->covariance = mem_new(atoms, sizeof *result->covariance);
    result->stride = r->stride;
    result->discarded = first * r->series->length;
    result->samples = (all - result->discarded) * r->walkers;
    result->error = force_average_forces(r, first, result->force, result->force_error);
    force_average_rest(r, first, result);
    if (isfinite(result->error) && isfinite(result->energy.mean))
        return ST_OK;
    force_result_free(result);
    return err_set(
        err, ST_COMPUTE,
        "the forces are not finite: more samples, or a smoother trial function, are needed");
}

static enum status conclude(struct force_run *r, struct force_result *result, struct err *err)
{
    join(r);
    enum status status = ranks_first(r->ranks) ? summary(r, result, err) : ST_OK;
    ranks_broadcast(r->ranks, &status, sizeof status);
    if (status && !ranks_first(r->ranks))
        err_set(err, status, "the forces of rank 0 are not finite");
    return status;
}

enum status force_run(struct force_run *r, const struct force_pause *pause, struct log *log,
                      struct force_result *result, struct err *err)
{
    memset(result, 0, sizeof *result);
    if (!r->running && !begin(r, log)) {
        result->stopped = true;
        if (pause)
            pause->stop(pause->context, r);
        return ST_OK;
    }
    bool whole = true;
    while (series_sweeps(r->series) + r->series->length <= r->goal || look(r, log)) {
        long left = r->goal - series_sweeps(r->series), piece = r->series->length;
        piece = piece > PIECE ? piece : left < PIECE ? left : PIECE;
        result->stopped = (pause && pause->stop(pause->context, r)) || !whole;
        if (result->stopped)
            break;
        whole = run_piece(r, piece);
    }
    log_done(log);
    return result->stopped ? ST_OK : conclude(r, result, err);
}

void force_result_free(struct force_result *r)
{
    free(r->force);
    free(r->force_error);
    free(r->covariance);
    r->force = r->force_error = NULL;
    r->covariance = NULL;
}

void force_run_keep(struct force_run *r, struct checkpoint *c)
{
    vmc_keep(r->v, NULL, c);
    checkpoint_bytes(c, &r->running, sizeof r->running);
    checkpoint_bytes(c, &r->stride, sizeof r->stride);
    checkpoint_bytes(c, &r->goal, sizeof r->goal);
    if (!r->running)
        return;
    if (forces_controls(r->f))
        checkpoint_bytes(c, forces_coefficients(r->f), CONTROLS * sizeof(double));
    if (c->reading)
        series_begin(r, 0);
    else
        join(r);
    series_keep(r->series, c);
    for (int b = 0; b < r->batches; b++)
        tails_keep(&r->tails[b], c);
    if (r->settings.gradient)
        orbital_gradient_keep(r->settings.gradient, c);
}

void force_result_keep(struct force_result *r, struct checkpoint *c)
{
    struct force_result numbers = *r;
    checkpoint_bytes(c, &numbers, sizeof numbers);
    if (c->reading) {
        *r = numbers;
        r->force = mem_new(r->atoms, sizeof *r->force);
        r->force_error = mem_new(r->atoms, sizeof *r->force_error);
        r->covariance = mem_new(r->atoms, sizeof *r->covariance);
    }
    checkpoint_bytes(c, r->force, r->atoms * sizeof *r->force);
    checkpoint_bytes(c, r->force_error, r->atoms * sizeof *r->force_error);
    checkpoint_bytes(c, r->covariance, r->atoms * sizeof *r->covariance);
}
