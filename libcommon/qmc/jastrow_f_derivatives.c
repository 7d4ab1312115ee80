/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Derivatives of the electron-electron-nucleus term with respect to its parameters. With x_l, y_l
 * those of electron i about one nucleus and d = r_i - R_I, the kinetic part of its local energy is
 *   -1/2 lap_i f - v_i . grad_i f = sum_lm gamma_lm [ x_l S_m + y_l d.dS_m + g_l W_m ],
 *   x = -1/2 lap g - (g'/r) d.v_i,  y = -g'/r,  W = -1/2 lap S - v_i . grad S,
 * where grad and lap of S act on h. Cut-offs change g of i, g of its partners, or h.
 */
#include <math.h>
#include <string.h>
#include "qmc/jastrow_f.h"

struct matrices { /* by which gamma_lm is multiplied: [l] is a row over m */
    jastrow_four value[JASTROW_G], energy[JASTROW_G];
};

struct site { /* g, x, y of electron i about a nucleus */
    double g[JASTROW_G], x[JASTROW_G], y[JASTROW_G], d[3], v[3];
};

/* Rows of all electrons and their derivatives with respect to the cut-off, into the first walker's. */
static void load(const struct jastrow *j, struct jastrow_work *work, const double pos[][3])
{
    size_t size = (size_t)work->atoms * JASTROW_G;
    double cutoff = j->parameters[JASTROW_CUTOFF_G];
    memset(work->row, 0, j->electrons * size * sizeof(double));
    memset(work->row_cut, 0, j->electrons * size * sizeof(double));
    memset(work->row_sum, 0, 4 * size * sizeof(double));
    for (int i = 0; i < j->electrons; i++) {
        int n = jastrow_f_near(j, work, pos[i]), spin = i >= j->n_up;
        for (int k = 0; k < n; k++) {
            const struct jastrow_near *near = &work->near[k];
            const double *d = near->d, r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
            for (int l = 0; l < JASTROW_G; l++) {
                size_t to = (size_t)near->atom * JASTROW_G + l;
                size_t own = jastrow_f_place(work, near->atom, i) + l;
                work->row[own] = near->four[0][l];
                work->row_cut[own] = -r2 * near->four[1][l] / cutoff;
                work->row_sum[spin * size + to] += near->four[0][l];
                work->row_sum[(2 + spin) * size + to] += -r2 * near->four[1][l] / cutoff;
            }
        }
    }
}

/* The functions of a site (cut: their derivatives with respect to the cut-off). */
static void site_start(const struct jastrow_near *near, const double v[3], double cutoff, bool cut,
                       struct site *s)
{
    const double *d = near->d, r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
    double along = v[0] * d[0] + v[1] * d[1] + v[2] * d[2];
    memcpy(s->d, d, sizeof s->d);
    memcpy(s->v, v, sizeof s->v);
    for (int l = 0; l < JASTROW_G; l++) {
        double g = near->four[0][l], slope = near->four[1][l], lap = near->four[2][l];
        if (cut) {
            g = -r2 * slope / cutoff;
            lap = -(2 * lap + r2 * near->four[4][l]) / cutoff;
            slope = -(2 * slope + r2 * near->four[3][l]) / cutoff;
        }
        s->g[l] = g;
        s->x[l] = -0.5 * lap - along * slope;
        s->y[l] = -slope;
    }
}

/* Half of the value: each pair is met from both sides. */
static void add(const struct site *s, const jastrow_four sum[5], struct matrices *m)
{
    jastrow_four along = s->d[0] * sum[1] + s->d[1] * sum[2] + s->d[2] * sum[3];
    jastrow_four w = -0.5 * sum[4] - s->v[0] * sum[1] - s->v[1] * sum[2] - s->v[2] * sum[3];
    for (int l = 0; l < JASTROW_G; l++) {
        m->value[l] += 0.5 * s->g[l] * sum[0];
        m->energy[l] += s->x[l] * sum[0] + s->y[l] * along + s->g[l] * w;
    }
}

/* sum_lm gamma_lm of both matrices */
static void contract(const struct matrices *m, const double gamma[4][4], double *value,
                     double *energy)
{
    jastrow_four v = {0}, e = {0};
    for (int l = 0; l < JASTROW_G; l++) {
        v += m->value[l] * jastrow_f_load(gamma[l]);
        e += m->energy[l] * jastrow_f_load(gamma[l]);
    }
    *value += jastrow_f_total(v);
    *energy += jastrow_f_total(e);
}

/* Of one matrix, n and spin: both gamma_lm and gamma_ml are the same parameter. */
static void fold(const struct matrices *m, double value[], double energy[])
{
    int p = 0;
    for (int l = 0; l < JASTROW_G; l++)
        for (int k = l; k < JASTROW_G; k++, p++) {
            value[p] += k == l ? m->value[l][l] : m->value[l][k] + m->value[k][l];
            energy[p] += k == l ? m->energy[l][l] : m->energy[l][k] + m->energy[k][l];
        }
}

struct partners {
    int i, n[2], from[2], near;
    const double *v;
};

/* h_0 = 1: sums over all electrons of the spin but i itself, rows or their derivatives. */
static void constant_sum(const struct jastrow *j, const struct jastrow_work *work,
                         const struct partners *p, int atom, int spin, bool cut,
                         jastrow_four sum[5])
{
    size_t size = (size_t)work->atoms * JASTROW_G, at = (size_t)atom * JASTROW_G;
    const double *own = (cut ? work->row_cut : work->row) + jastrow_f_place(work, atom, p->i);
    memset(sum, 0, 5 * sizeof *sum);
    sum[0] = jastrow_f_load(work->row_sum + (2 * cut + spin) * size + at);
    if (spin == (p->i >= j->n_up))
        sum[0] -= jastrow_f_load(own);
}

/* All of one nucleus and one spin of the partners. */
static void one_site(const struct jastrow *j, struct jastrow_work *work, const struct partners *p,
                     const struct jastrow_near *near, int spin, int at, double value[],
                     double energy[])
{
    struct site plain, cut;
    jastrow_four sum[JASTROW_H][5], sum_g[JASTROW_H][5], sum_h[JASTROW_H][5];
    int same = spin == (p->i >= j->n_up), n = p->n[spin], from = p->from[spin], a = near->atom;
    const double(*h)[5][2] = (const double(*)[5][2])work->h + from;
    double cutoff = j->parameters[JASTROW_CUTOFF_G];
    site_start(near, p->v, cutoff, false, &plain);
    site_start(near, p->v, cutoff, true, &cut);
    constant_sum(j, work, p, a, spin, false, sum[0]);
    constant_sum(j, work, p, a, spin, true, sum_g[0]);
    memset(sum_h[0], 0, sizeof sum_h[0]);
    size_t row = jastrow_f_place(work, a, 0);
    jastrow_f_sums(work->row + row, n, work->partner + from, h, sum + 1);
    jastrow_f_sums(work->row_cut + row, n, work->partner + from, h, sum_g + 1);
    jastrow_f_sums(work->row + row, n, work->partner + from,
                   (const double(*)[5][2])work->h_cut + from, sum_h + 1);
    at += (2 * near->element + same) * JASTROW_H * JASTROW_PAIRS;
    for (int k = 0; k < JASTROW_H; k++) {
        struct matrices m = {{{0}}, {{0}}}, g = m, hh = m;
        const double(*gamma)[4] = j->gamma[near->element][same][k];
        add(&plain, sum[k], &m);
        add(&cut, sum[k], &g);
        add(&plain, sum_g[k], &g);
        add(&plain, sum_h[k], &hh);
        fold(&m, value + at + k * JASTROW_PAIRS, energy + at + k * JASTROW_PAIRS);
        contract(&g, gamma, &value[JASTROW_CUTOFF_G], &energy[JASTROW_CUTOFF_G]);
        contract(&hh, gamma, &value[JASTROW_CUTOFF_H], &energy[JASTROW_CUTOFF_H]);
    }
}

void jastrow_f_derivatives(const struct jastrow *j, struct jastrow_work *work,
                           const double pos[][3], const double velocity[][3], int at,
                           double value[], double energy[])
{
    if (!j->f_order)
        return;
    load(j, work, pos);
    for (int i = 0; i < j->electrons; i++) {
        struct partners p = {.i = i, .v = velocity[i]};
        int n = jastrow_f_partners(j, work, pos, i, pos[i], true, &p.n[0]);
        p.n[1] = n - p.n[0];
        p.from[1] = p.n[0];
        p.near = jastrow_f_near(j, work, pos[i]);
        for (int k = 0; k < p.near; k++)
            for (int spin = 0; spin < 2; spin++)
                one_site(j, work, &p, &work->near[k], spin, at, value, energy);
    }
}
