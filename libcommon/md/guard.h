/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What ends a trajectory: numbers that are not finite, atoms on top of each other, energy from
 * nowhere, a model that no longer knows. All ST_COMPUTE with a line that names step, atoms and
 * numbers.
 */
#ifndef MD_GUARD_H
#define MD_GUARD_H

#include "md/dynamics.h"

#define GUARD_DISTANCE_A 0.05 /* no two atoms closer, A */
#define GUARD_NEAR_A 2.0      /* only atoms that are closer are named with an uncertainty */
#define GUARD_MOVE_A 0.5      /* no atom farther in one step, A */

/* Energy, forces and stress are finite; the uncertainty is below its limit. */
enum status guard_forces(const struct dynamics *d, const struct force_result *f, struct err *err);
/* After a step: positions, distances, and the conserved quantity, which may change in one step by
 * no more than half the thermal energy, 3/4 N kT with kT the largest of the target, the present and
 * 1000 K. */
enum status guard_step(struct dynamics *d, struct err *err);

#endif
