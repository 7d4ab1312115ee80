/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Optimisation of the Jastrow parameters by the linear method (Umrigar, Toulouse, Filippi, Sorella,
 * Hennig, PRL 98, 110201 (2007); Toulouse & Umrigar, J. Chem. Phys. 126, 084102 (2007)) on a mix of
 * energy and variance, with steps of several stabilisations compared on the same samples,
 * stochastic reconfiguration as the last of them, and no step at all when none is better.
 */
#ifndef QMC_OPTIMISE_H
#define QMC_OPTIMISE_H

#include "base/err.h"
#include "base/log.h"
#include "qmc/vmc.h"

struct optimise_settings {
    int iterations;  /* at most */
    int samples;     /* configurations per iteration and system */
    double variance; /* weight of the variance in the objective E + weight * variance (per
                        electron), 1/Ha */
};

struct optimise_report { /* of the samples drawn with the first and with the last parameters, per
                            electron */
    double start_energy, energy, start_variance, variance;
    int iterations;
};

/* One common set of parameters for `systems` runs, whose trial functions psi[s] (with the same form
 * and the same values of the parameters) are changed in place; the mean of the energies per
 * electron counts. The result is never worse than the start beyond what the samples can tell: if it
 * is, the start is restored. */
enum status optimise_jastrow(int systems, struct wavefunction *psi[], struct vmc *v[],
                             const struct optimise_settings *settings, struct log *log,
                             struct optimise_report *report, struct err *err);

#endif
