/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kernel-fit: a kernel force field from labelled frames. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/units.h"
#include "cmd/kernel-fit-labels.h"
#include "cmd/kernel-fit-report.h"
#include "formats/filter.h"
#include "formats/model.h"
#include "ml/balance.h"
#include "ml/potential_io.h"

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
    {"energy-noise", OPT_QUANTITY, AT(energy_noise), "eV",
     "model error of an energy, times the root of the number of atoms; not set: 0.9 meV, of "
     "labels that are differences what cross-validation finds",
     OPT_ABOVE_0, HUGE_VAL},
    {"force-noise", OPT_QUANTITY, AT(noise.force), "eV/A", "model error of a force component",
     OPT_ABOVE_0, HUGE_VAL},
    {"stress-noise", OPT_QUANTITY, AT(stress_noise), "GPa",
     "model error of a stress component; not set: 1 GPa, of labels that are differences that of "
     "the energy over the volume",
     OPT_ABOVE_0, HUGE_VAL},
    {"mixed-settings", OPT_FLAG, AT(mixed), NULL, "accept frames whose dft_settings differ", 0, 0},
    {"Model", OPT_SECTION, 0, NULL, NULL, 0, 0},
    {"sparse", OPT_INT, AT(fit.sparse), "N", "sparse environments", 1, 1e6},
    {"zeta", OPT_INT, AT(fit.zeta), "N",
     "power of the kernel; 0: 2, with fewer than 300 sparse environments 4", 0, 16},
    {"amplitude", OPT_QUANTITY, AT(amplitude), "eV",
     "standard deviation of atomic energies before the fit; not set: the most likely one",
     OPT_ABOVE_0, HUGE_VAL},
    {"e0", OPT_TEXT, AT(e0), "LIST",
     "energies of atoms, as -13.6eV or H=-13.6eV,C=-1029eV; not set: fitted", 0, 0},
    {"pair", OPT_QUANTITY, AT(pair), "A",
     "cut-off of the fixed repulsion; 0: none; not set: 1 A for forces that are no differences", 0,
     SOAP_MAX_CUTOFF},
    {"two-body", OPT_QUANTITY, AT(two_body), "A",
     "reach of the fitted two-body term, within the cut-off; 0: none; not set: the cut-off", 0,
     SOAP_MAX_CUTOFF},
    {"two-body-length", OPT_QUANTITY, AT(two_body_length), "A",
     "distance over which the two-body term varies; not set: the most likely one", OPT_ABOVE_0,
     HUGE_VAL},
    {"cutoff", OPT_QUANTITY, AT(fit.soap.cutoff), "A", "reach of an environment, at most 20 A",
     OPT_ABOVE_0, SOAP_MAX_CUTOFF},
    {"transition", OPT_QUANTITY, AT(fit.soap.transition), "A", "width of the smooth cut-off",
     OPT_ABOVE_0, HUGE_VAL},
    {"sigma", OPT_QUANTITY, AT(fit.soap.sigma), "A", "width of the Gaussians", OPT_ABOVE_0,
     HUGE_VAL},
    {"radial-scale", OPT_QUANTITY, AT(fit.soap.scale), "A",
     "neighbours weigh 1/(1 + (r/scale)^exponent); 0: all the same", 0, HUGE_VAL},
    {"radial-exponent", OPT_REAL, AT(fit.soap.exponent), "X", "see radial-scale", 2, 100},
    {"n-max", OPT_INT, AT(fit.soap.n_max), "N", "radial functions", 1, SOAP_MAX_N},
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
     "write the errors by set and config_type, tab-separated", OPT_WRITTEN, 0},
    {"plot", OPT_TEXT, AT(plot), "FILE", "draw predictions against labels: FILE.svg or FILE.png",
     OPT_WRITTEN, 0},
    {"learning-curve", OPT_TEXT, AT(learning), "FILE",
     "fit parts of the input too; write the validation errors, tab-separated, or draw them "
     "(.svg, .png)",
     OPT_WRITTEN, 0},
    {NULL, OPT_END, 0, NULL, NULL, 0, 0}};

static const struct program program = {
    "kernel-fit", "fit a kernel force field to labelled frames", "--target P [FILE...]",
    "Reads frames with labels P_free_energy or P_energy (eV), P_forces (eV/A), P_stress (eV/A^3) "
    "and their "
    "_error companions; writes the model: one frame per sparse environment.",
    options};

