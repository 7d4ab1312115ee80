/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Predictive variance of force components: that of ml/variance.h for the derivative of the energy,
 *   var F = |R^-T g|^2 + amplitude^2 (sum_ij d d' (p_i . p'_j)^zeta - |L^-1 g|^2),  g = dk/dx,
 * where d acts on the first and d' on the second factor. Every component costs what a row of a fit
 * costs, and two triangular solutions: far more than a prediction.
 */
#ifndef ML_VARIANCE_FORCES_H
#define ML_VARIANCE_FORCES_H

#include "base/err.h"
#include "crystal/system.h"
#include "ml/potential.h"

/* Adds (Ha/bohr)^2 to variance[n][3]; nothing for a model without factor. ST_DATA: an element that the
 * model does not know. */
enum status variance_forces(const struct potential *m, const struct system *s, double variance[][3],
                            struct err *err);

#endif
