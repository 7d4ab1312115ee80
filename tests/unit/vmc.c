/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Variational Monte Carlo: trial function, moves, local energy, error bars, optimiser. */
#include <stdlib.h>
#include "base/mem.h"
#include "base/threads.h"
#include "check.h"
#include "crystal/ewald.h"
#include "hydrogen.h"
#include "qmc/optimise.h"
#include "qmc/scratch.h"
#include "qmc/slater.h"

static const double gamma_point[1][3] = {{0, 0, 0}};

/* s functions with these exponents, uncontracted */
static struct basis *s_basis(int n, const double exponent[])
{
    static const double one = 1;
    const double *e[8], *c[8];
    int l[8], primitives[8];
    for (int i = 0; i < n; i++) {
        e[i] = &exponent[i];
        c[i] = &one;
        l[i] = 0;
        primitives[i] = 1;
    }
    return basis_new("test", 1, n, l, primitives, e, c);
}

static double random_in(struct rng *rng, double low, double high)
{
    return low + (high - low) * rng_uniform(rng);
}

/* A skewed cell of 4 atoms with h-tz orbitals of random coefficients at two twists */
static struct wavefunction *periodic_case(struct rng *rng)
{
    const double cell[3][3] = {{5.1, 0, 0}, {0.9, 5.6, 0}, {-0.6, 0.8, 4.9}};
    const double k[2][3] = {{0, 0, 0}, {0.5, 0, 0.5}};
    const double pos[4][3] = {{0.1, 0.2, 0}, {2.6, 2.3, 0.4}, {0.7, 2.9, 2.5}, {3.1, 0.3, 2.8}};
    struct err err;
    struct system *s = hydrogen_at(4, pos, NULL);
    struct basis *b = basis_builtin("h-tz", &err);
    s->periodic = true;
    memcpy(s->cell, cell, sizeof cell);
    int functions = 4 * b->functions;
    double *c = MEM_NEW(double, 2 * 2 * functions);
    for (int i = 0; i < 4 * functions; i++)
        c[i] = random_in(rng, -1, 1);
    struct wavefunction *psi = wavefunction_new(s, b, 2, k, 2, c, 2, 2, &err);
    struct jastrow *j = jastrow_start(s, 2, 2);
    double p[128]; /* no term is zero */
    memcpy(p, jastrow_parameters(j), (size_t)jastrow_count(j) * sizeof *p);
    for (int i = jastrow_cutoffs(j); i < jastrow_count(j); i++)
        p[i] += 0.02 * sin(i);
    jastrow_set(j, p, NULL);
    wavefunction_set_jastrow(psi, j);
    free(c);
    basis_free(b);
    system_free(s);
    return psi;
}

static struct wavefunction *atoms_case(int n, const double pos[][3], int functions,
                                       const double exponent[], int orbitals, const double c[],
                                       int up, int down)
{
    struct err err = {0};
    struct system *s = hydrogen_at(n, pos, NULL);
    struct basis *b = s_basis(functions, exponent);
    struct wavefunction *psi = wavefunction_new(s, b, 1, gamma_point, orbitals, c, up, down, &err);
    if (!psi)
        printf("%s\n", err.text);
    basis_free(b);
    system_free(s);
    return psi;
}

static const double h2_pos[2][3] = {{0, 0, 0}, {0.3, 0, 1.37}}, h2_exponent[2] = {1.2, 0.23};
static const double h2_coefficient[4] = {0.41, 0.62, 0.41, 0.62};

static struct wavefunction *h2_case(void)
{
    return atoms_case(2, h2_pos, 2, h2_exponent, 1, h2_coefficient, 1, 1);
}

static void update_equals_inversion(void)
{
    enum { N = 7 };
    struct rng rng;
    double a[N * N], b[N * N], fresh[N * N], log_det, log_new;
    rng_start(&rng, 3, RNG_TEST, 1, 0, 0);
    for (int i = 0; i < N * N; i++)
        a[i] = random_in(&rng, -1, 1);
    CHECK(slater_invert(N, a, b, &log_det));
    for (int i = 0; i < N; i++) {
        for (int o = 0; o < N; o++)
            a[i * N + o] = random_in(&rng, -1, 1);
        double ratio = slater_dot(N, a + i * N, b + i * N);
        slater_update(N, b, i, a + i * N, ratio);
        CHECK(slater_invert(N, a, fresh, &log_new));
        CHECK_NEAR(log_new - log_det, log(fabs(ratio)), 1e-10);
        log_det = log_new;
        for (int k = 0; k < N * N; k++)
            CHECK_NEAR(b[k], fresh[k], 1e-8 * (1 + fabs(fresh[k])));
    }
    memset(a, 0, sizeof a);
    CHECK(!slater_invert(N, a, b, &log_det));
}

