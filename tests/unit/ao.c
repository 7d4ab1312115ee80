/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include "base/rng.h"
#include "basis/ao.h"
#include "basis/solid.h"
#include "check.h"
#include "maths/harmonics.h"

static const double skewed[3][3] = {{4.1, 0.3, -0.2}, {3.7, 3.9, 0.4}, {-1.2, 2.6, 5.3}};
static const double points_k[4][3] = {{0, 0, 0}, {0.5, 0, 0}, {0.5, -0.5, 0.5}, {0, 0.5, 1}};

/* Rectangular cells take another way through reciprocal space. */
static const double rectangular[3][3] = {{4.7, 0, 0}, {0, -5.1, 0}, {0, 0, 4.3}};
static const double (*cell)[3] = skewed;

static struct system *make(bool periodic, int n)
{
    struct system *s = system_new(n);
    struct rng rng;
    rng_start(&rng, 3, RNG_TEST, 0, 0, 0);
    s->periodic = periodic;
    if (periodic)
        memcpy(s->cell, cell, sizeof s->cell);
    for (int i = 0; i < n; i++) {
        s->element[i] = 1;
        for (int x = 0; x < 3; x++)
            s->pos[i][x] = 8 * rng_uniform(&rng) - 3;
    }
    return s;
}

/* Contracted and bare shells of every l. */
static struct basis *all_l(void)
{
    static const int l[] = {0, 0, 1, 2, 3}, primitives[] = {3, 1, 2, 1, 2};
    static const double e0[] = {4.3, 1.1, 0.6}, e1[] = {0.35}, e2[] = {1.4, 0.5}, e3[] = {0.7};
    static const double e4[] = {1.3, 0.6}, c0[] = {0.2, 0.5, 0.4}, c1[] = {1}, c2[] = {0.3, 0.8};
    const double *exponent[] = {e0, e1, e2, e3, e4}, *contraction[] = {c0, c1, c2, c1, c2};
    return basis_new("test", 1, 5, l, primitives, exponent, contraction);
}

/* One function of the open system, straight from the definition. */
static double direct(const struct basis *b, int function, const double d[3])
{
    double s[16], r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2], sum = 0;
    const struct shell *shell = b->shell;
    harmonics_solid(3, d, s, NULL);
    for (; function > 2 * shell->l; shell++)
        function -= 2 * shell->l + 1;
    for (int p = 0; p < shell->primitives; p++)
        sum += shell->coefficient[p] * exp(-shell->exponent[p] * r2);
    return sum * s[shell->l * shell->l + function];
}

static void polynomials(void)
{
    double r[3] = {0.63, -1.17, 0.48}, s[16];
    harmonics_solid(3, r, s, NULL);
    for (int l = 0; l <= 3; l++)
        for (int m = -l; m <= l; m++) {
            struct polynomial p = solid_polynomial(l, m);
            double sum = 0;
            for (int t = 0; t < p.terms; t++)
                sum += p.c[t] * pow(r[0], p.power[t][0]) * pow(r[1], p.power[t][1]) *
                       pow(r[2], p.power[t][2]);
            CHECK_NEAR(sum, s[l * l + l + m], 1e-14);
        }
}

static void values(void)
{
    struct basis *b = all_l();
    struct system *s = make(true, 3);
    struct ao *a = ao_new(s, b, 4, points_k, NULL);
    int n = ao_functions(a);
    double r[3][3] = {{0.3, 1.2, -0.7}, {14.1, -9.3, 2.2}, {2.2, 3.3, 4.4}};
    double *out = calloc((size_t)(4 * 3 * n), sizeof *out);
    CHECK(n == 3 * b->functions);
    ao_eval(a, AO_VALUE, 3, r, out);
    for (int k = 0; k < 4; k++)
        for (int p = 0; p < 3; p++)
            for (int f = 0; f < n; f++) {
                double sum = 0;
                for (int t = 0; t < 25 * 25 * 25; t++) {
                    int c[3] = {t % 25 - 12, t / 25 % 25 - 12, t / 625 - 12};
                    double d[3], phase = 0;
                    for (int x = 0; x < 3; x++) {
                        d[x] = r[p][x] - s->pos[f / b->functions][x];
                        for (int i = 0; i < 3; i++)
                            d[x] -= c[i] * cell[i][x];
                        phase += 2 * M_PI * points_k[k][x] * c[x];
                    }
                    if (d[0] * d[0] + d[1] * d[1] + d[2] * d[2] < 120)
                        sum += cos(phase) * direct(b, f % b->functions, d);
                }
                CHECK_NEAR(out[(k * 3 + p) * n + f], sum, 1e-9);
            }
    free(out);
    ao_free(a);
    system_free(s);
    basis_free(b);
}

