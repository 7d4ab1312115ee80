/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FORMATS_FRAME_BROADCAST_H
#define FORMATS_FRAME_BROADCAST_H

#include "base/ranks.h"
#include "formats/frame.h"

/* Rank 0 has read a frame into f, or met an error (`status`) or the end of the stream (*end): now all have. The text of
 * the error stays with rank 0. */
enum status frame_broadcast(struct ranks *r, enum status status, struct frame *f, bool *end,
                            struct err *err);

#endif
