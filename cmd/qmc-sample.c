/* SPDX-License-Identifier: GPL-3.0-or-later */
/* qmc-sample: variational and diffusion Monte Carlo energies of hydrogen with optimised Jastrow factors. */
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "cmd/qmc-sample-optimise.h"
#include "cmd/qmc-sample-run.h"
#include "formats/filter.h"

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
     "write the steps of the optimiser to FILE (a table, tab-separated)", OPT_WRITTEN, 0},
    {"structure-factor", OPT_TEXT, AT(structure_file), "FILE",
     "write the structure factor of the electrons of periodic cells to FILE", OPT_WRITTEN, 0},
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

static void remember(struct settings *s, const struct ledger_frame *e)
{
    if (e && e->form)
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
        status = job_make(&j, s, run, &optimise_it, &stopped, err);
    if (status == ST_OK && optimise_it && !stopped)
        status = optimise(s, run, 1, &j, &stopped, err);
    if (status == ST_OK && !stopped)
        status = done ? put(s, &j, run, err) : sample(s, &j, run, err);
    if (status == ST_OK && !stopped)
        status = run_flush(run, err);
    if (status == ST_OK && !stopped)
        remember(s, j.entry);
    if (status == ST_OK && !j.entry) /* stopped before there was anything of it to keep */
        status = pausing_save(&s->pausing, run, err);
    job_free(&j);
    return status;
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
    if (status == ST_OK)
        status = pausing_save(&s->pausing, run, err);
    if (status == ST_OK && s->log.file && !run_interrupted(run))
        status = outfile_close(&s->log, true, err);
    if (status == ST_OK && s->table.file && !run_interrupted(run))
        status = outfile_close(&s->table, true, err);
    return status;
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
                                .keep = pausing_keep,
                                .save = pausing_catch_up,
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
                            .stopped = pausing_end,
                            .free = release};
    return filter_main(&filter, argc, argv);
}
