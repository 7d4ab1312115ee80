/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Structure factor of the electrons and what follows from it. */
#include <stdlib.h>
#include "base/mem.h"
#include "check.h"
#include "crystal/ewald.h"
#include "hydrogen.h"
#include "qmc/structure_parts.h"

static const double exponent = 1.1;
static const double centre[2][3] = {{0.1, 0.2, 0}, {0.9, -0.3, 0.6}};

/* One s Gaussian on each of two protons, `up` and `down` electrons, in a skewed cell so large that images
 * of the orbitals do not overlap (1e-9) */
static struct wavefunction *gaussians(int up, int down)
{
    const double cell[3][3] = {{7.7, 0, 0}, {0.9, 8.1, 0}, {-0.6, 0.8, 7.9}};
    const double k[1][3] = {{0}}, one = 1, *e[1] = {&exponent}, *c[1] = {&one};
    const double c_orbital[4] = {1, 0, 0, 1};
    const int l[1] = {0}, primitives[1] = {1};
    struct err err;
    struct basis *b = basis_new("test", 1, 1, l, primitives, e, c);
    struct system *s = hydrogen_at(2, centre, cell);
    struct wavefunction *psi = wavefunction_new(s, b, 1, k, 2, c_orbital, up, down, &err);
    basis_free(b);
    system_free(s);
    return psi;
}

struct sampled {
    struct wavefunction *psi;
    struct vmc *v;
    struct structure *s;
    struct vmc_result r;
};

static struct sampled sample(struct wavefunction *psi, double cutoff, long samples)
{
    struct vmc_settings set = {.seed = 3, .frame = 1, .walkers = 64, .samples = samples};
    struct err err = {0};
    struct sampled a = {.psi = psi};
    a.v = vmc_new(psi, &set, &err);
    vmc_warm(a.v, 60, true);
    a.s = structure_new(psi, vmc_batches(a.v), cutoff, &err);
    struct vmc_observer o = structure_observer(a.s);
    CHECK(vmc_run(a.v, &o, NULL, NULL, &a.r, &err) == ST_OK);
    return a;
}

static void sampled_free(struct sampled *a)
{
    vmc_result_free(&a->r);
    structure_free(a->s);
    vmc_free(a->v);
    wavefunction_free(a->psi);
}

/* <a| exp(i G.r) |b> of orthonormal combinations, for the Gaussians with overlap s: their sum and difference */
static void transition(const double g[3], int a, int b, double out[2])
{
    double r2 = 0, g2 = 0, c[2] = {1, a ? -1 : 1}, d[2] = {1, b ? -1 : 1};
    for (int x = 0; x < 3; x++) {
        r2 += pow(centre[1][x] - centre[0][x], 2);
        g2 += g[x] * g[x];
    }
    double s = exp(-exponent * r2 / 2), norm = 2 * sqrt((1 + c[1] * s) * (1 + d[1] * s));
    out[0] = out[1] = 0;
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++) {
            double phase = 0, w = c[i] * d[j] * (i == j ? 1 : s) * exp(-g2 / (8 * exponent)) / norm;
            for (int x = 0; x < 3; x++)
                phase += g[x] * (centre[i][x] + centre[j][x]) / 2;
            out[0] += w * cos(phase);
            out[1] += w * sin(phase);
        }
}

/* Determinants alone: S(G) = 1 - 1/N sum over spins and occupied a, b of |<a| exp(i G.r) |b>|^2 */
static double exact_structure(const double g[3], int up, int down)
{
    double sum = 0;
    for (int a = 0; a < 2; a++)
        for (int b = 0; b < 2; b++) {
            double m[2];
            transition(g, a, b, m);
            int times = (a < up && b < up) + (a < down && b < down);
            sum += times * (m[0] * m[0] + m[1] * m[1]);
        }
    return 1 - sum / (up + down);
}

static void determinants_have_the_structure_factor_of_their_orbitals(void)
{
    for (int down = 0; down <= 2; down += 2) {
        struct sampled a = sample(gaussians(2, down), 2.6, 60000);
        struct structure_shell *shell = mem_new(structure_shells(a.s), sizeof *shell);
        structure_evaluate(a.s, &(struct structure_samples){vmc_series(a.v), vmc_discard(a.v)},
                           shell);
        double chi2 = 0;
        for (int k = 0; k < a.s->shells; k++) {
            double exact = exact_structure(a.s->wave[a.s->first[k]].g, 2, down);
            CHECK(shell[k].vectors == 1); /* skewed */
            CHECK(shell[k].s_error < 0.03 * exact + 0.004);
            CHECK_NEAR(shell[k].s, exact, 5 * shell[k].s_error);
            chi2 += pow((shell[k].s - exact) / shell[k].s_error, 2) / a.s->shells;
        }
        CHECK(a.s->shells > 30 && chi2 > 0.4 && chi2 < 2);
        free(shell);
        sampled_free(&a);
    }
}

