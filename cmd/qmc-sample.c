/* SPDX-License-Identifier: GPL-3.0-or-later */
/* qmc-sample: variational and diffusion Monte Carlo energies of hydrogen with optimised Jastrow factors. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/outfile.h"
#include "base/units.h"
#include "cmd/qmc-pause.h"
#include "cmd/qmc-sample-dmc.h"
#include "cmd/qmc-sample-jastrow.h"
#include "cmd/qmc-sample-vmc.h"
#include "cmd/qmc-trial.h"
#include "formats/convert.h"
#include "formats/filter.h"
#include "formats/keys.h"
#include "formats/stream.h"
#include "formats/trial.h"
#include "qmc/optimise.h"
#include "qmc/structure.h"

/* Everything made for one frame. */
struct job {
    struct frame *frame;        /* its own copy in shared optimisation, otherwise the loop's */
    long number;                /* of the frame in the run */
    uint64_t digest;            /* of what is computed from */
    struct ledger_frame *entry; /* what is known of it; the ledger's */
    struct system *system;
    struct basis *basis;
    struct trial *trial;
    struct wavefunction *psi;
    struct vmc *vmc;
    struct structure *structure; /* periodic cells */
};

struct settings {
    double error, timestep, variance_weight;
    int samples, walkers, warmup, spin, opt_samples, opt_iterations;
    int method, charge, charges, timesteps;
    double *dmc_timestep; /* [timesteps] */
    bool optimize, shared, bare, twists;
    const char *jastrow_file, *timestep_list, *opt_log, *structure_file;
    struct outfile log;            /* of --opt-log */
    struct parameters given, last; /* of --jastrow; of the frame before */
    struct job *job;               /* frames held for the shared optimisation */
    int jobs, room;
    struct pausing pausing;
    struct spread spread;
    struct outfile table; /* of structure factors */
};

enum { VMC, DMC };
enum { AUTO, ON, OFF };

#define AT(member) offsetof(struct settings, member)

static const struct opt options[] = {
    {"method", OPT_CHOICE, AT(method), "vmc|dmc",
     "variational, or fixed-node diffusion Monte Carlo", 0, 0},
    {"Precision", OPT_SECTION, 0, NULL, NULL, 0, 0},
    {"error", OPT_QUANTITY, AT(error), "mHa",
     "stop at this standard error of the energy, per atom; 0: no such stop", 0, 1},
    {"samples", OPT_INT, AT(samples), "N", "stop at this number of samples; 0: no such stop", 0,
     2e9},
    {"Trial function", OPT_SECTION, 0, NULL, NULL, 0, 0},
    {"spin", OPT_INT, AT(spin), "2S", "unpaired electrons; -1: as few as possible", -1, 1e6},
    {"charge", OPT_INT, AT(charge), "Q", "charge of the system, -1 for an anion", -1000, 1000},
    {"optimize", OPT_FLAG, AT(optimize), NULL,
     "optimise the Jastrow factor of every frame, from the result of the frame before", 0, 0},
    {"optimize-shared", OPT_FLAG, AT(shared), NULL,
     "optimise one Jastrow factor for all frames together (they are held in memory)", 0, 0},
    {"jastrow", OPT_TEXT, AT(jastrow_file), "FILE",
     "start from the Jastrow factor of the first frame of FILE", 0, 0},
    {"jastrow-charges", OPT_CHOICE, AT(charges), "auto|on|off",
     "optimise with the terms q and m of the charges on two atoms; auto: in open boundaries with "
     "more than two atoms",
     0, 0},
    {"no-jastrow", OPT_FLAG, AT(bare), NULL, "sample the determinants alone, J = 0", 0, 0},
    {"optimize-samples", OPT_INT, AT(opt_samples), "N",
     "samples of a step of the optimiser, over all frames; 0: by the number of electrons", 0, 1e8},
    {"optimize-steps", OPT_INT, AT(opt_iterations), "N", "steps of the optimiser, at most", 1,
     1000},
    {"variance-weight", OPT_REAL, AT(variance_weight), "W",
     "the optimiser minimises energy + W variance, per electron in Ha and Ha^2", 0, 1000},
    {"Sampling", OPT_SECTION, 0, NULL, NULL, 0, 0},
    {"walkers", OPT_INT, AT(walkers), "N",
     "walkers over all twists; 0: 64, of dmc 64 for each twist", 0, 1e6},
    {"warmup", OPT_INT, AT(warmup), "N", "sweeps before anything is measured", 1, 1e9},
    {"timestep", OPT_REAL, AT(timestep), "TAU",
     "time step of the variational moves in 1/Ha; 0: tuned", 0, 100},
    {"dmc-timesteps", OPT_TEXT, AT(timestep_list), "TAU,...",
     "time steps of dmc in 1/Ha; the energies of several are extrapolated to 0", 0, 0},
    {"Further results", OPT_SECTION, 0, NULL, NULL, 0, 0},
    {"twist-energies", OPT_FLAG, AT(twists), NULL,
     "also write the energy of each twist, vmc_twist_energy", 0, 0},
    {"Tables and interruption", OPT_SECTION, OPT_UNRECORDED, NULL, NULL, 0, 0},
    {"opt-log", OPT_TEXT, AT(opt_log), "FILE",
     "write the steps of the optimiser to FILE (a table, tab-separated)", 0, 0},
    {"structure-factor", OPT_TEXT, AT(structure_file), "FILE",
     "write the structure factor of the electrons of periodic cells to FILE", 0, 0},
    PAUSING_OPTIONS(pausing),
    {NULL, OPT_END, 0, NULL, NULL, 0, 0}};

