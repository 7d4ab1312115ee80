/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Jastrow factor: every derivative against finite differences, limits, invariances. */
#include <stdlib.h>
#include "base/rng.h"
#include "base/mem.h"
#include "qmc/jastrow.h"
#include "qmc/images.h"
#include "tests/unit/check.h"

#define N 6
#define ATOMS 5

static struct system *cell_of(int periodic)
{
    static const double cell[3][3] = {{7.3, 0, 0}, {1.9, 6.8, 0}, {-2.1, 1.3, 7.1}};
    struct rng rng;
    struct system *s = system_new(ATOMS);
    rng_start(&rng, 7, RNG_TEST, 0, 0, 0);
    s->periodic = periodic;
    if (periodic)
        memcpy(s->cell, cell, sizeof cell);
    for (int a = 0; a < ATOMS; a++) {
        s->element[a] = a == 2 ? 2 : 1;
        for (int x = 0; x < 3; x++)
            s->pos[a][x] = 6 * rng_uniform(&rng) - 3;
    }
    return s;
}

static void scatter(double pos[][3], int n, uint64_t seed, double size)
{
    struct rng rng;
    rng_start(&rng, seed, RNG_TEST, 1, 0, 0);
    for (int i = 0; i < n; i++)
        for (int x = 0; x < 3; x++)
            pos[i][x] = size * (rng_uniform(&rng) - 0.5);
}

enum { ALL_TERMS, U, CHI, F, P, Q, M, TERMS };
#define CHARGES 240     /* parameters of q for two elements */
#define SURROUNDINGS 48 /* of m */

/* Generic parameters: the start plus noise, of all terms or of one alone (the cusps stay). */
static struct jastrow *generic_term(const struct system *s, int up, int down, int term)
{
    struct jastrow *j = jastrow_start_with(s, up, down, true);
    int n = jastrow_count(j), c = jastrow_cutoffs(j), elements = 2;
    const int m = n - SURROUNDINGS, q = m - CHARGES;
    const int end[TERMS] = {n, c + 12, q - 3 - elements * 60, q - 3, q, m, n};
    double *p = MEM_NEW(double, n);
    struct rng rng;
    rng_start(&rng, 3, RNG_TEST, 2, 0, 0);
    for (int i = 0; i < n; i++) {
        double x = rng_uniform(&rng), old = jastrow_parameters(j)[i];
        bool mine = !term || (i < end[term] && i >= (term == U ? c : end[term - 1]));
        p[i] = i < c ? (0.91 + 0.06 * x) * old : mine ? (1 + 0.2 * x) * old + 0.1 * (x - 0.4) : 0;
    }
    CHECK(jastrow_set(j, p, NULL) == ST_OK);
    free(p);
    return j;
}

static struct jastrow *generic(const struct system *s, int up, int down)
{
    return generic_term(s, up, down, ALL_TERMS);
}

static void all_of(const struct jastrow *j, int walkers, double pos[][3], double v[], double g[][3],
                   double l[])
{
    struct jastrow_work *work = jastrow_work_new(j, walkers < 2 ? 1 : walkers - 1);
    jastrow_all(j, work, walkers, (const double(*)[3])pos, v, g, l);
    jastrow_work_free(work);
}

static double value_at(const struct jastrow *j, double pos[][3])
{
    double v, g[N][3], l[N];
    all_of(j, 1, pos, &v, g, l);
    return v;
}

/* K = -1/2 sum lap - sum v.grad */
static double energy_at(const struct jastrow *j, double pos[][3], double velocity[][3])
{
    double v, g[N][3], l[N], k = 0;
    all_of(j, 1, pos, &v, g, l);
    for (int i = 0; i < N; i++)
        k -= 0.5 * l[i] + g[i][0] * velocity[i][0] + g[i][1] * velocity[i][1] +
             g[i][2] * velocity[i][2];
    return k;
}

/* central difference of 4th order from f(-2h), f(-h), f(h), f(2h) */
static double slope(const double f[4], double h)
{
    return (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * h);
}

