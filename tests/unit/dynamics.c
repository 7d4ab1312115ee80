/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"
#include "base/mem.h"
#include "maths/stats.h"
#include "md/dynamics.h"
#include "md/sum.h"
#include "md/velocity.h"
#include "md_run.h"
#include "md_sources.h"

#define KT (4000 / UNITS_HARTREE_K)

static struct lj argon = {0.004, 4.1, 6.6};
static const struct force_source lj_source = {lj_evaluate, &argon};
static const struct force_source ideal_source = {ideal_evaluate, NULL};

static struct dynamics_settings settings(const struct integrator *integrator, double timestep)
{
    return (struct dynamics_settings){.integrator = integrator,
                                      .thermostat = &thermostat_langevin,
                                      .barostat = &barostat_isotropic,
                                      .timestep = timestep,
                                      .kT = KT,
                                      .relaxation = 400,
                                      .pressure = 2e-4,
                                      .barostat_relaxation = 3000,
                                      .compressibility = 2e3,
                                      .initial_energy = .01,
                                      .initial_density = 10,
                                      .seed = 7,
                                      .run = 3};
}

static struct dynamics *fluid(const struct integrator *integrator, double timestep)
{
    struct system *s = fcc(2, 6.8);
    struct dynamics_settings set = settings(integrator, timestep);
    struct dynamics *d = dynamics_new(s, &set, &lj_source, false, NULL);
    system_free(s);
    return d;
}

/* largest departure of the conserved quantity over a given time */
static double energy_error(const struct integrator *integrator, double timestep, double time)
{
    struct dynamics *d = fluid(integrator, timestep);
    double worst = 0, start = dynamics_conserved(d);
    for (int i = 0; i < time / timestep - .5; i++) {
        advance(d, 1);
        worst = fmax(worst, fabs(dynamics_conserved(d) - start));
    }
    dynamics_free(d);
    return worst;
}

static void energy_error_is_second_order(void)
{
    double coarse = energy_error(&integrator_verlet, 16, 6400);
    double fine = energy_error(&integrator_verlet, 8, 6400);
    double finest = energy_error(&integrator_verlet, 4, 6400);
    CHECK(coarse > 1e-6); /* large enough that rounding plays no part */
    CHECK_NEAR(coarse / fine, 4, .8);
    CHECK_NEAR(fine / finest, 4, .4);
}

/* mean of the conserved quantity in the last minus the first tenth: a drift, not a fluctuation */
static void energy_does_not_drift(void)
{
    enum { STEPS = 20000 };
    double first = 0, last = 0, dt = .1 / UNITS_TIME_FS;
    struct dynamics *d = fluid(&integrator_verlet, dt);
    advance(d, 2000);
    for (int i = 0; i < STEPS; i++) {
        advance(d, 1);
        double e = dynamics_conserved(d) / d->system->n;
        first += i < STEPS / 10 ? e : 0;
        last += i >= STEPS - STEPS / 10 ? e : 0;
    }
    double ps = .9 * STEPS * .1e-3;
    CHECK(fabs(last - first) / (STEPS / 10) / ps < 1e-6); /* Ha per atom and ps, targets.md */
    CHECK(dynamics_temperature(d) * UNITS_HARTREE_K > 1000);
    dynamics_free(d);
}

static void verlet_runs_backwards_to_its_start(void)
{
    struct dynamics *d = fluid(&integrator_verlet, 12);
    struct system *start = system_copy(d->system);
    double worst = 0, moved = 0;
    advance(d, 300);
    for (int i = 0; i < start->n; i++)
        for (int c = 0; c < 3; c++) {
            moved = fmax(moved, fabs(d->system->pos[i][c] - start->pos[i][c]));
            d->system->velocity[i][c] *= -1;
        }
    advance(d, 300);
    for (int i = 0; i < start->n; i++)
        for (int c = 0; c < 3; c++)
            worst = fmax(worst, fabs(d->system->pos[i][c] - start->pos[i][c]));
    CHECK(moved > .5);
    CHECK(worst < 1e-8);
    system_free(start);
    dynamics_free(d);
}

