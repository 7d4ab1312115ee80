/* SPDX-License-Identifier: GPL-3.0-or-later */
/* qmc-sample: variational Monte Carlo energies of hydrogen with optimised Jastrow factors. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/outfile.h"
#include "base/units.h"
#include "formats/convert.h"
#include "formats/filter.h"
#include "formats/keys.h"
#include "formats/stream.h"
#include "formats/trial.h"
#include "qmc/optimise.h"

/* Everything made for one frame. */
struct job {
    struct frame *frame; /* its own copy in shared optimisation, otherwise the loop's */
    struct system *system;
    struct basis *basis;
    struct trial *trial;
    struct wavefunction *psi;
    struct vmc *vmc;
};

struct parameters { /* a Jastrow factor without a system */
    char *form;
    int n;
    double *value;
};

struct settings {
    double error, timestep, variance_weight;
    int samples, walkers, warmup, spin, opt_samples, opt_iterations;
    bool optimize, shared, bare;
    const char *jastrow_file, *opt_log;
    struct outfile log;            /* of --opt-log */
    struct parameters given, last; /* of --jastrow; of the frame before */
    struct job *job;               /* frames held for the shared optimisation */
    int jobs, room;
};

#define AT(member) offsetof(struct settings, member)

static const struct opt options[] = {
    {"Precision", OPT_SECTION, 0, NULL, NULL, 0, 0},
    {"error", OPT_QUANTITY, AT(error), "mHa",
     "stop at this standard error of the energy, per atom; 0: no such stop", 0, 1},
    {"samples", OPT_INT, AT(samples), "N", "stop at this number of samples; 0: no such stop", 0,
     2e9},
    {"Trial function", OPT_SECTION, 0, NULL, NULL, 0, 0},
    {"spin", OPT_INT, AT(spin), "2S", "unpaired electrons; -1: as few as possible", -1, 1e6},
    {"optimize", OPT_FLAG, AT(optimize), NULL,
     "optimise the Jastrow factor of every frame, from the result of the frame before", 0, 0},
    {"optimize-shared", OPT_FLAG, AT(shared), NULL,
     "optimise one Jastrow factor for all frames together (they are held in memory)", 0, 0},
    {"jastrow", OPT_TEXT, AT(jastrow_file), "FILE",
     "start from the Jastrow factor of the first frame of FILE", 0, 0},
    {"no-jastrow", OPT_FLAG, AT(bare), NULL, "sample the determinants alone, J = 0", 0, 0},
    {"optimize-samples", OPT_INT, AT(opt_samples), "N",
     "samples of a step of the optimiser, over all frames; 0: by the number of electrons", 0, 1e8},
    {"optimize-steps", OPT_INT, AT(opt_iterations), "N", "steps of the optimiser, at most", 1,
     1000},
    {"opt-log", OPT_TEXT, AT(opt_log), "FILE",
     "write the steps of the optimiser to FILE (a table, tab-separated)", 0, 0},
    {"variance-weight", OPT_REAL, AT(variance_weight), "W",
     "the optimiser minimises energy + W variance, per electron in Ha and Ha^2", 0, 1000},
    {"Sampling", OPT_SECTION, 0, NULL, NULL, 0, 0},
    {"walkers", OPT_INT, AT(walkers), "N", "walkers over all twists", 1, 1e6},
    {"warmup", OPT_INT, AT(warmup), "N", "sweeps before anything is measured", 1, 1e9},
    {"timestep", OPT_REAL, AT(timestep), "TAU", "time step of the moves in 1/Ha; 0: tuned", 0, 100},
    {NULL, OPT_END, 0, NULL, NULL, 0, 0}};

static const struct program program = {"qmc-sample", "variational Monte Carlo energies",
                                       "[FILE...]",
                                       "Reads frames of hydrogen with trial orbitals (kpoints, "
                                       "orbital_basis, orbitals), optimises the Jastrow "
                                       "factor of those that carry none, and adds vmc_energy and "
                                       "vmc_energy_error (eV), vmc_variance (eV^2), "
                                       "vmc_samples, jastrow and jastrow_form.",
                                       options};

static void parameters_free(struct parameters *p)
{
    free(p->form);
    free(p->value);
    *p = (struct parameters){0};
}

