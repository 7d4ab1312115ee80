/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Barostats against exact results of the ensemble exp(-(H + P0 V)/kT) dr dp dV of 3N degrees of
 * freedom, whichever thermostat (md/barostat.h):
 *   ideal gas: rho(V) ~ V^N exp(-P0 V/kT), a Gamma distribution of shape N + 1;
 *   any system: <P> = P0 and <V (P_ab - P0 delta_ab)> = -kT delta_ab;
 *   E ~ V^-4: with P V = N kT + 4 E therefore P0 <V> = (N + 1) kT + 4 <E>.
 */
#include "check.h"
#include <gsl/gsl_cdf.h>
#include "base/mem.h"
#include "maths/stats.h"
#include "md/barostat.h"
#include "md/velocity.h"
#include "md_run.h"
#include "md_sources.h"

#define KT (4000 / UNITS_HARTREE_K)

static const struct force_source ideal_source = {ideal_evaluate, NULL};
static struct repulsion soft = {.e = .004, .a = 4.1};
static const struct force_source soft_source = {repulsion_evaluate, &soft};

static struct dynamics_settings settings(const struct thermostat *thermostat,
                                         const struct barostat *barostat, double pressure)
{
    return (struct dynamics_settings){.integrator = &integrator_npt,
                                      .thermostat = thermostat,
                                      .barostat = barostat,
                                      .timestep = 20,
                                      .kT = KT,
                                      .relaxation = 400,
                                      .pressure = pressure,
                                      .barostat_relaxation = 400,
                                      .compressibility = 1 / pressure,
                                      .seed = 7,
                                      .run = 3};
}

/* Atoms on a coarse grid in a cube: few enough for one degree of freedom to count. */
static struct system *dozen(double side)
{
    struct system *s = system_new(12);
    s->periodic = true;
    for (int i = 0; i < s->n; i++) {
        s->element[i] = 1;
        s->mass[i] = MASS * (1 + i % 2);
        s->pos[i][0] = side * (i % 2) / 2;
        s->pos[i][1] = side * (i / 2 % 2) / 2;
        s->pos[i][2] = side * (i / 4) / 3;
    }
    for (int c = 0; c < 3; c++)
        s->cell[c][c] = side;
    return s;
}

/* Mean, variance and the whole distribution; half an atom more or less would be seen. */
static void ideal_gas_volume(const struct thermostat *thermostat)
{
    enum { SAMPLES = 1500, SHAPE = 12 + 1 };
    static double x[SAMPLES];
    double mean = 0, variance = 0, scale = 1e7 / SHAPE; /* kT/P */
    struct dynamics_settings set = settings(thermostat, &barostat_isotropic, KT / scale);
    struct system *s = dozen(215);
    set.barostat_relaxation = 1500;
    struct dynamics *d = dynamics_new(s, &set, &ideal_source, false, NULL);
    advance(d, 300);
    for (int i = 0; i < SAMPLES; i++) {
        advance(d, 200);
        x[i] = system_volume(d->system) / scale;
        mean += x[i] / SAMPLES;
        variance += pow(x[i] - SHAPE, 2) / SAMPLES;
    }
    CHECK_NEAR(mean, SHAPE, 4 * sqrt((double)SHAPE / SAMPLES));
    /* Gamma of shape k: variance k, fourth central moment 3 k^2 + 6 k */
    CHECK_NEAR(variance, SHAPE, 4 * sqrt((2. * SHAPE * SHAPE + 6 * SHAPE) / SAMPLES));
    CHECK(kolmogorov(SAMPLES, x, gsl_cdf_chisq_P, 2 * SHAPE, .5) < KOLMOGOROV_1_PERCENT);
    CHECK(kolmogorov(SAMPLES, x, gsl_cdf_chisq_P, 2 * SHAPE - 1, .5) > 1.2);
    CHECK(kolmogorov(SAMPLES, x, gsl_cdf_chisq_P, 2 * SHAPE + 1, .5) > 1.2);
    system_free(s);
    dynamics_free(d);
}

static void ideal_gas_has_its_volume_distribution_with_langevin(void)
{
    ideal_gas_volume(&thermostat_langevin);
}

static void ideal_gas_has_its_volume_distribution_with_rescale(void)
{
    ideal_gas_volume(&thermostat_rescale);
}

