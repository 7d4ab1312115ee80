/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Will a system have room in this machine? Known before anything is allocated. */
#ifndef DFT_ROOM_H
#define DFT_ROOM_H

#include "base/err.h"
#include "crystal/system.h"
#include "dft/dft.h"

/* Bytes that a process holds at least, for a system in this cell or box (dft/session.h) with so many bands (0: those
 * that electrons fill): fields and lists of the grids, orbitals, the space of the solver. */
double room_needed(const struct dft_settings *settings, const double cell[3][3],
                   const struct system *y, int bands);
/* ST_COMPUTE: more than the machine has. */
enum status room_check(const struct dft_settings *settings, const double cell[3][3],
                       const struct system *y, int bands, struct err *err);

#endif
