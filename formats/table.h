/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keys of frames as tab-separated columns: a header row of names, one row per frame. Arrays are
 * numbers separated by blanks; NA where a frame lacks the key; tabs, line ends and backslashes in
 * strings as \t, \n, \\. Also: natoms, and Lattice, pbc as they are written.
 */
#ifndef FORMATS_TABLE_H
#define FORMATS_TABLE_H

#include "formats/frame.h"
#include "formats/text.h"

void table_header(struct text *out, const char *names); /* separated by commas */
void table_row(struct text *out, const char *names, const struct frame *f);

#endif
