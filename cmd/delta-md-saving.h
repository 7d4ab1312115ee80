/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --checkpoint: output and log are written in place; the checkpoint says how long they were when it was made,
 * and holds the state of the dynamics then. The same command cuts both back to that and goes on, to the
 * same bytes as a run that was never killed. Random numbers are named by what they are for: there is no
 * generator to be kept.
 */
#ifndef CMD_DELTA_MD_SAVING_H
#define CMD_DELTA_MD_SAVING_H

#include <string.h>
#include <sys/stat.h>
#include "base/threads.h"
#include "cmd/delta-md-forces.h"
#include "cmd/delta-md-output.h"
#include "cmd/delta-md-select.h"

enum {
    SAVING_SECONDS = 30,       /* between checkpoints by the clock: fsync must not be felt */
    SAVING_BASELINE_STEPS = 20 /* with a command, whose start from scratch must not be felt */
};

static uint64_t saving_digest(uint64_t digest, const struct models *models)
{
    for (int m = 0; m < models->n; m++) {
        const struct potential *p = models->potential[m];
        size_t n = (size_t)p->count, columns = (size_t)p->columns;
        digest = checkpoint_digest(digest, &p->zeta, sizeof p->zeta);
        digest = checkpoint_digest(digest, &p->pair_cutoff, sizeof p->pair_cutoff);
        digest = checkpoint_digest(digest, p->e0, sizeof p->e0);
        digest = checkpoint_digest(digest, p->weight, n * sizeof *p->weight);
        digest = checkpoint_digest(digest, p->q, n * (size_t)p->descriptor->size * sizeof *p->q);
        digest = checkpoint_digest(digest, &p->two.reach, sizeof p->two.reach);
        digest = checkpoint_digest(digest, p->two.weight, (columns - n) * sizeof *p->two.weight);
        if (p->factor)
            digest = checkpoint_digest(digest, p->factor, columns * columns * sizeof *p->factor);
    }
    return digest;
}

static char *saving_identity(const struct settings *set, const struct run *run)
{
    const struct common *c = run_common(run);
    const struct selection *s = &set->selection;
    char *selection = s->file ? mem_print(" --select-uncertain=%.17gHa --select-count=%d "
                                          "--select-file=%s",
                                          s->threshold, s->count, s->file)
                              : mem_text("");
    char *identity =
        mem_print("%s -o %s --compress=%d%s%s%s", run_history(run), c->output, c->compress,
                  set->log_name ? " --log=" : "", set->log_name ? set->log_name : "", selection);
    free(selection);
    return identity;
}

static size_t saving_size(const char *path)
{
    struct stat info;
    return path && !stat(path, &info) ? (size_t)info.st_size : 0;
}

static enum status saving_check_end(const char *path, size_t bytes, const char *checkpoint,
                                    struct err *err)
{
    size_t now = saving_size(path);
    return now == bytes ? ST_OK
                        : err_set(err, ST_DATA,
                                  "%s has %zu bytes, the run that has ended wrote %zu: bring the "
                                  "file back, or remove %s to run again",
                                  path, now, bytes, checkpoint);
}

/* Nothing is left to do: the files are left alone. */
static enum status saving_ended(struct settings *set, struct run *run, struct err *err)
{
    const struct saving *s = &set->saving;
    const char *output = run_take_output(run);
    enum status status = saving_check_end(output, s->now.output, s->file, err);
    if (!status && set->log_name)
        status = saving_check_end(set->log_name, s->now.log, s->file, err);
    if (!status && set->selection.file)
        status = saving_check_end(set->selection.file, s->now.selected, s->file, err);
    if (!status)
        log_note(run_log(run), "%s: the run has ended, %s is complete", s->file, output);
    return status;
}

static enum status saving_read(struct settings *set, struct checkpoint *c, struct err *err)
{
    struct saving *s = &set->saving;
    uint64_t models = s->now.models;
    char *identity = NULL;
    checkpoint_text(c, &identity);
    if (!identity || strcmp(identity, s->identity)) {
        err_set(
            err, ST_DATA,
            "checkpoint %s is of '%.170s', this is '%.170s': give the same options or remove it",
            s->file, identity ? identity : "", s->identity);
    } else {
        checkpoint_bytes(c, &s->now, sizeof s->now);
        selection_keep(&set->selection, c);
        if (c->refused)
            err_set(err, ST_DATA, "checkpoint %s is damaged: remove it to start again", s->file);
        else if (s->now.models != models)
            err_set(err, ST_DATA,
                    "checkpoint %s was made with other models: give the same ones or remove it",
                    s->file);
    }
    free(identity);
    return err->status;
}