static const struct program program = {
    "qmc-sample", "variational and diffusion Monte Carlo energies", "[FILE...]",
    "Reads frames of hydrogen with trial orbitals (kpoints, "
    "orbital_basis, orbitals), optimises the Jastrow "
    "factor of those that carry none, and adds vmc_energy and "
    "vmc_energy_error (eV), vmc_variance (eV^2), "
    "vmc_samples, jastrow and jastrow_form; in cells also "
    "qmc_finite_size_energy (eV), which is not part of "
    "vmc_energy. With --method dmc: dmc_energy (eV) and dmc_timestep (1/Ha) instead.",
    options};

static void job_free(struct job *j)
{
    vmc_free(j->vmc);
    structure_free(j->structure);
    wavefunction_free(j->psi);
    trial_free(j->trial);
    basis_free(j->basis);
    system_free(j->system);
}

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
        return take(s, psi, *optimise, s->given.form, s->given.n, s->given.value, err);
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
    const struct trial *t = j->trial;
    int up, down;
    if (wavefunction_spins(j->system, s->charge, s->spin, &up, &down, err))
        return err->status;
    j->psi = wavefunction_new(j->system, j->basis, t->nk, (const double(*)[3])t->kpoint,
                              t->orbitals, t->coefficient, up, down, err);
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

static enum status start_walkers(struct job *j, const struct settings *s, struct run *run,
                                 struct err *err)
{
    struct vmc_settings v = {.seed = run_common(run)->seed,
                             .frame = (uint64_t)run_frame(run),
                             .walkers = walkers(s, j->psi),
                             .tau = s->timestep,
                             .error = s->error * j->system->n,
                             .samples = s->samples,
                             .ranks = run_ranks(run)};
    if (!(j->vmc = vmc_new(j->psi, &v, err)))
        return err->status;
    if (!j->entry)
        vmc_warm(j->vmc, s->warmup, s->timestep <= 0);
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
                            bool *optimise, struct err *err)
{
    enum status status = make_wavefunction(j, s, optimise, err);
    if (status == ST_OK)
        status = start_walkers(j, s, run, err);
    return status;
}

struct steps { /* of the optimiser */
    const struct settings *settings;
    struct run *run;
    long frame; /* 0: all together */
};

static bool stop_steps(void *context)
{
    const struct steps *s = context;
    return run_interrupted(s->run);
}

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

