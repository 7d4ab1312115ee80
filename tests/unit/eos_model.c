/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Smooth models of data with error bars against closed forms, and the evidence that chooses among them. */
#include <stdlib.h>

#include "check.h"
#include "base/mem.h"
#include "base/rng.h"
#include "eos/model.h"
#include "maths/linalg.h"

enum { N = 7 };

static double parabola(double x)
{
    return 0.73 - 1.31 * x + 0.217 * x * x;
}

/* x far from the origin, so that the map to [-1, 1] matters */
static void abscissae(double x[N])
{
    for (int i = 0; i < N; i++)
        x[i] = 41.3 + 0.37 * i + 0.05 * (i % 3);
}

static double best_value(const struct eos_fit *fit, double x)
{
    const struct eos_model *m = &fit->model[fit->best];
    return eos_model_value(m, m->c, x);
}

static void exact_data_are_followed(void)
{
    double x[N], y[N], none[N] = {0};
    struct eos_fit fit;
    abscissae(x);
    for (int i = 0; i < N; i++)
        y[i] = parabola(x[i]);
    CHECK(eos_fit_make(&fit, EOS_MODELS, N, x, y, none, NULL) == ST_OK);
    CHECK(fit.best == EOS_QUADRATIC);
    CHECK_NEAR(best_value(&fit, 42.519), parabola(42.519), 1e-10 * fabs(parabola(42.519)));
    eos_fit_free(&fit);
    CHECK(eos_fit_make(&fit, EOS_MODELS, 2, x, y, none, NULL) == ST_OK);
    CHECK(fit.best == EOS_LINEAR);
    CHECK_NEAR(best_value(&fit, 0.5 * (x[0] + x[1])), 0.5 * (y[0] + y[1]), 1e-12 * fabs(y[0]));
    eos_fit_free(&fit);
    for (int i = 0; i < N; i++)
        y[i] = sin(1.7 * x[i]);
    CHECK(eos_fit_make(&fit, EOS_PROCESS, N, x, y, none, NULL) == ST_OK);
    for (int i = 0; i < N; i++)
        CHECK_NEAR(best_value(&fit, x[i]), y[i], 1e-5);
    eos_fit_free(&fit);
}

static void weights_follow_the_error_bars(void)
{
    const double x[] = {1, 2, 3, 4}, y[] = {2, 4, 6, 100}, e[] = {0.1, 0.1, 0.1, 1e6};
    struct eos_fit fit;
    CHECK(eos_fit_make(&fit, EOS_LINEAR, 4, x, y, e, NULL) == ST_OK);
    CHECK_NEAR(best_value(&fit, 3.3), 6.6, 1e-6);
    eos_fit_free(&fit);
}

static void too_few_points_are_refused(void)
{
    const double x[] = {1, 1, 2, 2}, y[] = {2, 4, 6, 7}, e[] = {1, 1, 1, 1};
    struct eos_fit fit;
    struct err err;
    CHECK(eos_fit_make(&fit, EOS_MODELS, 2, x, y, e, &err) == ST_DATA);
    CHECK(eos_fit_make(&fit, EOS_QUADRATIC, 4, x, y, e, &err) == ST_DATA);
    CHECK(eos_fit_make(&fit, EOS_MODELS, 4, x, y, e, NULL) == ST_OK);
    CHECK(fit.best == EOS_LINEAR);
    CHECK_NEAR(fit.probability[EOS_LINEAR], 1, 0);
    eos_fit_free(&fit);
}

/*
 * Rasmussen & Williams, eqs. (2.41) and (2.42), with the covariance function itself: the mean and variance of
 * the process at x from m->amplitude and m->length, with covariances of the data K + error^2 and a flat prior
 * of the line H = (1, t):  f = h b + k K^-1 (y - H b),  var = a^2 - k K^-1 k + r A^-1 r,  r = h - H K^-1 k.
 */
