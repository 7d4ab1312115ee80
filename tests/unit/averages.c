/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"
#include "base/mem.h"
#include "base/rng.h"
#include "base/units.h"
#include "md/averages.h"
#include "md/dynamics.h"
#include "md/diffusion.h"
#include "md/molecule.h"
#include "md/rdf.h"
#include "md_sources.h"

/* Energy, pressure and kT of a synthetic trajectory: AR(1) with correlation phi, known means. */
struct synthetic {
    double energy, pressure, kT, phi;
};

static const struct synthetic truth = {-7.385, 1.117e-3, .02385, .9};

static void add_run(struct averages *a, int n, uint64_t which, double excess)
{
    struct rng rng;
    double x[3] = {0}, phi = truth.phi, noise = sqrt(1 - phi * phi);
    rng_start(&rng, 5, RNG_TEST, which, 0, 0);
    for (int k = 0; k < 3; k++)
        x[k] = rng_normal(&rng);
    int run = averages_begin_run(a);
    for (int i = 0; i < n; i++) {
        double settling = excess * exp(-i / 20.);
        averages_add(a, run,
                     &(struct averages_sample){.energy = truth.energy + .1 * x[0] + settling,
                                               .entropy = .5,
                                               .pressure = truth.pressure + 2e-4 * x[1],
                                               .kT = truth.kT * (1 + .1 * x[2]),
                                               .volume = 900});
        for (int k = 0; k < 3; k++)
            x[k] = phi * x[k] + noise * rng_normal(&rng);
    }
}

static const struct averages_settings sampled = {.atoms = 16, .discard = -1};

static struct averages_result one_run(int n, uint64_t which, double excess,
                                      const struct averages_settings *set)
{
    struct averages_result r = {0};
    struct averages *a = averages_new();
    add_run(a, n, which, excess);
    CHECK(averages_result(a, set, &r, NULL) == ST_OK);
    averages_free(a);
    return r;
}

/* Squared deviations in units of the error bar over independent runs: their mean is 1. */
static void error_bars_are_calibrated(void)
{
    enum { RUNS = 400 };
    double chi_energy = 0, chi_pressure = 0, bias = 0, error = 0;
    double energy = truth.energy + .5 + 1.5 * 16 * truth.kT;
    double pressure = truth.pressure + 16 / 900. * truth.kT;
    for (int i = 0; i < RUNS; i++) {
        struct averages_result r = one_run(2000, (uint64_t)i, 0, &sampled);
        chi_energy += pow((r.energy.mean - energy) / r.energy.error, 2) / RUNS;
        chi_pressure += pow((r.pressure.mean - pressure) / r.pressure.error, 2) / RUNS;
        bias += (r.energy.mean - energy) / RUNS;
        error += r.energy.error / RUNS;
    }
    CHECK_NEAR(chi_energy, 1, 4 * sqrt(2. / RUNS));
    CHECK_NEAR(chi_pressure, 1, 4 * sqrt(2. / RUNS));
    CHECK(fabs(bias) < 4 * error / sqrt(RUNS));
    /* of a mean of 2000 samples with inefficiency (1 + phi)/(1 - phi) = 19; some were discarded */
    double exact = hypot(.1, 1.5 * 16 * truth.kT * .1) * sqrt(19 / 2000.);
    CHECK(error > .8 * exact && error < 1.4 * exact);
}

/* A run of a harmonic crystal, whose energy is (3 N - 3)/2 kT + 3/2 N kT: correlated and oscillating,
 * as trajectories are, and written every few steps. */
