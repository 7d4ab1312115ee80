/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The main loop of every program: options, input, output, compression, errors per frame, progress,
 * history, signals, exit status. A program is a struct filter and a main that calls filter_main.
 */
#ifndef FORMATS_FILTER_H
#define FORMATS_FILTER_H

#include <stdio.h>
#include "base/checkpoint.h"
#include "base/err.h"
#include "base/log.h"
#include "base/opt.h"
#include "base/ranks.h"
#include "formats/frame.h"

struct run; /* what the loop knows; opaque */

enum { SPREAD_TABLES = 2 };

enum filter_kind {
    FILTER_MAP,     /* one frame in, one frame out, flushed when the output is a pipe or terminal */
    FILTER_REDUCE,  /* frames in; the program writes its own frames with run_put */
    FILTER_GENERATE /* no input: only begin (and end) are called */
};

typedef enum status run_step(void *settings, struct run *run, struct frame *f, struct err *err);

struct filter {
    const struct program *program;
    enum filter_kind kind;
    bool ranks;     /* shares its work with other ranks; otherwise the first does all */
    bool quick;     /* frames take no time: flush only while waiting for input */
    bool silent;    /* nothing is computed, so nothing is added to the history */
    void *settings; /* defaults on entry; filled from the command line */
    size_t settings_size;
    /* Each may be NULL except `frame` for MAP and REDUCE. begin: after the options, before any frame.
     * end: after the last frame, but not after an error or interruption. stopped: instead of end after an
     * interruption, to save what is done. */
    enum status (*begin)(void *settings, struct run *run, struct err *err);
    run_step *frame;
    enum status (*input)(void *settings, struct run *run, struct err *err); /* after each input */
    enum status (*end)(void *settings, struct run *run, struct err *err);
    enum status (*stopped)(void *settings, struct run *run, struct err *err);
    void (*free)(void *settings); /* last, on every path */
};

/*
 * Returns the exit status; any message has been printed as "program: file:line: frame N: text".
 *
 * At an error the frames before it have been written: to a pipe or standard output as they are (a
 * compressed one without its end-of-file block, so that a reader sees the truncation), with -o FILE
 * to FILE.part instead of FILE. The same for SIGINT and SIGTERM: the frame is finished (or given up,
 * where the program asks run_interrupted), status 130 or 143; another one, two seconds later or more, ends the program at once.
 *
 * --on-error=skip: a frame that is malformed or that `frame` refuses with ST_DATA is passed over,
 * counted, and does not change the exit status; one that fails with ST_COMPUTE makes it 1, input that
 * is truncated or damaged (what is missing is unknown) 3, and a file that cannot be read 4, but the
 * rest is done and the output appears.
 */
int filter_main(const struct filter *filter, int argc, char **argv);

struct log *run_log(struct run *run);
const struct common *run_common(const struct run *run);
long run_frame(const struct run *run); /* number of the current frame over all inputs, from 1 */
/* Append this program's entry to the history of f and write it. For REDUCE and GENERATE. */
enum status run_put(struct run *run, struct frame *f, struct err *err);
enum status run_puts(struct run *run, const char *text, size_t n,
                     struct err *err); /* lines of a table: compressed only when asked for */
enum status run_flush(struct run *run, struct err *err);
void run_level(struct run *run, int level); /* of compression; in begin */
void run_enough(struct run *run);           /* read no more frames; end is called as usual */
/* In begin: the program writes its output itself (or none); returns what -o named, NULL without. */
const char *run_take_output(struct run *run);
/* In begin: the file that -o names (there must be one) is written in place from byte `keep` on, see
 * writer_continue; run_sync puts it onto the disk, *bytes of it. */
enum status run_continue(struct run *run, size_t keep, struct err *err);
enum status run_sync(struct run *run, size_t *bytes, struct err *err);
/* In end, by all ranks: the frames of another file than the inputs, by the same rules (messages, --strict, --on-error), each to
 * `take`. What went wrong has been reported: err stays empty. */
enum status run_others(struct run *run, const char *path, run_step *take);
/* In begin: go on after bad frames, but each of them still makes the exit status what it is without
 * --on-error=skip. */
void run_judge(struct run *run);
const char *run_file(const struct run *run); /* name of the current input, NULL before the first */
long run_skipped(const struct run *run);     /* bad frames passed over so far */
const char *run_history(const struct run *run); /* this program's history entry */
/* SIGINT or SIGTERM has arrived: finish the frame, save, and return ST_OK early. */
bool run_interrupted(struct run *run);
/* By one rank alone, from any thread: it has arrived here, or another rank has told; run_interrupted will soon be true. */
bool run_asked(const struct run *run);
/*
 * Under mpirun or srun all ranks see the same frames, which rank 0 reads, the same signals, when run_interrupted is called (by
 * all), and the same statuses of whatever is written, by rank 0. A program must not open files on the others.
 */
struct ranks *run_ranks(const struct run *run);

/*
 * Frames over ranks. A program that says so has its frames done by groups of ranks, as many groups as there are frames at
 * hand: then run_ranks are those of a group while `frame` is called, and what it puts, logs and writes to its tables is
 * written by rank 0 when the frame's turn has come, so that the order is that of the input.
 */
enum spread_need {
    SPREAD_FREE,  /* nothing of the frames before it */
    SPREAD_AFTER, /* what they all left behind: it begins when they are done */
    SPREAD_SAME   /* what the one before it left on its ranks: the same ones do it next */
};

struct spread {
    /* Rank 0 has read f. *parts: of its work, at most so many ranks can share it. */
    enum spread_need (*look)(void *settings, struct frame *f, int *parts);
    /* The results depend, if only in rounding, on how many share a frame: as many for all, and for the same input. */
    bool steady;
    /* For a checkpoint, NULL: none. keep: what is known of a frame, written by the first rank that does it, read by rank 0.
     * save: rank 0 has read some; at once, or when it is time. True: done, or in vain. */
    void (*keep)(void *settings, long frame, struct checkpoint *c);
    bool (*save)(void *settings, bool now, struct err *err);
    /* What a frame leaves for those that are SPREAD_AFTER; NULL: nothing. Written by the first rank that has done it, read by rank 0
     * in the order of the frames, and by all that do the next one. */
    void (*leave)(void *settings, struct checkpoint *c);
    FILE **table
        [SPREAD_TABLES]; /* opened by rank 0, NULL elsewhere; while a frame is done, that of its first rank; NULL: none */
};

void run_spread(struct run *run, const struct spread *spread); /* in begin, by all */
/* The results of this rank's frame go to rank 0. run_tell: what `keep` says of it does now. */
bool run_away(const struct run *run);
void run_tell(struct run *run);
bool run_fresh(
    const struct run
        *run); /* the frame is SPREAD_FREE: others than the one before it may have been done here */
/* Now and then while a frame is done, also without other ranks: rank 0 sees to the others. run_interrupted does it, too. */
void run_serve(struct run *run);

#endif