/* Soft spheres that are half again as stiff as an ideal gas. */
static void soft_spheres(const struct thermostat *thermostat)
{
    enum { STEPS = 40000 };
    double *excess = MEM_NEW(double, STEPS), *pressure = MEM_NEW(double, STEPS);
    double *relation = MEM_NEW(double, STEPS);
    struct dynamics_settings set = settings(thermostat, &barostat_isotropic, 1.2e-4);
    struct system *s = dozen(12.4);
    struct dynamics *d = dynamics_new(s, &set, &soft_source, false, NULL);
    advance(d, 2000);
    for (int i = 0; i < STEPS; i++) {
        advance(d, 1);
        double volume = system_volume(d->system), p = dynamics_pressure(d);
        pressure[i] = p / set.pressure;
        excess[i] = volume * (p - set.pressure) / KT;
        relation[i] = (set.pressure * volume - 4 * d->now.energy) / KT;
    }
    struct estimate e = stats_series(STEPS, pressure);
    CHECK_NEAR(e.mean, 1, 4 * e.error);
    CHECK(e.error < .02);
    e = stats_series(STEPS, excess);
    CHECK_NEAR(e.mean, -1, 4 * e.error);
    CHECK(e.error < .2);
    e = stats_series(STEPS, relation);
    CHECK_NEAR(e.mean, s->n + 1, 4 * e.error);
    CHECK(e.error < .2);
    free(excess);
    free(pressure);
    free(relation);
    system_free(s);
    dynamics_free(d);
}

static void soft_spheres_fulfil_the_virial_relations_with_langevin(void)
{
    soft_spheres(&thermostat_langevin);
}

static void soft_spheres_fulfil_the_virial_relations_with_rescale(void)
{
    soft_spheres(&thermostat_rescale);
}

/*
 * N free atoms in a cell whose lattice vectors (rows of h) have the energy
 *   C/2 |G - G0|^2 - P0 V + (N - 3) kT ln V,  G = h h^T.
 * The ensemble exp(-P0 V/kT) V^(N-2) dh with V^-1 dG for dh (without the turns of the cell) makes the
 * six elements of G independent and normal about G0: variance kT/C on the diagonal, half that off it.
 * One factor V more or less would move the diagonal by kT/(2 C G0).
 */
struct elastic {
    double c, g0, pressure;
};

static enum status elastic_evaluate(void *self, const struct system *s, struct force_result *r,
                                    struct err *err)
{
    const struct elastic *p = self;
    double strain[3][3], volume = system_volume(s);
    (void)err;
    clear(s, r);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            const double *a = s->cell[i], *b = s->cell[j];
            strain[i][j] = a[0] * b[0] + a[1] * b[1] + a[2] * b[2] - (i == j) * p->g0;
            r->energy += p->c / 2 * strain[i][j] * strain[i][j];
        }
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++)
            for (int i = 0; i < 9; i++)
                r->stress[a][b] += 2 * p->c / volume * s->cell[i / 3][a] * strain[i / 3][i % 3] *
                                   s->cell[i % 3][b];
    for (int a = 0; a < 3; a++)
        r->stress[a][a] += (s->n - 3) * KT / volume - p->pressure;
    r->energy += (s->n - 3) * KT * log(volume) - p->pressure * volume;
    return ST_OK;
}

static double normal_P(double x, double mean)
{
    return gsl_cdf_ugaussian_P(x - mean);
}

/* Rows of h: G_ab in units of its standard deviation, and what half a factor of V would do to it. */
static void flexible_cell_has_its_metric_distribution(void)
{
    enum { SAMPLES = 1500 };
    static double x[6][SAMPLES];
    static const int pair[6][2] = {{0, 0}, {1, 1}, {2, 2}, {0, 1}, {1, 2}, {2, 0}};
    double side = 60, width = .15 * side * side;
    struct elastic e = {.c = KT / (width * width), .g0 = side * side, .pressure = 3e-7};
    struct force_source source = {elastic_evaluate, &e};
    struct dynamics_settings set = settings(&thermostat_langevin, &barostat_flexible, e.pressure);
    set.compressibility = .01 * side * side * side / KT;
    set.barostat_relaxation = 300;
    struct system *s = dozen(side);
    struct dynamics *d = dynamics_new(s, &set, &source, false, NULL);
    advance(d, 300);
    for (int i = 0; i < SAMPLES; i++) {
        advance(d, 100);
        for (int k = 0; k < 6; k++) {
            const double *a = d->system->cell[pair[k][0]], *b = d->system->cell[pair[k][1]];
            x[k][i] = a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
            x[k][i] -= pair[k][0] == pair[k][1] ? e.g0 : 0;
        }
    }
    double mean = 0;
    for (int k = 0; k < 6; k++) {
        double unit = k < 3 ? width : width * M_SQRT1_2;
        for (int i = 0; i < SAMPLES; i++)
            mean += k < 3 ? x[k][i] / width / (3 * SAMPLES) : 0;
        CHECK(kolmogorov(SAMPLES, x[k], normal_P, 0, unit) < KOLMOGOROV_1_PERCENT);
        CHECK(kolmogorov(SAMPLES, x[k], normal_P, 0, 1.3 * unit) > KOLMOGOROV_1_PERCENT);
    }
    /* a factor V: .15/2 of the width */
    CHECK_NEAR(mean, 0, 4 / sqrt(3. * SAMPLES));
    system_free(s);
    dynamics_free(d);
}

