/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What kernel-fit holds: its settings and the labelled frames. */
#ifndef CMD_KERNEL_FIT_LABELS_H
#define CMD_KERNEL_FIT_LABELS_H

#include <math.h>
#include <stdlib.h>
#include "base/mem.h"
#include "base/units.h"
#include "formats/convert.h"
#include "formats/dft_settings.h"
#include "formats/filter.h"
#include "formats/keys.h"
#include "formats/stream.h"
#include "formats/target.h"
#include "ml/fit.h"
#include "ml/tune.h"

struct sample {
    struct rows_label label;
    char *group; /* config_type or NULL */
    bool validation;
    long frame; /* of the input, from 1 */
};

struct settings {
    const char *target, *baseline, *e0, *validate, *report, *plot, *learning;
    struct rows_noise noise;
    double amplitude, pair, two_body, two_body_length, fraction;
    double energy_noise, stress_noise; /* NAN: depends on the labels */
    bool mixed;
    int uncertainty; /* yes, no */
    struct fit_settings fit;
    struct tune_settings tune;
    int objective, tune_frames, tune_sparse;
    char *tuned;
    int samples, unlabelled, fitted;
    struct sample *sample;
    struct target_table found;
    bool mixed_temperature;
    char *dft_settings;
};

static void show_table(const struct settings *s, struct log *log)
{
    for (int k = 0; k <= TARGET_LABELS; k++) {
        char *line = target_line(&s->found, k, s->target, s->baseline);
        log_note(log, "%s", line);
        free(line);
    }
    if (s->unlabelled)
        log_note(log, "%d frame%s without any of these labels %s not used", s->unlabelled,
                 s->unlabelled > 1 ? "s" : "", s->unlabelled > 1 ? "are" : "is");
}

/* Noise of every label: its own error bar and the model's term. Takes the arrays of t and the system. */
static struct rows_label make_label(const struct settings *s, struct target *t, struct system *y)
{
    static const int voigt[6] = {0, 4, 8, 5, 2, 1};
    struct rows_label label = {.system = y,
                               .has_energy = t->has_energy,
                               .has_forces = t->has_forces,
                               .has_stress = t->has_stress && y->periodic,
                               .energy = t->energy,
                               .energy_error = t->energy_error,
                               .force = t->force,
                               .force_error = t->force_error,
                               .force_noise = MEM_NEW(double, 3 * y->n)};
    t->force = t->force_error = NULL;
    for (int v = 0; v < 6; v++) {
        label.stress[v] = t->stress[voigt[v]];
        label.stress_error[v] = t->stress_error[voigt[v]];
    }
    if ((label.pressure =
             label.has_stress && t->isotropic)) { /* errors of one number, not of three */
        label.stress[0] = (t->stress[0] + t->stress[4] + t->stress[8]) / 3;
        label.stress_error[0] = (t->stress_error[0] + t->stress_error[4] + t->stress_error[8]) / 3;
    }
    rows_set_noise(&label, &s->noise);
    return label;
}

static enum status read_target(const struct settings *s, const struct frame *f, struct target *t,
                               struct err *err)
{
    struct target base = {0};
    enum status status = target_read(f, s->target, t, err);
    if (!status && s->baseline) {
        status = target_read(f, s->baseline, &base, err);
        if (!status)
            target_subtract(t, &base, frame_atoms(f));
        target_free(&base);
    }
    return status;
}

/* Labels of one model come from one kind of calculation; several electronic temperatures are a warning. */
static enum status check_settings(struct settings *s, const struct frame *f, bool validation,
                                  struct log *log, struct err *err)
{
    const char *text;
    enum status status = ST_OK;
    if (s->mixed || frame_get_string(f, "dft_settings", &text, NULL))
        return ST_OK;
    if (!s->dft_settings) {
        s->dft_settings = mem_text(text);
        return ST_OK;
    }
    enum dft_settings_match match = dft_settings_compare(s->dft_settings, text);
    if (match == DFT_SETTINGS_OTHER)
        status = err_set(err, ST_DATA,
                         "dft_settings are '%s', not '%s' as before: labels of one model must come "
                         "from one kind of "
                         "calculation (--mixed-settings accepts them)",
                         text, s->dft_settings);
    else if (match == DFT_SETTINGS_TEMPERATURE && !s->mixed_temperature) {
        s->mixed_temperature = true;
        log_warning(log, "labels have several electronic temperatures ('%s' and '%s')%s",
                    s->dft_settings, text, validation ? "" : ": the model is of none of them");
    }
    return status;
}

/* A frame as a sample; *labelled false when it has nothing to fit. One that is refused is not counted. */
static enum status read_sample(struct settings *s, const struct frame *f, bool validation,
                               struct sample *sample, bool *labelled, struct log *log,
                               struct err *err)
{
    const char *group;
    struct target t = {0};
    struct system *y = system_from_frame(f, err);
    if (!y)
        return err->status;
    enum status status = read_target(s, f, &t, err);
    *labelled = !status && (t.has_energy || t.has_forces || t.has_stress);
    if (*labelled)
        status = check_settings(s, f, validation, log, err);
    if (*labelled && !status) {
        target_count(&s->found, &t, y->n);
        *sample = (struct sample){.label = make_label(s, &t, y), .validation = validation};
        if (!frame_get_string(f, "config_type", &group, NULL))
            sample->group = mem_text(group);
    } else {
        system_free(y);
    }
    target_free(&t);
    return status;
}

static void add_sample(struct settings *s, struct sample sample)
{
    size_t n = s->samples;
    if ((n & (n - 1)) == 0)
        s->sample = mem_grow(s->sample, n, n ? 2 * n : 1, sizeof *s->sample);
    s->sample[s->samples++] = sample;
}

static enum status take_validation(void *settings, struct run *run, struct frame *f,
                                   struct err *err)
{
    struct settings *s = settings;
    struct sample sample;
    bool labelled;
    enum status status = read_sample(s, f, true, &sample, &labelled, run_log(run), err);
    if (!status && labelled)
        add_sample(s, sample);
    return status;
}

static enum status read_validation(struct settings *s, struct run *run)
{
    const bool known = s->dft_settings;
    enum status status = run_others(run, s->validate, take_validation);
    if (!known) { /* the model's are those of what it was fitted to */
        free(s->dft_settings);
        s->dft_settings = NULL;
    }
    return status;
}

/* The labels of one set, in the order of the frames; they stay the samples'. */
static struct rows_label *choose(const struct settings *s, bool validation, int *count)
{
    struct rows_label *label = MEM_NEW(struct rows_label, s->samples);
    *count = 0;
    for (int i = 0; i < s->samples; i++)
        if (s->sample[i].validation == validation)
            label[(*count)++] = s->sample[i].label;
    return label;
}

/* Labels that are differences of two calculations themselves are told by energies that cannot be total ones, which
 * lie below minus the first ionisation energy of any element, 0.143 Ha or more (Cs), per atom. */
static bool are_differences(int count, const struct rows_label label[])
{
    const double least = 0.14;
    double energy = 0;
    int atoms = 0;
    for (int i = 0; i < count; i++) {
        energy += label[i].has_energy ? label[i].energy : 0;
        atoms += label[i].has_energy ? label[i].system->n : 0;
    }
    return atoms > 0 && energy > -least * atoms;
}

static bool have_forces(int count, const struct rows_label label[])
{
    for (int i = 0; i < count; i++)
        if (label[i].has_forces)
            return true;
    return false;
}

#endif
