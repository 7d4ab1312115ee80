/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rankine-Hugoniot against equations of state whose Hugoniot is known in closed form. */
#include <stdlib.h>

#include "check.h"
#include "eos/bootstrap.h"
#include "eos/hugoniot.h"
#include "eos/suggest.h"

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
                                       const struct eos_state *state, int n,
                                       enum eos_model_kind model)
{
    struct eos_group *group;
    struct hugoniot_point p = {0};
    const int count = eos_groups(along, 0.02, n, state, &group);
    CHECK(count == 1);
    CHECK(eos_group_fit(&group[0], model, state, NULL) == ST_OK);
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
    struct hugoniot_point p = solve_all(EOS_ISOTHERMS, &cold, s, STATES, EOS_MODELS);
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
    struct hugoniot_point p = solve_all(EOS_ISOCHORES, &warm, s, STATES, EOS_MODELS);
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
    struct hugoniot_point p = solve_all(EOS_ISOCHORES, &cold, s, STATES, EOS_MODELS);
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
    CHECK(eos_group_fit(&group[0], EOS_MODELS, s, NULL) == ST_OK);
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
    eos_groups(EOS_ISOTHERMS, 0.02, STATES, s, &group);
    CHECK(eos_group_fit(&group[0], EOS_MODELS, s, NULL) == ST_OK);
    CHECK(hugoniot_solve(&initial, &group[0], &p, NULL, NULL) == ST_OK);
    const int samples = 4000;
    struct bootstrap b = bootstrap_make(&initial, 1, group, &p, samples, 7, BOOTSTRAP_ALL);
    bootstrap_errors(&b, &e);
    /* a standard deviation from n samples is known to 1 / sqrt(2 n) */
    const double exact = 2 * initial.energy_error / t;
    CHECK_NEAR(e.compression, exact, 4 * exact / sqrt(2.0 * samples));
    bootstrap_free(&b);
    b = bootstrap_make(&initial, 1, group, &p, 100, 7, BOOTSTRAP_STATES + BOOTSTRAP_MODELS);
    bootstrap_errors(&b, &e);
    CHECK_NEAR(e.compression, 0, 1e-9); /* nothing else is uncertain */
    bootstrap_free(&b);
    eos_group_free(&group[0]);
    free(group);
}

/* ---- van der Waals: E = 3/2 kT - a/v, P = kT/(v - b) - a/v^2 per atom ---- */

static const double vdw_a = 0.11, vdw_b = 7.3; /* Ha bohr^3, bohr^3; v0 = 135 bohr^3 */

static struct eos_state van_der_waals(double temperature, double density)
{
    const double v = cold.mass / density;
    return (struct eos_state){.temperature = temperature,
                              .density = density,
                              .energy = 1.5 * temperature - vdw_a / v,
                              .pressure = temperature / (v - vdw_b) - vdw_a / (v * v)};
}

/* A gas before the shock. */
static struct eos_initial vdw_initial(void)
{
    const struct eos_state s = van_der_waals(0.004, cold.density);
    struct eos_initial initial = cold;
    initial.energy = s.energy;
    initial.pressure = s.pressure;
    return initial;
}

/* H = 0 with T eliminated: (P + a/v^2)(v - b) = 2/3 (E0 + (P + P0)(v0 - v)/2 + a/v). */
static double vdw_pressure(const struct eos_initial *initial, double v)
{
    const double v0 = initial->mass / initial->density;
    return (2.0 / 3 * (initial->energy + 0.5 * initial->pressure * (v0 - v) + vdw_a / v) -
            vdw_a * (v - vdw_b) / (v * v)) /
           (v - vdw_b - (v0 - v) / 3);
}

