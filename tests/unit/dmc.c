/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Diffusion Monte Carlo: proposals, nodes, populations and their bias, extrapolation. */
#include "qmc/dmc.h"
#include <limits.h>
#include <stdlib.h>
#include "base/mem.h"
#include "base/threads.h"
#include "check.h"
#include "hydrogen.h"
#include "qmc/optimise.h"

static const double h2_pos[2][3] = {{0, 0, 0}, {0.3, 0, 1.37}};
static const double h2_exponent[2] = {1.2, 0.23};

/* Uncontracted functions of angular momentum l with these exponents */
static struct basis *some_basis(int n, int l, const double exponent[])
{
    static const double one = 1;
    const double *e[4], *c[4];
    int ls[4], primitives[4];
    for (int i = 0; i < n; i++) {
        e[i] = &exponent[i];
        c[i] = &one;
        ls[i] = l;
        primitives[i] = 1;
    }
    return basis_new("test", 1, n, ls, primitives, e, c);
}

static struct wavefunction *atoms_case(int n, const double pos[][3], const struct basis *b,
                                       int orbitals, const double c[], int up, int down)
{
    static const double gamma_point[1][3] = {{0, 0, 0}};
    struct err err = {0};
    struct system *s = hydrogen_at(n, pos, NULL);
    struct wavefunction *psi = wavefunction_new(s, b, 1, gamma_point, orbitals, c, up, down, &err);
    system_free(s);
    return psi;
}

/* `copies` molecules 40 bohr apart; each has its own orbital, and the Jastrow factor of one. */
static struct wavefunction *h2_case(int copies, bool jastrow)
{
    double pos[16][3], c[8 * 32] = {0};
    struct basis *b = some_basis(2, 0, h2_exponent);
    struct wavefunction *one =
        atoms_case(2, h2_pos, b, 1, (double[]){0.41, 0.62, 0.41, 0.62}, 1, 1);
    for (int m = 0; m < copies; m++)
        for (int a = 0; a < 2; a++) {
            memcpy(pos[2 * m + a], h2_pos[a], sizeof pos[0]);
            pos[2 * m + a][0] += 40 * m;
            c[m * 4 * copies + 4 * m + 2 * a] = 0.41;
            c[m * 4 * copies + 4 * m + 2 * a + 1] = 0.62;
        }
    struct wavefunction *psi =
        atoms_case(2 * copies, (const double(*)[3])pos, b, copies, c, copies, copies);
    struct jastrow *j = jastrow_start(one->system, 1, 1);
    if (jastrow)
        wavefunction_set_jastrow(psi, jastrow_new(psi->system, copies, copies, jastrow_form(j),
                                                  jastrow_count(j), jastrow_parameters(j), NULL));
    jastrow_free(j);
    wavefunction_free(one);
    basis_free(b);
    return psi;
}

static struct wavefunction *h_case(int l, int n, const double exponent[], const double c[])
{
    static const double pos[1][3] = {{0.2, -0.1, 0.3}};
    struct basis *b = some_basis(n, l, exponent);
    struct wavefunction *psi = atoms_case(1, pos, b, 1, c, 1, 0);
    basis_free(b);
    return psi;
}

/* Warm variational walkers, then diffusion */
static enum status run(struct wavefunction *psi, int walkers, const struct dmc_settings *set,
                       struct dmc_result *r, struct err *err)
{
    struct vmc_settings v = {.seed = set->seed, .frame = 1, .walkers = walkers};
    struct vmc *vmc = vmc_new(psi, &v, err);
    vmc_warm(vmc, 60, true);
    struct dmc *d = dmc_new(vmc, psi, set);
    dmc_refer(d, vmc);
    enum status status = dmc_run(d, NULL, NULL, r, err);
    dmc_free(d);
    vmc_free(vmc);
    return status;
}

/* The same for `time` in 1/Ha */
static enum status try_diffuse(struct wavefunction *psi, int walkers, int timesteps,
                               const double tau[], double time, uint64_t seed, struct dmc_result *r,
                               struct err *err)
{
    struct dmc_settings set = {
        .seed = seed, .frame = 1, .timesteps = timesteps, .timestep = tau, .samples = 0};
    double rate = 0;
    for (int t = 0; t < timesteps; t++)
        rate += 1 / tau[t];
    set.samples = (long)(time * walkers * psi->twists * rate);
    return run(psi, walkers, &set, r, err);
}

