/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Predictive variance of an energy: with k = sum_i k(p_i) over the atoms (kernel with the sparse set),
 *   var E = |R^-T k|^2 + amplitude^2 (sum_ij (p_i . p_j)^zeta - |L^-1 k|^2),
 * R the factor of the posterior of the weights, L that of the prior: the deterministic training
 * conditional (Quinonero-Candela & Rasmussen, J. Mach. Learn. Res. 6, 1939 (2005), eq. (20b)), summed over the atoms with
 * all their covariances. The functions of the two-body term stand after k in the first norm; as its weights are all
 * that it consists of, it has no second part. Far from the data it grows to the prior's, amplitude per atom.
 */
#ifndef ML_VARIANCE_H
#define ML_VARIANCE_H

#include "ml/potential.h"

/* Ha^2; 0 for a model without factor. descriptor[n][size] sorted by element: those of element e (of
 * the model) are first[e] .. first[e+1] - 1; list: the neighbours of the system, at the model's cut-off. */
double variance_energy(const struct potential *m, const int first[], const double descriptor[],
                       const struct system *s, const struct neighbour *list);

#endif
