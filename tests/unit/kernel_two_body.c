/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two-body term of force fields: its curves, what it learns, where it has learned nothing. */
#include "base/threads.h"
#include "base/units.h"
#include "formats/model.h"
#include "maths/linalg.h"
#include "ml/potential_io.h"
#include "kernel_labels.h"

enum { KNOTS = 23 };

#define REACH 4.7

/* Every curve of two elements with random weights */
static struct two_body *random_curves(double weight[])
{
    static const int element[2] = {1, 6};
    struct two_body *t = two_body_new(2, element, REACH, KNOTS);
    struct rng rng;
    rng_start(&rng, 3, RNG_TEST, 0, 0, 0);
    for (int k = 0; k < t->columns; k++)
        weight[k] = rng_normal(&rng);
    two_body_curve(t, weight);
    return t;
}

static void curves_are_the_sum_of_their_functions(void)
{
    double weight[3 * KNOTS], value[TWO_BODY_SUPPORT], each[TWO_BODY_SUPPORT], slope;
    struct two_body *t = random_curves(weight);
    CHECK(t->columns == 3 * KNOTS);
    CHECK(two_body_first(t, 1, 6) == two_body_first(t, 6, 1));
    for (double r = 0.013; r < REACH; r += 0.0917) {
        int pair = two_body_first(t, 1, 6), first = two_body_values(t, r, value, each);
        double v = 0, dv = 0, one = 0;
        for (int b = 0; b < TWO_BODY_SUPPORT; b++) {
            one += value[b];
            v += first + b < KNOTS ? weight[pair + first + b] * value[b] : 0;
            dv += first + b < KNOTS ? weight[pair + first + b] * each[b] : 0;
        }
        CHECK_NEAR(one, 1, 1e-14);
        CHECK_NEAR(two_body_energy(t, pair, r, &slope), v, 1e-14);
        CHECK_NEAR(slope, dv, 1e-13);
    }
    two_body_free(t);
}

/* Slopes against differences of values, second derivatives from both sides of every knot, and the end: there
 * is nothing of V, V' and V'' at the reach, and little just before it. */
static void curves_are_smooth_to_the_reach(void)
{
    double weight[3 * KNOTS], slope, up, down, unused, h = 1e-5;
    struct two_body *t = random_curves(weight);
    for (int k = 1; k <= KNOTS; k++) {
        double r = k * t->step, left, right;
        double dv =
            (two_body_energy(t, 0, r + h, &up) - two_body_energy(t, 0, r - h, &down)) / (2 * h);
        two_body_energy(t, 0, r, &slope);
        CHECK_NEAR(slope, dv, 1e-7);
        left = (slope - down) / h;
        right = (up - slope) / h;
        CHECK_NEAR(left, right, 5e-3); /* h times the third derivative, some hundreds */
    }
    CHECK(two_body_energy(t, 0, REACH, &slope) == 0 && slope == 0);
    CHECK_NEAR(two_body_energy(t, 0, REACH - 1e-2, &slope), 0, 1e-8);
    CHECK_NEAR(slope, 0, 1e-5);
    CHECK(isfinite(two_body_energy(t, 0, 0, &unused)));
    two_body_free(t);
}

/* Errors of the forces on cells never seen of a model with few environments, and the labels' noise */
static double unseen(struct potential *m, double *rms)
{
    struct rows_label *test = make_labels(4, 500, false);
    struct predict *p = predict_new(1, &m, false);
    double force[ATOMS][3], off = 0;
    *rms = 0;
    for (int f = 0; f < 4; f++) {
        struct predict_result r = {.force = force};
        energy(p, test[f].system, &r);
        for (int i = 0; i < 3 * ATOMS; i++) {
            off += pow(force[i / 3][i % 3] - test[f].force[i], 2) / (12 * ATOMS);
            *rms += pow(test[f].force[i], 2) / (12 * ATOMS);
        }
    }
    predict_free(p);
    free_labels(4, test);
    *rms = sqrt(*rms);
    return sqrt(off);
}

