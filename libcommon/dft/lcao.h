/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lowest eigenstates of the Kohn-Sham Hamiltonian within the span of atom-centred functions, in the
 * potential of the state's density: with matrices between the functions in plane waves,
 *   <chi|H|chi> c = e <chi|chi> c,   c <chi|chi> c = 1.
 * Least squares (dft/trial.c) give the same to first order in what the basis lacks; where an orbital has a
 * tail that the basis cannot follow, this one bends to it, that one keeps the missing part's nodes and kinetic
 * energy.
 */
#ifndef DFT_LCAO_H
#define DFT_LCAO_H

#include "base/err.h"
#include "dft/projection.h"
#include "dft/state.h"

/* c[orbital][atom, function] of the k point, whose orbitals are real. ST_COMPUTE: linearly dependent. */
enum status lcao_orbitals(const struct state *s, const struct kstate *k, const struct projection *p,
                          int functions, int orbitals, double *c, struct err *err);

#endif
