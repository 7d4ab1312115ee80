/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Conditions on the keys of a frame: `key=value`, !=, <, <=, >, >= (numbers if the key is a number, else
 * strings; T and F for logicals), `key` (there is such a key), `!key` (there is none). A frame without
 * the key fulfils only `!key`. The name natoms stands for the number of atoms.
 */
#ifndef FORMATS_WHERE_H
#define FORMATS_WHERE_H

#include <stdbool.h>
#include "base/err.h"
#include "formats/frame.h"

struct where; /* opaque */

struct where *where_new(const char *text, struct err *err); /* NULL: ST_USAGE */
void where_free(struct where *w);
bool where_holds(const struct where *w, const struct frame *f);

#endif
