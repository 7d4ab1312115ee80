/* SPDX-License-Identifier: GPL-3.0-or-later */
/* qmc-force: variational Monte Carlo forces and stress with error bars. */
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "cmd/qmc-force-report.h"
#include "cmd/qmc-pause.h"
#include "cmd/qmc-trial.h"
#include "formats/convert.h"
#include "formats/filter.h"
#include "formats/trial.h"

enum { ON, OFF };

struct settings {
    struct pausing pausing;
    double error, epsilon, timestep;
    int samples, walkers, warmup, stride, spin, charge, warp, zero_variance, pulay, controls;
    bool remove_net_force, covariance, response;
    struct spread spread;
};

#define AT(member) offsetof(struct settings, member)

static const struct opt options[] = {
    {"Precision", OPT_SECTION, 0, NULL, NULL, 0, 0},
    {"error", OPT_QUANTITY, AT(error), "mHa/bohr",
     "stop at this standard error of a force component (root mean square over all); 0: no such "
     "stop",
     0, 1},
    {"samples", OPT_INT, AT(samples), "N", "stop at this number of samples; 0: no such stop", 0,
     2e9},
    {"Sampling", OPT_SECTION, 0, NULL, NULL, 0, 0},
    {"walkers", OPT_INT, AT(walkers), "N", "walkers over all twists", 1, 1e6},
    {"warmup", OPT_INT, AT(warmup), "N", "sweeps before anything is measured", 1, 1e9},
    {"stride", OPT_INT, AT(stride), "N",
     "sweeps between measurements; 0: by the cost of a measurement and the correlation of the "
     "forces",
     0, 1e6},
    {"timestep", OPT_REAL, AT(timestep), "TAU", "time step of the moves in 1/Ha; 0: tuned", 0, 100},
    {"spin", OPT_INT, AT(spin), "2S", "unpaired electrons; -1: as few as possible", -1, 1e6},
    {"charge", OPT_INT, AT(charge), "Q", "charge of the system, -1 for an anion", -1000, 1000},
    {"Estimator", OPT_SECTION, 0, NULL, NULL, 0, 0},
    {"space-warp", OPT_CHOICE, AT(warp), "on|off", "move electrons along with the nuclei", 0, 0},
    {"zero-variance", OPT_CHOICE, AT(zero_variance), "on|off",
     "off: the bare Hellmann-Feynman force instead of the derivative of the local energy", 0, 0},
    {"pulay", OPT_CHOICE, AT(pulay), "on|off",
     "off: leave out the derivative of the wave function (biased)", 0, 0},
    {"control-variates", OPT_CHOICE, AT(controls), "on|off",
     "add quantities of zero mean that make forces and stress fluctuate less; needs the two above",
     0, 0},
    {"epsilon", OPT_QUANTITY, AT(epsilon), "bohr",
     "distance to a node below which samples are damped; 0: never", 0, 1},
    {"remove-net-force", OPT_FLAG, AT(remove_net_force), NULL, "subtract the mean force", 0, 0},
    {"covariance", OPT_FLAG, AT(covariance), NULL,
     "also write the covariance of the components of each atom's force, vmc_forces_covariance", 0,
     0},
    {"response", OPT_FLAG, AT(response), NULL,
     "also measure how the energy depends on the orbitals, vmc_orbital_gradient, for dft-baseline "
     "--response",
     0, 0},
    {"Interruption", OPT_SECTION, OPT_UNRECORDED, NULL, NULL, 0, 0},
    PAUSING_OPTIONS(pausing),
    {NULL, OPT_END, 0, NULL, NULL, 0, 0}};

static const struct program program = {"qmc-force", "variational Monte Carlo forces and stress",
                                       "[FILE...]",
                                       "Reads frames with a trial wave function (kpoints, "
                                       "orbital_basis, orbitals, jastrow, jastrow_form) and "
                                       "adds vmc_forces (eV/A), in cells vmc_stress (eV/A^3) and "
                                       "vmc_pressure_virial_GPa, and vmc_energy "
                                       "(eV) if none that is better known is there, each with its "
                                       "_error; in cells also qmc_finite_size_energy (eV), which "
                                       "is not part of vmc_energy.",
                                       options};

/* Everything made for one frame. */
struct job {
    long number;                /* of the frame in the run */
    uint64_t digest;            /* of what is computed from */
    struct ledger_frame *entry; /* what is known of it; the ledger's */
    struct system *system;
    struct basis *basis;
    struct trial *trial;
    struct wavefunction *psi;
    struct forces *forces;
    struct vmc *vmc;
    struct structure *structure;       /* periodic cells */
    struct vmc_observer observer;      /* of the structure, while sampling */
    struct orbital_gradient *gradient; /* --response */
    struct force_run *sampling;
    struct force_report report;
};

