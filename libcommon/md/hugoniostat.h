/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The Hugoniostat: dynamics whose temperature settles where the Rankine-Hugoniot relation holds,
 *   H = E - E0 - (P + P0)(V0 - V)/2 = 0
 * with E = U + T S + 3/2 N k_B T (T S of the electrons where the forces' source knows it), P the
 * instantaneous pressure at constant volume, the prescribed one at constant pressure.
 */
#ifndef MD_HUGONIOSTAT_H
#define MD_HUGONIOSTAT_H

#include "md/dynamics.h"

double hugoniostat_residual(const struct dynamics *d); /* H of the cell, Ha */

#endif
