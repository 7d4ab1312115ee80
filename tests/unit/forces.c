/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Forces and stress: the derivatives of local energy and ln|Psi| with respect to every nucleus, along
 * the space warp, and to a strain, against finite differences at fixed electrons; each ingredient alone.
 */
#include <stdlib.h>
#include "base/mem.h"
#include "base/rng.h"
#include "basis/ao_contract.h"
#include "crystal/ewald.h"
#include "maths/harmonics.h"
#include "maths/linalg.h"
#include "qmc/coulomb_gradient.h"
#include "qmc/forces.h"
#include "qmc/warp.h"
#include "tests/unit/check.h"

#define ATOMS 4
#define N 4
#define STEPS 8
#define H 5e-4

static const double step[STEPS] = {-4, -3, -2, -1, 1, 2, 3, 4};
static const double twists[2][3] = {{0, 0, 0}, {0.5, 0, 0.5}};

/* Central difference of order H^8 */
static double slope(const double f[STEPS])
{
    return (672 * (f[4] - f[3]) - 168 * (f[5] - f[2]) + 32 * (f[6] - f[1]) - 3 * (f[7] - f[0])) /
           (840 * H);
}

static void scatter(int n, double pos[][3], uint64_t seed, double size)
{
    struct rng rng;
    rng_start(&rng, seed, RNG_TEST, 0, 0, 0);
    for (int i = 0; i < n; i++)
        for (int x = 0; x < 3; x++)
            pos[i][x] = size * (rng_uniform(&rng) - 0.5);
}

enum kind { OPEN, TRICLINIC, RECTANGULAR }; /* in the last, diffuse shells go another way */

static struct system *hydrogens(enum kind kind)
{
    static const double cell[3][3] = {{5.3, 0, 0}, {0.9, 4.8, 0}, {-1.1, 0.7, 5.1}};
    static const double box[3][3] = {{5.3, 0, 0}, {0, 4.8, 0}, {0, 0, 5.1}};
    static const double pos[ATOMS][3] = {
        {0.1, 0.2, -0.1}, {1.5, 0.1, 0.3}, {-0.3, 2.1, 0.5}, {2.2, 1.9, 2.3}};
    struct system *s = system_new(ATOMS);
    s->periodic = kind != OPEN;
    if (s->periodic)
        memcpy(s->cell, kind == TRICLINIC ? cell : box, sizeof cell);
    memcpy(s->pos, pos, sizeof pos);
    for (int a = 0; a < ATOMS; a++)
        s->element[a] = 1;
    return s;
}

struct model {
    struct basis *basis;
    double coefficient[4096];
    int orbitals;
};

static struct model model_new(void)
{
    struct model m = {.basis = basis_builtin("h-tz", NULL), .orbitals = 2};
    double r[2048][3];
    scatter(1365, r, 31, 1);
    memcpy(m.coefficient, r, sizeof m.coefficient);
    for (int t = 0; t < 4; t++) /* bonding-like, and another s function */
        m.coefficient[t * ATOMS * m.basis->functions + (t % 2) * m.basis->functions] += 2;
    return m;
}

static struct wavefunction *wave(const struct system *s, const struct model *m, bool jastrow)
{
    struct wavefunction *psi = wavefunction_new(s, m->basis, s->periodic ? 2 : 1, twists,
                                                m->orbitals, m->coefficient, 2, 2, NULL);
    if (jastrow) { /* cut-offs below those of every strained cell */
        struct system *fixed = hydrogens(s->periodic); /* parameters do not follow the strain */
        struct jastrow *like = jastrow_start(fixed, 2, 2), *j = jastrow_start(s, 2, 2);
        double p[128];
        int n = jastrow_count(j);
        memcpy(p, jastrow_parameters(like), (size_t)n * sizeof *p);
        for (int k = 0; k < 6; k++) /* lengths */
            p[k] = fmin(p[k], 2.2 - 0.02 * k);
        for (int k = n - 63; k < n; k++) /* f and p */
            p[k] = 0.02 * sin(k);
        jastrow_free(like);
        system_free(fixed);
        jastrow_set(j, p, NULL);
        wavefunction_set_jastrow(psi, j);
    }
    return psi;
}