/* *stopped: by a signal; nothing of it can be used then. --max-time waits for the end. */
static enum status optimise(const struct settings *s, struct run *run, int jobs, struct job job[],
                            bool *stopped, struct err *err)
{
    struct steps steps = {s, run, s->shared ? 0 : run_frame(run)};
    struct optimise_settings o = {
        s->opt_iterations, s->opt_samples / jobs, s->variance_weight, log_step, stop_steps, &steps};
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
    if (!pausing_due(q, p->run, &stop))
        return stop;
    ledger_stand_dmc(p->job->entry, d);
    return pausing_save(q, p->run, &p->err) || stop;
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
    struct dmc_pause stop = {pause_dmc, &p};
    struct dmc_result *r = &j->entry->diffused;
    enum status status = dmc_run(d, &stop, run_log(run), r, err);
    if (status != ST_OK)
        return status;
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
    struct dmc *d = dmc_new(j->vmc, j->psi, &set);
    if (j->entry && j->entry->diffusing)
        status = ledger_go_on_dmc(j->entry, d, err);
    else
        dmc_refer(d, j->vmc);
    if (status == ST_OK && !j->entry)
        j->entry = ledger_add(&s->pausing.ledger, j->number, j->digest, j->psi->jastrow);
    if (status == ST_OK)
        status = diffuse(d, s, j, run, err);
    dmc_free(d);
    return status;
}

static enum status sample(struct settings *s, struct job *j, struct run *run, struct err *err)
{
    enum status status = s->method == DMC ? run_dmc(s, j, run, err) : run_vmc(s, j, run, err);
    if (status != ST_OK || !j->entry->done)
        return status; /* interrupted */
    status = put(s, j, run, err);
    if (status == ST_OK && pausing_old(&s->pausing, run))
        status = pausing_save(&s->pausing, run, err);
    return status;
}

static enum status hold(struct settings *s, struct run *run, struct frame *f, struct err *err)
{
    bool optimise_it;
    if (s->jobs == s->room) {
        int room = 2 * s->room + 16;
        s->job = mem_grow(s->job, s->room, room, sizeof *s->job);
        s->room = room;
    }
    struct job *j = &s->job[s->jobs];
    *j = (struct job){.frame = frame_copy(f)};
    enum status status = job_read(j, s, run, err);
    if (status == ST_OK && !(j->entry && j->entry->done))
        status = job_make(j, s, run, &optimise_it, err);
    if (status == ST_OK)
        s->jobs++;
    else {
        job_free(j);
        frame_free(j->frame);
    }
    return status;
}

static void remember(struct settings *s, const struct ledger_frame *e)
{
    if (e->form)
        parameters_set(&s->last, e->form, e->parameters, e->parameter);
}