static struct dmc_result diffuse(struct wavefunction *psi, int walkers, int timesteps,
                                 const double tau[], double time, uint64_t seed)
{
    struct dmc_result r = {0};
    struct err err = {0};
    threads_set(1);
    CHECK(try_diffuse(psi, walkers, timesteps, tau, time, seed, &r, &err) == ST_OK);
    if (err.text[0])
        printf("%s\n", err.text);
    for (int t = 0; t < r.timesteps; t++)
        printf("tau %g: mixed %.5f +- %.5f, growth %.5f +- %.5f, crossings %.4f\n",
               r.timestep[t].tau, r.timestep[t].energy.mean, r.timestep[t].energy.error,
               r.timestep[t].growth, r.timestep[t].growth_error, r.timestep[t].crossings);
    return r;
}

static void optimise(struct wavefunction *psi)
{
    struct vmc_settings v = {.seed = 1, .frame = 1, .walkers = 128};
    struct optimise_settings o = {.iterations = 12, .samples = 4000, .variance = 0.3};
    struct optimise_report report;
    struct err err;
    threads_set(1);
    struct vmc *vmc = vmc_new(psi, &v, &err);
    vmc_warm(vmc, 60, true);
    CHECK(optimise_jastrow(1, &psi, &vmc, &o, NULL, &report, &err) == ST_OK);
    printf("VMC %.5f variance %.5f, per electron\n", report.energy, report.variance);
    vmc_free(vmc);
}

/* The density of a proposal is normalised, and draws have its mean distance from the nucleus. */
static void proposals_are_drawn_from_their_density(void)
{
    const double tau = 0.05, centre[3] = {0.2, -0.1, 0.3};
    const double away[2][3] = {{0.16, 0.03, -0.11}, {0.7, -0.4, 0.5}};
    const double v[2][3] = {{-0.9, 0.4, 0.8}, {-2, 1.3, 0.2}};
    double exponent = 0.5, c = 1;
    struct wavefunction *psi = h_case(0, 1, &exponent, &c);
    struct dmc_mover *m = dmc_mover_new(psi, 1);
    for (int k = 0; k < 2; k++) {
        struct dmc_proposal p;
        struct rng rng;
        double r[3], at[3], norm = 0, mean = 0, drawn = 0, square = 0;
        const double h = 0.02, half = 2.2;
        const int n = 100000;
        for (int x = 0; x < 3; x++)
            r[x] = centre[x] + away[k][x];
        dmc_propose(m, r, v[k], tau, &p);
        CHECK(k || (p.q > 0.1 && p.q < 0.9));
        for (at[0] = centre[0] - half + h / 3; at[0] < centre[0] + half; at[0] += h)
            for (at[1] = centre[1] - half + h / 3; at[1] < centre[1] + half; at[1] += h)
                for (at[2] = centre[2] - half + h / 3; at[2] < centre[2] + half; at[2] += h) {
                    double g = dmc_density(&p, tau, at) * h * h * h;
                    norm += g;
                    mean += g * sqrt(pow(at[0] - centre[0], 2) + pow(at[1] - centre[1], 2) +
                                     pow(at[2] - centre[2], 2));
                }
        CHECK_NEAR(norm, 1, 1e-4);
        rng_start(&rng, 3, RNG_TEST, 40, (uint64_t)k, 0);
        for (int i = 0; i < n; i++) {
            dmc_draw(&p, tau, &rng, at);
            double d = sqrt(pow(at[0] - centre[0], 2) + pow(at[1] - centre[1], 2) +
                            pow(at[2] - centre[2], 2));
            drawn += d / n;
            square += d * d / n;
        }
        CHECK_NEAR(drawn, mean, 4 * sqrt((square - drawn * drawn) / n) + 1e-4);
    }
    dmc_mover_free(m);
    wavefunction_free(psi);
}