/* Forces of a pair potential with noise of a known size: what the model adds to it on other cells is less. */
static void a_pair_potential_is_recovered_to_the_noise(void)
{
    enum { FRAMES = 12 };
    const double noise = 5e-3;
    struct fit_settings set = defaults(12);
    struct fit_report report;
    struct rows_label *label = make_labels(FRAMES, 0, false);
    struct rng rng;
    double with, without, rms;
    rng_start(&rng, 6, RNG_TEST, 0, 0, 0);
    for (int f = 0; f < FRAMES; f++) {
        label[f].has_stress = false;
        label[f].energy_noise = 5e-3;
        for (int i = 0; i < 3 * ATOMS; i++) {
            label[f].force_noise[i] = noise;
            label[f].force[i] += noise * rng_normal(&rng);
        }
    }
    set.amplitude = 0;
    struct potential *m = fit_potential(FRAMES, label, &set, &report, NULL, NULL);
    without = unseen(m, &rms);
    potential_free(m);
    set.two_body = 4.6;
    m = fit_potential(FRAMES, label, &set, &report, NULL, NULL);
    with = unseen(m, &rms);
    CHECK(with < noise);
    CHECK(without > 10 * with && rms > 3 * without); /* and it is the term that does it */
    CHECK_NEAR(report.noise, 1, 0.15); /* 408 labels: 4 standard errors of 1/sqrt(2 n) */
    CHECK(m->two.amplitude > 0.01 && m->two.length > 0.4);
    potential_free(m);
    free_labels(FRAMES, label);
}

/* A potential drawn from the prior, which all three parts of the test share */
static void draw(struct potential *p, const double prior[], const double pairs[], struct rng *rng)
{
    int n = p->count, knots = p->two.knots;
    double *upper = MEM_NEW(double, n *n), *w = MEM_NEW(double, n);
    for (int i = 0; i < n; i++) {
        w[i] = p->amplitude * rng_normal(rng);
        for (int j = i; j < n; j++)
            upper[i * n + j] = prior[j * n + i];
    }
    CHECK(linalg_solve_upper(n, upper, false, w, NULL) == ST_OK);
    for (int i = 0; i < n; i++)
        p->weight[p->order[i]] = w[i];
    memset(p->two.weight, 0, knots * sizeof *p->two.weight);
    for (int j = 0; j < knots; j++) {
        double g = p->two.amplitude * rng_normal(rng);
        for (int i = j; i < knots; i++)
            p->two.weight[i] += pairs[i * knots + j] * g;
    }
    CHECK(potential_prepare(p, NULL) == ST_OK);
    free(upper);
    free(w);
}

/* As without the term (kernel_fit.c), both parts drawn from their prior, its pair part the larger one: errors of
 * the energies of frames that are not in the fit, whose environments are sparse ones, divided by the uncertainties */
static void errors_are_normal_in_units_of_the_uncertainty(void)
{
    enum { FRAMES = 8, FITTED = 4, DRAWS = 24, Z = DRAWS * (FRAMES - FITTED) };
    struct fit_settings set = defaults(FRAMES * ATOMS), fewer;
    struct fit_report report;
    struct rows_label *label = make_labels(FRAMES, 0, false);
    struct rng rng;
    double exact[FRAMES], sum = 0, square = 0, prior[FRAMES * ATOMS * FRAMES * ATOMS], mean = 0,
                          spread = 0;
    rng_start(&rng, 8, RNG_TEST, 0, 0, 0);
    set.amplitude = 0.02;
    set.two_body = 4.4;
    set.two_body_amplitude = 0.2;
    set.two_body_length = 0.9;
    set.e0_fixed = true;
    for (int f = 0; f < FRAMES; f++)
        label[f].has_stress = false;
    struct potential *truth = fit_potential(FRAMES, label, &set, &report, NULL, NULL);
    double *pairs = MEM_NEW(double, truth->two.knots * truth->two.knots);
    CHECK_NEAR(truth->two.amplitude, 0.2, 1e-12);
    CHECK_NEAR(truth->two.length, 0.9, 1e-12);
    CHECK(potential_prior(truth, prior, NULL) == ST_OK);
    CHECK(two_body_prior(truth->curves, 0.9, pairs, NULL) == ST_OK);
    free(truth->factor);
    truth->factor = NULL;
    for (int k = 0; k < DRAWS; k++) {
        draw(truth, prior, pairs, &rng);
        noisy_labels(truth, FRAMES, label, exact, &rng);
        for (int f = FITTED; f < FRAMES;
             f++) /* labels without influence: their environments are sparse ones */
            for (int i = 0; i < 3 * ATOMS; i++)
                label[f].force_noise[i] = label[f].energy_noise = HUGE_VAL;
        fewer = set;
        struct potential *m = fit_potential(FRAMES, label, &fewer, &report, NULL, NULL);
        struct predict *p = predict_new(1, &m, true);
        for (int f = FITTED; f < FRAMES; f++) {
            struct predict_result r = {0};
            double z = (energy(p, label[f].system, &r) - exact[f]) / r.uncertainty;
            sum += z / Z;
            square += z * z / Z;
            mean += r.uncertainty / Z;
            spread += exact[f] * exact[f] / Z;
        }
        predict_free(p);
        potential_free(m);
    }
    CHECK_NEAR(sum, 0, 4 / sqrt(Z));
    CHECK_NEAR(square, 1, 4 * sqrt(2. / Z));
    CHECK(mean < 0.2 * sqrt(spread)); /* the labels have taught something */
    free(pairs);
    potential_free(truth);
    free_labels(FRAMES, label);
}