/* Of point charges; the exact Ewald sum in a cell */
static double potential(const struct system *s, const double r[][3], const double charge[])
{
    double sum = 0;
    if (s->periodic) {
        struct ewald *e = ewald_new((const double(*)[3])s->cell);
        sum = ewald_energy(e, N + ATOMS, r, charge, NULL, NULL);
        ewald_free(e);
    }
    for (int i = 0; i < N + ATOMS && !s->periodic; i++)
        for (int j = 0; j < i; j++)
            sum += charge[i] * charge[j] /
                   sqrt(pow(r[i][0] - r[j][0], 2) + pow(r[i][1] - r[j][1], 2) +
                        pow(r[i][2] - r[j][2], 2));
    return sum;
}

/*
 * Value, gradient and Laplacian of every function at r by plain sums over all images that matter: programs
 * end a function where it has fallen to 1e-10, and differences would see images come and go. With
 * R(r^2) = sum_p c_p exp(-a_p r^2): grad R S = R grad S + 2 R' d S, lap R S = (4 r^2 R'' + (4 l + 6) R') S.
 */
static void add_image(const struct shell *shell, const double d[3], double sign, double *out,
                      int stride)
{
    double solid[16], gradient[16][3], r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2], f[3] = {0};
    int l = shell->l;
    harmonics_solid(l, d, solid, gradient);
    for (int p = 0; p < shell->primitives; p++) {
        double a = shell->exponent[p], e = sign * shell->coefficient[p] * exp(-a * r2);
        f[0] += e;
        f[1] -= a * e;
        f[2] += a * a * e;
    }
    for (int m = 0; m <= 2 * l; m++) {
        double s = solid[l * l + m], *g = gradient[l * l + m];
        out[m] += f[0] * s;
        for (int x = 0; x < 3; x++)
            out[(1 + x) * stride + m] += f[0] * g[x] + 2 * f[1] * d[x] * s;
        out[4 * stride + m] += (4 * r2 * f[2] + (4 * l + 6) * f[1]) * s;
    }
}

static void exact_orbitals(const struct system *s, const struct basis *basis, const double k[3],
                           const double r[3], double *out)
{
    const int n = s->n * basis->functions, reach = s->periodic ? 4 : 0;
    const double far2 = 18 * 18; /* exp(-0.1089 r^2) = 5e-16 */
    memset(out, 0, 5 * (size_t)n * sizeof *out);
    for (int t = 0; t < (2 * reach + 1) * (2 * reach + 1) * (2 * reach + 1); t++) {
        int side = 2 * reach + 1;
        double T[3] = {t / side / side - reach, t / side % side - reach, t % side - reach};
        double sign = cos(2 * M_PI * (k[0] * T[0] + k[1] * T[1] + k[2] * T[2]));
        for (int a = 0; a < s->n; a++) {
            double d[3], r2 = 0;
            for (int x = 0; x < 3; x++) {
                d[x] = r[x] - s->pos[a][x];
                for (int i = 0; i < 3 && s->periodic; i++)
                    d[x] -= T[i] * s->cell[i][x];
                r2 += d[x] * d[x];
            }
            double *at = out + a * basis->functions;
            for (int b = 0; b < basis->shells && r2 < far2; at += 2 * basis->shell[b++].l + 1)
                add_image(&basis->shell[b], d, sign, at, n);
        }
    }
}