/* Accept and reject keep |Psi|^2 at any time step: one s Gaussian, <1/r> = 2 sqrt(2 a / pi), <r^2> = 3 / (4 a) */
static void moves_alone_sample_psi_squared(void)
{
    enum { W = 16, STEPS = 20000 };
    double a = 0.43, c = 1, x[STEPS], y[STEPS];
    struct wavefunction *psi = h_case(0, 1, &a, &c);
    struct walkers *w = walkers_new(psi, 0, W);
    struct dmc_mover *m = dmc_mover_new(psi, W);
    struct dmc_tally tally = {0};
    struct rng rng[W];
    int age[W] = {0};
    for (int k = 0; k < W; k++) {
        rng_start(&rng[k], 9, RNG_TEST, 41, (uint64_t)k, 0);
        walkers_place(w, k, &rng[k]);
    }
    CHECK(walkers_refresh(w) < 0);
    for (int t = 0; t < STEPS; t++) {
        dmc_sweep(w, m, 0.4, rng, age, &tally);
        x[t] = y[t] = 0;
        for (int k = 0; k < W; k++) {
            double r2 = 0;
            for (int i = 0; i < 3; i++)
                r2 += pow(w->pos[k][i] - psi->system->pos[0][i], 2);
            x[t] += r2 / W;
            y[t] += 1 / sqrt(r2) / W;
        }
    }
    struct estimate r2 = stats_series(STEPS, x), inverse = stats_series(STEPS, y);
    CHECK_NEAR(r2.mean, 3 / (4 * a), 4 * r2.error);
    CHECK_NEAR(inverse.mean, 2 * sqrt(2 * a / M_PI), 4 * inverse.error);
    CHECK(r2.error < 0.01 && inverse.error < 0.005);
    CHECK(tally.accepted < 0.99 * tally.offered);
    walkers_free(w);
    dmc_mover_free(m);
    wavefunction_free(psi);
}

/* Poor Gaussians with the cusp of the starting Jastrow factor */
static void hydrogen_atom_is_exact(void)
{
    const double exponent[3] = {0.4, 0.15, 0.06}, c[3] = {0.40, 0.52, 0.14}, tau[2] = {0.04, 0.16};
    struct wavefunction *psi = h_case(0, 3, exponent, c);
    wavefunction_set_jastrow(psi, jastrow_start(psi->system, 1, 0));
    struct dmc_result r = diffuse(psi, 128, 2, tau, 1200, 1);
    CHECK_NEAR(r.limit.energy, -0.5, 4 * r.limit.error);
    CHECK(r.limit.error < 1.5e-3);
    for (int t = 0; t < 2; t++)
        CHECK_NEAR(r.timestep[t].growth, r.timestep[t].energy.mean,
                   3e-3 * r.timestep[t].tau / 0.04);
    dmc_result_free(&r);
    wavefunction_free(psi);
}

/* 2p: the node is a plane, known exactly; behind it the ground state is 2p. */
static void energy_behind_an_exact_node_is_exact(void)
{
    const double exponent[2] = {0.14, 0.03}, tau[2] = {0.1, 0.3};
    const double c[6] = {0.3, 0.2, 0.4, 0.42, 0.28, 0.56};
    struct wavefunction *psi = h_case(1, 2, exponent, c);
    struct dmc_result r = diffuse(psi, 128, 2, tau, 1500, 1);
    CHECK_NEAR(r.limit.energy, -0.125, 4 * r.limit.error);
    CHECK(r.limit.error < 5e-4);
    CHECK(r.timestep[1].crossings > 1e-4);
    dmc_result_free(&r);
    wavefunction_free(psi);
}

/* At the bond of 1.4025 bohr the energy is that of 1.4011 within 1e-6 (Sims & Hagstrom, J. Chem. Phys.
 * 124, 094101 (2006)). */
/* The side of the 2p plane on which a walker was placed */
static void walkers_never_cross_a_node(void)
{
    enum { W = 16 };
    const double exponent = 0.1, c[3] = {0.6, 0.3, 0.9};
    struct wavefunction *psi = h_case(1, 1, &exponent, c);
    struct walkers *w = walkers_new(psi, 0, W);
    struct dmc_mover *m = dmc_mover_new(psi, W);
    struct dmc_tally tally = {0};
    struct rng rng[W];
    int age[W] = {0}, side[W];
    for (int k = 0; k < W; k++) {
        rng_start(&rng[k], 9, RNG_TEST, 44, (uint64_t)k, 0);
        walkers_place(w, k, &rng[k]);
    }
    CHECK(walkers_refresh(w) < 0);
    for (int k = 0; k < W; k++)
        side[k] = w->orbital[(size_t)k * 5] > 0;
    for (int t = 0; t < 2000; t++)
        dmc_sweep(w, m, 0.5, rng, age, &tally);
    CHECK(walkers_refresh(w) < 0);
    for (int k = 0; k < W; k++)
        CHECK(side[k] == (w->orbital[(size_t)k * 5] > 0));
    CHECK(tally.crossings > 50);
    walkers_free(w);
    dmc_mover_free(m);
    wavefunction_free(psi);
}