static double shifted(const struct wavefunction *psi, int twist, const double pos[][3], int i,
                      int x, double h)
{
    double r[8][3], value = NAN;
    memcpy(r, pos, psi->electrons * sizeof *r);
    r[i][x] += h;
    CHECK(wavefunction_log(psi, twist, (const double(*)[3])r, &value));
    return value;
}

static double largest_velocity(const struct walkers *w)
{
    double v = 1;
    for (int i = 0; i < 3 * w->n * w->psi->electrons; i++)
        v = fmax(v, fabs(w->velocity[i / 3][i % 3]));
    return v;
}

/* grad ln Psi and the kinetic energy against central differences of ln Psi (4th order), with steps that are
 * small beside the distance to the nearest node */
static void derivatives_of(const struct wavefunction *psi, int twist, struct rng *rng)
{
    struct walkers *w = walkers_new(psi, twist, 2);
    walkers_place(w, 0, rng);
    walkers_place(w, 1, rng);
    CHECK(walkers_refresh(w) < 0);
    walkers_measure(w);
    double v = largest_velocity(w), h = fmin(2e-3, 0.01 / v);
    for (int k = 0; k < 2; k++) {
        const double(*pos)[3] = (const double(*)[3])w->pos + k * psi->electrons;
        double kinetic = 0, now = shifted(psi, twist, pos, 0, 0, 0);
        for (int i = 0; i < psi->electrons; i++)
            for (int x = 0; x < 3; x++) {
                double p1 = shifted(psi, twist, pos, i, x, h),
                       m1 = shifted(psi, twist, pos, i, x, -h);
                double p2 = shifted(psi, twist, pos, i, x, 2 * h),
                       m2 = shifted(psi, twist, pos, i, x, -2 * h);
                double g = (8 * (p1 - m1) - (p2 - m2)) / (12 * h);
                double second = (16 * (p1 + m1) - (p2 + m2) - 30 * now) / (12 * h * h);
                CHECK_NEAR(w->velocity[k * psi->electrons + i][x], g, 2e-7 * (1 + v));
                kinetic -= (second + g * g) / 2;
            }
        CHECK_NEAR(w->kinetic[k], kinetic, 1e-5 * (1 + v * v));
    }
    walkers_free(w);
}

static void kinetic_energy_is_that_of_psi(void)
{
    struct rng rng;
    rng_start(&rng, 5, RNG_TEST, 2, 0, 0);
    struct wavefunction *psi = periodic_case(&rng);
    derivatives_of(psi, 0, &rng);
    derivatives_of(psi, 1, &rng);
    wavefunction_free(psi);
    psi = h2_case();
    wavefunction_set_jastrow(psi, jastrow_start(psi->system, 1, 1));
    derivatives_of(psi, 0, &rng);
    wavefunction_free(psi);
}

static void moves_keep_what_walkers_know(void)
{
    enum { W = 3 };
    struct rng rng, each[W];
    rng_start(&rng, 7, RNG_TEST, 3, 0, 0);
    struct wavefunction *psi = periodic_case(&rng);
    struct walkers *w = walkers_new(psi, 1, W);
    int accepted = 0, size = W * 8;
    double before[W * 8], energy[W];
    for (int k = 0; k < W; k++) {
        walkers_place(w, k, &rng);
        rng_start(&each[k], 7, RNG_TEST, 4, (uint64_t)k, 0);
    }
    CHECK(walkers_refresh(w) < 0);
    for (int sweep = 0; sweep < 20; sweep++)
        accepted += walkers_sweep(w, 0.2, each);
    CHECK(accepted > 40 && accepted < 20 * W * 4);
    walkers_measure(w);
    memcpy(before, w->inverse, size * sizeof *before);
    memcpy(energy, w->energy, sizeof energy);
    CHECK(walkers_refresh(w) < 0);
    walkers_measure(w);
    for (int k = 0; k < size; k++)
        CHECK_NEAR(before[k], w->inverse[k], 1e-9 * (1 + fabs(w->inverse[k])));
    for (int k = 0; k < W; k++)
        CHECK_NEAR(energy[k], w->energy[k], 1e-8 * (1 + fabs(energy[k])));
    walkers_free(w);
    wavefunction_free(psi);
}