static void parameters_set(struct parameters *p, const char *form, int n, const double value[])
{
    struct parameters new = {mem_text(form), n, MEM_NEW(double, n)};
    memcpy(new.value, value, n * sizeof *value);
    parameters_free(p);
    *p = new;
}

static void job_free(struct job *j)
{
    vmc_free(j->vmc);
    wavefunction_free(j->psi);
    trial_free(j->trial);
    basis_free(j->basis);
    system_free(j->system);
}

static enum status read_trial(struct job *j, struct err *err)
{
    const char *name;
    if (!frame_has_column(j->frame, "orbitals") || !frame_has_key(j->frame, "orbital_basis"))
        return err_set(err, ST_DATA,
                       "column 'orbitals' is missing: dft-baseline --orbitals BASIS writes it");
    if (frame_get_string(j->frame, "orbital_basis", &name, err) ||
        !(j->system = system_from_frame(j->frame, err)))
        return err->status;
    for (int a = 0; a < j->system->n; a++)
        if (j->system->element[a] != 1)
            return err_set(err, ST_DATA,
                           "atom %d is not hydrogen: orbital bases are those of hydrogen", a + 1);
    if (!(j->basis = basis_builtin(name, err)))
        return err->status = ST_DATA;
    j->trial = trial_from_frame(j->frame, j->basis->functions, err);
    return j->trial ? ST_OK : err->status;
}

/* Parameters as they are, or as a start in the form that is optimised. */
static struct jastrow *take(const struct wavefunction *psi, bool optimise, const char *form, int n,
                            const double value[], struct err *err)
{
    return optimise ? jastrow_adapt(psi->system, psi->up, psi->down, form, n, value, err)
                    : jastrow_new(psi->system, psi->up, psi->down, form, n, value, err);
}

/* --jastrow, the frame's own, that of the frame before, or one from scratch; *optimise: it needs it. */
static struct jastrow *choose_jastrow(const struct settings *s, const struct job *j, bool *optimise,
                                      struct err *err)
{
    const struct wavefunction *psi = j->psi;
    const struct trial *t = j->trial;
    *optimise = s->optimize || s->shared;
    if (s->given.value)
        return take(psi, *optimise, s->given.form, s->given.n, s->given.value, err);
    if (t->parameters)
        return take(psi, *optimise, t->jastrow_form, t->parameters, t->parameter, err);
    *optimise = true;
    if (s->last.value)
        return take(psi, true, s->last.form, s->last.n, s->last.value, err);
    return jastrow_start(psi->system, psi->up, psi->down);
}

static enum status make_wavefunction(struct job *j, const struct settings *s, bool *optimise,
                                     struct err *err)
{
    const struct trial *t = j->trial;
    int up, down;
    if (wavefunction_spins(j->system, s->spin, &up, &down, err))
        return err->status;
    j->psi = wavefunction_new(j->system, j->basis, t->nk, (const double(*)[3])t->kpoint,
                              t->orbitals, t->coefficient, up, down, err);
    if (!j->psi)
        return err->status;
    *optimise = false;
    if (s->bare)
        return ST_OK;
    struct jastrow *jastrow = choose_jastrow(s, j, optimise, err);
    if (!jastrow)
        return err->status;
    wavefunction_set_jastrow(j->psi, jastrow);
    return ST_OK;
}

static enum status start_walkers(struct job *j, const struct settings *s, struct run *run,
                                 struct err *err)
{
    struct vmc_settings v = {.seed = run_common(run)->seed,
                             .frame = (uint64_t)run_frame(run),
                             .walkers = s->walkers,
                             .tau = s->timestep,
                             .error = s->error * j->system->n,
                             .samples = s->samples};
    if (!(j->vmc = vmc_new(j->psi, &v, err)))
        return err->status;
    vmc_warm(j->vmc, s->warmup, s->timestep <= 0);
    return ST_OK;
}

static enum status job_make(struct job *j, const struct settings *s, struct run *run,
                            bool *optimise, struct err *err)
{
    enum status status = read_trial(j, err);
    if (status == ST_OK)
        status = make_wavefunction(j, s, optimise, err);
    if (status == ST_OK)
        status = start_walkers(j, s, run, err);
    return status;
}

