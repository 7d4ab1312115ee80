/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The optimiser: derivatives of correlated sampling, what it does with few samples. */
#include <stdlib.h>
#include "base/mem.h"
#include "qmc/configurations.h"
#include "qmc/optimise.h"
#include "qmc/optimise_matrices.h"
#include "tests/unit/check.h"
#include "tests/unit/hydrogen.h"

#define VARIANCE 0.3

/* Two electrons in the bonding orbital of the three s functions of h-tz; s is freed. */
static struct wavefunction *pair_in(struct system *s, const double s_part[3])
{
    const double gamma[1][3] = {{0, 0, 0}};
    struct basis *b = basis_builtin("h-tz", NULL);
    double *c = MEM_NEW(double, 2 * b->functions);
    for (int a = 0; a < 2; a++)
        memcpy(c + a * b->functions, s_part, 3 * sizeof *s_part);
    struct wavefunction *psi = wavefunction_new(s, b, 1, gamma, 1, c, 1, 1, NULL);
    wavefunction_set_jastrow(psi, jastrow_start(s, 1, 1));
    free(c);
    basis_free(b);
    system_free(s);
    return psi;
}

static struct wavefunction *h2(void)
{
    const double pos[2][3] = {{0}, {0, 0, 1.385}}, s_part[3] = {0.25, 0.38, 0.18};
    return pair_in(hydrogen_at(2, pos, NULL), s_part);
}

/* The two-electron cell of bcc hydrogen, a = 3.779 bohr */
static struct wavefunction *bcc(void)
{
    const double a = 3.77945227, pos[2][3] = {{0}, {a / 2, a / 2, a / 2}};
    const double cell[3][3] = {{a, 0, 0}, {0, a, 0}, {0, 0, a}}, s_part[3] = {0.105, 0.204, 0.078};
    return pair_in(hydrogen_at(2, pos, cell), s_part);
}

static struct vmc *walkers_of(struct wavefunction *psi, uint64_t seed)
{
    struct vmc_settings set = {.seed = seed, .frame = 1, .walkers = 64, .samples = 1000};
    struct vmc *v = vmc_new(psi, &set, NULL);
    vmc_warm(v, 60, true);
    return v;
}

static struct optimise_report optimise(struct wavefunction *psi, uint64_t seed, int samples)
{
    struct vmc *v = walkers_of(psi, seed);
    struct optimise_settings o = {.iterations = 10, .samples = samples, .variance = VARIANCE};
    struct optimise_report report = {0};
    CHECK(optimise_jastrow(1, &psi, &v, &o, NULL, &report, NULL) == ST_OK);
    vmc_free(v);
    return report;
}

/* dE/dp of reweighted samples = <2 dO (E_L - E) + dE_L/dp>, exactly and for each parameter. */
static void correlated_energies_have_the_analytic_slope(void)
{
    struct wavefunction *psi = h2();
    struct vmc *v = walkers_of(psi, 5);
    struct configurations *c = configurations_new(psi);
    int n = jastrow_count(psi->jastrow);
    double *p = MEM_NEW(double, n), *slope = MEM_NEW(double, n);
    configurations_draw(c, v, 256, 2);
    memcpy(p, jastrow_parameters(psi->jastrow), (size_t)n * sizeof *p);
    struct configurations_mean mean = configurations_evaluate(c, CONFIGURATIONS_ALL, true);
    CHECK_NEAR(mean.effective, 1, 1e-12);
    for (int k = 0; k < c->n; k++)
        for (int i = 0; i < n; i++)
            slope[i] += (2 * c->dlog[(size_t)k * n + i] * (c->energy[k] - mean.energy) +
                         c->denergy[(size_t)k * n + i]) /
                        c->n;
    for (int i = 0; i < n; i++) {
        double e[2], old = p[i], h = 1e-6; /* hardly a distance within h of a cut-off */
        for (int k = 0; k < 2; k++) {
            p[i] = old + (k ? h : -h);
            CHECK(jastrow_set(psi->jastrow, p, NULL) == ST_OK);
            e[k] = configurations_evaluate(c, CONFIGURATIONS_ALL, false).energy;
        }
        p[i] = old;
        CHECK_NEAR(slope[i], (e[1] - e[0]) / (2 * h), 1e-6 * (1 + fabs(slope[i])));
    }
    free(p), free(slope);
    configurations_free(c);
    vmc_free(v);
    wavefunction_free(psi);
}

/* Objective per electron with other parameters minus that of psi, and its error, on common samples */
static double loss(struct wavefunction *psi, struct configurations *c, const double p[],
                   double *error)
{
    struct configurations_mean a = configurations_evaluate(c, CONFIGURATIONS_ALL, false), b;
    double *d = MEM_NEW(double, c->walkers), sum = 0;
    int n = jastrow_count(psi->jastrow);
    double *own = MEM_NEW(double, n);
    configurations_deviations(c, -0.5, VARIANCE, d);
    memcpy(own, jastrow_parameters(psi->jastrow), (size_t)n * sizeof *own);
    CHECK(jastrow_set(psi->jastrow, p, NULL) == ST_OK);
    b = configurations_evaluate(c, CONFIGURATIONS_ALL, false);
    configurations_deviations(c, 0.5, VARIANCE, d);
    CHECK(jastrow_set(psi->jastrow, own, NULL) == ST_OK);
    for (int k = 0; k < c->walkers; k++)
        sum += d[k] * d[k];
    *error = sqrt(sum);
    free(d), free(own);
    return 0.5 * (b.energy - a.energy + VARIANCE * (b.variance - a.variance));
}

