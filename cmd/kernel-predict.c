/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kernel-predict: energy, forces and stress of the sum of several models. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/units.h"
#include "cmd/models.h"
#include "formats/convert.h"
#include "formats/filter.h"
#include "formats/ipi.h"
#include "formats/keys.h"
#include "formats/target.h"
#include "ml/predict.h"
#include "ml/variance_forces.h"

struct settings {
    struct opt_list models;
    const char *label, *key, *ipi;
    int uncertainty; /* enum uncertainty */
    double timeout;  /* seconds */
    struct models model;
    struct predict *predict;
    char *name, *deviation, *error; /* the keys of --key */
};

enum uncertainty { OF_ENERGY, OF_NOTHING, OF_FORCES };

#define AT(member) offsetof(struct settings, member)

static const struct opt options[] = {
    {"model", OPT_LIST, AT(models), "FILE", "a model of kernel-fit; several are added up", 0, 0},
    {"baseline-label", OPT_TEXT, AT(label), "P",
     "add P_energy (P_free_energy, if there is one), P_forces and P_stress of the frame to the "
     "models, which may be none then",
     0, 0},
    {"key", OPT_TEXT, AT(key), "NAME",
     "write only the energy, as NAME_energy, and leave energy, forces and stress as they are", 0,
     0},
    {"uncertainty", OPT_CHOICE, AT(uncertainty), "yes|no|forces",
     "write the standard deviation of the energy where the models carry what it needs; forces: "
     "of every force component, too (slow)",
     0, 0},
    {"i-PI", OPT_SECTION, 0, NULL, NULL, 0, 0},
    {"ipi", OPT_TEXT, AT(ipi), "ADDRESS",
     "serve forces to i-PI or ASE at unix:NAME or host:port; the frame read names the atoms", 0, 0},
    {"timeout", OPT_REAL, AT(timeout), "SECONDS",
     "how long to try to connect, and to wait for the rest of a message", OPT_ABOVE_0, 1e6},
    {NULL, OPT_END, 0, NULL, NULL, 0, 0}};

static const struct program program = {"kernel-predict",
                                       "energies, forces and stresses of a kernel force field",
                                       "[--model FILE]... [FILE...]",
                                       "Reads frames with positions and writes them with energy "
                                       "(eV), forces (eV/A), stress (eV/A^3, periodic "
                                       "cells) and energy_uncertainty (eV) of the sum of the "
                                       "models, and of a baseline on the frame. Everything else "
                                       "on a frame stays.",
                                       options};

static enum status begin(void *settings, struct run *run, struct err *err)
{
    struct settings *s = settings;
    (void)run;
    if (s->models.n == 0 && !s->label)
        return err_set(err, ST_USAGE, "no model: --model FILE names one that kernel-fit wrote");
    if (s->label && s->ipi)
        return err_set(err, ST_USAGE, "--baseline-label: with --ipi the atoms move, labels do not");
    if (s->ipi && ipi_check_address(s->ipi, err))
        return err->status;
    if (models_load(&s->model, &s->models, err))
        return err->status;
    s->predict =
        predict_new(s->model.n, s->model.potential, s->uncertainty != OF_NOTHING && s->model.sure);
    if (s->key) {
        s->name = mem_print("%s_energy", s->key);
        s->deviation = mem_print("%s_energy_uncertainty", s->key);
        s->error = mem_print("%s_energy_error", s->key);
    }
    return ST_OK;
}

static void put(const struct settings *s, const struct system *y, const struct predict_result *r,
                struct frame *f)
{
    const char *energy = s->key ? s->name : "energy";
    const char *deviation = s->key ? s->deviation : "energy_uncertainty";
    keys_set(f, energy, 1, &r->energy);
    frame_remove_key(f, s->key ? s->error : "energy_error"); /* of what stood there */
    frame_remove_key(f, deviation);
    if (r->uncertainty > 0)
        keys_set(f, deviation, 1, &r->uncertainty);
    if (s->key)
        return;
    frame_remove_column(f, "forces_uncertainty");
    frame_remove_column(f, "forces_error");
    frame_remove_key(f, "stress");
    frame_remove_key(f, "stress_error");
    frame_remove_key(f, "virial");
    frame_remove_key(f, "free_energy"); /* would be taken for the energy of the new forces */
    frame_remove_key(f, "free_energy_error");
    keys_set_column(f, "forces", 3, r->force[0]);
    if (y->periodic)
        keys_set(f, "stress", 9, r->stress[0]);
}

/* ---- --baseline-label ---- */

static enum status missing(const struct settings *s, const char *what, struct err *err)
{
    return err_set(err, ST_DATA, "%s%s%s is missing: --baseline-label adds it to the models",
                   s->label, *s->label ? "_" : "", what);
}

