/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kernel-fit: a kernel force field from labelled frames. */
#include "base/outfile.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/units.h"
#include "formats/model.h"
#include "ml/potential_io.h"
#include "formats/convert.h"
#include "formats/dft_settings.h"
#include "formats/filter.h"
#include "formats/keys.h"
#include "formats/stream.h"
#include "formats/target.h"
#include "ml/fit.h"
#include "ml/learning.h"
#include "ml/parity.h"
#include "ml/score.h"
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
    double amplitude, pair, fraction;
    bool mixed;
    int uncertainty; /* yes, no */
    struct fit_settings fit;
    struct tune_settings tune;
    int objective, tune_frames, tune_sparse;
    char *tuned;
    int samples, unlabelled;
    struct sample *sample;
    struct target_table found;
    bool mixed_temperature;
    char *dft_settings;
};

#define AT(member) offsetof(struct settings, member)

static const struct potential_store store = {.set_text = model_set_text,
                                             .set_real = model_set_real,
                                             .set_reals = model_set_reals,
                                             .add = model_add};

static const struct opt options[] = {
    {"Labels", OPT_SECTION, 0, NULL, NULL, 0, 0},
    {"target", OPT_TEXT, AT(target), "P", "fit P_free_energy or P_energy, P_forces and P_stress", 0,
     0},
    {"baseline", OPT_TEXT, AT(baseline), "P",
     "subtract the labels of this prefix: fit the difference", 0, 0},
    {"energy-noise", OPT_QUANTITY, AT(noise.energy), "eV",
     "model error of an energy, times the root of the number of atoms", OPT_ABOVE_0, HUGE_VAL},
    {"force-noise", OPT_QUANTITY, AT(noise.force), "eV/A", "model error of a force component",
     OPT_ABOVE_0, HUGE_VAL},
    {"stress-noise", OPT_QUANTITY, AT(noise.stress), "GPa", "model error of a stress component",
     OPT_ABOVE_0, HUGE_VAL},
    {"mixed-settings", OPT_FLAG, AT(mixed), NULL, "accept frames whose dft_settings differ", 0, 0},
    {"Model", OPT_SECTION, 0, NULL, NULL, 0, 0},
    {"sparse", OPT_INT, AT(fit.sparse), "N", "sparse environments", 1, 1e6},
    {"zeta", OPT_INT, AT(fit.zeta), "N", "power of the kernel", 1, 16},
    {"amplitude", OPT_QUANTITY, AT(amplitude), "eV",
     "standard deviation of atomic energies before the fit; not set: the most likely one",
     OPT_ABOVE_0, HUGE_VAL},
    {"e0", OPT_TEXT, AT(e0), "LIST",
     "energies of atoms, as -13.6eV or H=-13.6eV,C=-1029eV; not set: fitted", 0, 0},
    {"pair", OPT_QUANTITY, AT(pair), "A",
     "cut-off of the fixed repulsion; 0: none; not set: 1 A for forces without baseline, else none",
     0, HUGE_VAL},
    {"cutoff", OPT_QUANTITY, AT(fit.soap.cutoff), "A", "reach of an environment", OPT_ABOVE_0,
     HUGE_VAL},
    {"transition", OPT_QUANTITY, AT(fit.soap.transition), "A", "width of the smooth cut-off",
     OPT_ABOVE_0, HUGE_VAL},
    {"sigma", OPT_QUANTITY, AT(fit.soap.sigma), "A", "width of the Gaussians", OPT_ABOVE_0,
     HUGE_VAL},
    {"radial-scale", OPT_QUANTITY, AT(fit.soap.scale), "A",
     "neighbours weigh 1/(1 + (r/scale)^exponent); 0: all the same", 0, HUGE_VAL},
    {"radial-exponent", OPT_REAL, AT(fit.soap.exponent), "X", "see radial-scale", 2, 100},
    {"n-max", OPT_INT, AT(fit.soap.n_max), "N", "radial functions", 1, 24},
    {"l-max", OPT_INT, AT(fit.soap.l_max), "N", "largest angular momentum", 0, 20},
    {"uncertainty", OPT_CHOICE, AT(uncertainty), "yes|no",
     "store what the uncertainty of predictions needs (N^2/2 numbers)", 0, 0},
    {"Hyperparameters", OPT_SECTION, 0, NULL, NULL, 0, 0},
    {"tune", OPT_TEXT, AT(tune.parameters), "LIST",
     "find the best values of these options, as cutoff,sigma,energy-noise,zeta, before the fit", 0,
     0},
    {"tune-objective", OPT_CHOICE, AT(objective), "validation|evidence",
     "smallest error in cross-validation, or largest marginal likelihood", 0, 0},
    {"tune-frames", OPT_INT, AT(tune_frames), "N", "frames to do it with, evenly spread", 2, 1e6},
    {"tune-sparse", OPT_INT, AT(tune_sparse), "N", "sparse environments meanwhile", 1, 1e6},
    {"tune-evaluations", OPT_INT, AT(tune.evaluations), "N", "evaluations at most", 1, 1e6},
    {"folds", OPT_INT, AT(tune.folds), "N", "parts of the cross-validation", 2, 1e6},
    {"Validation", OPT_SECTION, 0, NULL, NULL, 0, 0},
    {"validate", OPT_TEXT, AT(validate), "FILE", "labelled frames to test the model on", 0, 0},
    {"validation-fraction", OPT_REAL, AT(fraction), "X",
     "part of the input, evenly spread, that is kept from the fit for testing", 0, 0.95},
    {"report", OPT_TEXT, AT(report), "FILE",
     "write the errors by set and config_type, tab-separated", 0, 0},
    {"plot", OPT_TEXT, AT(plot), "FILE", "draw predictions against labels: FILE.svg or FILE.png", 0,
     0},
    {"learning-curve", OPT_TEXT, AT(learning), "FILE",
     "fit parts of the input too; write the validation errors, tab-separated, or draw them "
     "(.svg, .png)",
     0, 0},
    {NULL, OPT_END, 0, NULL, NULL, 0, 0}};