/* Matrices of few samples with the start parameters of psi */
static struct matrices *matrices_of(struct wavefunction *psi, uint64_t seed)
{
    struct vmc *v = walkers_of(psi, seed);
    struct configurations *c = configurations_new(psi);
    struct matrices *m = matrices_new(jastrow_count(psi->jastrow));
    configurations_draw(c, v, 2048, 2);
    configurations_evaluate(c, CONFIGURATIONS_ALL, true);
    matrices_add(m, c, CONFIGURATIONS_ALL, 0.5, VARIANCE);
    configurations_free(c);
    vmc_free(v);
    return m;
}

static double *all_free(int n)
{
    double *given = MEM_NEW(double, n);
    for (int i = 0; i < n; i++)
        given[i] = NAN;
    return given;
}

/* A model moved by part of the way to its minimum promises the rest of the way. */
static void remembered_samples_lead_to_the_same_minimum(void)
{
    static const struct stabilisation none = {0, 0}, some = {0, 0.01};
    struct wavefunction *psi = h2();
    struct matrices *m = matrices_of(psi, 6);
    int n = m->n;
    double *whole = MEM_NEW(double, n), *part = MEM_NEW(double, n), *rest = MEM_NEW(double, n);
    const double *given = all_free(n);
    CHECK(matrices_step(m, &some, 0, given, part) && matrices_step(m, &none, 0, given, whole));
    matrices_move(m, part);
    CHECK(matrices_step(m, &none, 0, given, rest));
    for (int i = 0; i < n; i++)
        CHECK_NEAR(part[i] + rest[i], whole[i], 1e-4 * (1 + fabs(whole[i])));
    free(whole), free(part), free(rest), free((void *)given);
    matrices_free(m);
    wavefunction_free(psi);
}

/* A parameter that has met its limit: the others go to the minimum that there is with it staying there. */
static void steps_that_are_given_leave_the_best_of_the_others(void)
{
    static const struct stabilisation none = {0, 0};
    struct wavefunction *psi = h2();
    struct matrices *m = matrices_of(psi, 6);
    const int n = m->n, limited = 1;
    double *given = all_free(n), *step = MEM_NEW(double, n), *free_step = MEM_NEW(double, n);
    CHECK(matrices_step(m, &none, 0, given, free_step));
    given[limited] = 0.1 * free_step[limited];
    CHECK(matrices_step(m, &none, 0, given, step));
    CHECK_NEAR(step[limited], given[limited], 1e-12 * fabs(given[limited]));
    double most = 0, was = 0;
    for (int i = 0; i < n; i++)
        was = fmax(was, fabs(m->g[i]));
    matrices_move(m, step);
    for (int i = 0; i < n; i++)
        if (i != limited && m->s[i * n + i] > 0)
            most = fmax(most, fabs(m->g[i]));
    printf("slopes up to %.1e, before %.1e; that of the limited one %.1e\n", most, was,
           fabs(m->g[limited]));
    CHECK(most < 1e-12 * was && fabs(m->g[limited]) > 1e6 * most);
    free(given), free(step), free(free_step);
    matrices_free(m);
    wavefunction_free(psi);
}

static void matrices_are_averaged_by_their_samples(void)
{
    struct wavefunction *psi = h2();
    struct matrices *a = matrices_of(psi, 7), *b = matrices_of(psi, 8), *c = matrices_of(psi, 7);
    matrices_average(a, 1, b, 3);
    for (int i = 0; i < a->n; i++) {
        int at = i * a->n + (i + 2) % a->n;
        CHECK_NEAR(a->g[i], 0.25 * c->g[i] + 0.75 * b->g[i], 1e-14);
        CHECK_NEAR(a->h[at], 0.25 * c->h[at] + 0.75 * b->h[at], 1e-13);
        CHECK_NEAR(a->s[at], 0.25 * c->s[at] + 0.75 * b->s[at], 1e-13);
    }
    c->h[2] = NAN; /* of samples that are to be forgotten */
    CHECK(!matrices_finite(c));
    matrices_average(a, 1, c, 0);
    CHECK(matrices_finite(a));
    matrices_free(a), matrices_free(b), matrices_free(c);
    wavefunction_free(psi);
}