static const double step[4] = {-2, -1, 1, 2};
#define H 1e-3

static void gradient_and_laplacian_of(int up, int down)
{
    for (int t = 0; t < 2 * TERMS; t++) {
        struct system *s = cell_of(t % 2);
        struct jastrow *j = generic_term(s, up, down, t / 2);
        double pos[N][3], v, g[N][3], l[N], f[4];
        scatter(pos, N, 11, 5);
        all_of(j, 1, pos, &v, g, l);
        for (int i = 0; i < up + down; i++) {
            double sum = 0;
            for (int x = 0; x < 3; x++) {
                double old = pos[i][x];
                for (int k = 0; k < 4; k++) {
                    pos[i][x] = old + H * step[k];
                    f[k] = value_at(j, pos);
                }
                pos[i][x] = old;
                CHECK_NEAR(g[i][x], slope(f, H), 2e-9);
                sum += (16 * (f[1] + f[2]) - f[0] - f[3] - 30 * v) / (12 * H * H);
            }
            CHECK_NEAR(l[i], sum, 2e-7);
        }
        jastrow_free(j);
        system_free(s);
    }
}

static void gradient_and_laplacian(void)
{
    gradient_and_laplacian_of(4, 2);
    gradient_and_laplacian_of(1, 1);
    gradient_and_laplacian_of(0, 2);
}

static void one_electron_terms_agree_with_the_whole(void)
{
    struct system *s = cell_of(1);
    struct jastrow *j = generic(s, 4, 2);
    double pos[3 * N][3], v[3], g[3 * N][3], l[3 * N], r[3][3], vi[3], gi[3][3], li[3], moved[3];
    double vo[3], go[3][3], lo[3], old[3][3];
    scatter(pos, 3 * N, 12, 9);
    struct jastrow_work *work = jastrow_work_new(j, 3);
    all_of(j, 3, pos, v, g, l);
    jastrow_load(j, work, 3, (const double(*)[3])pos);
    for (int i = 0; i < N; i++) {
        for (int w = 0; w < 3; w++)
            memcpy(old[w], pos[w * N + i], sizeof old[w]);
        scatter(r, 3, 13 + (uint64_t)i, 9);
        jastrow_electron(j, work, 3, (const double(*)[3])pos, i, (const double(*)[3])old, vo, go,
                         lo);
        jastrow_electron(j, work, 3, (const double(*)[3])pos, i, (const double(*)[3])r, vi, gi, li);
        for (int w = 0; w < 3; w++) {
            for (int x = 0; x < 3; x++)
                CHECK_NEAR(go[w][x], g[w * N + i][x], 1e-13);
            CHECK_NEAR(lo[w], l[w * N + i], 1e-12);
            memcpy(pos[w * N + i], r[w], sizeof r[w]);
        }
        for (int w = 0; w < 3; w++) {
            moved[w] = value_at(j, pos + w * N);
            CHECK_NEAR(vi[w] - vo[w], moved[w] - v[w], 1e-12);
            if (w == 1) /* this move is refused */
                memcpy(pos[w * N + i], old[w], sizeof old[w]);
            else
                jastrow_accept(j, work, w, i);
        }
        all_of(j, 3, pos, v, g, l);
    }
    jastrow_work_free(work);
    jastrow_free(j);
    system_free(s);
}

enum { PAIRS = 101, STEPS = 5 }; /* walkers, more than are taken together; moves and the whole */

/* Two electrons of walkers first .. first + n - 1 are moved in turn, all others stand far away: value, gradient and
 * Laplacian of every step. */