/* Fitted to distances from 1.3 bohr on: what it says of a dimer at 0.3 A and at none stays within its prior. */
static void closer_pairs_than_any_in_the_fit_do_not_explode(void)
{
    struct fit_settings set = defaults(12);
    set.amplitude = 0;
    set.two_body = 4.6;
    struct potential *m = fitted(8, false, &set);
    struct predict *p = predict_new(1, &m, true);
    struct system *s = system_new(2);
    double force[2][3], slope, alone;
    struct predict_result r = {.force = force};
    for (double d = 0; d < 1.3; d += 0.05)
        CHECK(fabs(two_body_energy(m->curves, 0, d, &slope)) < 3 * m->two.amplitude &&
              fabs(slope) < 5 * m->two.amplitude / m->two.length);
    s->element[0] = s->element[1] = 1;
    s->pos[1][0] = 50;
    alone = energy(p, s, &r);
    CHECK(isfinite(alone) && force[0][0] == 0 && r.uncertainty > 0);
    s->pos[1][0] = 1.7;
    energy(p, s, &r);
    double known = r.uncertainty;
    s->pos[1][0] = 0.3 / UNITS_BOHR_A;
    CHECK(isfinite(energy(p, s, &r)) && fabs(force[1][0] + force[0][0]) < 1e-12);
    CHECK(r.uncertainty > 2 * known); /* and it knows that it does not know */
    predict_free(p);
    potential_free(m);
    system_free(s);
}

static const struct potential_store store = {.set_text = model_set_text,
                                             .set_real = model_set_real,
                                             .set_reals = model_set_reals,
                                             .add = model_add,
                                             .has = model_has,
                                             .get_text = model_get_text,
                                             .get_real = model_get_real,
                                             .get_reals = model_get_reals};

/* Energy and uncertainty of a model after it has been stored; *kept: whether the two-body term was */
static void stored(struct potential *p, const struct system *s, struct predict_result *r,
                   bool *kept)
{
    struct model *m = model_new();
    struct err err = {ST_OK, ""};
    potential_put(p, &store, m);
    *kept = model_has(m, "two_body_weight_Ha");
    struct potential *again =
        potential_get(&store, m, m->environments, m->environment, m->weight, &err);
    CHECK(again != NULL);
    if (again) {
        struct predict *predict = predict_new(1, &again, true);
        energy(predict, s, r);
        predict_free(predict);
    }
    potential_free(again);
    model_free(m);
}

static void models_survive_being_stored_with_and_without_the_term(void)
{
    struct system *s = liquid(5, true, true);
    double force[2][ATOMS][3];
    for (int with = 0; with < 2; with++) {
        struct fit_settings set = defaults(30);
        struct predict_result r = {.force = force[0]}, q = {.force = force[1]};
        bool kept;
        set.two_body = with ? 4 : 0;
        struct potential *m = fitted(3, true, &set);
        struct predict *p = predict_new(1, &m, true);
        energy(p, s, &r);
        stored(m, s, &q, &kept);
        CHECK(kept == with && m->two.knots == (with ? 22 : 0));
        CHECK_NEAR(q.energy, r.energy, 1e-12 * fabs(r.energy));
        CHECK_NEAR(q.uncertainty, r.uncertainty, 1e-10 * r.uncertainty);
        for (int i = 0; i < 3 * ATOMS; i++)
            CHECK_NEAR(force[1][i / 3][i % 3], force[0][i / 3][i % 3], 1e-12);
        predict_free(p);
        potential_free(m);
    }
    system_free(s);
}

static const struct check_case cases[] = {
    CHECK_CASE(curves_are_the_sum_of_their_functions),
    CHECK_CASE(curves_are_smooth_to_the_reach),
    CHECK_CASE(a_pair_potential_is_recovered_to_the_noise),
    CHECK_CASE(errors_are_normal_in_units_of_the_uncertainty),
    CHECK_CASE(closer_pairs_than_any_in_the_fit_do_not_explode),
    CHECK_CASE(models_survive_being_stored_with_and_without_the_term),
    {NULL, NULL}};

int main(int argc, char **argv)
{
    threads_set(1);
    return check_main(argc, argv, cases);
}
