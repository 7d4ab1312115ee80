/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Start parameters. u: the screened form -(A/r)(1 - exp(-r/F)), A = 1/omega_p of the random-phase
 * approximation, F^2 = A/(2 cusp) (Ceperley, Phys. Rev. B 18, 3126 (1978), eq. (9)); chi: the
 * short-ranged cusp b exp(-r/b) Z, minus what u does to the density of hydrogen-like atoms (so that
 * J leaves the density of the determinants nearly as it is). Both by least squares in the functions
 * of qmc/radial.h.
 */
#include <lapacke.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/mem.h"
#include "qmc/jastrow_term.h"

#define POINTS 120
#define SHELLS 24
#define ANGLES 12
#define OPEN_RS 1.5  /* density taken for molecules, bohr */
#define U_CUTOFF 7.0 /* bohr, or the inradius of the cell */
#define CHI_CUTOFF 5.0
#define CUSP_RANGE 0.4 /* b */

struct target {
    double a, f;         /* of the screened u */
    struct radial u[2];  /* fitted */
    double weight[2], z; /* of antiparallel and parallel partners; nuclear charge */
};

static double screened(const struct target *t, double r)
{
    return -t->a * (r > 1e-8 * t->f ? -expm1(-r / t->f) / r : 1 / t->f);
}

/* Mean of u over the spherical shell of radius s about a nucleus, from a point at distance r. */
static double shell_mean(const struct target *t, double r, double s)
{
    double r2[2 * ANGLES], value[2 * ANGLES], slope[2 * ANGLES], lap[2 * ANGLES], sum = 0;
    for (int k = 0; k < 2 * ANGLES; k++)
        r2[k] = r * r + s * s - 2 * r * s * ((k + 0.5) / ANGLES - 1);
    for (int spin = 0; spin < 2; spin++) {
        radial_laplacian(&t->u[spin], 2 * ANGLES, r2, value, slope, lap);
        for (int k = 0; k < 2 * ANGLES; k++)
            sum += t->weight[spin] * value[k] / (2 * ANGLES);
    }
    return sum;
}

static double atom_cusp(const struct target *t, double r)
{
    double sum = t->z * CUSP_RANGE * exp(-r / CUSP_RANGE), norm = 0, mean = 0;
    for (int k = 0; k < SHELLS; k++) {
        double s = (k + 0.5) * 6 / (SHELLS * t->z), w = s * s * exp(-2 * t->z * s);
        norm += w;
        mean += w * shell_mean(t, r, s);
    }
    return sum - t->z * mean / norm;
}

/* Least squares of target(r) - target(L), smoothed towards L, with weight r^2 on a grid within L.
 */
static void fit(struct radial *f, double cutoff, double cusp, int order,
                double (*target)(const struct target *, double), const struct target *t, double a[])
{
    double m[POINTS * RADIAL_ORDER], b[POINTS], zero[RADIAL_ORDER] = {0};
    double g[RADIAL_ORDER], s[RADIAL_ORDER], l[RADIAL_ORDER], end = target(t, cutoff);
    lapack_int pivot[RADIAL_ORDER] = {0}, rank;
    radial_start(f, cutoff, cusp, order, zero);
    for (int k = 0; k < POINTS; k++) {
        double r = (k + 0.5) * cutoff / POINTS, r2 = r * r, v, s1, l1;
        radial_laplacian(f, 1, &r2, &v, &s1, &l1);
        radial_basis(f, r, g, s, l);
        for (int p = 0; p < order; p++)
            m[k * order + p] = r * g[p];
        double q = r / cutoff, smooth = (1 - q * q) * (1 - q * q);
        b[k] = r * ((target(t, r) - end) * smooth - v);
    }
    LAPACKE_dgelsy(LAPACK_ROW_MAJOR, POINTS, order, 1, m, order, b, 1, pivot, 1e-9, &rank);
    for (int p = 0; p < order; p++)
        a[p] = b[p];
    radial_start(f, cutoff, cusp, order, a);
}

/* How many partners of either spin an electron has per unit of nuclear charge. */
static void partners(struct target *t, int up, int down)
{
    double n = up + down;
    t->weight[0] = n > 0 ? 2.0 * up * down / (n * n) : 0;
    t->weight[1] = n > 0 ? (n - 1) / n - t->weight[0] : 0;
}

struct jastrow *jastrow_start(const struct system *s, int n_up, int n_down)
{
    struct images im;
    struct target t = {0};
    const double pi = 3.14159265358979323846;
    double p[2 + (2 + JASTROW_ELEMENTS) * RADIAL_ORDER], *a = p + 2, rs = OPEN_RS;
    int count = 2;
    images_start(&im, s);
    if (s->periodic)
        rs = cbrt(3 * system_volume(s) / (4 * pi * (n_up + n_down)));
    p[0] = fmin(U_CUTOFF, im.inradius);
    p[1] = fmin(CHI_CUTOFF, im.inradius);
    t.a = sqrt(rs * rs * rs / 3);
    for (int spin = 0; spin < 2; spin++, a += RADIAL_ORDER) {
        double cusp = spin ? 0.25 : 0.5;
        t.f = sqrt(t.a / (2 * cusp));
        fit(&t.u[spin], p[0], cusp, RADIAL_ORDER, screened, &t, a);
    }
    partners(&t, n_up, n_down);
    count += 2 * RADIAL_ORDER;
    for (int z = 1; z < 120; z++) {
        int found = 0;
        for (int i = 0; i < s->n; i++)
            found |= s->element[i] == z;
        if (!found || count + RADIAL_ORDER > (int)(sizeof p / sizeof *p))
            continue;
        struct radial chi;
        t.z = z;
        fit(&chi, p[1], -z, RADIAL_ORDER, atom_cusp, &t, p + count);
        count += RADIAL_ORDER;
    }
    return jastrow_new(s, n_up, n_down, JASTROW_FORM, count, p, NULL);
}