static struct averages_result crystal(const struct system *sites, uint64_t run, double kT)
{
    struct averages_result r = {0};
    struct springs p = {.k = .02, .reach = 5, .power = 2, .sites = sites};
    struct force_source source = {springs_evaluate, &p};
    struct dynamics_settings set = {.integrator = &integrator_nvt,
                                    .thermostat = &thermostat_langevin,
                                    .timestep = 20,
                                    .kT = kT,
                                    .relaxation = 200,
                                    .seed = 11,
                                    .run = run};
    struct dynamics *d = dynamics_new(sites, &set, &source, false, NULL);
    struct averages *a = averages_new();
    int only = averages_begin_run(a);
    for (int i = 0; i < 1200; i++) {
        for (int k = 0; k < 5; k++)
            CHECK(dynamics_step(d, NULL) == ST_OK);
        averages_add(a, only,
                     &(struct averages_sample){.energy = d->now.energy,
                                               .kT = dynamics_temperature(d),
                                               .volume = system_volume(sites)});
    }
    struct averages_settings whole = {.atoms = sites->n, .discard = 200};
    CHECK(averages_result(a, &whole, &r, NULL) == ST_OK);
    averages_free(a);
    dynamics_free(d);
    return r;
}

static void error_bars_of_dynamics_are_calibrated(void)
{
    enum { RUNS = 150 };
    double chi_energy = 0, chi_kT = 0, z = 0, kT = .012, error = 0;
    struct system *s = fcc(1, 6.8);
    double energy = (3 * s->n - 3) / 2. * kT + 1.5 * s->n * kT;
    for (int i = 0; i < RUNS; i++) {
        struct averages_result r = crystal(s, (uint64_t)i, kT);
        double x = (r.energy.mean - energy) / r.energy.error;
        z += x / RUNS;
        chi_energy += x * x / RUNS;
        chi_kT += pow((r.kinetic.mean - kT) / r.kinetic.error, 2) / RUNS;
        error += r.energy.error / energy / RUNS;
    }
    CHECK_NEAR(chi_energy, 1, 4 * sqrt(2. / RUNS));
    CHECK_NEAR(chi_kT, 1, 4 * sqrt(2. / RUNS));
    CHECK_NEAR(z, 0, 5 / sqrt(RUNS));
    CHECK(error < .03);
    system_free(s);
}

/* A potential that lacks slope kT x, x normal: weights exp(-slope x) move the mean of x to -slope. Of a known energy or, to be a
 * control variate, without. */
static struct averages_sample tilted_sample(double x, double slope, bool known)
{
    return (struct averages_sample){.energy = known ? -7 + .1 * x : NAN,
                                    .kT = truth.kT,
                                    .sampled = -10 + .1 * x - slope * truth.kT * x,
                                    .sampled_pressure = NAN};
}

static double next_normal(struct rng *rng, double x)
{
    return truth.phi * x + sqrt(1 - truth.phi * truth.phi) * rng_normal(rng);
}

/* A correlated run of n of them */
static void tilted_run(struct averages *a, int n, double slope, bool known, uint64_t which)
{
    struct rng rng;
    int run = averages_begin_run(a);
    rng_start(&rng, 7, RNG_TEST, which, known, 0);
    double x = rng_normal(&rng);
    for (int k = 0; k < n; k++) {
        struct averages_sample sample = tilted_sample(x, slope, known);
        averages_add(a, run, &sample);
        x = next_normal(&rng, x);
    }
}

static struct averages_result tilted(enum averages_reweight how, int n, int others, double slope,
                                     uint64_t which)
{
    const struct averages_settings set = {
        .atoms = 16, .analytic = true, .reweight = how, .kT = truth.kT};
    struct averages_result r = {0};
    struct averages *a = averages_new();
    tilted_run(a, n, slope, true, which);
    if (others)
        tilted_run(a, others, slope, false, which);
    CHECK(averages_result(a, &set, &r, NULL) == ST_OK);
    CHECK(r.used == n && r.samples == n + others);
    averages_free(a);
    return r;
}

static void weights_give_the_means_of_another_potential(void)
{
    enum { RUNS = 400, SAMPLES = 4000 };
    double chi = 0, z = 0, share = 0, slope = .7;
    double exact = -7 - slope * .1 + 1.5 * 16 * truth.kT;
    for (int i = 0; i < RUNS; i++) {
        struct averages_result r = tilted(AVERAGES_WEIGHTS, SAMPLES, 0, slope, (uint64_t)i);
        z += (r.energy.mean - exact) / r.energy.error / RUNS;
        chi += pow((r.energy.mean - exact) / r.energy.error, 2) / RUNS;
        share += r.effective / SAMPLES / RUNS;
    }
    CHECK_NEAR(chi, 1, 4 * sqrt(2. / RUNS));
    CHECK_NEAR(z, 0, 5 / sqrt(RUNS));
    CHECK_NEAR(share, exp(-slope * slope), .02);
}

