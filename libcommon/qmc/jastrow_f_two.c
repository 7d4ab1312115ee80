/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The electron-electron-nucleus term of two electrons. The one partner j of electron i leaves no sums to
 * keep: with A_nl(I) = sum_m gamma_lmn g_m(r_jI), h_0 = 1 and e = r_i - r_j, d = r_i - R_I,
 *   f        = sum_In p_n h_n,      p_n = sum_l A_nl g_l(r_iI), and p' and p" with g'/r and lap g,
 *   grad_i f = sum_In p'_n h_n d + p_n (h_n'/r) e,
 *   lap_i f  = sum_In p"_n h_n + p_n lap h_n + 2 p'_n (h_n'/r) d.e,
 * a third of the products of jastrow_f.c, and the numbers computed together are those of four walkers.
 */
#include <string.h>
#include "qmc/jastrow_f.h"

enum { LANES = 4, GROUP = 16 }; /* walkers in SIMD, and at a time */

struct points { /* [walker], those that are none at the end: zeros */
    double x[GROUP], y[GROUP], z[GROUP];
};

struct bells { /* of four distances: g, g'/r and lap g of all four powers */
    jastrow_four value[JASTROW_G], slope[JASTROW_G], laplacian[JASTROW_G];
};

struct seen { /* electron i or j from a nucleus, or i from j */
    struct points d;
    double r2[GROUP], q[GROUP]; /* q = 1 - r^2/L^2 or 0 */
};

struct sums {
    double value[GROUP], x[GROUP], y[GROUP], z[GROUP], laplacian[GROUP];
};

/* From shortest displacements, `scale` = 1/L^2 */
static void look(const struct jastrow *j, double scale, struct seen *s)
{
    struct points *d = &s->d;
    images_shortest(&j->images, GROUP, d->x, d->y, d->z);
#pragma omp simd
    for (int w = 0; w < GROUP; w++) {
        s->r2[w] = d->x[w] * d->x[w] + d->y[w] * d->y[w] + d->z[w] * d->z[w];
        double q = 1 - scale * s->r2[w];
        s->q[w] = q > 0 ? q : 0;
    }
}

static void look_from(const struct jastrow *j, const struct points *p, const double r[3],
                      double scale, struct seen *s)
{
#pragma omp simd
    for (int w = 0; w < GROUP; w++) {
        s->d.x[w] = p->x[w] - r[0];
        s->d.y[w] = p->y[w] - r[1];
        s->d.z[w] = p->z[w] - r[2];
    }
    look(j, scale, s);
}

static void look_between(const struct jastrow *j, const struct points *p, const struct points *from,
                         double scale, struct seen *s)
{
#pragma omp simd
    for (int w = 0; w < GROUP; w++) {
        s->d.x[w] = p->x[w] - from->x[w];
        s->d.y[w] = p->y[w] - from->y[w];
        s->d.z[w] = p->z[w] - from->z[w];
    }
    look(j, scale, s);
}

/* As radial_four */
static inline __attribute__((always_inline)) void bells_value(jastrow_four q, jastrow_four c[4],
                                                              jastrow_four value[4])
{
    jastrow_four q2 = q * q, q4 = q2 * q2, q10 = q4 * q4 * q2;
    c[0] = q, c[1] = q4, c[2] = q10, c[3] = q10 * q10 * q2;
    for (int k = 0; k < JASTROW_G; k++)
        value[k] = c[k] * q * q;
}

static inline __attribute__((always_inline)) void bells_at(const struct seen *s, int w,
                                                           double scale, struct bells *b)
{
    static const double power[JASTROW_G] = {3, 6, 12, 24};
    const jastrow_four q = jastrow_f_load(s->q + w), r2 = jastrow_f_load(s->r2 + w);
    jastrow_four c[JASTROW_G];
    bells_value(q, c, b->value);
    for (int k = 0; k < JASTROW_G; k++) {
        b->slope[k] = -2 * scale * power[k] * (c[k] * q);
        b->laplacian[k] =
            3 * b->slope[k] + 4 * scale * scale * power[k] * (power[k] - 1) * (r2 * c[k]);
    }
}

static inline __attribute__((always_inline)) void add(double *to, jastrow_four v)
{
    *(jastrow_four *)to += v;
}