/* After the models have been read: output and log, new or as they were at the checkpoint. */
static enum status saving_open(struct settings *set, struct run *run, struct err *err)
{
    struct saving *s = &set->saving;
    if (!s->file)
        return log_open(set, 0, err);
    if (!run_common(run)->output)
        return err_set(
            err, ST_USAGE,
            "--checkpoint needs -o FILE: it is cut back to the checkpoint and continued");
    s->identity = saving_identity(set, run);
    s->now.models = saving_digest(saving_digest(CHECKPOINT_DIGEST, &set->models), &set->inner);
    s->now.inputs = s->inputs = CHECKPOINT_DIGEST;
    s->saved = threads_wall();
    s->from = checkpoint_load(s->file, err);
    if (err->status || (s->from && saving_read(set, s->from, err)))
        return err->status;
    s->failed_before = s->now.failed;
    if (s->now.done)
        return saving_ended(set, run, err);
    enum status status = run_continue(run, s->now.output, err);
    return status ? status : log_open(set, s->now.log, err);
}

static void saving_keep_trajectory(struct trajectory *t, struct checkpoint *c)
{
    checkpoint_bytes(c, t->first, sizeof *t->first * (size_t)t->set->replicas);
    for (int r = 0; r < t->set->replicas; r++)
        dynamics_keep(t->d[r], c);
}

/* t NULL: between trajectories */
static enum status saving_save(struct settings *set, struct run *run, struct trajectory *t,
                               struct err *err)
{
    struct saving *s = &set->saving;
    enum status status = run_sync(run, &s->now.output, err);
    if (!status && set->log.file)
        status = outfile_sync(&set->log, &s->now.log, err);
    if (status)
        return status;
    struct checkpoint *c = checkpoint_new();
    s->now.running = t != NULL;
    s->now.inputs = s->inputs;
    checkpoint_text(c, &s->identity);
    checkpoint_bytes(c, &s->now, sizeof s->now);
    selection_keep(&set->selection, c);
    if (t)
        saving_keep_trajectory(t, c);
    status = checkpoint_save(c, s->file, err);
    checkpoint_free(c);
    s->saved = threads_wall();
    s->saved_step = t ? t->d[0]->step : 0;
    return status;
}

/* Is it time, after a step, or (t NULL) a trajectory? A baseline's command is started anew at every checkpoint, so
 * those are made at the same steps in every run. */
static bool saving_due(const struct settings *set, const struct trajectory *t, bool stop)
{
    const struct saving *s = &set->saving;
    if (t && set->baseline)
        return t->d[0]->step % (s->every ? s->every : SAVING_BASELINE_STEPS) == 0 && !stop;
    if (t && s->every)
        return stop || t->d[0]->step >= s->saved_step + s->every;
    return stop || threads_wall() >= s->saved + SAVING_SECONDS;
}

static enum status saving_step(struct settings *set, struct run *run, struct trajectory *t,
                               bool stop, struct err *err)
{
    if (!set->saving.file || !saving_due(set, t, stop))
        return ST_OK;
    enum status status = t ? forces_start_baseline(set, true, t->start, err) : ST_OK;
    return status ? status : saving_save(set, run, t, err);
}

/* An input frame has come. *pass: the checkpoint has its trajectory already. ST_DATA: it is another one. */
static enum status saving_frame(struct saving *s, long number, const struct frame *f, bool *pass,
                                struct err *err)
{
    *pass = false;
    if (!s->file)
        return ST_OK;
    s->inputs = frame_digest(f, s->inputs);
    if (s->from && number <= s->now.frame) {
        bool last = number == s->now.frame;
        *pass = !last || !s->now.running;
        if (last && s->inputs != s->now.inputs)
            return err_set(err, ST_DATA,
                           "checkpoint %s was made with other input: give the same or remove it",
                           s->file);
        return ST_OK;
    }
    if (s->now.done)
        return err_set(err, ST_DATA,
                       "the run of checkpoint %s has ended after %ld frame%s of input: give the "
                       "same input or remove it",
                       s->file, s->now.frame, s->now.frame == 1 ? "" : "s");
    checkpoint_free(s->from);
    s->from = NULL;
    s->now.frame = number;
    s->saved_step = 0;
    return ST_OK;
}

/* All is done. */
static enum status saving_end(struct settings *set, struct run *run, struct err *err)
{
    struct saving *s = &set->saving;
    if (s->file && run_frame(run) < s->now.frame)
        return err_set(err, ST_DATA,
                       "checkpoint %s was made with more input: give the same or remove it",
                       s->file);
    if (!s->now.done) {
        enum status status = selection_write(set, run, err);
        s->now.done = true;
        s->now.selected = saving_size(set->selection.file);
        if (!status && s->file)
            status = saving_save(set, run, NULL, err);
        if (status)
            return status;
    }
    if (s->failed_before)
        return err_set(err, ST_COMPUTE, "%d %s ended early, before the checkpoint",
                       s->failed_before, s->failed_before == 1 ? "trajectory" : "trajectories");
    return ST_OK;
}

static void saving_free(struct saving *s)
{
    checkpoint_free(s->from);
    free(s->identity);
}

#endif
