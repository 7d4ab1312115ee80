/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fixed occupations where levels cross: the lowest orbitals of one iteration need not be the lowest of
 * the next, and mixing of densities then never settles. The energy as a function of the occupied space
 * has a minimum all the same; it is found directly, by preconditioned conjugate gradients on all
 * occupied orbitals of all k points at once (Payne, Teter, Allan, Arias & Joannopoulos, Rev. Mod. Phys.
 * 64, 1045 (1992), sec. V; all bands as in Stich, Car, Parrinello & Baroni, Phys. Rev. B 39, 4997 (1989)).
 */
#ifndef DFT_MINIMISE_H
#define DFT_MINIMISE_H

#include "base/err.h"
#include "base/log.h"
#include "dft/dft.h"
#include "dft/state.h"

struct minimise_settings {
    double tolerance; /* Ha: ends when two steps in a row gain less */
    int max_steps;
    struct log *log;
    void (*watch)(void *watcher, const struct dft_iteration *i); /* NULL: nobody */
    void *watcher;
};

/*
 * Lower the energy of s with its first electrons/2 orbitals of every k doubly occupied (an even number of
 * electrons). On return these are eigenstates within the occupied space, the density is theirs, drift is zero, and
 * *energy is their energy. ST_COMPUTE: not converged in max_steps; orbitals must be orthonormal.
 */
enum status minimise_energy(struct state *s, const struct minimise_settings *settings,
                            double *energy, struct err *err);

#endif
