/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "qmc/optimise_parts.h"

#define WORTH 1e-5 /* Ha per electron: gain below which nothing is left to do */
#define FAILURES 3 /* steps in a row that were not worth it */
#define TAILS 1.5  /* greatest growth of the variance: rare places that the samples before missed */
#define NOISE 3e-4 /* Ha per electron: when the gain is less well known, few samples are doubled */

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
    *o = problem_evaluate(p, CONFIGURATIONS_ALL, true);
    t.energy = o->energy;
    t.variance = o->variance;
    problem_errors(p, o);
    t.energy_error = o->energy_error;
    double drawn = problem_samples(p), effective = 1;
    if (candidates_best(p, before, trial, &t) && !problem_stop(p)) {
        problem_draw(p, number);
        struct gain gain = problem_gain(p, before, trial, o);
        t.gain = gain.value;
        t.gain_error = gain.error;
        t.accepted = t.gain > t.gain_error && gain.variance < TAILS * o->variance;
        effective = t.accepted ? gain.effective : 1;
    }
    memcpy(now, t.accepted ? trial : before, n * sizeof *now);
    problem_set(p, now);
    candidates_remember(p, drawn, effective, before, now);
    if (!t.accepted && !problem_stop(p))
        problem_draw(p, number + 1);
    if (!problem_stop(p))
        say(p->settings, log, &t);
    free(trial);
    free(before);
    bool worth = t.accepted && t.gain > WORTH;
    if (!worth && problem_few(p) && (t.expected > 0 ? t.gain_error : t.energy_error) > NOISE) {
        p->boost *= 2;
        worth = true; /* perhaps */
    }
    return worth;
}

/* The first parameters again, unless the last ones are better on their own samples. */
static void finish(struct problem *p, double first[], const struct objective *start, double last[],
                   struct log *log, struct optimise_report *report)
{
    struct gain gain = problem_gain(p, first, last, start);
    if (memcmp(first, last, p->parameters * sizeof *first) && !(gain.value > 0)) {
        log_detail(log, "optimiser: no gain over the start (%.5f(%.5f)), which is restored",
                   gain.value, gain.error);
        problem_set(p, first);
        report->energy = report->start_energy;
        report->variance = report->start_variance;
        return;
    }
    struct objective o = problem_evaluate(p, CONFIGURATIONS_ALL, false);
    report->energy = o.energy;
    report->variance = o.variance;
}

static void iterate(struct problem *p, struct log *log, struct optimise_report *report)
{
    int count = p->parameters, failures = 0;
    double *now = MEM_NEW(double, count), *first = MEM_NEW(double, count);
    memcpy(now, jastrow_parameters(p->psi[0]->jastrow), count * sizeof *now);
    memcpy(first, now, count * sizeof *now);
    problem_draw(p, 0);
    struct objective start = problem_evaluate(p, CONFIGURATIONS_ALL, false), o;
    problem_errors(p, &start);
    *report = (struct optimise_report){
        start.energy, start.energy, start.variance, start.variance, 0, false};
    for (int it = 0; it < p->settings->iterations && failures < FAILURES && !problem_stop(p);
         it++) {
        bool worth = iteration(p, it + 1, now, &o, log);
        failures = worth || it < OPTIMISE_SMALL ? 0 : failures + 1;
        report->iterations = it + 1;
    }
    report->stopped = problem_stop(p);
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
    for (int m = 0; m < systems && !report->stopped; m++)
        report->stopped = !vmc_warm(v[m], OPTIMISE_WARM, true);
    if (!isfinite(report->energy))
        return err_set(err, ST_COMPUTE,
                       "the local energy is not finite while the Jastrow factor is optimised");
    return ST_OK;
}
