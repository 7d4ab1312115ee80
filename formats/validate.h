/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is a frame that reads well also fit for the programs? */
#ifndef FORMATS_VALIDATE_H
#define FORMATS_VALIDATE_H

#include "base/err.h"
#include "formats/frame.h"

/* Keys and columns of the table (formats/keys.h) have the kind and size stated there, their _error
 * companions have their shape, and cell and atoms are what system_check wants. ST_DATA. */
enum status validate_frame(const struct frame *f, struct err *err);

#endif