static void job_free(struct job *j)
{
    force_result_free(&j->report.result);
    orbital_gradient_result_free(&j->report.gradient);
    force_run_free(j->sampling);
    orbital_gradient_free(j->gradient);
    vmc_free(j->vmc);
    structure_free(j->structure);
    forces_free(j->forces);
    wavefunction_free(j->psi);
    trial_free(j->trial);
    basis_free(j->basis);
    system_free(j->system);
}

static enum status read_trial(struct job *j, const struct frame *f, struct err *err)
{
    if (qmc_trial_read(f, &j->system, &j->basis, &j->trial, err))
        return err->status;
    if (!j->trial->jastrow_form)
        return err_set(err, ST_DATA,
                       "key 'jastrow_form' is missing: qmc-sample --optimize writes it");
    if (!j->trial->parameters)
        return err_set(err, ST_DATA, "key 'jastrow' is missing: qmc-sample --optimize writes it");
    return ST_OK;
}

static enum status make_wavefunction(struct job *j, const struct settings *set, struct err *err)
{
    const struct trial *t = j->trial;
    j->psi = qmc_trial_determinants(t, j->system, j->basis, set->charge, set->spin, err);
    if (!j->psi)
        return err->status;
    struct jastrow *jastrow = jastrow_new(j->system, j->psi->up, j->psi->down, t->jastrow_form,
                                          t->parameters, t->parameter, err);
    if (!jastrow)
        return err->status;
    wavefunction_set_jastrow(j->psi, jastrow);
    struct forces_settings fs = {.warp = set->warp == ON,
                                 .epsilon = set->epsilon,
                                 .bare = set->zero_variance == OFF,
                                 .no_pulay = set->pulay == OFF,
                                 .controls = set->controls == ON};
    j->forces = forces_new(j->psi, j->basis, (const double(*)[3])t->kpoint, &fs, err);
    return j->forces ? ST_OK : err->status;
}

static void keep_report(struct force_report *r, struct checkpoint *c)
{
    force_result_keep(&r->result, c);
    checkpoint_bytes(c, &r->has_structure, sizeof r->has_structure);
    checkpoint_bytes(c, &r->finite, sizeof r->finite);
    checkpoint_bytes(c, &r->has_gradient, sizeof r->has_gradient);
    if (r->has_gradient)
        orbital_gradient_result_keep(&r->gradient, c);
}

static enum status evaluate_structure(struct job *j, struct log *log, struct err *err)
{
    struct force_report *r = &j->report;
    if (!j->structure)
        return ST_OK;
    struct structure_samples samples = {force_run_series(j->sampling),
                                        force_run_discard(j->sampling)};
    r->has_structure = structure_finite_size(j->structure, &samples, &r->finite, err) == ST_OK;
    if (!r->has_structure)
        log_warning(log, "frame %ld: no finite-size correction: %s", j->number, err->text);
    return ST_OK;
}

struct pause {
    struct settings *settings;
    struct job *job;
    struct run *run;
    struct err err; /* of the checkpoint */
};

/* Between pieces of a run: save it, perhaps stop it. */
static bool pause(void *context, struct force_run *r)
{
    struct pause *p = context;
    struct pausing *q = &p->settings->pausing;
    bool stop;
    if (!pausing_due(q, p->run, &stop))
        return stop;
    struct checkpoint *c = checkpoint_new();
    force_run_keep(r, c);
    ledger_hold(p->job->entry, c, false);
    return pausing_save(q, p->run, &p->err) || stop;
}

/* No entry afterwards: stopped by a signal */
static enum status start_sampling(struct job *j, struct settings *s, struct run *run,
                                  struct err *err)
{
    struct vmc_settings vs = {.seed = run_common(run)->seed,
                              .frame = (uint64_t)j->number,
                              .walkers = s->walkers,
                              .tau = s->timestep,
                              .ranks = run_ranks(run),
                              .stop = pausing_asked,
                              .context = run};
    if (!(j->vmc = vmc_new(j->psi, &vs, err)))
        return err->status;
    if (s->response && !(j->gradient = orbital_gradient_new(j->vmc, j->forces, err)))
        return err->status;
    struct force_run_settings fs = {s->error, s->samples, s->stride, j->gradient};
    if (j->system->periodic) {
        if (!(j->structure = structure_new(j->psi, vmc_batches(j->vmc), 0, err)))
            return err->status;
        j->observer = structure_observer(j->structure);
    }
    j->sampling = force_run_new(j->vmc, j->forces, j->structure ? &j->observer : NULL, &fs);
    if (j->entry) {
        struct checkpoint c = ledger_held(j->entry);
        force_run_keep(j->sampling, &c);
        return ledger_all_read(&c, err);
    }
    if (vmc_warm(j->vmc, s->warmup, !(s->timestep > 0)))
        j->entry = ledger_add(&s->pausing.ledger, j->number, j->digest, j->psi->jastrow);
    return ST_OK;
}