/* chi(r + T) = cos(2 pi k.T) chi(r); and moving an atom by T multiplies its functions likewise. */
static void bloch(void)
{
    struct basis *b = all_l();
    struct system *s = make(true, 2);
    struct ao *a = ao_new(s, b, 4, points_k, NULL);
    int n = ao_functions(a), t[3] = {3, -2, 1};
    double r[1][3] = {{0.3, 1.2, -0.7}}, moved[1][3];
    for (int x = 0; x < 3; x++) {
        double by = t[0] * cell[0][x] + t[1] * cell[1][x] + t[2] * cell[2][x];
        moved[0][x] = r[0][x] + by;
        s->pos[1][x] += by;
    }
    struct ao *far = ao_new(s, b, 4, points_k, NULL);
    double *u = calloc((size_t)(12 * n), sizeof *u), *v = u + 4 * n, *w = v + 4 * n;
    ao_eval(a, AO_VALUE, 1, r, u);
    ao_eval(a, AO_VALUE, 1, moved, v);
    ao_eval(far, AO_VALUE, 1, r, w);
    for (int k = 0; k < 4; k++) {
        double phase =
            cos(2 * M_PI * (points_k[k][0] * t[0] + points_k[k][1] * t[1] + points_k[k][2] * t[2]));
        for (int f = 0; f < n; f++) {
            CHECK_NEAR(v[k * n + f], phase * u[k * n + f], 1e-9);
            CHECK_NEAR(w[k * n + f], (f < n / 2 ? 1 : phase) * u[k * n + f], 1e-9);
        }
    }
    free(u);
    ao_free(a);
    ao_free(far);
    system_free(s);
    basis_free(b);
}

/* Every quantity of every level against fourth-order differences of lower ones. */
static void difference(const struct ao *a, enum ao_level level, const double r[3], int axis,
                       double *out)
{
    double h = 2e-3, p[4][3], step[4] = {-2, -1, 1, 2}, weight[4] = {1, -8, 8, -1};
    int n = ao_functions(a), size = n * 4;
    double *v = calloc((size_t)(size * level), sizeof *v); /* [quantity][4 points][n] at one k */
    for (int i = 0; i < 4; i++)
        for (int x = 0; x < 3; x++)
            p[i][x] = r[x] + (x == axis ? step[i] * h : 0);
    ao_eval(a, level, 4, (const double(*)[3])p, v);
    for (int q = 0; q < (int)level; q++)
        for (int f = 0; f < n; f++) {
            out[q * n + f] = 0;
            for (int i = 0; i < 4; i++)
                out[q * n + f] += weight[i] * v[q * size + i * n + f] / (12 * h);
        }
    free(v);
}