/* Drifts and ratios that overflow: electrons stay where they were, or go where there is a wave function. */
static void absurd_moves_are_rejected(void)
{
    enum { W = 3 };
    struct rng rng, each[W];
    rng_start(&rng, 7, RNG_TEST, 8, 0, 0);
    struct wavefunction *psi = periodic_case(&rng);
    struct walkers *w = walkers_new(psi, 1, W);
    double p[128];
    memcpy(p, jastrow_parameters(psi->jastrow), (size_t)jastrow_count(psi->jastrow) * sizeof *p);
    for (double size = 1e20; size < 1e300; size *= 1e20) {
        p[jastrow_cutoffs(psi->jastrow)] = size;
        CHECK(jastrow_set(psi->jastrow, p, NULL) == ST_OK);
        for (int k = 0; k < W; k++) {
            walkers_place(w, k, &rng);
            rng_start(&each[k], 7, RNG_TEST, 9, (uint64_t)k, 0);
        }
        CHECK(walkers_refresh(w) < 0);
        for (int sweep = 0; sweep < 20; sweep++)
            walkers_sweep(w, 0.2, each);
        for (int i = 0; i < 3 * W * psi->electrons; i++)
            CHECK(fabs(w->pos[i / 3][i % 3]) < 100);
    }
    walkers_free(w);
    wavefunction_free(psi);
}

/* The same batches by sweeps and measurements and by samples, the latter with sums kept from one to the next */
static void samples_equal(const struct wavefunction *psi, int twist, int walkers)
{
    struct walkers *w[2];
    struct rng rng[2][3];
    int accepted[2] = {0};
    for (int way = 0; way < 2; way++) {
        w[way] = walkers_new(psi, twist, walkers);
        for (int k = 0; k < walkers; k++) {
            rng_start(&rng[way][k], 11, RNG_TEST, 6, (uint64_t)k, 0);
            walkers_place(w[way], k, &rng[way][k]);
        }
        CHECK(walkers_refresh(w[way]) < 0);
    }
    for (int step = 0; step < 12; step++) {
        accepted[0] += walkers_sweep(w[0], 0.3, rng[0]);
        walkers_measure(w[0]);
        accepted[1] += walkers_sample(w[1], 0.3, rng[1], step % 5 > 0);
        CHECK(accepted[0] == accepted[1] && accepted[0] < 12 * walkers * psi->electrons);
        for (int k = 0; k < walkers * psi->electrons; k++)
            for (int x = 0; x < 3; x++) {
                CHECK_NEAR(w[0]->pos[k][x], w[1]->pos[k][x], 1e-10);
                CHECK_NEAR(w[0]->velocity[k][x], w[1]->velocity[k][x],
                           1e-9 * (1 + fabs(w[0]->velocity[k][x])));
            }
        for (int k = 0; k < walkers; k++)
            CHECK_NEAR(w[0]->energy[k], w[1]->energy[k], 1e-8 * (1 + fabs(w[0]->energy[k])));
    }
    CHECK(accepted[0] > 0);
    walkers_free(w[0]);
    walkers_free(w[1]);
}

static void samples_are_sweeps_and_measurements(void)
{
    const double h3_pos[3][3] = {{0, 0, 0}, {0.3, 0, 1.37}, {0.1, 0.4, 3.2}};
    const double h3_coefficient[12] = {0.41, 0.62, 0.4, 0.6, 0.3,  0.5,
                                       0.2,  0.5,  0.1, 0,   -0.4, -0.5};
    struct rng rng;
    rng_start(&rng, 7, RNG_TEST, 5, 0, 0);
    struct wavefunction *psi = periodic_case(&rng);
    samples_equal(psi, 1, 3);
    wavefunction_free(psi);
    psi = h2_case();
    samples_equal(psi, 0, 2);
    wavefunction_set_jastrow(psi, jastrow_start(psi->system, 1, 1));
    samples_equal(psi, 0, 3);
    wavefunction_free(psi);
    psi = atoms_case(3, h3_pos, 2, h2_exponent, 2, h3_coefficient, 2, 1);
    struct jastrow *j = jastrow_start_with(psi->system, 2, 1, true);
    double p[512];
    memcpy(p, jastrow_parameters(j), (size_t)jastrow_count(j) * sizeof *p);
    for (int i = jastrow_cutoffs(j); i < jastrow_count(j); i++)
        p[i] += 0.02 * sin(i);
    jastrow_set(j, p, NULL);
    wavefunction_set_jastrow(psi, j);
    samples_equal(psi, 0, 2);
    wavefunction_free(psi);
    psi = atoms_case(1, h2_pos, 2, h2_exponent, 1, h2_coefficient, 1, 0);
    wavefunction_set_jastrow(psi, jastrow_start(psi->system, 1, 0));
    samples_equal(psi, 0, 2);
    wavefunction_free(psi);
}