static void walk_of_pairs(const struct jastrow *j, int electrons, const int pair[2], int first,
                          int n, double out[STEPS][PAIRS][5])
{
    double pos[3 * PAIRS][3], r[PAIRS][3], v[PAIRS], g[3 * PAIRS][3], l[3 * PAIRS];
    struct jastrow_work *work = jastrow_work_new(j, n);
    for (int k = 0; k < electrons * n; k++)
        pos[k][0] = pos[k][1] = pos[k][2] = 1234;
    for (int e = 0; e < 2; e++) {
        scatter(r, PAIRS, 31 + (uint64_t)e, 7);
        for (int w = 0; w < n; w++)
            memcpy(pos[w * electrons + pair[e]], r[first + w], sizeof r[w]);
    }
    jastrow_load(j, work, n, (const double(*)[3])pos);
    for (int t = 0; t < STEPS; t++) {
        const int i = pair[t % 2], all = t == STEPS - 1;
        const double(*to)[3] = (const double(*)[3])(r + first);
        scatter(r, PAIRS, 41 + (uint64_t)t, 7);
        if (all)
            jastrow_all(j, work, n, (const double(*)[3])pos, v, g, l);
        else
            jastrow_electron(j, work, n, (const double(*)[3])pos, i, to, v, g, l);
        for (int w = 0; w < n; w++) {
            const int at = all ? w * electrons + i : w;
            memcpy(out[t][first + w], (double[5]){v[w], g[at][0], g[at][1], g[at][2], l[at]},
                   sizeof out[t][w]);
            if (all || (first + w + t) % 3 == 0) /* some moves are refused */
                continue;
            jastrow_accept(j, work, w, i);
            memcpy(pos[w * electrons + i], to[w], sizeof r[w]);
        }
    }
    jastrow_work_free(work);
}

/* Many at once and one by one */
static void two_electrons_do_not_feel_one_far_away(void)
{
    static const int up[3][2] = {{1, 2}, {2, 2}, {0, 1}}; /* of two and of three */
    static const int pair[3][2] = {{0, 2}, {0, 1}, {1, 2}}, alone[2] = {0, 1};
    static double two[STEPS][PAIRS][5], three[STEPS][PAIRS][5];
    struct system *s = cell_of(0);
    for (int c = 0; c < 3; c++) {
        struct jastrow *j = generic(s, up[c][0], 2 - up[c][0]),
                       *k = jastrow_start_with(s, up[c][1], 3 - up[c][1], true);
        CHECK(jastrow_set(k, jastrow_parameters(j), NULL) == ST_OK);
        walk_of_pairs(j, 2, alone, 0, PAIRS, two);
        for (int w = 0; w < PAIRS; w++)
            walk_of_pairs(k, 3, pair[c], w, 1, three);
        for (int t = 0; t < STEPS; t++)
            for (int w = 0; w < PAIRS; w++)
                for (int q = 0; q < 5; q++)
                    CHECK_NEAR(two[t][w][q], three[t][w][q], 1e-12 * (1 + fabs(three[t][w][q])));
        jastrow_free(j);
        jastrow_free(k);
    }
    system_free(s);
}

/* Differences of J and K by parameter i: exact where J is linear */
static void vary(struct jastrow *j, double pos[][3], double velocity[][3], int i, double *dv,
                 double *de)
{
    int n = jastrow_count(j);
    double *p = MEM_NEW(double, n), f[4], e[4], h = i < jastrow_cutoffs(j) ? 1e-3 : 0.5;
    memcpy(p, jastrow_parameters(j), (size_t)n * sizeof *p);
    double old = p[i];
    for (int k = 0; k < 4; k++) {
        p[i] = old + h * (k < 2 ? k - 2 : k - 1);
        CHECK(jastrow_set(j, p, NULL) == ST_OK);
        f[k] = value_at(j, pos);
        e[k] = energy_at(j, pos, velocity);
    }
    p[i] = old;
    CHECK(jastrow_set(j, p, NULL) == ST_OK);
    *dv = (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * h);
    *de = (e[0] - 8 * e[1] + 8 * e[2] - e[3]) / (12 * h);
    free(p);
}

