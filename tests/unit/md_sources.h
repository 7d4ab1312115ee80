/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Analytic force sources for the tests of dynamics. Atomic units. */
#ifndef TESTS_MD_SOURCES_H
#define TESTS_MD_SOURCES_H

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/units.h"
#include "md/force.h"

#define MASS (SPECIES_DEUTERIUM_AMU * UNITS_AMU_ME)

/* fcc, count^3 cubic cells of side a */
static struct system *fcc(int count, double a)
{
    static const double basis[4][3] = {{0, 0, 0}, {0, .5, .5}, {.5, 0, .5}, {.5, .5, 0}};
    struct system *s = system_new(4 * count * count * count);
    s->periodic = true;
    for (int i = 0; i < s->n; i++) {
        int cell = i / 4;
        int at[3] = {cell % count, cell / count % count, cell / count / count};
        s->element[i] = 1;
        s->mass[i] = MASS;
        for (int c = 0; c < 3; c++)
            s->pos[i][c] = (at[c] + basis[i % 4][c]) * a;
    }
    for (int c = 0; c < 3; c++)
        s->cell[c][c] = count * a;
    return s;
}

static void clear(const struct system *s, struct force_result *r)
{
    double(*force)[3] = r->force;
    *r = (struct force_result){.force = force};
    memset(force, 0, sizeof force[0] * s->n);
}

/* E = k/2 sum (r_i - site_i)^2 */
struct einstein {
    double k;
    const struct system *sites;
};

static inline enum status einstein_evaluate(void *self, const struct system *s,
                                            struct force_result *r, struct err *err)
{
    const struct einstein *e = self;
    (void)err;
    clear(s, r);
    for (int i = 0; i < s->n; i++)
        for (int c = 0; c < 3; c++) {
            double d = s->pos[i][c] - e->sites->pos[i][c];
            r->energy += e->k * d * d / 2;
            r->force[i][c] = -e->k * d;
        }
    return ST_OK;
}

/* Lennard-Jones times (1 - r^2/rc^2)^4: three continuous derivatives at the cut-off. Cubic cell,
 * nearest images: cutoff at most half the side. */
struct lj {
    double eps, sigma, cutoff;
};

static inline void lj_pair(const struct lj *p, const double d[3], double u, double fi[3],
                           double fj[3], struct force_result *r)
{
    double sr2 = p->sigma * p->sigma / u, x = sr2 * sr2 * sr2;
    double y = 1 - u / (p->cutoff * p->cutoff), y3 = y * y * y;
    double bare = 4 * p->eps * (x * x - x), slope = 4 * p->eps * (3 * x - 6 * x * x) / u;
    double du = slope * y3 * y - bare * 4 * y3 / (p->cutoff * p->cutoff); /* dE/d(r^2) */
    r->energy += bare * y3 * y;
    for (int a = 0; a < 3; a++) {
        fi[a] += 2 * du * d[a];
        fj[a] -= 2 * du * d[a];
        for (int b = 0; b < 3; b++)
            r->stress[a][b] += 2 * du * d[a] * d[b];
    }
}

static inline enum status lj_evaluate(void *self, const struct system *s, struct force_result *r,
                                      struct err *err)
{
    const struct lj *p = self;
    double side = s->cell[0][0];
    (void)err;
    clear(s, r);
    for (int i = 0; i < s->n; i++)
        for (int j = 0; j < i; j++) {
            double d[3], u = 0;
            for (int c = 0; c < 3; c++) {
                d[c] = s->pos[j][c] - s->pos[i][c];
                d[c] -= side * rint(d[c] / side);
                u += d[c] * d[c];
            }
            if (u < p->cutoff * p->cutoff)
                lj_pair(p, d, u, r->force[i], r->force[j], r);
        }
    for (int a = 0; a < 9; a++)
        r->stress[a / 3][a % 3] /= system_volume(s);
    return ST_OK;
}

/*
 * E = k/p sum over pairs of neighbouring sites |u_i - u_j|^p of displacements u: p = 2 a harmonic
 * crystal, p = 4 one whose motion is chaotic. E scales as u^p over 3N - 3 coordinates, so that
 * canonically <E> = (3N - 3) kT/p with the variance (3N - 3) kT^2/p, exactly.
 */
struct springs {
    double k, reach; /* sites closer than reach are neighbours */
    int power;       /* 2 or 4 */
    const struct system *sites;
};

static inline void spring(const struct springs *p, const double d[3], double fi[3], double fj[3],
                          struct force_result *r)
{
    double u2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2], slope = p->k * (p->power == 4 ? u2 : 1);
    r->energy += slope * u2 / p->power;
    for (int c = 0; c < 3; c++) {
        fi[c] += slope * d[c];
        fj[c] -= slope * d[c];
    }
}

static inline enum status springs_evaluate(void *self, const struct system *s,
                                           struct force_result *r, struct err *err)
{
    const struct springs *p = self;
    double side = p->sites->cell[0][0];
    (void)err;
    clear(s, r);
    for (int i = 0; i < s->n; i++)
        for (int j = 0; j < i; j++) {
            const double *si = p->sites->pos[i], *sj = p->sites->pos[j];
            double d[3], u = 0;
            for (int c = 0; c < 3; c++) {
                double x = sj[c] - si[c];
                x -= side * rint(x / side);
                u += x * x;
                d[c] = s->pos[j][c] - sj[c] - s->pos[i][c] + si[c];
            }
            if (u < p->reach * p->reach)
                spring(p, d, r->force[i], r->force[j], r);
        }
    return ST_OK;
}

/* E = e sum over pairs (a/r)^12, nearest images in scaled coordinates, any cell near its shortest form:
 * scales as V^-4, so that the virial pressure is 4 E/V. */
struct repulsion {
    double e, a;
};

static inline void repel(const struct repulsion *p, const double d[3], double fi[3], double fj[3],
                         struct force_result *r)
{
    double u = d[0] * d[0] + d[1] * d[1] + d[2] * d[2], x = p->a * p->a / u;
    double e = p->e * x * x * x * x * x * x;
    r->energy += e;
    for (int a = 0; a < 3; a++) {
        fi[a] -= 12 * e / u * d[a];
        fj[a] += 12 * e / u * d[a];
        for (int b = 0; b < 3; b++)
            r->stress[a][b] -= 12 * e / u * d[a] * d[b];
    }
}

static inline enum status repulsion_evaluate(void *self, const struct system *s,
                                             struct force_result *r, struct err *err)
{
    double inverse[3][3];
    (void)err;
    clear(s, r);
    system_inverse((const double(*)[3])s->cell, inverse);
    for (int i = 0; i < s->n; i++)
        for (int j = 0; j < i; j++) {
            double d[3], image[3];
            for (int c = 0; c < 3; c++)
                d[c] = s->pos[j][c] - s->pos[i][c];
            for (int c = 0; c < 3; c++)
                image[c] = rint(d[0] * inverse[0][c] + d[1] * inverse[1][c] + d[2] * inverse[2][c]);
            for (int c = 0; c < 3; c++)
                d[c] -=
                    image[0] * s->cell[0][c] + image[1] * s->cell[1][c] + image[2] * s->cell[2][c];
            repel(self, d, r->force[i], r->force[j], r);
        }
    for (int a = 0; a < 9; a++)
        r->stress[a / 3][a % 3] /= system_volume(s);
    return ST_OK;
}

static inline enum status ideal_evaluate(void *self, const struct system *s, struct force_result *r,
                                         struct err *err)
{
    (void)self;
    (void)err;
    clear(s, r);
    return ST_OK;
}

#endif