static void a_good_start_is_not_spoilt_by_few_samples(void)
{
    struct wavefunction *psi = h2(), *other = h2();
    struct optimise_report report = optimise(psi, 1, 8192);
    int n = jastrow_count(psi->jastrow);
    CHECK(report.variance < 0.02 && report.energy < -0.58);
    struct vmc *v = walkers_of(psi, 2);
    struct configurations *c = configurations_new(psi);
    configurations_draw(c, v, 20000, 3);
    for (uint64_t seed = 11; seed < 17; seed++) {
        double error, worse;
        CHECK(jastrow_set(other->jastrow, jastrow_parameters(psi->jastrow), NULL) == ST_OK);
        optimise(other, seed, 128);
        worse = loss(psi, c, jastrow_parameters(other->jastrow), &error);
        printf("lost %.6f(%.6f) Ha per electron\n", worse, error);
        CHECK(worse < 3 * error + 1e-12);
        CHECK(error < 5e-4);
    }
    CHECK(n == jastrow_count(other->jastrow));
    configurations_free(c);
    vmc_free(v);
    wavefunction_free(psi);
    wavefunction_free(other);
}

/* From scratch, fewer samples than a step wants: still most of the way. */
static void few_samples_lead_most_of_the_way(void)
{
    for (uint64_t seed = 22; seed < 24; seed++) {
        struct wavefunction *psi = h2();
        struct optimise_report report = optimise(psi, seed, 256);
        printf("energy %.4f variance %.4f\n", report.energy, report.variance);
        CHECK(report.variance < 0.05 && report.start_variance > 0.1);
        wavefunction_free(psi);
    }
}

/* Largest J of two electrons within 0.3 bohr of one nucleus */
static double largest_on_one_atom(const struct wavefunction *psi)
{
    struct jastrow_work *work = jastrow_work_new(psi->jastrow, 1);
    double largest = -HUGE_VAL, v, g[2][3], l[2];
    for (int k = 0; k < 500; k++) {
        double pos[2][3], t = 2.399963 * k, r = 0.3 * (k % 25 + 1) / 25,
                          q = 0.3 * (k % 20 + 1) / 20;
        for (int x = 0; x < 3; x++) {
            pos[0][x] = r * (x == 0 ? 1 : 0);
            pos[1][x] = q * (x == 0 ? cos(t) : x == 1 ? sin(t) : 0);
        }
        jastrow_all(psi->jastrow, work, 1, (const double(*)[3])pos, &v, g, l);
        largest = fmax(largest, v);
    }
    jastrow_work_free(work);
    return largest;
}

/* Hardly a sample has both electrons on one nucleus, where they repel each other most: J must be less there than on
 * average, where it is about 0. */
static void a_place_that_samples_hardly_reach_is_no_trap(void)
{
    for (uint64_t seed = 34; seed < 37; seed += 2) {
        struct wavefunction *psi = bcc();
        struct optimise_report report = optimise(psi, seed, 2048);
        double largest = largest_on_one_atom(psi);
        printf("J on one atom up to %.2f; energy %.4f, variance %.5f\n", largest, report.energy,
               report.variance);
        CHECK(largest < 0);
        CHECK(report.variance < 0.005);
        wavefunction_free(psi);
    }
}

/* A form without f and p, with fewer functions, is a start with the same J. */
static void another_form_is_a_start(void)
{
    struct wavefunction *psi = h2();
    const char *form = "tempered u3 chi5 f0.0 p1";
    double p[7 + 6 + 5 + 1], pos[2][3] = {{0.3, 0.1, 0.2}, {-0.2, 0.5, 1.1}}, v[3], g[2][3], l[2];
    for (int i = 0; i < 19; i++)
        p[i] = i < 7 ? 3 + 0.1 * i : 0.1 * sin(i);
    for (int k = 0; k < 3; k++) {
        struct jastrow *j = k ? jastrow_adapt(psi->system, 1, 1, k == 2, form, 19, p, NULL)
                              : jastrow_new(psi->system, 1, 1, form, 19, p, NULL);
        struct jastrow_work *work = jastrow_work_new(j, 1);
        jastrow_all(j, work, 1, (const double(*)[3])pos, &v[k], g, l);
        CHECK(strcmp(jastrow_form(j), k == 2 ? JASTROW_FORM " q4.4 m4.3"
                                      : k    ? JASTROW_FORM
                                             : form) == 0);
        jastrow_work_free(work);
        jastrow_free(j);
    }
    CHECK_NEAR(v[1], v[0], 1e-14);
    CHECK_NEAR(v[2], v[0], 1e-14);
    wavefunction_free(psi);
}

static const struct check_case cases[] = {
    {"remembered", remembered_samples_lead_to_the_same_minimum},
    {"limited", steps_that_are_given_leave_the_best_of_the_others},
    {"averaged", matrices_are_averaged_by_their_samples},
    {"slope", correlated_energies_have_the_analytic_slope},
    {"good_start", a_good_start_is_not_spoilt_by_few_samples},
    {"few_samples", few_samples_lead_most_of_the_way},
    {"trap", a_place_that_samples_hardly_reach_is_no_trap},
    {"another_form", another_form_is_a_start},
    {0}};

int main(int argc, char **argv)
{
    return check_main(argc, argv, cases);
}
