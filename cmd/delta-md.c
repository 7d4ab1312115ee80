/* SPDX-License-Identifier: GPL-3.0-or-later */
/* delta-md: molecular dynamics on a sum of models; every input frame starts a trajectory. */
#include <math.h>
#include <stdlib.h>
#include "base/units.h"
#include "cmd/delta-md-trajectory.h"

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
    {"inner", OPT_LIST, AT(inner_files), "FILE",
     "a model of what all of the above is nearly: steps with its forces make a step, which is "
     "corrected by two kicks with the difference; several are added up",
     0, 0},
    {"inner-steps", OPT_INT, AT(inner_steps), "N", "of --inner in a step; 0: 4", 0, 1000},
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
     "time step; not set: 0.2 fs times the root of the lightest mass over that of H; with --inner, "
     "times --inner-steps",
     OPT_ABOVE_0, HUGE_VAL},
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
     "keep in FILE what a killed run needs; the same command then goes on from there", OPT_WRITTEN,
     0},
    {"checkpoint-every", OPT_INT, AT(saving.every), "N",
     "steps between checkpoints; 0: half a minute, with a --baseline 20 steps", 0, HUGE_VAL},
    {"log", OPT_TEXT, AT(log_name), "FILE", "a table of every N-th step, tab-separated",
     OPT_WRITTEN, 0},
    {"Frames worth labelling", OPT_SECTION, OPT_UNRECORDED, NULL, NULL, 0, 0},
    {"select-uncertain", OPT_QUANTITY, AT(selection.threshold), "eV",
     "choose among frames of which the model's uncertainty per atom is larger", 0, HUGE_VAL},
    {"select-file", OPT_TEXT, AT(selection.file), "FILE",
     "write the chosen frames, to be labelled; not set: to the output, in place of the trajectory",
     OPT_WRITTEN, 0},
    {"select-count", OPT_INT, AT(selection.count), "N",
     "choose at most N, the farthest from each other", 1, 100000},
    {NULL, OPT_END, 0, NULL, NULL, 0, 0}};

static const struct program program = {"delta-md", "molecular dynamics on a sum of models",
                                       "[--model FILE]... [--baseline COMMAND] [FILE...]",
                                       "Every frame read starts a trajectory of its own, whose "
                                       "frames are written: pos (A), velo (A/fs), "
                                       "energy (eV, potential), forces (eV/A), stress (eV/A^3, "
                                       "without the kinetic part), temperature (K, "
                                       "instantaneous), time (fs) and step.",
                                       options};

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

static enum status check(const struct settings *set, struct err *err)
{
    if (!set->model_files.n && !set->baseline && !set->ipi)
        return err_set(err, ST_USAGE,
                       "no forces: give --model FILE, --baseline COMMAND, --ipi ADDRESS, or a sum");
    if (set->baseline && set->ipi)
        return err_set(err, ST_USAGE, "--baseline and --ipi: one of them is the baseline");
    if (set->ipi && set->replicas > 1)
        return err_set(err, ST_USAGE, "--ipi serves one driver, --replicas needs more: use 1");
    if (set->inner_steps && !set->inner_files.n)
        return err_set(err, ST_USAGE, "--inner-steps without --inner: a model is needed for them");
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
