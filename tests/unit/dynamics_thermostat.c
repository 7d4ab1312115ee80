/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Thermostats against exact results of the canonical ensemble. */
#include "check.h"
#include <gsl/gsl_cdf.h>
#include "base/mem.h"
#include "maths/stats.h"
#include "md/dynamics.h"
#include "md/velocity.h"
#include "md_run.h"
#include "md_sources.h"

#define KT (4000 / UNITS_HARTREE_K)

static struct lj argon = {0.004, 4.1, 6.6};
static const struct force_source lj_source = {lj_evaluate, &argon};
static const struct force_source ideal_source = {ideal_evaluate, NULL};

static struct dynamics_settings settings(const struct thermostat *thermostat, double timestep)
{
    return (struct dynamics_settings){.integrator = &integrator_nvt,
                                      .thermostat = thermostat,
                                      .timestep = timestep,
                                      .kT = KT,
                                      .relaxation = 400,
                                      .seed = 7,
                                      .run = 3};
}

static struct dynamics *start(const struct dynamics_settings *set,
                              const struct force_source *source)
{
    struct system *s = fcc(2, 6.8);
    struct dynamics *d = dynamics_new(s, set, source, false, NULL);
    system_free(s);
    return d;
}

/* The whole distribution of 2K/kT in a fluid, sampled every ten relaxation times: chi^2. */
static void kinetic_energy_is_chi_squared(const struct thermostat *thermostat, int freedom)
{
    enum { SAMPLES = 400 };
    double x[SAMPLES];
    struct dynamics_settings set = settings(thermostat, 20);
    set.relaxation = 100;
    struct dynamics *d = start(&set, &lj_source);
    advance(d, 200);
    for (int i = 0; i < SAMPLES; i++) {
        advance(d, 50);
        x[i] = 2 * dynamics_kinetic(d);
    }
    CHECK(dynamics_freedom(d) == freedom);
    CHECK(kolmogorov(SAMPLES, x, gsl_cdf_chisq_P, freedom, KT) < KOLMOGOROV_1_PERCENT);
    /* the test sees four per cent of temperature */
    CHECK(kolmogorov(SAMPLES, x, gsl_cdf_chisq_P, freedom, KT / 1.04) > KOLMOGOROV_1_PERCENT);
    dynamics_free(d);
}

static void langevin_kinetic_energy_is_chi_squared(void)
{
    kinetic_energy_is_chi_squared(&thermostat_langevin, 96);
}

static void rescale_kinetic_energy_is_chi_squared(void)
{
    kinetic_energy_is_chi_squared(&thermostat_rescale, 93);
}

/* Over runs from the same K: mean c K + (1 - c) n kT/2, variance 2 n e^2 + 4 c e K (rescale.c). */
static void rescale_solves_its_equation_exactly(void)
{
    enum { RUNS = 4000 };
    double m = 0, v = 0, fourth = 0, x[RUNS];
    struct dynamics_settings set = settings(&thermostat_rescale, 30);
    set.relaxation = 40;
    struct system *s = fcc(1, 30);
    double c = exp(-.75), e = (1 - c) * KT / 2;
    system_add_velocity(s);
    for (int i = 0; i < 12; i++)
        s->velocity[i / 3][i % 3] = (i % 5 - 2) * 1e-3;
    velocity_stop_centre(s);
    double k = velocity_kinetic(s);
    for (int i = 0; i < RUNS; i++) {
        set.run = (uint64_t)i;
        struct dynamics *d = dynamics_new(s, &set, &ideal_source, false, NULL);
        advance(d, 1);
        x[i] = dynamics_kinetic(d);
        m += x[i] / RUNS;
        CHECK_NEAR(dynamics_conserved(d), k, 1e-14);
        dynamics_free(d);
    }
    double mean = c * k + (1 - c) * 9 * KT / 2, variance = 2 * 9 * e * e + 4 * c * e * k;
    for (int i = 0; i < RUNS; i++) {
        v += pow(x[i] - mean, 2) / RUNS;
        fourth += pow(x[i] - mean, 4) / RUNS;
    }
    CHECK(fabs(k - 9 * KT / 2) > .2 * KT);
    CHECK_NEAR(m, mean, 4 * sqrt(variance / RUNS));
    CHECK_NEAR(v, variance, 4 * sqrt((fourth - v * v) / RUNS));
    CHECK(sqrt((fourth - v * v) / RUNS) < .05 * variance);
    system_free(s);
}