static const struct program program = {
    "kernel-fit", "fit a kernel force field to labelled frames", "--target P [FILE...]",
    "Reads frames with labels P_free_energy or P_energy (eV), P_forces (eV/A), P_stress (eV/A^3) "
    "and their "
    "_error companions; writes the model: one frame per sparse environment.",
    options};

/* ---- labels ---- */

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

/* A frame as a sample; *labelled false when it has nothing to fit. */
static enum status read_sample(struct settings *s, const struct frame *f, struct sample *sample,
                               bool *labelled, struct err *err)
{
    const char *group;
    struct target t = {0};
    struct system *y = system_from_frame(f, err);
    if (!y)
        return err->status;
    enum status status = read_target(s, f, &t, err);
    *labelled = !status && (t.has_energy || t.has_forces || t.has_stress);
    if (*labelled) {
        target_count(&s->found, &t, y->n);
        *sample = (struct sample){.label = make_label(s, &t, y)};
        if (!frame_get_string(f, "config_type", &group, NULL))
            sample->group = mem_text(group);
    } else {
        system_free(y);
    }
    target_free(&t);
    return status;
}

/* Labels of one model come from one kind of calculation; several electronic temperatures are a warning. */
static enum status check_settings(struct settings *s, const struct frame *f, struct log *log,
                                  struct err *err)
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
        log_warning(log,
                    "labels have several electronic temperatures ('%s' and '%s'): the model is of "
                    "none of them",
                    s->dft_settings, text);
    }
    return status;
}

static void add_sample(struct settings *s, struct sample sample)
{
    size_t n = s->samples;
    if ((n & (n - 1)) == 0)
        s->sample = mem_grow(s->sample, n, n ? 2 * n : 1, sizeof *s->sample);
    s->sample[s->samples++] = sample;
}

static enum status frame(void *settings, struct run *run, struct frame *f, struct err *err)
{
    struct settings *s = settings;
    struct sample sample;
    bool labelled;
    enum status status = read_sample(s, f, &sample, &labelled, err);
    if (status)
        return status;
    if (!labelled) {
        s->unlabelled++;
        return ST_OK;
    }
    sample.frame = run_frame(run);
    sample.validation = floor((s->samples + 1) * s->fraction) > floor(s->samples * s->fraction);
    add_sample(s, sample);
    return check_settings(s, f, run_log(run), err);
}