/* All charges at once by crystal/ewald.h */
static double ewald_of_all(const struct system *s, int n, const double r[][3])
{
    struct ewald *e = ewald_new((const double(*)[3])s->cell);
    double pos[16][3], charge[16];
    for (int i = 0; i < n + s->n; i++) {
        memcpy(pos[i], i < n ? r[i] : s->pos[i - n], sizeof pos[i]);
        charge[i] = i < n ? -1 : s->element[i - n];
    }
    double energy = ewald_energy(e, n + s->n, (const double(*)[3])pos, charge, NULL, NULL);
    ewald_free(e);
    return energy;
}

static void coulomb_energy_is_the_ewald_sum(void)
{
    struct rng rng;
    struct coulomb_energy v;
    double r[6][3];
    rng_start(&rng, 9, RNG_TEST, 5, 0, 0);
    struct wavefunction *psi = periodic_case(&rng);
    for (int n = 3; n <= 6; n++) { /* charged cells too */
        struct coulomb *c = coulomb_new(psi->system, n);
        double *scratch = MEM_NEW(double, coulomb_scratch(c));
        for (int i = 0; i < 3 * n; i++)
            r[i / 3][i % 3] = random_in(&rng, -9, 9);
        coulomb_evaluate(c, 1, (const double(*)[3])r, scratch, &v);
        CHECK_NEAR(v.ee + v.en + v.nn, ewald_of_all(psi->system, n, (const double(*)[3])r),
                   2e-7 * n);
        CHECK_NEAR(v.nn, ewald_of_all(psi->system, 0, (const double(*)[3])r), 1e-6);
        free(scratch);
        coulomb_free(c);
    }
    wavefunction_free(psi);
}

static double inverse_distance(const double a[3], const double b[3])
{
    return 1 / sqrt(pow(a[0] - b[0], 2) + pow(a[1] - b[1], 2) + pow(a[2] - b[2], 2));
}

/* Many walkers, more than are taken together, against one pair after another */
static void coulomb_energy_of_open_boundaries(void)
{
    enum { WALKERS = 37, MOST = 4 };
    struct rng rng;
    static double r[WALKERS * MOST][3];
    struct coulomb_energy v[WALKERS];
    const double pos[3][3] = {{0.1, 0.2, 0}, {2.6, 2.3, 0.4}, {0.7, 2.9, 2.5}};
    rng_start(&rng, 10, RNG_TEST, 5, 0, 0);
    struct system *s = hydrogen_at(3, pos, NULL);
    s->element[1] = 2;
    for (int n = 1; n <= MOST; n++) {
        struct coulomb *c = coulomb_new(s, n);
        double *scratch = MEM_NEW(double, coulomb_scratch(c));
        for (int i = 0; i < 3 * n * WALKERS; i++)
            r[i / 3][i % 3] = random_in(&rng, -4, 4);
        coulomb_evaluate(c, WALKERS, (const double(*)[3])r, scratch, v);
        for (int w = 0; w < WALKERS; w++) {
            double ee = 0, en = 0, nn = 0;
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < i; j++)
                    ee += inverse_distance(r[w * n + i], r[w * n + j]);
                for (int a = 0; a < s->n; a++)
                    en -= s->element[a] * inverse_distance(r[w * n + i], s->pos[a]);
            }
            for (int a = 0; a < s->n; a++)
                for (int b = 0; b < a; b++)
                    nn += s->element[a] * s->element[b] * inverse_distance(s->pos[a], s->pos[b]);
            CHECK_NEAR(v[w].ee, ee, 1e-12 * (1 + ee));
            CHECK_NEAR(v[w].en, en, 1e-12 * (1 - en));
            CHECK_NEAR(v[w].nn, nn, 1e-12 * (1 + nn));
        }
        free(scratch);
        coulomb_free(c);
    }
    system_free(s);
}