/* w (x + slope) has the variance (1 + slope^2) exp(slope^2) and the covariance 1 with x: without what x tells of it, (1 +
 * slope^2) exp(slope^2) - 1 is left. */
static void samples_of_the_dynamics_alone_take_noise_from_weighted_means(void)
{
    enum { RUNS = 400, SAMPLES = 4000, OTHERS = 40000 };
    double chi = 0, z = 0, ratio = 0, slope = .3;
    double exact = -7 - slope * .1 + 1.5 * 16 * truth.kT;
    double whole = (1 + slope * slope) * exp(slope * slope),
           rest = whole - 1 + SAMPLES / (double)OTHERS;
    for (int i = 0; i < RUNS; i++) {
        struct averages_result r = tilted(AVERAGES_WEIGHTS, SAMPLES, OTHERS, slope, (uint64_t)i);
        z += (r.energy.mean - exact) / r.energy.error / RUNS;
        chi += pow((r.energy.mean - exact) / r.energy.error, 2) / RUNS;
        ratio += r.energy.error /
                 tilted(AVERAGES_WEIGHTS, SAMPLES, 0, slope, (uint64_t)i).energy.error / RUNS;
    }
    CHECK_NEAR(chi, 1, 4 * sqrt(2. / RUNS));
    CHECK_NEAR(z, 0, 5 / sqrt(RUNS));
    CHECK_NEAR(ratio, sqrt(rest / whole), .1);
}

/* As studies have them: every frame of a run is a control variate, one of so many has its energy too. */
static void frames_may_be_weighted_and_control_variates(void)
{
    enum { RUNS = 400, FRAMES = 40000, EVERY = 10 };
    const struct averages_settings set = {
        .atoms = 16, .analytic = true, .reweight = AVERAGES_WEIGHTS, .kT = truth.kT};
    double chi = 0, z = 0, slope = .3, exact = -7 - slope * .1 + 1.5 * 16 * truth.kT;
    for (int i = 0; i < RUNS; i++) {
        struct averages_result r = {0};
        struct averages *a = averages_new();
        struct rng rng;
        int some = averages_begin_run(a), all = averages_begin_run(a);
        rng_start(&rng, 8, RNG_TEST, (uint64_t)i, 0, 0);
        double x = rng_normal(&rng);
        for (int k = 0; k < FRAMES; k++) {
            struct averages_sample weighted = tilted_sample(x, slope, true),
                                   control = tilted_sample(x, slope, false);
            if (k % EVERY == 0)
                averages_add(a, some, &weighted);
            averages_add(a, all, &control);
            x = next_normal(&rng, x);
        }
        CHECK(averages_result(a, &set, &r, NULL) == ST_OK);
        z += (r.energy.mean - exact) / r.energy.error / RUNS;
        chi += pow((r.energy.mean - exact) / r.energy.error, 2) / RUNS;
        averages_free(a);
    }
    CHECK_NEAR(chi, 1, 4 * sqrt(2. / RUNS));
    CHECK_NEAR(z, 0, 5 / sqrt(RUNS));
}

/* Of normal deviations the first order is all, here where weights would leave a sample of 55. */
static void the_cumulant_is_exact_for_normal_deviations(void)
{
    enum { RUNS = 200, SAMPLES = 20000, OTHERS = 20000 };
    double chi[2] = {0}, z[2] = {0}, share = 0, spread = 0, slope = 2;
    double exact = -7 - slope * .1 + 1.5 * 16 * truth.kT;
    for (int i = 0; i < RUNS; i++)
        for (int with = 0; with < 2; with++) {
            struct averages_result r =
                tilted(AVERAGES_CUMULANT, SAMPLES, with * OTHERS, slope, (uint64_t)i);
            z[with] += (r.energy.mean - exact) / r.energy.error / RUNS;
            chi[with] += pow((r.energy.mean - exact) / r.energy.error, 2) / RUNS;
            share += r.effective / SAMPLES / RUNS / 2;
            spread += r.spread / RUNS / 2;
        }
    for (int with = 0; with < 2; with++) {
        CHECK_NEAR(chi[with], 1, 4 * sqrt(2. / RUNS));
        CHECK_NEAR(z[with], 0, 5 / sqrt(RUNS));
    }
    CHECK(share < .1);
    CHECK_NEAR(spread, slope, .01);
}