static enum status read_validation(struct settings *s, struct err *err)
{
    struct err own = {ST_OK, ""};
    struct reader *r = reader_open(s->validate, false, &own);
    if (!r)
        return err_set(err, own.status, "%s: %s", s->validate, own.text);
    struct frame *f = frame_new();
    bool end = false, labelled;
    struct sample sample;
    enum status status = ST_OK;
    while (!status && !(status = reader_next(r, f, &end, &own)) && !end) {
        status = read_sample(s, f, &sample, &labelled, &own);
        sample.validation = true;
        if (!status && labelled)
            add_sample(s, sample);
    }
    if (status)
        err_set(err, status, "%s:%ld: frame %ld: %s", reader_name(r), reader_line(r),
                reader_frame(r), own.text);
    frame_free(f);
    reader_close(r);
    return status;
}

/* ---- the fit ---- */

static bool is_figure(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot && (!strcmp(dot, ".svg") || !strcmp(dot, ".png"));
}

static enum status begin(void *settings, struct run *run, struct err *err)
{
    struct settings *s = settings;
    (void)run;
    if (!s->target)
        return err_set(err, ST_USAGE,
                       "no target: --target P names the labels to fit, as dft or vmc");
    s->fit.amplitude = isnan(s->amplitude) ? 0 : s->amplitude;
    if (!isnan(s->pair) && s->pair > s->fit.soap.cutoff)
        return err_set(err, ST_USAGE, "--pair must not be larger than --cutoff");
    if (s->fit.soap.transition > s->fit.soap.cutoff)
        return err_set(err, ST_USAGE, "--transition must not be larger than --cutoff");
    if (s->plot && !is_figure(s->plot))
        return err_set(err, ST_USAGE, "--plot '%s': the name must end in .svg or .png", s->plot);
    if (s->learning && !s->validate && !(s->fraction > 0))
        return err_set(err, ST_USAGE,
                       "--learning-curve needs frames to test on: --validate FILE or "
                       "--validation-fraction");
    s->tune.objective = (enum tune_objective)s->objective;
    enum status status = s->tune.parameters ? tune_check(&s->tune, err) : ST_OK;
    return !status && s->e0 ? fit_parse_e0(s->e0, &s->fit, err) : status;
}