/* tr(A^-1 B) of both determinants, A_io = phi_o(r_i), B_io = -1/2 lap phi_o - g_i . grad phi_o, and ln|det A|. */
static double trace(const struct system *s, const struct model *m, int twist, const double r[][3],
                    const double g[][3], double *log_det)
{
    int n = s->n * m->basis->functions;
    double *out = MEM_NEW(double, 5 * n), sum = 0;
    *log_det = 0;
    for (int spin = 0; spin < 2; spin++) {
        double a[4], b[4], ln;
        for (int i = 0; i < 2; i++) {
            const double *at = g[2 * spin + i];
            exact_orbitals(s, m->basis, twists[twist], r[2 * spin + i], out);
            for (int o = 0; o < 2; o++) {
                const double *c = m->coefficient + (twist * m->orbitals + o) * n;
                a[2 * i + o] = b[2 * i + o] = 0;
                for (int f = 0; f < n; f++) {
                    a[2 * i + o] += c[f] * out[f];
                    b[2 * i + o] -= c[f] * (0.5 * out[4 * n + f] + at[0] * out[n + f] +
                                            at[1] * out[2 * n + f] + at[2] * out[3 * n + f]);
                }
            }
        }
        CHECK(linalg_invert(2, a, &ln, NULL, NULL) == ST_OK);
        *log_det += ln;
        for (int i = 0; i < 4; i++)
            sum += a[i] * b[2 * (i % 2) + i / 2];
    }
    free(out);
    return sum;
}

/* ln|Psi| and E_L of one configuration, with exact orbitals and Ewald sums. */
static void look(const struct system *s, const struct model *m, int twist, const double pos[][3],
                 double *log_psi, double *energy)
{
    struct wavefunction *psi = wave(s, m, true);
    struct jastrow_work *work = jastrow_work_new(psi->jastrow, 1);
    double r[N + ATOMS][3], charge[N + ATOMS], value, gradient[N][3], laplacian[N], log_det;
    jastrow_all(psi->jastrow, work, 1, pos, &value, gradient, laplacian);
    *energy = trace(s, m, twist, pos, (const double(*)[3])gradient, &log_det);
    *log_psi = log_det + value;
    for (int i = 0; i < N; i++)
        *energy -= 0.5 * (laplacian[i] + gradient[i][0] * gradient[i][0] +
                          gradient[i][1] * gradient[i][1] + gradient[i][2] * gradient[i][2]);
    memcpy(r, pos, N * sizeof *pos);
    memcpy(r + N, s->pos, ATOMS * sizeof *pos);
    for (int i = 0; i < N + ATOMS; i++)
        charge[i] = i < N ? -1 : 1;
    *energy += potential(s, (const double(*)[3])r, charge);
    jastrow_work_free(work);
    wavefunction_free(psi);
}

static void measure(const struct system *s, const struct model *m, int twist, bool warp,
                    const double pos[][3], double a[], double b[])
{
    struct forces_settings settings = {.warp = warp};
    struct wavefunction *psi = wave(s, m, true);
    struct walkers *w = walkers_new(psi, twist, 3); /* the one looked at is the last */
    struct forces *f = forces_new(psi, m->basis, twists, &settings, NULL);
    struct forces_scratch *scratch = forces_scratch_new(f, 3);
    int size = forces_components(f);
    double all_a[3 * 64], all_b[3 * 64], regular[3][2];
    scatter(3 * N, w->pos, 77, 5);
    memcpy(w->pos + 2 * N, pos, N * sizeof *pos);
    CHECK(walkers_refresh(w) < 0);
    walkers_measure(w);
    forces_measure(f, scratch, w, all_a, all_b, regular);
    memcpy(a, all_a + 2 * size, (size_t)size * sizeof *a);
    memcpy(b, all_b + 2 * size, (size_t)size * sizeof *b);
    CHECK(regular[2][0] == 1);
    forces_scratch_free(scratch);
    forces_free(f);
    walkers_free(w);
    wavefunction_free(psi);
}

static void compare(const char *what, int i, double x, double y, double relative)
{
    if (!(fabs(x - y) <= relative * (fabs(x) + 10))) { /* relative to the sizes that cancel */
        printf("%s %d: %.12g, finite difference %.12g\n", what, i, x, y);
        check_failures++;
    }
}

