/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Force fields: prediction against finite differences and invariances, fits against known potentials. */
#include <math.h>
#include <stdlib.h>
#include "base/mem.h"
#include "base/rng.h"
#include "base/threads.h"
#include "base/units.h"
#include "crystal/neighbour.h"
#include "maths/linalg.h"
#include "ml/evidence.h"
#include "ml/fit.h"
#include "ml/pair.h"
#include "ml/predict.h"
#include "ml/rows.h"
#include "ml/sparse.h"
#include "ml/variance_forces.h"
#include "check.h"

enum { ATOMS = 11 };

/* ATOMS atoms in a skew cell smaller than twice the cut-off, no two closer than 1 bohr; elements 1 and 6
 * when mixed. */
static struct system *liquid(int frame, bool mixed, bool periodic)
{
    static const double cell[3][3] = {{6.1, 0.2, -0.3}, {0.4, 5.7, 0.5}, {-0.2, 0.6, 5.9}};
    struct system *s = system_new(ATOMS);
    struct rng rng;
    rng_start(&rng, 11, RNG_TEST, frame, 0, 0);
    s->periodic = periodic;
    memcpy(s->cell, cell, periodic ? sizeof cell : 0);
    for (int i = 0; i < ATOMS;) {
        double x[3], shortest[3];
        bool room = true;
        for (int a = 0; a < 3; a++)
            x[a] = cell[a][a] * rng_uniform(&rng);
        for (int j = 0; j < i && room; j++) {
            double d[3] = {x[0] - s->pos[j][0], x[1] - s->pos[j][1], x[2] - s->pos[j][2]};
            system_minimum_image(s, d, shortest);
            room = hypot(hypot(shortest[0], shortest[1]), shortest[2]) > 1.3;
        }
        s->element[i] = mixed && i % 3 == 1 ? 6 : 1;
        memcpy(s->pos[i], x, sizeof x);
        i += room;
    }
    return s;
}

/* A smooth pair potential with labels computed here, apart from everything in ml. */
static void pair_label(struct rows_label *label, double scale)
{
    const double reach = 4.2;
    struct system *s = label->system;
    struct neighbour *list = neighbour_new(s, reach);
    memset(label->force, 0, 3 * s->n * sizeof *label->force);
    memset(label->stress, 0, sizeof label->stress);
    label->energy = -0.37 * s->n;
    for (int i = 0; i < s->n; i++)
        for (size_t k = list->first[i]; k < list->first[i + 1]; k++) {
            static const int voigt[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};
            const double *d = list->d[k];
            double r = sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]), g = 1 - r / reach;
            double e = exp(-0.9 * r), v = scale * e * g * g * g;
            double slope = -0.9 * v - scale * e * 3 * g * g / reach;
            label->energy += 0.5 * v;
            for (int a = 0; a < 3; a++)
                label->force[3 * i + a] += slope * d[a] / r;
            for (int a = 0; a < 6 && s->periodic; a++)
                label->stress[a] +=
                    0.5 * slope / r * d[voigt[a][0]] * d[voigt[a][1]] / system_volume(s);
        }
    neighbour_free(list);
}

static struct rows_label make_label(int frame, bool mixed)
{
    struct rows_label label = {.system = liquid(frame, mixed, true),
                               .has_energy = true,
                               .has_forces = true,
                               .has_stress = true,
                               .energy_noise = 1e-4,
                               .force = MEM_NEW(double, 3 * ATOMS),
                               .force_noise = MEM_NEW(double, 3 * ATOMS)};
    for (int i = 0; i < 3 * ATOMS; i++)
        label.force_noise[i] = 1e-3;
    for (int v = 0; v < 6; v++)
        label.stress_noise[v] = 1e-5;
    pair_label(&label, 1.7);
    return label;
}

static void free_labels(int n, struct rows_label *label)
{
    for (int f = 0; f < n; f++) {
        system_free(label[f].system);
        free(label[f].force);
        free(label[f].force_noise);
    }
    free(label);
}

