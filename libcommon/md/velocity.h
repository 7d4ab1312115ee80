/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Velocities as a whole: drawing, kinetic energy, centre of mass. Atomic units; s->velocity must
 * exist. */
#ifndef MD_VELOCITY_H
#define MD_VELOCITY_H

#include <stdint.h>
#include "crystal/system.h"

/* Maxwell-Boltzmann: every component normal with variance kT/m, random numbers named by
 * (seed, RNG_VELOCITIES, run, atom). The centre of mass gets its own thermal velocity. */
void velocity_draw(struct system *s, double kT, uint64_t seed, uint64_t run);
/* Subtract the velocity of the centre of mass (a single atom is left alone): what remains is the
 * canonical distribution of the other 3N - 3 degrees of freedom. */
void velocity_stop_centre(struct system *s);
void velocity_centre(const struct system *s, double v[3]); /* of the centre of mass */
double velocity_kinetic(const struct system *s);           /* sum m v^2 / 2, Ha */
double velocity_centre_kinetic(const struct system *s);    /* P^2 / 2M, Ha */

#endif