static void close_enough(const char *what, int i, double x, double y)
{
    compare(what, i, x, y, 1e-7);
}

static void nuclei(enum kind kind, int twist)
{
    struct system *s = hydrogens(kind);
    struct model m = model_new();
    double pos[N][3], a[64], b[64], f[STEPS], e[STEPS];
    scatter(N, pos, 141, 4);
    measure(s, &m, twist, false, (const double(*)[3])pos, a, b);
    for (int c = 0; c < 3 * ATOMS; c++) {
        double *x = &s->pos[c / 3][c % 3], old = *x;
        for (int k = 0; k < STEPS; k++) {
            *x = old + H * step[k];
            look(s, &m, twist, (const double(*)[3])pos, &f[k], &e[k]);
        }
        *x = old;
        close_enough("dE_L/dR", c, a[c], slope(e));
        close_enough("dln Psi/dR", c, b[c], slope(f));
    }
    basis_free(m.basis);
    system_free(s);
}

static void nuclei_open(void)
{
    nuclei(OPEN, 0);
}

static void nuclei_periodic(void)
{
    nuclei(TRICLINIC, 0);
}

static void nuclei_at_a_twist(void)
{
    nuclei(TRICLINIC, 1);
    nuclei(RECTANGULAR, 1);
}

/* Electrons go along with a nucleus; the divergence of the warp belongs to b. */
static void along_the_warp(void)
{
    struct system *s = hydrogens(TRICLINIC);
    struct model m = model_new();
    struct images im;
    double pos[N][3], moved[N][3], a[64], b[64], f[STEPS], e[STEPS], weight[N][ATOMS],
        grad[N][ATOMS][3];
    scatter(N, pos, 43, 4);
    images_start(&im, s);
    measure(s, &m, 1, true, (const double(*)[3])pos, a, b);
    for (int i = 0; i < N; i++)
        warp_weights(&im, ATOMS, (const double(*)[3])s->pos, pos[i], weight[i], grad[i]);
    for (int c = 0; c < 3 * ATOMS; c++) {
        double *x = &s->pos[c / 3][c % 3], old = *x, half = 0;
        for (int k = 0; k < STEPS; k++) {
            *x = old + H * step[k];
            memcpy(moved, pos, sizeof pos);
            for (int i = 0; i < N; i++)
                moved[i][c % 3] += weight[i][c / 3] * H * step[k];
            look(s, &m, 1, (const double(*)[3])moved, &f[k], &e[k]);
        }
        *x = old;
        for (int i = 0; i < N; i++)
            half += 0.5 * grad[i][c / 3][c % 3];
        close_enough("dE_L/dR", c, a[c], slope(e));
        close_enough("dln Psi/dR", c, b[c], slope(f) + half);
    }
    basis_free(m.basis);
    system_free(s);
}

static void stretch(int n, double r[][3], int t, double strain)
{
    for (int i = 0; i < n; i++)
        r[i][t / 3] += strain * r[i][t % 3];
}

static void along_a_strain_in(enum kind kind)
{
    struct system *s = hydrogens(kind);
    struct model m = model_new();
    double pos[N][3], a[64], b[64], f[STEPS], e[STEPS];
    scatter(N, pos, kind == TRICLINIC ? 44 : 141, 4); /* away from nodes */
    for (int twist = 0; twist < 2; twist++) {
        measure(s, &m, twist, true, (const double(*)[3])pos, a, b);
        for (int t = 0; t < 9; t++) {
            for (int k = 0; k < STEPS; k++) {
                struct system *c = system_copy(s);
                double moved[N][3];
                memcpy(moved, pos, sizeof pos);
                stretch(N, moved, t, H * step[k]);
                stretch(ATOMS, c->pos, t, H * step[k]);
                stretch(3, c->cell, t, H * step[k]);
                look(c, &m, twist, (const double(*)[3])moved, &f[k], &e[k]);
                system_free(c);
            }
            close_enough("dE_L/dstrain", t, a[3 * ATOMS + t], slope(e));
            close_enough("dln Psi/dstrain", t, b[3 * ATOMS + t], slope(f));
        }
    }
    basis_free(m.basis);
    system_free(s);
}