static enum status frame(void *settings, struct run *run, struct frame *f, struct err *err)
{
    struct settings *s = settings;
    struct sample sample;
    bool labelled,
        validation = floor((s->samples + 1) * s->fraction) > floor(s->samples * s->fraction);
    enum status status = read_sample(s, f, validation, &sample, &labelled, run_log(run), err);
    if (status)
        return status;
    if (!labelled) {
        s->unlabelled++;
        return ST_OK;
    }
    sample.frame = run_frame(run);
    add_sample(s, sample);
    return ST_OK;
}

/* Powers of the kernel where --zeta is not given: kernel-fit(1), "Total energies and differences" */
enum { ZETA = 2, FEW = 300, FEW_ZETA = 4 };

static enum status begin(void *settings, struct run *run, struct err *err)
{
    struct settings *s = settings;
    s->fit.ranks = run_ranks(run);
    if (!s->target)
        return err_set(err, ST_USAGE,
                       "no target: --target P names the labels to fit, as dft or vmc");
    if (s->fit.zeta == 0)
        s->fit.zeta = s->fit.sparse < FEW ? FEW_ZETA : ZETA;
    s->fit.amplitude = isnan(s->amplitude) ? 0 : s->amplitude;
    if (!isnan(s->pair) && s->pair > s->fit.soap.cutoff)
        return err_set(err, ST_USAGE, "--pair must not be larger than --cutoff");
    if (!isnan(s->two_body) && s->two_body > s->fit.soap.cutoff)
        return err_set(err, ST_USAGE, "--two-body must not be larger than --cutoff");
    s->fit.two_body = isnan(s->two_body) ? s->fit.soap.cutoff : s->two_body;
    s->fit.two_body_length = isnan(s->two_body_length) ? 0 : s->two_body_length;
    if (s->fit.soap.transition > s->fit.soap.cutoff)
        return err_set(err, ST_USAGE, "--transition must not be larger than --cutoff");
    if (plot_check_name("plot", s->plot, err))
        return ST_USAGE;
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
    if (s->samples == 0) {
        const char *p = s->target, *bar = *p ? "_" : "";
        return err_set(err, ST_DATA,
                       "no frame has %s%senergy, %s%sfree_energy, %s%sforces or %s%sstress%s%s", p,
                       bar, p, bar, p, bar, p, bar, s->baseline ? " together with that of " : "",
                       s->baseline ? s->baseline : "");
    }
    return err_set(err, ST_DATA, "--validation-fraction leaves no frame to fit");
}

static void set_noise(struct settings *s)
{
    for (int i = 0; i < s->samples; i++)
        rows_set_noise(&s->sample[i].label, &s->noise);
}

/* Some of the training frames, evenly spread, to find hyperparameters with; the caller frees. */
static struct rows_label *choose_some(struct settings *s, int count,
                                      const struct rows_label label[], int *n)
{
    *n = count < s->tune_frames ? count : s->tune_frames;
    struct rows_label *some = MEM_NEW(struct rows_label, *n);
    for (int i = 0; i < *n; i++)
        some[i] = label[(long long)i * count / *n];
    return some;
}

/* Hyperparameters from some of the training frames; the noise of all labels follows. */
static enum status find_parameters(struct settings *s, int count, struct rows_label *label,
                                   struct run *run, struct err *err)
{
    int n, sparse = s->fit.sparse;
    struct rows_label *some = choose_some(s, count, label, &n);
    if (n < s->tune.folds)
        s->tune.folds = n;
    enum status status = ST_OK;
    if (n < 2 && s->tune.objective == TUNE_VALIDATION)
        status = err_set(err, ST_DATA, "cross-validation needs two labelled frames; there is one");
    s->fit.sparse = sparse < s->tune_sparse ? sparse : s->tune_sparse;
    if (!status)
        status = tune(n, some, &s->tune, &s->fit, &s->noise, run_log(run), &s->tuned, err);
    s->fit.sparse = sparse;
    if (!status) {
        set_noise(s);
        log_note(run_log(run), "tuned: %s", s->tuned);
    }
    free(some);
    return status;
}

/* Model errors of an energy, eV: where they come from is in kernel-fit(1), "Total energies and differences". Of
 * differences it is where the search begins, and what a single cell is given. */
#define TOTAL_NOISE 0.9e-3
#define DIFFERENCE_NOISE 10e-3

