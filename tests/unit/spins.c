/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any numbers of electrons of either spin. */
#include <stdlib.h>
#include "base/mem.h"
#include "check.h"
#include "hydrogen.h"
#include "maths/linalg.h"
#include "qmc/optimise.h"

static const double gamma_point[1][3] = {{0}};

/* Abscissa and weight k of Gauss-Legendre quadrature with n points on [-1, 1], by Newton's method */
static void legendre(int n, int k, double *x, double *w)
{
    double p = 0, last, slope = 1, at = cos(M_PI * (k + 0.75) / (n + 0.5));
    for (int i = 0; i < 40; i++) {
        p = 1, last = 0;
        for (int l = 1; l <= n; l++) {
            double next = ((2 * l - 1) * at * p - (l - 1) * last) / l;
            last = p;
            p = next;
        }
        slope = n * (at * p - last) / (at * at - 1);
        at -= p / slope;
    }
    *x = at;
    *w = 2 / ((1 - at * at) * slope * slope);
}

/* One electron and two protons on the z axis: H and S of the basis by quadrature in prolate spheroidal
 * coordinates, in which the integrand has no singularity: r_a + r_b = R xi, r_a - r_b = R eta. */
static void one_electron(const struct ao *ao, double bond, double *h, double *s)
{
    enum { XI = 60, ETA = 30, PHI = 8 }; /* phi exact for d functions */
    int n = ao_functions(ao);
    double *chi = MEM_NEW(double, 4 * n);
    for (int i = 0; i < XI * ETA * PHI; i++) {
        double t, wt, eta, we, phi = 2 * M_PI * (i % PHI + 0.5) / PHI;
        legendre(XI, i / (ETA * PHI), &t, &wt);
        legendre(ETA, i / PHI % ETA, &eta, &we);
        double xi = 1 + 8 * (1 + t) * (1 + t) / bond, half = bond / 2;
        double rho = half * sqrt((xi * xi - 1) * (1 - eta * eta));
        double r[1][3] = {{rho * cos(phi), rho * sin(phi), half * (1 + xi * eta)}};
        double weight = wt * 16 * (1 + t) / bond * we * 2 * M_PI / PHI * half * half * half *
                        (xi * xi - eta * eta);
        double potential = -1 / (half * (xi + eta)) - 1 / (half * (xi - eta));
        ao_eval(ao, AO_GRADIENT, 1, (const double(*)[3])r, chi);
        for (int a = 0; a < n; a++)
            for (int b = 0; b < n; b++) {
                double slopes = chi[n + a] * chi[n + b] + chi[2 * n + a] * chi[2 * n + b] +
                                chi[3 * n + a] * chi[3 * n + b];
                h[a * n + b] += weight * (slopes / 2 + potential * chi[a] * chi[b]);
                s[a * n + b] += weight * chi[a] * chi[b];
            }
    }
    free(chi);
}

static struct wavefunction *hydrogen_ion(double bond, double *orbital_energy)
{
    struct err err = {0};
    struct system *s = hydrogen_at(2, (const double[2][3]){{0}, {0, 0, bond}}, NULL);
    struct basis *b = basis_builtin("h-tz", &err);
    struct ao *ao = ao_new(s, b, 1, gamma_point, &err);
    int n = ao_functions(ao);
    double *h = MEM_NEW(double, n *n), *overlap = MEM_NEW(double, n *n), *e = MEM_NEW(double, n);
    one_electron(ao, bond, h, overlap);
    CHECK(linalg_eigen_general(n, h, overlap, e, &err) == ST_OK);
    *orbital_energy = e[0] + 1 / bond;
    struct wavefunction *psi = wavefunction_new(s, b, 1, gamma_point, 1, h, 1, 0, &err);
    free(h);
    free(overlap);
    free(e);
    ao_free(ao);
    basis_free(b);
    system_free(s);
    return psi;
}

static struct vmc_result sample(struct wavefunction *psi, bool optimise,
                                const struct vmc_observer *observer, long samples)
{
    struct vmc_settings set = {.seed = 1, .frame = 1, .walkers = 128, .samples = samples};
    struct optimise_settings o = {.iterations = 12, .samples = 20000, .variance = 1.0};
    struct optimise_report report;
    struct vmc_result r;
    struct err err = {0};
    struct vmc *v = vmc_new(psi, &set, &err);
    CHECK(v != NULL);
    vmc_warm(v, 60, true);
    if (optimise)
        CHECK(optimise_jastrow(1, &psi, &v, &o, NULL, &report, &err) == ST_OK);
    CHECK(vmc_run(v, observer, NULL, NULL, &r, &err) == ST_OK);
    vmc_free(v);
    return r;
}

