/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>
#include "qmc/images.h"

static double dot3(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/* cell[i] + m cell[j] + n cell[k] if that is shorter; returns whether it was. */
static bool shorten(double cell[3][3], int i, int m, int n)
{
    const double *b = cell[(i + 1) % 3], *c = cell[(i + 2) % 3];
    double v[3];
    for (int x = 0; x < 3; x++)
        v[x] = cell[i][x] + m * b[x] + n * c[x];
    if (dot3(v, v) >= dot3(cell[i], cell[i]) * (1 - 1e-12))
        return false;
    memcpy(cell[i], v, sizeof v);
    return true;
}

/* Greedy reduction (Semaev 2001): until no vector can be shortened by the two others. */
static void reduce(double cell[3][3])
{
    bool again = true;
    while (again) {
        again = false;
        for (int t = 0; t < 27; t++)
            again |= shorten(cell, t / 9, t / 3 % 3 - 1, t % 3 - 1);
    }
}

/* T shortens some d of the cell [-1/2, 1/2)^3 only if 2 d.T + T^2 < 0 there, i.e. sum_i |a_i.T| >
 * T^2. */
static void add_shift(struct images *im, const int n[3])
{
    double t[3], reach = 0;
    for (int x = 0; x < 3; x++)
        t[x] = n[0] * im->cell[0][x] + n[1] * im->cell[1][x] + n[2] * im->cell[2][x];
    for (int i = 0; i < 3; i++)
        reach += fabs(dot3(im->cell[i], t));
    if (reach > dot3(t, t) * (1 + 1e-12))
        memcpy(im->shift[im->shifts++], t, sizeof t);
}

void images_start(struct images *im, const struct system *s)
{
    memset(im, 0, sizeof *im);
    im->periodic = s->periodic;
    im->inradius = INFINITY;
    if (!s->periodic)
        return;
    memcpy(im->cell, s->cell, sizeof im->cell);
    reduce(im->cell);
    system_inverse(im->cell, im->inverse);
    for (int i = 0; i < 3; i++)
        im->inradius = fmin(im->inradius, 0.5 * sqrt(dot3(im->cell[i], im->cell[i])));
    for (int t = 0; t < 27; t++)
        if (t != 13)
            add_shift(im, (int[3]){t / 9 - 1, t / 3 % 3 - 1, t % 3 - 1});
}

static void wrap(const struct images *im, int n, double x[], double y[], double z[])
{
    const double(*a)[3] = im->cell, (*b)[3] = im->inverse;
#pragma omp simd
    for (int m = 0; m < n; m++) {
        double f = rint(x[m] * b[0][0] + y[m] * b[1][0] + z[m] * b[2][0]);
        double g = rint(x[m] * b[0][1] + y[m] * b[1][1] + z[m] * b[2][1]);
        double h = rint(x[m] * b[0][2] + y[m] * b[1][2] + z[m] * b[2][2]);
        x[m] -= f * a[0][0] + g * a[1][0] + h * a[2][0];
        y[m] -= f * a[0][1] + g * a[1][1] + h * a[2][1];
        z[m] -= f * a[0][2] + g * a[1][2] + h * a[2][2];
    }
}

static void try_shifts(const struct images *im, double d[3])
{
    double best[3] = {d[0], d[1], d[2]}, best2 = dot3(d, d);
    for (int t = 0; t < im->shifts; t++) {
        double v[3] = {d[0] + im->shift[t][0], d[1] + im->shift[t][1], d[2] + im->shift[t][2]};
        double v2 = dot3(v, v);
        if (v2 < best2) {
            best2 = v2;
            memcpy(best, v, sizeof v);
        }
    }
    memcpy(d, best, sizeof best);
}

void images_shortest(const struct images *im, int n, double x[], double y[], double z[])
{
    if (!im->periodic)
        return;
    wrap(im, n, x, y, z);
    if (!im->shifts)
        return;
    for (int m = 0; m < n; m++) {
        double d[3] = {x[m], y[m], z[m]};
        if (dot3(d, d) <= im->inradius * im->inradius)
            continue; /* nothing can be shorter inside the inradius */
        try_shifts(im, d);
        x[m] = d[0], y[m] = d[1], z[m] = d[2];
    }
}
