/* SPDX-License-Identifier: GPL-3.0-or-later */
/* qmc-force: variational Monte Carlo forces and stress with error bars. */
#include <stdlib.h>
#include "base/mem.h"
#include "base/units.h"
#include "formats/convert.h"
#include "formats/filter.h"
#include "formats/keys.h"
#include "formats/trial.h"
#include "qmc/force_run.h"

enum { ON, OFF };

struct settings {
    double error, regularise, timestep;
    int samples, walkers, warmup, stride, spin, warp;
    bool remove_net_force;
};

static const struct opt options[] = {
    {"Precision", OPT_SECTION, 0, NULL, NULL, 0, 0},
    {"error", OPT_QUANTITY, offsetof(struct settings, error), "mHa/bohr",
     "stop at this standard error of a force component (root mean square over all); 0: no such "
     "stop",
     0, 1},
    {"samples", OPT_INT, offsetof(struct settings, samples), "N",
     "stop at this number of samples; 0: no such stop", 0, 2e9},
    {"Sampling", OPT_SECTION, 0, NULL, NULL, 0, 0},
    {"walkers", OPT_INT, offsetof(struct settings, walkers), "N", "walkers over all twists", 1,
     1e6},
    {"warmup", OPT_INT, offsetof(struct settings, warmup), "N",
     "sweeps before anything is measured", 1, 1e9},
    {"stride", OPT_INT, offsetof(struct settings, stride), "N", "sweeps between measurements", 1,
     1e6},
    {"timestep", OPT_REAL, offsetof(struct settings, timestep), "TAU",
     "time step of the moves in 1/Ha; 0: tuned", 0, 100},
    {"spin", OPT_INT, offsetof(struct settings, spin), "2S",
     "unpaired electrons; -1: as few as possible", -1, 1e6},
    {"Estimator", OPT_SECTION, 0, NULL, NULL, 0, 0},
    {"space-warp", OPT_CHOICE, offsetof(struct settings, warp), "on|off",
     "move electrons along with the nuclei", 0, 0},
    {"regularise", OPT_QUANTITY, offsetof(struct settings, regularise), "bohr",
     "distance to a node below which samples are damped; 0: never", 0, 1},
    {"remove-net-force", OPT_FLAG, offsetof(struct settings, remove_net_force), NULL,
     "subtract the mean force", 0, 0},
    {NULL, OPT_END, 0, NULL, NULL, 0, 0}};

static const struct program program = {"qmc-force", "variational Monte Carlo forces and stress",
                                       "[FILE...]",
                                       "Reads frames with a trial wave function (kpoints, "
                                       "orbital_basis, orbitals, jastrow, jastrow_form) and "
                                       "adds vmc_forces (eV/A), in cells vmc_stress (eV/A^3) and "
                                       "vmc_pressure_virial_GPa, and vmc_energy "
                                       "(eV) of the same samples, each with its _error.",
                                       options};

/* Everything made for one frame. */
struct job {
    struct system *system;
    struct basis *basis;
    struct trial *trial;
    struct wavefunction *psi;
    struct forces *forces;
    struct vmc *vmc;
};

static void job_free(struct job *j)
{
    vmc_free(j->vmc);
    forces_free(j->forces);
    wavefunction_free(j->psi);
    trial_free(j->trial);
    basis_free(j->basis);
    system_free(j->system);
}

static enum status read_trial(struct job *j, const struct frame *f, struct err *err)
{
    const char *name;
    double *list;
    int n;
    if (!(j->system = system_from_frame(f, err)))
        return err->status;
    for (int a = 0; a < j->system->n; a++)
        if (j->system->element[a] != 1)
            return err_set(err, ST_DATA,
                           "atom %d is not hydrogen: orbital bases are those of hydrogen", a + 1);
    if (trial_basis(f, &name, &n, &list, err))
        return err->status;
    j->basis = basis_find(name, n, list, err);
    free(list);
    if (!j->basis)
        return err->status = ST_DATA;
    if (!(j->trial = trial_from_frame(f, j->basis->functions, err)))
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
    const double(*kpoint)[3] = (const double(*)[3])t->kpoint;
    int up, down;
    enum status status = wavefunction_spins(j->system, 0, set->spin, &up, &down, err);
    if (status)
        return status;
    j->psi = wavefunction_new(j->system, j->basis, t->nk, kpoint, t->orbitals, t->coefficient, up,
                              down, err);
    if (!j->psi)
        return err->status;
    struct jastrow *jastrow =
        jastrow_new(j->system, up, down, t->jastrow_form, t->parameters, t->parameter, err);
    if (!jastrow)
        return err->status;
    wavefunction_set_jastrow(j->psi, jastrow);
    struct forces_settings fs = {set->warp == ON, set->regularise};
    j->forces = forces_new(j->psi, j->basis, kpoint, &fs, err);
    return j->forces ? ST_OK : err->status;
}