static void parameter_derivatives(void)
{
    for (int t = 0; t < TERMS; t++) {
        struct system *s = cell_of(1);
        struct jastrow *j = generic_term(s, 4, 2, t);
        struct jastrow_work *work = jastrow_work_new(j, 1);
        int n = jastrow_count(j), moved = 0;
        double pos[N][3], velocity[N][3], *dv = MEM_NEW(double, n), *de = MEM_NEW(double, n);
        scatter(pos, N, 14, 3);
        scatter(velocity, N, 15, 2);
        jastrow_derivatives(j, work, (const double(*)[3])pos, (const double(*)[3])velocity, dv, de);
        for (int i = 0; i < n; i++) {
            double v, e;
            vary(j, pos, velocity, i, &v, &e);
            CHECK_NEAR(dv[i], v, 1e-9 * (1 + fabs(v)));
            CHECK_NEAR(de[i], e, 1e-8 * (1 + fabs(e)));
            moved += dv[i] != 0;
        }
        /* of q: two elements are not one atom; of q and m: there is no second helium atom */
        CHECK(t != ALL_TERMS || moved == n - 20 - 60 - 12);
        free(dv), free(de);
        jastrow_work_free(work);
        jastrow_free(j);
        system_free(s);
    }
}

static void differential(const struct jastrow *j, const double pos[][3], const double velocity[][3],
                         struct jastrow_differential *d)
{
    struct jastrow_work *work = jastrow_work_new(j, 1);
    jastrow_differential(j, work, pos, velocity, d);
    jastrow_work_free(work);
}

static struct jastrow *rebound(const struct system *s, const struct jastrow *j)
{
    return jastrow_new(s, 4, 2, jastrow_form(j), jastrow_count(j), jastrow_parameters(j), NULL);
}

static void differential_of_electrons(void)
{
    for (int t = 0; t < 2 * TERMS; t++) {
        struct system *s = cell_of(t % 2);
        struct jastrow *j = generic_term(s, 4, 2, t / 2);
        double pos[N][3], velocity[N][3], ve[N][3], vn[ATOMS][3], ee[N][3], en[ATOMS][3], f[4],
            e[4];
        struct jastrow_differential d = {ve, vn, ee, en, {{0}}, {{0}}};
        scatter(pos, N, 16, 5);
        scatter(velocity, N, 17, 2);
        differential(j, (const double(*)[3])pos, (const double(*)[3])velocity, &d);
        for (int i = 0; i < N; i++)
            for (int x = 0; x < 3; x++) {
                double old = pos[i][x];
                for (int k = 0; k < 4; k++) {
                    pos[i][x] = old + H * step[k];
                    f[k] = value_at(j, pos);
                    e[k] = energy_at(j, pos, velocity);
                }
                pos[i][x] = old;
                CHECK_NEAR(ve[i][x], slope(f, H), 2e-9);
                CHECK_NEAR(ee[i][x], slope(e, H), 1e-7 * (1 + fabs(ee[i][x])));
            }
        jastrow_free(j);
        system_free(s);
    }
}

static void differential_of_nuclei_in(int term)
{
    struct system *s = cell_of(1);
    struct jastrow *j = generic_term(s, 4, 2, term), *m;
    double pos[N][3], velocity[N][3], ve[N][3], vn[ATOMS][3], ee[N][3], en[ATOMS][3], f[4], e[4];
    struct jastrow_differential d = {ve, vn, ee, en, {{0}}, {{0}}};
    scatter(pos, N, 18, 5);
    scatter(velocity, N, 19, 2);
    differential(j, (const double(*)[3])pos, (const double(*)[3])velocity, &d);
    for (int a = 0; a < ATOMS; a++)
        for (int x = 0; x < 3; x++) {
            double old = s->pos[a][x];
            for (int k = 0; k < 4; k++) {
                s->pos[a][x] = old + H * step[k];
                m = rebound(s, j);
                f[k] = value_at(m, pos);
                e[k] = energy_at(m, pos, velocity);
                jastrow_free(m);
            }
            s->pos[a][x] = old;
            CHECK_NEAR(vn[a][x], slope(f, H), 2e-9);
            CHECK_NEAR(en[a][x], slope(e, H), 1e-7 * (1 + fabs(en[a][x])));
        }
    jastrow_free(j);
    system_free(s);
}

