/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One atom line, checked against the columns of its frame and brought into written form. */
#ifndef FORMATS_ATOMS_H
#define FORMATS_ATOMS_H

#include "base/err.h"
#include "formats/frame.h"

/* Append the line [p, end) to f's atom lines; 32 bytes from end on must be readable, the first no
 * part of a number. Words beyond the columns are an error, except in plain XYZ. ST_DATA. */
enum status atoms_add_line(struct frame *f, const char *p, const char *end, struct err *err);

#endif