static void hydrogen_molecule_is_exact(void)
{
    const double tau[2] = {0.04, 0.16};
    struct wavefunction *psi = h2_case(1, true);
    struct dmc_result r = diffuse(psi, 128, 2, tau, 600, 1);
    CHECK_NEAR(r.limit.energy, -1.1744757, 4 * r.limit.error);
    CHECK(r.limit.error < 2e-3);
    dmc_result_free(&r);
    wavefunction_free(psi);
}

/* One population of the determinants of H2, `generations` after 100 of equilibration */
static struct dmc_series few_walkers(int walkers, int generations, struct dmc_population **p)
{
    struct wavefunction *psi = h2_case(1, false);
    struct walkers *w = walkers_new(psi, 0, walkers);
    struct dmc_series s = {0};
    struct dmc_generation sums;
    struct rng rng;
    *p = dmc_population_new(psi, 0, 1, walkers, 0.05, -1.1, NULL);
    rng_start(&rng, 6, RNG_TEST, 43, 0, 0);
    for (int k = 0; k < walkers; k++)
        walkers_place(w, k, &rng);
    CHECK(walkers_refresh(w) < 0);
    for (int k = 0; k < walkers; k++)
        dmc_population_place(*p, 0, k, w, k);
    dmc_population_begin(*p);
    for (int g = -100; g < generations; g++) {
        dmc_population_advance(*p, 0);
        dmc_population_renew(*p, &sums);
        if (g >= 0)
            dmc_series_add(&s, &sums);
    }
    walkers_free(w);
    return s;
}

/* A fixed number of walkers is biased like 1/number; the history of the population undoes it. */
static void few_walkers_give_the_energy_of_many(void)
{
    struct dmc_average corrected[3], plain[3];
    const int walkers[3] = {3, 12, 48};
    for (int k = 0; k < 3; k++) {
        struct dmc_population *p;
        struct dmc_series s = few_walkers(walkers[k], 1200000 / walkers[k], &p);
        corrected[k] = dmc_series_average(&s, 0, 200, p);
        plain[k] = dmc_series_average(&s, 0, 0, p);
        printf("%d walkers: %.5f +- %.5f, uncorrected %.5f +- %.5f, efficiency %.2f\n", walkers[k],
               corrected[k].energy.mean, corrected[k].energy.error, plain[k].energy.mean,
               plain[k].energy.error, corrected[k].efficiency);
        wavefunction_free((struct wavefunction *)p->psi);
        dmc_population_free(p);
        dmc_series_free(&s);
    }
    for (int k = 0; k < 2; k++)
        CHECK_NEAR(corrected[k].energy.mean, corrected[2].energy.mean,
                   4 * hypot(corrected[k].energy.error, corrected[2].energy.error));
    CHECK(plain[0].energy.mean > corrected[2].energy.mean + 4 * plain[0].energy.error);
    CHECK(corrected[0].energy.error < 3e-3);
}

/* Bound by correlation alone, with a far outer electron: Pekeris, Phys. Rev. 126, 1470 (1962) */
static void hydrogen_anion_is_exact(void)
{
    static const double pos[1][3] = {{0.2, -0.1, 0.3}};
    const double exponent[4] = {0.025, 0.09, 0.33, 1.2}, c[4] = {0.35, 0.5, 0.3, 0.1};
    const double tau[2] = {0.1, 0.4};
    struct basis *b = some_basis(4, 0, exponent);
    struct wavefunction *psi = atoms_case(1, pos, b, 1, c, 1, 1);
    wavefunction_set_jastrow(psi, jastrow_start(psi->system, 1, 1));
    optimise(psi);
    struct dmc_result r = diffuse(psi, 128, 2, tau, 1500, 1);
    CHECK_NEAR(r.limit.energy, -0.527751, 4 * r.limit.error);
    CHECK(r.limit.error < 1e-3);
    dmc_result_free(&r);
    wavefunction_free(psi);
    basis_free(b);
}