static void differential_of_nuclei(void)
{
    for (int t = 0; t < TERMS; t++)
        differential_of_nuclei_in(t);
}

static void stretch(double r[3], int x, int y, double strain)
{
    r[x] += strain * r[y];
}

static void differential_of_strain_in(int term)
{
    struct system *s = cell_of(1);
    struct jastrow *j = generic_term(s, 4, 2, term), *m;
    double pos[N][3], velocity[N][3], ve[N][3], vn[ATOMS][3], ee[N][3], en[ATOMS][3], f[4], e[4];
    struct jastrow_differential d = {ve, vn, ee, en, {{0}}, {{0}}};
    scatter(pos, N, 30, 5); /* no distance near a cut-off, where third derivatives jump */
    scatter(velocity, N, 21, 2);
    differential(j, (const double(*)[3])pos, (const double(*)[3])velocity, &d);
    for (int t = 0; t < 9; t++) {
        for (int k = 0; k < 4; k++) {
            struct system *c = system_copy(s);
            double moved[N][3];
            memcpy(moved, pos, sizeof pos);
            for (int i = 0; i < N; i++)
                stretch(moved[i], t / 3, t % 3, H * step[k]);
            for (int a = 0; a < ATOMS; a++)
                stretch(c->pos[a], t / 3, t % 3, H * step[k]);
            for (int a = 0; a < 3; a++)
                stretch(c->cell[a], t / 3, t % 3, H * step[k]);
            m = rebound(c, j);
            f[k] = value_at(m, moved);
            e[k] = energy_at(m, moved, velocity);
            jastrow_free(m);
            system_free(c);
        }
        CHECK_NEAR(d.value_strain[t / 3][t % 3], slope(f, H), 1e-8);
        CHECK_NEAR(d.energy_strain[t / 3][t % 3], slope(e, H), 3e-7);
    }
    jastrow_free(j);
    system_free(s);
}

static void differential_of_strain(void)
{
    for (int t = 0; t < TERMS; t++)
        differential_of_strain_in(t);
}

static void cusps_are_exact(void)
{
    struct system *s = cell_of(0);
    struct jastrow *j = generic(s, 4, 2);
    double pos[N][3], v[2], g[2][3], l[2], r[2][3], at, h = 1e-5;
    scatter(pos, N, 22, 5);
    for (int t = 0; t < 4; t++) { /* electron 5 onto electron 4 (parallel) and 0, then nuclei */
        const double *point = t == 0 ? pos[4] : t == 1 ? pos[0] : s->pos[t];
        const double cusp = t == 0 ? 0.25 : t == 1 ? 0.5 : -s->element[t];
        for (int k = 0; k < 2; k++) {
            memcpy(r[k], point, sizeof r[k]);
            r[k][1] += k ? -h : h;
        }
        double two[2 * N][3];
        memcpy(two, pos, sizeof pos);
        memcpy(two + N, pos, sizeof pos);
        struct jastrow_work *work = jastrow_work_new(j, 2);
        jastrow_load(j, work, 2, (const double(*)[3])two);
        jastrow_electron(j, work, 2, (const double(*)[3])two, 5, (const double(*)[3])r, v, g, l);
        jastrow_work_free(work);
        at = 0.5 * (g[0][1] - g[1][1]); /* the smooth rest cancels */
        CHECK_NEAR(at, cusp, 1e-4);
        CHECK_NEAR(l[0] * h / 2, cusp, 1e-3);
    }
    jastrow_free(j);
    system_free(s);
}

static void periodic_in_all_electrons(void)
{
    struct system *s = cell_of(1);
    struct jastrow *j = generic(s, 4, 2);
    double pos[N][3], v;
    scatter(pos, N, 23, 5);
    v = value_at(j, pos);
    for (int x = 0; x < 3; x++) {
        pos[1][x] += 2 * s->cell[0][x] - s->cell[2][x];
        pos[3][x] += s->cell[1][x];
    }
    CHECK_NEAR(value_at(j, pos), v, 1e-11);
    jastrow_free(j);
    system_free(s);
}

