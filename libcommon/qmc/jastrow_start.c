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
#include <string.h>
#include "base/mem.h"
#include "qmc/jastrow_term.h"

#define POINTS 240
#define SHELLS 24
#define ANGLES 12
#define OPEN_RS 1.5   /* density taken for molecules, bohr */
#define U_ORDER 6     /* those of JASTROW_FORM */
#define CHI_ORDER 8   /* at most */
#define NARROWEST 0.2 /* bohr: chi has no functions of less width, which samples hardly meet */
/* Cut-offs in bohr, or the inradius of the cell */
#define U_RANGE 3.0
#define U_CUTOFF 7.0
#define CHI_RANGE 0.9 /* of hydrogen */
#define CHI_CUTOFF 6.0
#define G_CUTOFF 5.0 /* of f, in open boundaries */
#define H_CUTOFF 6.0
#define Q_CUTOFF 22.0 /* of q, in open boundaries: from 11 the optimiser is not there in 40 steps */
#define R_CUTOFF 20.0
#define Q_ORDER 4
#define M_ORDER 3
#define CELL_REACH 2.0 /* in cells, in units of r_s */
#define WAVES 40       /* vectors G within the cut-off of p */
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

/* Least squares of target(r) - target(L), smoothed towards L, with weight r^2 on a grid within L. */
static void fit(struct radial *f, double (*target)(const struct target *, double),
                const struct target *t)
{
    double m[POINTS * RADIAL_ORDER], b[POINTS];
    double g[RADIAL_ORDER + 2], s[RADIAL_ORDER + 2], l[RADIAL_ORDER + 2];
    double end = target(t, f->cutoff);
    lapack_int pivot[RADIAL_ORDER] = {0}, rank;
    for (int k = 0; k < POINTS; k++) {
        double r = (k + 0.5) * f->cutoff / POINTS, r2 = r * r, v, s1, l1;
        radial_laplacian(f, 1, &r2, &v, &s1, &l1); /* the cusp alone */
        radial_basis(f, r2, g, s, l);
        for (int p = 0; p < f->order; p++)
            m[k * f->order + p] = r * g[2 + p];
        double q = r / f->cutoff, smooth = (1 - q * q) * (1 - q * q);
        b[k] = r * ((target(t, r) - end) * smooth - v);
    }
    LAPACKE_dgelsy(LAPACK_ROW_MAJOR, POINTS, f->order, 1, m, f->order, b, 1, pivot, 1e-6, &rank);
    for (int p = 0; p < f->order; p++)
        f->a[p] = b[p];
}

/* How many partners of either spin an electron has per unit of nuclear charge. */
static void partners(struct target *t, int up, int down)
{
    double n = up + down;
    t->weight[0] = n > 0 ? 2.0 * up * down / (n * n) : 0;
    t->weight[1] = n > 0 ? (n - 1) / n - t->weight[0] : 0;
}

static void start_cutoffs(const struct system *s, double rs, double p[JASTROW_CUTOFFS])
{
    const double pi = 3.14159265358979323846;
    struct images im;
    images_start(&im, s);
    p[JASTROW_RANGE_U] = fmin(U_RANGE, im.inradius);
    p[JASTROW_CUTOFF_U] = fmin(U_CUTOFF, im.inradius);
    p[JASTROW_RANGE_CHI] = fmin(CHI_RANGE, im.inradius);
    p[JASTROW_CUTOFF_CHI] = fmin(CHI_CUTOFF, im.inradius);
    p[JASTROW_CUTOFF_G] = s->periodic ? fmin(CELL_REACH * rs, im.inradius) : G_CUTOFF;
    p[JASTROW_CUTOFF_H] = s->periodic ? fmin(CELL_REACH * rs, im.inradius) : H_CUTOFF;
    p[JASTROW_CUTOFF_Q] = s->periodic ? fmin(CELL_REACH * rs, im.inradius) : Q_CUTOFF;
    p[JASTROW_CUTOFF_R] = fmin(R_CUTOFF, im.inradius);
    p[JASTROW_CUTOFF_P] = s->periodic ? cbrt(6 * pi * pi * WAVES / system_volume(s)) : 1;
}

static int chi_order(double cutoff)
{
    int n = 1;
    while (n < CHI_ORDER && cutoff / sqrt(3 << n) > NARROWEST)
        n++;
    return n;
}

struct jastrow *jastrow_start_with(const struct system *s, int n_up, int n_down, bool charges)
{
    enum {
        MOST = JASTROW_CUTOFFS + 2 * U_ORDER + JASTROW_P +
               JASTROW_ELEMENTS * (CHI_ORDER + 2 * JASTROW_H * JASTROW_PAIRS) +
               JASTROW_KINDS * 2 * JASTROW_B * JASTROW_PAIRS +
               JASTROW_ELEMENTS * JASTROW_ELEMENTS * JASTROW_B * JASTROW_G
    };
    struct target t = {0};
    const double pi = 3.14159265358979323846, none[RADIAL_ORDER] = {0};
    double p[MOST] = {0}, *a, rs = OPEN_RS;
    char form[60];
    int elements = 0;
    if (s->periodic)
        rs = cbrt(3 * system_volume(s) / (4 * pi * (n_up + n_down)));
    start_cutoffs(s, rs, p);
    a = p + (charges ? JASTROW_CUTOFFS : JASTROW_CUTOFF_Q);
    int order = chi_order(p[JASTROW_CUTOFF_CHI]);
    t.a = sqrt(rs * rs * rs / 3);
    for (int spin = 0; spin < 2; spin++, a += U_ORDER) {
        double cusp = spin ? 0.25 : 0.5;
        t.f = sqrt(t.a / (2 * cusp));
        radial_start(&t.u[spin], cusp, p[JASTROW_RANGE_U], p[JASTROW_CUTOFF_U], U_ORDER, none);
        fit(&t.u[spin], screened, &t);
        memcpy(a, t.u[spin].a, U_ORDER * sizeof *a);
    }
    partners(&t, n_up, n_down);
    for (int z = 1; z < 120; z++) {
        int found = 0;
        for (int i = 0; i < s->n; i++)
            found |= s->element[i] == z;
        if (!found || elements == JASTROW_ELEMENTS)
            continue;
        struct radial chi;
        t.z = z;
        radial_start(&chi, -z, p[JASTROW_RANGE_CHI], p[JASTROW_CUTOFF_CHI], order, none);
        fit(&chi, atom_cusp, &t);
        memcpy(a, chi.a, order * sizeof *a);
        a += order;
        elements++;
    }
    int count = (int)(a - p) + elements * 2 * JASTROW_H * JASTROW_PAIRS + 3;
    snprintf(form, sizeof form, "tempered u%d chi%d f4.2 p3", U_ORDER, order);
    if (charges) {
        count += elements * (elements + 1) * Q_ORDER * JASTROW_PAIRS +
                 elements * elements * M_ORDER * JASTROW_G;
        snprintf(form + strlen(form), sizeof form - strlen(form), " q4.%d m4.%d", Q_ORDER, M_ORDER);
    }
    return jastrow_new(s, n_up, n_down, form, count, p, NULL);
}

struct jastrow *jastrow_start(const struct system *s, int n_up, int n_down)
{
    return jastrow_start_with(s, n_up, n_down, false);
}
