/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/filter_parts.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/mem.h"
#include "base/threads.h"
#include "formats/frame_broadcast.h"
#include "formats/launch.h"
#include "formats/spread.h"

enum { WARNINGS_SHOWN = 10 /* per input */ };

/* A signal handler has no argument: the variables of the program that outlive its functions. */
static volatile sig_atomic_t caught, caught_at; /* the first signal, and when it came (s) */

enum {
    AGAIN = 2
}; /* seconds until a signal is a second request, not the first one by another way */

/* The first signal ends the run in order, a later one at once. But timeout(1), shells and make send the same request to a
 * program and to its group, within microseconds. */
static void catch_signal(int number)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (!caught) {
        caught_at = (sig_atomic_t)now.tv_sec;
        caught = number;
    } else if (now.tv_sec - caught_at >= AGAIN) {
        signal(number, SIG_DFL);
        raise(number);
    }
}

static void watch_signals(void)
{
    struct sigaction action = {.sa_handler =
                                   catch_signal}; /* no SA_RESTART: a wait for input ends */
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int run_caught(void)
{
    return caught;
}

int run_stopped(const struct run *run)
{
    return run->world ? run->stop : caught;
}

enum status run_agree(struct run *run, enum status status, struct err *err)
{
    enum status worst = (enum status)ranks_most(run->ranks, (int)status);
    return worst == status ? status : err_set(err, worst, "another rank has failed");
}

struct ranks *run_ranks(const struct run *run)
{
    return run->ranks;
}

struct log *run_log(struct run *run)
{
    return &run->log;
}

const struct common *run_common(const struct run *run)
{
    return &run->common;
}

long run_frame(const struct run *run)
{
    return run->frames;
}

const char *run_history(const struct run *run)
{
    return run->history;
}

long run_skipped(const struct run *run)
{
    return run->skipped;
}

const char *run_file(const struct run *run)
{
    return run->reader ? reader_name(run->reader) : NULL;
}

void run_level(struct run *run, int level)
{
    run->level = level;
}

void run_enough(struct run *run)
{
    run->enough = true;
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

void run_judge(struct run *run)
{
    run->judge = true;
    run->common.on_error = 1;
}

bool run_interrupted(struct run *run)
{
    if (run->farm)
        spread_stop(run);
    else
        run->stop = caught;
    ranks_broadcast(run->ranks, &run->stop, sizeof run->stop);
    return run_stopped(run) != 0;
}

void run_report(struct run *run, const char *where, const struct err *err)
{
    log_done(&run->log);
    if (run->log.verbosity >= 0)
        fprintf(stderr, "%s: %s%s\n", run->filter->program->name, where, err->text);
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
    if (run->common.on_error == 0 || status == ST_SYSTEM)
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

/* Flush what a reader of our output may be waiting for. */
enum status run_read(struct run *run, struct frame *f, bool *end, struct err *err)
{
    if (run->writer && writer_live(run->writer) && reader_waiting(run->reader) &&
        writer_flush(run->writer, err))
        return ST_SYSTEM;
    enum status status = reader_next(run->reader, f, end, err);
    run->input_compressed |= reader_compressed(run->reader);
    run->lost = reader_lost(run->reader);
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

static enum status read_frames(struct run *run, struct frame *f)
{
    struct err err = {0};
    bool end = false, lost = false;
    while (!run_stopped(run) && !run->enough) {
        enum status status = read_next(run, f, &end, &err);
        if (!status && (end || run_stopped(run)))
            break;
        lost = status != ST_OK && run->lost;
        if (!status) {
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
    reader_watch(run->reader, &caught);
    if (!run->common.output && reader_is(run->reader, STDOUT_FILENO)) {
        err_set(err, ST_USAGE,
                "%s is input and output at once: use -o, which replaces it at the end",
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

static enum status call(struct run *run,
                        enum status (*step)(void *settings, struct run *run, struct err *err))
{
    struct err err = {0};
    enum status status = step ? step(run->filter->settings, run, &err) : ST_OK;
    status = run_agree(run, status, &err);
    if (status)
        run_report(run, "", &err);
    return status;
}

/* One input; under skip its end does not stop the others. */
static enum status one_input(struct run *run, const char *path, struct frame *f)
{
    struct err err = {0};
    enum status status = open_input(run, path, &err), after = ST_OK;
    bool broken = status == ST_SYSTEM;
    if (!status) {
        status = read_frames(run, f);
        broken = status && run->lost;
        if (!run_stopped(run) && (!status || (broken && run->common.on_error)))
            after = call(run, run->filter->input);
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

static enum status all_inputs(struct run *run)
{
    struct frame *f = frame_new();
    const struct opt_list *files = &run->common.files;
    enum status status = ST_OK;
    if (files->n == 0)
        status = one_input(run, NULL, f);
    for (int i = 0; i < files->n && !status && !run_stopped(run) && !run->enough; i++)
        status = one_input(run, files->item[i], f);
    frame_free(f);
    return status ? status : run_require(run);
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

static enum status finish_output(struct run *run, enum status status)
{
    struct err err = {0};
    return run_agree(run, ranks_first(run->ranks) ? finish_here(run, status) : status, &err);
}

/* A name given with -o must do before hours are spent on what is to be written there. */
static enum status try_output(struct run *run)
{
    struct err err = {0};
    bool failed = ranks_first(run->ranks) && run->common.output && !run->no_output &&
                  need_writer(run, run->input_compressed, &err);
    if (failed)
        run_report(run, "", &err);
    return run_agree(run, failed ? ST_SYSTEM : ST_OK, &err);
}

static enum status work(struct run *run)
{
    struct err err = {0};
    if (run->filter->kind == FILTER_GENERATE && run->common.files.n) {
        err_set(&err, ST_USAGE, "takes no input files: %s", run->common.files.item[0]);
        run_report(run, "", &err);
        return ST_USAGE;
    }
    enum status status = call(run, run->filter->begin);
    if (!status)
        status = try_output(run);
    if (!status && run->filter->kind != FILTER_GENERATE)
        status = run->spread ? spread_inputs(run) : all_inputs(run);
    if (!status && !run_stopped(run))
        status = call(run, run->filter->end);
    status = finish_output(run, status);
    if (run->skipped && !run->judge)
        log_warning(&run->log, "%ld frame%s skipped", run->skipped, run->skipped > 1 ? "s" : "");
    return status ? status : run->failed;
}

static void start_log(struct run *run)
{
    const struct common *c = &run->common;
    run->log.program = run->filter->program->name;
    run->log.verbosity = run->verbosity = c->verbose ? 2 : c->quiet ? 0 : 1;
    run->log.progress =
        c->progress == 1 || (c->progress == 0 && !c->quiet && isatty(STDERR_FILENO));
    int number, size;
    if (run->filter->ranks && ranks_launched(&number, &size) && number > 0) {
        run->log.verbosity = -1; /* rank 0 speaks for all */
        run->log.progress = false;
    }
}

static enum status start(struct run *run, int argc, char **argv, bool *done)
{
    const struct filter *filter = run->filter;
    struct err err = {0};
    void *defaults = mem_new(filter->settings_size, 1);
    if (filter->settings_size)
        memcpy(defaults, filter->settings, filter->settings_size);
    run->common.seed = 1;
    enum status status =
        opt_parse(filter->program, argc, argv, filter->settings, &run->common, done, &err);
    start_log(run);
    if (status)
        run_report(run, "", &err);
    else if (!*done)
        run->history = opt_history(filter->program, filter->settings, defaults, &run->common);
    free(defaults);
    return status;
}

int filter_main(const struct filter *filter, int argc, char **argv)
{
    struct run run = {.filter = filter, .common = {.seed = 1}};
    bool done = false;
    struct err err = {0};
    if (!launch_wanted(filter->ranks))
        return ST_OK;
    enum status status = start(&run, argc, argv, &done);
    if (!status && !done && run.common.threads != 1)
        threads_environment(argv); /* starts again: not as a rank that has begun */
    if (!status && !done && filter->ranks &&
        (status = launch_begin(&run.world, argc, argv, &run.log, &err)))
        run_report(&run, "", &err);
    run.ranks = run.world;
    if (!status && !done) {
        mem_keep();
        threads_set(run.common.threads);
        watch_signals();
        status = work(&run);
        log_done(&run.log);
    }
    if (filter->free)
        filter->free(filter->settings);
    opt_free(filter->program, filter->settings, &run.common);
    free(run.history);
    int stop = run_stopped(&run);
    launch_end(run.world, &run.log);
    return stop && !status ? 128 + stop : (int)status;
}
