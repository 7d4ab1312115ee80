/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How qmc-sample and qmc-force save their work and stop: --checkpoint, --checkpoint-every, --max-time, signals. */
#ifndef CMD_QMC_PAUSE_H
#define CMD_QMC_PAUSE_H

#include "base/threads.h"
#include "formats/filter.h"
#include "qmc/ledger.h"
#include "qmc/vmc.h"

struct pausing { /* comes first in a program's settings */
    const char *file;
    double every, max_time; /* seconds; once begun, max_time is the wall time of the end */
    double saved;           /* wall time of the last checkpoint */
    bool late;              /* max_time was over when that was last asked */
    struct ledger ledger;
};

#define PAUSING_OPTIONS(member)                                                                    \
    {"checkpoint",                                                                                 \
     OPT_TEXT,                                                                                     \
     AT(member.file),                                                                              \
     "FILE",                                                                                       \
     "keep in FILE what a killed run needs; the same command then goes on from there",             \
     OPT_WRITTEN,                                                                                  \
     0},                                                                                           \
        {"checkpoint-every",                                                                       \
         OPT_REAL,                                                                                 \
         AT(member.every),                                                                         \
         "S",                                                                                      \
         "seconds between checkpoints, at least",                                                  \
         0,                                                                                        \
         1e9},                                                                                     \
    {                                                                                              \
        "max-time", OPT_REAL, AT(member.max_time), "S",                                            \
            "after so many seconds save the checkpoint and end with status 1; 0: no limit", 0, 1e9 \
    }

static enum status pausing_begin(struct pausing *p, struct run *run, struct err *err)
{
    if (p->max_time > 0 && !p->file)
        return err_set(err, ST_USAGE, "--max-time needs --checkpoint to go on from");
    p->saved = threads_wall();
    if (p->max_time > 0)
        p->max_time += p->saved;
    return ledger_open(&p->ledger, p->file, run_history(run), run_ranks(run), err);
}

/* For struct vmc_settings, the run as its context */
static bool pausing_asked(void *run)
{
    return run_interrupted(run);
}

/* Is the last checkpoint old? The clock of rank 0 counts. */
static bool pausing_old(const struct pausing *p, struct run *run)
{
    bool old = threads_wall() >= p->saved + p->every;
    ranks_broadcast(run_ranks(run), &old, sizeof old);
    return old;
}

/* Is it time to save? *stop: and then to stop */
static bool pausing_due(struct pausing *p, struct run *run, bool *stop)
{
    p->late = p->max_time > 0 && threads_wall() > p->max_time;
    ranks_broadcast(run_ranks(run), &p->late, sizeof p->late);
    *stop = run_interrupted(run) || p->late;
    return p->file && (pausing_old(p, run) || *stop);
}

/* Where rank 0 does other frames it is told how this one stands, and saves that with its own. */
static enum status pausing_save(struct pausing *p, struct run *run, struct err *err)
{
    p->saved = threads_wall();
    p->ledger.ranks = run_ranks(run);
    if (!run_away(run))
        return ledger_save(&p->ledger, err);
    if (p->file)
        run_tell(run);
    return ST_OK;
}

/* For struct filter: what is done is known to the next run, also when a signal came between two frames. */
static enum status pausing_end(void *settings, struct run *run, struct err *err)
{
    return pausing_save(settings, run, err);
}

/* For struct spread */
static void pausing_keep(void *settings, long frame, struct checkpoint *c)
{
    struct pausing *p = settings;
    if (c->reading)
        ledger_receive(&p->ledger, c);
    else if (p->file)
        ledger_send(&p->ledger, frame, c);
}

static bool pausing_catch_up(void *settings, bool now, struct err *err)
{
    struct pausing *p = settings;
    if (!now && threads_wall() < p->saved + p->every)
        return false;
    p->saved = threads_wall();
    p->ledger.ranks = NULL; /* rank 0 alone */
    ledger_save(&p->ledger, err);
    return true;
}

/* Batches that ranks can share, of `walkers` or, where that is 0, so many of each twist */
static int pausing_parts(const struct frame *f, int walkers, int per_twist)
{
    const int k = (int)frame_key_size(f, "kpoints") / 3, twists = k > 0 ? k : 1;
    return vmc_batches_of(walkers ? walkers : per_twist * twists, twists);
}

/* Why work was stopped, if not by a signal or by the failure in `failed` */
static enum status pausing_why(const struct pausing *p, const struct err *failed, struct err *err)
{
    if (failed->status)
        return err_set(err, failed->status, "%s", failed->text);
    if (p->late)
        return err_set(err, ST_COMPUTE, "--max-time is over: the same command goes on from %s",
                       p->file);
    return ST_OK;
}

#endif
