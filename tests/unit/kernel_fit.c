/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Force fields: fits against known potentials, noise, uncertainties. */
#include "base/threads.h"
#include "maths/linalg.h"
#include "ml/rows.h"
#include "ml/sparse.h"
#include "ml/variance_forces.h"
#include "kernel_labels.h"

static void fit_recovers_a_known_potential(void)
{
    struct fit_settings set = defaults(250);
    set.amplitude = 0;
    struct potential *m = fitted(30, false, &set);
    struct predict *p = predict_new(1, &m, true);
    double off = 0, worst_energy = 0, worst_stress = 0, force[ATOMS][3], rms = 0;
    struct rows_label *test = make_labels(4, 500, false);
    for (int f = 0; f < 4; f++) {
        struct predict_result r = {.force = force};
        worst_energy =
            fmax(worst_energy, fabs(energy(p, test[f].system, &r) - test[f].energy) / ATOMS);
        worst_stress = fmax(worst_stress, fabs(r.stress[1][2] - test[f].stress[3]));
        for (int i = 0; i < 3 * ATOMS; i++) {
            off += pow(force[i / 3][i % 3] - test[f].force[i], 2) / (12 * ATOMS);
            rms += pow(test[f].force[i], 2) / (12 * ATOMS);
        }
        CHECK(r.uncertainty > 0 && r.uncertainty < 0.02);
    }
    CHECK(worst_energy < 5e-4);
    CHECK(worst_stress < 1e-4);
    CHECK(sqrt(off) < 0.06 * sqrt(rms));
    free_labels(4, test);
    predict_free(p);
    potential_free(m);
}

/* Labels from a force field of the same kind, exact to 1e-7: predictions agree on cells never seen. */
static void fit_recovers_a_potential_of_its_own_kind(void)
{
    enum { FRAMES = 12 };
    static const int voigt[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};
    struct fit_settings set = defaults(40);
    struct fit_report report;
    set.pair_cutoff = 2.5;
    struct potential *truth = fitted(FRAMES, false, &set), *again = NULL;
    struct rows_label *label = make_labels(FRAMES, 0, false);
    struct predict *p = predict_new(1, &truth, false);
    struct system *s = liquid(333, false, true);
    double force[2][ATOMS][3];
    struct predict_result r = {0}, q = {.force = force[1]};
    for (int f = 0; f < FRAMES; f++) {
        r.force = (double(*)[3])label[f].force;
        label[f].energy = energy(p, label[f].system, &r);
        label[f].energy_noise = 1e-7;
        for (int v = 0; v < 6; v++) {
            label[f].stress[v] = r.stress[voigt[v][0]][voigt[v][1]];
            label[f].stress_noise[v] = 1e-10;
        }
        for (int i = 0; i < 3 * ATOMS; i++)
            label[f].force_noise[i] = 1e-7;
    }
    set.e0_fixed = true;
    set.e0[1] = truth->e0[0];
    set.amplitude = 100;
    again = fit_potential(FRAMES, label, &set, &report, NULL, NULL);
    r.force = force[0];
    energy(p, s, &r);
    predict_free(p);
    p = predict_new(1, &again, false);
    CHECK_NEAR(energy(p, s, &q), r.energy, 1e-6);
    for (int i = 0; i < 3 * ATOMS; i++)
        CHECK_NEAR(force[1][i / 3][i % 3], force[0][i / 3][i % 3], 1e-6);
    for (int a = 0; a < 9; a++)
        CHECK_NEAR(q.stress[a / 3][a % 3], r.stress[a / 3][a % 3], 1e-8);
    predict_free(p);
    potential_free(truth);
    potential_free(again);
    free_labels(FRAMES, label);
    system_free(s);
}

