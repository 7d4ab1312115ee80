/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Properties=name:type:count:... , the columns of the atom lines. */
#ifndef FORMATS_PROPERTIES_H
#define FORMATS_PROPERTIES_H

#include "base/err.h"
#include "formats/frame.h"

/* Append the columns to f, without data, as words of the text. ST_DATA. */
enum status properties_parse(struct frame *f, const char *list, struct err *err);
/* species:S:1:pos:R:3 */
void properties_default(struct frame *f);

#endif
