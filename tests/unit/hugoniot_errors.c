/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Error bars of the Hugoniot calibrated by simulation: noise is added to exact states many times, and the
 * deviations of the results from the exact ones must be as large as the error bars say. The mean of z^2
 * over n simulations is known to sqrt(2/n) when z is normal; the bounds are four of that, and the error
 * bars are bounded from above as well.
 */
#include <stdlib.h>

#include "check.h"
#include "base/mem.h"
#include "base/rng.h"
#include "eos/bootstrap.h"

static const double rho0 = 27.166, mass = 3671.4829; /* 0.167 g/cm3 of deuterium */

enum { SIMULATIONS = 300, SAMPLES = 200, MAX_STATES = 60, MAX_POINTS = 8 };

/* What is simulated: exact states and E0, their error bars, and what the results should be. */
struct world {
    enum eos_along along;
    int n, points;
    struct eos_state state[MAX_STATES];
    struct eos_initial initial;
};

struct result {
    struct hugoniot_point point[MAX_POINTS], error[MAX_POINTS];
    struct hugoniot_maximum maximum, maximum_error;
    struct hugoniot_line line, line_error;
};

/* One simulation; false: some group has no root. */
static bool simulate(const struct world *w, uint64_t number, struct result *r)
{
    struct eos_state s[MAX_STATES];
    struct eos_initial initial = w->initial;
    struct rng rng;
    rng_start(&rng, 3, RNG_TEST, number, 0, 0);
    initial.energy += initial.energy_error * rng_normal(&rng);
    for (int i = 0; i < w->n; i++) {
        s[i] = w->state[i];
        s[i].energy += s[i].energy_error * rng_normal(&rng);
        s[i].pressure += s[i].pressure_error * rng_normal(&rng);
    }
    struct eos_group *group;
    const int count = eos_groups(w->along, 0.02, w->n, s, &group);
    bool all = count == w->points;
    for (int i = 0; i < count && all; i++)
        all = eos_group_fit(&group[i], EOS_MODELS, s, NULL) == ST_OK &&
              hugoniot_solve(&initial, &group[i], &r->point[i], NULL, NULL) == ST_OK;
    if (all) {
        struct bootstrap b =
            bootstrap_make(&initial, count, group, r->point, SAMPLES, number, BOOTSTRAP_ALL);
        double inside;
        bootstrap_errors(&b, r->error);
        struct maximum m = maximum_make(count, r->point, r->error);
        r->maximum = m.centre;
        bootstrap_maximum(&b, &m, &r->maximum_error, &inside);
        r->line = bootstrap_line(&b, &r->line_error);
        maximum_free(&m);
        bootstrap_free(&b);
    }
    for (int i = 0; i < count; i++)
        eos_group_free(&group[i]);
    free(group);
    return all;
}

/* Mean of z^2, and of the error bars. */
struct score {
    int n;
    double square, error;
};

static void score(struct score *s, double x, double exact, double error)
{
    s->n++;
    s->square += (x - exact) * (x - exact) / (error * error);
    s->error += error;
}

static void check_score(const char *what, const struct score *s, double low, double high,
                        double largest_error)
{
    const double z2 = s->square / s->n, error = s->error / s->n;
    printf("%s: mean z^2 %.3f over %d, mean error %.3g\n", what, z2, s->n, error);
    CHECK(z2 > low && z2 < high);
    CHECK(error < largest_error);
}

/* ---- one isotherm of a van der Waals gas, a curve that is no polynomial ---- */

static struct world van_der_waals(void)
{
    const double a = 0.11, b = 7.3, t = 0.03, t0 = 0.004, v0 = mass / rho0;
    struct world w = {.along = EOS_ISOTHERMS, .n = 5, .points = 1};
    w.initial = (struct eos_initial){.mass = mass,
                                     .density = rho0,
                                     .energy = 1.5 * t0 - a / v0,
                                     .energy_error = 5e-5,
                                     .pressure = t0 / (v0 - b) - a / (v0 * v0)};
    for (int i = 0; i < w.n; i++) {
        const double v = v0 / (2.7 + 0.2 * i);
        w.state[i] = (struct eos_state){.temperature = t,
                                        .density = mass / v,
                                        .energy = 1.5 * t - a / v,
                                        .energy_error = 3e-4,
                                        .pressure = t / (v - b) - a / (v * v),
                                        .pressure_error = 3e-6};
    }
    return w;
}

/* The exact root by bisection. */
static double vdw_root(const struct eos_initial *initial)
{
    const double a = 0.11, b = 7.3, t = 0.03;
    double low = 2.5, high = 3.7;
    for (int i = 0; i < 60; i++) {
        const double eta = 0.5 * (low + high), v = mass / rho0 / eta;
        *(hugoniot_function(initial, rho0 * eta, 1.5 * t - a / v, t / (v - b) - a / (v * v)) > 0
              ? &low
              : &high) = eta;
    }
    return low;
}

static void errors_of_a_point_are_calibrated(void)
{
    const struct world w = van_der_waals();
    const double exact = vdw_root(&w.initial), v = mass / rho0 / exact;
    const double pressure = 0.03 / (v - 7.3) - 0.11 / (v * v);
    struct score compression = {0}, p = {0};
    for (uint64_t k = 0; k < SIMULATIONS; k++) {
        struct result r;
        if (!simulate(&w, k, &r))
            continue;
        score(&compression, r.point[0].compression, exact, r.error[0].compression);
        score(&p, r.point[0].pressure, pressure, r.error[0].pressure);
    }
    CHECK(compression.n == SIMULATIONS);
    check_score("compression", &compression, 0.7, 1.3, 0.03);
    check_score("pressure", &p, 0.7, 1.3, 2e-5);
}