static void check_derivatives(bool periodic)
{
    static const int second[3][3] = {{4, 5, 6}, {5, 7, 8}, {6, 8, 9}};
    struct basis *b = all_l();
    struct system *s = make(periodic, 2);
    struct ao *a = ao_new(s, b, 1, &points_k[periodic ? 2 : 0], NULL);
    int n = ao_functions(a);
    double r[1][3] = {{0.4, 1.1, -0.6}}, worst[4] = {0};
    double *third = calloc((size_t)(13 * n), 8), *lap = calloc((size_t)(5 * n), 8);
    double *grad = calloc((size_t)(4 * n), 8), *value = calloc((size_t)n, 8);
    double *d = calloc((size_t)(13 * n), 8);
    ao_eval(a, AO_THIRD, 1, r, third);
    ao_eval(a, AO_LAPLACIAN, 1, r, lap);
    ao_eval(a, AO_GRADIENT, 1, r, grad);
    ao_eval(a, AO_VALUE, 1, r, value);
    for (int f = 0; f < n; f++) {
        CHECK_NEAR(third[f], value[f], 1e-13);
        for (int q = 0; q < 4; q++) {
            CHECK_NEAR(third[q * n + f], grad[q * n + f], 1e-12);
            CHECK_NEAR(lap[q * n + f], grad[q * n + f], 1e-12);
        }
        CHECK_NEAR(lap[4 * n + f], third[4 * n + f] + third[7 * n + f] + third[9 * n + f], 1e-11);
    }
    for (int x = 0; x < 3; x++) {
        difference(a, AO_THIRD, r[0], x, d);
        for (int f = 0; f < n; f++) {
            worst[0] = fmax(worst[0], fabs(d[f] - third[(1 + x) * n + f]));
            for (int y = 0; y < 3; y++)
                worst[1] = fmax(worst[1], fabs(d[(1 + y) * n + f] - third[second[x][y] * n + f]));
            double trace = d[4 * n + f] + d[7 * n + f] + d[9 * n + f];
            worst[2] = fmax(worst[2], fabs(trace - third[(10 + x) * n + f]));
        }
    }
    CHECK_NEAR(worst[0], 0, 2e-7);
    CHECK_NEAR(worst[1], 0, 2e-6);
    CHECK_NEAR(worst[2], 0, 2e-5);
    CHECK(worst[0] > 0);
    free(third);
    free(lap);
    free(grad);
    free(value);
    free(d);
    ao_free(a);
    system_free(s);
    basis_free(b);
}

static void derivatives(void)
{
    check_derivatives(true);
    check_derivatives(false);
}

/* The analytic overlap against the sum over a grid, exact for smooth periodic functions. */
static void overlap(void)
{
    enum { GRID = 22 };
    struct basis *b = all_l();
    struct system *s = make(true, 2);
    b->shell[0].exponent[0] = 1.9; /* as smooth as the grid needs; norms need not be one here */
    struct ao *a = ao_new(s, b, 4, points_k, NULL);
    int n = ao_functions(a);
    double(*r)[3] = calloc(GRID, sizeof *r), *v = calloc((size_t)(4 * GRID * n), 8);
    double *sum = calloc((size_t)(4 * n * n), 8), *exact = calloc((size_t)(n * n), 8);
    for (int i = 0; i < GRID * GRID; i++) {
        for (int g = 0; g < GRID; g++)
            for (int x = 0; x < 3; x++)
                r[g][x] = (i % GRID * cell[0][x] + i / GRID * cell[1][x] + g * cell[2][x]) / GRID;
        ao_eval(a, AO_VALUE, GRID, (const double(*)[3])r, v);
        for (int k = 0; k < 4; k++)
            for (int g = 0; g < GRID; g++)
                for (int p = 0; p < n; p++)
                    for (int q = 0; q < n; q++)
                        sum[(k * n + p) * n + q] +=
                            v[(k * GRID + g) * n + p] * v[(k * GRID + g) * n + q];
    }
    for (int k = 0; k < 4; k++) {
        double worst = 0;
        ao_overlap(a, k, exact);
        for (int i = 0; i < n * n; i++)
            worst = fmax(worst, fabs(exact[i] -
                                     sum[k * n * n + i] * system_volume(s) / (GRID * GRID * GRID)));
        CHECK_NEAR(worst, 0, 1e-8);
    }
    free(r);
    free(v);
    free(sum);
    free(exact);
    ao_free(a);
    system_free(s);
    basis_free(b);
}

/* Diffuse and other shells: p and d as well. */
static struct basis *diffuse(void)
{
    static const int l[] = {0, 1, 2, 0, 1}, primitives[] = {1, 1, 2, 1, 1};
    static const double e0[] = {0.31}, e1[] = {0.26}, e2[] = {0.38, 0.23}, e3[] = {1.7},
                        e4[] = {0.9}, one[] = {1}, two[] = {0.4, 0.7};
    const double *exponent[] = {e0, e1, e2, e3, e4}, *contraction[] = {one, one, two, one, one};
    return basis_new("test", 1, 5, l, primitives, exponent, contraction);
}

