/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * maths/stats.h on series whose statistics are known: the autoregressive process
 * x' = phi x + sqrt(1 - phi^2) xi has variance 1 and statistical inefficiency (1 + phi) / (1 -
 * phi).
 */
#include <stdlib.h>
#include "base/mem.h"
#include "base/rng.h"
#include "maths/stats.h"
#include "check.h"

static void autoregressive(uint64_t walker, double phi, int n, double *x)
{
    struct rng rng;
    rng_start(&rng, 1, RNG_TEST, 0, walker, 0);
    double now = rng_normal(&rng);
    for (int i = 0; i < n; i++) {
        x[i] = now;
        now = phi * now + sqrt(1 - phi * phi) * rng_normal(&rng);
    }
}

/* The variance of an error^2 from K blocks is 2/K of its square; n = 200000 leaves K > 350 blocks.
 */
static void correlation_time_of_an_autoregressive_series_is_found(void)
{
    enum { LONG = 200000 };
    static const double phi[] = {-0.5, 0, 0.5, 0.9, 0.97};
    double *x = MEM_NEW(double, LONG);
    for (int k = 0; k < 5; k++) {
        autoregressive(100 + (uint64_t)k, phi[k], LONG, x);
        struct estimate e = stats_series(LONG, x);
        double exact = (1 + phi[k]) / (1 - phi[k]);
        double blocks = LONG / cbrt(2.0 * LONG * exact * exact);
        CHECK_NEAR(e.time / exact, 1, 4 * sqrt(2 / blocks) + 0.03);
        CHECK_NEAR(e.mean, 0, 4 * sqrt(exact / LONG));
        CHECK_NEAR(e.variance, 1,
                   4 * sqrt(2 * (1 + phi[k] * phi[k]) / (1 - phi[k] * phi[k]) / LONG));
        /* 1, and what the uncertainty of an error from so many blocks adds */
        CHECK_NEAR(e.error / sqrt(e.time * e.variance / LONG), 1 + 1 / blocks, .5 / blocks);
    }
    free(x);
}

/* Over many series the mean lies within its error bar as often as a normal deviate does: 68.3 %. */
static void error_bars_cover_the_truth(void)
{
    enum { SERIES = 1000, LONG = 8000, N = 2000 };
    static const double phi[] = {0, .8, .9};
    static double x[LONG];
    for (int k = 0; k < 6; k++) {
        int n = k < 3 ? LONG : N, inside = 0;
        double chi = 0, error = 0, tau = (1 + phi[k % 3]) / (1 - phi[k % 3]);
        for (int s = 0; s < SERIES; s++) {
            autoregressive(1000 + (uint64_t)s, phi[k % 3], n, x);
            struct estimate e = stats_series(n, x);
            inside += fabs(e.mean) < e.error;
            chi += e.mean * e.mean / (e.error * e.error) / SERIES;
            error += e.error / sqrt(tau / n) / SERIES;
        }
        CHECK_NEAR((double)inside / SERIES, 0.683, 4 * sqrt(0.683 * 0.317 / SERIES));
        CHECK_NEAR(chi, 1, 4 * sqrt(2.0 / SERIES));
        CHECK_NEAR(error, 1, .03);
    }
}

/* Samples of exp(-x^2/2) with weights exp(a x) have the mean a. */
static void weights_shift_the_mean_as_they_should(void)
{
    enum { N = 50000 };
    static double x[N], w[N];
    const double a = 0.385;
    autoregressive(7, 0.5, N, x);
    for (int i = 0; i < N; i++)
        w[i] = exp(a * x[i]);
    struct estimate e = stats_weighted(N, x, w);
    CHECK_NEAR(e.mean, a, 4 * e.error);
    CHECK(e.error < 0.012 && e.error > 0.005);
    CHECK_NEAR(e.variance, 1, 0.05);
    for (int i = 0; i < N; i++)
        w[i] = 2.385;
    struct estimate same = stats_weighted(N, x, w), plain = stats_series(N, x);
    CHECK_NEAR(same.error / plain.error, 1, 1e-10);
    CHECK_NEAR(same.time / plain.time, 1, 1e-10);
    CHECK_NEAR(same.mean, plain.mean, 1e-12);
}

static void a_shift_and_a_factor_change_only_mean_and_scale(void)
{
    enum { N = 3001 };
    static double x[N], y[N];
    autoregressive(8, 0.7, N, x);
    for (int i = 0; i < N; i++)
        y[i] = -3 * x[i] + 1000;
    struct estimate a = stats_series(N, x), b = stats_series(N, y);
    CHECK_NEAR(b.mean, 1000 - 3 * a.mean, 1e-10);
    CHECK_NEAR(b.error / a.error, 3, 1e-9);
    CHECK_NEAR(b.time, a.time, 1e-8);
}

static void short_and_constant_series_have_defined_errors(void)
{
    const double x[5] = {2.385, 2.385, 2.385, 2.385, 2.385}, y[2] = {1, 3};
    CHECK(isinf(stats_series(1, x).error) && stats_series(1, x).mean == 2.385);
    CHECK(isinf(stats_series(0, x).error));
    CHECK(stats_series(5, x).error == 0);
    CHECK(stats_series(5, x).time == 1);
    CHECK_NEAR(stats_series(2, y).error, 1, 1e-15); /* variance 2, two samples */
}

/* A decay of 5 exp(-t/100) is gone below the noise of 1 by 300 to 700 samples. */
static void the_beginning_of_a_relaxing_series_is_left_out(void)
{
    enum { N = 5003 };
    static double x[N];
    for (uint64_t s = 0; s < 20; s++) {
        autoregressive(50 + s, 0.3, N, x);
        for (int i = 0; i < N; i++)
            x[i] += 5 * exp(-i / 100.0);
        int from = stats_equilibration(N, x);
        CHECK(from > 150 && from <= N / 2);
        struct estimate e = stats_series(N - from, x + from);
        CHECK_NEAR(e.mean, 0, 4.5 * e.error);
    }
}

static void a_stationary_series_keeps_most_of_its_samples(void)
{
    enum { N = 4000, SERIES = 40 };
    static double x[N];
    double kept = 0;
    for (uint64_t s = 0; s < SERIES; s++) {
        autoregressive(500 + s, 0.3, N, x);
        int from = stats_equilibration(N, x);
        CHECK(from >= 0 && from <= N / 2);
        kept += (double)(N - from) / N / SERIES;
    }
    CHECK(kept > 0.75);
    const double constant[12] = {0};
    CHECK(stats_equilibration(12, constant) == 0);
    CHECK(stats_equilibration(3, constant) == 0);
}

static const struct check_case cases[] = {
    {"correlation_time", correlation_time_of_an_autoregressive_series_is_found},
    {"coverage", error_bars_cover_the_truth},
    {"weights", weights_shift_the_mean_as_they_should},
    {"scaling", a_shift_and_a_factor_change_only_mean_and_scale},
    {"short", short_and_constant_series_have_defined_errors},
    {"relaxing", the_beginning_of_a_relaxing_series_is_left_out},
    {"stationary", a_stationary_series_keeps_most_of_its_samples},
    {NULL, NULL},
};

int main(int argc, char **argv)
{
    return check_main(argc, argv, cases);
}
