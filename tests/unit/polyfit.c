/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"
#include "base/rng.h"
#include "maths/polyfit.h"

enum { N = 12 };

static double cubic(double x)
{
    return 0.7 - 1.3 * x + 0.11 * x * x + 0.023 * x * x * x;
}

static void exact_data_are_interpolated(void)
{
    double x[N], y[N];
    for (int i = 0; i < N; i++) {
        x[i] = 103.7 + 0.41 * i; /* far from the origin: the map to [-1, 1] matters */
        y[i] = cubic(x[i]);
    }
    struct polyfit fit;
    CHECK(polyfit_best(&fit, 3, N, x, y, NULL, NULL) == ST_OK);
    CHECK(fit.order == 3);
    CHECK_NEAR(polyfit_value(&fit, 105.213), cubic(105.213), 1e-9 * cubic(105.213));
}

static void evidence_finds_the_order_of_noisy_data(void)
{
    int right = 0, trials = 200;
    for (int trial = 0; trial < trials; trial++) {
        double x[N], y[N], e[N];
        struct rng rng;
        rng_start(&rng, 11, RNG_TEST, (uint64_t)trial, 0, 0);
        for (int i = 0; i < N; i++) {
            x[i] = 0.3 + 0.2 * i;
            e[i] = 0.02 + 0.01 * rng_uniform(&rng);
            y[i] = 1.9 - 0.8 * x[i] + 0.4 * x[i] * x[i] + e[i] * rng_normal(&rng);
        }
        struct polyfit fit;
        CHECK(polyfit_best(&fit, 4, N, x, y, e, NULL) == ST_OK);
        right += fit.order == 2;
    }
    /* one superfluous parameter lowers chi^2 by more than ln 12 = 2.48 in 11.5 % of the cases (two
     * in fewer): 200 trials must find order 2 in about 170; 150 is four standard errors below */
    CHECK(right >= 150);
    CHECK(right < trials); /* it can fail: the criterion is not a constant */
}

static void weights_follow_the_error_bars(void)
{
    const double x[] = {1, 2, 3, 4}, y[] = {2, 4, 6, 100}, e[] = {0.1, 0.1, 0.1, 1e6};
    struct polyfit fit;
    CHECK(polyfit_fixed(&fit, 1, 4, x, y, e, NULL) == ST_OK);
    CHECK_NEAR(polyfit_value(&fit, 3), 6, 1e-6);
}

static void too_few_points_are_refused(void)
{
    const double x[] = {1, 1, 1}, y[] = {2, 4, 6};
    struct polyfit fit;
    struct err err;
    CHECK(polyfit_best(&fit, 2, 3, x, y, NULL, &err) == ST_DATA);
    CHECK(polyfit_fixed(&fit, 1, 3, x, y, NULL, &err) == ST_DATA);
}

int main(int argc, char **argv)
{
    static const struct check_case cases[] = {
        {"exact_data_are_interpolated", exact_data_are_interpolated},
        {"evidence_finds_the_order_of_noisy_data", evidence_finds_the_order_of_noisy_data},
        {"weights_follow_the_error_bars", weights_follow_the_error_bars},
        {"too_few_points_are_refused", too_few_points_are_refused},
        {0}};
    return check_main(argc, argv, cases);
}