/* Energies per molecule of 1, 2, 4 and 8 copies */
static void copies(bool jastrow, double tau, double time, double largest_error)
{
    double energy[4], error[4];
    for (int k = 0, n = 1; k < 4; k++, n *= 2) {
        struct wavefunction *psi = h2_case(n, jastrow);
        struct dmc_result r = diffuse(psi, 64, 1, &tau, time / n, 1);
        energy[k] = r.limit.energy / n;
        error[k] = r.limit.error / n;
        printf("%d copies: %.5f +- %.5f per molecule\n", n, energy[k], error[k]);
        dmc_result_free(&r);
        wavefunction_free(psi);
    }
    for (int k = 0; k < 4; k++) {
        CHECK(error[k] < largest_error);
        CHECK_NEAR(energy[k], energy[0], 4 * hypot(error[k], error[0]) * (k > 0));
    }
}

/* Far apart, at a long time step; without J, E_L diverges at every coalescence and its bound acts. */
static void molecules_far_apart_keep_their_energy(void)
{
    copies(true, 0.2, 480, 2e-3);
    copies(false, 0.05, 480, 5e-3);
}

/* chi^2 of the exact energy over many short runs */
static void error_bars_are_calibrated(void)
{
    enum { SEEDS = 32 };
    const double tau = 0.1;
    double chi2 = 0;
    struct wavefunction *psi = h2_case(1, true);
    for (int seed = 1; seed <= SEEDS; seed++) {
        struct dmc_result r;
        struct err err;
        CHECK(try_diffuse(psi, 64, 1, &tau, 100, (uint64_t)seed, &r, &err) == ST_OK);
        chi2 += pow((r.limit.energy + 1.1744757) / r.limit.error, 2) / SEEDS;
        dmc_result_free(&r);
    }
    CHECK_NEAR(chi2, 1, 4 * sqrt(2.0 / SEEDS));
    printf("chi2 %.3f\n", chi2);
    wavefunction_free(psi);
}

/* The same of runs that stop by their error bar, at one that some would reach sooner, by chance, than they should: none
 * may have only a few blocks behind it. */
static void error_bars_that_stop_a_run_are_calibrated(void)
{
    enum { SEEDS = 32 };
    const double tau = 0.1;
    double chi2 = 0, least = INFINITY;
    struct wavefunction *psi = h2_case(1, true);
    for (int seed = 1; seed <= SEEDS; seed++) {
        const struct dmc_settings set = {
            .seed = (uint64_t)seed, .frame = 1, .timesteps = 1, .timestep = &tau, .error = 3e-3};
        struct dmc_result r;
        struct err err;
        CHECK(run(psi, 64, &set, &r, &err) == ST_OK);
        CHECK(r.limit.error <= set.error && r.timestep[0].blocks >= 20);
        chi2 += pow((r.limit.energy + 1.1744757) / r.limit.error, 2) / SEEDS;
        least = fmin(least, r.timestep[0].measured);
        dmc_result_free(&r);
    }
    CHECK_NEAR(chi2, 1, 4 * sqrt(2.0 / SEEDS));
    printf("chi2 %.3f, shortest run %.0f/Ha\n", chi2, least);
    wavefunction_free(psi);
}

/* Two or three blocks have no Student's variance, and still no smaller an error bar than four. */
static void fewest_blocks_enlarge_the_error_bar(void)
{
    const double tau = 0.1;
    struct wavefunction *psi = h2_case(1, true);
    int least = INT_MAX;
    for (long samples = 192; samples < 12000; samples += samples) {
        const struct dmc_settings set = {
            .seed = 1, .frame = 1, .timesteps = 1, .timestep = &tau, .samples = samples};
        struct dmc_result r;
        struct err err;
        CHECK(run(psi, 64, &set, &r, &err) == ST_OK);
        const struct dmc_timestep *t = &r.timestep[0];
        int freedom = t->blocks < 4 ? 3 : t->blocks - 1;
        CHECK_NEAR(t->energy.error / t->twist_error[0], sqrt(freedom / (freedom - 2.)), 1e-12);
        least = t->blocks < least ? t->blocks : least;
        dmc_result_free(&r);
    }
    CHECK(least <= 3);
    printf("least %d\n", least);
    wavefunction_free(psi);
}

