/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include "base/mem.h"
#include "check.h"
#include "dft/phases.h"

enum { ATOMS = 3 };

static const double cell[3][3] = {{6.9, 0.3, 0}, {0, 5.8, 1.1}, {1.2, 0, 7.7}};
/* one outside the cell */
static const double at[ATOMS][3] = {{0.13, 2.21, 3.07}, {4.9, -5.3, 6.58}, {17.1, 1.4, 2.2}};
static const double weight[ATOMS] = {1, 1.53, -0.71};

static struct grid *skew_grid(void)
{
    int n[3];
    grid_size(cell, 6.1, n);
    return grid_new(cell, NULL, n, 6.1);
}

static double complex phase(const struct grid *g, int i, const double r[3])
{
    return cexp(-I * (g->g[i][0] * r[0] + g->g[i][1] * r[1] + g->g[i][2] * r[2]));
}

static void sums_are_those_of_the_definition(void)
{
    struct grid *g = skew_grid();
    double complex *sum = MEM_RAW(double complex, g->ng);
    double worst = 0;
    phases_sum(g, ATOMS, at, weight, sum);
    for (int i = 0; i < g->ng; i++) {
        double complex exact = 0;
        for (int a = 0; a < ATOMS; a++)
            exact += weight[a] * phase(g, i, at[a]);
        worst = fmax(worst, cabs(sum[i] - exact));
    }
    CHECK(g->ng > 500);
    CHECK_NEAR(worst, 0, 1e-12);
    free(sum);
    grid_free(g);
}

/* minus the derivative of weight_a Re sum_G list*(G) exp(-i G.r_a), added to what is there */
static void forces_are_those_of_the_definition(void)
{
    struct grid *g = skew_grid();
    double complex *list = MEM_RAW(double complex, g->ng);
    double force[ATOMS][3] = {{0.5, 0, 0}};
    for (int i = 0; i < g->ng; i++)
        list[i] = (sin(1.7 * i) + I * cos(2.3 * i)) / (1 + g->g2[i]);
    phases_forces(g, ATOMS, at, weight, list, force);
    for (int a = 0; a < ATOMS; a++)
        for (int d = 0; d < 3; d++) {
            double exact = a == 0 && d == 0 ? 0.5 : 0;
            for (int i = 0; i < g->ng; i++)
                exact -= weight[a] * g->g[i][d] * cimag(conj(list[i]) * phase(g, i, at[a]));
            CHECK_NEAR(force[a][d], exact, 1e-10);
        }
    free(list);
    grid_free(g);
}

int main(int argc, char **argv)
{
    static const struct check_case cases[] = {{"sums", sums_are_those_of_the_definition},
                                              {"forces", forces_are_those_of_the_definition},
                                              {0}};
    return check_main(argc, argv, cases);
}
