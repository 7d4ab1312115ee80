/* SPDX-License-Identifier: GPL-3.0-or-later */
/* delta-md: molecular dynamics on a sum of models; every input frame starts a trajectory. */
#include <math.h>
#include <stdlib.h>
#include "base/units.h"
#include "cmd/delta-md-ensemble.h"
#include "cmd/delta-md-forces.h"
#include "cmd/delta-md-output.h"
#include "cmd/delta-md-saving.h"
#include "formats/labels.h"

#define DEFAULT_STEP (0.2 / UNITS_TIME_FS) /* of protium; times the root of the lightest mass */
#define AT(member) offsetof(struct settings, member)

static const struct opt options[] = {
    {"model", OPT_LIST, AT(model_files), "FILE", "a model of kernel-fit; several are added up", 0,
     0},
    {"baseline", OPT_TEXT, AT(baseline), "COMMAND",
     "a command that reads frames and writes each with energy, forces and stress, to which the "
     "models are added",
     0, 0},
    {"baseline-label", OPT_TEXT, AT(baseline_label), "P",
     "take P_energy, P_forces, P_stress of its answers; not set: dft_ if there are such, else "
     "energy, forces, stress",
     0, 0},
    {"ipi", OPT_TEXT, AT(ipi), "ADDRESS",
     "take the baseline from a driver that connects to unix:NAME or host:port, as i-PI's server "
     "does",
     0, 0},
    {"mixed-settings", OPT_FLAG, AT(mixed), NULL,
     "accept models and a baseline whose dft_settings differ", 0, 0},
    {"ensemble", OPT_CHOICE, AT(ensemble), "nve|nvt|npt|nvhug|nphug",
     "constant energy; temperature; temperature and pressure; on the Hugoniot at constant volume "
     "or "
     "pressure",
     0, 0},
    {"temperature", OPT_QUANTITY, AT(temperature), "K",
     "of the thermostat and of velocities that are drawn; with nvhug and nphug about what is "
     "expected",
     0, HUGE_VAL},
    {"timestep", OPT_QUANTITY, AT(timestep), "fs",
     "time step; not set: 0.2 fs times the root of the lightest mass over that of H", OPT_ABOVE_0,
     HUGE_VAL},
    {"steps", OPT_INT, AT(steps), "N", "steps after the equilibration", 1, HUGE_VAL},
    {"equilibrate", OPT_INT, AT(equilibrate), "N", "steps before, of which no frames are written",
     0, HUGE_VAL},
    {"every", OPT_INT, AT(every), "N", "write a frame every N steps", 1, HUGE_VAL},
    {"relaxation", OPT_QUANTITY, AT(relaxation), "fs",
     "of velocities (langevin), the kinetic energy (rescale) or the residual (nvhug, nphug); not "
     "set: 20 fs for langevin, else 100 fs",
     OPT_ABOVE_0, HUGE_VAL},
    {"draw-velocities", OPT_FLAG, AT(draw), NULL, "draw velocities even where the frame has some",
     0, 0},
    {"max-uncertainty", OPT_QUANTITY, AT(max_uncertainty), "eV",
     "stop where the model's uncertainty per atom is larger; 0: never", 0, HUGE_VAL},
    {"replicas", OPT_INT, AT(replicas), "N",
     "trajectories from every start, at once, each with its own random numbers", 1, 10000},
    {"Temperature, pressure, Hugoniot", OPT_SECTION, 0, NULL, NULL, 0, 0},
    {"thermostat", OPT_CHOICE, AT(thermostat), "langevin|rescale",
     "Langevin dynamics or stochastic velocity rescaling", 0, 0},
    {"pressure", OPT_QUANTITY, AT(pressure), "GPa", "of npt and nphug", 0, 0},
    {"cell", OPT_CHOICE, AT(cell), "isotropic|flexible",
     "what the barostat moves: the volume alone or the whole cell", 0, 0},
    {"barostat-relaxation", OPT_QUANTITY, AT(barostat_relaxation), "fs",
     "time in which the barostat restores the pressure", OPT_ABOVE_0, HUGE_VAL},
    {"compressibility", OPT_QUANTITY, AT(compressibility), "1/GPa",
     "about that of the sample, which makes --barostat-relaxation true; not set: 1/(2 pressure)",
     OPT_ABOVE_0, HUGE_VAL},
    {"initial-density", OPT_QUANTITY, AT(initial_density), "g/cm3",
     "density before the shock; the default is liquid deuterium at 22 K", 1e-12, 1e3},
    {"initial-energy", OPT_QUANTITY, AT(initial_energy), "Ha",
     "energy per atom before the shock, from the same models", 0, 0},
    {"initial-pressure", OPT_QUANTITY, AT(initial_pressure), "GPa", "pressure before the shock", 0,
     1e3},
    {"Log and interruption", OPT_SECTION, OPT_UNRECORDED, NULL, NULL, 0, 0},
    {"timeout", OPT_REAL, AT(timeout), "SECONDS",
     "how long the baseline may take for a step, or a driver to connect", OPT_ABOVE_0, 1e6},
    {"checkpoint", OPT_TEXT, AT(saving.file), "FILE",
     "keep in FILE what a killed run needs; the same command then goes on from there", 0, 0},
    {"checkpoint-every", OPT_INT, AT(saving.every), "N",
     "steps between checkpoints; 0: half a minute", 0, HUGE_VAL},
    {"log", OPT_TEXT, AT(log_name), "FILE", "a table of every N-th step, tab-separated", 0, 0},
    {"Frames worth labelling", OPT_SECTION, OPT_UNRECORDED, NULL, NULL, 0, 0},
    {"select-uncertain", OPT_QUANTITY, AT(selection.threshold), "eV",
     "choose among frames of which the model's uncertainty per atom is larger", 0, HUGE_VAL},
    {"select-file", OPT_TEXT, AT(selection.file), "FILE", "write the chosen frames, to be labelled",
     0, 0},
    {"select-count", OPT_INT, AT(selection.count), "N",
     "choose at most N, the farthest from each other", 1, 100000},
    {NULL, OPT_END, 0, NULL, NULL, 0, 0}};