/* <V_ee> = 2 pi/V sum_G (<|rho|^2> - N)/G^2 + N v_M/2: of smooth orbitals the sum converges like a Gaussian. */
static void electron_repulsion_is_the_sum_over_the_structure_factor(void)
{
    struct sampled a = sample(gaussians(2, 2), 7, 10000);
    struct ewald *e = ewald_new((const double(*)[3])a.psi->system->cell);
    const double origin[1][3] = {{0}}, charge[1] = {1};
    double sum = 4 * ewald_energy(e, 1, origin, charge, NULL, NULL);
    double volume = system_volume(a.psi->system);
    for (int g = 0; g < a.s->waves; g++)
        sum += 4 * M_PI / volume * (a.r.observed[STRUCTURE_DENSITY * g + 2] - 4) /
               pow(a.s->wave[g].length, 2);
    CHECK(a.s->waves > 900);
    CHECK_NEAR(a.r.ee, sum, 4 * a.r.ee_error);
    CHECK(a.r.ee_error < 0.01 * a.r.ee + 0.01);
    ewald_free(e);
    sampled_free(&a);
}

/* Localised electrons that do not interact: S/G^2 -> 1/(4 a) per electron, so V = pi N / (2 a V_cell). */
static void finite_size_energy_is_that_of_the_dipole(void)
{
    struct sampled a = sample(gaussians(1, 0), 2.6, 60000);
    struct finite_size f;
    struct err err = {0};
    const struct structure_samples samples = {vmc_series(a.v), vmc_discard(a.v)};
    CHECK(structure_finite_size(a.s, &samples, &f, &err) == ST_OK);
    double exact = M_PI / (2 * exponent * system_volume(a.psi->system));
    CHECK_NEAR(f.potential, exact, 4 * f.potential_error);
    CHECK(f.potential_error < 0.03 * exact);
    CHECK(f.kinetic == 0 && f.kinetic_error == 0 && f.energy == f.potential);
    CHECK_NEAR(f.plasmon, sqrt(M_PI / system_volume(a.psi->system)), 1e-12);
    sampled_free(&a);
}

/* J without what one electron alone would have */
static double two_body(const struct structure *s, const double pos[][3])
{
    double value, one, gradient[4][3], laplacian[4];
    struct jastrow_work *work = jastrow_work_new(s->psi->jastrow, 1);
    jastrow_all(s->psi->jastrow, work, 1, pos, &value, gradient, laplacian);
    for (int i = 0; i < s->psi->electrons; i++) {
        jastrow_all(s->alone, s->work[0], 1, pos + i, &one, gradient, laplacian);
        value -= one;
    }
    jastrow_work_free(work);
    return value;
}

/* Re A is the derivative of J_2 when every electron moves along G sin(G.r), Im A along -G cos(G.r). */
static void response_is_a_derivative_of_the_jastrow_factor(void)
{
    struct wavefunction *psi = gaussians(2, 2);
    struct err err;
    wavefunction_set_jastrow(psi, jastrow_start(psi->system, 2, 2));
    struct structure *s = structure_new(psi, 1, 0, &err);
    struct vmc_observer o = structure_observer(s);
    struct walkers *w = walkers_new(psi, 0, 1);
    struct rng rng;
    double *out = MEM_NEW(double, o.size);
    const double h = 1e-5;
    rng_start(&rng, 3, RNG_TEST, 9, 0, 0);
    walkers_place(w, 0, &rng);
    CHECK(walkers_refresh(w) < 0);
    walkers_measure(w);
    o.measure(o.context, w, out);
    CHECK(s->responses >= 3);
    for (int q = 0; q < 2 * s->responses; q++) {
        const struct wave *g = &s->wave[q / 2];
        double moved[2][4][3];
        for (int i = 0; i < 4; i++) {
            double phase = 0;
            for (int x = 0; x < 3; x++)
                phase += g->g[x] * w->pos[i][x];
            for (int x = 0; x < 3; x++) {
                double step = h * g->g[x] * (q % 2 ? -cos(phase) : sin(phase));
                moved[0][i][x] = w->pos[i][x] - step;
                moved[1][i][x] = w->pos[i][x] + step;
            }
        }
        double slope = (two_body(s, (const double(*)[3])moved[1]) -
                        two_body(s, (const double(*)[3])moved[0])) /
                       (2 * h);
        CHECK_NEAR(out[STRUCTURE_DENSITY * s->waves + STRUCTURE_RESPONSE * (q / 2) + q % 2], slope,
                   1e-6);
    }
    free(out);
    walkers_free(w);
    structure_free(s);
    wavefunction_free(psi);
}

static const struct check_case cases[] = {
    {"determinants_have_the_structure_factor_of_their_orbitals",
     determinants_have_the_structure_factor_of_their_orbitals},
    {"electron_repulsion_is_the_sum_over_the_structure_factor",
     electron_repulsion_is_the_sum_over_the_structure_factor},
    {"finite_size_energy_is_that_of_the_dipole", finite_size_energy_is_that_of_the_dipole},
    {"response_is_a_derivative_of_the_jastrow_factor",
     response_is_a_derivative_of_the_jastrow_factor},
    {NULL, NULL}};

int main(int argc, char **argv)
{
    return check_main(argc, argv, cases);
}
