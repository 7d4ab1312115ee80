/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finite-basis correction: what the plane waves beyond the cut-off would add to energies, forces and
 * stress.
 *
 * Folded into the space below the cut-off to second order (Loewdin, J. Chem. Phys. 19, 1396 (1951),
 * eq. (21)) they are an attraction at each nucleus, -sum_{p > p_c} v(p)^2 / (p^2/2) for orbitals that
 * are smooth within its range. As a change of the C1 of the pseudopotential, whose Gaussian has about
 * that range,
 *
 *   A(E_c) = 1/(2 pi^2) int_{p_c}^inf 2 v(p)^2 dp / (sqrt(8 pi^3) r^3),   p_c^2/2 = E_c,
 *   C1 -> C1 + delta,  delta = -s A,  ln s = f0 + f1 E_c + f2 ln E_c.
 *
 * The factor s (1.4 to 3 from 20 to 120 Ha) stands for what second order and the width leave out; f is
 * fitted once per pseudopotential (tests/derive/basis-correction.sh). Being part of the potential,
 * the correction follows the density at the nuclei, which makes it differ by a factor of 1.7 between
 * structures, and forces are the derivatives of the corrected energy.
 *
 * A stress at a fixed number of plane waves lets the cut-off fall as V^(-2/3); Francis & Payne, J. Phys.:
 * Condens. Matter 2, 4395 (1990), eq. (4), add (2/3V) dE/dlnE_c. As the corrected energy does not depend
 * on the cut-off, dE/dlnE_c at fixed delta is - ddelta/dlnE_c dE/dC1 (dft/local.c).
 */
#ifndef DFT_CORRECTION_H
#define DFT_CORRECTION_H

#include "dft/pseudo.h"

/* Add delta to p->c1, ddelta/dlnE_c to p->pulay; ecut in Ha. */
void correction_apply(struct pseudo *p, double ecut);

#endif