/* Rank 0 has the results. */
static enum status evaluate(struct job *j, const struct settings *s, struct run *run,
                            struct err *err)
{
    enum status status = evaluate_structure(j, run_log(run), err);
    if ((j->report.has_gradient = s->response))
        orbital_gradient_evaluate(j->gradient, &j->report.gradient);
    report_say(run_log(run), j->number, j->psi->twists, &j->report);
    return status;
}

/* Sample until it is done (then the entry is), interrupted, or an error. */
static enum status sample(struct job *j, struct settings *s, struct run *run, struct err *err)
{
    struct pause p = {s, j, run, {0}};
    struct force_pause stop = {pause, &p};
    enum status status = start_sampling(j, s, run, err);
    if (status == ST_OK && !j->entry) /* there is nothing of it to keep */
        return pausing_save(&s->pausing, run, err);
    if (status == ST_OK)
        status = force_run(j->sampling, &stop, run_log(run), &j->report.result, err);
    if (status != ST_OK)
        return status;
    if (j->report.result.stopped)
        return pausing_why(&s->pausing, &p.err, err);
    if (ranks_first(run_ranks(run)))
        status = evaluate(j, s, run, err);
    struct checkpoint *c = checkpoint_new();
    keep_report(&j->report, c);
    ledger_hold(j->entry, c, true);
    return status;
}

static enum status recall(struct job *j, struct err *err)
{
    struct checkpoint c = ledger_held(j->entry);
    c.reading = true;
    keep_report(&j->report, &c);
    return ledger_all_read(&c, err);
}

/* What is in use beside the plain estimator, for vmc_forces_estimator */
static char *estimator(const struct settings *s)
{
    return mem_print(
        "Hellmann-Feynman%s at fixed orbitals and Jastrow%s%s, damped within %g bohr of "
        "a node",
        s->pulay == ON ? " + Pulay" : "", s->zero_variance == ON ? ", zero variance" : ", bare",
        s->warp == ON ? ", space warp" : "", s->epsilon);
}

static enum status put(const struct job *j, const struct settings *s, struct run *run,
                       struct frame *f, struct err *err)
{
    if (!ranks_first(run_ranks(run)))
        return run_put(run, f, err);
    char *text = estimator(s);
    struct force_wish wish = {s->covariance, s->remove_net_force, text};
    report_write(f, j->trial, j->system->periodic, &wish, &j->report, run_log(run), j->number);
    free(text);
    return run_put(run, f, err);
}

/* No frame asks for another. */
static enum spread_need look(void *settings, struct frame *f, int *parts)
{
    *parts = pausing_parts(f, ((struct settings *)settings)->walkers, 0);
    return SPREAD_FREE;
}

static enum status begin(void *settings, struct run *run, struct err *err)
{
    struct settings *s = settings;
    if (!(s->error > 0) && !(s->samples > 0))
        return err_set(err, ST_USAGE, "nothing stops the run: give --error or --samples");
    s->spread = (struct spread){.look = look, .keep = pausing_keep, .save = pausing_catch_up};
    run_spread(run, &s->spread);
    return pausing_begin(&s->pausing, run, err);
}

static enum status find_entry(struct job *j, struct settings *s, struct run *run, struct err *err)
{
    j->number = run_frame(run);
    j->digest = qmc_trial_digest(j->system, j->basis, j->trial);
    j->entry = ledger_find(&s->pausing.ledger, j->number, j->digest, err);
    return err->status;
}

static enum status frame(void *settings, struct run *run, struct frame *f, struct err *err)
{
    struct settings *s = settings;
    struct job job = {0};
    enum status status = read_trial(&job, f, err);
    if (!status)
        status = find_entry(&job, s, run, err);
    bool done = job.entry && job.entry->done;
    if (!status)
        status = done ? recall(&job, err) : make_wavefunction(&job, s, err);
    if (!status && !done)
        status = sample(&job, s, run, err);
    if (!status && job.entry && job.entry->done)
        status = put(&job, s, run, f, err);
    job_free(&job);
    return status;
}

static void release(void *settings)
{
    ledger_close(&((struct settings *)settings)->pausing.ledger);
}

int main(int argc, char **argv)
{
    struct settings settings = {.error = 5e-3,
                                .epsilon = 0.2,
                                .walkers = 64,
                                .warmup = 60,
                                .pausing.every = 60,
                                .spin = -1};
    struct filter filter = {.program = &program,
                            .kind = FILTER_REDUCE,
                            .ranks = true,
                            .settings = &settings,
                            .settings_size = sizeof settings,
                            .begin = begin,
                            .frame = frame,
                            .end = pausing_end,
                            .stopped = pausing_end,
                            .free = release};
    return filter_main(&filter, argc, argv);
}
