/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/optimise.h"
#include "qmc/optimise_matrices.h"
#include "base/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Samples of former iterations count by this factor less at each, and by this power of the effective
 * fraction of the distributions before and after the step. */
#define KEEP 0.85
#define LIKENESS 5
#define SPACING 2     /* sweeps between configurations */
#define WARM 10       /* sweeps after a change of the parameters */
#define EFFECTIVE 0.5 /* least effective fraction of reweighted configurations */
#define WORTH 1e-5    /* Ha per electron: gain below which nothing is left to do */
#define SMALL 2       /* first iterations with fewer samples: a quarter, a half */
#define FAILURES 3    /* steps in a row that were not worth it */
#define TAILS 1.5  /* greatest growth of the variance: rare places that the samples before missed */
#define NOISE 3e-4 /* Ha per electron: when the gain is less well known, few samples are doubled */
/* Configurations of a late iteration: so many electrons, within bounds; more for more parameters */
#define ELECTRONS 32768
#define PARAMETERS 90 /* of the usual form */
#define FEWEST 1024
#define MOST 8192

/* Stabilisations tried. The last ones are stochastic reconfiguration with a short step. */
static const struct stabilisation candidate[] = {{0, 1e-5}, {0, 1e-4}, {0, 1e-3}, {0, 1e-2},
                                                 {0, 0.1},  {1, 0.03}, {5, 0.15}, {50, 1.5}};
#define CANDIDATES ((int)(sizeof candidate / sizeof *candidate))
enum { EARLY, LATE, WHOLE, FOLDS };

struct problem {
    const struct optimise_settings *settings;
    int systems, parameters;
    int boost; /* factor of samples that are few */
    struct ranks *ranks;
    struct wavefunction **psi;
    struct vmc **v;
    struct configurations **drawn;
    /* Of rank 0: */
    struct matrices *matrices[FOLDS], *past;
    double past_samples;      /* behind past */
    double *step, *deviation; /* [parameters], [walkers] */
};

/* Means per electron over systems; the worst system's effective fraction. */
struct objective {
    double value, energy, variance, effective;
};

static bool stop(const struct problem *p)
{
    return p->settings->stop && p->settings->stop(p->settings->context);
}

static double share_of(const struct problem *p, int system)
{
    return 1.0 / (p->systems * p->psi[system]->electrons);
}

static struct objective evaluate(struct problem *p, enum configurations_part part, bool derivatives)
{
    struct objective o = {.effective = 1};
    for (int m = 0; m < p->systems && !(m && stop(p)); m++) {
        struct configurations_mean mean = configurations_evaluate(p->drawn[m], part, derivatives);
        o.energy += share_of(p, m) * mean.energy;
        o.variance += share_of(p, m) * mean.variance;
        o.effective = fmin(o.effective, mean.effective);
    }
    o.value = o.energy + p->settings->variance * o.variance;
    return o;
}

/* Cut-offs are kept within what all systems allow. */
static void set_parameters(struct problem *p, double parameters[])
{
    for (int m = 0; m < p->systems; m++)
        jastrow_limit(p->psi[m]->jastrow, parameters);
    for (int m = 0; m < p->systems; m++)
        jastrow_set(p->psi[m]->jastrow, parameters, NULL);
}

/* Configurations that a late iteration wants of system m */
static int usual(const struct problem *p, int m)
{
    int n = ELECTRONS / p->psi[m]->electrons / p->systems;
    n = n < FEWEST ? FEWEST : n;
    n = p->parameters > PARAMETERS ? n * p->parameters / PARAMETERS : n;
    return n > MOST ? MOST : n;
}

/* Fewer were asked for. */
static bool few(const struct problem *p)
{
    return p->settings->samples > 0 && p->settings->samples * p->boost < usual(p, 0);
}

/* `round`: fewer configurations as long as the steps are large */
static int draw(struct problem *p, int round)
{
    int total = 0;
    for (int m = 0; m < p->systems && !(m && stop(p)); m++) {
        int n = p->settings->samples > 0 ? p->settings->samples * p->boost : usual(p, m);
        n = round < SMALL ? n >> (SMALL - round) : n;
        vmc_warm(p->v[m], WARM, false);
        configurations_draw(p->drawn[m], p->v[m], n, SPACING);
        total += p->drawn[m]->n;
    }
    return total / p->systems;
}