/* In a face-centred cell the wrapped displacement is not always the shortest one. */
static void images_are_the_shortest_in_any_cell(void)
{
    static const double cells[3][3][3] = {{{0, 3, 3}, {3, 0, 3}, {3, 3, 0}},
                                          {{5, 0, 0}, {14.7, 5.1, 0}, {-8.2, 12.3, 4.9}},
                                          {{4, 0, 0}, {0, 7, 0}, {0, 0, 5}}};
    for (int c = 0; c < 3; c++) {
        struct system *s = system_new(1);
        struct images im;
        double r[100][3], x[100], y[100], z[100];
        s->periodic = true;
        memcpy(s->cell, cells[c], sizeof s->cell);
        images_start(&im, s);
        CHECK((im.shifts == 0) == (c == 2));
        scatter(r, 100, 24, 12);
        for (int m = 0; m < 100; m++)
            x[m] = r[m][0], y[m] = r[m][1], z[m] = r[m][2];
        images_shortest(&im, 100, x, y, z);
        for (int m = 0; m < 100; m++) {
            double best = 1e9;
            for (int t = 0; t < 41 * 41 * 41; t++) {
                double d = 0;
                for (int k = 0; k < 3; k++) {
                    double q = r[m][k] + (t / 1681 - 20) * cells[c][0][k] +
                               (t / 41 % 41 - 20) * cells[c][1][k] + (t % 41 - 20) * cells[c][2][k];
                    d += q * q;
                }
                best = fmin(best, d);
            }
            CHECK_NEAR(x[m] * x[m] + y[m] * y[m] + z[m] * z[m], best, 1e-9);
        }
        system_free(s);
    }
}

static void spins_are_alike(void)
{
    struct system *s = cell_of(0);
    struct jastrow *j = jastrow_start_with(s, 3, 3, true);
    int n = jastrow_count(j);
    double pos[N][3], other[N][3], *p = MEM_NEW(double, n);
    for (int i = 0; i < n; i++)
        p[i] = jastrow_parameters(j)[i] + (i < jastrow_cutoffs(j) ? 0 : 0.1 * sin(i));
    CHECK(jastrow_set(j, p, NULL) == ST_OK);
    scatter(pos, N, 25, 5);
    memcpy(other, pos + 3, 3 * sizeof *pos);
    memcpy(other + 3, pos, 3 * sizeof *pos);
    CHECK_NEAR(value_at(j, other), value_at(j, pos), 1e-11);
    memcpy(other[0], pos[0], sizeof *pos); /* two electrons of unlike spin change places: not so */
    memcpy(other[3], pos[3], sizeof *pos);
    CHECK(fabs(value_at(j, other) - value_at(j, pos)) > 1e-5);
    free(p);
    jastrow_free(j);
    system_free(s);
}

/* An atom far away has nothing to do with the rest, whatever the parameters are. */
static void no_surroundings_no_term(void)
{
    struct system *s = system_new(1);
    double pos[1][3] = {{0.4, -0.7, 0.3}}, v[2], g[1][3], l[1];
    s->element[0] = 1;
    struct jastrow *j = jastrow_start_with(s, 1, 0, true);
    int n = jastrow_count(j);
    double *p = MEM_NEW(double, n);
    for (int k = 0; k < 2; k++) {
        memcpy(p, jastrow_parameters(j), (size_t)n * sizeof *p);
        for (int i = n - SURROUNDINGS / 4; k && i < n; i++)
            p[i] = 1.7;
        CHECK(jastrow_set(j, p, NULL) == ST_OK);
        all_of(j, 1, pos, &v[k], g, l);
    }
    CHECK_NEAR(v[1], v[0], 1e-14);
    free(p);
    jastrow_free(j);
    system_free(s);
}