/* Noise of labels that are differences, from some of the training frames */
static enum status find_noise(struct settings *s, int count, const struct rows_label label[],
                              struct run *run, struct err *err)
{
    int n;
    bool tied = isnan(s->stress_noise);
    struct rows_label *some = choose_some(s, count, label, &n);
    struct fit_settings fit = s->fit;
    enum status status = ST_OK;
    fit.sparse = fit.sparse < s->tune_sparse ? fit.sparse : s->tune_sparse;
    bool tuned = s->tune.parameters && strstr(s->tune.parameters, "energy-noise");
    if (isnan(s->energy_noise) && !tuned && n > 1)
        status = balance_noise(n, some, &fit, n < s->tune.folds ? n : s->tune.folds, tied,
                               &s->noise, run_log(run), err);
    else if (tied)
        s->noise.stress = s->noise.energy * balance_stress(n, some);
    free(some);
    return status;
}

/* Where an option is not set, its value for labels of this kind */
static enum status choose_defaults(struct settings *s, int count, const struct rows_label label[],
                                   struct run *run, struct err *err)
{
    bool differ = !s->baseline && are_differences(count, label), forces = have_forces(count, label);
    const double noise = (differ ? DIFFERENCE_NOISE : TOTAL_NOISE) / UNITS_HARTREE_EV,
                 pair = forces && !differ && !s->baseline ? 1 / UNITS_BOHR_A : 0;
    s->noise.energy = isnan(s->energy_noise) ? noise : s->energy_noise;
    s->noise.stress = isnan(s->stress_noise) ? 1 / UNITS_PRESSURE_GPA : s->stress_noise;
    s->fit.pair_cutoff = fmin(isnan(s->pair) ? pair : s->pair, s->fit.soap.cutoff);
    set_noise(s);
    if (!differ)
        return ST_OK;
    enum status status = find_noise(s, count, label, run, err);
    set_noise(s);
    log_note(run_log(run),
             "labels are differences: energy noise %.3g eV, stress noise %.3g GPa, %s repulsion",
             s->noise.energy * UNITS_HARTREE_EV, s->noise.stress * UNITS_PRESSURE_GPA,
             s->fit.pair_cutoff > 0 ? "with the" : "no");
    return status;
}

static struct potential *fit(struct settings *s, struct run *run, struct err *err)
{
    struct fit_report report;
    int count;
    struct rows_label *label = choose(s, false, &count);
    s->fitted = count;
    if (count == 0) {
        free(label);
        missing(s, err);
        return NULL;
    }
    struct potential *p = NULL;
    if (!choose_defaults(s, count, label, run, err) &&
        (!s->tune.parameters || !find_parameters(s, count, label, run, err))) {
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
        log_note(run_log(run), "with the fixed repulsion below %.3g A",
                 p->pair_cutoff * UNITS_BOHR_A);
    log_note(run_log(run), "amplitude %.4g eV; residuals show %.3g times the assumed noise",
             p->amplitude * UNITS_HARTREE_EV, report.noise);
    if (p->two.knots > 0)
        log_note(run_log(run), "two-body term: amplitude %.4g eV, length %.3g A",
                 p->two.amplitude * UNITS_HARTREE_EV, p->two.length * UNITS_BOHR_A);
    log_note(run_log(run), "log marginal likelihood %.2f", report.likelihood);
    return p;
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
    model_set_real(m, "frames", s->fitted);
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
    enum status status = s->validate ? read_validation(s, run) : ST_OK;
    if (status || run_interrupted(run))
        return status;
    struct potential *p = fit(s, run, err);
    if (!p)
        return err->status;
    status = score(s, p, &scores, &parity, &worst, err);
    warn(&worst, &scores, run_log(run));
    const bool first = ranks_first(s->fit.ranks);
    if (!status && s->plot)
        status = written(s, first ? parity_plot(&parity, s->plot, err) : ST_OK, err);
    if (!status && s->learning)
        status = learn(s, run, err);
    if (!status)
        status = written(s, first ? put_report(s, &scores, run_log(run), err) : ST_OK, err);
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
    struct settings settings = {.noise = {.force = 0.1 * UNITS_BOHR_A / UNITS_HARTREE_EV},
                                .energy_noise = NAN,
                                .stress_noise = NAN,
                                .amplitude = NAN,
                                .pair = NAN,
                                .two_body = NAN,
                                .two_body_length = NAN,
                                .tune = {.folds = 4, .evaluations = 100},
                                .tune_frames = 40,
                                .tune_sparse = 300,
                                .fit = {.soap = soap_defaults, .sparse = 1000}};
    struct filter filter = {.program = &program,
                            .kind = FILTER_REDUCE,
                            .ranks = true,
                            .settings = &settings,
                            .settings_size = sizeof settings,
                            .begin = begin,
                            .frame = frame,
                            .end = end,
                            .free = release};
    return filter_main(&filter, argc, argv);
}
