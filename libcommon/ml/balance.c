/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include "base/units.h"
#include "ml/balance.h"
#include "ml/cross.h"

/* Factors of two, to either side, each of which gains at least a per cent */
enum { MOST_STEPS = 10 };
static const double gain = 0.99;

struct balance {
    int frames, folds;
    struct rows_label *label;
    const struct fit_settings *fit;
    double tie; /* stress noise per energy noise; 0: not tied */
    struct rows_noise noise;
    struct log *log;
    enum status status;
    struct err *err;
};

struct moments {
    double count, sum, square;
};

static void add(struct moments *m, double x)
{
    m->count += 1;
    m->sum += x;
    m->square += x * x;
}

/* Zero where it is no more than rounding */
static double variance(const struct moments *m)
{
    double square = m->square / m->count, x = square - pow(m->sum / m->count, 2);
    return m->count > 1 && x > 1e-12 * square ? x : 0;
}

/* Variances of the labels of each kind: energies per atom, forces, and stress about the mean of each component */
static void variances(int frames, const struct rows_label label[], double result[SCORE_QUANTITIES])
{
    struct moments energy = {0}, force = {0}, stress[6] = {{0}};
    for (int f = 0; f < frames; f++) {
        const struct rows_label *l = &label[f];
        if (l->has_energy)
            add(&energy, l->energy / l->system->n);
        for (int i = 0; l->has_forces && i < 3 * l->system->n; i++)
            add(&force, l->force[i]);
        for (int v = 0; v < rows_stress(l); v++)
            add(&stress[v], l->stress[v]);
    }
    result[SCORE_ENERGY] = variance(&energy);
    result[SCORE_FORCE] = variance(&force);
    double sum = 0, count = 0;
    for (int v = 0; v < 6; v++) {
        sum += stress[v].count * variance(&stress[v]);
        count += stress[v].count;
    }
    result[SCORE_STRESS] = count > 0 ? sum / count : 0;
}

double balance_unexplained(int frames, const struct rows_label label[],
                           const struct score_sum error[SCORE_QUANTITIES])
{
    double all[SCORE_QUANTITIES], sum = 0;
    int kinds = 0;
    variances(frames, label, all);
    for (int q = 0; q < SCORE_QUANTITIES; q++)
        if (error[q].count > 0 && all[q] > 0) {
            sum += pow(error[q].square / error[q].count / all[q], 2);
            kinds++;
        }
    return kinds ? sqrt(sum / kinds) : 0;
}

double balance_stress(int frames, const struct rows_label label[])
{
    double sum = 0;
    int count = 0;
    for (int f = 0; f < frames; f++)
        if (label[f].has_stress) {
            sum += sqrt(label[f].system->n) / system_volume(label[f].system);
            count++;
        }
    return count ? sum / count : 0;
}

static void set_noise(struct balance *b, double energy)
{
    b->noise.energy = energy;
    if (b->tie > 0)
        b->noise.stress = b->tie * energy;
    for (int f = 0; f < b->frames; f++)
        rows_set_noise(&b->label[f], &b->noise);
}

static double evaluate(struct balance *b, double energy)
{
    struct score_sum sum[SCORE_QUANTITIES];
    if (b->status)
        return HUGE_VAL;
    set_noise(b, energy);
    b->status = cross_validate(b->frames, b->label, b->fit, b->folds, sum, b->err);
    if (b->status)
        return HUGE_VAL;
    double x = balance_unexplained(b->frames, b->label, sum);
    log_note(b->log, "energy noise %.3g eV: %.4f of the variance of frames left out unexplained",
             energy * UNITS_HARTREE_EV, x);
    return x;
}

/* Energies and something else */
static bool several_kinds(int frames, const struct rows_label label[])
{
    bool energies = false, others = false;
    for (int f = 0; f < frames; f++) {
        energies = energies || label[f].has_energy;
        others = others || label[f].has_forces || label[f].has_stress;
    }
    return energies && others;
}

/* Where the parabola through three points a step of log 2 apart, the middle the lowest, has its minimum */
static double lowest(double middle, const double y[3])
{
    double bend = y[0] - 2 * y[1] + y[2];
    return y[1] < y[0] && y[1] < y[2] ? middle * pow(2, 0.5 * (y[0] - y[2]) / bend) : middle;
}

static double search(struct balance *b, double x)
{
    double y[3] = {evaluate(b, x / 2), evaluate(b, x), HUGE_VAL};
    for (int k = 0; k < MOST_STEPS && y[0] < gain * y[1]; k++, x /= 2) {
        y[2] = y[1];
        y[1] = y[0];
        y[0] = evaluate(b, x / 4);
    }
    if (y[2] == HUGE_VAL)
        y[2] = evaluate(b, 2 * x);
    for (int k = 0; k < MOST_STEPS && y[2] < gain * y[1]; k++, x *= 2) {
        y[0] = y[1];
        y[1] = y[2];
        y[2] = evaluate(b, 4 * x);
    }
    return lowest(x, y);
}

enum status balance_noise(int frames, struct rows_label label[], const struct fit_settings *fit,
                          int folds, bool tied, struct rows_noise *noise, struct log *log,
                          struct err *err)
{
    struct balance b = {.frames = frames,
                        .folds = folds,
                        .label = label,
                        .fit = fit,
                        .tie = tied ? balance_stress(frames, label) : 0,
                        .noise = *noise,
                        .log = log,
                        .err = err};
    set_noise(&b, several_kinds(frames, label) ? search(&b, noise->energy) : noise->energy);
    *noise = b.noise;
    return b.status;
}