/* tr(A^-1 dB - X dA) at given g: what forces_measure makes of a walker whose grad ln Psi is grad ln D + g, without a
 * Jastrow factor and less the Coulomb gradients. */
static void measure_trace(const struct system *s, const struct model *m, int twist,
                          const double r[][3], const double g[][3], double a[])
{
    struct wavefunction *psi = wave(s, m, false);
    struct walkers *w = walkers_new(psi, twist, 1);
    struct forces *f = forces_new(psi, m->basis, twists, &(struct forces_settings){0}, NULL);
    struct forces_scratch *scratch = forces_scratch_new(f, 1);
    struct coulomb_gradient *c = coulomb_gradient_new(s, N);
    double b[64], regular[1][2], gradient[N + ATOMS][3], strain[3][3];
    double *work = MEM_NEW(double, coulomb_gradient_scratch(c));
    memcpy(w->pos, r, N * sizeof *r);
    CHECK(walkers_refresh(w) < 0);
    walkers_measure(w);
    for (int i = 0; i < 3 * N; i++)
        w->velocity[i / 3][i % 3] = w->slater[i / 3][i % 3] + g[i / 3][i % 3];
    forces_measure(f, scratch, w, a, b, regular);
    coulomb_gradient_eval(c, r, work, gradient, strain);
    for (int k = 0; k < 3 * ATOMS; k++)
        a[k] -= gradient[N + k / 3][k % 3];
    for (int k = 0; k < 9; k++)
        a[3 * ATOMS + k] -= strain[k / 3][k % 3];
    free(work);
    coulomb_gradient_free(c);
    forces_scratch_free(scratch);
    forces_free(f);
    walkers_free(w);
    wavefunction_free(psi);
}

static void trace_in(enum kind kind, int twist)
{
    struct system *s = hydrogens(kind);
    struct model m = model_new();
    double r[N][3], g[N][3], a[64], e[STEPS], none;
    scatter(N, r, 141, 4);
    scatter(N, g, 52, 1);
    measure_trace(s, &m, twist, (const double(*)[3])r, (const double(*)[3])g, a);
    for (int c = 0; c < 3 * ATOMS; c++) {
        double *x = &s->pos[c / 3][c % 3], old = *x;
        for (int k = 0; k < STEPS; k++) {
            *x = old + H * step[k];
            e[k] = trace(s, &m, twist, (const double(*)[3])r, (const double(*)[3])g, &none);
        }
        *x = old;
        close_enough("dtr(A^-1 B)/dR", c, a[c], slope(e));
    }
    for (int t = 0; t < 9 && s->periodic; t++) {
        for (int k = 0; k < STEPS; k++) {
            struct system *c = system_copy(s);
            double moved[N][3];
            memcpy(moved, r, sizeof r);
            stretch(N, moved, t, H * step[k]);
            stretch(ATOMS, c->pos, t, H * step[k]);
            stretch(3, c->cell, t, H * step[k]);
            e[k] = trace(c, &m, twist, (const double(*)[3])moved, (const double(*)[3])g, &none);
            system_free(c);
        }
        close_enough("dtr(A^-1 B)/dstrain", t, a[3 * ATOMS + t], slope(e));
    }
    basis_free(m.basis);
    system_free(s);
}

static void trace_formula(void)
{
    trace_in(OPEN, 0);
    trace_in(TRICLINIC, 1);
    trace_in(RECTANGULAR, 1);
}

static void along_a_strain(void)
{
    along_a_strain_in(TRICLINIC);
    along_a_strain_in(RECTANGULAR);
}

