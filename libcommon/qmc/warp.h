/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Space-warp coordinates: when nucleus I moves by s, an electron at r moves by s w_I(r),
 *
 *   w_I(r) = F(|r - R_I|) / sum_J F(|r - R_J|),   F(r) = r^-4
 *
 * (Umrigar, Int. J. Quantum Chem. Symp. 23, 217 (1989); Filippi & Umrigar, Phys. Rev. B 61, R16291
 * (2000), eq. (12)). In a cell |r - R| is the distance to the nearest image: w is then continuous with
 * kinks where images change, and its divergence bounded, which is all that the change of variables
 * behind the force estimator needs.
 */
#ifndef QMC_WARP_H
#define QMC_WARP_H

#include "qmc/images.h"

/* weight[atom] and its gradient with respect to r, [atom][3], for n nuclei at pos. Finite
 * at a nucleus, where w is 1 and its gradient 0. */
void warp_weights(const struct images *im, int n, const double pos[][3], const double r[3],
                  double weight[], double gradient[][3]);

#endif