static struct rows_label *make_labels(int n, int first, bool mixed)
{
    struct rows_label *label = MEM_NEW(struct rows_label, n);
    for (int f = 0; f < n; f++)
        label[f] = make_label(first + f, mixed);
    return label;
}

static struct fit_settings defaults(int sparse)
{
    struct fit_settings set = {.soap = soap_defaults, .zeta = 3, .sparse = sparse, .amplitude = 1};
    set.soap.cutoff = 4.7;
    set.soap.transition = 1.5;
    set.soap.sigma = 0.38;
    set.soap.scale = 2;
    set.soap.n_max = 6;
    set.soap.l_max = 4;
    return set;
}

static struct potential *fitted(int frames, bool mixed, const struct fit_settings *set)
{
    struct fit_report report;
    struct rows_label *label = make_labels(frames, 0, mixed);
    struct potential *p = fit_potential(frames, label, set, &report, NULL, NULL);
    free_labels(frames, label);
    return p;
}

static double energy(struct predict *p, const struct system *s, struct predict_result *r)
{
    CHECK(predict_evaluate(p, s, r, NULL) == ST_OK);
    return r->energy;
}

/* Two models, one with another descriptor and the pair term, on a mixed liquid in a small skew cell. */
static void differences(struct system *s, bool mixed)
{
    struct fit_settings set = defaults(40), other = defaults(30);
    other.soap.cutoff = 4;
    other.zeta = 2;
    other.pair_cutoff = 3;
    struct potential *model[2] = {fitted(3, mixed, &set), fitted(3, mixed, &other)};
    struct predict *p = predict_new(2, model, false);
    double force[ATOMS][3], unused[ATOMS][3], h = 2e-4, w[] = {0, 45 / 60., -9 / 60., 1 / 60.};
    struct predict_result r = {.force = force}, q = {.force = unused};
    energy(p, s, &r);
    for (int x = 0; x < 3 * ATOMS; x++) {
        double numeric = 0, keep = s->pos[x / 3][x % 3];
        for (int k = -3; k <= 3; k++) {
            s->pos[x / 3][x % 3] = keep + k * h;
            numeric += k ? (k > 0 ? w[k] : -w[-k]) / h * energy(p, s, &q) : 0;
        }
        s->pos[x / 3][x % 3] = keep;
        CHECK_NEAR(force[x / 3][x % 3], -numeric, 1e-8);
    }
    for (int x = 0; x < 9 && s->periodic; x++) {
        double numeric = 0, volume = system_volume(s);
        for (int k = -3; k <= 3; k++) {
            struct system *t = system_copy(s);
            for (int i = 0; i < ATOMS; i++)
                t->pos[i][x / 3] += k * h * s->pos[i][x % 3];
            for (int i = 0; i < 3; i++)
                t->cell[i][x / 3] += k * h * s->cell[i][x % 3];
            numeric += k ? (k > 0 ? w[k] : -w[-k]) / h * energy(p, t, &q) : 0;
            system_free(t);
        }
        CHECK_NEAR(r.stress[x / 3][x % 3], numeric / volume, 1e-8);
    }
    predict_free(p);
    potential_free(model[0]);
    potential_free(model[1]);
}

static void forces_and_stress_are_finite_differences(void)
{
    struct system *s = liquid(77, false, true);
    differences(s, false);
    system_free(s);
}

static void forces_hold_for_two_elements_in_open_boundaries(void)
{
    struct system *s = liquid(78, true, false);
    differences(s, true);
    system_free(s);
}

static struct system *twice(const struct system *s)
{
    struct system *t = system_new(2 * s->n);
    t->periodic = true;
    memcpy(t->cell, s->cell, sizeof t->cell);
    for (int i = 0; i < 2 * s->n; i++) {
        t->element[i] = s->element[i % s->n];
        for (int a = 0; a < 3; a++)
            t->pos[i][a] = s->pos[i % s->n][a] + (i < s->n ? 0 : s->cell[1][a]);
    }
    for (int a = 0; a < 3; a++)
        t->cell[1][a] *= 2;
    return t;
}