/* Exact: -0.5699835281 and -0.6026342145 Ha */
static void ion_is_nearly_exact(double bond, double exact)
{
    double orbital;
    struct wavefunction *psi = hydrogen_ion(bond, &orbital);
    struct vmc_result bare = sample(psi, false, NULL, 100000);
    CHECK(orbital > exact && orbital < exact + 2e-3); /* basis error of h-tz */
    CHECK_NEAR(bare.energy.mean, orbital, 4 * bare.energy.error);
    CHECK(bare.energy.error < 6e-3);
    wavefunction_set_jastrow(psi, jastrow_start(psi->system, 1, 0));
    struct vmc_result r = sample(psi, true, NULL, 1000000);
    printf("R %.1f: orbital %.6f, E %.6f(%.6f), exact %.6f, variance %.2e\n", bond, orbital,
           r.energy.mean, r.energy.error, exact, r.energy.variance);
    CHECK(r.energy.mean < exact + 5e-4);
    CHECK(r.energy.mean > exact - 3 * r.energy.error);
    CHECK(r.energy.error < 1.2e-4);
    vmc_result_free(&bare);
    vmc_result_free(&r);
    wavefunction_free(psi);
}

static void hydrogen_ion_at_1_4_bohr(void)
{
    ion_is_nearly_exact(1.4, -0.5699835281);
}

static void hydrogen_ion_at_2_bohr(void)
{
    ion_is_nearly_exact(2.0, -0.6026342145);
}

/* 1/2 sum |grad ln Psi|^2 and the local kinetic energy */
static void two_kinetic_energies(void *context, const struct walkers *w, double out[])
{
    (void)context;
    for (int k = 0; k < w->n; k++) {
        out[k] = -w->kinetic[k];
        for (int i = 0; i < w->psi->electrons; i++)
            for (int x = 0; x < 3; x++)
                out[k] += pow(w->velocity[k * w->psi->electrons + i][x], 2) / 2;
    }
}

/* A skewed cell of 4 atoms, two twists, random orbitals: by partial integration the means are equal. */
static void both_kinetic_energies_agree_for_any_spins(void)
{
    const double cell[3][3] = {{5.1, 0, 0}, {0.9, 5.6, 0}, {-0.6, 0.8, 4.9}};
    const double k[2][3] = {{0, 0, 0}, {0.5, 0, 0.5}};
    const double pos[4][3] = {{0.1, 0.2, 0}, {2.6, 2.3, 0.4}, {0.7, 2.9, 2.5}, {3.1, 0.3, 2.8}};
    const int spins[][2] = {{1, 0}, {2, 1}, {1, 2}, {3, 1}, {4, 1}, {4, 0}};
    struct vmc_observer observer = {1, two_kinetic_energies, NULL};
    struct err err = {0};
    struct basis *b = basis_builtin("h-dz", &err);
    struct system *s = hydrogen_at(4, pos, cell);
    struct rng rng;
    rng_start(&rng, 8, RNG_TEST, 10, 0, 0);
    int functions = 4 * b->functions;
    double *c = MEM_NEW(double, 2 * 4 * functions);
    for (int i = 0; i < 8 * functions; i++)
        c[i] = rng_uniform(&rng) - 0.5;
    for (int i = 0; i < 6; i++) {
        int up = spins[i][0], down = spins[i][1];
        struct wavefunction *psi = wavefunction_new(s, b, 2, k, 4, c, up, down, &err);
        wavefunction_set_jastrow(psi, jastrow_start(s, up, down));
        struct vmc_result r = sample(psi, false, &observer, 20000);
        CHECK_NEAR(r.observed[0], 0, 4 * r.observed_error[0]);
        CHECK(r.observed_error[0] < 0.1 * r.kinetic);
        vmc_result_free(&r);
        wavefunction_free(psi);
    }
    free(c);
    system_free(s);
    basis_free(b);
}

static const struct check_case cases[] = {
    {"hydrogen_ion_at_1_4_bohr", hydrogen_ion_at_1_4_bohr},
    {"hydrogen_ion_at_2_bohr", hydrogen_ion_at_2_bohr},
    {"both_kinetic_energies_agree_for_any_spins", both_kinetic_energies_agree_for_any_spins},
    {NULL, NULL}};

int main(int argc, char **argv)
{
    return check_main(argc, argv, cases);
}