static void verlet_keeps_the_centre_of_mass_still(void)
{
    struct dynamics *d = fluid(&integrator_verlet, 12);
    double v[3];
    advance(d, 200);
    velocity_centre(d->system, v);
    for (int c = 0; c < 3; c++)
        CHECK_NEAR(v[c], 0, 1e-15);
    CHECK(dynamics_freedom(d) == 3 * d->system->n - 3);
    dynamics_free(d);
}

/* Velocity Verlet is exact for a harmonic oscillator of the frequency 2/dt asin(omega dt/2). */
static void verlet_oscillator_has_its_known_frequency(void)
{
    struct system *s = system_new(1);
    struct system *site = system_new(1);
    struct einstein e = {.k = .37, .sites = site};
    struct force_source source = {einstein_evaluate, &e};
    double dt = 30, omega = 2 / dt * asin(sqrt(e.k / MASS) * dt / 2);
    s->element[0] = 1;
    s->mass[0] = MASS;
    s->pos[0][1] = .113;
    system_add_velocity(s);
    struct dynamics_settings set = settings(&integrator_verlet, dt);
    struct dynamics *d = dynamics_new(s, &set, &source, false, NULL);
    advance(d, 1000);
    CHECK_NEAR(d->system->pos[0][1], .113 * cos(omega * 1000 * dt), 1e-10);
    dynamics_free(d);
    system_free(s);
    system_free(site);
}

static void velocities_are_maxwell_boltzmann(void)
{
    struct system *s = fcc(10, 5); /* 12000 components */
    double chi2, v[3];
    for (int i = 0; i < s->n; i++)
        s->mass[i] *= i % 2 ? 1 : .5;
    system_add_velocity(s);
    velocity_draw(s, KT, 11, 2);
    chi2 = 2 * velocity_kinetic(s) / KT;
    CHECK_NEAR(chi2, 3 * s->n, 4 * sqrt(6. * s->n));
    velocity_stop_centre(s);
    velocity_centre(s, v);
    CHECK_NEAR(v[0], 0, 1e-16);
    CHECK_NEAR(velocity_centre_kinetic(s), 0, 1e-22);
    chi2 = 0;
    for (int i = 1; i < s->n; i += 2) /* equipartition between masses */
        chi2 += s->mass[i] * s->velocity[i][2] * s->velocity[i][2] / KT;
    CHECK_NEAR(chi2, s->n / 2., 4 * sqrt(s->n));
    system_free(s);
}

struct oscillators {
    struct estimate potential, kinetic; /* in units of kT, per atom */
};

static struct oscillators run_oscillators(double omega_dt, int steps)
{
    struct system *s = fcc(2, 6.8);
    struct einstein e = {.k = 1.3, .sites = s};
    struct force_source source = {einstein_evaluate, &e};
    struct dynamics_settings set = settings(&integrator_nvt, omega_dt / sqrt(e.k / MASS));
    set.relaxation = 3 * set.timestep;
    struct dynamics *d = dynamics_new(s, &set, &source, false, NULL);
    double *v = MEM_NEW(double, steps), *k = MEM_NEW(double, steps);
    advance(d, 100);
    for (int i = 0; i < steps; i++) {
        advance(d, 1);
        v[i] = d->now.energy / s->n / KT;
        k[i] = dynamics_kinetic(d) / s->n / KT;
    }
    struct oscillators o = {stats_series(steps, v), stats_series(steps, k)};
    free(v);
    free(k);
    dynamics_free(d);
    system_free(s);
    return o;
}

static void harmonic_crystal_has_three_halves_kT(void)
{
    struct oscillators o = run_oscillators(.2, 30000);
    CHECK_NEAR(o.potential.mean, 1.5, 4 * o.potential.error);
    CHECK(o.potential.error < .01);
    CHECK_NEAR(o.kinetic.mean, 1.5 * (1 - .01), 4 * o.kinetic.error);
}