/* sum[k][f][g] += cos(2 pi k.T) <f at i|g at j + T>, from a pair in open boundaries */
static void add_image(const struct system *s, const struct basis *b, int i, int j, const int t[3],
                      double *sum)
{
    const double origin[1][3] = {{0}};
    const int n = b->functions;
    struct system *pair = system_new(2);
    double d2 = 0;
    pair->element[0] = pair->element[1] = 1;
    for (int x = 0; x < 3; x++) {
        pair->pos[0][x] = s->pos[i][x];
        pair->pos[1][x] =
            s->pos[j][x] + t[0] * s->cell[0][x] + t[1] * s->cell[1][x] + t[2] * s->cell[2][x];
        d2 += (pair->pos[1][x] - pair->pos[0][x]) * (pair->pos[1][x] - pair->pos[0][x]);
    }
    if (d2 > 18 * 18) { /* exp(-0.115 d^2) of the most diffuse pair */
        system_free(pair);
        return;
    }
    struct ao *a = ao_new(pair, b, 1, origin, NULL);
    double *m = calloc((size_t)(4 * n * n), 8);
    ao_overlap(a, 0, m);
    for (int k = 0; k < 4; k++) {
        const double *kp = points_k[k],
                     sign = cos(2 * M_PI * (kp[0] * t[0] + kp[1] * t[1] + kp[2] * t[2]));
        for (int f = 0; f < n * n; f++)
            sum[k * n * n + f] += sign * m[f / n * 2 * n + n + f % n];
    }
    free(m);
    ao_free(a);
    system_free(pair);
}

/* Bloch overlaps are sums over images, whichever way they are made. */
static void overlap_of_diffuse_shells(void)
{
    enum { REACH = 14 };
    struct basis *b = diffuse();
    struct system *s = make(true, 2);
    struct ao *a = ao_new(s, b, 4, points_k, NULL);
    const int n = b->functions, all = ao_functions(a);
    double *sum = calloc((size_t)(4 * n * n), 8), *bloch_sum = calloc((size_t)(all * all), 8);
    for (int i = 0; i < 2; i++) {
        memset(sum, 0, (size_t)(4 * n * n) * sizeof *sum);
        for (int t = 0; t < (2 * REACH + 1) * (2 * REACH + 1) * (2 * REACH + 1); t++)
            add_image(s, b, 0, i,
                      (int[3]){t % (2 * REACH + 1) - REACH,
                               t / (2 * REACH + 1) % (2 * REACH + 1) - REACH,
                               t / (2 * REACH + 1) / (2 * REACH + 1) - REACH},
                      sum);
        for (int k = 0; k < 4; k++) {
            double worst = 0;
            ao_overlap(a, k, bloch_sum);
            for (int f = 0; f < n * n; f++)
                worst =
                    fmax(worst, fabs(bloch_sum[f / n * all + i * n + f % n] - sum[k * n * n + f]));
            CHECK_NEAR(worst, 0, 5e-11); /* pairs end where exp(-ab/(a + b) d^2) is 1e-16 */
        }
    }
    free(sum);
    free(bloch_sum);
    ao_free(a);
    system_free(s);
    basis_free(b);
}

static void overlap_is_a_metric(void)
{
    struct basis *b = basis_builtin("h-tz", NULL);
    struct system *s = make(false, 2);
    s->pos[0][0] = s->pos[0][1] = s->pos[0][2] = s->pos[1][0] = s->pos[1][1] = 0;
    s->pos[1][2] = 1.4;
    struct ao *a = ao_new(s, b, 1, points_k, NULL);
    int n = ao_functions(a);
    double *m = calloc((size_t)(n * n), 8);
    ao_overlap(a, 0, m);
    for (int i = 0; i < n; i++) {
        CHECK_NEAR(m[i * n + i], 1, 1e-13);
        for (int j = 0; j < i; j++)
            CHECK_NEAR(m[i * n + j], m[j * n + i], 1e-15);
    }
    for (int i = 0; i < n; i++) { /* Cholesky in place */
        for (int j = 0; j <= i; j++) {
            double sum = m[i * n + j];
            for (int k = 0; k < j; k++)
                sum -= m[i * n + k] * m[j * n + k];
            if (i == j)
                CHECK(sum > 1e-6);
            m[i * n + j] = i == j ? sqrt(sum) : sum / m[j * n + j];
        }
    }
    free(m);
    ao_free(a);
    system_free(s);
    basis_free(b);
}

