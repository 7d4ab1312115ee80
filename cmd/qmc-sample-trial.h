/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The trial function of a frame for qmc-sample, and the walkers that sample it. */
#ifndef CMD_QMC_SAMPLE_TRIAL_H
#define CMD_QMC_SAMPLE_TRIAL_H

#include "cmd/qmc-sample-parts.h"

/* Has the Jastrow factor a term q? It pays where electrons leave an atom together, in molecules. */
static bool charges(const struct settings *s, const struct wavefunction *psi)
{
    bool molecule = !psi->system->periodic && psi->system->n > 2;
    return s->charges == ON || (s->charges == AUTO && molecule);
}

/* Parameters as they are, or as a start in the form that is optimised. */
static struct jastrow *take(const struct settings *s, const struct wavefunction *psi, bool optimise,
                            const char *form, int n, const double value[], struct err *err)
{
    return optimise ? jastrow_adapt(psi->system, psi->up, psi->down, charges(s, psi), form, n,
                                    value, err)
                    : jastrow_new(psi->system, psi->up, psi->down, form, n, value, err);
}

/* Of --jastrow: an error is not the frame's alone. */
static struct jastrow *take_given(const struct settings *s, const struct wavefunction *psi,
                                  bool optimise, struct err *err)
{
    struct jastrow *j = take(s, psi, optimise, s->given.form, s->given.n, s->given.value, err);
    if (!j)
        err_set(err, err->status, "--jastrow %s: %s", s->jastrow_file, err->text);
    return j;
}

/* --jastrow, the frame's own, that of the frame before, or one from scratch; *optimise: it needs it. */
static struct jastrow *choose_jastrow(const struct settings *s, const struct job *j, bool *optimise,
                                      struct err *err)
{
    const struct wavefunction *psi = j->psi;
    const struct trial *t = j->trial;
    *optimise = (s->optimize || s->shared) && !j->entry;
    if (j->entry)
        return jastrow_new(psi->system, psi->up, psi->down, j->entry->form, j->entry->parameters,
                           j->entry->parameter, err);
    if (s->given.value)
        return take_given(s, psi, *optimise, err);
    if (t->parameters)
        return take(s, psi, *optimise, t->jastrow_form, t->parameters, t->parameter, err);
    *optimise = true;
    if (s->last.value)
        return take(s, psi, true, s->last.form, s->last.n, s->last.value, err);
    return jastrow_start_with(psi->system, psi->up, psi->down, charges(s, psi));
}

static enum status make_wavefunction(struct job *j, const struct settings *s, bool *optimise,
                                     struct err *err)
{
    j->psi = qmc_trial_determinants(j->trial, j->system, j->basis, s->charge, s->spin, err);
    if (!j->psi)
        return err->status;
    *optimise = false;
    if (s->bare || (j->entry && !j->entry->form))
        return ST_OK;
    struct jastrow *jastrow = choose_jastrow(s, j, optimise, err);
    if (!jastrow)
        return err->status;
    wavefunction_set_jastrow(j->psi, jastrow);
    return ST_OK;
}

static int walkers(const struct settings *s, const struct wavefunction *psi)
{
    return s->walkers ? s->walkers : s->method == DMC ? 64 * psi->twists : 64;
}

/* *stopped: by a signal; nothing of it can be used then. */
static enum status start_walkers(struct job *j, const struct settings *s, struct run *run,
                                 bool *stopped, struct err *err)
{
    struct vmc_settings v = {.seed = run_common(run)->seed,
                             .frame = (uint64_t)run_frame(run),
                             .walkers = walkers(s, j->psi),
                             .tau = s->timestep,
                             .error = s->error * j->system->n,
                             .samples = s->samples,
                             .ranks = run_ranks(run),
                             .stop = pausing_asked,
                             .context = run};
    if (!(j->vmc = vmc_new(j->psi, &v, err)))
        return err->status;
    if (!j->entry)
        *stopped = !vmc_warm(j->vmc, s->warmup, s->timestep <= 0);
    return ST_OK;
}

static enum status job_read(struct job *j, struct settings *s, struct run *run, struct err *err)
{
    enum status status = qmc_trial_read(j->frame, &j->system, &j->basis, &j->trial, err);
    if (status != ST_OK)
        return status;
    j->number = run_frame(run);
    j->digest = qmc_trial_digest(j->system, j->basis, j->trial);
    j->entry = ledger_find(&s->pausing.ledger, j->number, j->digest, err);
    return err->status;
}

static enum status job_make(struct job *j, const struct settings *s, struct run *run,
                            bool *optimise, bool *stopped, struct err *err)
{
    enum status status = make_wavefunction(j, s, optimise, err);
    if (status == ST_OK)
        status = start_walkers(j, s, run, stopped, err);
    return status;
}

#endif
