/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small cell, its trial orbitals and a gradient that does not see orbitals mix: what tests of their response share. */
#ifndef TESTS_RESPONSE_REFERENCE_H
#define TESTS_RESPONSE_REFERENCE_H

#include <stdlib.h>
#include "base/mem.h"
#include "base/rng.h"
#include "base/threads.h"
#include "basis/ao.h"
#include "check.h"
#include "dft/dft.h"
#include "hydrogen.h"
#include "maths/linalg.h"

static struct system *cell(void)
{
    static const double rows[3][3] = {{3.9, 0.2, -0.3}, {0.5, 3.6, 0.4}, {-0.2, 0.3, 4.0}};
    static const double pos[4][3] = {
        {0.31, 0.17, 0.43}, {1.52, 0.45, 0.71}, {1.95, 2.13, 2.31}, {2.93, 1.92, 3.15}};
    return hydrogen_at(4, pos, rows);
}

static struct dft_settings tight(const char *functional, int mesh, const struct system *y)
{
    static const double box[3][3] = {{8.5, 0, 0}, {0, 9, 0}, {0, 0, 9.5}};
    struct dft_settings t = dft_defaults;
    threads_set(1);
    t.functional = functional;
    t.ecut = 8;
    t.temperature = 0;
    t.tolerance = 1e-18;
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

#endif