/* Local energy of one configuration */
static double local_energy(const struct wavefunction *psi, const double pos[][3])
{
    struct walkers *w = walkers_new(psi, 0, 1);
    memcpy(w->pos, pos, psi->electrons * sizeof *w->pos);
    CHECK(walkers_refresh(w) < 0);
    walkers_measure(w);
    double energy = w->energy[0];
    walkers_free(w);
    return energy;
}

static void local_energy_is_finite_at_coalescences(void)
{
    struct wavefunction *psi = h2_case();
    wavefunction_set_jastrow(psi, jastrow_start(psi->system, 1, 1));
    double at_nucleus = NAN, at_electron = NAN;
    for (double d = 1e-2; d > 5e-7; d /= 10) {
        double n[2][3] = {{0.6 * d, 0.8 * d, 0}, {0.4, -0.3, 0.9}};
        double e[2][3] = {{0.4 - 0.8 * d, -0.3, 0.9 + 0.6 * d}, {0.4, -0.3, 0.9}};
        double en = local_energy(psi, (const double(*)[3])n),
               ee = local_energy(psi, (const double(*)[3])e);
        CHECK(fabs(en) < 50 && fabs(ee) < 50);
        if (d < 2e-3) {
            CHECK_NEAR(en, at_nucleus, 60 * d * 10);
            CHECK_NEAR(ee, at_electron, 60 * d * 10);
        }
        at_nucleus = en;
        at_electron = ee;
    }
    wavefunction_free(psi);
}

static void large_box_is_open_space(void)
{
    struct wavefunction *open = h2_case();
    const double r[2][3] = {{0.5, -0.4, 0.2}, {0.1, 0.6, 1.5}};
    double e_open = local_energy(open, r), last = HUGE_VAL;
    for (double box = 30; box <= 60; box *= 2) {
        struct err err;
        struct system *s = hydrogen_at(2, h2_pos, NULL);
        struct basis *b = s_basis(2, h2_exponent);
        s->periodic = true;
        for (int x = 0; x < 3; x++)
            s->cell[x][x] = box;
        struct wavefunction *psi =
            wavefunction_new(s, b, 1, gamma_point, 1, h2_coefficient, 1, 1, &err);
        double difference = fabs(local_energy(psi, r) - e_open);
        CHECK(difference < 10 / pow(box, 3) && difference < last / 4);
        last = difference;
        wavefunction_free(psi);
        basis_free(b);
        system_free(s);
    }
    wavefunction_free(open);
}

static void molecules_far_apart_do_not_feel_each_other(void)
{
    double pos[4][3],
        r[4][3] = {{0.5, -0.4, 0.2}, {0.1, 0.6, 300.5}, {0.1, 0.6, 1.5}, {-0.3, 0.2, 300.1}};
    double c[16] = {0}, single = 0;
    for (int a = 0; a < 4; a++) {
        memcpy(pos[a], h2_pos[a % 2], sizeof pos[a]);
        pos[a][2] += a / 2 * 300;
        memcpy(c + a / 2 * 8 + 2 * a, h2_coefficient, 2 * sizeof *c);
    }
    struct wavefunction *two = atoms_case(4, (const double(*)[3])pos, 2, h2_exponent, 2, c, 2, 2);
    struct wavefunction *one = h2_case();
    wavefunction_set_jastrow(one, jastrow_start(one->system, 1, 1));
    const double *p = jastrow_parameters(one->jastrow);
    wavefunction_set_jastrow(two, jastrow_new(two->system, 2, 2, jastrow_form(one->jastrow),
                                              jastrow_count(one->jastrow), p, NULL));
    for (int m = 0; m < 2; m++) {
        double own[2][3];
        for (int e = 0; e < 2; e++) {
            memcpy(own[e], r[2 * e + m], sizeof own[e]);
            own[e][2] -= m * 300;
        }
        single += local_energy(one, (const double(*)[3])own);
    }
    CHECK_NEAR(local_energy(two, (const double(*)[3])r), single, 1e-6);
    wavefunction_free(one);
    wavefunction_free(two);
}