static enum status missing(const struct settings *s, struct err *err)
{
    if (s->samples == 0 && s->unlabelled == 0)
        return err_set(err, ST_DATA, "no frames: labelled ones are needed");
    if (s->samples == 0)
        return err_set(
            err, ST_DATA, "no frame has %s_energy, %s_free_energy, %s_forces or %s_stress%s%s",
            s->target, s->target, s->target, s->target,
            s->baseline ? " together with that of " : "", s->baseline ? s->baseline : "");
    return err_set(err, ST_DATA, "--validation-fraction leaves no frame to fit");
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

/* Hyperparameters from some of the training frames; the noise of all labels follows. */
static enum status find_parameters(struct settings *s, int count, struct rows_label *label,
                                   struct run *run, struct err *err)
{
    int n = count < s->tune_frames ? count : s->tune_frames, sparse = s->fit.sparse;
    struct rows_label *some = MEM_NEW(struct rows_label, n);
    for (int i = 0; i < n; i++)
        some[i] = label[(long long)i * count / n];
    if (n < s->tune.folds)
        s->tune.folds = n;
    enum status status = ST_OK;
    if (n < 2 && s->tune.objective == TUNE_VALIDATION)
        status = err_set(err, ST_DATA, "cross-validation needs two labelled frames; there is one");
    s->fit.sparse = sparse < s->tune_sparse ? sparse : s->tune_sparse;
    if (!status)
        status = tune(n, some, &s->tune, &s->fit, &s->noise, run_log(run), &s->tuned, err);
    s->fit.sparse = sparse;
    for (int i = 0; i < s->samples && !status; i++)
        rows_set_noise(&s->sample[i].label, &s->noise);
    if (!status)
        log_note(run_log(run), "tuned: %s", s->tuned);
    free(some);
    return status;
}

static struct potential *fit(struct settings *s, struct run *run, struct err *err)
{
    struct fit_report report;
    int count;
    struct rows_label *label = choose(s, false, &count);
    if (count == 0) {
        free(label);
        missing(s, err);
        return NULL;
    }
    bool forces = s->found.row[TARGET_FORCES].frames > 0 && !s->baseline;
    s->fit.pair_cutoff = isnan(s->pair) ? (forces ? 1 / UNITS_BOHR_A : 0) : s->pair;
    if (s->fit.pair_cutoff > s->fit.soap.cutoff)
        s->fit.pair_cutoff = s->fit.soap.cutoff;
    struct potential *p = NULL;
    if (!s->tune.parameters || !find_parameters(s, count, label, run, err)) {
        struct rows_label *tuned = choose(s, false, &count);
        p = fit_potential(count, tuned, &s->fit, &report, run_log(run), err);
        free(tuned);
    }
    free(label);
    if (!p)
        return NULL;
    log_note(run_log(run), "%d of %zu environments, %.0f labels of %d frames", p->count,
             report.environments, report.rows, count);
    if (p->pair_cutoff > 0)
        log_note(
            run_log(run),
            "with the fixed repulsion below %.3g A; --pair 0 leaves it out, as differences need",
            p->pair_cutoff * UNITS_BOHR_A);
    log_note(run_log(run), "amplitude %.4g eV; residuals show %.3g times the assumed noise",
             p->amplitude * UNITS_HARTREE_EV, report.noise);
    return p;
}

/* The force of the fit that is farthest from its label */
struct worst {
    double error;
    long frame;
    int atom;
};

static void look(struct worst *worst, const struct sample *sample, const struct predict_result *r)
{
    const struct rows_label *l = &sample->label;
    for (int i = 0; l->has_forces && !sample->validation && i < 3 * l->system->n; i++) {
        double error = fabs(r->force[i / 3][i % 3] - l->force[i]);
        if (error > worst->error)
            *worst = (struct worst){error, sample->frame, i / 3 + 1};
    }
}

/* Errors of a fit have longer tails than the normal distribution, but not that long. */
static void warn(const struct worst *worst, const struct scores *scores, struct log *log)
{
    enum { OUTLIER = 20 };
    for (int i = 0; i < scores->n; i++) {
        const struct score_sum *sum = &scores->score[i].quantity[SCORE_FORCE];
        if (strcmp(scores->score[i].set, "training") || strcmp(scores->score[i].group, "all"))
            continue;
        if (sum->count > 0 && worst->error > OUTLIER * score_rmse(sum))
            log_warning(log,
                        "frame %ld: the force on atom %d is %.3g eV/A off the fit, %.0f times the "
                        "rms error: if the label is wrong, leave it out or give it an error bar",
                        worst->frame, worst->atom, worst->error / units_stream(DIM_FORCE),
                        worst->error / score_rmse(sum));
    }
}

static enum status score(const struct settings *s, struct potential *p, struct scores *scores,
                         struct parity *parity, struct worst *worst, struct err *err)
{
    struct predict *predict = predict_new(1, &p, false);
    enum status status = ST_OK;
    for (int i = 0; i < s->samples && !status; i++) {
        const struct sample *sample = &s->sample[i];
        struct predict_result r = {.force = mem_new(sample->label.system->n, sizeof *r.force)};
        status = predict_evaluate(predict, sample->label.system, &r, err);
        if (!status)
            scores_add(scores, sample->validation ? "validation" : "training", sample->group,
                       &sample->label, &r);
        if (!status)
            look(worst, sample, &r);
        if (!status && s->plot)
            parity_add(parity, sample->validation, &sample->label, &r);
        free(r.force);
    }
    predict_free(predict);
    return status;
}

static enum status put_report(const struct settings *s, const struct scores *scores,
                              struct log *log, struct err *err)
{
    struct outfile out;
    for (int i = 0; i < scores->n; i++)
        for (int q = 0; q < SCORE_QUANTITIES && !strcmp(scores->score[i].group, "all"); q++) {
            char *line = scores_summary(&scores->score[i], (enum score_quantity)q);
            if (line)
                log_note(log, "%s", line);
            free(line);
        }
    if (!s->report)
        return ST_OK;
    enum status status = outfile_open(&out, s->report, err);
    if (status)
        return status;
    scores_write(scores, out.file);
    return outfile_close(&out, true, err);
}

static enum status put_curve(const struct settings *s, const struct learning *curve,
                             struct err *err)
{
    struct outfile out;
    if (is_figure(s->learning))
        return learning_plot(curve, s->learning, err);
    enum status status = outfile_open(&out, s->learning, err);
    if (status)
        return status;
    learning_write(curve, out.file);
    return outfile_close(&out, true, err);
}

/* Fits to parts of the training set, with the hyperparameters of the whole */
static enum status learn(const struct settings *s, struct run *run, struct err *err)
{
    struct learning curve;
    int count, tests;
    struct rows_label *label = choose(s, false, &count), *test = choose(s, true, &tests);
    enum status status =
        tests ? learning_curve(count, label, tests, test, &s->fit, &curve, run_log(run), err)
              : err_set(err, ST_DATA, "no frame is left to test the learning curve on");
    if (!status)
        status = put_curve(s, &curve, err);
    free(label);
    free(test);
    return status;
}

static enum status put_model(const struct settings *s, struct potential *p, struct run *run,
                             struct err *err)
{
    if (s->uncertainty != 0) {
        free(p->factor);
        p->factor = NULL;
    }
    struct model *m = model_new();
    potential_put(p, &store, m);
    model_set_text(m, "target", s->target);
    if (s->baseline)
        model_set_text(m, "baseline", s->baseline);
    if (s->tuned)
        model_set_text(m, "tuned", s->tuned);
    model_set_real(m, "energy_noise_Ha", s->noise.energy);
    model_set_real(m, "force_noise_Ha_bohr", s->noise.force);
    model_set_real(m, "stress_noise_Ha_bohr3", s->noise.stress);
    if (s->dft_settings)
        model_set_text(m, "dft_settings", s->dft_settings);
    model_set_real(m, "frames", s->samples);
    struct frame *f = frame_new();
    enum status status = ST_OK;
    for (int i = 0; i < m->environments && !status; i++) {
        model_frame(m, i, f);
        status = run_put(run, f, err);
    }
    frame_free(f);
    model_free(m);
    return status;
}

static enum status end(void *settings, struct run *run, struct err *err)
{
    struct settings *s = settings;
    struct scores scores = {0};
    struct parity parity = {0};
    struct worst worst = {0};
    if (s->samples == 0)
        return missing(s, err);
    show_table(s, run_log(run));
    enum status status = s->validate ? read_validation(s, err) : ST_OK;
    if (status)
        return status;
    struct potential *p = fit(s, run, err);
    if (!p)
        return err->status;
    status = score(s, p, &scores, &parity, &worst, err);
    warn(&worst, &scores, run_log(run));
    if (!status && s->plot)
        status = parity_plot(&parity, s->plot, err);
    if (!status && s->learning)
        status = learn(s, run, err);
    if (!status)
        status = put_report(s, &scores, run_log(run), err);
    if (!status)
        status = put_model(s, p, run, err);
    scores_free(&scores);
    parity_free(&parity);
    potential_free(p);
    return status;
}

static void release(void *settings)
{
    struct settings *s = settings;
    for (int i = 0; i < s->samples; i++) {
        system_free(s->sample[i].label.system);
        free(s->sample[i].label.force);
        free(s->sample[i].label.force_noise);
        free(s->sample[i].label.force_error);
        free(s->sample[i].group);
    }
    free(s->sample);
    free(s->dft_settings);
    free(s->tuned);
}

int main(int argc, char **argv)
{
    struct settings settings = {.noise = {.energy = 0.7e-3 / UNITS_HARTREE_EV,
                                          .force = 0.1 * UNITS_BOHR_A / UNITS_HARTREE_EV,
                                          .stress = 1 / UNITS_PRESSURE_GPA},
                                .amplitude = NAN,
                                .pair = NAN,
                                .tune = {.folds = 4, .evaluations = 100},
                                .tune_frames = 40,
                                .tune_sparse = 300,
                                .fit = {.soap = soap_defaults, .zeta = 2, .sparse = 1000}};
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