static void the_approach_to_equilibrium_is_cut_off(void)
{
    struct averages_settings all = sampled;
    all.discard = 0;
    struct averages_result cut = one_run(4000, 3, 10, &sampled), raw = one_run(4000, 3, 10, &all);
    struct averages_result still = one_run(4000, 3, 0, &sampled);
    CHECK(raw.used == 4000);
    CHECK(cut.used < 3960 && cut.used >= 2000);
    CHECK_NEAR(cut.energy.mean, still.energy.mean, 2 * still.energy.error);
    CHECK(raw.energy.mean - still.energy.mean > .04);
}

static void analytic_kinetic_terms_add_no_noise(void)
{
    struct averages_settings set = {.atoms = 16, .analytic = true, .kT = .02385, .discard = 0};
    struct averages_settings bare = set;
    bare.kT = 0;
    struct averages_result r = one_run(1000, 9, 0, &set), b = one_run(1000, 9, 0, &bare);
    CHECK_NEAR(r.energy.mean - b.energy.mean, 1.5 * 16 * .02385, 1e-12);
    CHECK_NEAR(r.energy.error, b.energy.error, 1e-12);
    CHECK_NEAR(r.pressure.mean - b.pressure.mean, 16 * .02385 / 900, 1e-14);
    CHECK_NEAR(r.kT.mean, .02385, 0);
    CHECK_NEAR(r.kT.error, 0, 0);
    CHECK(r.kinetic.error > 1e-5);
    CHECK_NEAR(r.inverse_volume.mean, 1 / 900., 1e-15);
    CHECK_NEAR(r.inverse_volume.error, 0, 0);
}

static void every_run_is_cut_by_itself(void)
{
    struct averages_result r;
    struct averages *a = averages_new();
    struct averages_settings set = {.atoms = 16, .discard = 100};
    add_run(a, 1000, 1, 0);
    add_run(a, 700, 2, 0);
    add_run(a, 50, 3, 0);
    CHECK(averages_runs(a) == 3);
    CHECK(averages_samples(a, 1) == 700);
    CHECK(averages_result(a, &set, &r, NULL) == ST_OK);
    CHECK(r.samples == 1750 && r.used == 900 + 600 && r.runs == 3);
    set.discard = 5000;
    struct err err = {0};
    CHECK(averages_result(a, &set, &r, &err) == ST_DATA);
    CHECK(strstr(err.text, "0 of 1750 frames"));
    averages_free(a);
}

static struct system *gas(int n, double side, uint64_t which)
{
    struct system *s = system_new(n);
    struct rng rng;
    rng_start(&rng, 5, RNG_TEST, which, 1, 0);
    s->periodic = true;
    for (int i = 0; i < n; i++) {
        s->element[i] = 1;
        s->mass[i] = MASS;
        for (int c = 0; c < 3; c++)
            s->pos[i][c] = side * rng_uniform(&rng);
    }
    for (int c = 0; c < 3; c++)
        s->cell[c][c] = side;
    return s;
}

static void an_ideal_gas_has_g_one_at_any_number_of_atoms(void)
{
    enum { FRAMES = 2000, BINS = 6 };
    struct rdf *rdf = rdf_new(5, BINS);
    for (int i = 0; i < FRAMES; i++) {
        struct system *s = gas(8, 10.4, (uint64_t)i);
        rdf_add(rdf, s);
        system_free(s);
    }
    double r[BINS], g[BINS], neighbours[BINS];
    CHECK(rdf_bins(rdf) == BINS);
    rdf_result(rdf, r, g, neighbours);
    for (int i = 0; i < BINS; i++) {
        double width = 5. / BINS, outer = (i + 1) * width;
        double shell = 4 * M_PI / 3 * (pow(outer, 3) - pow(outer - width, 3));
        double pairs = FRAMES * 8 * 7 / 2 * shell / pow(10.4, 3);
        CHECK_NEAR(g[i], 1, 4 / sqrt(pairs));
        CHECK_NEAR(r[i], outer - width / 2, 1e-12);
    }
    rdf_free(rdf);
}