/* Boys function F0(t) */
static double boys(double t)
{
    return t < 1e-10 ? 1 - t / 3 : sqrt(M_PI / t) / 2 * erf(sqrt(t));
}

struct gaussian {
    double a, c, r[3];
};

/* Gaussian product: exponent, centre; returns c1 c2 exp(-mu R^2) */
static double product(const struct gaussian *x, const struct gaussian *y, double *p,
                      double centre[3])
{
    double r2 = 0;
    *p = x->a + y->a;
    for (int k = 0; k < 3; k++) {
        centre[k] = (x->a * x->r[k] + y->a * y->r[k]) / *p;
        r2 += (x->r[k] - y->r[k]) * (x->r[k] - y->r[k]);
    }
    return x->c * y->c * exp(-x->a * y->a / *p * r2);
}

static double distance2(const double a[3], const double b[3])
{
    return (a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) +
           (a[2] - b[2]) * (a[2] - b[2]);
}

/* Closed-shell expectation values of one orbital of s Gaussians on h2_pos (Szabo & Ostlund, appendix A). */
static void expectation(int n, const struct gaussian g[], double *kinetic, double *en, double *ee)
{
    double norm = 0, t = 0, v = 0, u = 0, p, q, cp[3], cq[3];
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            double w = product(&g[i], &g[j], &p, cp), mu = g[i].a * g[j].a / p;
            double s = w * pow(M_PI / p, 1.5);
            norm += s;
            t += mu * (3 - 2 * mu * distance2(g[i].r, g[j].r)) * s;
            for (int a = 0; a < 2; a++)
                v -= w * 2 * M_PI / p * boys(p * distance2(cp, h2_pos[a]));
            for (int k = 0; k < n * n; k++) {
                double w2 = product(&g[k / n], &g[k % n], &q, cq);
                u += w * w2 * 2 * pow(M_PI, 2.5) / (p * q * sqrt(p + q)) *
                     boys(p * q / (p + q) * distance2(cp, cq));
            }
        }
    *kinetic = 2 * t / norm;
    *en = 2 * v / norm;
    *ee = u / (norm * norm);
}

static void h2_expectation(double *kinetic, double *en, double *ee)
{
    struct gaussian g[4];
    for (int i = 0; i < 4; i++) {
        double a = h2_exponent[i % 2];
        g[i] = (struct gaussian){a, h2_coefficient[i] * pow(2 * a / M_PI, 0.75), {0}};
        memcpy(g[i].r, h2_pos[i / 2], sizeof g[i].r);
    }
    expectation(4, g, kinetic, en, ee);
}

static struct vmc_result sample_h2(const struct wavefunction *psi, uint64_t seed, long samples)
{
    struct vmc_settings set = {.seed = seed, .frame = 1, .walkers = 64, .samples = samples};
    struct vmc_result r;
    struct err err;
    struct vmc *v = vmc_new(psi, &set, &err);
    vmc_warm(v, 60, true);
    CHECK(vmc_run(v, NULL, NULL, NULL, &r, &err) == ST_OK);
    vmc_free(v);
    return r;
}

static void without_jastrow_energies_are_those_of_the_orbitals(void)
{
    double kinetic, en, ee, nn = 1 / sqrt(distance2(h2_pos[0], h2_pos[1]));
    struct wavefunction *psi = h2_case();
    h2_expectation(&kinetic, &en, &ee);
    struct vmc_result r = sample_h2(psi, 11, 400000);
    CHECK_NEAR(r.kinetic, kinetic, 4 * r.kinetic_error);
    CHECK_NEAR(r.en, en, 4 * r.en_error);
    CHECK_NEAR(r.ee, ee, 4 * r.ee_error);
    CHECK_NEAR(r.nn, nn, 1e-12);
    CHECK_NEAR(r.energy.mean, kinetic + en + ee + nn, 4 * r.energy.error);
    CHECK(r.energy.error < 5e-3 && r.kinetic_error < 1e-2 && r.ee_error < 2e-3);
    vmc_result_free(&r);
    wavefunction_free(psi);
}

/* About their common mean, energies of 200 seeds scatter as their error bars say; runs as short as any that
 * --error ends, with cusps right (without, the tails of the local energy are too heavy for so few samples). */