static void results_depend_on_the_seed_and_not_on_threads(void)
{
    const double tau[2] = {0.05, 0.2};
    struct wavefunction *psi = h2_case(1, true);
    struct dmc_result r;
    struct err err;
    double energy[3];
    for (int run = 0; run < 3; run++) {
        threads_set(run == 1 ? 2 : 1);
        CHECK(try_diffuse(psi, 64, 2, tau, 5, run == 2 ? 8 : 7, &r, &err) == ST_OK);
        energy[run] = r.limit.energy;
        dmc_result_free(&r);
    }
    CHECK(energy[0] == energy[1]);
    CHECK(energy[0] != energy[2]);
    wavefunction_free(psi);
}

static void rejections_in_a_row_are_counted(void)
{
    struct wavefunction *psi = h2_case(1, true);
    struct walkers *w = walkers_new(psi, 0, 1);
    struct dmc_mover *m = dmc_mover_new(psi, 1);
    struct dmc_tally tally = {0};
    struct rng rng;
    int age[2] = {0}, expected[2] = {0}, oldest = 0;
    rng_start(&rng, 5, RNG_TEST, 42, 0, 0);
    walkers_place(w, 0, &rng);
    CHECK(walkers_refresh(w) < 0);
    for (int t = 0; t < 400; t++) {
        double before[2][3];
        memcpy(before, w->pos, sizeof before);
        dmc_sweep(w, m, 5, &rng, age, &tally);
        for (int i = 0; i < 2; i++) {
            expected[i] = memcmp(before[i], w->pos[i], sizeof before[i]) ? 0 : expected[i] + 1;
            CHECK(age[i] == expected[i]);
            oldest = age[i] > oldest ? age[i] : oldest;
        }
    }
    CHECK(oldest > 3 && tally.oldest == oldest && tally.offered == 800);
    dmc_mover_free(m);
    walkers_free(w);
    wavefunction_free(psi);
}

/* A trial function whose energy has nothing to do with where the walkers end: diffuse 1s on a proton */
static void lost_populations_are_an_error(void)
{
    const double exponent = 30, c = 1, tau = 0.05;
    struct wavefunction *psi = h_case(0, 1, &exponent, &c);
    struct dmc_result r;
    struct err err = {0};
    CHECK(try_diffuse(psi, 64, 1, &tau, 100, 1, &r, &err) == ST_COMPUTE);
    printf("%s\n", err.text);
    CHECK(strstr(err.text, "a quarter of the walkers"));
    wavefunction_free(psi);
}

static void extrapolation_takes_the_order_that_the_energies_demand(void)
{
    const double tau[4] = {0.01, 0.02, 0.04, 0.08}, error[4] = {1e-3, 1e-3, 1e-3, 1e-3};
    double line[4], curve[4];
    for (int t = 0; t < 4; t++) {
        line[t] = -1.3 + 2 * tau[t];
        curve[t] = line[t] - 40 * tau[t] * tau[t];
    }
    struct dmc_limit l = dmc_extrapolate(4, tau, line, error),
                     q = dmc_extrapolate(4, tau, curve, error),
                     two = dmc_extrapolate(2, tau, line, error),
                     one = dmc_extrapolate(1, tau, line, error);
    CHECK(l.order == 1 && q.order == 2 && two.order == 1 && one.order == 0);
    CHECK_NEAR(l.energy, -1.3, 1e-9);
    CHECK_NEAR(q.energy, -1.3, 1e-9);
    CHECK_NEAR(two.energy, -1.3, 1e-9);
    CHECK_NEAR(two.error, 1e-3 * sqrt(5), 1e-9); /* E(0) = 2 E(tau) - E(2 tau) */
    CHECK_NEAR(one.energy, -1.28, 1e-12);
    CHECK_NEAR(one.error, 1e-3, 1e-12);
    CHECK(q.error > l.error && l.error > 1e-3 * 0.5);
}

/* Four atoms in a cell with a function on each, whose waves and pairs take the time */
static struct wavefunction *cell_case(void)
{
    static const double gamma_point[1][3] = {{0, 0, 0}}, exponent[1] = {0.5};
    static const double pos[4][3] = {
        {0.1, 0.2, 0}, {2.6, 2.3, 0.4}, {0.7, 2.9, 2.5}, {3.1, 0.3, 2.8}};
    static const double c[8] = {0.4, 0.3, 0.2, 0.1, 0.1, -0.2, 0.3, -0.4};
    struct err err = {0};
    struct basis *b = some_basis(1, 0, exponent);
    struct system *s = hydrogen_at(4, pos, NULL);
    s->periodic = true;
    for (int d = 0; d < 3; d++)
        s->cell[d][d] = 5.3;
    struct wavefunction *psi = wavefunction_new(s, b, 1, gamma_point, 2, c, 2, 2, &err);
    wavefunction_set_jastrow(psi, jastrow_start(s, 2, 2));
    basis_free(b);
    system_free(s);
    return psi;
}