/* with the kinetic share of a centre of mass that stands still */
static double pressure_tensor(const struct dynamics *d, int a, int b)
{
    const struct system *s = d->system;
    double kinetic = 0;
    for (int i = 0; i < s->n; i++)
        kinetic += s->mass[i] * s->velocity[i][a] * s->velocity[i][b];
    if (a == b)
        kinetic += (dynamics_share(d) - 1) / 3 * 2 * velocity_kinetic(s);
    return kinetic / system_volume(s) - d->now.stress[a][b];
}

/* A soft-sphere crystal: <P_ab> = P0 delta_ab (less kT/V, a thousandth). */
static void flexible_crystal_has_its_pressure_tensor(void)
{
    enum { SAMPLES = 4000 };
    static const int pair[6][2] = {{0, 0}, {1, 1}, {2, 2}, {0, 1}, {1, 2}, {2, 0}};
    double *x[6];
    struct dynamics_settings set = settings(&thermostat_rescale, &barostat_flexible, .02);
    struct system *s = fcc(2, 5);
    set.timestep = 8;
    set.compressibility = .2 / set.pressure;
    set.barostat_relaxation = 200;
    for (int k = 0; k < 6; k++)
        x[k] = MEM_NEW(double, SAMPLES);
    s->cell[0][0] *= 1.05; /* not at rest */
    struct dynamics *d = dynamics_new(s, &set, &soft_source, false, NULL);
    advance(d, 2000);
    for (int i = 0; i < SAMPLES; i++) {
        advance(d, 10);
        for (int k = 0; k < 6; k++)
            x[k][i] = pressure_tensor(d, pair[k][0], pair[k][1]) / set.pressure;
    }
    for (int k = 0; k < 6; k++) {
        struct estimate e = stats_series(SAMPLES, x[k]);
        CHECK_NEAR(e.mean, k < 3, 4 * e.error);
        CHECK(e.error < .006);
        free(x[k]);
    }
    system_free(s);
    dynamics_free(d);
}

/* rms departure of the conserved quantity per atom from its start, and of the heat */
static double energy_error(const struct barostat *barostat, double timestep, double *heat)
{
    double square = 0;
    int steps = (int)lround(40000 / timestep);
    struct dynamics_settings set = settings(&thermostat_rescale, barostat, .02);
    struct system *s = fcc(2, 5);
    set.timestep = timestep;
    set.compressibility = .2 / set.pressure;
    struct dynamics *d = dynamics_new(s, &set, &soft_source, false, NULL);
    double first = dynamics_conserved(d);
    *heat = 0;
    for (int i = 0; i < steps; i++) {
        advance(d, 1);
        square += pow((dynamics_conserved(d) - first) / s->n, 2) / steps;
        *heat += pow(d->heat / s->n, 2) / steps;
    }
    *heat = sqrt(*heat);
    system_free(s);
    dynamics_free(d);
    return sqrt(square);
}

static void conserved_quantity_converges(const struct barostat *barostat)
{
    double heat, coarse = energy_error(barostat, 8, &heat), fine = energy_error(barostat, 2, &heat);
    CHECK(coarse / fine > 4);
    CHECK(heat > 20 * fine);
}

static void conserved_quantities_converge_with_the_time_step(void)
{
    conserved_quantity_converges(&barostat_isotropic);
    conserved_quantity_converges(&barostat_flexible);
}

int main(int argc, char **argv)
{
    static const struct check_case cases[] = {
        CHECK_CASE(ideal_gas_has_its_volume_distribution_with_langevin),
        CHECK_CASE(ideal_gas_has_its_volume_distribution_with_rescale),
        CHECK_CASE(soft_spheres_fulfil_the_virial_relations_with_langevin),
        CHECK_CASE(soft_spheres_fulfil_the_virial_relations_with_rescale),
        CHECK_CASE(flexible_cell_has_its_metric_distribution),
        CHECK_CASE(flexible_crystal_has_its_pressure_tensor),
        CHECK_CASE(conserved_quantities_converge_with_the_time_step),
        {0}};
    return check_main(argc, argv, cases);
}