/* Spoiled labels whose error bars say so change nothing. */
static void a_label_with_a_huge_error_has_no_influence(void)
{
    struct fit_settings set = defaults(60);
    struct fit_report report;
    struct rows_label *label = make_labels(6, 0, false);
    label[3].has_energy = false;
    struct potential *without = fit_potential(6, label, &set, &report, NULL, NULL);
    label[3].has_energy = true;
    label[3].energy += 5000;
    label[3].energy_noise = 1e9;
    struct potential *with = fit_potential(6, label, &set, &report, NULL, NULL);
    label[3].energy_noise = 1e-4;
    struct potential *spoiled = fit_potential(6, label, &set, &report, NULL, NULL);
    struct potential *all[3] = {without, with, spoiled};
    double e[3];
    for (int k = 0; k < 3; k++) {
        struct predict *p = predict_new(1, &all[k], false);
        struct predict_result r = {0};
        e[k] = energy(p, label[0].system, &r);
        predict_free(p);
    }
    CHECK_NEAR(e[0], e[1], 1e-8);
    CHECK(fabs(e[2] - e[0]) > 1e-3);
    for (int k = 0; k < 3; k++)
        potential_free(all[k]);
    free_labels(6, label);
}

/* Weights by QR in pieces against (A^T A + K) w = A^T b in one piece. */
static void qr_in_pieces_equals_the_normal_equations(void)
{
    enum { N = 12, FRAMES = 5 };
    struct fit_settings set = defaults(N);
    struct fit_report report;
    struct rows_label *label = make_labels(FRAMES, 0, false);
    for (int f = 0; f < FRAMES; f++) { /* mild noise: a well-conditioned case */
        label[f].energy_noise = 2;
        for (int i = 0; i < 3 * ATOMS; i++)
            label[f].force_noise[i] = 0.5;
    }
    set.zeta = 1;
    struct potential *p = fit_potential(FRAMES, label, &set, &report, NULL, NULL);
    double normal[N * N] = {0}, right[N] = {0}, prior[N * N];
    CHECK(p->count == N);
    CHECK(potential_prior(p, prior, NULL) == ST_OK);
    linalg_gemm(LINALG_N, LINALG_T, N, N, N, 1, prior, prior, 0, normal);
    for (int f = 0; f < FRAMES; f++) {
        int rows = rows_count(&label[f]);
        double *a = MEM_NEW(double, rows *N), *b = MEM_NEW(double, rows);
        CHECK(rows_fill(p, NULL, &label[f], a, b, NULL) == ST_OK);
        linalg_gemm(LINALG_T, LINALG_N, N, N, rows, 1, a, a, 1, normal);
        linalg_gemm(LINALG_T, LINALG_N, N, 1, rows, 1, a, b, 1, right);
        free(a);
        free(b);
    }
    CHECK(linalg_solve(N, normal, 1, right, NULL) == ST_OK);
    for (int m = 0; m < N; m++)
        CHECK_NEAR(p->weight[m], right[m], 1e-6 * fabs(right[0]) + 1e-9);
    potential_free(p);
    free_labels(FRAMES, label);
}

/* Rows of forces and stress with most of each product in single precision, against double precision throughout, in
 * which finite differences hold: to 1e-10 of the largest of them, where single precision throughout would leave 1e-7 */
static void slopes_in_two_precisions_are_slopes(void)
{
    enum { FRAMES = 30 };
    struct fit_settings set = defaults(300);
    struct fit_report report;
    set.soap.n_max = 8;
    set.soap.l_max = 6;
    set.soap.sigma = 2; /* smooth: few directions */
    for (int mixed = 0; mixed < 2; mixed++) {
        struct rows_label *label = make_labels(FRAMES, 0, mixed);
        struct potential *p = fit_potential(FRAMES, label, &set, &report, NULL, NULL);
        struct slopes *s = slopes_new(p, NULL);
        label->has_energy = false;
        int rows = rows_count(label), n = p->columns;
        double *a = MEM_NEW(double, rows *n), *exact = MEM_NEW(double, rows *n),
               *b = MEM_NEW(double, rows), most = 0, worst = 0;
        CHECK(s && s->part[0].lead > 0 && (!mixed || s->part[1].lead > 0));
        CHECK(rows_fill(p, s, label, a, b, NULL) == ST_OK);
        memset(b, 0, rows * sizeof *b);
        CHECK(rows_fill(p, NULL, label, exact, b, NULL) == ST_OK);
        for (int i = 0; i < rows * n; i++) {
            most = fmax(most, fabs(exact[i]));
            worst = fmax(worst, fabs(a[i] - exact[i]));
        }
        CHECK_NEAR(worst / most, 0, 1e-10);
        CHECK(worst > 0);
        slopes_free(s);
        free(a);
        free(b);
        free(exact);
        potential_free(p);
        free_labels(FRAMES, label);
    }
}