static void error_bars_are_calibrated(void)
{
    enum { SEEDS = 200 };
    double energy[SEEDS], error[SEEDS], mean = 0, chi2 = 0;
    struct wavefunction *psi = h2_case();
    wavefunction_set_jastrow(psi, jastrow_start(psi->system, 1, 1));
    for (int seed = 0; seed < SEEDS; seed++) {
        struct vmc_result r = sample_h2(psi, (uint64_t)seed + 1, 4096);
        energy[seed] = r.energy.mean;
        error[seed] = r.energy.error;
        mean += r.energy.mean / SEEDS;
        vmc_result_free(&r);
    }
    for (int seed = 0; seed < SEEDS; seed++) {
        chi2 += pow((energy[seed] - mean) / error[seed], 2) / (SEEDS - 1);
        CHECK(error[seed] < 0.03);
    }
    printf("mean square of z: %.3f\n", chi2);
    CHECK_NEAR(chi2, 1, 3 * sqrt(2.0 / SEEDS));
    wavefunction_free(psi);
}

static void results_depend_on_the_seed_and_not_on_threads(void)
{
    struct wavefunction *psi = h2_case();
    double mean[3];
    for (int run = 0; run < 3; run++) {
        threads_set(run == 1 ? 2 : 1);
        struct vmc_result r = sample_h2(psi, run == 2 ? 22 : 21, 10000);
        mean[run] = r.energy.mean;
        vmc_result_free(&r);
    }
    CHECK(mean[0] == mean[1]);
    CHECK(mean[0] != mean[2]);
    wavefunction_free(psi);
}

static struct optimise_report optimise(struct wavefunction *psi, struct vmc **v, int samples)
{
    struct vmc_settings set = {.seed = 1, .frame = 1, .walkers = 128, .samples = 200000};
    struct optimise_settings o = {.iterations = 12, .samples = samples, .variance = 1.0};
    struct optimise_report report = {0};
    struct err err = {0};
    *v = vmc_new(psi, &set, &err);
    vmc_warm(*v, 60, true);
    CHECK(optimise_jastrow(1, &psi, v, &o, NULL, &report, &err) == ST_OK);
    return report;
}

/* Smooth orbital (no tight function): the Jastrow factor makes the cusp. */
static void hydrogen_atom_is_nearly_exact(void)
{
    const double pos[1][3] = {{0.2, -0.1, 0.3}}, exponent[3] = {0.4, 0.15, 0.06};
    const double c[3] = {0.40, 0.52, 0.14};
    struct wavefunction *psi = atoms_case(1, pos, 3, exponent, 1, c, 1, 0);
    wavefunction_set_jastrow(psi, jastrow_start(psi->system, 1, 0));
    struct vmc *v;
    struct vmc_result r;
    struct err err;
    optimise(psi, &v, 8000);
    CHECK(vmc_run(v, NULL, NULL, NULL, &r, &err) == ST_OK);
    CHECK_NEAR(r.energy.mean, -0.5, 4 * r.energy.error + 1e-4);
    CHECK(r.energy.error < 3e-4);
    CHECK(r.energy.variance < 1e-3);
    printf("E %.6f +- %.6f, variance %.2e\n", r.energy.mean, r.energy.error, r.energy.variance);
    vmc_result_free(&r);
    vmc_free(v);
    wavefunction_free(psi);
}

static void optimised_jastrow_lowers_energy_and_variance(void)
{
    struct wavefunction *psi = h2_case();
    double kinetic, en, ee, nn = 1 / sqrt(distance2(h2_pos[0], h2_pos[1]));
    wavefunction_set_jastrow(psi, jastrow_start(psi->system, 1, 1));
    struct vmc *v;
    struct optimise_report report = optimise(psi, &v, 4000);
    struct vmc_result r;
    struct err err;
    h2_expectation(&kinetic, &en, &ee);
    CHECK(report.variance < report.start_variance);
    CHECK(vmc_run(v, NULL, NULL, NULL, &r, &err) == ST_OK);
    CHECK(r.energy.mean < kinetic + en + ee + nn - 0.02);
    CHECK(r.energy.mean > -1.1744757142 - 4 * r.energy.error);
    CHECK(r.energy.variance < 0.1);
    vmc_result_free(&r);
    vmc_free(v);
    wavefunction_free(psi);
}