static void say_result(struct log *log, const struct job *j, const struct vmc_result *r)
{
    int n = j->system->n;
    log_detail(log, "energy %.6f(%.6f) Ha per atom, variance %.4f Ha^2 per electron, %ld samples",
               r->energy.mean / n, r->energy.error / n, r->energy.variance / j->psi->electrons,
               r->samples);
    log_detail(
        log,
        "correlation time %.1f sweeps, acceptance %.3f, time step %.4f /Ha, %d sweeps discarded",
        r->energy.time, r->acceptance, r->tau, r->discarded);
    log_detail(log, "kinetic %.5f(%.5f), e-e %.5f(%.5f), e-n %.5f(%.5f), n-n %.5f Ha", r->kinetic,
               r->kinetic_error, r->ee, r->ee_error, r->en, r->en_error, r->nn);
    for (int t = 0; t < j->psi->twists && j->psi->twists > 1; t++)
        log_detail(log, "twist %g %g %g: energy %.6f(%.6f) Ha", j->trial->kpoint[t][0],
                   j->trial->kpoint[t][1], j->trial->kpoint[t][2], r->twist_energy[t],
                   r->twist_error[t]);
}

static void write_result(const struct job *j, const struct vmc_result *r)
{
    const struct jastrow *jastrow = j->psi->jastrow;
    keys_set(j->frame, "vmc_energy", 1, &r->energy.mean);
    keys_set(j->frame, "vmc_energy_error", 1, &r->energy.error);
    frame_set_real(j->frame, "vmc_variance",
                   r->energy.variance * UNITS_HARTREE_EV * UNITS_HARTREE_EV);
    frame_set_int(j->frame, "vmc_samples", r->samples);
    if (jastrow)
        trial_put_jastrow(j->frame, jastrow_form(jastrow), jastrow_count(jastrow),
                          jastrow_parameters(jastrow));
    else {
        frame_remove_key(j->frame, "jastrow");
        frame_remove_key(j->frame, "jastrow_form");
    }
}

struct step_log {
    FILE *file;
    long frame; /* 0: all together */
};

static void log_step(void *context, const struct optimise_step *t)
{
    const struct step_log *log = context;
    fprintf(log->file, "%ld\t%d\t%d\t%.8f\t%.8f\t%.8f\t%g\t%g\t%.8f\t%.8f\t%.8f\t%s\n", log->frame,
            t->number, t->samples, t->energy, t->energy_error, t->variance, t->overlap, t->unit,
            t->expected, t->gain, t->gain_error, t->accepted ? "yes" : "no");
}

static enum status optimise(const struct settings *s, struct run *run, int jobs, struct job job[],
                            struct err *err)
{
    struct step_log steps = {s->log.file, s->shared ? 0 : run_frame(run)};
    struct optimise_settings o = {s->opt_iterations, s->opt_samples / jobs, s->variance_weight,
                                  s->log.file ? log_step : NULL, &steps};
    struct optimise_report r;
    struct wavefunction **psi = mem_new(jobs, sizeof *psi);
    struct vmc **vmc = mem_new(jobs, sizeof *vmc);
    for (int k = 0; k < jobs; k++) {
        psi[k] = job[k].psi;
        vmc[k] = job[k].vmc;
    }
    enum status status = optimise_jastrow(jobs, psi, vmc, &o, run_log(run), &r, err);
    if (status == ST_OK)
        log_detail(run_log(run),
                   "optimised in %d steps: energy %.5f -> %.5f Ha, variance %.4f -> %.4f Ha^2 per "
                   "electron",
                   r.iterations, r.start_energy, r.energy, r.start_variance, r.variance);
    free(psi);
    free(vmc);
    return status;
}

static enum status sample(struct job *j, struct run *run, struct err *err)
{
    struct vmc_result r;
    enum status status = vmc_run(j->vmc, NULL, run_log(run), &r, err);
    if (status != ST_OK)
        return status;
    say_result(run_log(run), j, &r);
    write_result(j, &r);
    vmc_result_free(&r);
    return run_put(run, j->frame, err);
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
    enum status status = job_make(j, s, run, &optimise_it, err);
    if (status == ST_OK)
        s->jobs++;
    else {
        job_free(j);
        frame_free(j->frame);
    }
    return status;
}

