/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frames over ranks: the main loop of a program that called run_spread and is more than one process.
 *
 * Rank 0 reads, hands frames to groups of ranks that are free (its own among them), and writes what comes back in the order of the
 * input. While its own group is at work it does so whenever the program calls run_interrupted or run_serve. Letters
 * go between it and the first rank of each group; inside a group everything is as in a run of its size.
 */
#ifndef FORMATS_SPREAD_H
#define FORMATS_SPREAD_H

#include "formats/filter_parts.h"

/* All frames of all inputs; by all ranks. */
enum status spread_inputs(struct run *run);
/* While a frame is done: what it puts; and whether to stop, into run->stop of the first rank. */
enum status spread_put(struct run *run, const struct frame *f, struct err *err);
void spread_stop(struct run *run);

#endif
