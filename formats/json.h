/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A frame as one line of JSON: {"natoms", "lattice" (rows, or null), "pbc", "plain", "info" (the keys),
 * "arrays" (the columns: {"type", "cols", "values"})}. Integers are written without, reals with a point
 * or exponent, matrices as lists of rows.
 */
#ifndef FORMATS_JSON_H
#define FORMATS_JSON_H

#include "formats/frame.h"
#include "formats/text.h"

void json_frame(struct text *out, const struct frame *f);

#endif
