/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Hugoniostat against exact results for an ideal gas, and against the relation for soft spheres. */
#include "check.h"
#include "base/mem.h"
#include "maths/stats.h"
#include "md/hugoniostat.h"
#include "md/velocity.h"
#include "md_run.h"
#include "md_sources.h"

#define KT (4000 / UNITS_HARTREE_K)

static const struct force_source ideal_source = {ideal_evaluate, NULL};
static struct repulsion soft = {.e = .004, .a = 4.1};
static const struct force_source soft_source = {repulsion_evaluate, &soft};

/* Before the shock: V0 per atom is 2.5 times the volume of the start. */
static struct dynamics_settings settings(const struct integrator *integrator,
                                         const struct system *s, double energy, double pressure)
{
    return (struct dynamics_settings){.integrator = integrator,
                                      .barostat = &barostat_isotropic,
                                      .timestep = 10,
                                      .kT = KT,
                                      .relaxation = 400,
                                      .pressure = pressure,
                                      .barostat_relaxation = 800,
                                      .compressibility = .5 / pressure,
                                      .initial_energy = energy,
                                      .initial_density = system_mass_density(s) / 2.5,
                                      .initial_pressure = 2.385e-6,
                                      .seed = 7,
                                      .run = 3};
}

/* 3/2 T - e0 = (T/v + P0)(v0 - v)/2 per atom: T = (e0 + P0 (v0 - v)/2)/(3/2 - (v0/v - 1)/2) */
static void ideal_gas_settles_at_its_temperature(void)
{
    struct system *s = fcc(2, 60);
    double v = system_volume(s) / s->n, v0 = 2.5 * v, e0 = .7 * KT, p0 = 2.385e-6;
    struct dynamics_settings set = settings(&integrator_nvhug, s, e0, 1);
    struct dynamics *d = dynamics_new(s, &set, &ideal_source, false, NULL);
    double exact = (e0 + p0 * (v0 - v) / 2) / (1.5 - .75), first = dynamics_conserved(d);
    CHECK(fabs(dynamics_temperature(d) / exact - 1) > .1);
    CHECK(fabs(hugoniostat_residual(d) / s->n / KT) > .02);
    advance(d, 2000);
    CHECK_NEAR(dynamics_temperature(d) / exact, 1, 1e-9);
    CHECK_NEAR(hugoniostat_residual(d) / s->n / KT, 0, 1e-9);
    CHECK_NEAR(d->friction * set.relaxation, 0, 1e-9);
    CHECK_NEAR(dynamics_conserved(d), first, 1e-12);
    CHECK(fabs(d->heat) > .1 * KT);
    system_free(s);
    dynamics_free(d);
}

/* Near the solution H'' + 2 g/tau H' + g/tau^2 H = 0 with g = dH/dK, for this gas 3/4 N kT over
 * 3/2 (N - 1) kT. */
static void residual_decays_in_the_relaxation_time(void)
{
    struct system *s = fcc(2, 60);
    struct dynamics_settings set = settings(&integrator_nvhug, s, .75 * KT, 1);
    set.initial_pressure = 0; /* so that T = kT is the solution */
    system_add_velocity(s);
    velocity_draw(s, KT, 7, 1);
    velocity_stop_centre(s);
    double hot = sqrt(1.002 * (3 * s->n - 3) * KT / 2 / velocity_kinetic(s));
    for (int i = 0; i < 3 * s->n; i++)
        s->velocity[i / 3][i % 3] *= hot;
    struct dynamics *d = dynamics_new(s, &set, &ideal_source, false, NULL);
    double first = hugoniostat_residual(d), g = .5 * s->n / (s->n - 1.), w = sqrt(g - g * g);
    CHECK_NEAR(first / s->n, .75 * .002 * KT, 1e-12);
    for (double t = 1; t < 6; t += 1) {
        advance(d, 40); /* tau */
        double exact = exp(-g * t) * (cos(w * t) - g / w * sin(w * t));
        CHECK_NEAR(hugoniostat_residual(d) / first, exact, .005);
    }
    system_free(s);
    dynamics_free(d);
}

/* With T = P v besides: v = (e0 + (P + P0) v0/2)/(3/2 P + (P + P0)/2). */
static void ideal_gas_settles_at_its_volume(void)
{
    struct system *s = fcc(2, 60);
    double v0 = 2.5 * system_volume(s) / s->n, e0 = .7 * KT, p0 = 2.385e-6, p = 3.1 * KT / v0;
    struct dynamics_settings set = settings(&integrator_nphug, s, e0, p);
    struct dynamics *d = dynamics_new(s, &set, &ideal_source, false, NULL);
    double exact = (e0 + (p + p0) * v0 / 2) / (1.5 * p + (p + p0) / 2);
    double first = dynamics_conserved(d);
    CHECK(fabs(system_volume(d->system) / s->n / exact - 1) > .1);
    CHECK(fabs(dynamics_temperature(d) / (p * exact) - 1) > .1);
    advance(d, 6000);
    CHECK_NEAR(system_volume(d->system) / s->n / exact, 1, 1e-8);
    CHECK_NEAR(dynamics_temperature(d) / (p * exact), 1, 1e-8);
    CHECK_NEAR(dynamics_pressure(d) / p, 1, 1e-8);
    CHECK_NEAR(dynamics_conserved(d), first, .01 * KT); /* of many kT of work */
    system_free(s);
    dynamics_free(d);
}