static void two_spins_and_their_limits(void)
{
    struct err err;
    int up, down;
    struct system *s = hydrogen_at(2, h2_pos, NULL);
    CHECK(wavefunction_spins(s, 0, -1, &up, &down, &err) == ST_OK && up == 1 && down == 1);
    CHECK(wavefunction_spins(s, 0, 2, &up, &down, &err) == ST_OK && up == 2 && down == 0);
    CHECK(wavefunction_spins(s, 0, 1, &up, &down, &err) == ST_DATA);
    CHECK(wavefunction_spins(s, 0, 4, &up, &down, &err) == ST_DATA);
    struct basis *b = s_basis(2, h2_exponent);
    CHECK(!wavefunction_new(s, b, 1, gamma_point, 1, h2_coefficient, 2, 0, &err) &&
          err.status == ST_DATA);
    basis_free(b);
    system_free(s);
}

static bool count_piece(void *context, struct vmc *v)
{
    (void)v;
    ++*(int *)context;
    return false;
}

/* A cell whose basis costs nothing beside the sums over waves and pairs: what a kill may cost is 64 sweeps, or 0.2 s
 * where these are faster. Ewald's sum alone, of hundreds of waves, makes more than 300 sweeps last longer than that. */
static void pieces_are_short_where_the_basis_is_small(void)
{
    static const double pos[4][3] = {
        {0.1, 0.2, 0}, {2.6, 2.3, 0.4}, {0.7, 2.9, 2.5}, {3.1, 0.3, 2.8}};
    static const double c[8] = {0.4, 0.3, 0.2, 0.1, 0.1, -0.2, 0.3, -0.4};
    struct vmc_settings set = {.seed = 1, .frame = 1, .walkers = 64, .samples = 64L * 640};
    int pieces = 0;
    struct vmc_pause pause = {count_piece, &pieces};
    struct vmc_result r;
    struct err err = {0};
    struct system *s = hydrogen_at(4, pos, NULL);
    struct basis *b = s_basis(1, (double[]){0.5});
    s->periodic = true;
    for (int d = 0; d < 3; d++)
        s->cell[d][d] = 5.3;
    struct wavefunction *psi = wavefunction_new(s, b, 1, gamma_point, 2, c, 2, 2, &err);
    wavefunction_set_jastrow(psi, jastrow_start(s, 2, 2));
    struct vmc *v = vmc_new(psi, &set, &err);
    vmc_warm(v, 20, true);
    CHECK(vmc_run(v, NULL, &pause, NULL, &r, &err) == ST_OK);
    printf("%d pieces of %ld sweeps\n", pieces, r.sweeps);
    CHECK(pieces >= 3 && pieces <= 10);
    vmc_result_free(&r);
    vmc_free(v);
    wavefunction_free(psi);
    basis_free(b);
    system_free(s);
}

static const struct check_case cases[] = {
    {"update_equals_inversion", update_equals_inversion},
    {"kinetic_energy_is_that_of_psi", kinetic_energy_is_that_of_psi},
    {"moves_keep_what_walkers_know", moves_keep_what_walkers_know},
    {"absurd_moves_are_rejected", absurd_moves_are_rejected},
    {"samples_are_sweeps_and_measurements", samples_are_sweeps_and_measurements},
    {"coulomb_energy_is_the_ewald_sum", coulomb_energy_is_the_ewald_sum},
    {"coulomb_energy_of_open_boundaries", coulomb_energy_of_open_boundaries},
    {"local_energy_is_finite_at_coalescences", local_energy_is_finite_at_coalescences},
    {"large_box_is_open_space", large_box_is_open_space},
    {"molecules_far_apart_do_not_feel_each_other", molecules_far_apart_do_not_feel_each_other},
    {"without_jastrow_energies_are_those_of_the_orbitals",
     without_jastrow_energies_are_those_of_the_orbitals},
    {"error_bars_are_calibrated", error_bars_are_calibrated},
    {"results_depend_on_the_seed_and_not_on_threads",
     results_depend_on_the_seed_and_not_on_threads},
    {"hydrogen_atom_is_nearly_exact", hydrogen_atom_is_nearly_exact},
    {"optimised_jastrow_lowers_energy_and_variance", optimised_jastrow_lowers_energy_and_variance},
    {"two_spins_and_their_limits", two_spins_and_their_limits},
    CHECK_CASE(pieces_are_short_where_the_basis_is_small),
    {NULL, NULL}};

int main(int argc, char **argv)
{
    return check_main(argc, argv, cases);
}