static enum status frame(void *settings, struct run *run, struct frame *f, struct err *err)
{
    struct settings *s = settings;
    struct job j = {.frame = f};
    bool optimise_it;
    if (s->shared)
        return hold(s, run, f, err);
    enum status status = job_make(&j, s, run, &optimise_it, err);
    if (status == ST_OK && optimise_it)
        status = optimise(s, run, 1, &j, err);
    if (status == ST_OK && j.psi->jastrow)
        parameters_set(&s->last, jastrow_form(j.psi->jastrow), jastrow_count(j.psi->jastrow),
                       jastrow_parameters(j.psi->jastrow));
    if (status == ST_OK)
        status = sample(&j, run, err);
    if (status == ST_OK)
        status = run_flush(run, err);
    job_free(&j);
    return status;
}

/* All held trial functions begin with the parameters of the first, cut-offs as the smallest cell
 * allows. */
static enum status common_start(struct settings *s, struct err *err)
{
    const struct jastrow *from = s->job[0].psi->jastrow;
    int n = jastrow_count(from);
    double *common = MEM_NEW(double, n);
    enum status status = ST_OK;
    memcpy(common, jastrow_parameters(from), n * sizeof *common);
    for (int k = 0; k < s->jobs; k++)
        jastrow_limit(s->job[k].psi->jastrow, common);
    for (int k = 0; k < s->jobs && status == ST_OK; k++) {
        struct jastrow *j = s->job[k].psi->jastrow;
        if (jastrow_count(j) != n)
            status = err_set(err, ST_DATA,
                             "frames with different elements cannot share a Jastrow factor");
        else
            status = jastrow_set(j, common, err);
    }
    free(common);
    return status;
}

static enum status end(void *settings, struct run *run, struct err *err)
{
    struct settings *s = settings;
    enum status status = s->jobs ? common_start(s, err) : ST_OK;
    if (status == ST_OK && s->jobs)
        status = optimise(s, run, s->jobs, s->job, err);
    if (status == ST_OK && s->opt_log)
        status = outfile_close(&s->log, true, err);
    for (int k = 0; k < s->jobs && status == ST_OK && !run_interrupted(run); k++)
        status = sample(&s->job[k], run, err);
    return status;
}

static enum status read_jastrow(struct settings *s, struct err *err)
{
    bool done;
    const char *form;
    int n;
    double *value = NULL;
    struct reader *r = reader_open(s->jastrow_file, false, err);
    if (!r)
        return err->status;
    struct frame *f = frame_new();
    enum status status = reader_next(r, f, &done, err);
    if (status == ST_OK && done)
        status =
            err_set(err, ST_DATA, "%s: no frame to take the Jastrow factor from", s->jastrow_file);
    if (status == ST_OK && (status = trial_get_jastrow(f, &form, &n, &value, err)) == ST_OK)
        parameters_set(&s->given, form, n, value);
    free(value);
    frame_free(f);
    reader_close(r);
    return status;
}

static enum status begin(void *settings, struct run *run, struct err *err)
{
    struct settings *s = settings;
    (void)run;
    if (s->bare && (s->optimize || s->shared || s->jastrow_file))
        return err_set(
            err, ST_USAGE,
            "--no-jastrow leaves nothing for --optimize, --optimize-shared or --jastrow");
    if (!(s->error > 0) && s->samples == 0)
        return err_set(err, ST_USAGE,
                       "when to stop is not said: --error or --samples must be above 0");
    if (s->opt_log) {
        if (outfile_open(&s->log, s->opt_log, err))
            return err->status;
        fprintf(s->log.file,
                "frame\tstep\tsamples\tenergy_Ha\tenergy_error_Ha\tvariance_Ha2\toverlap"
                "\tunit_Ha\texpected_Ha\tgain_Ha\tgain_error_Ha\tkept\n");
    }
    return s->jastrow_file ? read_jastrow(s, err) : ST_OK;
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
    parameters_free(&s->given);
    parameters_free(&s->last);
}

int main(int argc, char **argv)
{
    struct settings settings = {.error = 1e-3,
                                .variance_weight = 0.3,
                                .walkers = 64,
                                .warmup = 60,
                                .spin = -1,
                                .opt_iterations = 12};
    struct filter filter = {.program = &program,
                            .kind = FILTER_REDUCE,
                            .settings = &settings,
                            .settings_size = sizeof settings,
                            .begin = begin,
                            .frame = frame,
                            .end = end,
                            .free = release};
    return filter_main(&filter, argc, argv);
}