/* Orbitals made at once against sums over functions; more points than are made together */
static void few_orbitals(void)
{
    enum { POINTS = 50, ORBITALS = 2 };
    struct basis *b = all_l();
    struct system *s = make(false, 3);
    const double gamma[1][3] = {{0, 0, 0}};
    struct ao *a = ao_new(s, b, 1, gamma, NULL);
    const int n = ao_functions(a);
    double r[POINTS][3], direct_sum, out[5 * POINTS * ORBITALS];
    double *c = calloc((size_t)(ORBITALS * n), sizeof *c);
    double *chi = calloc((size_t)(5 * POINTS * n), sizeof *chi);
    struct rng rng;
    rng_start(&rng, 4, RNG_TEST, 0, 0, 0);
    for (int p = 0; p < 3 * POINTS; p++)
        r[p / 3][p % 3] = 8 * rng_uniform(&rng) - 3;
    for (int f = 0; f < ORBITALS * n; f++)
        c[f] = 2 * rng_uniform(&rng) - 1;
    CHECK(ao_orbitals_pays(a, ORBITALS) && !ao_orbitals_pays(a, 50));
    ao_eval(a, AO_LAPLACIAN, POINTS, (const double(*)[3])r, chi);
    ao_orbitals(a, POINTS, (const double(*)[3])r, ORBITALS, c, out);
    for (int p = 0; p < 5 * POINTS; p++)
        for (int o = 0; o < ORBITALS; o++) {
            direct_sum = 0;
            for (int f = 0; f < n; f++)
                direct_sum += chi[p * n + f] * c[o * n + f];
            CHECK_NEAR(out[p * ORBITALS + o], direct_sum, 1e-7);
        }
    free(c);
    free(chi);
    ao_free(a);
    basis_free(b);
    system_free(s);
}

static void refusals(void)
{
    struct err err;
    struct basis *b = basis_builtin("h-dz", NULL);
    struct system *s = make(true, 2);
    double quarter[1][3] = {{0.25, 0, 0}}, far[1][3] = {{0, 1e300, 0.5}},
           none[1][3] = {{NAN, 0, 0}};
    CHECK(!ao_new(s, b, 1, quarter, &err) && err.status == ST_DATA && strstr(err.text, "0.25"));
    CHECK(!ao_new(s, b, 1, far, &err) && err.status == ST_DATA && strstr(err.text, "1e+300"));
    CHECK(!ao_new(s, b, 1, none, &err) && err.status == ST_DATA);
    s->element[1] = 6;
    CHECK(!ao_new(s, b, 1, points_k, &err) && err.status == ST_DATA &&
          strstr(err.text, "atom 2 is C"));
    s->element[1] = 1;
    s->periodic = false;
    CHECK(!ao_new(s, b, 2, points_k, &err) && err.status == ST_DATA);
    system_free(s);
    basis_free(b);
}

static void far_places(void)
{
    const double far[4][3] = {
        {INFINITY, 0.3, 0.2}, {0.1, NAN, 0.2}, {1e200, -1e300, 0.3}, {0.3, -1e10, 2}};
    struct basis *b = all_l();
    struct system *s = make(true, 3);
    struct ao *a = ao_new(s, b, 4, points_k, NULL);
    size_t size = 4 * AO_LAPLACIAN * 4 * (size_t)ao_functions(a);
    double *out = malloc(size * sizeof *out);
    ao_eval(a, AO_LAPLACIAN, 4, far, out);
    for (size_t i = 0; i < size; i++)
        CHECK(out[i] == 0);
    free(out);
    ao_free(a);
    system_free(s);
    basis_free(b);
}

static void in_rectangular_cells(void)
{
    cell = rectangular;
    values();
    bloch();
    check_derivatives(true);
    overlap();
    far_places();
}

int main(int argc, char **argv)
{
    static const struct check_case cases[] = {
        {"polynomials", polynomials},
        {"values", values},
        {"bloch", bloch},
        {"derivatives", derivatives},
        {"overlap", overlap},
        {"overlap_of_diffuse_shells", overlap_of_diffuse_shells},
        {"in_rectangular_cells", in_rectangular_cells},
        {"overlap_is_a_metric", overlap_is_a_metric},
        {"far_places", far_places},
        {"few_orbitals", few_orbitals},
        {"refusals", refusals},
        {0}};
    return check_main(argc, argv, cases);
}
