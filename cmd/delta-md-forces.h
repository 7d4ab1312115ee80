/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where delta-md's forces come from: models, and a baseline that is a command or an i-PI driver. */
#ifndef CMD_DELTA_MD_FORCES_H
#define CMD_DELTA_MD_FORCES_H

#include <string.h>
#include "cmd/delta-md-parts.h"
#include "formats/dft_settings.h"

static enum status forces_predicted(struct predict *predict, const struct system *s,
                                    struct force_result *result, struct err *err)
{
    struct predict_result r = {.force = result->force};
    enum status status = predict_evaluate(predict, s, &r, err);
    result->energy = r.energy;
    result->uncertainty = r.uncertainty;
    memcpy(result->stress, r.stress, sizeof r.stress);
    return status;
}

static enum status forces_of_models(void *self, const struct system *s, struct force_result *result,
                                    struct err *err)
{
    struct forces *f = self;
    return forces_predicted(f->unsure ? f->sure : f->fast, s, result, err);
}

static enum status forces_of_inner(void *self, const struct system *s, struct force_result *result,
                                   struct err *err)
{
    struct forces *f = self;
    return forces_predicted(f->inner, s, result, err);
}

/* Two sources of one sum were computed alike; a different electronic temperature is a warning. */
static enum status forces_compare(const struct settings *set, struct log *log, const char *file,
                                  const char *fitted, const char *other_name, const char *other,
                                  struct err *err)
{
    if (set->mixed || !fitted || !other)
        return ST_OK;
    enum dft_settings_match match = dft_settings_compare(fitted, other);
    if (match == DFT_SETTINGS_OTHER)
        return err_set(err, ST_DATA,
                       "%s was fitted to dft_settings '%.120s', %.100s has '%.120s': equal ones "
                       "would be right (--mixed-settings accepts these)",
                       file, fitted, other_name, other);
    if (match == DFT_SETTINGS_TEMPERATURE)
        log_warning(log, "%s was fitted at another electronic temperature ('%s') than %s ('%s')",
                    file, fitted, other_name, other);
    return ST_OK;
}

/* A model of a difference needs something that it is the difference to. */
static void forces_check_sum(const struct settings *set, struct log *log)
{
    const struct models *m = &set->models;
    for (int i = 0; i < m->n && !set->baseline && !set->ipi; i++) {
        const char *base = m->origin[i].baseline;
        bool found = !base;
        for (int k = 0; k < m->n && !found; k++)
            found = m->origin[k].target && !strcmp(m->origin[k].target, base);
        if (!found)
            log_warning(log,
                        "%s was fitted to %s - %s: without a model of %s, --baseline or --ipi the "
                        "sum is not a potential energy",
                        m->file[i], m->origin[i].target, base, base);
    }
}

static enum status forces_check_models(const struct settings *set, struct log *log, struct err *err)
{
    const struct models *m = &set->models;
    enum status status = ST_OK;
    forces_check_sum(set, log);
    for (int i = 1; i < m->n && !status; i++)
        status = forces_compare(set, log, m->file[i], m->origin[i].dft_settings, m->file[0],
                                m->origin[0].dft_settings, err);
    return status;
}

/* The first answer of the baseline says how it computes. */
static enum status forces_check_baseline(struct forces *f, struct err *err)
{
    const struct models *m = &f->set->models;
    const char *settings = coprocess_settings(f->baseline);
    enum status status = ST_OK;
    for (int i = 0; i < m->n && !status && !f->checked; i++)
        status = forces_compare(f->set, run_log(f->run), m->file[i], m->origin[i].dft_settings,
                                "the baseline", settings, err);
    f->checked = true;
    return status;
}

static enum status forces_of_baseline(void *self, const struct system *s,
                                      struct force_result *result, struct err *err)
{
    struct forces *f = self;
    struct err own = {ST_OK, ""};
    struct coprocess_result r = {.force = result->force};
    enum status status = coprocess_evaluate(f->baseline, s, &r, &own);
    if (status) {
        f->broken = true;
        return err_set(err, status, "step %lld: %s", (long long)f->step, own.text);
    }
    result->energy = r.energy;
    result->entropy = r.entropy;
    memcpy(result->stress, r.stress, sizeof r.stress);
    return forces_check_baseline(f, err);
}

