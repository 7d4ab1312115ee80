/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The finite-basis correction against calculations with more plane waves. */
#include "check.h"
#include <stdlib.h>
#include "base/threads.h"
#include "base/units.h"
#include "dft/correction.h"
#include "dft/dft.h"
#include "hydrogen.h"

#define GPA (1 / UNITS_PRESSURE_GPA)

static struct system *dense(void)
{
    static const double cell[3][3] = {{3.4, 0.2, -0.3}, {0.5, 3.7, 0.4}, {-0.2, 0.6, 3.5}};
    static const double pos[4][3] = {
        {0.31, 0.17, 0.43}, {1.42, 0.55, 0.71}, {2.05, 2.33, 1.91}, {-0.43, 2.62, 2.95}};
    return hydrogen_at(4, pos, cell);
}

static struct system *bcc(double a)
{
    struct system *y = system_new(2);
    y->periodic = true;
    for (int i = 0; i < 2; i++) {
        y->element[i] = 1;
        for (int d = 0; d < 3; d++)
            y->pos[i][d] = (0.21 + 0.5 * i) * a;
    }
    for (int d = 0; d < 3; d++)
        y->cell[d][d] = a;
    return y;
}

static struct dft_settings settings(double ecut, bool correction, int mesh, double temperature)
{
    struct dft_settings t = dft_defaults;
    t.ecut = ecut;
    t.basis_correction = correction;
    t.temperature = temperature;
    t.tolerance = 1e-8;
    t.padding = 4;
    for (int d = 0; d < 3; d++)
        t.mesh[d] = mesh;
    return t;
}

static struct dft_result solve(const struct dft_settings *t, const struct system *y)
{
    struct err err = {0};
    struct dft_result r = {0};
    threads_set(1);
    struct dft *d = dft_new(t, &err);
    CHECK(d && dft_run(d, y, &r, &err) == ST_OK);
    dft_free(d);
    return r;
}

static double pressure(const struct dft_result *r)
{
    return -(r->stress[0][0] + r->stress[1][1] + r->stress[2][2]) / 3 / GPA;
}

static double rms_force_difference(const struct dft_result *a, const struct dft_result *b, int n)
{
    double sum = 0;
    for (int i = 0; i < 3 * n; i++)
        sum += pow(a->force[i / 3][i % 3] - b->force[i / 3][i % 3], 2);
    return sqrt(sum / (3 * n));
}

static void slope(void)
{
    for (int family = PSEUDO_LDA; family <= PSEUDO_BLYP; family++)
        for (double ecut = 8; ecut < 400; ecut *= 1.7) {
            struct pseudo *table = pseudo_table(family);
            struct pseudo p = *table, more = p, less = p;
            correction_apply(&p, ecut);
            correction_apply(&more, ecut * exp(1e-4));
            correction_apply(&less, ecut * exp(-1e-4));
            double numeric = (more.c1 - less.c1) / 2e-4;
            CHECK_NEAR(p.pulay, numeric, 1e-5 * fabs(numeric) + 1e-10);
            CHECK(p.c1 < table->c1 && p.pulay > 0);
            CHECK(ecut < 150 || table->c1 - p.c1 < 1e-3);
            free(table);
        }
}

/* What is left of it at 30 Ha with and without the correction, per atom and in GPa. */
static void compare(const struct system *y, int mesh, double temperature, double energy,
                    double force, double gpa)
{
    double most = y->periodic ? 110 : 90;
    struct dft_settings low = settings(30, false, mesh, temperature),
                        with = settings(30, true, mesh, temperature),
                        high = settings(most, false, mesh, temperature);
    struct dft_result a = solve(&low, y), b = solve(&with, y), c = solve(&high, y);
    CHECK_NEAR((b.free_energy - c.free_energy) / y->n, 0, energy);
    CHECK_NEAR((b.energy - c.energy) / y->n, 0, energy);
    CHECK((a.free_energy - c.free_energy) / y->n > 2e-3); /* there was something to correct */
    CHECK_NEAR(rms_force_difference(&b, &c, y->n), 0, force);
    CHECK(rms_force_difference(&a, &c, y->n) > 1.5 * rms_force_difference(&b, &c, y->n));
    if (y->periodic) {
        CHECK_NEAR(pressure(&b), pressure(&c), gpa);
        CHECK(pressure(&c) - pressure(&a) > 5);
    }
    dft_result_free(&a);
    dft_result_free(&b);
    dft_result_free(&c);
}

static void dense_cell(void)
{
    struct system *y = dense();
    compare(y, 2, 0.01, 1.5e-4, 1e-3, 0.5);
    compare(y, 2, 0.063, 1.5e-4, 1e-3, 0.5);
    system_free(y);
}

static void open_molecule(void)
{
    struct system *y = system_new(2);
    for (int i = 0; i < 2; i++) {
        y->element[i] = 1;
        for (int d = 0; d < 3; d++)
            y->pos[i][d] = i * (d == 0 ? 0.5 : d == 1 ? 0.7 : 1.0);
    }
    compare(y, 1, 0, 1.5e-4, 1e-3, 0);
    system_free(y);
}

/* dE/da by least squares of a cubic over cells whose plane waves come and go. */
static double slope_of_energies(const struct dft_settings *t, double a)
{
    enum { SIDE = 6 };
    double step = 0.005, x1 = 0, x3 = 0, m2 = 0, m4 = 0, m6 = 0;
    for (int i = -SIDE; i <= SIDE; i++) {
        struct system *y = bcc(a * (1 + step * i));
        struct dft_result r = solve(t, y);
        x1 += i * r.free_energy;
        x3 += pow(i, 3) * r.free_energy;
        m2 += pow(i, 2);
        m4 += pow(i, 4);
        m6 += pow(i, 6);
        dft_result_free(&r);
        system_free(y);
    }
    return (x1 * m6 - x3 * m4) / (m2 * m6 - m4 * m4) / (step * a);
}

static void constant_cut_off(void)
{
    struct dft_settings t = settings(30, true, 6, 0.03), off = settings(30, false, 6, 0.03);
    double a = 2.9;
    struct system *y = bcc(a);
    struct dft_result r = solve(&t, y), without = solve(&off, y);
    CHECK_NEAR(pressure(&r), -slope_of_energies(&t, a) / (3 * a * a) / GPA, 1.0);
    CHECK(pressure(&r) - pressure(&without) > 5);
    dft_result_free(&r);
    dft_result_free(&without);
    system_free(y);
}

static void fixed_set(void)
{
    struct system *y = dense();
    struct dft_settings t = settings(15, true, 1, 0.01);
    struct dft_result constant = solve(&t, y);
    t.keep_waves = true;
    memcpy(t.basis_cell, y->cell, sizeof t.basis_cell);
    struct dft_result fixed = solve(&t, y);
    CHECK_NEAR(fixed.free_energy, constant.free_energy, 1e-8);
    CHECK(pressure(&constant) - pressure(&fixed) > 10);
    CHECK_NEAR(fixed.stress[0][1], constant.stress[0][1], 1e-7);
    dft_result_free(&constant);
    dft_result_free(&fixed);
    system_free(y);
}

static const struct check_case cases[] = {{"slope", slope},
                                          {"dense_cell", dense_cell},
                                          {"open_molecule", open_molecule},
                                          {"constant_cut_off", constant_cut_off},
                                          {"fixed_set", fixed_set},
                                          {NULL, NULL}};

int main(int argc, char **argv)
{
    return check_main(argc, argv, cases);
}
