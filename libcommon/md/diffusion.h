/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Self-diffusion coefficient from Einstein's relation, < |r(t) - r(0)|^2 > = 6 D t (Allen & Tildesley,
 * eq. (2.118)), positions unwrapped and relative to the centre of mass. The trajectory is cut into 8 blocks of
 * equal length; in each the slope is fitted to the mean over atoms and time origins at times
 * between a quarter and half of a block. Mean and standard error over the blocks.
 * Keeps all positions: 24 bytes per atom and frame.
 */
#ifndef MD_DIFFUSION_H
#define MD_DIFFUSION_H

#include "base/err.h"
#include "crystal/system.h"
#include "maths/stats.h"

struct diffusion;

struct diffusion *diffusion_new(int atoms);
void diffusion_free(struct diffusion *d);
/* The next frame and its time (atomic units; NaN: unknown). Jumps by a lattice vector between frames are undone: atoms
 * must move by less than half a cell from frame to frame. */
void diffusion_add(struct diffusion *d, const struct system *s, double time);
/* bohr^2 per atomic unit of time. skip: frames left out at the start; *length: time from the first of the others to the last.
 * ST_DATA: fewer than 8 frames fall into a block, or they are not known to be equally spaced in time. */
enum status diffusion_result(const struct diffusion *d, int skip, struct estimate *e,
                             double *length, struct err *err);

#endif