static void warp_weights_sum_to_one(void)
{
    for (int periodic = 0; periodic < 2; periodic++) {
        struct system *s = hydrogens(periodic);
        struct images im;
        double r[20][3], w[ATOMS], g[ATOMS][3], v[STEPS][ATOMS], none[ATOMS][3];
        images_start(&im, s);
        scatter(20, r, 45, 5);
        memcpy(r[0], s->pos[1], sizeof r[0]);
        for (int i = 0; i < 20; i++) {
            double sum = 0;
            warp_weights(&im, ATOMS, (const double(*)[3])s->pos, r[i], w, g);
            for (int x = 0; x < 3; x++) {
                double old = r[i][x];
                for (int k = 0; k < STEPS; k++) {
                    r[i][x] = old + H * step[k];
                    warp_weights(&im, ATOMS, (const double(*)[3])s->pos, r[i], v[k], none);
                }
                r[i][x] = old;
                for (int a = 0; a < ATOMS; a++)
                    close_enough("dw/dr", a, g[a][x],
                                 slope((double[STEPS]){v[0][a], v[1][a], v[2][a], v[3][a], v[4][a],
                                                       v[5][a], v[6][a], v[7][a]}));
            }
            for (int a = 0; a < ATOMS; a++)
                sum += w[a];
            CHECK_NEAR(sum, 1, 1e-14);
        }
        warp_weights(&im, ATOMS, (const double(*)[3])s->pos, s->pos[2], w, g);
        CHECK_NEAR(w[2], 1, 1e-14);
        CHECK_NEAR(g[2][0], 0, 1e-10);
        system_free(s);
    }
}

static void coulomb_is_ewald(void)
{
    struct system *s = hydrogens(TRICLINIC);
    struct coulomb_gradient *c = coulomb_gradient_new(s, 3); /* charged: the background counts */
    struct ewald *e = ewald_new((const double(*)[3])s->cell);
    double r[3 + ATOMS][3], q[3 + ATOMS] = {-1, -1, -1, 1, 1, 1, 1}, g[3 + ATOMS][3], strain[3][3];
    double exact[3 + ATOMS][3], exact_strain[3][3];
    double *scratch = MEM_NEW(double, coulomb_gradient_scratch(c));
    scatter(3, r, 46, 5);
    memcpy(r + 3, s->pos, ATOMS * sizeof *r);
    coulomb_gradient_eval(c, (const double(*)[3])r, scratch, g, strain);
    ewald_energy(e, 3 + ATOMS, (const double(*)[3])r, q, exact, exact_strain);
    for (int i = 0; i < 3 + ATOMS; i++)
        for (int x = 0; x < 3; x++)
            CHECK_NEAR(g[i][x], exact[i][x], 1e-7 * (1 + fabs(exact[i][x])));
    for (int t = 0; t < 9; t++)
        CHECK_NEAR(strain[t / 3][t % 3], exact_strain[t / 3][t % 3],
                   1e-7 * (1 + fabs(exact_strain[t / 3][t % 3])));
    free(scratch);
    ewald_free(e);
    coulomb_gradient_free(c);
    system_free(s);
}

/* A shell of every l up to f, against ao_eval and finite differences of what it gives. */
static void contracted(const struct ao *ao, int n, const double r[3], const double g[3],
                       const double q[], const double x[], double *l, double *e)
{
    double *out = MEM_NEW(double, 5 * n);
    ao_eval(ao, AO_LAPLACIAN, 1, (const double(*)[3])r, out);
    *l = *e = 0;
    for (int f = 0; f < n; f++) {
        *l += q[f] * out[f];
        *e += q[f] * (-0.5 * out[4 * n + f] - g[0] * out[n + f] - g[1] * out[2 * n + f] -
                      g[2] * out[3 * n + f]) -
              x[f] * out[f];
    }
    free(out);
}

