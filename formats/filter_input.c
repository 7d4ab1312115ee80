/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the inputs to frames, and what is to be done with each. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/mem.h"
#include "base/outfile.h"
#include "base/threads.h"
#include "formats/filter_parts.h"
#include "formats/frame_broadcast.h"

enum { WARNINGS_SHOWN = 10 /* per input */ };

const char *run_file(const struct run *run)
{
    return run->reader ? reader_name(run->reader) : NULL;
}

/* "file:line: frame N: " in front of the text */
static void report_frame(struct run *run, const struct err *err)
{
    if (!run->reader)
        return;
    char *where = mem_print("%s:%ld: frame %ld: ", reader_name(run->reader),
                            reader_line(run->reader), reader_frame(run->reader));
    run_report(run, where, err);
    free(where);
}

static void show_warnings(struct run *run)
{
    int n = reader_warnings(run->reader);
    for (int i = 0; i < n; i++, run->warned++)
        if (run->warned < WARNINGS_SHOWN)
            log_warning(&run->log, "%s: %s", reader_name(run->reader),
                        reader_warning(run->reader, i));
        else if (run->warned == WARNINGS_SHOWN)
            log_warning(&run->log, "%s: further warnings are not shown", reader_name(run->reader));
}

void run_progress(struct run *run)
{
    if (!run->log.progress || threads_wall() - run->last_progress < 0.2)
        return;
    run->last_progress = threads_wall();
    log_progress(&run->log, "%ld frame%s", run->frames, run->frames == 1 ? "" : "s");
}

bool run_goes_on(struct run *run, enum status status)
{
    if (run->common.on_error == 0 || status == ST_SYSTEM || status == ST_USAGE)
        return false;
    run->skipped++;
    if (status > run->failed && (status == ST_COMPUTE || run->judge))
        run->failed = status;
    return true;
}

enum status run_one(struct run *run, struct frame *f, struct err *err)
{
    const struct filter *filter = run->filter;
    enum status status = run_agree(run, filter->frame(filter->settings, run, f, err), err);
    if (!status && filter->kind == FILTER_MAP)
        status = run_put(run, f, err);
    return status;
}

/* The last frame was passed over, and was cut off as well. */
static void ends_inside(struct run *run)
{
    struct err err = {0};
    err_set(&err, ST_DATA, "%s: end of input inside frame %ld", reader_name(run->reader),
            reader_frame(run->reader));
    run_report(run, "", &err);
    if (run->failed < ST_DATA)
        run->failed = ST_DATA;
}

/* Flush what a reader of our output may be waiting for. */
enum status run_read(struct run *run, struct frame *f, bool *end, struct err *err)
{
    if (run->writer && writer_live(run->writer) && reader_waiting(run->reader) &&
        writer_flush(run->writer, err))
        return ST_SYSTEM;
    enum status status = reader_next(run->reader, f, end, err);
    run->input_compressed |= reader_compressed(run->reader);
    run->lost = reader_lost(run->reader);
    if (!status && *end && run->lost && !run_caught())
        ends_inside(run);
    show_warnings(run);
    return status;
}

/* Rank 0 reads, for all. */
static enum status read_next(struct run *run, struct frame *f, bool *end, struct err *err)
{
    enum status status = ranks_first(run->ranks) ? run_read(run, f, end, err) : ST_OK;
    status = frame_broadcast(run->ranks, status, f, end, err);
    ranks_broadcast(run->ranks, &run->lost, sizeof run->lost);
    run_interrupted(run);
    return status;
}

/* Each goes to `take`, NULL: to what the program does with frames of its input. */
static enum status read_frames(struct run *run, struct frame *f, run_step *take)
{
    struct err err = {0};
    bool end = false, lost = false;
    while (!run_stopped(run) && !run->enough) {
        enum status status = read_next(run, f, &end, &err);
        if (!status && (end || run_stopped(run)))
            break;
        lost = status != ST_OK && run->lost;
        if (!status && take) {
            status = run_agree(run, take(run->filter->settings, run, f, &err), &err);
        } else if (!status) {
            run->frames++;
            status = run_one(run, f, &err);
            run_progress(run);
        }
        if (!status)
            continue;
        report_frame(run, &err);
        if (!run_goes_on(run, status) || lost) /* lost: the rest of this input cannot be had */
            return status;
    }
    return ST_OK;
}

/* The descriptor that frames go to as it is, -1: a file takes its name at the end. */
static int output_descriptor(const struct run *run)
{
    const char *output = run->common.output;
    return output && strcmp(output, "-") ? outfile_descriptor(output) : STDOUT_FILENO;
}

enum status run_open(struct run *run, const char *path, struct err *err)
{
    run->warned = 0;
    run->reader = reader_open(path, run->common.strict, err);
    if (!run->reader) {
        char *where = mem_print("%s: ", path ? path : "standard input");
        run_report(run, where, err);
        free(where);
        return ST_SYSTEM;
    }
    run_watch_reader(run->reader);
    if (reader_is(run->reader, output_descriptor(run))) {
        err_set(err, ST_USAGE,
                "%s is input and output at once: use -o FILE, which replaces it at the end",
                reader_name(run->reader));
        run_report(run, "", err);
        return ST_USAGE;
    }
    return ST_OK;
}

static enum status open_input(struct run *run, const char *path, struct err *err)
{
    run->lost = false;
    return run_agree(run, ranks_first(run->ranks) ? run_open(run, path, err) : ST_OK, err);
}

/* One input; under skip its end does not stop the others. */
static enum status one_input(struct run *run, const char *path, struct frame *f, run_step *take)
{
    struct err err = {0};
    enum status status = open_input(run, path, &err), after = ST_OK;
    bool broken = status == ST_SYSTEM;
    if (!status) {
        status = read_frames(run, f, take);
        broken = status && run->lost;
        if (!take && !run_stopped(run) && (!status || (broken && run->common.on_error)))
            after = run_call(run, run->filter->input);
    }
    reader_close(run->reader);
    run->reader = NULL;
    if (broken && run->common.on_error) {
        run->failed = status > run->failed ? status : run->failed;
        status = ST_OK;
    }
    return status ? status : after;
}

enum status run_require(struct run *run)
{
    struct err err = {0};
    if (run_stopped(run) || !run->common.require_frames || run->frames)
        return ST_OK;
    err_set(&err, ST_DATA, "no frames in the input: at least one is needed");
    run_report(run, "", &err);
    return ST_DATA;
}

enum status run_inputs(struct run *run)
{
    struct frame *f = frame_new();
    const struct opt_list *files = &run->common.files;
    enum status status = ST_OK;
    if (files->n == 0)
        status = one_input(run, NULL, f, NULL);
    for (int i = 0; i < files->n && !status && !run_stopped(run) && !run->enough; i++)
        status = one_input(run, files->item[i], f, NULL);
    frame_free(f);
    return status ? status : run_require(run);
}

enum status run_others(struct run *run, const char *path, run_step *take)
{
    struct frame *f = frame_new();
    enum status status = one_input(run, path, f, take);
    frame_free(f);
    return status;
}
