/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside of the main loop: private to filter*.c and spread*.c. */
#ifndef FORMATS_FILTER_PARTS_H
#define FORMATS_FILTER_PARTS_H

#include "formats/filter.h"
#include "formats/stream.h"

struct farm; /* formats/spread.c */

struct run {
    const struct filter *filter;
    struct common common;
    struct log log;
    int verbosity; /* that was asked for; the log's is -1 where nobody listens */
    char *history;
    struct writer *writer;
    struct reader *reader;
    int level;
    bool input_compressed, enough, no_output, in_place, judge;
    bool lost;           /* the input ended before its end */
    struct ranks *world; /* all; NULL: alone */
    struct ranks *ranks; /* that share the frame in work */
    int stop;            /* of ranks: the signal that rank 0 had caught when it was last asked */
    long frames;         /* over all inputs; while spread frames are done, the number of this one */
    long skipped;
    int warned;
    enum status failed; /* worst thing that --on-error=skip passed over and that still counts */
    double last_progress;
    const struct spread *spread; /* of run_spread, and more than one rank; otherwise NULL */
    struct farm *farm;           /* while spread frames are done, otherwise NULL */
};

void run_watch_signals(void);
void run_watch_reader(struct reader *reader); /* a signal ends its wait */
int run_caught(void);                         /* the signal that this process has caught, or 0 */
/* The signal that ends the run, the same for all ranks */
int run_stopped(const struct run *run);
/* All ranks go on with the worst of their statuses. */
enum status run_agree(struct run *run, enum status status, struct err *err);
void run_report(struct run *run, const char *where, const struct err *err);
void run_progress(struct run *run);
/* Does --on-error=skip let the run go on? Output that cannot be written never does. */
bool run_goes_on(struct run *run, enum status status);
/* Without other ranks: opens an input, after reporting what is wrong with it; reads its next frame, sets run->lost */
enum status run_open(struct run *run, const char *path, struct err *err);
enum status run_read(struct run *run, struct frame *f, bool *end, struct err *err);
/* Append this program's entry to the history of f and write it. */
enum status run_write(struct run *run, struct frame *f, struct err *err);
/* What the program does with a frame, by all of run->ranks. */
enum status run_one(struct run *run, struct frame *f, struct err *err);
/* --require-frames, after the last */
enum status run_require(struct run *run);
/* By all ranks. All frames of all inputs, one after the other; a step of the program, whose error is reported. */
enum status run_inputs(struct run *run);
enum status run_call(struct run *run,
                     enum status (*step)(void *settings, struct run *run, struct err *err));
/* A name given with -o must do before hours are spent on what is to be written there; at the end, which makes it appear
 * if all went well. */
enum status run_try_output(struct run *run);
enum status run_finish_output(struct run *run, enum status status);

#endif