static void supercell_has_twice_the_energy(void)
{
    struct fit_settings set = defaults(60);
    struct potential *m = fitted(3, true, &set);
    struct predict *p = predict_new(1, &m, true);
    struct system *s = liquid(5, true, true), *t = twice(s);
    double force[2 * ATOMS][3], one[ATOMS][3];
    struct predict_result r = {.force = one}, q = {.force = force};
    energy(p, s, &r);
    energy(p, t, &q);
    CHECK_NEAR(q.energy, 2 * r.energy, 1e-11);
    CHECK_NEAR(q.uncertainty, 2 * r.uncertainty, 1e-3 * r.uncertainty);
    for (int i = 0; i < 2 * ATOMS; i++)
        CHECK_NEAR(force[i][1], one[i % ATOMS][1], 1e-11);
    for (int a = 0; a < 9; a++)
        CHECK_NEAR(q.stress[a / 3][a % 3], r.stress[a / 3][a % 3], 1e-13);
    predict_free(p);
    potential_free(m);
    system_free(s);
    system_free(t);
}

static void energy_survives_rotation_permutation_and_lattice_vectors(void)
{
    struct fit_settings set = defaults(60);
    struct potential *m = fitted(3, false, &set);
    struct predict *p = predict_new(1, &m, false);
    struct system *s = liquid(6, false, true), *t = system_copy(s);
    double c = cos(1.1), n = sin(1.1);
    struct predict_result r = {0};
    for (int i = 0; i < ATOMS; i++) {
        const double *x = s->pos[ATOMS - 1 - i];
        for (int a = 0; a < 3; a++)
            t->pos[i][a] = x[a] + 0.37 + (i % 3) * s->cell[2][a];
    }
    for (int i = 0; i < ATOMS + 3; i++) {
        double *x = i < ATOMS ? t->pos[i] : t->cell[i - ATOMS], y = x[0];
        x[0] = c * y - n * x[2];
        x[2] = n * y + c * x[2];
    }
    CHECK_NEAR(energy(p, t, &r), energy(p, s, &r), 1e-10);
    predict_free(p);
    potential_free(m);
    system_free(s);
    system_free(t);
}

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
        CHECK(rows_fill(p, &label[f], a, b, NULL) == ST_OK);
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

