/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where frames and texts go: compression, -o FILE, an end in order or not. */
#include <stdlib.h>
#include <sys/stat.h>
#include "base/threads.h"
#include "formats/filter_parts.h"
#include "formats/spread.h"

void run_level(struct run *run, int level)
{
    run->level = level;
}

const char *run_take_output(struct run *run)
{
    run->no_output = true;
    return run->common.output;
}

/* Output in place must not be one of the inputs. */
static enum status check_inputs(const struct run *run, struct err *err)
{
    const char *output = run->common.output;
    struct stat a, b;
    for (int i = 0; i < run->common.files.n; i++)
        if (!stat(run->common.files.item[i], &a) && !stat(output, &b) && a.st_dev == b.st_dev &&
            a.st_ino == b.st_ino)
            return err_set(err, ST_USAGE, "%s is input and output at once: give -o another file",
                           output);
    return ST_OK;
}

enum status run_continue(struct run *run, size_t keep, struct err *err)
{
    if (check_inputs(run, err))
        return ST_USAGE;
    run->in_place = true;
    run->writer = writer_continue(run->common.output, keep, (enum compress)run->common.compress,
                                  threads_max(), err);
    return run->writer ? ST_OK : err->status;
}

enum status run_sync(struct run *run, size_t *bytes, struct err *err)
{
    enum status status = writer_sync(run->writer, err);
    *bytes = writer_offset(run->writer);
    return status;
}

/* A pipe of frames is compressed as the input was. */
static enum status need_writer(struct run *run, bool compressed, struct err *err)
{
    if (run->writer)
        return ST_OK;
    run->writer = writer_open(run->common.output, (enum compress)run->common.compress, compressed,
                              threads_max(), err);
    if (run->writer && run->level)
        writer_level(run->writer, run->level);
    return run->writer ? ST_OK : ST_SYSTEM;
}

enum status run_flush(struct run *run, struct err *err)
{
    if (run->farm) /* what a frame gives is written when its turn has come */
        return ST_OK;
    return run_agree(run, run->writer ? writer_flush(run->writer, err) : ST_OK, err);
}

/* A frame that took long to compute is not left in a buffer, wherever it goes. */
static enum status written(struct run *run, struct err *err)
{
    return run->filter->quick ? ST_OK : writer_flush(run->writer, err);
}

enum status run_write(struct run *run, struct frame *f, struct err *err)
{
    if (need_writer(run, run->input_compressed, err))
        return ST_SYSTEM;
    if (!run->filter->silent)
        frame_add_history(f, run->history);
    enum status status = writer_put(run->writer, f, err);
    return status ? status : written(run, err);
}

enum status run_put(struct run *run, struct frame *f, struct err *err)
{
    enum status status = ST_OK;
    if (ranks_first(run->ranks))
        status = run->farm ? spread_put(run, f, err) : run_write(run, f, err);
    return run_agree(run, status, err);
}

static enum status put_text(struct run *run, const char *text, size_t n, struct err *err)
{
    if (need_writer(run, false, err))
        return ST_SYSTEM;
    enum status status = writer_puts(run->writer, text, n, err);
    return status ? status : written(run, err);
}

enum status run_puts(struct run *run, const char *text, size_t n, struct err *err)
{
    return run_agree(run, ranks_first(run->ranks) ? put_text(run, text, n, err) : ST_OK, err);
}

/* The output exists even if no frame came. */
static enum status finish_here(struct run *run, enum status status)
{
    struct err err = {0};
    bool commit = !status && (!run_stopped(run) || !run->common.output);
    if (!status && !run->no_output && need_writer(run, run->input_compressed, &err)) {
        run_report(run, "", &err);
        return ST_SYSTEM;
    }
    if (!run->writer)
        return status;
    bool aside = !commit && writer_leaves_part(run->writer);
    enum status closed = writer_close(run->writer, commit, &err);
    if (closed && closed != status)
        run_report(run, "", &err);
    else if (aside && !closed)
        log_note(&run->log, "what was finished is in %s.part", run->common.output);
    return status ? status : closed;
}

enum status run_finish_output(struct run *run, enum status status)
{
    struct err err = {0};
    return run_agree(run, ranks_first(run->ranks) ? finish_here(run, status) : status, &err);
}

enum status run_try_output(struct run *run)
{
    struct err err = {0};
    bool failed = ranks_first(run->ranks) && run->common.output && !run->no_output &&
                  need_writer(run, run->input_compressed, &err);
    if (failed)
        run_report(run, "", &err);
    return run_agree(run, failed ? ST_SYSTEM : ST_OK, &err);
}
