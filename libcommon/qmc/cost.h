/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * About how long moving walkers takes, to cut the work into pieces after which it is asked whether to stop. A
 * function of the trial function alone and never of a clock: what a walker knows is made anew at the beginning of a
 * piece, so that the pieces are part of the results.
 */
#ifndef QMC_COST_H
#define QMC_COST_H

#include "qmc/wavefunction.h"

/* Seconds in which one thread moves all electrons of one walker once and finds its local energy; within a factor of
 * three from H2 to 128 atoms in a cell, with small and large bases */
double cost_sample(const struct wavefunction *psi);

#endif
