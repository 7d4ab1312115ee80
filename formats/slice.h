/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * START:STOP:STEP as in Python and ASE: frames are numbered from 0, STOP is not included, negative
 * numbers count from the end, each part may be missing; N alone is one frame. STEP is positive.
 * Frames are held back only as far as negative numbers demand.
 */
#ifndef FORMATS_SLICE_H
#define FORMATS_SLICE_H

#include <stdbool.h>
#include "base/err.h"
#include "formats/frame.h"

struct slice {
    long start, stop, step; /* stop LONG_MAX: to the end */
    long next;              /* number of the next frame to come */
    long held, room, first; /* frames held back: number first .. first + held - 1, in a ring */
    struct frame **ring;
};

enum status slice_parse(struct slice *s, const char *text, struct err *err); /* ST_USAGE */
void slice_free(struct slice *s);

/* Pass a frame in; the frame that is certain to be selected now (f itself or one that was held, valid
 * until the next call), or NULL. */
struct frame *slice_put(struct slice *s, struct frame *f);
/* After the last frame: the remaining selected ones, one per call, then NULL. */
struct frame *slice_end(struct slice *s);
bool slice_done(const struct slice *s); /* no later frame can be selected */

#endif