static void contraction_in(enum kind kind)
{
    const double a[3] = {1.3, 0.4, 0.15}, c[3] = {0.3, 0.5, 0.4};
    const double *exponent[4] = {a, a + 1, a + 1, a}, *coefficient[4] = {c, c, c + 1, c};
    struct basis *b = basis_new("test", 1, 4, (const int[]){2, 0, 3, 1}, (const int[]){2, 2, 1, 3},
                                exponent, coefficient);
    struct system *s = hydrogens(kind);
    struct ao *ao = ao_new(s, b, 1, &twists[kind != OPEN], NULL);
    struct ao_contract *contract = ao_contract_new(s, b, twists[kind != OPEN], NULL);
    int n = ao_functions(ao);
    double q[64][3], x[64][3], r[2][3], g[2][3], lg[2 * ATOMS][3], eg[2 * ATOMS][3], f[STEPS],
        e[STEPS];
    double ls[2][9], es[2][9], two_q[128], two_x[128];
    struct ao_contract_sums sums = {lg, eg, ls, es};
    scatter(64, q, 47, 1);
    scatter(64, x, 48, 1);
    scatter(2, r, 49, 9);
    scatter(2, g, 50, 1);
    for (int k = 0; k < n; k++)
        for (int p = 0; p < 2; p++) {
            two_q[2 * k + p] = q[k][p];
            two_x[2 * k + p] = x[k][p];
        }
    ao_contract_eval(contract, 2, (const double(*)[3])r, (const double(*)[3])g, two_q, two_x,
                     &sums);
    for (int p = 0; p < 2; p++)
        for (int y = 0; y < 3; y++) {
            double old = r[p][y], lsum = 0, esum = 0, *qp = MEM_NEW(double, n),
                   *xp = MEM_NEW(double, n);
            for (int k = 0; k < n; k++)
                qp[k] = q[k][p], xp[k] = x[k][p];
            for (int k = 0; k < STEPS; k++) {
                r[p][y] = old + H * step[k];
                contracted(ao, n, r[p], g[p], qp, xp, &f[k], &e[k]);
            }
            r[p][y] = old;
            for (int i = 0; i < ATOMS; i++) {
                lsum += lg[p * ATOMS + i][y];
                esum += eg[p * ATOMS + i][y];
            }
            close_enough("sum of values", y, lsum, slope(f));
            close_enough("sum of energies", y, esum, slope(e));
            free(qp), free(xp);
        }
    ao_contract_free(contract);
    ao_free(ao);
    basis_free(b);
    system_free(s);
}

static void contraction_of_every_l(void)
{
    for (enum kind kind = OPEN; kind <= RECTANGULAR; kind++)
        contraction_in(kind);
}

/* What a smooth function loses near a node is of the fifth order: int (1 - f) x^(2 m) dx = 0 for m = 0, 1. */
static void damping_keeps_moments(void)
{
    enum { INTERVALS = 2000 };
    double moment[3] = {0};
    for (int i = 0; i < INTERVALS; i++) {
        double x = (i + 0.5) / INTERVALS, lost = 1 - forces_damping(1 / (x * x));
        for (int m = 0; m < 3; m++)
            moment[m] += lost * pow(x, 2 * m) / INTERVALS;
    }
    CHECK_NEAR(moment[0], 0,
               1e-5); /* the midpoint rule's error: f'(1-) = 0, so h^2 f''/24 and less */
    CHECK_NEAR(moment[1], 0, 1e-5);
    CHECK(fabs(moment[2]) < 0.03 && fabs(moment[2]) > 0.01);
    CHECK_NEAR(forces_damping(1.0001), 1, 1e-6);
    CHECK(forces_damping(0.9) == 1);
    CHECK_NEAR(forces_damping(1e10) * 1e10, 20, 1e-6);
}