/* Labels with Gaussian noise of the size that they state: the residuals show noise 1, and predictions are
 * off by what the uncertainty says. */
static void noise_is_found_and_the_uncertainty_is_honest(void)
{
    enum { FRAMES = 24, TESTS = 20 };
    struct fit_settings set = defaults(150);
    struct fit_report report;
    struct rows_label *label = make_labels(FRAMES, 0, false),
                      *test = make_labels(TESTS, 900, false);
    struct rng rng;
    rng_start(&rng, 5, RNG_TEST, 0, 0, 0);
    for (int f = 0; f < FRAMES; f++) {
        label[f].has_stress = false;
        label[f].energy_noise = 0.02;
        label[f].energy += 0.02 * rng_normal(&rng);
        for (int i = 0; i < 3 * ATOMS; i++) {
            label[f].force_noise[i] = 0.01;
            label[f].force[i] += 0.01 * rng_normal(&rng);
        }
    }
    set.amplitude = 0;
    struct potential *m = fit_potential(FRAMES, label, &set, &report, NULL, NULL);
    struct predict *p = predict_new(1, &m, true);
    double z2 = 0, widest = 0;
    for (int f = 0; f < TESTS; f++) {
        struct predict_result r = {0};
        double e = energy(p, test[f].system, &r);
        z2 += pow((e - test[f].energy) / r.uncertainty, 2) / TESTS;
        widest = fmax(widest, r.uncertainty);
    }
    CHECK_NEAR(report.noise, 1, 0.12); /* 816 labels: 4 standard errors of 1/sqrt(2 n) */
    CHECK(z2 > 0.1 && z2 < 3);
    CHECK(widest < 0.2);
    predict_free(p);
    potential_free(m);
    free_labels(FRAMES, label);
    free_labels(TESTS, test);
}

/* A potential drawn from the prior: weights L^-T g amplitude for normal numbers g */
static void draw(struct potential *p, const double prior[], struct rng *rng)
{
    int n = p->count;
    double *upper = MEM_NEW(double, n *n), *w = MEM_NEW(double, n);
    for (int i = 0; i < n; i++) {
        w[i] = p->amplitude * rng_normal(rng);
        for (int j = i; j < n; j++)
            upper[i * n + j] = prior[j * n + i];
    }
    CHECK(linalg_solve_upper(n, upper, false, w, NULL) == ST_OK);
    for (int i = 0; i < n; i++)
        p->weight[p->order[i]] = w[i];
    CHECK(potential_prepare(p, NULL) == ST_OK);
    free(upper);
    free(w);
}

/* Potentials drawn from the prior, labels with the noise that they state, every environment sparse: the
 * errors of the energies divided by the uncertainties are standard normal numbers. Of n nearly independent
 * ones the mean is 0 within 4/sqrt(n), the mean square 1 within 4 sqrt(2/n). */
static void errors_are_normal_in_units_of_the_uncertainty(void)
{
    enum { FRAMES = 8, DRAWS = 24 };
    struct fit_settings set = defaults(FRAMES * ATOMS);
    struct fit_report report;
    struct rows_label *label = make_labels(FRAMES, 0, false);
    struct rng rng;
    double exact[FRAMES], sum = 0, square = 0, mean = 0;
    rng_start(&rng, 8, RNG_TEST, 0, 0, 0);
    set.amplitude = 0.3;
    set.e0_fixed = true;
    for (int f = 0; f < FRAMES; f++)
        label[f].has_stress = false;
    struct potential *truth = fit_potential(FRAMES, label, &set, &report, NULL, NULL);
    CHECK(truth->count == FRAMES * ATOMS);
    double *prior = MEM_NEW(double, truth->count * truth->count);
    CHECK(potential_prior(truth, prior, NULL) == ST_OK);
    free(truth->factor);
    truth->factor = NULL;
    for (int k = 0; k < DRAWS; k++) {
        draw(truth, prior, &rng);
        noisy_labels(truth, FRAMES, label, exact, &rng);
        struct potential *m = fit_potential(FRAMES, label, &set, &report, NULL, NULL);
        struct predict *p = predict_new(1, &m, true);
        for (int f = 0; f < FRAMES; f++) {
            struct predict_result r = {0};
            double z = (energy(p, label[f].system, &r) - exact[f]) / r.uncertainty;
            sum += z / (DRAWS * FRAMES);
            square += z * z / (DRAWS * FRAMES);
            mean += r.uncertainty / (DRAWS * FRAMES);
        }
        predict_free(p);
        potential_free(m);
    }
    CHECK_NEAR(sum, 0, 4 / sqrt(DRAWS * FRAMES));
    CHECK_NEAR(square, 1, 4 * sqrt(2. / (DRAWS * FRAMES)));
    CHECK(mean < 0.01); /* the labels have taught something: less than their own noise */
    free(prior);
    potential_free(truth);
    free_labels(FRAMES, label);
}