/* Time steps of twice the relaxation: the distribution is exact at any. */
static void rescale_is_canonical_at_any_time_step(void)
{
    enum { SAMPLES = 4000 };
    double x[SAMPLES];
    struct dynamics_settings set = settings(&thermostat_rescale, 20);
    set.relaxation = 10;
    struct system *s = fcc(1, 60);
    struct dynamics *d = dynamics_new(s, &set, &ideal_source, false, NULL);
    for (int i = 0; i < SAMPLES; i++) {
        advance(d, 4);
        x[i] = 2 * dynamics_kinetic(d);
    }
    CHECK(kolmogorov(SAMPLES, x, gsl_cdf_chisq_P, 9, KT) < KOLMOGOROV_1_PERCENT);
    CHECK(kolmogorov(SAMPLES, x, gsl_cdf_chisq_P, 9, 1.02 * KT) > 1);
    system_free(s);
    dynamics_free(d);
}

/* Steps of many relaxation times forget the direction, too: half of them turn the velocity round. */
static void rescale_turns_velocities_round(void)
{
    enum { STEPS = 1000 };
    struct dynamics_settings set = settings(&thermostat_rescale, 20);
    set.relaxation = 1;
    struct system *s = system_new(1);
    s->element[0] = 1;
    s->mass[0] = MASS;
    struct dynamics *d = dynamics_new(s, &set, &ideal_source, false, NULL);
    int turned = 0;
    for (int i = 0; i < STEPS; i++) {
        double before = d->system->velocity[0][1];
        advance(d, 1);
        turned += before * d->system->velocity[0][1] < 0;
    }
    CHECK_NEAR(turned, STEPS / 2, 4 * sqrt(STEPS) / 2);
    dynamics_free(d);
    system_free(s);
}

struct averaged {
    struct estimate energy,
        square;            /* of the potential energy and its deviation from the exact mean */
    double mean, variance; /* exact, in kT */
};

static struct averaged run_crystal(const struct thermostat *thermostat, int power, int steps)
{
    struct system *s = fcc(2, 6.8);
    struct springs p = {.k = power == 2 ? .1 : .2, .reach = 5, .power = power, .sites = s};
    struct force_source source = {springs_evaluate, &p};
    struct dynamics_settings set = settings(thermostat, 20);
    set.relaxation = 120;
    double *u = MEM_NEW(double, steps), *square = MEM_NEW(double, steps);
    struct dynamics *d = dynamics_new(s, &set, &source, false, NULL);
    struct averaged a = {.mean = (3. * s->n - 3) / power, .variance = (3. * s->n - 3) / power};
    advance(d, 3000);
    for (int i = 0; i < steps; i++) {
        advance(d, 1);
        u[i] = d->now.energy / KT;
        square[i] = pow(u[i] - a.mean, 2);
    }
    a.energy = stats_series(steps, u);
    a.square = stats_series(steps, square);
    free(u);
    free(square);
    dynamics_free(d);
    system_free(s);
    return a;
}

static void check_crystal(const struct averaged *a)
{
    CHECK_NEAR(a->energy.mean, a->mean, 4 * a->energy.error);
    CHECK(a->energy.error < .01 * a->mean);
    CHECK_NEAR(a->square.mean, a->variance, 4 * a->square.error);
    CHECK(a->square.error < .1 * a->variance);
}

static void langevin_gives_a_harmonic_crystal_its_energy_and_fluctuation(void)
{
    struct averaged a = run_crystal(&thermostat_langevin, 2, 40000);
    check_crystal(&a);
}

static void both_thermostats_give_a_quartic_crystal_its_energy_and_fluctuation(void)
{
    struct averaged a = run_crystal(&thermostat_langevin, 4, 40000);
    check_crystal(&a);
    a = run_crystal(&thermostat_rescale, 4, 40000);
    check_crystal(&a);
}

/* The modes of a harmonic crystal do not exchange energy, and a common factor cannot either: only
 * the mean is canonical, by the virial theorem. */
static void rescale_gives_a_harmonic_crystal_its_mean_energy(void)
{
    struct averaged a = run_crystal(&thermostat_rescale, 2, 40000);
    CHECK_NEAR(a.energy.mean, a.mean, 4 * a.energy.error);
    CHECK(a.energy.error < .01 * a.mean);
}