/* T S of the electrons goes with a free energy, as delta-md --baseline has it. */
static enum status put_entropy(const struct settings *s, const struct target *t, struct frame *f,
                               struct err *err)
{
    double entropy;
    bool known;
    enum status status = target_entropy(f, s->label, t, &known, &entropy, err);
    frame_remove_key(f, "entropy_energy");
    if (known && !status)
        keys_set(f, "entropy_energy", 1, &entropy);
    return status;
}

static enum status add(const struct settings *s, const struct system *y, const struct target *t,
                       struct predict_result *r, struct err *err)
{
    if (!t->has_energy)
        return missing(s, "energy", err);
    r->energy += t->energy;
    if (s->key)
        return ST_OK;
    if (!t->has_forces)
        return missing(s, "forces", err);
    if (y->periodic && !t->has_stress)
        return missing(s, "stress", err);
    for (int i = 0; i < 3 * y->n; i++)
        r->force[i / 3][i % 3] += t->force[i];
    for (int k = 0; k < 9; k++)
        r->stress[k / 3][k % 3] += t->stress[k];
    return ST_OK;
}

static enum status add_baseline(const struct settings *s, const struct system *y,
                                struct predict_result *r, struct frame *f, struct err *err)
{
    struct target t;
    enum status status = target_read(f, s->label, &t, err);
    if (!status)
        status = add(s, y, &t, r, err);
    if (!status && !s->key)
        status = put_entropy(s, &t, f, err);
    target_free(&t);
    return status;
}

/* Models are independent: their variances add. */
static enum status put_deviations(const struct settings *s, const struct system *y, struct frame *f,
                                  struct err *err)
{
    double(*deviation)[3] = mem_new(y->n, sizeof *deviation);
    enum status status = ST_OK;
    for (int m = 0; m < s->model.n && !status; m++)
        status = variance_forces(s->model.potential[m], y, deviation, err);
    for (int i = 0; i < 3 * y->n; i++)
        deviation[i / 3][i % 3] = sqrt(deviation[i / 3][i % 3]);
    if (!status)
        keys_set_column(f, "forces_uncertainty", 3, deviation[0]);
    free(deviation);
    return status;
}

/* ---- as a server of forces ---- */

struct service {
    struct predict *predict;
    struct run *run;
};

static enum status evaluate(void *self, const struct system *y, struct ipi_result *result,
                            struct err *err)
{
    struct service *service = self;
    struct predict_result r = {.force = result->force};
    enum status status = predict_evaluate(service->predict, y, &r, err);
    result->energy = r.energy;
    memcpy(result->stress, r.stress, sizeof r.stress);
    return status;
}

static bool interrupted(void *self)
{
    return run_interrupted(((struct service *)self)->run);
}

/* The atoms of the frame at the positions that the server sends, until it ends; those of the last message stay. */
static enum status serve(struct settings *s, struct run *run, struct system *y, struct frame *f,
                         struct err *err)
{
    struct predict *fast = predict_new(s->model.n, s->model.potential, false);
    struct service service = {fast, run};
    struct ipi_provider provider = {&service, evaluate, interrupted};
    long served = 0;
    enum status status = ipi_serve(s->ipi, s->timeout, y, &provider, &served, err);
    log_note(run_log(run), "%ld evaluation%s", served, served == 1 ? "" : "s");
    if (served)
        system_to_frame(y, f);
    predict_free(fast);
    run_enough(run);
    return status;
}

static enum status frame(void *settings, struct run *run, struct frame *f, struct err *err)
{
    struct settings *s = settings;
    struct system *y = system_from_frame(f, err);
    if (!y)
        return err->status;
    struct predict_result r = {.force = mem_new(y->n, sizeof *r.force)};
    enum status status = s->ipi ? serve(s, run, y, f, err) : ST_OK;
    if (!status)
        status = predict_evaluate(s->predict, y, &r, err);
    if (!status && s->label)
        status = add_baseline(s, y, &r, f, err);
    if (!status)
        put(s, y, &r, f);
    if (!status && s->uncertainty == OF_FORCES && s->model.sure && !s->key)
        status = put_deviations(s, y, f, err);
    free(r.force);
    system_free(y);
    return status;
}

static void release(void *settings)
{
    struct settings *s = settings;
    predict_free(s->predict);
    models_free(&s->model);
    free(s->name);
    free(s->deviation);
    free(s->error);
}

int main(int argc, char **argv)
{
    struct settings settings = {.uncertainty = OF_ENERGY, .timeout = 60};
    struct filter filter = {.program = &program,
                            .kind = FILTER_MAP,
                            .settings = &settings,
                            .settings_size = sizeof settings,
                            .begin = begin,
                            .frame = frame,
                            .free = release};
    return filter_main(&filter, argc, argv);
}
