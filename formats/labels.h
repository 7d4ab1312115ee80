/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a frame says about its atoms and stops being true when they move: everything that a program of
 * this project, or the usual names of others (energy, free_energy, forces, momenta, stress, virial, dipole, magmoms,
 * charges), computed from the positions; and anything that ends in _energy, _forces, _stress,
 * _virial, _error or _uncertainty. What remains is what the user has put there.
 */
#ifndef FORMATS_LABELS_H
#define FORMATS_LABELS_H

#include <stdbool.h>
#include "formats/frame.h"

bool labels_stale(const char *name); /* of a key or a column */
void labels_drop(struct frame *f);

#endif
