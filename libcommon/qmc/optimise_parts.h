/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Private to the files of the optimiser: the systems that are optimised together, samples drawn with the
 * present parameters, and the steps that these samples suggest. The first of the ranks makes the steps;
 * all evaluate their walkers.
 */
#ifndef QMC_OPTIMISE_PARTS_H
#define QMC_OPTIMISE_PARTS_H

#include "qmc/configurations.h"
#include "qmc/optimise.h"
#include "qmc/optimise_matrices.h"

#define OPTIMISE_WARM 10       /* sweeps after a change of the parameters */
#define OPTIMISE_EFFECTIVE 0.5 /* least effective fraction of reweighted configurations */

enum { OPTIMISE_EARLY, OPTIMISE_LATE, OPTIMISE_WHOLE, OPTIMISE_FOLDS };

struct problem {
    const struct optimise_settings *settings;
    int systems, parameters;
    double electrons; /* of a system, on average */
    int boost;        /* factor of samples that are few */
    struct ranks *ranks;
    struct wavefunction **psi;
    struct vmc **v;
    struct configurations **drawn;
    /* Of rank 0: */
    struct matrices *matrices[OPTIMISE_FOLDS], *past;
    double past_samples;              /* behind past */
    double *step, *given, *deviation; /* [parameters] twice, given: solve(); [walkers] */
};

struct problem *problem_new(int systems, struct wavefunction *psi[], struct vmc *v[],
                            const struct optimise_settings *settings);
void problem_free(struct problem *p);
bool problem_stop(const struct problem *p); /* vmc_stopped */
/* Weight of a system's total energy in the mean energy per electron */
double problem_share(const struct problem *p, int system);
/* Keep cut-offs within what all systems allow. */
void problem_limit(const struct problem *p, double parameters[]);
/* Within these limits, which parameters[] then are */
void problem_set(struct problem *p, double parameters[]);
/* Fresh samples of the present function; `round`: fewer as long as the steps are large. */
/* Unless the start is near, so many first iterations have fewer samples: a quarter, a half. */
enum { OPTIMISE_SMALL = 2 };
void problem_draw(struct problem *p, int round);
bool problem_few(const struct problem *p); /* fewer than a late iteration wants were asked for */
double problem_samples(const struct problem *p); /* drawn, of all systems */

/* Means per electron over systems; the worst system's effective fraction. */
struct objective {
    double value, energy, variance, effective;
    double error, energy_error; /* of value and energy, by problem_errors */
};
struct objective problem_evaluate(struct problem *p, enum configurations_part part,
                                  bool derivatives);
/* After an evaluation of all samples */
void problem_errors(struct problem *p, struct objective *o);

/* Gain from `before` to `after`, with the samples drawn for `after`; where they do not reach
 * `before`, its objective is the one known from its own samples. Leaves `after` set. */
struct gain {
    double value, error;
    double variance;  /* after */
    double effective; /* fraction of the samples for `before` */
};
struct gain problem_gain(struct problem *p, double before[], double after[],
                         const struct objective *known);

/* The best candidate's step from all samples into trial[], what is expected of it into *step; false: none
 * promises anything. After an evaluation with derivatives. */
bool candidates_best(struct problem *p, const double parameters[], double trial[],
                     struct optimise_step *step);
/*
 * What the samples of this and of former iterations tell: the average of their quadratic models of the
 * objective, moved to the parameters now[]. Models of distributions unlike the present one are of
 * less use: so are those before, of which they are made.
 */
void candidates_remember(struct problem *p, double drawn, double effective, const double before[],
                         const double now[]);

#endif