/* Four walkers, one nucleus */
static inline __attribute__((always_inline)) void add_site(const double gamma[JASTROW_H][4][4],
                                                           double scale, const struct seen *i,
                                                           const struct seen *other,
                                                           const struct seen *pair,
                                                           const struct bells *h, int w,
                                                           struct sums *sums)
{
    const jastrow_four dx = jastrow_f_load(i->d.x + w), dy = jastrow_f_load(i->d.y + w),
                       dz = jastrow_f_load(i->d.z + w), ex = jastrow_f_load(pair->d.x + w),
                       ey = jastrow_f_load(pair->d.y + w), ez = jastrow_f_load(pair->d.z + w);
    jastrow_four partner[4], unused[4], p[JASTROW_H][3];
    struct bells g;
    bells_at(i, w, scale, &g);
    bells_value(jastrow_f_load(other->q + w), unused, partner);
    for (int n = 0; n < JASTROW_H; n++) {
        p[n][0] = p[n][1] = p[n][2] = (jastrow_four){0};
        for (int l = 0; l < JASTROW_G; l++) {
            const double *row = gamma[n][l];
            jastrow_four a = row[0] * partner[0] + row[1] * partner[1] + row[2] * partner[2] +
                             row[3] * partner[3];
            p[n][0] += a * g.value[l];
            p[n][1] += a * g.slope[l];
            p[n][2] += a * g.laplacian[l];
        }
    }
    jastrow_four value = p[0][0], along = p[0][1], laplacian = p[0][2], across = {0}, both = {0};
    for (int n = 0; n < 2; n++) {
        const int k = jastrow_f_power[n];
        const jastrow_four *pn = p[n + 1];
        value += pn[0] * h->value[k];
        along += pn[1] * h->value[k];
        laplacian += pn[2] * h->value[k] + pn[0] * h->laplacian[k];
        across += pn[0] * h->slope[k];
        both += pn[1] * h->slope[k];
    }
    add(sums->value + w, value);
    add(sums->laplacian + w, laplacian + 2 * both * (dx * ex + dy * ey + dz * ez));
    add(sums->x + w, along * dx + across * ex);
    add(sums->y + w, along * dy + across * ey);
    add(sums->z + w, along * dz + across * ez);
}

static void copy_points(int walkers, const double r[][3], size_t stride, struct points *p)
{
    memset(p, 0, sizeof *p);
    for (int w = 0; w < walkers; w++) {
        p->x[w] = r[w * stride][0];
        p->y[w] = r[w * stride][1];
        p->z[w] = r[w * stride][2];
    }
}

static void add_group(const struct jastrow *j, const struct points *at,
                      const struct points *partner, struct sums *sums)
{
    const double g = j->parameters[JASTROW_CUTOFF_G], h = j->parameters[JASTROW_CUTOFF_H];
    const int same = j->n_up != 1;
    struct bells between[GROUP / LANES];
    struct seen pair, i, other;
    look_between(j, at, partner, 1 / (h * h), &pair);
    for (int w = 0; w < GROUP; w += LANES)
        bells_at(&pair, w, 1 / (h * h), &between[w / LANES]);
    for (int e = 0; e < j->elements; e++)
        for (int a = j->first[e]; a < j->first[e + 1]; a++) {
            look_from(j, at, j->nucleus[a], 1 / (g * g), &i);
            look_from(j, partner, j->nucleus[a], 1 / (g * g), &other);
            for (int w = 0; w < GROUP; w += LANES)
                add_site(j->gamma[e][same], 1 / (g * g), &i, &other, &pair, &between[w / LANES], w,
                         sums);
        }
}

void jastrow_f_two(const struct jastrow *j, int walkers, const double pos[][3], int i,
                   const double r[][3], double value[], double gradient[][3], double laplacian[])
{
    for (int first = 0; first < walkers; first += GROUP) {
        const int n = walkers - first < GROUP ? walkers - first : GROUP;
        struct points at, partner;
        struct sums sums = {{0}, {0}, {0}, {0}, {0}};
        copy_points(n, r + first, 1, &at);
        copy_points(n, pos + (size_t)2 * first + !i, 2, &partner);
        add_group(j, &at, &partner, &sums);
        for (int w = 0; w < n; w++) {
            value[first + w] += sums.value[w];
            gradient[first + w][0] += sums.x[w];
            gradient[first + w][1] += sums.y[w];
            gradient[first + w][2] += sums.z[w];
            laplacian[first + w] += sums.laplacian[w];
        }
    }
}
