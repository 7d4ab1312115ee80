/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One start, and its replicas from there to the last step. */
#ifndef CMD_DELTA_MD_TRAJECTORY_H
#define CMD_DELTA_MD_TRAJECTORY_H

#include <math.h>
#include "cmd/delta-md-ensemble.h"
#include "cmd/delta-md-forces.h"
#include "cmd/delta-md-output.h"
#include "cmd/delta-md-saving.h"
#include "cmd/delta-md-select.h"
#include "formats/labels.h"

#define INNER_STEPS 4
#define DEFAULT_STEP (0.2 / UNITS_TIME_FS) /* of protium; times the root of the lightest mass */

static bool written(const struct settings *set, int64_t step)
{
    return step > 0 && (step - set->equilibrate) % set->every == 0;
}

static int64_t last_step(const struct settings *set)
{
    return (int64_t)set->equilibrate + set->steps;
}

/* The first replica that failed, if one did, says why. */
static enum status check_replicas(const struct trajectory *t, struct err *err)
{
    for (int r = 0; r < t->set->replicas; r++)
        if (t->status[r] && t->set->replicas > 1)
            return err_set(err, t->status[r], "replica %d: %s", r + 1, t->why[r].text);
        else if (t->status[r])
            return err_set(err, t->status[r], "%s", t->why[r].text);
    return ST_OK;
}

/* Replicas are dealt to the threads; a single one uses them inside of its forces. */
static enum status step_replicas(struct trajectory *t, struct err *err)
{
    int replicas = t->set->replicas;
    bool unsure = written(t->set, t->d[0]->step + 1);
#pragma omp parallel for schedule(dynamic) if (replicas > 1)
    for (int r = 0; r < replicas; r++) {
        forces_ask(&t->set->forces[r], t->d[r]->step + 1, unsure);
        t->status[r] = dynamics_step(t->d[r], &t->why[r]);
    }
    return check_replicas(t, err);
}

static enum status one_step(struct trajectory *t, struct err *err)
{
    enum status status = step_replicas(t, err);
    if (status)
        selection_offer_failed(t);
    int64_t step = t->d[0]->step;
    if (!status && written(t->set, step))
        status = log_lines(t, err);
    if (!status && written(t->set, step) && step > t->set->equilibrate)
        status = output_frames(t, err);
    if (!status && written(t->set, step))
        status = selection_offers(t, err);
    return status ? status : saving_step(t->set, t->run, t, false, err);
}

static enum status trajectory_run(struct trajectory *t, struct err *err)
{
    int64_t last = last_step(t->set);
    enum status status = t->from ? ST_OK : log_lines(t, err);
    t->began = threads_wall();
    while (!status && t->d[0]->step < last && !run_interrupted(t->run)) {
        status = one_step(t, err);
        output_progress(t);
    }
    if (status)
        return status;
    if (t->d[0]->step < last)
        return saving_step(t->set, t->run, t, true, err);
    output_summary(t);
    return ST_OK;
}

static double default_step(const struct system *s)
{
    double lightest = HUGE_VAL;
    for (int i = 0; i < s->n; i++)
        lightest = fmin(lightest, s->mass[i]);
    return DEFAULT_STEP * sqrt(lightest / (SPECIES_PROTIUM_AMU * UNITS_AMU_ME));
}

/* The first replica draws the numbers of a run without replicas. */
static struct dynamics_settings dynamics_of(const struct settings *set, const struct system *s,
                                            struct run *run, int replica)
{
    struct dynamics_settings dynamics = ensemble_settings(set);
    const int given = set->inner_steps ? set->inner_steps : INNER_STEPS,
              inner = set->inner.n ? given : 1;
    dynamics.timestep = isnan(set->timestep) ? inner * default_step(s) : set->timestep;
    dynamics.inner = set->inner.n ? &set->forces[replica].within : NULL;
    dynamics.inner_steps = inner;
    dynamics.seed = run_common(run)->seed;
    dynamics.run = (uint64_t)run_frame(run) + ((uint64_t)replica << 32);
    return dynamics;
}

static enum status start_replicas(struct trajectory *t, const struct system *s, struct err *err)
{
    struct settings *set = t->set;
    enum status status = ST_OK;
    for (int r = 0; r < set->replicas && !status; r++) {
        struct dynamics_settings dynamics = dynamics_of(set, s, t->run, r);
        forces_ask(&set->forces[r], 0, true);
        t->d[r] = dynamics_new(s, &dynamics, &t->source[r], set->draw || r > 0, err);
        if (t->d[r])
            t->first[r] = dynamics_conserved(t->d[r]);
        else
            status = err->status;
    }
    return status;
}

static enum status resume_replicas(struct trajectory *t, const struct system *s, struct err *err)
{
    struct settings *set = t->set;
    struct checkpoint *c = set->saving.from;
    enum status status = ST_OK;
    checkpoint_bytes(c, t->first, sizeof *t->first * (size_t)set->replicas);
    for (int r = 0; r < set->replicas && !status; r++) {
        struct dynamics_settings dynamics = dynamics_of(set, s, t->run, r);
        t->d[r] = dynamics_resume(s, &dynamics, &t->source[r], c, err);
        status = t->d[r] ? ST_OK : err->status;
    }
    if (!status && c->at != c->size)
        status = err_set(err, ST_DATA, "checkpoint %s does not fit to this trajectory: remove it",
                         set->saving.file);
    checkpoint_free(c);
    set->saving.from = NULL;
    if (!status)
        set->saving.saved_step = t->from = t->d[0]->step;
    return status;
}

static struct trajectory trajectory_new(struct settings *set, struct run *run, struct frame *start)
{
    struct trajectory t = {.set = set, .run = run, .start = start};
    t.d = MEM_NEW(struct dynamics *, set->replicas);
    t.first = MEM_NEW(double, set->replicas);
    t.status = MEM_NEW(enum status, set->replicas);
    t.why = MEM_NEW(struct err, set->replicas);
    t.source = MEM_NEW(struct force_source, set->replicas);
    for (int r = 0; r < set->replicas; r++)
        t.source[r] = forces_source(&set->forces[r]);
    return t;
}

static void trajectory_free(struct trajectory *t)
{
    for (int r = 0; r < t->set->replicas; r++)
        dynamics_free(t->d[r]);
    free(t->d);
    free(t->first);
    free(t->status);
    free(t->why);
    free(t->source);
}

static enum status check_velocities(const struct settings *set, const struct system *s,
                                    struct err *err)
{
    if (isnan(set->temperature) && (set->draw || !s->velocity || set->replicas > 1))
        return err_set(err, ST_USAGE,
                       s->velocity ? "velocities are to be drawn: --temperature says how"
                                   : "the frame has no velo: --temperature says how to draw it");
    return ST_OK;
}

static enum status trajectory(struct settings *set, struct run *run, struct frame *f,
                              struct err *err)
{
    struct system *s = system_from_frame(f, err);
    if (!s)
        return err->status;
    enum status status = check_velocities(set, s, err);
    if (!status)
        status = ensemble_check_cell(set, s, err);
    labels_drop(f);
    struct trajectory t = trajectory_new(set, run, f);
    if (!status)
        status = forces_start(set, run, f, err);
    if (!status)
        status = set->saving.from ? resume_replicas(&t, s, err) : start_replicas(&t, s, err);
    system_free(s);
    if (!status)
        status = trajectory_run(&t, err);
    trajectory_free(&t);
    return status;
}

#endif