static const struct program program = {
    "delta-md", "molecular dynamics on a sum of models",
    "[--model FILE]... [--baseline COMMAND | --ipi ADDRESS] [FILE...]",
    "Every frame read starts a trajectory of its own, whose "
    "frames are written: pos (A), velo (A/fs), "
    "energy (eV, potential), forces (eV/A), stress (eV/A^3, "
    "without the kinetic part), temperature (K, "
    "instantaneous), time (fs) and step.",
    options};

/* ---- one trajectory ---- */

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
    dynamics.timestep = isnan(set->timestep) ? default_step(s) : set->timestep;
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

static enum status frame(void *settings, struct run *run, struct frame *f, struct err *err)
{
    struct settings *set = settings;
    bool pass;
    enum status status = saving_frame(&set->saving, run_frame(run), f, &pass, err);
    if (status || pass)
        return status;
    status = trajectory(set, run, f, err);
    set->saving.now.failed += status == ST_COMPUTE;
    enum status saved = ST_OK;
    if (status)
        selection_rescue(set, run);
    else if (run_interrupted(run))
        saved = selection_write(set, run, err);
    else
        saved = saving_step(set, run, NULL, false, err);
    return status ? status : saved;
}

/* ---- beginning and end ---- */

static enum status check(const struct settings *set, struct err *err)
{
    if (!set->model_files.n && !set->baseline && !set->ipi)
        return err_set(err, ST_USAGE,
                       "no forces: give --model FILE, --baseline COMMAND, --ipi ADDRESS, or a sum");
    if (set->baseline && set->ipi)
        return err_set(err, ST_USAGE, "--baseline and --ipi: one of them is the baseline");
    if (set->ipi && set->replicas > 1)
        return err_set(err, ST_USAGE, "--ipi serves one driver, --replicas needs more: use 1");
    if (ensemble_check(set, err))
        return err->status;
    if (set->every > set->steps)
        return err_set(err, ST_USAGE,
                       "--every %d is more than --steps %d: no frame would be written", set->every,
                       set->steps);
    return ST_OK;
}

static enum status begin(void *settings, struct run *run, struct err *err)
{
    struct settings *set = settings;
    enum status status = check(set, err);
    if (!status)
        status = forces_open(set, run, err);
    if (!status)
        status = selection_check(set, err);
    if (!status)
        selection_open(set);
    return status ? status : saving_open(set, run, err);
}

static enum status end(void *settings, struct run *run, struct err *err)
{
    struct settings *set = settings;
    enum status status = saving_end(set, run, err);
    enum status closed = log_close(set, err);
    return status ? status : closed;
}

static void release(void *settings)
{
    struct settings *set = settings;
    forces_close(set);
    saving_free(&set->saving);
    selection_free(&set->selection);
    if (set->log.file)
        outfile_close(&set->log, true, NULL);
}

int main(int argc, char **argv)
{
    struct settings settings = {.ensemble = 1,
                                .steps = 1000,
                                .every = 10,
                                .replicas = 1,
                                .selection.count = 20,
                                .timeout = 600,
                                .temperature = NAN,
                                .timestep = NAN,
                                .relaxation = NAN,
                                .pressure = NAN,
                                .barostat_relaxation = BAROSTAT_RELAXATION,
                                .compressibility = NAN,
                                .initial_density = 0.167 / UNITS_DENSITY_G_CM3,
                                .initial_energy = NAN};
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