static void a_lattice_has_its_shells(void)
{
    enum { BINS = 33 };
    struct system *s = fcc(2, 6.8);
    struct rdf *rdf = rdf_new(6.6, BINS);
    double r[BINS], g[BINS], neighbours[BINS];
    rdf_add(rdf, s);
    rdf_result(rdf, r, g, neighbours);
    CHECK_NEAR(neighbours[23], 0, 0); /* up to 4.8: 12 at 6.8/sqrt 2 = 4.808 not yet */
    CHECK_NEAR(neighbours[24], 12, 0);
    CHECK_NEAR(neighbours[32], 12, 0);
    rdf_free(rdf);
    system_free(s);
}

static void molecules_are_mutual_nearest_neighbours(void)
{
    struct system *s = system_new(5);
    int partner[5];
    double x[5] = {0, 1.4, 2.7, 19.5, 8};
    s->periodic = true;
    for (int c = 0; c < 3; c++)
        s->cell[c][c] = 20;
    for (int i = 0; i < 5; i++)
        s->pos[i][0] = x[i]; /* 1-2 are nearest; 0 and 3 are so across the boundary */
    CHECK(molecule_find(s, 1.9, partner) == 2);
    CHECK(partner[1] == 2 && partner[2] == 1 && partner[0] == 3 && partner[3] == 0);
    CHECK(partner[4] == -1);
    CHECK(molecule_find(s, .9, partner) == 1);
    CHECK(molecule_find(s, .4, partner) == 0);
    system_free(s);
}

/* A bond that all images of all atoms are within leaves what it was: in a cell and in open boundaries, with an atom
 * that is far from all others, alone, and nearest to its own image. */
static void molecules_do_not_depend_on_a_long_bond(void)
{
    for (int periodic = 0; periodic < 2; periodic++) {
        struct system *s = gas(40, 12.3, 5);
        int near[40], far[40];
        s->periodic = periodic;
        if (!periodic)
            s->pos[7][1] = 1e4;
        int molecules = molecule_find(s, 12, near);
        CHECK(molecules > 4);
        CHECK(molecule_find(s, 1e9, far) == molecules);
        for (int i = 0; i < 40; i++)
            CHECK(near[i] == far[i]);
        s->n = 1;
        CHECK(molecule_find(s, 1e9, far) == 0 && far[0] == -1);
        s->n = 40;
        system_free(s);
    }
    struct system *s = system_new(2);
    int partner[2];
    s->periodic = true;
    s->cell[0][0] = 3;
    s->cell[1][1] = s->cell[2][2] = 20;
    s->pos[1][1] = 4;
    CHECK(molecule_find(s, 1e9, partner) == 0);
    s->pos[1][1] = 2.9;
    CHECK(molecule_find(s, 1e9, partner) == 1);
    s->cell[0][0] = 8; /* planes 3 apart, no image nearer than 8 */
    s->cell[1][0] = 24;
    s->cell[1][1] = 9;
    s->pos[1][1] = 0;
    s->pos[1][0] = 3.9;
    CHECK(molecule_find(s, 1e9, partner) == 1);
    system_free(s);
}

static void lifetime_is_time_seen_over_pairs_broken(void)
{
    struct molecule_life life = {0};
    int bound[4] = {1, 0, 3, 2}, half[4] = {1, 0, -1, -1};
    CHECK(isnan(molecule_lifetime(&life)));
    molecule_follow(&life, 4, bound, 0, true);
    molecule_follow(&life, 4, bound, 2.5, false);
    CHECK(isinf(molecule_lifetime(&life)));
    molecule_follow(&life, 4, half, 5, false);
    molecule_follow(&life, 4, half, 7.5, false);
    molecule_follow(&life, 4, bound, 0, true); /* another run */
    CHECK_NEAR(molecule_lifetime(&life), 5 * 2.5, 1e-15);
    molecule_free(&life);
}