/* Leimkuhler & Matthews: configurations exact at any time step, <m v^2> = kT (1 - (omega dt)^2/4)
 */
static void baoab_samples_oscillators_exactly_at_a_coarse_step(void)
{
    struct oscillators o = run_oscillators(1.1, 30000);
    CHECK_NEAR(o.potential.mean, 1.5, 4 * o.potential.error);
    CHECK(o.potential.error < .005);
    CHECK_NEAR(o.kinetic.mean, 1.5 * (1 - 1.1 * 1.1 / 4), 4 * o.kinetic.error);
    CHECK(o.kinetic.error < .005);
}

static void langevin_conserved_quantity_is_second_order(void)
{
    double coarse = energy_error(&integrator_nvt, 16, 3200);
    double fine = energy_error(&integrator_nvt, 4, 3200);
    CHECK(coarse > 1e-6);
    CHECK(coarse / fine > 8); /* 16 in the mean; the noises differ */
    struct dynamics *d = fluid(&integrator_nvt, 8);
    advance(d, 400);
    CHECK(fabs(d->heat) > 100 * energy_error(&integrator_nvt, 8, 3200));
    dynamics_free(d);
}

static void ideal_gas_has_its_pressure(void)
{
    struct system *s = fcc(2, 6.8);
    struct dynamics_settings set = settings(&integrator_verlet, 20);
    struct dynamics *d = dynamics_new(s, &set, &ideal_source, false, NULL);
    double volume = pow(2 * 6.8, 3);
    CHECK_NEAR(dynamics_pressure(d), s->n * dynamics_temperature(d) / volume, 1e-18);
    CHECK_NEAR(dynamics_temperature(d), KT, 4 * KT * sqrt(2. / dynamics_freedom(d)));
    advance(d, 10);
    CHECK_NEAR(d->system->pos[5][0] - s->pos[5][0], 200 * d->system->velocity[5][0], 1e-11);
    dynamics_free(d);
    system_free(s);
}

/* P from the virial = -dF/dV: energy change of a small isotropic strain at fixed scaled positions
 */
static void virial_pressure_is_minus_the_volume_derivative(void)
{
    struct dynamics *d = fluid(&integrator_nvt, 10);
    double e[2], step = 1e-5, volume = system_volume(d->system), virial;
    advance(d, 50);
    virial = dynamics_pressure(d) - d->system->n * dynamics_temperature(d) / volume;
    struct system *s = system_copy(d->system);
    for (int side = 0; side < 2; side++) {
        double scale = 1 + (side ? step : -step);
        for (int i = 0; i < s->n; i++)
            for (int c = 0; c < 3; c++)
                d->system->pos[i][c] = s->pos[i][c] * scale;
        for (int c = 0; c < 3; c++)
            d->system->cell[c][c] = s->cell[c][c] * scale;
        dynamics_forces(d, NULL);
        e[side] = d->now.energy;
    }
    CHECK(fabs(virial) > 1e-5);
    CHECK_NEAR(virial, -(e[1] - e[0]) / (2 * step) / (3 * volume), 1e-8 * fabs(virial) + 1e-10);
    system_free(s);
    dynamics_free(d);
}

static void same_seed_gives_the_same_bits_and_another_run_differs(void)
{
    struct dynamics *a = fluid(&integrator_nvt, 10), *b = fluid(&integrator_nvt, 10);
    struct system *s = fcc(2, 6.8);
    struct dynamics_settings set = settings(&integrator_nvt, 10);
    set.run++;
    struct dynamics *c = dynamics_new(s, &set, &lj_source, false, NULL);
    advance(a, 100);
    advance(b, 100);
    advance(c, 100);
    CHECK(!memcmp(a->system->pos, b->system->pos, sizeof(double[3]) * s->n));
    CHECK(fabs(a->system->pos[4][1] - c->system->pos[4][1]) > 1e-3);
    dynamics_free(a);
    dynamics_free(b);
    dynamics_free(c);
    system_free(s);
}

