/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rankine-Hugoniot against equations of state whose Hugoniot is known in closed form. */
#include <stdlib.h>

#include "check.h"
#include "eos/hugoniot.h"

static const struct eos_initial cold = {
    .mass = 3671.4829, .density = 27.166, .energy = 0, .pressure = 0};

enum { STATES = 7 };

/* Atoms of an ideal gas: E = 3/2 kT, P = kT / V. */
static struct eos_state ideal(double temperature, double density)
{
    return (struct eos_state){.temperature = temperature,
                              .density = density,
                              .energy = 1.5 * temperature,
                              .pressure = temperature * density / cold.mass};
}

static struct hugoniot_point solve_all(enum eos_along along, const struct eos_initial *initial,
                                       const struct eos_state *state, int n, int order)
{
    struct eos_group *group;
    struct hugoniot_point p = {0};
    const int count = eos_groups(along, 0.02, n, state, &group);
    CHECK(count == 1);
    CHECK(eos_group_fit(&group[0], order, state, NULL) == ST_OK);
    CHECK(hugoniot_solve(initial, &group[0], &p, NULL, NULL) == ST_OK);
    for (int i = 0; i < count; i++)
        eos_group_free(&group[i]);
    free(group);
    return p;
}

static void ideal_gas_is_compressed_four_times(void)
{
    struct eos_state s[STATES];
    for (int i = 0; i < STATES; i++)
        s[i] = ideal(0.0317, cold.density * (3.11 + 0.3 * i));
    struct hugoniot_point p = solve_all(EOS_ISOTHERMS, &cold, s, STATES, 2);
    CHECK_NEAR(p.compression, 4, 1e-9);
    CHECK_NEAR(p.residual / p.pressure, 0, 1e-9);
}

/* A warm initial state, E0 = 3/2 kT0 and P0 = kT0/V0: with V0 = 1 H = 0 reads
 * 3 (T - T0) = (T eta + T0)(1 - 1/eta), linear in T at a given compression eta. */
static void warm_ideal_gas_follows_its_quadratic(void)
{
    const double t0 = 0.004, eta = 2.6;
    struct eos_initial warm = cold;
    warm.energy = 1.5 * t0;
    warm.pressure = t0 * cold.density / cold.mass;
    const double t = t0 * (4 - 1 / eta) / (4 - eta);
    struct eos_state s[STATES];
    for (int i = 0; i < STATES; i++)
        s[i] = ideal(t * (0.83 + 0.06 * i), cold.density * eta);
    struct hugoniot_point p = solve_all(EOS_ISOCHORES, &warm, s, STATES, 2);
    CHECK_NEAR(p.temperature, t, 1e-10 * t);
    CHECK_NEAR(p.compression, eta, 1e-12);
}

/* Mie-Grueneisen with constant gamma about a cold curve P_c = K (eta - 1): H = 0 is linear in E:
 * E = E_c + (P - P_c) V / gamma. At a given density solve for P by hand. */
static void mie_grueneisen_pressure_is_reproduced(void)
{
    const double gamma = 1.37, k = 1.9e-3, eta = 1.71;
    const double v0 = cold.mass / cold.density, v = v0 / eta;
    const double p_cold = k * (eta - 1);
    const double e_cold = k * v0 * (log(eta) - 1 + 1 / eta); /* -int P_c dV */
    /* e_cold + (P - p_cold) v / gamma = P (v0 - v) / 2 */
    const double exact = (p_cold * v / gamma - e_cold) / (v / gamma - 0.5 * (v0 - v));
    struct eos_state s[STATES];
    for (int i = 0; i < STATES; i++) {
        const double pressure = exact * (0.77 + 0.07 * i);
        s[i] = (struct eos_state){.temperature = 0.01 + 0.001 * i,
                                  .density = cold.density * eta,
                                  .energy = e_cold + (pressure - p_cold) * v / gamma,
                                  .pressure = pressure};
    }
    struct hugoniot_point p = solve_all(EOS_ISOCHORES, &cold, s, STATES, 3);
    CHECK_NEAR(p.pressure, exact, 1e-9 * exact);
}

static void velocities_obey_mass_and_momentum_balance(void)
{
    struct hugoniot_point p = {
        .temperature = 0.02, .density = 4.1 * cold.density, .energy = 0.03, .pressure = 1.7e-3};
    hugoniot_complete(&cold, &p);
    CHECK_NEAR(cold.density * p.shock_velocity * p.particle_velocity, p.pressure, 1e-16);
    CHECK_NEAR(cold.density * p.shock_velocity,
               p.density * (p.shock_velocity - p.particle_velocity), 1e-12);
}

