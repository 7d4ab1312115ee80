/* SPDX-License-Identifier: GPL-3.0-or-later */
/* delta-md: molecular dynamics on a sum of models; every input frame starts a trajectory. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/threads.h"
#include "base/units.h"
#include "formats/model.h"
#include "ml/potential_io.h"
#include "formats/convert.h"
#include "formats/filter.h"
#include "formats/keys.h"
#include "formats/labels.h"
#include "md/dynamics.h"
#include "ml/predict.h"

#define DEFAULT_STEP (0.2 / UNITS_TIME_FS) /* of protium; times the root of the lightest mass */

static const struct integrator *const integrators[] = {&integrator_verlet, &integrator_langevin};

struct settings {
    struct opt_list models;
    int ensemble, steps, equilibrate, every;
    double temperature, timestep, relaxation, max_uncertainty;
    bool draw;
    const char *log_name;
    struct potential **potential; /* one per model */
    struct predict *fast, *sure;  /* without and with the uncertainty */
    bool unsure;                  /* the next evaluation wants the uncertainty */
    char *log_part;               /* LOG.part until the end */
    FILE *log;
};

/* One trajectory while it runs. */
struct trajectory {
    struct settings *set;
    struct run *run;
    struct dynamics *d;
    struct frame *start; /* what the user's frame says, without stale labels */
    double began, shown; /* wall clock */
    double first_conserved;
};

static const struct potential_store store = {.has = model_has,
                                             .get_text = model_get_text,
                                             .get_real = model_get_real,
                                             .get_reals = model_get_reals};

/* NULL and *err, which names the file */
static struct potential *load(const char *path, struct err *err)
{
    struct err own = {ST_OK, ""};
    struct model *m = model_read(path, err);
    if (!m)
        return NULL;
    struct potential *p =
        potential_get(&store, m, m->environments, m->environment, m->weight, &own);
    if (!p)
        err_set(err, own.status, "%s: %s", path, own.text);
    model_free(m);
    return p;
}

static const struct opt options[] = {
    {"model", OPT_LIST, offsetof(struct settings, models), "FILE",
     "a model of kernel-fit; several are added up", 0, 0},
    {"ensemble", OPT_CHOICE, offsetof(struct settings, ensemble), "nve|nvt",
     "constant energy (velocity Verlet) or temperature (Langevin)", 0, 0},
    {"temperature", OPT_QUANTITY, offsetof(struct settings, temperature), "K",
     "of the thermostat and of velocities that are drawn", 0, HUGE_VAL},
    {"timestep", OPT_QUANTITY, offsetof(struct settings, timestep), "fs",
     "time step; not set: 0.2 fs times the root of the lightest mass over that of H", OPT_ABOVE_0,
     HUGE_VAL},
    {"steps", OPT_INT, offsetof(struct settings, steps), "N", "steps after the equilibration", 1,
     HUGE_VAL},
    {"equilibrate", OPT_INT, offsetof(struct settings, equilibrate), "N",
     "steps before, of which no frames are written", 0, HUGE_VAL},
    {"every", OPT_INT, offsetof(struct settings, every), "N", "write a frame every N steps", 1,
     HUGE_VAL},
    {"relaxation", OPT_QUANTITY, offsetof(struct settings, relaxation), "fs",
     "time in which the Langevin thermostat turns velocities over", OPT_ABOVE_0, HUGE_VAL},
    {"draw-velocities", OPT_FLAG, offsetof(struct settings, draw), NULL,
     "draw velocities even where the frame has some", 0, 0},
    {"max-uncertainty", OPT_QUANTITY, offsetof(struct settings, max_uncertainty), "eV",
     "stop where the model's uncertainty per atom is larger; 0: never", 0, HUGE_VAL},
    {"log", OPT_TEXT, offsetof(struct settings, log_name), "FILE",
     "a table of every N-th step, tab-separated", 0, 0},
    {NULL, OPT_END, 0, NULL, NULL, 0, 0}};

static const struct program program = {"delta-md", "molecular dynamics on a sum of models",
                                       "--model FILE [FILE...]",
                                       "Every frame read starts a trajectory of its own, whose "
                                       "frames are written: pos (A), velo (A/fs), "
                                       "energy (eV, potential), forces (eV/A), stress (eV/A^3, "
                                       "without the kinetic part), temperature (K, "
                                       "instantaneous), time (fs) and step.",
                                       options};

/* ---- forces ---- */

static enum status evaluate(void *self, const struct system *s, struct force_result *result,
                            struct err *err)
{
    struct settings *set = self;
    struct predict_result r = {.force = result->force};
    enum status status = predict_evaluate(set->unsure ? set->sure : set->fast, s, &r, err);
    result->energy = r.energy;
    result->uncertainty = r.uncertainty;
    memcpy(result->stress, r.stress, sizeof r.stress);
    return status;
}