static void van_der_waals_isochores_are_exact(void)
{
    const struct eos_initial gas = vdw_initial();
    for (double eta = 2.3; eta < 3.3; eta += 0.31) {
        struct eos_state s[STATES];
        const double v = cold.mass / (cold.density * eta), exact = vdw_pressure(&gas, v);
        const double t = (exact + vdw_a / (v * v)) * (v - vdw_b);
        for (int i = 0; i < STATES; i++)
            s[i] = van_der_waals(t * (0.81 + 0.07 * i), cold.density * eta);
        struct hugoniot_point p = solve_all(EOS_ISOCHORES, &gas, s, STATES, EOS_MODELS);
        CHECK_NEAR(p.pressure, exact, 1e-10 * exact);
        CHECK_NEAR(p.temperature, t, 1e-10 * t);
    }
}

/* On an isotherm P is no polynomial: a process through exact states follows it to 1e-5. */
static void van_der_waals_isotherms_are_followed(void)
{
    const struct eos_initial gas = vdw_initial();
    const double eta = 2.93, v = cold.mass / (cold.density * eta), exact = vdw_pressure(&gas, v);
    const double t = (exact + vdw_a / (v * v)) * (v - vdw_b);
    struct eos_state s[STATES];
    for (int i = 0; i < STATES; i++)
        s[i] = van_der_waals(t, cold.density * (2.5 + 0.15 * i));
    struct hugoniot_point p = solve_all(EOS_ISOTHERMS, &gas, s, STATES, EOS_PROCESS);
    CHECK_NEAR(p.compression, eta, 1e-5);
    CHECK_NEAR(p.pressure / exact, 1, 1e-5);
}

/* As the pressure grows the compression tends to a limit: 3 (v - b) = v0 - v. */
static void van_der_waals_has_its_limiting_compression(void)
{
    const double v0 = cold.mass / cold.density, limit = 4 / (1 + 3 * vdw_b / v0), t = 1e4;
    struct eos_state s[STATES];
    for (int i = 0; i < STATES; i++)
        s[i] = van_der_waals(t, cold.density * limit * (0.997 + 0.001 * i));
    struct hugoniot_point p = solve_all(EOS_ISOTHERMS, &cold, s, STATES, EOS_PROCESS);
    CHECK_NEAR(p.compression, limit, 1e-6);
}

/* ---- Mie-Grueneisen about a Hugoniot u_s = c0 + s u_p: E = E_H + (P - P_H) V / gamma ---- */

static struct eos_state mie_grueneisen(double eta, double pressure_ratio)
{
    const double c0 = 2.1e-3, slope = 1.23, gamma = 0.83; /* c0: 4.6 km/s */
    const double x = 1 - 1 / eta, v0 = cold.mass / cold.density;
    const double p_h = cold.density * c0 * c0 * x / pow(1 - slope * x, 2);
    const double e_h = 0.5 * p_h * v0 * x, p = pressure_ratio * p_h;
    return (struct eos_state){.temperature = 0.01 * eta * pressure_ratio,
                              .density = cold.density * eta,
                              .energy = e_h + (p - p_h) * v0 / eta / gamma,
                              .pressure = p};
}

enum { CHORES = 5 };

/* Groups and points of exact isochores whose Hugoniot is that line. */
static void solve_line(struct eos_group **group, struct hugoniot_point p[CHORES])
{
    struct eos_state s[CHORES * STATES];
    for (int i = 0; i < CHORES * STATES; i++)
        s[i] = mie_grueneisen(1.6 + 0.2 * (i / STATES), 0.77 + 0.07 * (i % STATES));
    CHECK(eos_groups(EOS_ISOCHORES, 0.02, CHORES * STATES, s, group) == CHORES);
    for (int i = 0; i < CHORES; i++) {
        CHECK(eos_group_fit(&(*group)[i], EOS_MODELS, s, NULL) == ST_OK);
        CHECK(hugoniot_solve(&cold, &(*group)[i], &p[i], NULL, NULL) == ST_OK);
    }
}

static void free_groups(int n, struct eos_group *group)
{
    for (int i = 0; i < n; i++)
        eos_group_free(&group[i]);
    free(group);
}

