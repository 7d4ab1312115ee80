/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Derivatives of a function of trial orbitals against finite differences over re-converged systems. The
 * function is sum g C of a random g that does not see orbitals mix, C turned to the orbitals g belongs to;
 * turning changes nothing in first order.
 */
#include "check.h"
#include <stdlib.h>
#include "base/mem.h"
#include "base/rng.h"
#include "base/threads.h"
#include "basis/ao.h"
#include "dft/dft.h"
#include "maths/linalg.h"

static const double direction[4][3] = {
    {0.6, -0.3, 0.2}, {-0.4, 0.5, 0.1}, {0.2, 0.7, -0.5}, {-0.1, -0.6, 0.4}};
static const double strain[3][3] = {{0.7, 0.2, -0.1}, {0.2, -0.4, 0.3}, {-0.1, 0.3, 0.5}};

static struct system *cell(void)
{
    static const double rows[3][3] = {{3.9, 0.2, -0.3}, {0.5, 3.6, 0.4}, {-0.2, 0.3, 4.0}};
    static const double pos[4][3] = {
        {0.31, 0.17, 0.43}, {1.52, 0.45, 0.71}, {1.95, 2.13, 2.31}, {2.93, 1.92, 3.15}};
    struct system *y = system_new(4);
    y->periodic = true;
    memcpy(y->cell, rows, sizeof rows);
    memcpy(y->pos, pos, sizeof pos);
    for (int i = 0; i < 4; i++)
        y->element[i] = 1;
    return y;
}

static struct system *molecules(void)
{
    struct system *y = cell(), *m = system_new(4);
    memcpy(m->pos, y->pos, 4 * sizeof *m->pos);
    memcpy(m->element, y->element, 4 * sizeof *m->element);
    for (int i = 0; i < 12; i++)
        m->pos[i / 3][i % 3] += 2.7;
    system_free(y);
    return m;
}

static struct dft_settings tight(const char *functional, int mesh, const struct system *y)
{
    static const double box[3][3] = {{8.5, 0, 0}, {0, 9, 0}, {0, 0, 9.5}};
    struct dft_settings t = dft_defaults;
    threads_set(1);
    t.functional = functional;
    t.ecut = 8;
    t.temperature = 0;
    t.tolerance = 1e-17;
    t.trial_residual = 1e-2; /* differences of orbitals, not energies */
    t.keep_waves = true;
    t.fit = DFT_FIT_OVERLAP;
    memcpy(t.basis_cell, y->periodic ? (const double(*)[3])y->cell : box, sizeof box);
    for (int d = 0; d < 3; d++)
        t.mesh[d] = mesh;
    return t;
}

struct reference { /* what finite differences are about */
    struct dft_settings settings;
    struct basis *basis;
    struct dft_orbitals c;
    double **overlap; /* of each k */
    double *g;
};

static struct dft_orbitals orbitals(const struct reference *f, const struct system *y)
{
    struct err err = {0};
    struct dft_orbitals o = {0};
    struct dft *d = dft_new(&f->settings, &err);
    CHECK(dft_trial(d, y, f->basis, &o, &err) == ST_OK);
    if (err.status)
        printf("%s\n", err.text);
    dft_free(d);
    return o;
}

static int row_of(const struct reference *f)
{
    return 4 * f->c.functions;
}

/* turn[n][m] such that sum_m turn c_m is closest to the reference orbitals */
static void turn_to(const struct reference *f, int k, const double *c, double *turn)
{
    const int n = f->c.orbitals, row = row_of(f);
    double *sc = MEM_NEW(double, n *row), *m = MEM_NEW(double, n *n);
    const double *own = f->c.coefficient + (size_t)k * n * row;
    linalg_gemm(LINALG_N, LINALG_N, n, row, row, 1, c, f->overlap[k], 0, sc);
    linalg_gemm(LINALG_N, LINALG_T, n, n, row, 1, sc, c, 0, m);
    linalg_gemm(LINALG_N, LINALG_T, n, n, row, 1, own, sc, 0, turn);
    CHECK(linalg_cholesky(n, m, NULL) == ST_OK);
    linalg_cholesky_solve(n, m, n, turn);
    free(sc);
    free(m);
}

/* g = own orbitals times a random matrix, so that their signs do not matter, less what sees them mix:
 * own . g = 0 */
static void make_gradient(struct reference *f)
{
    const int n = f->c.orbitals, row = row_of(f);
    struct rng rng;
    rng_start(&rng, 5, RNG_TEST, 0, 0, 0);
    f->g = MEM_NEW(double, f->c.nk *n *row);
    double *random = MEM_NEW(double, row *row);
    for (int k = 0; k < f->c.nk; k++) {
        double *g = f->g + (size_t)k * n * row, *along = MEM_NEW(double, n *n);
        double *so = MEM_NEW(double, n *row), *m = MEM_NEW(double, n *n);
        const double *own = f->c.coefficient + (size_t)k * n * row;
        for (int i = 0; i < row * row; i++)
            random[i] = rng_normal(&rng);
        linalg_gemm(LINALG_N, LINALG_N, n, row, row, 1, own, random, 0, g);
        linalg_gemm(LINALG_N, LINALG_N, n, row, row, 1, own, f->overlap[k], 0, so);
        linalg_gemm(LINALG_N, LINALG_T, n, n, row, 1, so, own, 0, m);
        linalg_gemm(LINALG_N, LINALG_T, n, n, row, 1, g, own, 0, along);
        CHECK(linalg_cholesky(n, m, NULL) == ST_OK);
        linalg_cholesky_solve(n, m, n, along);
        linalg_gemm(LINALG_N, LINALG_N, n, row, n, -1, along, so, 1, g);
        free(along);
        free(so);
        free(m);
    }
    free(random);
}