/* A random walk with steps of variance v per component and frame has D = v / (2 interval). */
static void a_random_walk_has_its_diffusion_coefficient(void)
{
    enum { ATOMS = 60, FRAMES = 800 };
    struct system *s = gas(ATOMS, 12.3, 4);
    struct diffusion *d = diffusion_new(ATOMS);
    struct rng rng;
    rng_start(&rng, 6, RNG_TEST, 0, 0, 0);
    for (int t = 0; t < FRAMES; t++) {
        diffusion_add(d, s, 4 * t);
        for (int i = 0; i < ATOMS; i++)
            for (int c = 0; c < 3; c++) {
                s->pos[i][c] += .3 * rng_normal(&rng) + .05;       /* and drifts as a whole */
                s->pos[i][c] -= 12.3 * floor(s->pos[i][c] / 12.3); /* and is wrapped */
            }
    }
    struct estimate e;
    double length;
    CHECK(diffusion_result(d, 0, &e, &length, NULL) == ST_OK);
    CHECK_NEAR(length, 4 * (FRAMES - 1), 1e-9);
    double exact = .09 / 2 / 4 * (1 - 1. / ATOMS); /* relative to the centre of mass */
    CHECK_NEAR(e.mean, exact, 4 * e.error);
    CHECK(e.error < .1 * exact);
    CHECK(diffusion_result(d, FRAMES - 20, &e, &length, NULL) == ST_DATA);
    diffusion_free(d);
    system_free(s);
}

/* Frames lead to a coefficient only where their times are known and equally spaced: those left out need not be. */
static void diffusion_needs_equal_times(void)
{
    enum { ATOMS = 5, FRAMES = 100, ODD = 20 };
    struct system *s = gas(ATOMS, 12.3, 4);
    for (int unknown = 0; unknown < 2; unknown++) {
        struct diffusion *d = diffusion_new(ATOMS);
        struct estimate e;
        struct err err;
        double length;
        for (int t = 0; t < FRAMES; t++)
            diffusion_add(d, s, t > ODD ? 2.5 * t + 1e-3 * (t % 2) : unknown ? (double)NAN : t);
        CHECK(diffusion_result(d, ODD, &e, &length, &err) == ST_DATA);
        CHECK(strstr(err.text, unknown ? "time" : "equally"));
        CHECK(diffusion_result(d, ODD + 1, &e, &length, &err) == ST_OK);
        CHECK_NEAR(e.mean, 0, 1e-20);
        CHECK_NEAR(length, 2.5 * (FRAMES - ODD - 2), 2e-3);
        diffusion_free(d);
    }
    system_free(s);
}

int main(int argc, char **argv)
{
    static const struct check_case cases[] = {
        CHECK_CASE(error_bars_are_calibrated),
        CHECK_CASE(error_bars_of_dynamics_are_calibrated),
        CHECK_CASE(weights_give_the_means_of_another_potential),
        CHECK_CASE(samples_of_the_dynamics_alone_take_noise_from_weighted_means),
        CHECK_CASE(frames_may_be_weighted_and_control_variates),
        CHECK_CASE(the_cumulant_is_exact_for_normal_deviations),
        CHECK_CASE(the_approach_to_equilibrium_is_cut_off),
        CHECK_CASE(analytic_kinetic_terms_add_no_noise),
        CHECK_CASE(every_run_is_cut_by_itself),
        CHECK_CASE(an_ideal_gas_has_g_one_at_any_number_of_atoms),
        CHECK_CASE(a_lattice_has_its_shells),
        CHECK_CASE(molecules_are_mutual_nearest_neighbours),
        CHECK_CASE(molecules_do_not_depend_on_a_long_bond),
        CHECK_CASE(lifetime_is_time_seen_over_pairs_broken),
        CHECK_CASE(a_random_walk_has_its_diffusion_coefficient),
        CHECK_CASE(diffusion_needs_equal_times),
        {0}};
    return check_main(argc, argv, cases);
}
