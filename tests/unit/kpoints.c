/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include "check.h"
#include "crystal/kpoints.h"

static double total(const struct kpoints *p)
{
    double sum = 0;
    for (int i = 0; i < p->n; i++)
        sum += p->weight[i];
    return sum;
}

static void counts(void)
{
    static const struct {
        int mesh[3];
        double shift[3];
        int full, reduced;
    } cases[] = {{{1, 1, 1}, {0, 0, 0}, 1, 1},        {{2, 2, 2}, {0, 0, 0}, 8, 8},
                 {{3, 3, 3}, {0, 0, 0}, 27, 14},      {{4, 4, 4}, {0, 0, 0}, 64, 36},
                 {{2, 2, 2}, {0.5, 0.5, 0.5}, 8, 4},  {{1, 1, 1}, {0.5, 0.5, 0.5}, 1, 1},
                 {{4, 3, 1}, {0, 0.5, 0.25}, 12, 12}, {{2, 1, 3}, {0, 0, 0}, 6, 4}};
    for (int i = 0; i < 8; i++) {
        struct kpoints *p = kpoints_mesh(cases[i].mesh, cases[i].shift, false);
        struct kpoints *q = kpoints_mesh(cases[i].mesh, cases[i].shift, true);
        CHECK(p->n == cases[i].full);
        CHECK(q->n == cases[i].reduced);
        CHECK_NEAR(total(p), 1, 1e-14);
        CHECK_NEAR(total(q), 1, 1e-14);
        kpoints_free(p);
        kpoints_free(q);
    }
}

/* sum_k w cos(2 pi k.T) is 1 for T in the supercell's lattice and 0 otherwise, reduced or not. */
static void integrates(void)
{
    int mesh[3] = {3, 4, 2};
    double shift[3] = {0, 0, 0};
    struct kpoints *p = kpoints_mesh(mesh, shift, true);
    for (int a = 0; a <= 3; a++)
        for (int b = 0; b <= 4; b++)
            for (int c = 0; c <= 2; c++) {
                double sum = 0;
                for (int i = 0; i < p->n; i++)
                    sum += p->weight[i] *
                           cos(2 * M_PI * (p->k[i][0] * a + p->k[i][1] * b + p->k[i][2] * c));
                CHECK_NEAR(sum, a % 3 == 0 && b % 4 == 0 && c % 2 == 0, 1e-13);
            }
    kpoints_free(p);
}

/* A hexagonal cell with c = 2 a: |a*| = 4 pi / (sqrt(3) a), |c*| = pi / a; the steps are as wide as allowed. */
static void spaced(void)
{
    const double cell[3][3] = {{3, 0, 0}, {-1.5, 1.5 * sqrt(3), 0}, {0, 0, 6}};
    const double plane = 4 * M_PI / (sqrt(3) * 3), axis = M_PI / 3;
    int mesh[3];
    for (int n = 1; n <= 5; n++) {
        kpoints_spaced(cell, plane / n, 64, mesh);
        CHECK(mesh[0] == n && mesh[1] == n && mesh[2] == (int)ceil(axis / plane * n));
        kpoints_spaced(cell, plane / n * 0.999, 64, mesh);
        CHECK(mesh[0] == n + 1 && mesh[1] == n + 1);
    }
    kpoints_spaced(cell, 1e-9, 64, mesh);
    CHECK(mesh[0] == 64 && mesh[2] == 64);
    kpoints_spaced(cell, 100, 64, mesh);
    CHECK(mesh[0] == 1 && mesh[2] == 1);
}

static void trim(void)
{
    CHECK(kpoints_is_trim((double[3]){0, 0, 0}));
    CHECK(kpoints_is_trim((double[3]){0.5, -0.5, 1}));
    CHECK(kpoints_is_trim((double[3]){1.5, 0, -2}));
    CHECK(!kpoints_is_trim((double[3]){0.25, 0, 0}));
    CHECK(!kpoints_is_trim((double[3]){0, 0.5, 1.0 / 3}));
    CHECK(!kpoints_is_trim((double[3]){0, NAN, 0}));
}

int main(int argc, char **argv)
{
    static const struct check_case cases[] = {
        {"counts", counts}, {"integrates", integrates}, {"spaced", spaced}, {"trim", trim}, {0}};
    return check_main(argc, argv, cases);
}