static bool stop_after_a_piece(void *context, struct dmc *d)
{
    (void)context;
    (void)d;
    return true;
}

/* From what was kept, piece by piece, as somebody goes on who is killed after each; returns their number. */
static int run_in_pieces(struct vmc *v, const struct dmc_settings *set, struct dmc_result *r)
{
    struct checkpoint *kept = NULL;
    struct err err = {0};
    for (int pieces = 1;; pieces++) {
        struct dmc_pause pause = {stop_after_a_piece, NULL, NULL};
        struct dmc *d = dmc_new(v, vmc_wavefunction(v), set);
        if (kept) {
            kept->reading = true;
            dmc_keep(d, kept);
        } else
            dmc_refer(d, v);
        checkpoint_free(kept);
        CHECK(dmc_run(d, &pause, NULL, r, &err) == ST_OK);
        kept = checkpoint_new();
        dmc_keep(d, kept);
        dmc_free(d);
        if (!r->stopped || pieces == 1000) {
            checkpoint_free(kept);
            return pieces;
        }
    }
}

/* 3/Ha to settle and 8/Ha measured */
static void runs_go_on_after_every_piece_and_pieces_are_short(void)
{
    const double tau = 0.04;
    struct wavefunction *psi = cell_case();
    struct vmc_settings vs = {.seed = 1, .frame = 1, .walkers = 128};
    struct dmc_settings set = {.seed = 1, .frame = 1, .timesteps = 1, .timestep = &tau};
    struct dmc_result whole, parts;
    struct err err = {0};
    set.samples = (long)(8 * vs.walkers / tau);
    CHECK(run(psi, vs.walkers, &set, &whole, &err) == ST_OK);
    struct vmc *v = vmc_new(psi, &vs, &err);
    vmc_warm(v, 60, true);
    const int pieces = run_in_pieces(v, &set, &parts);
    printf("%d pieces, energy %.17g %.17g\n", pieces, whole.limit.energy, parts.limit.energy);
    CHECK(pieces >= 5 && pieces <= 20);
    CHECK(whole.samples == parts.samples && whole.limit.energy == parts.limit.energy &&
          whole.limit.error == parts.limit.error);
    dmc_result_free(&whole);
    dmc_result_free(&parts);
    vmc_free(v);
    wavefunction_free(psi);
}

static const struct check_case cases[] = {
    {"proposals_are_drawn_from_their_density", proposals_are_drawn_from_their_density},
    {"moves_alone_sample_psi_squared", moves_alone_sample_psi_squared},
    {"hydrogen_atom_is_exact", hydrogen_atom_is_exact},
    {"energy_behind_an_exact_node_is_exact", energy_behind_an_exact_node_is_exact},
    {"walkers_never_cross_a_node", walkers_never_cross_a_node},
    {"hydrogen_molecule_is_exact", hydrogen_molecule_is_exact},
    {"hydrogen_anion_is_exact", hydrogen_anion_is_exact},
    {"fewest_blocks_enlarge_the_error_bar", fewest_blocks_enlarge_the_error_bar},
    {"few_walkers_give_the_energy_of_many", few_walkers_give_the_energy_of_many},
    {"molecules_far_apart_keep_their_energy", molecules_far_apart_keep_their_energy},
    {"error_bars_are_calibrated", error_bars_are_calibrated},
    {"error_bars_that_stop_a_run_are_calibrated", error_bars_that_stop_a_run_are_calibrated},
    {"results_depend_on_the_seed_and_not_on_threads",
     results_depend_on_the_seed_and_not_on_threads},
    {"rejections_in_a_row_are_counted", rejections_in_a_row_are_counted},
    {"lost_populations_are_an_error", lost_populations_are_an_error},
    {"extrapolation_takes_the_order_that_the_energies_demand",
     extrapolation_takes_the_order_that_the_energies_demand},
    CHECK_CASE(runs_go_on_after_every_piece_and_pieces_are_short),
    {NULL, NULL}};

int main(int argc, char **argv)
{
    return check_main(argc, argv, cases);
}
