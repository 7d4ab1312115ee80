/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kinds of labels against each other: stresses of which only the trace is known, and the noise of whole cells. */
#include "ml/balance.h"
#include "base/threads.h"
#include "kernel_labels.h"

/* The row of a pressure is the mean of the three rows of the diagonal, and so is its label. */
static void a_pressure_is_a_third_of_the_trace(void)
{
    struct fit_settings set = defaults(20);
    struct fit_report report;
    struct rows_label *label = make_labels(2, 0, true);
    set.two_body = 4.1;
    set.pair_cutoff = 2.3;
    struct potential *p = fit_potential(2, label, &set, &report, NULL, NULL);
    int n = p->columns, rows = rows_count(&label[1]);
    CHECK(rows == 1 + 3 * ATOMS + 6 && rows_stress(&label[1]) == 6);
    double *a = MEM_NEW(double, rows *n), *b = MEM_NEW(double, rows),
           *one = MEM_NEW(double, rows *n), *right = MEM_NEW(double, rows);
    CHECK(rows_fill(p, NULL, &label[1], a, b, NULL) == ST_OK);
    label[1].pressure = true;
    label[1].stress[0] = (label[1].stress[0] + label[1].stress[1] + label[1].stress[2]) / 3;
    CHECK(rows_count(&label[1]) == rows - 5 && rows_stress(&label[1]) == 1);
    CHECK(rows_fill(p, NULL, &label[1], one, right, NULL) == ST_OK);
    int at = rows - 6;
    for (int m = 0; m < n; m++) {
        double mean = (a[at * n + m] + a[(at + 1) * n + m] + a[(at + 2) * n + m]) / 3;
        CHECK_NEAR(one[at * n + m], mean, 1e-10 * (1 + fabs(mean)));
    }
    CHECK_NEAR(right[at], (b[at] + b[at + 1] + b[at + 2]) / 3, 1e-10 * (1 + fabs(right[at])));
    CHECK(fabs(right[at]) > 1e-3);
    free(a);
    free(b);
    free(one);
    free(right);
    potential_free(p);
    free_labels(2, label);
}

/* Errors as large as the labels' standard deviations, of two kinds: 1; half of one: sqrt((1/16 + 1)/2) */
static void unexplained_fractions_have_a_quadratic_mean(void)
{
    struct rows_label *label = make_labels(2, 0, false);
    struct score_sum error[SCORE_QUANTITIES] = {{0}};
    for (int f = 0; f < 2; f++) {
        label[f].has_stress = false;
        label[f].energy = 2.5 * ATOMS * (2 * f - 1); /* variance 2.5^2 per atom */
        for (int i = 0; i < 3 * ATOMS; i++)
            label[f].force[i] = 0.7;
    }
    error[SCORE_ENERGY] = (struct score_sum){.count = 2, .square = 2 * 6.25};
    error[SCORE_FORCE] = (struct score_sum){.count = 66, .square = 1};
    CHECK_NEAR(balance_unexplained(2, label, error), 1, 1e-12); /* forces are all the same */
    for (int i = 0; i < 3 * ATOMS; i++) {
        label[0].force[i] = 0.3;
        label[1].force[i] = 0.7; /* variance 0.04 */
    }
    error[SCORE_FORCE].square = 66 * 0.04;
    CHECK_NEAR(balance_unexplained(2, label, error), 1, 1e-12);
    error[SCORE_ENERGY].square /= 4;
    CHECK_NEAR(balance_unexplained(2, label, error), sqrt((1.0 / 16 + 1) / 2), 1e-12);
    free_labels(2, label);
}

/* The energy noise of 12 exactly labelled frames that a search from start ends at */
static double found(double start, bool forces)
{
    enum { FRAMES = 12 };
    struct fit_settings set = defaults(25);
    struct rows_noise noise = {.energy = start, .force = 2e-3, .stress = 1};
    struct rows_label *label = make_labels(FRAMES, 0, false);
    set.amplitude = 0;
    for (int f = 0; f < FRAMES; f++)
        label[f].has_forces = label[f].has_stress = forces;
    CHECK(balance_noise(FRAMES, label, &set, 4, true, &noise, NULL, NULL) == ST_OK);
    if (forces) {
        double tie = sqrt(ATOMS) / system_volume(label[0].system);
        CHECK_NEAR(balance_stress(FRAMES, label), tie, 1e-12);
        CHECK_NEAR(noise.stress, tie * noise.energy, 1e-12);
        CHECK_NEAR(label[3].energy_noise, noise.energy * sqrt(ATOMS), 1e-12);
    }
    free_labels(FRAMES, label);
    return noise.energy;
}

/* From thirty times too much and too little: the minimum is where two scans meet, known to half a step of log 2 each. */
static void the_search_finds_the_same_noise_from_both_sides(void)
{
    double above = found(0.032, true), below = found(4e-5, true);
    CHECK(above > 5e-4 && above < 2.4e-3);
    CHECK(fabs(log(above / below)) < log(2));
    CHECK_NEAR(found(1e-3, false), 1e-3, 1e-15); /* energies alone: nothing to weigh */
}

static const struct check_case cases[] = {
    CHECK_CASE(a_pressure_is_a_third_of_the_trace),
    CHECK_CASE(unexplained_fractions_have_a_quadratic_mean),
    CHECK_CASE(the_search_finds_the_same_noise_from_both_sides),
    {NULL, NULL}};

int main(int argc, char **argv)
{
    threads_set(1);
    return check_main(argc, argv, cases);
}
