/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Multiple time steps (md/integrator.h). */
#include "check.h"
#include "base/mem.h"
#include "maths/stats.h"
#include "md/dynamics.h"
#include "md_run.h"
#include "md_sources.h"

#define KT (4000 / UNITS_HARTREE_K)

static struct lj argon = {0.004, 4.1, 6.6}, nearly = {0.0036, 4.1, 6.6};
static const struct force_source lj_source = {lj_evaluate, &argon};
static const struct force_source nearly_source = {lj_evaluate, &nearly};

static struct dynamics_settings settings(const struct integrator *integrator, double timestep,
                                         const struct force_source *inner, int inner_steps)
{
    return (struct dynamics_settings){.integrator = integrator,
                                      .thermostat = &thermostat_langevin,
                                      .timestep = timestep,
                                      .inner = inner,
                                      .inner_steps = inner_steps,
                                      .kT = KT,
                                      .relaxation = 400,
                                      .seed = 7,
                                      .run = 3};
}

static struct dynamics *fluid(const struct integrator *integrator, double timestep,
                              const struct force_source *inner, int inner_steps)
{
    struct system *s = fcc(2, 6.8);
    struct dynamics_settings set = settings(integrator, timestep, inner, inner_steps);
    struct dynamics *d = dynamics_new(s, &set, &lj_source, false, NULL);
    system_free(s);
    return d;
}

static double farthest(const struct system *a, const struct system *b)
{
    double worst = 0;
    for (int i = 0; i < a->n; i++)
        for (int c = 0; c < 3; c++)
            worst = fmax(worst, fabs(a->pos[i][c] - b->pos[i][c]));
    return worst;
}

/* With the same forces inside, a step of four is four steps, with the same random numbers. */
static void without_a_difference_a_step_is_its_parts(void)
{
    static const struct integrator *const with[] = {&integrator_verlet, &integrator_nvt};
    for (int i = 0; i < 2; i++) {
        struct dynamics *one = fluid(with[i], 4, NULL, 0),
                        *four = fluid(with[i], 16, &lj_source, 4);
        advance(one, 200);
        advance(four, 50);
        CHECK_NEAR(farthest(one->system, four->system), 0, 1e-11);
        CHECK_NEAR(dynamics_conserved(four), dynamics_conserved(one), 1e-11);
        dynamics_free(one);
        dynamics_free(four);
    }
}

static double energy_error(double timestep, const struct force_source *inner, int inner_steps)
{
    struct dynamics *d = fluid(&integrator_verlet, timestep, inner, inner_steps);
    double worst = 0, start = dynamics_conserved(d);
    for (int i = 0; i < 6400 / timestep - .5; i++) {
        advance(d, 1);
        worst = fmax(worst, fabs(dynamics_conserved(d) - start));
    }
    dynamics_free(d);
    return worst;
}

/* The inner steps are so short that the error is that of the difference, a tenth of the forces. */
static void the_error_is_second_order_and_that_of_the_difference(void)
{
    const double single = energy_error(16, NULL, 0), coarse = energy_error(16, &nearly_source, 32),
                 fine = energy_error(8, &nearly_source, 16);
    printf("energy errors: single %.3g, multiple %.3g and %.3g\n", single, coarse, fine);
    CHECK(coarse > 1e-7);
    CHECK(coarse < single / 5);
    CHECK_NEAR(coarse / fine, 4, .8);
}

static void it_runs_backwards_to_its_start(void)
{
    struct dynamics *d = fluid(&integrator_verlet, 24, &nearly_source, 3);
    struct system *start = system_copy(d->system);
    advance(d, 150);
    CHECK(farthest(d->system, start) > .5);
    for (int i = 0; i < start->n; i++)
        for (int c = 0; c < 3; c++)
            d->system->velocity[i][c] *= -1;
    advance(d, 150);
    CHECK(farthest(d->system, start) < 1e-8);
    system_free(start);
    dynamics_free(d);
}