/* Variance of the energy of two copies of s far apart, in which atom i is displaced along an axis */
static double pair_variance(struct predict *p, const struct system *s, int i, int axis, double one,
                            double two)
{
    struct system *both = system_new(2 * s->n);
    struct predict_result r = {0};
    for (int k = 0; k < 2 * s->n; k++) {
        both->element[k] = s->element[k % s->n];
        memcpy(both->pos[k], s->pos[k % s->n], sizeof both->pos[k]);
        both->pos[k][0] += k < s->n ? 0 : 200;
    }
    both->pos[i][axis] += one;
    both->pos[s->n + i][axis] += two;
    energy(p, both, &r);
    system_free(both);
    return r.uncertainty * r.uncertainty;
}

/* With V(a, b) of two copies, V(a, a) = 4 var E(a) and so on:
 * var dE/dx = [V(+,+) + V(-,-) - 2 V(+,-)] / (8 h^2), up to terms of h^2. */
static void variance_of_forces_is_that_of_the_energy_difference(void)
{
    struct fit_settings set = defaults(30);
    struct system *s = liquid(78, true, false);
    set.zeta = 2;
    set.two_body = 4.1;
    struct potential *m = fitted(2, true, &set);
    struct predict *p = predict_new(1, &m, true);
    double variance[ATOMS][3] = {{0}}, h = 2e-3;
    CHECK(variance_forces(m, s, variance, NULL) == ST_OK);
    for (int c = 0; c < 3 * ATOMS; c += 5) {
        int i = c / 3, axis = c % 3;
        double v = pair_variance(p, s, i, axis, h, h) + pair_variance(p, s, i, axis, -h, -h) -
                   2 * pair_variance(p, s, i, axis, h, -h);
        CHECK_NEAR(variance[i][axis], v / (8 * h * h), 1e-4 * variance[i][axis]);
        CHECK(variance[i][axis] > 0);
    }
    predict_free(p);
    potential_free(m);
    system_free(s);
}

static void farthest_points_are_chosen_and_duplicates_are_not(void)
{
    enum { N = 9 };
    float rows[N][2];
    size_t chosen[N];
    for (int i = 0; i < N; i++) {
        float angle = 0.1f * (float)(i % 8); /* row 8 repeats row 0 */
        rows[i][0] = cosf(angle);
        rows[i][1] = sinf(angle);
    }
    CHECK(sparse_farthest(N, 2, rows[0], NULL, N, chosen) == 8);
    CHECK(chosen[0] == 0 && chosen[1] == 7);
    CHECK(chosen[2] == 3 || chosen[2] == 4);
    int kind[N] = {0, 0, 0, 0, 0, 0, 0, 0, 1};
    CHECK(sparse_farthest(N, 2, rows[0], kind, 2, chosen) == 2 && chosen[1] == 8);
}

static const struct check_case cases[] = {
    CHECK_CASE(fit_recovers_a_known_potential),
    CHECK_CASE(fit_recovers_a_potential_of_its_own_kind),
    CHECK_CASE(a_label_with_a_huge_error_has_no_influence),
    CHECK_CASE(qr_in_pieces_equals_the_normal_equations),
    CHECK_CASE(slopes_in_two_precisions_are_slopes),
    CHECK_CASE(noise_is_found_and_the_uncertainty_is_honest),
    CHECK_CASE(errors_are_normal_in_units_of_the_uncertainty),
    CHECK_CASE(variance_of_forces_is_that_of_the_energy_difference),
    CHECK_CASE(farthest_points_are_chosen_and_duplicates_are_not),
    {NULL, NULL}};

int main(int argc, char **argv)
{
    threads_set(1);
    return check_main(argc, argv, cases);
}
