/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What trial orbitals and their response share. */
#ifndef DFT_TRIAL_H
#define DFT_TRIAL_H

#include "dft/session.h"

/* Are coefficients those of the lowest energy where least squares spill so much? */
bool trial_by_energy(const struct dft *d, double spillage);

/* Converge the prepared session with fixed occupations from the orbitals that these coefficients of the basis make,
 * which are near the solution. */
enum status trial_restart(struct dft *d, const struct basis *basis, const struct dft_orbitals *from,
                          struct err *err);

#endif