static void nodes_are_damped(void)
{
    struct system *s = hydrogens(OPEN);
    struct model m = model_new();
    struct wavefunction *psi = wave(s, &m, true);
    struct forces_settings settings = {.warp = true, .epsilon = 0.05};
    struct forces *f = forces_new(psi, m.basis, twists, &settings, NULL);
    struct walkers *w = walkers_new(psi, 0, 1);
    struct forces_scratch *scratch = forces_scratch_new(f, 1);
    double a[64], b[64], regular[1][2];
    scatter(N, w->pos, 51, 3);
    memcpy(w->pos[1], w->pos[0], sizeof w->pos[1]);
    w->pos[1][0] += 1e-3; /* parallel electrons almost together */
    CHECK(walkers_refresh(w) < 0);
    walkers_measure(w);
    forces_measure(f, scratch, w, a, b, regular);
    CHECK(regular[0][0] > 0 && regular[0][0] < 0.1);
    CHECK(regular[0][1] > 0 && regular[0][1] < regular[0][0]);
    w->pos[1][0] += 1.2;
    CHECK(walkers_refresh(w) < 0);
    walkers_measure(w);
    forces_measure(f, scratch, w, a, b, regular);
    CHECK(regular[0][0] == 1);
    forces_scratch_free(scratch);
    walkers_free(w);
    forces_free(f);
    wavefunction_free(psi);
    basis_free(m.basis);
    system_free(s);
}

/* Twelve pairs of electrons far apart: every gradient is of the order of 1/bohr, and their number is no node. */
static void large_systems_are_not_damped(void)
{
    enum { PAIRS = 12 };
    struct system *s = system_new(PAIRS);
    struct basis *basis = basis_builtin("h-sz", NULL);
    double *c = MEM_NEW(double, PAIRS *PAIRS), gradient = 0, a[64], b[64], regular[1][2];
    for (int n = 0; n < PAIRS; n++) {
        s->pos[n][0] = 9.3 * n;
        s->element[n] = 1;
        c[n * PAIRS + n] = 1;
    }
    struct wavefunction *psi = wavefunction_new(s, basis, 1, twists, PAIRS, c, PAIRS, PAIRS, NULL);
    struct forces_settings settings = {.warp = true, .epsilon = 0.3};
    struct forces *f = forces_new(psi, basis, twists, &settings, NULL);
    struct forces_scratch *scratch = forces_scratch_new(f, 1);
    struct walkers *w = walkers_new(psi, 0, 1);
    for (int i = 0; i < 2 * PAIRS; i++) {
        w->pos[i][0] = s->pos[i % PAIRS][0] + 0.3;
        w->pos[i][1] = 0.9;
    }
    CHECK(walkers_refresh(w) < 0);
    walkers_measure(w);
    forces_measure(f, scratch, w, a, b, regular);
    for (int i = 0; i < 3 * PAIRS; i++)
        gradient += w->slater[i / 3][i % 3] * w->slater[i / 3][i % 3];
    CHECK(gradient > 1 / (0.3 * 0.3)); /* of one determinant: 1/|grad ln D| is below epsilon */
    CHECK(regular[0][0] == 1);
    walkers_free(w);
    forces_scratch_free(scratch);
    forces_free(f);
    wavefunction_free(psi);
    basis_free(basis);
    system_free(s);
    free(c);
}

static const struct check_case cases[] = {{"nuclei_open", nuclei_open},
                                          {"nuclei_periodic", nuclei_periodic},
                                          {"nuclei_twist", nuclei_at_a_twist},
                                          {"warp", along_the_warp},
                                          {"strain", along_a_strain},
                                          {"trace", trace_formula},
                                          {"large", large_systems_are_not_damped},
                                          {"weights", warp_weights_sum_to_one},
                                          {"coulomb", coulomb_is_ewald},
                                          {"contraction", contraction_of_every_l},
                                          {"nodes", nodes_are_damped},
                                          {"moments", damping_keeps_moments},
                                          {0}};

int main(int argc, char **argv)
{
    return check_main(argc, argv, cases);
}
