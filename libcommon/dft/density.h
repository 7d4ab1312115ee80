/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Densities: of the orbitals, and of free atoms put together. */
#ifndef DFT_DENSITY_H
#define DFT_DENSITY_H

#include "dft/state.h"

/* rho(r) = (1/V) sum_k w_k sum_n f_n |psi_n(r)|^2 into rho[points]. */
void density_orbitals(const struct state *s, double *rho);
/* Free hydrogen-like atoms, normalised to the electrons of the state. */
void density_atoms(const struct state *s, double *rho);
/* Make rho the density of the state. */
void density_set(struct state *s, const double *rho);

#endif
