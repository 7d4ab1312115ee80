/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Second derivatives of Hartree and exchange-correlation energies against differences of first ones. */
#include "check.h"
#include <stdlib.h>
#include "base/mem.h"
#include "base/threads.h"
#include "dft/density.h"
#include "dft/dft.h"
#include "dft/kernel.h"
#include "dft/session.h"
#include "hydrogen.h"

static struct system *hydrogen(bool periodic)
{
    static const double cell[3][3] = {{4.1, 0.2, -0.3}, {0.5, 4.6, 0.4}, {-0.2, 0.7, 4.3}};
    static const double pos[4][3] = {
        {0.31, 0.17, 0.43}, {1.52, 0.55, 0.71}, {2.35, 2.83, 2.11}, {-1.13, 3.62, 6.95}};
    return hydrogen_at(4, pos, periodic ? cell : NULL);
}

/* change[i] = rho^2, or rho cos of a plane wave of the cell */
static void make_change(const struct state *s, bool wave, double *change)
{
    const int *n = s->grid->n;
    for (size_t i = 0; i < s->grid->points; i++) {
        const size_t row = i / (size_t)n[2] % (size_t)n[1];
        change[i] = s->rho[i] * (wave ? cos(2 * M_PI * (double)row / n[1] + 0.7) : s->rho[i]);
    }
}

static double field_product(const struct state *s, const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < s->grid->points; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Potential and strain derivative at rho + t change, less those at rho - t change, over 2 t */
static void potential_difference(struct state *s, const double *change, double t, double *out,
                                 double slope[3][3])
{
    const size_t points = s->grid->points;
    double *rho = MEM_NEW(double, points), *moved_rho = MEM_NEW(double, points),
           *v = MEM_NEW(double, points);
    memcpy(rho, s->rho, points * sizeof *rho);
    memset(out, 0, points * sizeof *out);
    memset(slope, 0, 9 * sizeof(double));
    for (int side = -1; side <= 1; side += 2) {
        double pull[3][3] = {{0}};
        for (size_t i = 0; i < points; i++)
            moved_rho[i] = rho[i] + side * t * change[i];
        density_set(s, moved_rho);
        state_density_energy(s, v);
        exchange_term.strain(s, pull);
        for (size_t i = 0; i < points; i++)
            out[i] += side * v[i] / (2 * t);
        for (int a = 0; a < 9; a++)
            slope[a / 3][a % 3] += side * pull[a / 3][a % 3] / (2 * t);
    }
    density_set(s, rho);
    free(rho);
    free(moved_rho);
    free(v);
}

struct fields {
    double *a, *b, *va, *vb, *expected;
};

static struct fields fields_new(const struct state *s)
{
    const size_t points = s->grid->points;
    struct fields f = {0};
    double **const all[] = {&f.a, &f.b, &f.va, &f.vb, &f.expected};
    for (int i = 0; i < 5; i++)
        *all[i] = MEM_NEW(double, points);
    make_change(s, false, f.a);
    make_change(s, true, f.b);
    memcpy(f.va, f.a, points * sizeof *f.a);
    memcpy(f.vb, f.b, points * sizeof *f.b);
    return f;
}

/* Root mean square over the electrons, relative */
static double distance(const struct state *s, const double *a, const double *expected)
{
    double off = 0, size = 0;
    for (size_t i = 0; i < s->grid->points; i++) {
        off += s->rho[i] * pow(a[i] - expected[i], 2);
        size += s->rho[i] * pow(expected[i], 2);
    }
    return sqrt(off / size);
}

static void compare(struct state *s)
{
    struct fields f = fields_new(s);
    double pull[3][3], own[3][3] = {{0}};
    struct kernel *k = kernel_new(s->poisson, s->xc, s->rho);
    kernel_potential(k, f.va);
    kernel_potential(k, f.vb);
    kernel_strain(k, f.a, own);
    potential_difference(s, f.a, 1e-3, f.expected, pull);
    CHECK_NEAR(field_product(s, f.a, f.vb) / field_product(s, f.b, f.va), 1, 1e-12);
    CHECK_NEAR(distance(s, f.va, f.expected), 0, 1e-6);
    for (int i = 0; i < 9; i++)
        CHECK_NEAR(own[i / 3][i % 3], pull[i / 3][i % 3], 1e-6 * fabs(pull[0][0]));
    kernel_free(k);
    free(f.a);
    free(f.b);
    free(f.va);
    free(f.vb);
    free(f.expected);
}

static void second_derivatives(const char *functional, bool periodic)
{
    struct err err = {0};
    struct dft_result r = {0};
    struct dft_settings t = dft_defaults;
    struct system *y = hydrogen(periodic);
    threads_set(1);
    t.functional = functional;
    t.ecut = 9;
    t.tolerance = 1e-5;
    t.padding = 3;
    struct dft *d = dft_new(&t, &err);
    CHECK(dft_run(d, y, &r, &err) == ST_OK);
    compare(&d->state);
    dft_result_free(&r);
    dft_free(d);
    system_free(y);
}

static void lda(void)
{
    second_derivatives("lda", true);
}

static void pbe(void)
{
    second_derivatives("pbe", true);
}

static void blyp(void)
{
    second_derivatives("blyp", true);
}

static void open_boundaries(void)
{
    second_derivatives("pbe", false);
}

static const struct check_case cases[] = {
    {"lda", lda}, {"pbe", pbe}, {"blyp", blyp}, {"open_boundaries", open_boundaries}, {0}};

int main(int argc, char **argv)
{
    return check_main(argc, argv, cases);
}