static struct reference reference_new(const char *functional, int mesh, const struct system *y)
{
    struct reference f = {.settings = tight(functional, mesh, y),
                          .basis = basis_builtin("h-dz", NULL)};
    f.c = orbitals(&f, y);
    struct ao *ao = ao_new(y, f.basis, f.c.nk, (const double(*)[3])f.c.k, NULL);
    f.overlap = MEM_NEW(double *, f.c.nk);
    for (int k = 0; k < f.c.nk; k++) {
        f.overlap[k] = MEM_NEW(double, row_of(&f) * row_of(&f));
        ao_overlap(ao, k, f.overlap[k]);
    }
    ao_free(ao);
    make_gradient(&f);
    return f;
}

static void reference_free(struct reference *f)
{
    for (int k = 0; k < f->c.nk; k++)
        free(f->overlap[k]);
    free(f->overlap);
    free(f->g);
    dft_orbitals_free(&f->c);
    basis_free(f->basis);
}

static double quantity(const struct reference *f, const struct system *y)
{
    const int n = f->c.orbitals, row = row_of(f);
    struct dft_orbitals o = orbitals(f, y);
    double sum = 0, *turn = MEM_NEW(double, n *n), *c = MEM_NEW(double, n *row);
    for (int k = 0; k < f->c.nk; k++) {
        const double *mine = o.coefficient + (size_t)k * n * row;
        turn_to(f, k, mine, turn);
        linalg_gemm(LINALG_N, LINALG_N, n, row, n, 1, turn, mine, 0, c);
        for (int i = 0; i < n * row; i++)
            sum += f->g[(size_t)k * n * row + i] * c[i];
    }
    free(turn);
    free(c);
    dft_orbitals_free(&o);
    return sum;
}

static struct system *moved(const struct system *y, double by)
{
    struct system *m = system_copy(y);
    for (int i = 0; i < 12; i++)
        m->pos[i / 3][i % 3] += by * direction[i / 3][i % 3];
    return m;
}

static void stretch(int n, double r[][3], double by)
{
    for (int i = 0; i < n; i++) {
        const double old[3] = {r[i][0], r[i][1], r[i][2]};
        for (int a = 0; a < 9; a++)
            r[i][a / 3] += by * strain[a / 3][a % 3] * old[a % 3];
    }
}

static struct system *strained(const struct system *y, double by)
{
    struct system *m = system_copy(y);
    stretch(4, m->pos, by);
    stretch(3, m->cell, by);
    return m;
}

/* By six points, error of the order of step^6: with four it was 4e-6 of the strain derivative */
static double slope(const struct reference *f, const struct system *y,
                    struct system *(*change)(const struct system *, double), double step)
{
    static const double at[6] = {-3, -2, -1, 1, 2, 3},
                        weight[6] = {-1.0 / 60, 9.0 / 60,  -45.0 / 60,
                                     45.0 / 60, -9.0 / 60, 1.0 / 60};
    double sum = 0;
    for (int i = 0; i < 6; i++) {
        struct system *m = change(y, at[i] * step);
        sum += weight[i] * quantity(f, m) / step;
        system_free(m);
    }
    return sum;
}

static void compare(const char *functional, int mesh, struct system *y)
{
    struct err err = {0};
    struct reference f = reference_new(functional, mesh, y);
    struct dft *d = dft_new(&f.settings, &err);
    struct dft_response r = {0};
    CHECK(dft_respond(d, y, f.basis, &f.c, 1, &(struct dft_gradient){f.g, 1e-9}, &r, &err) ==
          ST_OK);
    if (err.status)
        printf("%s\n", err.text);
    double force = 0, work = 0, size = 0; /* size: without what cancels */
    for (int i = 0; i < 12 && r.force; i++) {
        force -= r.force[i / 3][i % 3] * direction[i / 3][i % 3];
        size += fabs(r.force[i / 3][i % 3] * direction[i / 3][i % 3]);
    }
    for (int a = 0; a < 9; a++)
        work += r.stress[a / 3][a % 3] * strain[a / 3][a % 3];
    const double expected = slope(&f, y, moved, 0.005);
    printf("%d steps, along the nuclei %.9f against %.9f\n", r.iterations, force, expected);
    CHECK_NEAR(force, expected, 1e-6 * size);
    if (y->periodic) {
        const double pull = slope(&f, y, strained, 0.0025);
        printf("along the strain %.9f against %.9f\n", work * system_volume(y), pull);
        CHECK_NEAR(work * system_volume(y) / pull, 1, 1e-6);
    }
    dft_response_free(&r);
    dft_free(d);
    reference_free(&f);
    system_free(y);
}

static void gamma_lda(void)
{
    compare("lda", 1, cell());
}

static void gamma_pbe(void)
{
    compare("pbe", 1, cell());
}

static void all_points(void)
{
    compare("pbe", 2, cell());
}

static void open_boundaries(void)
{
    compare("lda", 1, molecules());
}

static const struct check_case cases[] = {{"gamma_lda", gamma_lda},
                                          {"gamma_pbe", gamma_pbe},
                                          {"all_points", all_points},
                                          {"open_boundaries", open_boundaries},
                                          {0}};

int main(int argc, char **argv)
{
    return check_main(argc, argv, cases);
}