static void velocities_of_a_mie_grueneisen_solid_are_on_its_line(void)
{
    struct eos_group *group;
    struct hugoniot_point p[CHORES];
    struct hugoniot_line error;
    solve_line(&group, p);
    struct bootstrap b = bootstrap_make(&cold, CHORES, group, p, 10, 1, BOOTSTRAP_ALL);
    struct hugoniot_line line = bootstrap_line(&b, &error);
    CHECK_NEAR(line.intercept, 2.1e-3, 1e-11);
    CHECK_NEAR(line.slope, 1.23, 1e-8);
    CHECK_NEAR(error.slope, 0, 1e-8);
    CHECK(isnan(line.chi2)); /* nothing has an error */
    bootstrap_free(&b);
    free_groups(CHORES, group);
}

/* Points of a bent curve with small errors: the scatter is what makes chi^2 the freedom, and is in the errors. */
static void points_off_the_line_have_a_scatter(void)
{
    struct eos_group *group;
    struct hugoniot_point p[CHORES];
    struct hugoniot_line error;
    double off[CHORES], chi2 = 0;
    solve_line(&group, p);
    for (int i = 0; i < CHORES; i++) /* bend it by some percent, which fits and E0 do not know of */
        p[i].shock_velocity *= 1 + 0.02 * (i - 2) * (i - 2);
    struct eos_initial initial = cold;
    initial.energy_error = 1e-6;
    struct bootstrap b = bootstrap_make(&initial, CHORES, group, p, 200, 1, BOOTSTRAP_ALL);
    for (int s = 0; s < b.samples; s++) /* and the replicas with it */
        for (int i = 0; i < CHORES; i++)
            b.point[s * CHORES + i].shock_velocity *= 1 + 0.02 * (i - 2) * (i - 2);
    const struct hugoniot_line line = bootstrap_line(&b, &error);
    bootstrap_off_line(&b, line.slope, off);
    for (int i = 0; i < CHORES; i++)
        chi2 += pow(p[i].shock_velocity - line.intercept - line.slope * p[i].particle_velocity, 2) /
                (off[i] * off[i] + line.scatter * line.scatter);
    CHECK(line.chi2 > 100 * line.freedom);
    CHECK_NEAR(chi2, line.freedom, 1e-3);
    /* of a line through five points at nearly equal distances h the slope has the error scatter / (h sqrt(10)) */
    const double h = (p[CHORES - 1].particle_velocity - p[0].particle_velocity) / (CHORES - 1);
    CHECK_NEAR(error.slope, line.scatter / (h * sqrt(10)), 0.1 * error.slope);
    bootstrap_free(&b);
    free_groups(CHORES, group);
}

/* ---- the maximum ---- */

static void maximum_is_the_vertex_of_a_parabola(void)
{
    struct hugoniot_point p[5], none[5] = {{0}}, small[5] = {{0}};
    for (int i = 0; i < 5; i++) {
        const double x = -6.7 + 0.4 * i; /* ln P */
        p[i] = (struct hugoniot_point){.pressure = exp(x),
                                       .compression = 4.53 - 0.31 * (x + 5.77) * (x + 5.77)};
        small[i].compression = 1e-5;
    }
    const struct hugoniot_point *const errors[] = {none, small};
    for (int k = 0; k < 2; k++) {
        struct maximum m = maximum_make(5, p, errors[k]);
        CHECK(m.modelled == (k == 1));
        CHECK(m.centre.inside);
        CHECK_NEAR(m.centre.compression, 4.53, 1e-10);
        CHECK_NEAR(log(m.centre.pressure), -5.77, k ? 1e-6 : 1e-10);
        maximum_free(&m);
        m = maximum_make(3, p, errors[k]); /* still rising at the last of these */
        CHECK(!m.centre.inside);
        CHECK_NEAR(m.centre.compression, p[2].compression, 1e-4);
        maximum_free(&m);
    }
}

/* ---- what to compute next ---- */

static bool suggested(int n, const struct suggestion *list, enum suggest_reason reason, double t,
                      double low, double high)
{
    for (int i = 0; i < n; i++)
        if (list[i].reason == reason && fabs(list[i].temperature / t - 1) < 1e-9 &&
            list[i].density > low && list[i].density < high)
            return true;
    return false;
}

