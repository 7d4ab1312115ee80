/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Optimisation of the Jastrow parameters, cut-offs included, by the linear method (Umrigar, Toulouse,
 * Filippi, Sorella, Hennig, PRL 98, 110201 (2007); Toulouse & Umrigar, J. Chem. Phys. 126, 084102
 * (2007)) on a mix of energy and variance, safeguarded by stochastic reconfiguration: steps of
 * several stabilisations, the last ones short steps along the stochastic-reconfiguration direction,
 * are judged by cross-validation (made from half of the samples, tried on the other half), and the
 * best of them must prove itself on fresh samples. The matrices remember the samples of former iterations:
 * many parameters then need few new ones. Steps are
 * damped where samples are rare. Of ranks, the first makes the steps; all evaluate their walkers.
 */
#ifndef QMC_OPTIMISE_H
#define QMC_OPTIMISE_H

#include "base/err.h"
#include "base/log.h"
#include "qmc/vmc.h"

struct optimise_step { /* one iteration; objective = energy + weight * variance, all per electron */
    int number, samples;                   /* per system */
    double energy, energy_error, variance; /* before it, Ha and Ha^2 */
    double overlap, unit;    /* stabilisation chosen: h + overlap S + unit; both 0: no step tried */
    double expected;         /* gain in the objective by cross-validation */
    double gain, gain_error; /* on fresh samples */
    bool accepted;
};

struct optimise_settings {
    int iterations; /* at most */
    int samples; /* configurations per iteration and system, more where few tell nothing; 0: by the numbers of electrons and of
                        parameters */
    bool near;   /* the start is near the best: all samples from the first iteration on */
    double variance; /* weight of the variance in the objective E + weight * variance (per
                        electron), 1/Ha */
    void (*each)(void *context, const struct optimise_step *step); /* may be NULL */
    void *context;
};

struct optimise_report { /* of the samples drawn with the first and with the last parameters, per
                            electron */
    double start_energy, energy, start_variance, variance;
    int iterations;
    bool stopped; /* vmc_stopped(v[0]): the parameters are of no use */
};

/* One common set of parameters for `systems` runs, whose trial functions psi[s] (with the same form
 * and the same values of the parameters) are changed in place; the mean of the energies per
 * electron counts. A step is kept when fresh samples of the new function find its objective lower by
 * more than a standard error of the difference; in the end the first parameters are restored unless
 * the last ones are better on their own samples: the result is not worse than the start. */
enum status optimise_jastrow(int systems, struct wavefunction *psi[], struct vmc *v[],
                             const struct optimise_settings *settings, struct log *log,
                             struct optimise_report *report, struct err *err);

#endif
