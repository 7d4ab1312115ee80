/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Densities: of the orbitals, and of free atoms put together. */
#ifndef DFT_DENSITY_H
#define DFT_DENSITY_H

#include "dft/state.h"

/* rho(r) = (1/V) sum_k w_k sum_n f_n |psi_n(r)|^2 into rho[points]. */
void density_orbitals(const struct state *s, double *rho);
/* The same with transforms in single precision: relative errors of the order of 1e-7, with all electrons. */
void density_orbitals_single(const struct state *s, double *rho);
/* Free hydrogen-like atoms, normalised to the electrons of the state. */
void density_atoms(const struct state *s, double *rho);
void density_atoms_list(const struct state *s, double complex *list); /* on the list of the grid */
/* Free atoms moving with the nuclei in the potential that is left over (s->drift): the first-order
 * correction of the forces for a density that is not quite self-consistent (Chan, Bohnen & Ho, Phys.
 * Rev. B 47, 4771 (1993), eq. (4)). Added to force. */
void density_drift_forces(const struct state *s, double (*force)[3]);
/* Make rho the density of the state. */
void density_set(struct state *s, const double *rho);

#endif