/* Deviations of the last evaluation of system m (configurations_deviations), per electron */
static void deviations(struct problem *p, int m, double sign, double weight)
{
    if (ranks_first(p->ranks))
        configurations_deviations(p->drawn[m], sign * share_of(p, m), weight, p->deviation);
}

static double square_sum(struct problem *p, int m)
{
    double sum = 0;
    for (int k = 0; k < p->drawn[m]->walkers; k++) {
        sum += p->deviation[k] * p->deviation[k];
        p->deviation[k] = 0;
    }
    return sum;
}

/* Standard error of the energy of the last evaluation of all samples */
static double energy_error(struct problem *p)
{
    double sum = 0;
    for (int m = 0; m < p->systems; m++) {
        deviations(p, m, 1, 0);
        sum += square_sum(p, m);
    }
    ranks_broadcast(p->ranks, &sum, sizeof sum);
    return sqrt(sum);
}

static double samples(const struct problem *p)
{
    double sum = 0;
    for (int m = 0; m < p->systems; m++)
        sum += p->drawn[m]->n;
    return sum;
}

static void make_matrices(struct problem *p)
{
    static const enum configurations_part part[FOLDS] = {CONFIGURATIONS_EARLY, CONFIGURATIONS_LATE,
                                                         CONFIGURATIONS_ALL};
    for (int f = 0; ranks_first(p->ranks) && f < FOLDS; f++) {
        matrices_clear(p->matrices[f]);
        for (int m = 0; m < p->systems; m++)
            matrices_add(p->matrices[f], p->drawn[m], part[f], share_of(p, m),
                         p->settings->variance);
        matrices_average(p->matrices[f], samples(p) / (f == WHOLE ? 1 : 2), p->past,
                         p->past_samples);
    }
}

/*
 * What the samples of this and of former iterations tell: the average of their quadratic models of the
 * objective, moved to the parameters now[]. Models of distributions unlike the present one are of
 * less use: so are those before, of which they are made.
 */
static void remember(struct problem *p, double drawn, double effective, const double before[],
                     const double now[])
{
    if (!ranks_first(p->ranks))
        return;
    for (int i = 0; i < p->parameters; i++)
        p->step[i] = now[i] - before[i];
    matrices_average(p->past, 0, p->matrices[WHOLE], 1);
    matrices_move(p->past, p->step);
    p->past_samples = KEEP * pow(effective, LIKENESS) * (p->past_samples + drawn);
    if (!matrices_finite(p->past))
        p->past_samples = 0;
}

/* parameters + step of one fold into trial[] and the trial functions */
static bool try_step(struct problem *p, int fold, int c, const double parameters[], double trial[])
{
    bool solved = ranks_first(p->ranks) && matrices_step(p->matrices[fold], &candidate[c], p->step);
    ranks_broadcast(p->ranks, &solved, sizeof solved);
    if (!solved)
        return false;
    for (int i = 0; i < p->parameters; i++)
        trial[i] = parameters[i] + p->step[i];
    ranks_broadcast(p->ranks, trial, p->parameters * sizeof *trial);
    set_parameters(p, trial);
    return true;
}

/* Mean gain of a candidate whose steps from either half are tried on the other; -1: not usable. */
static double cross_validated(struct problem *p, int c, const double start[2],
                              const double parameters[], double trial[])
{
    double gain = 0;
    for (int fold = EARLY; fold <= LATE; fold++) {
        enum configurations_part other = fold == EARLY ? CONFIGURATIONS_LATE : CONFIGURATIONS_EARLY;
        if (!try_step(p, fold, c, parameters, trial))
            return -1;
        struct objective o = evaluate(p, other, false);
        if (!(o.effective > EFFECTIVE) || !isfinite(o.value))
            return -1;
        gain += (start[fold] - o.value) / 2;
    }
    return gain;
}