/* 20 steps at a stretch, and 10, a checkpoint, 10 more by another one */
static void check_resumes(const struct integrator *integrator)
{
    struct dynamics *whole = fluid(integrator, 8), *half = fluid(integrator, 8);
    struct system *s = fcc(2, 6.8);
    struct checkpoint *c = checkpoint_new();
    struct err err = {0};
    advance(whole, 20);
    advance(half, 10);
    dynamics_keep(half, c);
    c->reading = true;
    struct dynamics *rest = dynamics_resume(s, &half->set, &lj_source, c, &err);
    CHECK(rest && c->at == c->size);
    if (rest) {
        CHECK(rest->step == 10 && dynamics_conserved(rest) == dynamics_conserved(half));
        advance(rest, 10);
        CHECK(rest->step == 20 && dynamics_conserved(rest) == dynamics_conserved(whole));
        size_t size = sizeof *rest->system->pos * (size_t)s->n;
        CHECK(!memcmp(rest->system->pos, whole->system->pos, size));
        CHECK(!memcmp(rest->system->velocity, whole->system->velocity, size));
    }
    dynamics_free(rest);
    c->at = 8; /* something else */
    CHECK(!dynamics_resume(s, &half->set, &lj_source, c, &err) && err.status == ST_DATA);
    dynamics_free(whole);
    dynamics_free(half);
    checkpoint_free(c);
    system_free(s);
}

static void resumed_dynamics_has_the_same_bits(void)
{
    check_resumes(&integrator_verlet);
    check_resumes(&integrator_nvt);
    check_resumes(&integrator_npt);
    check_resumes(&integrator_nphug);
}

static void given_velocities_are_used_unless_drawn(void)
{
    struct system *s = fcc(1, 6.8);
    struct dynamics_settings set = settings(&integrator_verlet, 10);
    system_add_velocity(s);
    s->velocity[1][2] = 2.385e-4;
    struct dynamics *kept = dynamics_new(s, &set, &ideal_source, false, NULL);
    struct dynamics *drawn = dynamics_new(s, &set, &ideal_source, true, NULL);
    CHECK_NEAR(kept->system->velocity[1][2], 2.385e-4, 0);
    CHECK(kept->system->velocity[0][0] == 0 && drawn->system->velocity[0][0] != 0);
    dynamics_free(kept);
    dynamics_free(drawn);
    system_free(s);
}

struct constant {
    double energy, uncertainty;
};

static enum status constant_evaluate(void *self, const struct system *s, struct force_result *r,
                                     struct err *err)
{
    const struct constant *c = self;
    (void)err;
    clear(s, r);
    r->energy = c->energy;
    r->entropy = -c->energy / 2;
    r->uncertainty = c->uncertainty;
    for (int i = 0; i < s->n; i++)
        r->force[i][i % 3] = c->energy * (i + 1);
    r->stress[1][2] = 3 * c->energy;
    return ST_OK;
}

static void sum_adds_its_parts_and_uncertainties_in_quadrature(void)
{
    struct system *s = fcc(1, 6.8);
    struct constant a = {2.385, .3}, b = {-1.117, .4};
    struct force_result r = {.force = mem_new(s->n, sizeof r.force[0])};
    struct sum *sum = sum_new();
    struct force_source source = sum_source(sum);
    CHECK(source.evaluate(source.self, s, &r, NULL) == ST_OK && r.energy == 0);
    sum_add(sum, (struct force_source){constant_evaluate, &a});
    sum_add(sum, (struct force_source){constant_evaluate, &b});
    source = sum_source(sum);
    CHECK(source.evaluate(source.self, s, &r, NULL) == ST_OK);
    CHECK_NEAR(r.energy, 2.385 - 1.117, 1e-15);
    CHECK_NEAR(r.entropy, (1.117 - 2.385) / 2, 1e-15);
    CHECK_NEAR(r.force[3][0], 4 * (2.385 - 1.117), 1e-14);
    CHECK_NEAR(r.stress[1][2], 3 * (2.385 - 1.117), 1e-14);
    CHECK_NEAR(r.uncertainty, .5, 1e-15);
    sum_free(sum);
    free(r.force);
    system_free(s);
}