/* ---- what is written ---- */

static enum status log_line(struct trajectory *t, struct err *err)
{
    const struct dynamics *d = t->d;
    if (!t->set->log)
        return ST_OK;
    double eV = units_stream(DIM_ENERGY);
    int n =
        fprintf(t->set->log, "%ld\t%lld\t%.6g\t%.8g\t%.8g\t%.12g\t%.12g\t%.6g\n", run_frame(t->run),
                (long long)d->step, (double)d->step * d->set.timestep / units_stream(DIM_TIME),
                dynamics_temperature(d) / units_stream(DIM_TEMPERATURE),
                dynamics_pressure(d) / units_stream(DIM_PRESSURE), d->now.energy / eV,
                dynamics_conserved(d) / eV, d->now.uncertainty / eV);
    if (n < 0 || fflush(t->set->log))
        return err_set(err, ST_SYSTEM, "cannot write %s: %s", t->set->log_part, strerror(errno));
    return ST_OK;
}

static enum status put_frame(struct trajectory *t, struct err *err)
{
    const struct dynamics *d = t->d;
    struct frame *f = frame_copy(t->start);
    double temperature = dynamics_temperature(d), time = (double)d->step * d->set.timestep;
    system_to_frame(d->system, f);
    keys_set(f, "energy", 1, &d->now.energy);
    if (d->now.uncertainty > 0)
        keys_set(f, "energy_uncertainty", 1, &d->now.uncertainty);
    keys_set_column(f, "forces", 3, d->now.force[0]);
    if (d->system->periodic)
        keys_set(f, "stress", 9, d->now.stress[0]);
    keys_set(f, "temperature", 1, &temperature);
    if (d->set.integrator->canonical)
        keys_set(f, "thermostat_temperature", 1, &d->set.kT);
    keys_set(f, "time", 1, &time);
    frame_set_int(f, "step", d->step);
    enum status status = run_put(t->run, f, err);
    frame_free(f);
    return status;
}

static void show(struct trajectory *t)
{
    const struct dynamics *d = t->d;
    double now = threads_wall();
    if (now - t->shown < .2 || !d->step)
        return;
    t->shown = now;
    double rate = (double)d->step / (now - t->began);
    double ns = rate * 86400 * d->set.timestep / units_stream(DIM_TIME) * 1e-6;
    log_progress(run_log(t->run),
                 "run %ld  step %lld of %d  %.0f K  %.1f GPa  %.0f steps/s  %.3g ns/day",
                 run_frame(t->run), (long long)d->step, t->set->equilibrate + t->set->steps,
                 dynamics_temperature(d) / units_stream(DIM_TEMPERATURE),
                 dynamics_pressure(d) / units_stream(DIM_PRESSURE), rate, ns);
}

static void summary(struct trajectory *t)
{
    const struct dynamics *d = t->d;
    double fs = units_stream(DIM_TIME), wall = threads_wall() - t->began;
    double ps = (double)d->step * d->set.timestep / fs * 1e-3;
    double drift = (dynamics_conserved(d) - t->first_conserved) / d->system->n / ps;
    log_detail(run_log(t->run),
               "run %ld: %lld steps of %.4g fs, %.0f steps/s, %.3g ns/day; conserved energy drifts "
               "by %.3g eV per atom and ps",
               run_frame(t->run), (long long)d->step, d->set.timestep / fs, (double)d->step / wall,
               ps * 86.4 / wall, drift / units_stream(DIM_ENERGY));
}

/* ---- one trajectory ---- */

static bool written(const struct settings *set, int64_t step)
{
    return step > 0 && (step - set->equilibrate) % set->every == 0;
}

static enum status one_step(struct trajectory *t, struct err *err)
{
    struct dynamics *d = t->d;
    t->set->unsure = t->set->sure && written(t->set, d->step + 1);
    enum status status = dynamics_step(d, err);
    if (status || !written(t->set, d->step))
        return status;
    status = log_line(t, err);
    if (!status && d->step > t->set->equilibrate)
        status = put_frame(t, err);
    return status;
}

static enum status trajectory_run(struct trajectory *t, struct err *err)
{
    enum status status = log_line(t, err);
    int64_t last = (int64_t)t->set->equilibrate + t->set->steps;
    t->first_conserved = dynamics_conserved(t->d);
    t->began = threads_wall();
    while (!status && t->d->step < last && !run_interrupted(t->run)) {
        status = one_step(t, err);
        show(t);
    }
    if (!status)
        summary(t);
    return status;
}