/* The best candidate's step from all samples into trial[]; false: none promises anything. */
static bool best_step(struct problem *p, const double parameters[], double trial[],
                      struct optimise_step *step)
{
    double best = 0, start[2];
    int chosen = -1;
    make_matrices(p);
    start[EARLY] = evaluate(p, CONFIGURATIONS_LATE, false).value;
    start[LATE] = evaluate(p, CONFIGURATIONS_EARLY, false).value;
    for (int c = 0; c < CANDIDATES && !stop(p); c++) {
        double gain = cross_validated(p, c, start, parameters, trial);
        if (gain > best) {
            best = gain;
            chosen = c;
        }
    }
    if (chosen < 0 || !try_step(p, WHOLE, chosen, parameters, trial))
        return false;
    step->overlap = candidate[chosen].overlap;
    step->unit = candidate[chosen].unit;
    step->expected = best;
    return true;
}

/* Gain from `before` to `after`, with the samples drawn for `after`; where they do not reach
 * `before`, its objective is the one known from its own samples. Leaves `after` set. */
struct gain {
    double value, error;
    double variance;  /* after */
    double effective; /* fraction of the samples for `before` */
};
static struct gain measure_gain(struct problem *p, double before[], double after[],
                                const struct objective *known)
{
    double sum = 0;
    struct objective new = {0}, old = {.effective = 1};
    for (int m = 0; m < p->systems; m++) {
        struct configurations_mean mean =
            configurations_evaluate(p->drawn[m], CONFIGURATIONS_ALL, false);
        new.value += share_of(p, m) * (mean.energy + p->settings->variance * mean.variance);
        new.variance += share_of(p, m) * mean.variance;
        deviations(p, m, -1, p->settings->variance);
        jastrow_limit(p->psi[m]->jastrow, before);
        jastrow_set(p->psi[m]->jastrow, before, NULL);
        mean = configurations_evaluate(p->drawn[m], CONFIGURATIONS_ALL, false);
        if (mean.effective > EFFECTIVE)
            deviations(p, m, 1, p->settings->variance);
        old.effective = fmin(old.effective, mean.effective);
        old.value += share_of(p, m) * (mean.energy + p->settings->variance * mean.variance);
        sum += square_sum(p, m);
    }
    set_parameters(p, after);
    ranks_broadcast(p->ranks, &sum, sizeof sum);
    double start = old.effective > EFFECTIVE ? old.value : known->value;
    return (struct gain){start - new.value, sqrt(sum), new.variance, old.effective};
}

static struct problem *problem_new(int systems, struct wavefunction *psi[], struct vmc *v[],
                                   const struct optimise_settings *settings)
{
    struct problem *p = mem_new(1, sizeof *p);
    int walkers = 0;
    *p = (struct problem){.settings = settings, .systems = systems, .psi = psi, .v = v, .boost = 1};
    p->parameters = jastrow_count(psi[0]->jastrow);
    p->ranks = vmc_ranks(v[0]);
    for (int f = 0; f < FOLDS; f++)
        p->matrices[f] = matrices_new(p->parameters);
    p->past = matrices_new(p->parameters);
    p->drawn = mem_new(systems, sizeof *p->drawn);
    for (int m = 0; m < systems; m++) {
        int n = vmc_batches(v[m]) * vmc_size(v[m]);
        p->drawn[m] = configurations_new(psi[m]);
        walkers = n > walkers ? n : walkers;
    }
    p->step = MEM_NEW(double, p->parameters);
    p->deviation = MEM_NEW(double, walkers);
    return p;
}

static void problem_free(struct problem *p)
{
    for (int m = 0; m < p->systems; m++)
        configurations_free(p->drawn[m]);
    for (int f = 0; f < FOLDS; f++)
        matrices_free(p->matrices[f]);
    matrices_free(p->past);
    free(p->drawn);
    free(p->step);
    free(p->deviation);
    free(p);
}

static void say(const struct optimise_settings *s, struct log *log, const struct optimise_step *t)
{
    log_detail(
        log,
        "optimiser: energy %.5f(%.5f), variance %.5f per electron; stabilised by %g S + %g: gain "
        "%.5f(%.5f), expected %.5f, %s",
        t->energy, t->energy_error, t->variance, t->overlap, t->unit, t->gain, t->gain_error,
        t->expected, t->accepted ? "kept" : "not kept");
    if (s->each)
        s->each(s->context, t);
}