static void noisy_labels(struct potential *truth, int n, struct rows_label label[], double exact[],
                         struct rng *rng)
{
    struct predict *p = predict_new(1, &truth, false);
    for (int f = 0; f < n; f++) {
        struct predict_result r = {.force = (double(*)[3])label[f].force};
        exact[f] = energy(p, label[f].system, &r);
        label[f].energy_noise = 0.01;
        label[f].energy = exact[f] + 0.01 * rng_normal(rng);
        for (int i = 0; i < 3 * ATOMS; i++) {
            label[f].force_noise[i] = 0.02;
            label[f].force[i] += 0.02 * rng_normal(rng);
        }
    }
    predict_free(p);
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

static void results_do_not_depend_on_threads(void)
{
    struct fit_settings set = defaults(80);
    struct system *s = liquid(9, true, true);
    double weight[2][80], force[2][ATOMS][3], e[2];
    for (int k = 0; k < 2; k++) {
        threads_set(1 + 2 * k);
        set.amplitude = 0;
        struct potential *m = fitted(9, true, &set);
        struct predict *p = predict_new(1, &m, false);
        struct predict_result r = {.force = force[k]};
        e[k] = energy(p, s, &r);
        memcpy(weight[k], m->weight, sizeof weight[k]);
        predict_free(p);
        potential_free(m);
    }
    CHECK(!memcmp(weight[0], weight[1], sizeof weight[0]));
    CHECK(!memcmp(force[0], force[1], sizeof force[0]));
    CHECK(e[0] == e[1]);
    system_free(s);
}

static void isolated_atom_and_close_pair_have_finite_energies(void)
{
    struct fit_settings set = defaults(60);
    set.pair_cutoff = 1 / UNITS_BOHR_A;
    struct potential *m = fitted(3, false, &set);
    struct predict *p = predict_new(1, &m, true);
    struct system *s = system_new(2);
    double force[2][3], last = 0;
    struct predict_result r = {.force = force};
    s->element[0] = s->element[1] = 1;
    s->pos[1][0] = 50;
    energy(p, s, &r);
    CHECK(isfinite(r.energy) && force[0][0] == 0 && r.uncertainty > 0);
    for (double d = 0.5; d > 0.12; d *= 0.8) { /* down to 0.07 A: the repulsion wins */
        s->pos[1][0] = d;
        double e = energy(p, s, &r);
        CHECK(isfinite(e) && (last == 0 || e > last));
        CHECK(force[1][0] > 0);
        last = e;
    }
    s->element[1] = 3;
    CHECK(predict_evaluate(p, s, &r, NULL) == ST_DATA);
    predict_free(p);
    potential_free(m);
    system_free(s);
}

static void pair_term_is_smooth_and_repulsive(void)
{
    double slope, up, down, unused, reach = 1.89;
    for (double r = 0.1; r < 1.8; r += 0.17) {
        double v = pair_energy(1, 1, reach, r, &slope);
        up = pair_energy(1, 1, reach, r + 1e-5, &unused);
        down = pair_energy(1, 1, reach, r - 1e-5, &unused);
        CHECK(v > 0);
        CHECK_NEAR(slope, (up - down) / 2e-5, 1e-7 * fabs(slope) + 1e-8);
    }
    CHECK(pair_energy(1, 1, reach, reach, &slope) == 0 && slope == 0);
    CHECK_NEAR(pair_energy(1, 1, reach, reach - 1e-3, &slope), 0, 1e-8);
    /* E(0.8) - E(1.4) of H2, Sims & Hagstrom: 0.1544190478 Ha; the same wall within 20 % */
    CHECK_NEAR(pair_energy(1, 1, 1 / UNITS_BOHR_A, 0.8, &slope), 0.1544190478, 0.03);
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
    {"forces_and_stress_are_finite_differences", forces_and_stress_are_finite_differences},
    {"forces_hold_for_two_elements_in_open_boundaries",
     forces_hold_for_two_elements_in_open_boundaries},
    {"supercell_has_twice_the_energy", supercell_has_twice_the_energy},
    {"energy_survives_rotation_permutation_and_lattice_vectors",
     energy_survives_rotation_permutation_and_lattice_vectors},
    {"fit_recovers_a_known_potential", fit_recovers_a_known_potential},
    {"fit_recovers_a_potential_of_its_own_kind", fit_recovers_a_potential_of_its_own_kind},
    {"a_label_with_a_huge_error_has_no_influence", a_label_with_a_huge_error_has_no_influence},
    {"qr_in_pieces_equals_the_normal_equations", qr_in_pieces_equals_the_normal_equations},
    {"noise_is_found_and_the_uncertainty_is_honest", noise_is_found_and_the_uncertainty_is_honest},
    {"errors_are_normal_in_units_of_the_uncertainty",
     errors_are_normal_in_units_of_the_uncertainty},
    {"variance_of_forces_is_that_of_the_energy_difference",
     variance_of_forces_is_that_of_the_energy_difference},
    {"results_do_not_depend_on_threads", results_do_not_depend_on_threads},
    {"isolated_atom_and_close_pair_have_finite_energies",
     isolated_atom_and_close_pair_have_finite_energies},
    {"pair_term_is_smooth_and_repulsive", pair_term_is_smooth_and_repulsive},
    {"farthest_points_are_chosen_and_duplicates_are_not",
     farthest_points_are_chosen_and_duplicates_are_not},
    {NULL, NULL}};

int main(int argc, char **argv)
{
    threads_set(1);
    return check_main(argc, argv, cases);
}
