/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include "base/mem.h"
#include "qmc/optimise_parts.h"

#define SPACING 2 /* sweeps between configurations */
/* Configurations of a late iteration: so many electrons, within bounds; more for more parameters */
#define ELECTRONS 32768
#define PARAMETERS 90 /* of the usual form */
#define FEWEST 1024
#define MOST 8192

struct problem *problem_new(int systems, struct wavefunction *psi[], struct vmc *v[],
                            const struct optimise_settings *settings)
{
    struct problem *p = mem_new(1, sizeof *p);
    int walkers = 0;
    *p = (struct problem){.settings = settings, .systems = systems, .psi = psi, .v = v, .boost = 1};
    p->parameters = jastrow_count(psi[0]->jastrow);
    p->ranks = vmc_ranks(v[0]);
    for (int f = 0; f < OPTIMISE_FOLDS; f++)
        p->matrices[f] = matrices_new(p->parameters);
    p->past = matrices_new(p->parameters);
    p->drawn = mem_new(systems, sizeof *p->drawn);
    for (int m = 0; m < systems; m++) {
        int n = vmc_batches(v[m]) * vmc_size(v[m]);
        p->drawn[m] = configurations_new(psi[m]);
        walkers = n > walkers ? n : walkers;
        p->electrons += (double)psi[m]->electrons / systems;
    }
    p->step = MEM_NEW(double, p->parameters);
    p->given = MEM_NEW(double, p->parameters);
    p->deviation = MEM_NEW(double, walkers);
    return p;
}

void problem_free(struct problem *p)
{
    for (int m = 0; m < p->systems; m++)
        configurations_free(p->drawn[m]);
    for (int f = 0; f < OPTIMISE_FOLDS; f++)
        matrices_free(p->matrices[f]);
    matrices_free(p->past);
    free(p->drawn);
    free(p->step);
    free(p->given);
    free(p->deviation);
    free(p);
}

bool problem_stop(const struct problem *p)
{
    return vmc_stopped(p->v[0]);
}

double problem_share(const struct problem *p, int system)
{
    return 1.0 / (p->systems * p->psi[system]->electrons);
}

struct objective problem_evaluate(struct problem *p, enum configurations_part part,
                                  bool derivatives)
{
    struct objective o = {.effective = 1};
    for (int m = 0; m < p->systems && !(m && problem_stop(p)); m++) {
        struct configurations_mean mean = configurations_evaluate(p->drawn[m], part, derivatives);
        o.energy += problem_share(p, m) * mean.energy;
        o.variance += problem_share(p, m) * mean.variance;
        o.effective = fmin(o.effective, mean.effective);
    }
    o.value = o.energy + p->settings->variance * o.variance;
    return o;
}

void problem_limit(const struct problem *p, double parameters[])
{
    for (int m = 0; m < p->systems; m++)
        jastrow_limit(p->psi[m]->jastrow, parameters);
}

void problem_set(struct problem *p, double parameters[])
{
    problem_limit(p, parameters);
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

bool problem_few(const struct problem *p)
{
    return p->settings->samples > 0 && p->settings->samples * p->boost < usual(p, 0);
}

void problem_draw(struct problem *p, int round)
{
    for (int m = 0; m < p->systems && !(m && problem_stop(p)); m++) {
        int n = p->settings->samples > 0 ? p->settings->samples * p->boost : usual(p, m);
        n = round < OPTIMISE_SMALL && !p->settings->near ? n >> (OPTIMISE_SMALL - round) : n;
        vmc_warm(p->v[m], OPTIMISE_WARM, false);
        configurations_draw(p->drawn[m], p->v[m], n, SPACING);
    }
}

/* Deviations of the last evaluation of system m (configurations_deviations), per electron */
static void deviations(struct problem *p, int m, double sign, double weight)
{
    if (ranks_first(p->ranks))
        configurations_deviations(p->drawn[m], sign * problem_share(p, m), weight, p->deviation);
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

/* Standard error of the mean of E + weight * variance */
static double standard_error(struct problem *p, double weight)
{
    double sum = 0;
    for (int m = 0; m < p->systems; m++) {
        deviations(p, m, 1, weight);
        sum += square_sum(p, m);
    }
    ranks_broadcast(p->ranks, &sum, sizeof sum);
    return sqrt(sum);
}

void problem_errors(struct problem *p, struct objective *o)
{
    o->energy_error = standard_error(p, 0);
    o->error = standard_error(p, p->settings->variance);
}

double problem_samples(const struct problem *p)
{
    double sum = 0;
    for (int m = 0; m < p->systems; m++)
        sum += p->drawn[m]->n;
    return sum;
}

struct gain problem_gain(struct problem *p, double before[], double after[],
                         const struct objective *known)
{
    double sum = 0;
    struct objective new = {0}, old = {.effective = 1};
    for (int m = 0; m < p->systems; m++) {
        struct configurations_mean mean =
            configurations_evaluate(p->drawn[m], CONFIGURATIONS_ALL, false);
        new.value += problem_share(p, m) * (mean.energy + p->settings->variance * mean.variance);
        new.variance += problem_share(p, m) * mean.variance;
        deviations(p, m, -1, p->settings->variance);
        jastrow_limit(p->psi[m]->jastrow, before);
        jastrow_set(p->psi[m]->jastrow, before, NULL);
        mean = configurations_evaluate(p->drawn[m], CONFIGURATIONS_ALL, false);
        if (mean.effective > OPTIMISE_EFFECTIVE)
            deviations(p, m, 1, p->settings->variance);
        old.effective = fmin(old.effective, mean.effective);
        old.value += problem_share(p, m) * (mean.energy + p->settings->variance * mean.variance);
        sum += square_sum(p, m);
    }
    problem_set(p, after);
    ranks_broadcast(p->ranks, &sum, sizeof sum);
    if (old.effective > OPTIMISE_EFFECTIVE)
        return (struct gain){old.value - new.value, sqrt(sum), new.variance, old.effective};
    return (struct gain){known->value - new.value, sqrt(sum + known->error * known->error),
                         new.variance, old.effective};
}