/* One iteration from parameters now[], the samples drawn with them, *o their objective; both new in
 * the end. Returns whether to go on. */
static bool iteration(struct problem *p, int number, double now[], struct objective *o,
                      struct log *log)
{
    int n = p->parameters;
    struct optimise_step t = {.number = number, .samples = p->drawn[0]->n};
    double *trial = MEM_NEW(double, n), *before = MEM_NEW(double, n);
    memcpy(before, now, n * sizeof *before);
    *o = evaluate(p, CONFIGURATIONS_ALL, true);
    t.energy = o->energy;
    t.variance = o->variance;
    t.energy_error = energy_error(p);
    double drawn = samples(p), effective = 1;
    if (best_step(p, before, trial, &t) && !stop(p)) {
        draw(p, number);
        struct gain gain = measure_gain(p, before, trial, o);
        t.gain = gain.value;
        t.gain_error = gain.error;
        t.accepted = t.gain > t.gain_error && gain.variance < TAILS * o->variance;
        effective = t.accepted ? gain.effective : 1;
    }
    memcpy(now, t.accepted ? trial : before, n * sizeof *now);
    set_parameters(p, now);
    remember(p, drawn, effective, before, now);
    if (!t.accepted && !stop(p))
        draw(p, number + 1);
    if (!stop(p))
        say(p->settings, log, &t);
    free(trial);
    free(before);
    bool worth = t.accepted && t.gain > WORTH;
    if (!worth && few(p) && (t.expected > 0 ? t.gain_error : t.energy_error) > NOISE) {
        p->boost *= 2;
        worth = true; /* perhaps */
    }
    return worth;
}

/* The first parameters again, unless the last ones are better on their own samples. */
static void finish(struct problem *p, double first[], const struct objective *start, double last[],
                   struct log *log, struct optimise_report *report)
{
    struct gain gain = measure_gain(p, first, last, start);
    if (memcmp(first, last, p->parameters * sizeof *first) && !(gain.value > 0)) {
        log_detail(log, "optimiser: no gain over the start (%.5f(%.5f)), which is restored",
                   gain.value, gain.error);
        set_parameters(p, first);
        report->energy = report->start_energy;
        report->variance = report->start_variance;
        return;
    }
    struct objective o = evaluate(p, CONFIGURATIONS_ALL, false);
    report->energy = o.energy;
    report->variance = o.variance;
}

static void iterate(struct problem *p, struct log *log, struct optimise_report *report)
{
    int count = p->parameters, failures = 0;
    double *now = MEM_NEW(double, count), *first = MEM_NEW(double, count);
    memcpy(now, jastrow_parameters(p->psi[0]->jastrow), count * sizeof *now);
    memcpy(first, now, count * sizeof *now);
    draw(p, 0);
    struct objective start = evaluate(p, CONFIGURATIONS_ALL, false), o;
    *report = (struct optimise_report){
        start.energy, start.energy, start.variance, start.variance, 0, false};
    for (int it = 0; it < p->settings->iterations && failures < FAILURES && !stop(p); it++) {
        bool worth = iteration(p, it + 1, now, &o, log);
        failures = worth || it < SMALL ? 0 : failures + 1;
        report->iterations = it + 1;
    }
    report->stopped = stop(p);
    if (!report->stopped)
        finish(p, first, &start, now, log, report);
    free(now);
    free(first);
}

enum status optimise_jastrow(int systems, struct wavefunction *psi[], struct vmc *v[],
                             const struct optimise_settings *settings, struct log *log,
                             struct optimise_report *report, struct err *err)
{
    struct problem *p = problem_new(systems, psi, v, settings);
    iterate(p, log, report);
    problem_free(p);
    if (report->stopped)
        return ST_OK;
    for (int m = 0; m < systems; m++)
        vmc_warm(v[m], WARM, true);
    if (!isfinite(report->energy))
        return err_set(err, ST_COMPUTE,
                       "the local energy is not finite while the Jastrow factor is optimised");
    return ST_OK;
}