static void by_the_book(const struct eos_model *m, const double x[N], const double y[N],
                        const double e[N], double at, double *mean, double *variance)
{
    double c[N * N], right[4 * N], solved[4 * N];
    const double t = (at - m->centre) / m->half_width, a2 = m->amplitude * m->amplitude;
    for (int i = 0; i < N; i++) {
        const double u = (x[i] - m->centre) / m->half_width;
        for (int j = 0; j < N; j++) {
            const double d = (x[i] - x[j]) / m->half_width / m->length;
            c[i * N + j] = a2 * exp(-0.5 * d * d) + (i == j ? e[i] * e[i] : 0);
        }
        right[i] = y[i];
        right[N + i] = 1;
        right[2 * N + i] = u;
        right[3 * N + i] = a2 * exp(-0.5 * pow((u - t) / m->length, 2));
    }
    memcpy(solved, right, sizeof solved);
    CHECK(linalg_cholesky(N, c, NULL) == ST_OK);
    linalg_cholesky_solve(N, c, 4, solved);
    double g[4][4] = {{0}};
    for (int p = 0; p < 4; p++)
        for (int q = 0; q < 4; q++)
            for (int i = 0; i < N; i++)
                g[p][q] += right[p * N + i] * solved[q * N + i];
    const double det = g[1][1] * g[2][2] - g[1][2] * g[1][2];
    const double b0 = (g[2][2] * g[1][0] - g[1][2] * g[2][0]) / det;
    const double b1 = (g[1][1] * g[2][0] - g[1][2] * g[1][0]) / det;
    *mean = b0 + b1 * t + g[3][0] - b0 * g[3][1] - b1 * g[3][2];
    const double r0 = 1 - g[1][3], r1 = t - g[2][3];
    *variance =
        a2 - g[3][3] + (g[2][2] * r0 * r0 - 2 * g[1][2] * r0 * r1 + g[1][1] * r1 * r1) / det;
}

static void process_is_the_one_of_the_book(void)
{
    double x[N], y[N], e[N], noise[N], c[EOS_MODEL_TERMS], mean, variance;
    const double at = 42.671;
    enum { DRAWS = 20000 };
    struct eos_fit fit;
    abscissae(x);
    for (int i = 0; i < N; i++) {
        y[i] = sin(2.1 * x[i]);
        e[i] = 0.03 + 0.005 * i;
    }
    CHECK(eos_fit_make(&fit, EOS_PROCESS, N, x, y, e, NULL) == ST_OK);
    const struct eos_model *m = &fit.model[EOS_PROCESS];
    CHECK(m->length < 1);
    by_the_book(m, x, y, e, at, &mean, &variance);
    CHECK_NEAR(eos_model_value(m, m->c, at), mean, 1e-7);
    double square = 0;
    for (int draw = 0; draw < DRAWS; draw++) {
        struct rng rng;
        rng_start(&rng, 5, RNG_TEST, 0, 0, (uint64_t)draw);
        for (int i = 0; i < N; i++)
            noise[i] = rng_normal(&rng);
        eos_model_redraw(m, noise, &rng, c);
        square += pow(eos_model_value(m, c, at) - mean, 2);
    }
    /* a variance from n draws is known to sqrt(2 / n) */
    CHECK_NEAR(square / DRAWS / variance, 1, 4 * sqrt(2.0 / DRAWS));
    eos_fit_free(&fit);
}

/* How often each kind is taken for data of three curves: a line, a parabola, a bent step. */
static void count_choices(double (*curve)(double), double error, int trials, int count[EOS_MODELS])
{
    for (int trial = 0; trial < trials; trial++) {
        double x[N], y[N], e[N];
        struct rng rng;
        struct eos_fit fit;
        rng_start(&rng, 11, RNG_TEST, (uint64_t)trial, 0, 0);
        abscissae(x);
        for (int i = 0; i < N; i++) {
            e[i] = error * (1 + 0.5 * rng_uniform(&rng));
            y[i] = curve(x[i]) + e[i] * rng_normal(&rng);
        }
        CHECK(eos_fit_make(&fit, EOS_MODELS, N, x, y, e, NULL) == ST_OK);
        count[fit.best]++;
        eos_fit_free(&fit);
    }
}

static double straight(double x)
{
    return 0.3 - 0.71 * x;
}

static double step(double x)
{
    return 2 * tanh(3 * (x - 42.6));
}

static void evidence_finds_what_the_data_follow(void)
{
    enum { TRIALS = 200 };
    int line[EOS_MODELS] = {0}, bent[EOS_MODELS] = {0}, stepped[EOS_MODELS] = {0};
    count_choices(straight, 0.02, TRIALS, line);
    count_choices(parabola, 0.01, TRIALS, bent);
    count_choices(step, 0.02, TRIALS, stepped);
    CHECK(line[EOS_LINEAR] >= 0.8 * TRIALS && line[EOS_LINEAR] < TRIALS);
    CHECK(bent[EOS_QUADRATIC] >= 0.8 * TRIALS);
    CHECK(stepped[EOS_PROCESS] == TRIALS);
}

int main(int argc, char **argv)
{
    static const struct check_case cases[] = {CHECK_CASE(exact_data_are_followed),
                                              CHECK_CASE(weights_follow_the_error_bars),
                                              CHECK_CASE(too_few_points_are_refused),
                                              CHECK_CASE(process_is_the_one_of_the_book),
                                              CHECK_CASE(evidence_finds_what_the_data_follow),
                                              {0}};
    return check_main(argc, argv, cases);
}