static void expect(enum status status, const struct err *err, const char *text)
{
    CHECK(status == ST_COMPUTE);
    CHECK(err->status == ST_COMPUTE);
    if (!strstr(err->text, text)) {
        printf("'%s' does not say '%s'\n", err->text, text);
        check_failures++;
    }
}

static void guard_stops_an_unstable_run(void)
{
    struct err err = {0};
    struct dynamics *d = fluid(&integrator_verlet, 700); /* 17 fs */
    enum status status = ST_OK;
    for (int i = 0; i < 100 && !status; i++)
        status = dynamics_step(d, &err);
    expect(status, &err, "step ");
    expect(status, &err, "time step");
    dynamics_free(d);
}

static void guard_names_what_is_wrong(void)
{
    struct err err = {0};
    struct system *s = fcc(1, 6.8);
    struct constant c = {NAN, 0};
    struct force_source source = {constant_evaluate, &c};
    struct dynamics_settings set = settings(&integrator_verlet, 10);
    CHECK(!dynamics_new(s, &set, &source, false, &err));
    expect(err.status, &err, "not finite");
    c = (struct constant){0, .5};
    set.max_uncertainty = .1;
    CHECK(!dynamics_new(s, &set, &source, false, &err));
    expect(err.status, &err, "uncertainty");
    for (int k = 0; k < 3; k++)
        s->pos[1][k] = s->pos[0][k] + .01;
    struct dynamics *d = dynamics_new(s, &set, &ideal_source, false, NULL);
    memset(d->system->velocity, 0, sizeof(double[3]) * s->n);
    expect(dynamics_step(d, &err), &err, "atoms 1 and 2");
    dynamics_free(d);
    system_free(s);
}

static void guard_stops_energy_from_nowhere(void)
{
    struct err err = {0};
    struct system *s = fcc(1, 6.8);
    struct constant c = {0, 0};
    struct force_source source = {constant_evaluate, &c};
    struct dynamics_settings set = settings(&integrator_nvt, 1);
    struct dynamics *d = dynamics_new(s, &set, &source, false, NULL);
    advance(d, 3);
    c.energy = 1.3 * s->n * KT;
    expect(dynamics_step(d, &err), &err, "conserved energy");
    dynamics_free(d);
    system_free(s);
}

int main(int argc, char **argv)
{
    static const struct check_case cases[] = {
        CHECK_CASE(energy_error_is_second_order),
        CHECK_CASE(energy_does_not_drift),
        CHECK_CASE(verlet_runs_backwards_to_its_start),
        CHECK_CASE(verlet_keeps_the_centre_of_mass_still),
        CHECK_CASE(verlet_oscillator_has_its_known_frequency),
        CHECK_CASE(velocities_are_maxwell_boltzmann),
        CHECK_CASE(harmonic_crystal_has_three_halves_kT),
        CHECK_CASE(baoab_samples_oscillators_exactly_at_a_coarse_step),
        CHECK_CASE(langevin_conserved_quantity_is_second_order),
        CHECK_CASE(ideal_gas_has_its_pressure),
        CHECK_CASE(virial_pressure_is_minus_the_volume_derivative),
        CHECK_CASE(same_seed_gives_the_same_bits_and_another_run_differs),
        CHECK_CASE(resumed_dynamics_has_the_same_bits),
        CHECK_CASE(given_velocities_are_used_unless_drawn),
        CHECK_CASE(sum_adds_its_parts_and_uncertainties_in_quadrature),
        CHECK_CASE(guard_stops_an_unstable_run),
        CHECK_CASE(guard_names_what_is_wrong),
        CHECK_CASE(guard_stops_energy_from_nowhere),
        {0}};
    return check_main(argc, argv, cases);
}