static void nothing_is_extrapolated(void)
{
    struct eos_state s[3];
    for (int i = 0; i < 3; i++)
        s[i] = ideal(0.0317, cold.density * (2.0 + 0.3 * i)); /* the root is at 4 */
    struct eos_group *group;
    struct hugoniot_point p;
    double wanted = 0;
    eos_groups(EOS_ISOTHERMS, 0.02, 3, s, &group);
    CHECK(eos_group_fit(&group[0], 2, s, NULL) == ST_OK);
    CHECK(hugoniot_solve(&cold, &group[0], &p, &wanted, NULL) == ST_COMPUTE);
    CHECK(wanted > s[2].density); /* and it points the right way */
    eos_group_free(&group[0]);
    free(group);
}

static void groups_are_told_apart_within_two_percent(void)
{
    const double t[] = {0.0100, 0.0101, 0.0131, 0.01005, 0.0130};
    struct eos_state s[5];
    for (int i = 0; i < 5; i++)
        s[i] = ideal(t[i], cold.density * (3 + 0.1 * i));
    struct eos_group *group;
    const int count = eos_groups(EOS_ISOTHERMS, 0.02, 5, s, &group);
    CHECK(count == 2);
    CHECK(group[0].n == 3 && group[1].n == 2);
    CHECK(group[0].index[0] == 0 && group[0].index[1] == 1 && group[0].index[2] == 3);
    for (int i = 0; i < count; i++)
        eos_group_free(&group[i]);
    free(group);
}

/* Only E0 is uncertain: for the ideal gas H = 3/2 T - E0 + T (1 - eta)/2 = 0 gives
 * eta = 4 - 2 E0/T, so the error of eta is exactly 2 error(E0)/T. */
static void error_of_the_initial_energy_propagates(void)
{
    struct eos_state s[STATES];
    const double t = 0.0317;
    for (int i = 0; i < STATES; i++)
        s[i] = ideal(t, cold.density * (3.11 + 0.3 * i));
    struct eos_initial initial = cold;
    initial.energy_error = 2e-4;
    struct eos_group *group;
    struct hugoniot_point p, e;
    struct hugoniot_maximum m;
    eos_groups(EOS_ISOTHERMS, 0.02, STATES, s, &group);
    CHECK(eos_group_fit(&group[0], 2, s, NULL) == ST_OK);
    CHECK(hugoniot_solve(&initial, &group[0], &p, NULL, NULL) == ST_OK);
    const int samples = 4000;
    hugoniot_bootstrap(&initial, 1, group, s, &p, samples, 7, &e, &m);
    /* a standard deviation from n samples is known to 1 / sqrt(2 n) */
    const double exact = 2 * initial.energy_error / t;
    CHECK_NEAR(e.compression, exact, 4 * exact / sqrt(2.0 * samples));
    eos_group_free(&group[0]);
    free(group);
}

static void maximum_is_the_vertex_of_a_parabola(void)
{
    struct hugoniot_point p[5];
    for (int i = 0; i < 5; i++) {
        const double x = -6.7 + 0.4 * i; /* ln P */
        p[i] = (struct hugoniot_point){.pressure = exp(x),
                                       .compression = 4.53 - 0.31 * (x + 5.77) * (x + 5.77)};
    }
    struct hugoniot_maximum m = hugoniot_maximum(5, p);
    CHECK(m.inside);
    CHECK_NEAR(m.compression, 4.53, 1e-12);
    CHECK_NEAR(log(m.pressure), -5.77, 1e-10);
    CHECK(!hugoniot_maximum(2, p).inside);
}

int main(int argc, char **argv)
{
    static const struct check_case cases[] = {
        {"ideal_gas_is_compressed_four_times", ideal_gas_is_compressed_four_times},
        {"warm_ideal_gas_follows_its_quadratic", warm_ideal_gas_follows_its_quadratic},
        {"mie_grueneisen_pressure_is_reproduced", mie_grueneisen_pressure_is_reproduced},
        {"velocities_obey_mass_and_momentum_balance", velocities_obey_mass_and_momentum_balance},
        {"nothing_is_extrapolated", nothing_is_extrapolated},
        {"groups_are_told_apart_within_two_percent", groups_are_told_apart_within_two_percent},
        {"error_of_the_initial_energy_propagates", error_of_the_initial_energy_propagates},
        {"maximum_is_the_vertex_of_a_parabola", maximum_is_the_vertex_of_a_parabola},
        {0}};
    return check_main(argc, argv, cases);
}