/* ---- a gas with an inner degree of freedom, whose Hugoniot has a maximum ---- */

/* E = 3/2 kT + u(T), P = kT/v: H = 0 gives eta = 4 + 2 (u - E0) / kT. */
static double inner_energy(double t)
{
    return 0.02 / (1 + exp(0.04 / t) / 4);
}

static double gas_compression(double t)
{
    return 4 + 2 * inner_energy(t) / t;
}

static struct world dissociating(void)
{
    struct world w = {.along = EOS_ISOTHERMS, .points = 8};
    w.initial = (struct eos_initial){.mass = mass, .density = rho0, .energy_error = 5e-5};
    for (int i = 0; i < w.points; i++) {
        const double t = 0.009 * pow(1.4, i);
        for (int k = 0; k < 5; k++) {
            const double rho = rho0 * gas_compression(t) * (0.92 + 0.04 * k);
            w.state[w.n++] = (struct eos_state){.temperature = t,
                                                .density = rho,
                                                .energy = 1.5 * t + inner_energy(t),
                                                .energy_error = 3e-4,
                                                .pressure = t * rho / mass,
                                                .pressure_error = 5e-3 * t * rho / mass};
        }
    }
    return w;
}

static void error_of_the_maximum_is_calibrated(void)
{
    const struct world w = dissociating();
    double exact = 0, at = 0;
    for (double t = 0.01; t < 0.09; t += 1e-5)
        if (gas_compression(t) > exact) {
            exact = gas_compression(t);
            at = t;
        }
    const double pressure = at * exact * rho0 / mass;
    struct score compression = {0}, p = {0};
    for (uint64_t k = 0; k < SIMULATIONS / 3; k++) {
        struct result r;
        if (!simulate(&w, k, &r))
            continue;
        score(&compression, r.maximum.compression, exact, r.maximum_error.compression);
        score(&p, r.maximum.pressure, pressure, r.maximum_error.pressure);
    }
    CHECK(compression.n > 0.9 * SIMULATIONS / 3);
    check_score("maximum", &compression, 0.5, 1.5, 0.1);
    check_score("its pressure", &p, 0.5, 1.5, 0.3 * pressure);
}

/* Four of these isotherms, exact but for 1e-6: the maximum between them is uncertain all the same, by what the curve may do
 * between its points. */
static void maximum_between_far_points_is_uncertain(void)
{
    struct world w = dissociating();
    struct result r;
    int n = 0;
    for (int i = 0; i < w.n; i++)
        if (i / 5 % 2 == 0) {
            w.state[n] = w.state[i];
            w.state[n].energy_error *= 1e-6 / 3e-4;
            w.state[n++].pressure_error *= 1e-6 / 3e-4;
        }
    w.n = n;
    w.points = 4;
    w.initial.energy_error = 0;
    double exact = 0;
    for (double t = 0.01; t < 0.09; t += 1e-5)
        exact = fmax(exact, gas_compression(t));
    CHECK(simulate(&w, 1, &r));
    for (int i = 0; i < w.points; i++)
        CHECK(r.error[i].compression < 3e-4);
    CHECK(r.maximum.inside);
    CHECK_NEAR(r.maximum.compression, exact, 3 * r.maximum_error.compression);
    printf("error of the maximum %.3g\n", r.maximum_error.compression);
    CHECK(r.maximum_error.compression > 3e-3 && r.maximum_error.compression < 0.3);
}

/* ---- a solid whose Hugoniot is a line u_s = c0 + s u_p ---- */

static struct world mie_grueneisen(void)
{
    const double c0 = 2.1e-3, slope = 1.23, gamma = 0.83, v0 = mass / rho0;
    struct world w = {.along = EOS_ISOCHORES, .points = 6};
    w.initial = (struct eos_initial){.mass = mass, .density = rho0, .energy_error = 5e-5};
    for (int i = 0; i < w.points; i++) {
        const double eta = 1.6 + 0.2 * i, x = 1 - 1 / eta;
        const double p_h = rho0 * c0 * c0 * x / pow(1 - slope * x, 2), e_h = 0.5 * p_h * v0 * x;
        for (int k = 0; k < 5; k++) {
            const double p = p_h * (0.8 + 0.1 * k);
            w.state[w.n++] = (struct eos_state){.temperature = 0.01 * eta * p / p_h,
                                                .density = rho0 * eta,
                                                .energy = e_h + (p - p_h) * v0 / eta / gamma,
                                                .energy_error = 0.01 * e_h,
                                                .pressure = p,
                                                .pressure_error = 0.01 * p_h};
        }
    }
    return w;
}

static void errors_of_the_line_are_calibrated(void)
{
    const struct world w = mie_grueneisen();
    struct score intercept = {0}, slope = {0};
    for (uint64_t k = 0; k < SIMULATIONS / 2; k++) {
        struct result r;
        if (!simulate(&w, k, &r))
            continue;
        score(&intercept, r.line.intercept, 2.1e-3, r.line_error.intercept);
        score(&slope, r.line.slope, 1.23, r.line_error.slope);
    }
    CHECK(slope.n > 0.9 * SIMULATIONS / 2);
    check_score("intercept", &intercept, 0.5, 1.5, 1e-4);
    check_score("slope", &slope, 0.5, 1.5, 0.05);
}

int main(int argc, char **argv)
{
    static const struct check_case cases[] = {CHECK_CASE(errors_of_a_point_are_calibrated),
                                              CHECK_CASE(error_of_the_maximum_is_calibrated),
                                              CHECK_CASE(maximum_between_far_points_is_uncertain),
                                              CHECK_CASE(errors_of_the_line_are_calibrated),
                                              {0}};
    return check_main(argc, argv, cases);
}