/*
 * An oscillator of k = k' + dk. One step is half a kick by -dk x, a turn with omega' = sqrt(k'/m) for dt, half a kick: a
 * linear map of determinant one, whose trace gives x(t + dt) + x(t - dt) = 2 c x(t) with
 *   c = cos(omega' dt) - dk dt / (2 m omega') sin(omega' dt).
 * Of many inner steps each is an exact turn but for (omega' dt / steps)^2 / 24 in the phase.
 */
static void an_oscillator_has_the_frequency_of_its_kicks(void)
{
    const double k = .3, dk = .2 * k, dt = .9 * sqrt(MASS / k);
    enum { STEPS = 40, INNER = 1000 };
    struct system *s = fcc(1, 6.8);
    struct einstein whole = {k, s}, part = {k - dk, s};
    const struct force_source source = {einstein_evaluate, &whole},
                              inner = {einstein_evaluate, &part};
    struct dynamics_settings set = settings(&integrator_verlet, dt, &inner, INNER);
    struct system *start = system_copy(s);
    system_add_velocity(start);
    start->pos[0][1] += .1;
    struct dynamics *d = dynamics_new(start, &set, &source, false, NULL);
    const double omega = sqrt((k - dk) / MASS);
    const double c = cos(omega * dt) - dk * dt / (2 * MASS * omega) * sin(omega * dt);
    double x[STEPS];
    for (int i = 0; i < STEPS; i++) {
        x[i] = d->system->pos[0][1] - s->pos[0][1];
        advance(d, 1);
    }
    CHECK(fabs(c - cos(sqrt(k / MASS) * dt)) > 1e-3); /* not the true frequency */
    for (int i = 1; i < STEPS - 1; i++)
        CHECK_NEAR(x[i + 1] + x[i - 1], 2 * c * x[i], 1e-7);
    dynamics_free(d);
    system_free(start);
    system_free(s);
}

/* <V> = 3/2 kT per atom: of V, of which only V' is in the inner steps */
static void the_distribution_is_that_of_all_forces(void)
{
    enum { STEPS = 20000 };
    const double k = .3, dt = .4 * sqrt(MASS / k);
    struct system *s = fcc(1, 6.8);
    struct einstein whole = {k, s}, part = {.7 * k, s};
    const struct force_source source = {einstein_evaluate, &whole},
                              inner = {einstein_evaluate, &part};
    struct dynamics_settings set = settings(&integrator_nvt, dt, &inner, 4);
    struct dynamics *d = dynamics_new(s, &set, &source, true, NULL);
    double *v = MEM_NEW(double, STEPS);
    advance(d, 500);
    for (int i = 0; i < STEPS; i++) {
        advance(d, 1);
        v[i] = d->now.energy / s->n / KT;
    }
    struct estimate mean = stats_series(STEPS, v);
    printf("<V>/kT = %.4f(%.4f)\n", mean.mean, mean.error);
    CHECK_NEAR(mean.mean, 1.5, 3 * mean.error);
    CHECK(mean.error < .02);
    free(v);
    dynamics_free(d);
    system_free(s);
}

static void resumed_it_has_the_same_bits(void)
{
    struct dynamics *d = fluid(&integrator_nvt, 16, &nearly_source, 4);
    struct dynamics_settings set = d->set;
    struct system *start = system_copy(d->system);
    struct checkpoint *c = checkpoint_new();
    advance(d, 20);
    dynamics_keep(d, c);
    advance(d, 20);
    c->reading = true;
    struct dynamics *again = dynamics_resume(start, &set, &lj_source, c, NULL);
    advance(again, 20);
    CHECK(farthest(d->system, again->system) == 0);
    checkpoint_free(c);
    dynamics_free(d);
    dynamics_free(again);
    system_free(start);
}

int main(int argc, char **argv)
{
    static const struct check_case cases[] = {
        CHECK_CASE(without_a_difference_a_step_is_its_parts),
        CHECK_CASE(the_error_is_second_order_and_that_of_the_difference),
        CHECK_CASE(it_runs_backwards_to_its_start),
        CHECK_CASE(an_oscillator_has_the_frequency_of_its_kicks),
        CHECK_CASE(the_distribution_is_that_of_all_forces),
        CHECK_CASE(resumed_it_has_the_same_bits),
        {0}};
    return check_main(argc, argv, cases);
}