static void set_pair(struct frame *f, const char *name, size_t n, const double *x,
                     const double *error)
{
    char *with_error = mem_print("%s_error", name);
    keys_set(f, name, n, x);
    keys_set(f, with_error, n, error);
    free(with_error);
}

static void remove_net_force(struct force_result *r)
{
    for (int a = 0; a < r->atoms; a++)
        for (int x = 0; x < 3; x++)
            r->force[a][x] -= r->net[x] / r->atoms;
}

static void write_result(const struct job *j, const struct settings *set, struct frame *f,
                         struct force_result *r)
{
    const char *warp = set->warp == ON ? ", space warp" : "";
    char *text =
        mem_print("Hellmann-Feynman + Pulay at fixed orbitals and Jastrow%s, damped within "
                  "%g bohr of a node",
                  warp, set->regularise);
    if (set->remove_net_force)
        remove_net_force(r);
    set_pair(f, "vmc_energy", 1, &r->energy.mean, &r->energy.error);
    frame_set_real(f, "vmc_variance", r->energy.variance * UNITS_HARTREE_EV * UNITS_HARTREE_EV);
    frame_set_int(f, "vmc_samples", r->samples);
    keys_set_column(f, "vmc_forces", 3, r->force[0]);
    keys_set_column(f, "vmc_forces_error", 3, r->force_error[0]);
    frame_set_string(f, "vmc_forces_estimator", text);
    if (j->system->periodic) {
        set_pair(f, "vmc_stress", 9, r->stress[0], r->stress_error[0]);
        frame_set_string(f, "vmc_stress_estimator",
                         "strain derivative at fixed coefficients, undeformed Gaussians");
        set_pair(f, "vmc_pressure_virial_GPa", 1, &r->virial, &r->virial_error);
    }
    free(text);
}

static void report(struct log *log, const struct job *j, const struct force_result *r)
{
    const double to = UNITS_HARTREE_EV / UNITS_BOHR_A;
    log_detail(log,
               "%d atoms, %d twists: %ld samples, energy %.6f +- %.6f Ha, variance %.4f Ha^2, "
               "%.3g of the samples damped",
               r->atoms, j->psi->twists, r->samples, r->energy.mean, r->energy.error,
               r->energy.variance, r->damped);
    log_detail(log, "net force %.4f %.4f %.4f +- %.4f %.4f %.4f eV/A", r->net[0] * to,
               r->net[1] * to, r->net[2] * to, r->net_error[0] * to, r->net_error[1] * to,
               r->net_error[2] * to);
}

static enum status sample(struct job *j, const struct settings *set, struct run *run,
                          struct frame *f, struct err *err)
{
    struct vmc_settings vs = {.seed = run_common(run)->seed,
                              .frame = (uint64_t)run_frame(run),
                              .walkers = set->walkers,
                              .tau = set->timestep,
                              .warmup = set->warmup};
    struct force_run_settings fs = {set->error, set->samples, set->stride};
    struct force_result result;
    if (!(j->vmc = vmc_new(j->psi, &vs, err)))
        return err->status;
    vmc_warm(j->vmc, set->warmup, !(set->timestep > 0));
    enum status status = force_run(j->vmc, j->forces, &fs, run_log(run), &result, err);
    if (status)
        return status;
    write_result(j, set, f, &result);
    report(run_log(run), j, &result);
    force_result_free(&result);
    return ST_OK;
}

static enum status begin(void *settings, struct run *run, struct err *err)
{
    const struct settings *set = settings;
    (void)run;
    if (!(set->error > 0) && !(set->samples > 0))
        return err_set(err, ST_USAGE, "nothing stops the run: give --error or --samples");
    return ST_OK;
}

static enum status frame(void *settings, struct run *run, struct frame *f, struct err *err)
{
    struct job job = {0};
    enum status status = read_trial(&job, f, err);
    if (!status)
        status = make_wavefunction(&job, settings, err);
    if (!status)
        status = sample(&job, settings, run, f, err);
    job_free(&job);
    return status;
}

int main(int argc, char **argv)
{
    struct settings settings = {.error = 5e-3,
                                .regularise = 0.02,
                                .walkers = 128,
                                .warmup = 100,
                                .stride = 3,
                                .spin = -1,
                                .warp = ON};
    struct filter filter = {.program = &program,
                            .kind = FILTER_MAP,
                            .settings = &settings,
                            .settings_size = sizeof settings,
                            .begin = begin,
                            .frame = frame};
    return filter_main(&filter, argc, argv);
}