/* largest departure of the conserved quantity over a given time, and the heat in the same */
static double energy_error(double timestep, double *heat)
{
    struct dynamics_settings set = settings(&thermostat_rescale, timestep);
    struct dynamics *d = start(&set, &lj_source);
    double worst = 0, first = dynamics_conserved(d);
    *heat = 0;
    for (int i = 0; i < 3200 / timestep - .5; i++) {
        advance(d, 1);
        worst = fmax(worst, fabs(dynamics_conserved(d) - first));
        *heat = fmax(*heat, fabs(d->heat));
    }
    dynamics_free(d);
    return worst;
}

static void rescale_conserved_quantity_is_second_order(void)
{
    double heat, coarse = energy_error(16, &heat), fine = energy_error(4, &heat);
    CHECK(coarse > 1e-6);
    CHECK(coarse / fine > 8 && coarse / fine < 32); /* 16 in the mean; the noises differ */
    CHECK(heat > 1000 * fine);
}

/* change per atom and ps: mean of the conserved quantity in the last minus the first tenth */
static double drift(const struct thermostat *thermostat, int steps, uint64_t run)
{
    double first = 0, last = 0;
    struct dynamics_settings set = settings(thermostat, .1 / UNITS_TIME_FS);
    set.run = run;
    struct dynamics *d = start(&set, &lj_source);
    advance(d, 1000);
    for (int i = 0; i < steps; i++) {
        advance(d, 1);
        double e = dynamics_conserved(d) / d->system->n / (steps / 10);
        first += i < steps / 10 ? e : 0;
        last += i >= steps - steps / 10 ? e : 0;
    }
    dynamics_free(d);
    return (last - first) / (.9 * steps * .1e-3);
}

static void rescale_conserved_quantity_does_not_drift(void)
{
    CHECK(fabs(drift(&thermostat_rescale, 20000, 3)) < 1e-6); /* Ha per atom and ps, targets.md */
}

/* The noise on every velocity makes the error of the time step, and with it the conserved quantity,
 * walk at random; over independent runs it has no mean. */
static void langevin_conserved_quantity_walks_without_drift(void)
{
    enum { RUNS = 8 };
    double mean = 0, square = 0;
    for (int i = 0; i < RUNS; i++) {
        double x = drift(&thermostat_langevin, 4000, (uint64_t)i);
        mean += x / RUNS;
        square += x * x / RUNS;
    }
    double error = sqrt((square - mean * mean) / (RUNS - 1));
    CHECK_NEAR(mean, 0, 4 * error);
    CHECK(error < 4e-6);
}

static void rescale_keeps_the_centre_of_mass_still(void)
{
    double v[3];
    struct dynamics_settings set = settings(&thermostat_rescale, 20);
    struct system *s = fcc(1, 13.6);
    system_add_velocity(s);
    s->velocity[2][1] = 2.385e-3; /* given with the centre in motion: stopped */
    struct dynamics *d = dynamics_new(s, &set, &lj_source, false, NULL);
    advance(d, 500);
    velocity_centre(d->system, v);
    for (int c = 0; c < 3; c++)
        CHECK_NEAR(v[c], 0, 1e-15);
    CHECK(dynamics_temperature(d) > .1 * KT);
    dynamics_free(d);
    system_free(s);
}

int main(int argc, char **argv)
{
    static const struct check_case cases[] = {
        CHECK_CASE(langevin_kinetic_energy_is_chi_squared),
        CHECK_CASE(rescale_kinetic_energy_is_chi_squared),
        CHECK_CASE(rescale_solves_its_equation_exactly),
        CHECK_CASE(rescale_is_canonical_at_any_time_step),
        CHECK_CASE(rescale_turns_velocities_round),
        CHECK_CASE(langevin_gives_a_harmonic_crystal_its_energy_and_fluctuation),
        CHECK_CASE(both_thermostats_give_a_quartic_crystal_its_energy_and_fluctuation),
        CHECK_CASE(rescale_gives_a_harmonic_crystal_its_mean_energy),
        CHECK_CASE(rescale_conserved_quantity_is_second_order),
        CHECK_CASE(rescale_conserved_quantity_does_not_drift),
        CHECK_CASE(langevin_conserved_quantity_walks_without_drift),
        CHECK_CASE(rescale_keeps_the_centre_of_mass_still),
        {0}};
    return check_main(argc, argv, cases);
}
