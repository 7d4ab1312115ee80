/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Four hydrogen atoms and four electrons in several boundary conditions, and differences of high order. */
#ifndef TESTS_FORCES_MODEL_H
#define TESTS_FORCES_MODEL_H

#include <math.h>
#include <string.h>
#include "base/rng.h"
#include "qmc/wavefunction.h"
#include "tests/unit/check.h"
#include "tests/unit/hydrogen.h"

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
    return hydrogen_at(ATOMS, pos, kind == OPEN ? NULL : kind == TRICLINIC ? cell : box);
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

#endif