static void forms_are_read(void)
{
    static const char *good[] = {"", " q4.1", " q4.3", " q4.4 m4.1", " q4.4 m4.3"};
    static const char *bad[] = {" q4.5",      " q3.3",  " m4.3",        " q4.3 m4.3",
                                " q4.4 m3.3", " q4.4m", " q4.4 m4.3.1", " q4.4 m4.-1"};
    /* 2^32 + 6 may be 6 where an int overflows */
    static const char *absurd[] = {
        "tempered u-6 chi6 f4.2 p3",          "tempered p99999999999",
        "tempered u6 chi8 f4.2 p99999999999", "tempered u4294967302 chi8 f4.2 p3",
        "tempered u999999999 chi6 f4.2 p3",   "tempered u6 chi8 f4.2 p3 q4.4294967300"};
    const int count[] = {0, 2 + 20, 2 + 60, 2 + 80 + 4, 2 + 80 + 12};
    struct system *s = system_new(3);
    struct err err;
    char form[60];
    double p[300];
    for (int i = 0; i < 300; i++)
        p[i] = 1.3;
    for (int a = 0; a < 3; a++)
        s->element[a] = 1, s->pos[a][2] = 1.9 * a;
    for (int k = 0; k < 5; k++) {
        snprintf(form, sizeof form, "%s%s", JASTROW_FORM, good[k]);
        struct jastrow *j = jastrow_new(s, 2, 1, form, 90 + count[k], p, &err);
        CHECK(j && strcmp(jastrow_form(j), form) == 0);
        jastrow_free(j);
    }
    for (int k = 0; k < 8; k++) {
        snprintf(form, sizeof form, "%s%s", JASTROW_FORM, bad[k]);
        CHECK(!jastrow_new(s, 2, 1, form, 184, p, &err) && strstr(err.text, "jastrow_form"));
    }
    for (int k = 0; k < 6; k++) {
        CHECK(!jastrow_new(s, 2, 1, absurd[k], 90, p, &err) && err.status == ST_DATA);
        CHECK(!jastrow_adapt(s, 2, 1, false, absurd[k], 90, p, &err) && err.status == ST_DATA);
    }
    system_free(s);
}

static void bad_parameters_are_refused(void)
{
    struct system *s = cell_of(1);
    struct jastrow *j = jastrow_start(s, 4, 2);
    int n = jastrow_count(j);
    double *p = MEM_NEW(double, n);
    struct err err;
    memcpy(p, jastrow_parameters(j), (size_t)n * sizeof *p);
    CHECK(!jastrow_new(s, 4, 2, "drummond u8 chi8", n, p, &err) && err.status == ST_DATA);
    CHECK(!jastrow_new(s, 4, 2, JASTROW_FORM, n + 1, p, &err) && strstr(err.text, "jastrow"));
    p[0] = 3.9;
    CHECK(jastrow_set(j, p, &err) == ST_DATA && strstr(err.text, "cut-off"));
    p[0] = NAN;
    CHECK(jastrow_set(j, p, &err) == ST_DATA);
    p[0] = 3, p[9] = INFINITY;
    CHECK(jastrow_set(j, p, &err) == ST_DATA);
    free(p);
    jastrow_free(j);
    system_free(s);
}

static const struct check_case cases[] = {{"gradient_and_laplacian", gradient_and_laplacian},
                                          {"one_electron", one_electron_terms_agree_with_the_whole},
                                          {"two_electrons", two_electrons_do_not_feel_one_far_away},
                                          {"parameters", parameter_derivatives},
                                          {"electrons", differential_of_electrons},
                                          {"nuclei", differential_of_nuclei},
                                          {"strain", differential_of_strain},
                                          {"cusps", cusps_are_exact},
                                          {"periodic", periodic_in_all_electrons},
                                          {"images", images_are_the_shortest_in_any_cell},
                                          {"spins", spins_are_alike},
                                          {"alone", no_surroundings_no_term},
                                          {"forms", forms_are_read},
                                          {"refused", bad_parameters_are_refused},
                                          {0}};

int main(int argc, char **argv)
{
    return check_main(argc, argv, cases);
}