static enum status frame(void *settings, struct run *run, struct frame *f, struct err *err)
{
    struct settings *s = settings;
    struct job j = {.frame = f};
    bool optimise_it = false, stopped = false;
    if (s->shared)
        return hold(s, run, f, err);
    enum status status = job_read(&j, s, run, err);
    bool done = j.entry && j.entry->done;
    if (status == ST_OK && !done)
        status = job_make(&j, s, run, &optimise_it, err);
    if (status == ST_OK && optimise_it)
        status = optimise(s, run, 1, &j, &stopped, err);
    if (status == ST_OK && !stopped)
        status = done ? put(s, &j, run, err) : sample(s, &j, run, err);
    if (status == ST_OK && !stopped)
        status = run_flush(run, err);
    if (status == ST_OK && !stopped)
        remember(s, j.entry);
    job_free(&j);
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

static enum status end(void *settings, struct run *run, struct err *err)
{
    struct settings *s = settings;
    enum status status = ST_OK;
    if (s->jobs && !s->job[0].entry)
        status = optimise_shared(s, run, err);
    for (int k = 0; k < s->jobs && status == ST_OK && !run_interrupted(run); k++) {
        struct job *j = &s->job[k];
        status = j->entry && j->entry->done ? put(s, j, run, err) : sample(s, j, run, err);
    }
    if (status == ST_OK && !run_interrupted(run))
        status = pausing_save(&s->pausing, run, err);
    if (status == ST_OK && s->log.file && !run_interrupted(run))
        status = outfile_close(&s->log, true, err);
    if (status == ST_OK && s->table.file && !run_interrupted(run))
        status = outfile_close(&s->table, true, err);
    return status;
}

static void keep(void *settings, long frame_number, struct checkpoint *c)
{
    pausing_keep(&((struct settings *)settings)->pausing, frame_number, c);
}

static bool save(void *settings, bool now, struct err *err)
{
    return pausing_catch_up(&((struct settings *)settings)->pausing, now, err);
}

/* A frame without a Jastrow factor begins with that of the frame before. */
static enum spread_need look(void *settings, struct frame *f, int *parts)
{
    const struct settings *s = settings;
    const bool own = s->bare || s->given.value || frame_has_key(f, "jastrow");
    *parts = pausing_parts(f, s->walkers ? s->walkers : s->method == DMC ? 0 : 64, 64);
    return own ? SPREAD_FREE : SPREAD_AFTER;
}

static void leave(void *settings, struct checkpoint *c)
{
    parameters_keep(&((struct settings *)settings)->last, c);
}

static void spread(struct settings *s, struct run *run)
{
    s->spread = (struct spread){.look = look,
                                .keep = keep,
                                .save = save,
                                .leave = leave,
                                .table = {&s->log.file, &s->table.file}};
    run_spread(run, &s->spread);
}

static enum status begin(void *settings, struct run *run, struct err *err)
{
    struct settings *s = settings;
    if (s->bare && (s->optimize || s->shared || s->jastrow_file))
        return err_set(
            err, ST_USAGE,
            "--no-jastrow leaves nothing for --optimize, --optimize-shared or --jastrow");
    if (!(s->error > 0) && s->samples == 0)
        return err_set(err, ST_USAGE,
                       "when to stop is not said: --error or --samples must be above 0");
    bool first = ranks_first(run_ranks(run));
    if (first && s->opt_log) {
        if (outfile_open(&s->log, s->opt_log, err))
            return err->status;
        fprintf(s->log.file,
                "frame\tstep\tsamples\tenergy_Ha\tenergy_error_Ha\tvariance_Ha2\toverlap"
                "\tunit_Ha\texpected_Ha\tgain_Ha\tgain_error_Ha\tkept\n");
    }
    enum status status =
        s->jastrow_file ? parameters_read(s->jastrow_file, run_ranks(run), &s->given, err) : ST_OK;
    if (status == ST_OK && s->method == DMC)
        status = dmc_stage_timesteps(s->timestep_list, &s->timesteps, &s->dmc_timestep, err);
    if (status == ST_OK)
        status = pausing_begin(&s->pausing, run, err);
    if (status == ST_OK && first && s->structure_file &&
        (status = outfile_open(&s->table, s->structure_file, err)) == ST_OK)
        fprintf(s->table.file, "frame\tG_per_A\tS\tS_error\tvectors\n");
    if (!s->shared)
        spread(s, run);
    return status;
}

static void release(void *settings)
{
    struct settings *s = settings;
    struct err ignored;
    outfile_close(&s->log, false, &ignored);
    for (int k = 0; k < s->jobs; k++) {
        job_free(&s->job[k]);
        frame_free(s->job[k].frame);
    }
    free(s->job);
    free(s->dmc_timestep);
    ledger_close(&s->pausing.ledger);
    if (s->table.file)
        outfile_close(&s->table, false, &(struct err){0});
    parameters_free(&s->given);
    parameters_free(&s->last);
}

int main(int argc, char **argv)
{
    struct settings settings = {.error = 1e-3,
                                .variance_weight = 0.3,
                                .warmup = 60,
                                .spin = -1,
                                .timestep_list = "0.02,0.08",
                                .pausing.every = 60,
                                .opt_iterations = 12};
    struct filter filter = {.program = &program,
                            .kind = FILTER_REDUCE,
                            .ranks = true,
                            .settings = &settings,
                            .settings_size = sizeof settings,
                            .begin = begin,
                            .frame = frame,
                            .end = end,
                            .free = release};
    return filter_main(&filter, argc, argv);
}