static double default_step(const struct system *s)
{
    double lightest = HUGE_VAL;
    for (int i = 0; i < s->n; i++)
        lightest = fmin(lightest, s->mass[i]);
    return DEFAULT_STEP * sqrt(lightest / (SPECIES_PROTIUM_AMU * UNITS_AMU_ME));
}

static struct dynamics_settings dynamics_of(const struct settings *set, const struct system *s,
                                            struct run *run)
{
    return (struct dynamics_settings){.integrator = integrators[set->ensemble],
                                      .timestep =
                                          isnan(set->timestep) ? default_step(s) : set->timestep,
                                      .kT = set->temperature,
                                      .relaxation = set->relaxation,
                                      .max_uncertainty = set->max_uncertainty,
                                      .seed = run_common(run)->seed,
                                      .run = (uint64_t)run_frame(run)};
}

static enum status frame(void *settings, struct run *run, struct frame *f, struct err *err)
{
    struct settings *set = settings;
    struct force_source source = {evaluate, set};
    struct trajectory t = {.set = set, .run = run, .start = f};
    struct system *s = system_from_frame(f, err);
    if (!s)
        return err->status;
    if (isnan(set->temperature) && (set->draw || !s->velocity)) {
        system_free(s);
        return err_set(err, ST_USAGE, "the frame has no velo: --temperature says how to draw it");
    }
    labels_drop(f);
    struct dynamics_settings dynamics = dynamics_of(set, s, run);
    set->unsure = set->sure != NULL;
    t.d = dynamics_new(s, &dynamics, &source, set->draw, err);
    system_free(s);
    if (!t.d)
        return err->status;
    enum status status = trajectory_run(&t, err);
    dynamics_free(t.d);
    return status;
}

/* ---- beginning and end ---- */

static enum status open_log(struct settings *set, struct err *err)
{
    if (!set->log_name)
        return ST_OK;
    set->log_part = mem_print("%s.part", set->log_name);
    set->log = fopen(set->log_part, "w");
    if (!set->log)
        return err_set(err, ST_SYSTEM, "cannot create %s: %s", set->log_part, strerror(errno));
    fputs("run\tstep\ttime_fs\ttemperature_K\tpressure_GPa\tenergy_eV\tconserved_eV\tuncertainty_"
          "eV\n",
          set->log);
    return ST_OK;
}

static enum status check(const struct settings *set, struct err *err)
{
    if (!set->models.n)
        return err_set(err, ST_USAGE, "no forces: give at least one --model FILE");
    if (integrators[set->ensemble]->canonical && isnan(set->temperature))
        return err_set(err, ST_USAGE, "--ensemble nvt needs --temperature");
    if (set->every > set->steps)
        return err_set(err, ST_USAGE,
                       "--every %d is more than --steps %d: no frame would be written", set->every,
                       set->steps);
    return ST_OK;
}

static enum status load_models(struct settings *set, struct err *err)
{
    bool sure = false;
    set->potential = MEM_NEW(struct potential *, set->models.n);
    for (int m = 0; m < set->models.n; m++) {
        set->potential[m] = load(set->models.item[m], err);
        if (!set->potential[m])
            return err->status;
        sure = sure || set->potential[m]->factor;
    }
    set->fast = predict_new(set->models.n, set->potential, false);
    if (sure)
        set->sure = predict_new(set->models.n, set->potential, true);
    return ST_OK;
}

static enum status begin(void *settings, struct run *run, struct err *err)
{
    struct settings *set = settings;
    (void)run;
    enum status status = check(set, err);
    if (!status)
        status = load_models(set, err);
    return status ? status : open_log(set, err);
}

static enum status end(void *settings, struct run *run, struct err *err)
{
    struct settings *set = settings;
    (void)run;
    if (!set->log)
        return ST_OK;
    FILE *log = set->log;
    set->log = NULL;
    if (fclose(log) || rename(set->log_part, set->log_name))
        return err_set(err, ST_SYSTEM, "cannot write %s: %s", set->log_name, strerror(errno));
    return ST_OK;
}

static void release(void *settings)
{
    struct settings *set = settings;
    predict_free(set->fast);
    predict_free(set->sure);
    for (int m = 0; set->potential && m < set->models.n; m++)
        potential_free(set->potential[m]);
    free(set->potential);
    if (set->log)
        fclose(set->log);
    free(set->log_part);
}

int main(int argc, char **argv)
{
    struct settings settings = {.ensemble = 1,
                                .steps = 1000,
                                .every = 10,
                                .temperature = NAN,
                                .timestep = NAN,
                                .relaxation = 20 / UNITS_TIME_FS};
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