/* Isotherms of an ideal gas (root at four): one with a single state above it, one that ends below it. */
static void states_are_suggested_where_they_help(void)
{
    const double rho0 = cold.density, t[] = {0.03, 0.05, 0.08};
    const double eta[3][3] = {{3.6, 3.9, 4.2}, {3, 3.2, 3.4}, {3.7, 3.9, 4.3}};
    struct eos_state s[9];
    struct eos_group *all, group[2], lost[1];
    struct hugoniot_point p[2], e[2] = {{0}};
    double wanted[1];
    for (int i = 0; i < 9; i++) {
        s[i] = ideal(t[i / 3], rho0 * eta[i / 3][i % 3]);
        s[i].energy_error = i > 5 ? 1e-3 : 1e-5; /* the last isotherm is the worst */
        s[i].pressure_error = 1e-9;
    }
    CHECK(eos_groups(EOS_ISOTHERMS, 0.02, 9, s, &all) == 3);
    for (int i = 0; i < 3; i++)
        CHECK(eos_group_fit(&all[i], EOS_LINEAR, s, NULL) == ST_OK);
    group[0] = all[0];
    lost[0] = all[1];
    group[1] = all[2];
    CHECK(hugoniot_solve(&cold, &lost[0], &p[0], &wanted[0], NULL) == ST_COMPUTE);
    CHECK_NEAR(wanted[0], 4 * rho0, 0.2 * rho0);
    for (int i = 0; i < 2; i++)
        CHECK(hugoniot_solve(&cold, &group[i], &p[i], NULL, NULL) == ST_OK);
    struct bootstrap b = bootstrap_make(&cold, 2, group, p, 200, 1, BOOTSTRAP_ALL);
    bootstrap_errors(&b, e);
    struct suggestion *list;
    const int n = suggest_states(&cold, 2, group, p, e, false, 1, lost, wanted, &list);
    CHECK(suggested(n, list, SUGGEST_MISSING, t[1], wanted[0] * 0.999, wanted[0] * 1.001));
    CHECK(suggested(n, list, SUGGEST_MISSING, t[1], wanted[0] * 1.01, wanted[0] * 1.05));
    CHECK(suggested(n, list, SUGGEST_BRACKET, t[0], 4.2 * rho0, 4.6 * rho0));
    /* of a line through 3.7, 3.9 and 4.3 the value at 4 depends most on the last: 1/3 + 0.033 0.333/0.187 */
    CHECK(suggested(n, list, SUGGEST_REFINE, t[2], 4.2999 * rho0, 4.3001 * rho0));
    CHECK(list[n - 2].reason == SUGGEST_MAXIMUM && list[n - 3].reason == SUGGEST_MAXIMUM);
    CHECK(!suggested(n, list, SUGGEST_BRACKET, t[1], 0, 10 * rho0));
    free(list);
    bootstrap_free(&b);
    free_groups(3, all);
}

int main(int argc, char **argv)
{
    static const struct check_case cases[] = {
        CHECK_CASE(ideal_gas_is_compressed_four_times),
        CHECK_CASE(warm_ideal_gas_follows_its_quadratic),
        CHECK_CASE(mie_grueneisen_pressure_is_reproduced),
        CHECK_CASE(van_der_waals_isochores_are_exact),
        CHECK_CASE(van_der_waals_isotherms_are_followed),
        CHECK_CASE(van_der_waals_has_its_limiting_compression),
        CHECK_CASE(velocities_obey_mass_and_momentum_balance),
        CHECK_CASE(velocities_of_a_mie_grueneisen_solid_are_on_its_line),
        CHECK_CASE(points_off_the_line_have_a_scatter),
        CHECK_CASE(nothing_is_extrapolated),
        CHECK_CASE(groups_are_told_apart_within_two_percent),
        CHECK_CASE(error_of_the_initial_energy_propagates),
        CHECK_CASE(maximum_is_the_vertex_of_a_parabola),
        CHECK_CASE(states_are_suggested_where_they_help),
        {0}};
    return check_main(argc, argv, cases);
}