static enum status forces_of_driver(void *self, const struct system *s, struct force_result *result,
                                    struct err *err)
{
    struct forces *f = self;
    struct err own = {ST_OK, ""};
    struct ipi_result r = {.force = result->force};
    enum status status = ipi_server_ask(f->set->server, s, &r, &own);
    if (status)
        return err_set(err, status, "step %lld: %s", (long long)f->step, own.text);
    result->energy = r.energy;
    memcpy(result->stress, r.stress, sizeof r.stress);
    return ST_OK;
}

static bool forces_interrupted(void *run)
{
    return run_interrupted(run);
}

static void forces_open_one(struct settings *set, struct run *run, int replica)
{
    struct forces *f = &set->forces[replica];
    *f = (struct forces){.set = set, .run = run, .sum = sum_new(), .checked = replica > 0};
    if (set->baseline)
        sum_add(f->sum, (struct force_source){forces_of_baseline, f});
    if (set->ipi)
        sum_add(f->sum, (struct force_source){forces_of_driver, f});
    if (set->inner.n) {
        f->inner = predict_new(set->inner.n, set->inner.potential, false);
        f->within = (struct force_source){forces_of_inner, f};
    }
    if (!set->models.n)
        return;
    sum_add(f->sum, (struct force_source){forces_of_models, f});
    f->fast = predict_new(set->models.n, set->models.potential, false);
    if (set->models.sure)
        f->sure = predict_new(set->models.n, set->models.potential, true);
}

static enum status forces_open(struct settings *set, struct run *run, struct err *err)
{
    enum status status = models_load(&set->models, &set->model_files, err);
    if (!status)
        status = models_load(&set->inner, &set->inner_files, err);
    if (!status)
        status = forces_check_models(set, run_log(run), err);
    if (status)
        return status;
    set->forces = MEM_NEW(struct forces, set->replicas);
    for (int r = 0; r < set->replicas; r++)
        forces_open_one(set, run, r);
    return ST_OK;
}

/* The command, if it does not run, or `anew`. From the first thread. */
static enum status forces_run_baseline(struct forces *f, bool anew, struct err *err)
{
    const struct settings *set = f->set;
    if (f->baseline && (anew || f->broken)) {
        coprocess_free(f->baseline);
        f->baseline = NULL;
    }
    if (!f->baseline)
        f->baseline = coprocess_new(set->baseline, set->baseline_label, set->timeout, err);
    f->broken = false;
    return f->baseline ? ST_OK : ST_SYSTEM;
}

/* Before a trajectory, and anew where a checkpoint is made: whatever the commands remember of earlier
 * configurations, they then know no more than after a restart. They get what else the start says. */
static enum status forces_start_baseline(struct settings *set, bool anew, const struct frame *start,
                                         struct err *err)
{
    enum status status = ST_OK;
    for (int r = 0; set->baseline && r < set->replicas && !status; r++) {
        status = forces_run_baseline(&set->forces[r], anew, err);
        if (!status)
            coprocess_template(set->forces[r].baseline, start);
    }
    return status;
}

/* Before a trajectory: the commands run, or we listen for a driver. */
static enum status forces_start(struct settings *set, struct run *run, const struct frame *start,
                                struct err *err)
{
    if (set->ipi && !set->server)
        set->server = ipi_server_new(set->ipi, set->timeout, forces_interrupted, run, err);
    if (set->ipi && !set->server)
        return err->status;
    return forces_start_baseline(set, set->saving.file != NULL, start, err);
}

static struct force_source forces_source(struct forces *f)
{
    bool models_only = !f->set->baseline && !f->set->ipi;
    return models_only ? (struct force_source){forces_of_models, f} : sum_source(f->sum);
}

/* The next evaluation is for this step, and gives the uncertainty if there is any and it is wanted. */
static void forces_ask(struct forces *f, int64_t step, bool unsure)
{
    f->step = step;
    f->unsure = unsure && f->sure;
}

static void forces_close(struct settings *set)
{
    for (int r = 0; set->forces && r < set->replicas; r++) {
        coprocess_free(set->forces[r].baseline);
        sum_free(set->forces[r].sum);
        predict_free(set->forces[r].fast);
        predict_free(set->forces[r].sure);
        predict_free(set->forces[r].inner);
    }
    ipi_server_free(set->server);
    free(set->forces);
    models_free(&set->models);
    models_free(&set->inner);
}

#endif