struct means {
    struct estimate temperature, pressure, volume, residual; /* residual: kT per atom */
};

static struct means run(struct dynamics *d, int samples, int every)
{
    double *x[4];
    for (int k = 0; k < 4; k++)
        x[k] = MEM_NEW(double, samples);
    advance(d, 3000);
    for (int i = 0; i < samples; i++) {
        advance(d, every);
        x[0][i] = dynamics_temperature(d);
        x[1][i] = dynamics_pressure(d);
        x[2][i] = system_volume(d->system);
        x[3][i] = hugoniostat_residual(d) / d->system->n / KT;
    }
    struct means m = {stats_series(samples, x[0]), stats_series(samples, x[1]),
                      stats_series(samples, x[2]), stats_series(samples, x[3])};
    for (int k = 0; k < 4; k++)
        free(x[k]);
    return m;
}

/* The mean residual is zero; and so it is, at the temperature found, in the canonical ensemble. */
static void soft_spheres_settle_on_their_hugoniot(void)
{
    struct system *s = fcc(2, 8.2);
    struct dynamics_settings set = settings(&integrator_nvhug, s, 1.2 * KT, 1);
    struct dynamics *d = dynamics_new(s, &set, &soft_source, false, NULL);
    struct means hugoniot = run(d, 3000, 10);
    CHECK_NEAR(hugoniot.residual.mean, 0, 4 * hugoniot.residual.error + 1e-3);
    CHECK(hugoniot.residual.error < .01);
    dynamics_free(d);
    set.integrator = &integrator_nvt;
    set.thermostat = &thermostat_langevin;
    set.kT = hugoniot.temperature.mean;
    d = dynamics_new(s, &set, &soft_source, false, NULL);
    struct means canonical = run(d, 3000, 10);
    CHECK_NEAR(canonical.residual.mean, 0,
               4 * hypot(canonical.residual.error, 1.2 * hugoniot.temperature.error / KT));
    CHECK(canonical.residual.error < .02);
    system_free(s);
    dynamics_free(d);
}

static void soft_spheres_settle_at_pressure_and_residual(void)
{
    struct system *s = fcc(2, 8.2);
    struct dynamics_settings set = settings(&integrator_nphug, s, 1.2 * KT, 4e-4);
    struct dynamics *d = dynamics_new(s, &set, &soft_source, false, NULL);
    struct means hugoniot = run(d, 3000, 10);
    CHECK_NEAR(hugoniot.residual.mean, 0, 4 * hugoniot.residual.error + 1e-3);
    CHECK(hugoniot.residual.error < .01);
    CHECK_NEAR(hugoniot.pressure.mean / 4e-4, 1, 4 * hugoniot.pressure.error / 4e-4 + 1e-3);
    CHECK(hugoniot.pressure.error < .01 * 4e-4);
    system_free(s);
    dynamics_free(d);
}

/* An ideal gas has no Hugoniot beyond the compression 4: it is heated until it is stopped. */
static void too_high_a_compression_is_named(void)
{
    struct err err = {0};
    struct system *s = fcc(2, 60);
    struct dynamics_settings set = settings(&integrator_nvhug, s, KT, 1);
    set.initial_density /= 2;
    set.relaxation = 100;
    struct dynamics *d = dynamics_new(s, &set, &ideal_source, false, NULL);
    enum status status = ST_OK;
    for (int i = 0; i < 5000 && !status; i++)
        status = dynamics_step(d, &err);
    CHECK(status == ST_COMPUTE && strstr(err.text, "no state on the Hugoniot"));
    system_free(s);
    dynamics_free(d);
}

/* E + K - heat (+ P V) of a fluid is constant to second order in the time step. */
static double energy_error(const struct integrator *integrator, double timestep)
{
    double worst = 0;
    struct system *s = fcc(2, 8.2);
    struct dynamics_settings set = settings(integrator, s, 1.2 * KT, 4e-4);
    set.timestep = timestep;
    struct dynamics *d = dynamics_new(s, &set, &soft_source, false, NULL);
    double first = dynamics_conserved(d);
    for (int i = 0; i < 1600 / timestep - .5; i++) {
        advance(d, 1);
        worst = fmax(worst, fabs(dynamics_conserved(d) - first));
    }
    CHECK(fabs(d->heat) > 30 * worst);
    system_free(s);
    dynamics_free(d);
    return worst;
}

static void energy_balance_is_second_order(void)
{
    double coarse = energy_error(&integrator_nvhug, 8), fine = energy_error(&integrator_nvhug, 2);
    CHECK(coarse / fine > 10 && coarse / fine < 22);
    coarse = energy_error(&integrator_nphug, 8), fine = energy_error(&integrator_nphug, 2);
    CHECK(coarse / fine > 10 && coarse / fine < 22);
}

int main(int argc, char **argv)
{
    static const struct check_case cases[] = {
        CHECK_CASE(ideal_gas_settles_at_its_temperature),
        CHECK_CASE(residual_decays_in_the_relaxation_time),
        CHECK_CASE(ideal_gas_settles_at_its_volume),
        CHECK_CASE(soft_spheres_settle_on_their_hugoniot),
        CHECK_CASE(soft_spheres_settle_at_pressure_and_residual),
        CHECK_CASE(too_high_a_compression_is_named),
        CHECK_CASE(energy_balance_is_second_order),
        {0}};
    return check_main(argc, argv, cases);
}
