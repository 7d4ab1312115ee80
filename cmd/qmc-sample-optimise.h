/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Optimisation of the Jastrow factor for qmc-sample, of one frame or of all that are held. */
#ifndef CMD_QMC_SAMPLE_OPTIMISE_H
#define CMD_QMC_SAMPLE_OPTIMISE_H

#include "cmd/qmc-sample-trial.h"
#include "qmc/optimise.h"

struct steps { /* of the optimiser */
    const struct settings *settings;
    long frame; /* 0: all together */
};

static void log_step(void *context, const struct optimise_step *t)
{
    const struct steps *log = context;
    if (!log->settings->log.file)
        return;
    fprintf(log->settings->log.file,
            "%ld\t%d\t%d\t%.8f\t%.8f\t%.8f\t%g\t%g\t%.8f\t%.8f\t%.8f\t%s\n", log->frame, t->number,
            t->samples, t->energy, t->energy_error, t->variance, t->overlap, t->unit, t->expected,
            t->gain, t->gain_error, t->accepted ? "yes" : "no");
}

/* Do all start from parameters that were given, with --jastrow or by their frames? */
static bool optimised_before(const struct settings *s, int jobs, const struct job job[])
{
    bool all = true;
    for (int k = 0; k < jobs && !s->given.value; k++)
        all = all && job[k].trial->parameters;
    return all;
}

/* *stopped: by a signal; nothing of it can be used then. --max-time waits for the end. */
static enum status optimise(const struct settings *s, struct run *run, int jobs, struct job job[],
                            bool *stopped, struct err *err)
{
    struct steps steps = {s, s->shared ? 0 : run_frame(run)};
    struct optimise_settings o = {s->opt_iterations,
                                  s->opt_samples / jobs,
                                  optimised_before(s, jobs, job),
                                  s->variance_weight,
                                  log_step,
                                  &steps};
    struct optimise_report r;
    struct wavefunction **psi = mem_new(jobs, sizeof *psi);
    struct vmc **vmc = mem_new(jobs, sizeof *vmc);
    for (int k = 0; k < jobs; k++) {
        psi[k] = job[k].psi;
        vmc[k] = job[k].vmc;
    }
    enum status status = optimise_jastrow(jobs, psi, vmc, &o, run_log(run), &r, err);
    *stopped = status == ST_OK && r.stopped;
    if (status == ST_OK && !*stopped)
        log_detail(run_log(run),
                   "optimised in %d steps: energy %.5f -> %.5f Ha, variance %.4f -> %.4f Ha^2 per "
                   "electron",
                   r.iterations, r.start_energy, r.energy, r.start_variance, r.variance);
    free(psi);
    free(vmc);
    return status;
}

static enum status hold(struct settings *s, struct run *run, struct frame *f, struct err *err)
{
    bool optimise_it, stopped = false; /* by a signal: then nothing follows */
    if (s->jobs == s->room) {
        int room = 2 * s->room + 16;
        s->job = mem_grow(s->job, s->room, room, sizeof *s->job);
        s->room = room;
    }
    struct job *j = &s->job[s->jobs];
    *j = (struct job){.frame = frame_copy(f)};
    enum status status = job_read(j, s, run, err);
    if (status == ST_OK && !(j->entry && j->entry->done))
        status = job_make(j, s, run, &optimise_it, &stopped, err);
    if (status == ST_OK)
        s->jobs++;
    else {
        job_free(j);
        frame_free(j->frame);
    }
    return status;
}

/* All held trial functions begin with the form and the parameters of the one that has the fewest,
 * cut-offs as the smallest cell allows. */
static enum status common_start(struct settings *s, struct err *err)
{
    const struct jastrow *from = s->job[0].psi->jastrow;
    struct parameters common = {0};
    enum status status = ST_OK;
    for (int k = 1; k < s->jobs; k++)
        if (jastrow_count(s->job[k].psi->jastrow) < jastrow_count(from))
            from = s->job[k].psi->jastrow;
    parameters_set(&common, jastrow_form(from), jastrow_count(from), jastrow_parameters(from));
    for (int k = 0; k < s->jobs; k++)
        jastrow_limit(s->job[k].psi->jastrow, common.value);
    for (int k = 0; k < s->jobs && status == ST_OK; k++) {
        struct wavefunction *psi = s->job[k].psi;
        struct jastrow *j =
            jastrow_new(psi->system, psi->up, psi->down, common.form, common.n, common.value, err);
        status = j ? ST_OK : err->status;
        if (j)
            wavefunction_set_jastrow(psi, j);
    }
    parameters_free(&common);
    return status;
}

/* One optimisation for all; then every frame has an entry, which says where its walkers stand. */
static enum status optimise_shared(struct settings *s, struct run *run, struct err *err)
{
    bool stopped = false;
    enum status status = common_start(s, err);
    if (status == ST_OK)
        status = optimise(s, run, s->jobs, s->job, &stopped, err);
    if (status != ST_OK || stopped)
        return status;
    for (int k = 0; s->pausing.file && k < s->jobs; k++) {
        struct job *j = &s->job[k];
        j->entry = ledger_add(&s->pausing.ledger, j->number, j->digest, j->psi->jastrow);
        ledger_stand(j->entry, j->vmc, NULL);
    }
    return pausing_save(&s->pausing, run, err);
}

#endif
