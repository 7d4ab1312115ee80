/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sampling of a frame by qmc-sample, with its pauses, and the results on their way out. */
#ifndef CMD_QMC_SAMPLE_RUN_H
#define CMD_QMC_SAMPLE_RUN_H

#include "cmd/qmc-sample-dmc.h"
#include "cmd/qmc-sample-parts.h"
#include "cmd/qmc-sample-vmc.h"
#include "qmc/structure.h"

/* Frames that are done leave: their results are on the entry of rank 0. */
static enum status put(struct settings *s, struct job *j, struct run *run, struct err *err)
{
    if (!ranks_first(run_ranks(run)))
        return run_put(run, j->frame, err);
    if (s->method == DMC)
        dmc_stage_write(j->frame, &j->entry->diffused);
    else {
        vmc_stage_write(j->frame, s->twists, j->entry);
        vmc_stage_write_table(s->table.file, j->entry);
    }
    vmc_stage_write_jastrow(j->frame, j->entry);
    return run_put(run, j->frame, err);
}

struct pause {
    struct settings *settings;
    struct job *job;
    struct run *run;
    const struct vmc_observer *observer;
    struct err err; /* of the checkpoint */
};

/* Between pieces of a run: save it, perhaps stop it. */
static bool pause(void *context, struct vmc *v)
{
    struct pause *p = context;
    struct pausing *q = &p->settings->pausing;
    bool stop;
    if (!pausing_due(q, p->run, &stop))
        return stop;
    ledger_stand(p->job->entry, v, p->observer);
    return pausing_save(q, p->run, &p->err) || stop;
}

static bool pause_dmc(void *context, struct dmc *d)
{
    struct pause *p = context;
    struct pausing *q = &p->settings->pausing;
    bool stop;
    if (q->file)
        ledger_stand_dmc(p->job->entry, d);
    return (pausing_due(q, p->run, &stop) && pausing_save(q, p->run, &p->err)) || stop;
}

static bool interrupted(void *context)
{
    const struct pause *p = context;
    return run_interrupted(p->run);
}

static enum status evaluate_structure(struct job *j, struct log *log, struct err *err)
{
    struct ledger_frame *e = j->entry;
    if (!j->structure || !ranks_first(vmc_ranks(j->vmc)))
        return ST_OK;
    struct structure_samples samples = {vmc_series(j->vmc), vmc_discard(j->vmc)};
    e->shells = structure_shells(j->structure);
    e->shell = mem_new(e->shells, sizeof *e->shell);
    structure_evaluate(j->structure, &samples, e->shell);
    e->has_structure = structure_finite_size(j->structure, &samples, &e->finite, err) == ST_OK;
    if (e->has_structure)
        vmc_stage_say_finite_size(log, &e->finite);
    else
        log_warning(log, "frame %ld: no finite-size correction: %s", j->number, err->text);
    return ST_OK;
}

/* Sample until it is done (then the entry is), interrupted, or an error. */
static enum status run_vmc(struct settings *s, struct job *j, struct run *run, struct err *err)
{
    struct vmc_observer observe;
    const struct vmc_observer *observer = NULL;
    if (j->system->periodic) {
        j->structure = structure_new(j->psi, vmc_batches(j->vmc), 0, err);
        if (!j->structure)
            return err->status;
        observe = structure_observer(j->structure);
        observer = &observe;
    }
    struct pause p = {s, j, run, observer, {0}};
    struct vmc_pause stop = {pause, &p};
    enum status status = ST_OK;
    if (j->entry && j->entry->state)
        status = ledger_go_on(j->entry, j->vmc, observer, err);
    if (status == ST_OK && !j->entry)
        j->entry = ledger_add(&s->pausing.ledger, j->number, j->digest, j->psi->jastrow);
    if (status == ST_OK)
        status = vmc_run(j->vmc, observer, &stop, run_log(run), &j->entry->result, err);
    if (status != ST_OK)
        return status;
    if (j->entry->result.stopped)
        return pausing_why(&s->pausing, &p.err, err);
    const struct vmc_stage stage = {j->number, j->system->n, j->psi->electrons,
                                    (const double(*)[3])j->trial->kpoint};
    if (ranks_first(run_ranks(run)))
        vmc_stage_say(run_log(run), &stage, &j->entry->result);
    status = evaluate_structure(j, run_log(run), err);
    ledger_done(j->entry);
    return status;
}

static enum status diffuse(struct dmc *d, struct settings *s, struct job *j, struct run *run,
                           struct err *err)
{
    struct pause p = {s, j, run, NULL, {0}};
    struct dmc_pause stop = {pause_dmc, interrupted, &p};
    struct dmc_result *r = &j->entry->diffused;
    if (s->pausing.file)
        ledger_stand_dmc(j->entry, d);
    enum status status = ST_OK;
    if (s->pausing.file && pausing_old(&s->pausing, run)) /* not to warm up again */
        status = pausing_save(&s->pausing, run, err);
    if (status != ST_OK)
        return status;
    status = dmc_run(d, &stop, run_log(run), r, err);
    if (status != ST_OK)
        return status;
    if (r->stopped && !p.err.status)
        pausing_save(&s->pausing, run, &p.err); /* where it stood last */
    if (r->stopped)
        return pausing_why(&s->pausing, &p.err, err);
    if (ranks_first(run_ranks(run)))
        dmc_stage_say(run_log(run), r, j->system->n, (const double(*)[3])j->trial->kpoint);
    ledger_done(j->entry);
    return ST_OK;
}

/* Like run_vmc, from the walkers of the variational stage. */
static enum status run_dmc(struct settings *s, struct job *j, struct run *run, struct err *err)
{
    struct dmc_settings set = {.seed = run_common(run)->seed,
                               .frame = (uint64_t)j->number,
                               .timesteps = s->timesteps,
                               .timestep = s->dmc_timestep,
                               .error = s->error * j->system->n,
                               .samples = s->samples};
    bool variational = j->entry && j->entry->state && !j->entry->diffusing;
    enum status status = variational ? ledger_go_on(j->entry, j->vmc, NULL, err) : ST_OK;
    bool stopped = false;
    struct dmc *d = dmc_new(j->vmc, j->psi, &set);
    if (j->entry && j->entry->diffusing)
        status = ledger_go_on_dmc(j->entry, d, err);
    else
        stopped = !dmc_refer(d, j->vmc);
    if (status == ST_OK && !stopped && !j->entry)
        j->entry = ledger_add(&s->pausing.ledger, j->number, j->digest, j->psi->jastrow);
    if (status == ST_OK && !stopped)
        status = diffuse(d, s, j, run, err);
    dmc_free(d);
    return status;
}

static enum status sample(struct settings *s, struct job *j, struct run *run, struct err *err)
{
    enum status status = s->method == DMC ? run_dmc(s, j, run, err) : run_vmc(s, j, run, err);
    if (status != ST_OK || !j->entry || !j->entry->done)
        return status; /* interrupted */
    status = put(s, j, run, err);
    if (status == ST_OK && pausing_old(&s->pausing, run))
        status = pausing_save(&s->pausing, run, err);
    return status;
}

#endif
