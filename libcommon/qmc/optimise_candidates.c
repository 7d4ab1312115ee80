/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include "qmc/optimise_parts.h"

/* Samples of former iterations count by this factor less at each, and by this power of the effective
 * fraction of the distributions before and after the step. */
#define KEEP 0.85
#define LIKENESS 5
/*
 * Ha: damping of a step, for each sampled electron. A place that no sample reaches, such as two electrons on
 * one nucleus of a small cell, leaves the functions that are large only there undetermined, and a fit of one
 * sample that did reach it would make Psi^2 there anything: walkers hardly find such a place and do not
 * leave it. One sample there adds weight (dE_L/dgamma)^2, about 0.3 (20 Ha)^2, to the curvature: a few of them
 * outweigh this.
 */
#define DAMPING 80.0

/* Stabilisations tried. The last ones are stochastic reconfiguration with a short step. */
static const struct stabilisation candidate[] = {{0, 1e-5}, {0, 1e-4}, {0, 1e-3}, {0, 1e-2},
                                                 {0, 0.1},  {1, 0.03}, {5, 0.15}, {50, 1.5}};
#define CANDIDATES ((int)(sizeof candidate / sizeof *candidate))

static void make_matrices(struct problem *p)
{
    static const enum configurations_part part[OPTIMISE_FOLDS] = {
        CONFIGURATIONS_EARLY, CONFIGURATIONS_LATE, CONFIGURATIONS_ALL};
    for (int f = 0; ranks_first(p->ranks) && f < OPTIMISE_FOLDS; f++) {
        matrices_clear(p->matrices[f]);
        for (int m = 0; m < p->systems; m++)
            matrices_add(p->matrices[f], p->drawn[m], part[f], problem_share(p, m),
                         p->settings->variance);
        matrices_average(p->matrices[f], problem_samples(p) / (f == OPTIMISE_WHOLE ? 1 : 2),
                         p->past, p->past_samples);
    }
}

void candidates_remember(struct problem *p, double drawn, double effective, const double before[],
                         const double now[])
{
    if (!ranks_first(p->ranks))
        return;
    for (int i = 0; i < p->parameters; i++)
        p->step[i] = now[i] - before[i];
    matrices_average(p->past, 0, p->matrices[OPTIMISE_WHOLE], 1);
    matrices_move(p->past, p->step);
    p->past_samples = KEEP * pow(effective, LIKENESS) * (p->past_samples + drawn);
    if (!matrices_finite(p->past))
        p->past_samples = 0;
}

static double damping(const struct problem *p, int fold)
{
    double drawn = 0, behind = p->past_samples * p->electrons;
    for (int m = 0; m < p->systems; m++)
        drawn += (double)p->drawn[m]->n * p->psi[m]->electrons;
    return DAMPING / (behind + drawn / (fold == OPTIMISE_WHOLE ? 1 : 2));
}

/* Steps beyond what is allowed end there: given[]. Whether there is one that was not known to */
static bool limited(struct problem *p, const double parameters[], double trial[])
{
    bool any = false;
    for (int i = 0; i < p->parameters; i++)
        trial[i] = parameters[i] + p->step[i];
    problem_limit(p, trial);
    for (int i = 0; i < p->parameters; i++)
        if (!isfinite(p->given[i]) && fabs(trial[i] - parameters[i] - p->step[i]) > 0) {
            p->given[i] = trial[i] - parameters[i];
            any = true;
        }
    return any;
}

/* The step of one fold. Where a cut-off meets its limit, the others' steps are those that go with it staying there. */
static bool solve(struct problem *p, int fold, int c, const double parameters[], double trial[])
{
    bool more = true;
    for (int i = 0; i < p->parameters; i++)
        p->given[i] = NAN;
    while (more) {
        if (!matrices_step(p->matrices[fold], &candidate[c], damping(p, fold), p->given, p->step))
            return false;
        more = limited(p, parameters, trial);
    }
    return true;
}

/* parameters + step of one fold into trial[] and the trial functions */
static bool try_step(struct problem *p, int fold, int c, const double parameters[], double trial[])
{
    bool solved = ranks_first(p->ranks) && solve(p, fold, c, parameters, trial);
    ranks_broadcast(p->ranks, &solved, sizeof solved);
    if (!solved)
        return false;
    ranks_broadcast(p->ranks, trial, p->parameters * sizeof *trial);
    problem_set(p, trial);
    return true;
}

/* Mean gain of a candidate whose steps from either half are tried on the other; -1: not usable. */
static double cross_validated(struct problem *p, int c, const double start[2],
                              const double parameters[], double trial[])
{
    double gain = 0;
    for (int fold = OPTIMISE_EARLY; fold <= OPTIMISE_LATE; fold++) {
        enum configurations_part other =
            fold == OPTIMISE_EARLY ? CONFIGURATIONS_LATE : CONFIGURATIONS_EARLY;
        if (!try_step(p, fold, c, parameters, trial))
            return -1;
        struct objective o = problem_evaluate(p, other, false);
        if (!(o.effective > OPTIMISE_EFFECTIVE) || !isfinite(o.value))
            return -1;
        gain += (start[fold] - o.value) / 2;
    }
    return gain;
}

bool candidates_best(struct problem *p, const double parameters[], double trial[],
                     struct optimise_step *step)
{
    double best = 0, start[2];
    int chosen = -1;
    make_matrices(p);
    start[OPTIMISE_EARLY] = problem_evaluate(p, CONFIGURATIONS_LATE, false).value;
    start[OPTIMISE_LATE] = problem_evaluate(p, CONFIGURATIONS_EARLY, false).value;
    for (int c = 0; c < CANDIDATES && !problem_stop(p); c++) {
        double gain = cross_validated(p, c, start, parameters, trial);
        if (gain > best) {
            best = gain;
            chosen = c;
        }
    }
    if (chosen < 0 || !try_step(p, OPTIMISE_WHOLE, chosen, parameters, trial))
        return false;
    step->overlap = candidate[chosen].overlap;
    step->unit = candidate[chosen].unit;
    step->expected = best;
    return true;
}
