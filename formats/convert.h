/* SPDX-License-Identifier: GPL-3.0-or-later */
/* frame <-> struct system: stream units to atomic units and back. */
#ifndef FORMATS_CONVERT_H
#define FORMATS_CONVERT_H

#include "base/err.h"
#include "crystal/system.h"
#include "formats/frame.h"

/* A new system from a frame (NULL and *err on bad data: everything system_check finds, a missing pos
 * column, mixed pbc, an unknown species). D and T become H with their mass. velocity is NULL without velo. */
struct system *system_from_frame(const struct frame *f, struct err *err);

/* Write cell, pbc, species, pos, masses (only where they are not the element's standard one or the
 * frame has the column) and velo (if known) onto a frame; other keys and columns stay. If the number
 * of atoms differs, all columns are dropped first. */
void system_to_frame(const struct system *s, struct frame *f);

#endif
