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

#include <stdbool.h>
#include "crystal/system.h"
#include "maths/stats.h"

struct diffusion;

struct diffusion *diffusion_new(int atoms);
void diffusion_free(struct diffusion *d);
/* The next frame, equally spaced in time. Jumps by a lattice vector between frames are undone: atoms must
 * move by less than half a cell from frame to frame. */
void diffusion_add(struct diffusion *d, const struct system *s);
/* bohr^2 per atomic unit of time; interval: time between frames. skip: frames left out at the start.
 * An infinite error when fewer than 8 frames fall into a block. */
struct estimate diffusion_result(const struct diffusion *d, double interval, int skip);

#endif
