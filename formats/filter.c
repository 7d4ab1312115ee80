/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/filter_parts.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/mem.h"
#include "base/threads.h"
#include "formats/launch.h"
#include "formats/spread.h"
#include "formats/utf8.h"

int run_stopped(const struct run *run)
{
    return run->world ? run->stop : run_caught();
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

void run_enough(struct run *run)
{
    run->enough = true;
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
        run->stop = run_caught();
    ranks_broadcast(run->ranks, &run->stop, sizeof run->stop);
    return run_stopped(run) != 0;
}

bool run_asked(const struct run *run)
{
    return run_caught() || run->stop;
}

void run_report(struct run *run, const char *where, const struct err *err)
{
    log_done(&run->log);
    if (run->log.verbosity >= 0)
        fprintf(stderr, "%s: %s%s\n", run->filter->program->name, where, err->text);
}

enum status run_call(struct run *run,
                     enum status (*step)(void *settings, struct run *run, struct err *err))
{
    struct err err = {0};
    enum status status = step ? step(run->filter->settings, run, &err) : ST_OK;
    status = run_agree(run, status, &err);
    if (status && *err.text)
        run_report(run, "", &err);
    return status;
}

/* The first rank writes. */
static enum status check_files(void *settings, struct run *run, struct err *err)
{
    return ranks_first(run->ranks)
               ? opt_check_files(run->filter->program, settings, &run->common, err)
               : ST_OK;
}

static enum status work(struct run *run)
{
    struct err err = {0};
    if (run->filter->kind == FILTER_GENERATE && run->common.files.n) {
        err_set(&err, ST_USAGE, "takes no input files: %s", run->common.files.item[0]);
        run_report(run, "", &err);
        return ST_USAGE;
    }
    enum status status = run_call(run, check_files);
    if (!status)
        status = run_call(run, run->filter->begin);
    if (!status)
        status = run_try_output(run);
    if (!status && run->filter->kind != FILTER_GENERATE)
        status = run->spread ? spread_inputs(run) : run_inputs(run);
    if (!status)
        status = run_call(run, run_stopped(run) ? run->filter->stopped : run->filter->end);
    status = run_finish_output(run, status);
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
    else if (!*done) {
        run->history = opt_history(filter->program, filter->settings, defaults, &run->common);
        utf8_mend(run->history); /* the name of a file can be anything */
    }
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
    if (!status && !done)
        threads_environment(argv); /* starts again: not as a rank that has begun */
    if (!status && !done && filter->ranks &&
        (status = launch_begin(&run.world, argc, argv, &run.log, &err)))
        run_report(&run, "", &err);
    run.ranks = run.world;
    if (!status && !done) {
        mem_keep();
        threads_set(run.common.threads);
        run_watch_signals();
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
