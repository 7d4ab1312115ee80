/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Electron-electron-nucleus term
 *   f = sum_I sum_{i<j} sum_{lmn} gamma^s_lmn g_l(r_iI) g_m(r_jI) h_n(r_ij),   gamma_lmn = gamma_mln,
 * after Drummond, Towler, Needs (2004), eq. (6), with the powers of qmc/radial.h in place of powers of
 * distances: g_l and h_n have no slope at the origin, so that f has no part in any cusp and needs no
 * constraints (their eqs. (7)-(9)); h_0 = 1.
 *
 * For electron i at a point: sums over its partners j within the cut-off of h,
 *   S_n(I, m) = sum_j g_m(r_jI) h_n(r_ij)   and the same with grad h and lap h,
 * four m at a time, from stored rows g_m(r_jI); then a contraction over the few nuclei near i.
 */
#include <math.h>
#include <string.h>
#include "qmc/jastrow_f.h"

static int parameters(const struct jastrow *j)
{
    return j->f_order ? j->elements * 2 * JASTROW_H * JASTROW_PAIRS : 0;
}

static size_t row_size(const struct jastrow_work *work) /* of one electron, or of sums over them */
{
    return (size_t)work->atoms * JASTROW_G;
}

static double *rows_of(const struct jastrow_work *work, int walker)
{
    return work->row + (size_t)walker * work->electrons * row_size(work);
}

/* Those of n displacements in work that are shorter than the cut-off, in ascending order, without
 * branches; squares into work->r2. */
static int list_near(struct jastrow_work *work, int n, double cutoff, int list[])
{
    const double *x = work->x, *y = work->y, *z = work->z, square = cutoff * cutoff;
    double *r2 = work->r2;
    int count = 0;
#pragma omp simd
    for (int k = 0; k < n; k++)
        r2[k] = x[k] * x[k] + y[k] * y[k] + z[k] * z[k];
    for (int k = 0; k < n; k++) {
        list[count] = k;
        count += r2[k] < square;
    }
    return count;
}

typedef void radial_functions(double r2, double cutoff, double out[][4]);

static inline __attribute__((always_inline)) int find_near(const struct jastrow *j,
                                                           struct jastrow_work *work,
                                                           const double r[3], double cutoff,
                                                           radial_functions *functions)
{
    int n = 0, e = 0;
    for (int a = 0; a < j->atoms; a++) {
        work->x[a] = r[0] - j->nucleus[a][0];
        work->y[a] = r[1] - j->nucleus[a][1];
        work->z[a] = r[2] - j->nucleus[a][2];
    }
    images_shortest(&j->images, j->atoms, work->x, work->y, work->z);
    n = list_near(work, j->atoms, cutoff, work->list);
    for (int k = 0; k < n; k++) {
        struct jastrow_near *near = &work->near[k];
        int a = work->list[k];
        while (a >= j->first[e + 1])
            e++;
        functions(work->r2[a], cutoff, near->four);
        near->d[0] = work->x[a], near->d[1] = work->y[a], near->d[2] = work->z[a];
        near->atom = a;
        near->element = e;
    }
    return n;
}

int jastrow_f_near(const struct jastrow *j, struct jastrow_work *work, const double r[3])
{
    return find_near(j, work, r, j->parameters[JASTROW_CUTOFF_G], radial_four);
}

/* The same without bend and third */
static int near_of_move(const struct jastrow *j, struct jastrow_work *work, const double r[3])
{
    return find_near(j, work, r, j->parameters[JASTROW_CUTOFF_G], radial_four_laplacian);
}

int jastrow_q_near(const struct jastrow *j, struct jastrow_work *work, const double r[3])
{
    return find_near(j, work, r, j->parameters[JASTROW_CUTOFF_Q], radial_wide);
}

/* h, gradient, Laplacian of the two powers at d; with `cut` their derivatives by the cut-off. */
static inline void pair_functions(const double d[3], double r2, double cutoff, double h[5][2],
                                  double (*cut)[2])
{
    double four[5][4];
    if (cut)
        radial_four(r2, cutoff, four);
    else
        radial_four_laplacian(r2, cutoff, four);
    for (int n = 0; n < 2; n++) {
        int k = jastrow_f_power[n];
        h[0][n] = four[0][k];
        h[4][n] = four[2][k];
        for (int x = 0; x < 3; x++)
            h[1 + x][n] = four[1][k] * d[x];
        if (!cut)
            continue;
        cut[0][n] = -r2 * four[1][k] / cutoff;
        cut[4][n] = -(2 * four[2][k] + r2 * four[4][k]) / cutoff;
        for (int x = 0; x < 3; x++)
            cut[1 + x][n] = -(2 * four[1][k] + r2 * four[3][k]) / cutoff * d[x];
    }
}

int jastrow_f_partners(const struct jastrow *j, struct jastrow_work *work, const double pos[][3],
                       int i, const double r[3], bool cut, int *ups)
{
    double cutoff = j->parameters[JASTROW_CUTOFF_H];
    int n = 0;
    for (int k = 0; k < j->electrons; k++) {
        work->x[k] = r[0] - pos[k][0];
        work->y[k] = r[1] - pos[k][1];
        work->z[k] = r[2] - pos[k][2];
    }
    images_shortest(&j->images, j->electrons, work->x, work->y, work->z);
    *ups = 0;
    for (int m = 0, near = list_near(work, j->electrons, cutoff, work->list); m < near; m++) {
        int k = work->list[m];
        double d[3] = {work->x[k], work->y[k], work->z[k]};
        if (k == i)
            continue;
        pair_functions(d, work->r2[k], cutoff, work->h[n], cut ? work->h_cut[n] : NULL);
        work->partner[n++] = k;
        *ups += k < j->n_up;
    }
    return n;
}

void jastrow_f_sums(const double row[], int n, const int partner[], const double h[][5][2],
                    jastrow_four sum[2][5])
{
    jastrow_four zero = {0}, a0 = zero, a1 = zero, a2 = zero, a3 = zero, a4 = zero, b0 = zero,
                 b1 = zero, b2 = zero, b3 = zero, b4 = zero;
    for (int k = 0; k < n; k++) {
        jastrow_four g = jastrow_f_load(row + (size_t)partner[k] * JASTROW_G);
        a0 += h[k][0][0] * g, b0 += h[k][0][1] * g;
        a1 += h[k][1][0] * g, b1 += h[k][1][1] * g;
        a2 += h[k][2][0] * g, b2 += h[k][2][1] * g;
        a3 += h[k][3][0] * g, b3 += h[k][3][1] * g;
        a4 += h[k][4][0] * g, b4 += h[k][4][1] * g;
    }
    sum[0][0] = a0, sum[0][1] = a1, sum[0][2] = a2, sum[0][3] = a3, sum[0][4] = a4;
    sum[1][0] = b0, sum[1][1] = b1, sum[1][2] = b2, sum[1][3] = b3, sum[1][4] = b4;
}

/* Are rows and sums kept? */
static bool keeps(const struct jastrow *j)
{
    return j->f_active && j->electrons != 2;
}

/* Rows of all electrons and their sums over each spin. */
static void load(const struct jastrow *j, struct jastrow_work *work, int walkers,
                 const double pos[][3])
{
    size_t size = row_size(work);
    if (!keeps(j))
        return;
    memset(work->row, 0, (size_t)walkers * j->electrons * size * sizeof(double));
    memset(work->row_sum, 0, (size_t)walkers * 2 * size * sizeof(double));
    for (int w = 0; w < walkers; w++)
        for (int i = 0; i < j->electrons; i++) {
            double *sum = work->row_sum + ((size_t)2 * w + (i >= j->n_up)) * size;
            int n = near_of_move(j, work, pos[(size_t)w * j->electrons + i]);
            for (int k = 0; k < n; k++) {
                const struct jastrow_near *near = &work->near[k];
                memcpy(rows_of(work, w) + jastrow_f_place(work, near->atom, i), near->four[0],
                       sizeof near->four[0]);
                for (int l = 0; l < JASTROW_G; l++)
                    sum[near->atom * JASTROW_G + l] += near->four[0][l];
            }
        }
}

static void accept(const struct jastrow *j, struct jastrow_work *work, int walker, int i)
{
    size_t size = row_size(work);
    if (!keeps(j))
        return;
    double *row = rows_of(work, walker);
    double *sum = work->row_sum + ((size_t)2 * walker + (i >= j->n_up)) * size;
    const double *new = work->row_new + (size_t)walker *size;
    for (int a = 0; a < j->atoms; a++) {
        jastrow_four *at = (jastrow_four *)(row + jastrow_f_place(work, a, i));
        jastrow_four *total = (jastrow_four *)(sum + (size_t)a * JASTROW_G);
        jastrow_four now = jastrow_f_load(new + (size_t)a *JASTROW_G);
        *total += now - *at;
        *at = now;
    }
}

struct totals { /* four at a time, to be added up at the end */
    jastrow_four value, gradient[3], laplacian;
};

/* What one nucleus gives with the partners of one spin. */
static inline void add_site(const struct jastrow_near *near, const double gamma[JASTROW_H][4][4],
                            jastrow_four constant, const jastrow_four sum[2][5], struct totals *t)
{
    const double *d = near->d;
    jastrow_four value = jastrow_f_times(near->four[0], gamma[0]) * constant;
    jastrow_four along = jastrow_f_times(near->four[1], gamma[0]) * constant;
    jastrow_four laplacian = jastrow_f_times(near->four[2], gamma[0]) * constant;
    for (int n = 0; n < 2; n++) {
        const jastrow_four *s = sum[n];
        jastrow_four g0 = jastrow_f_times(near->four[0], gamma[n + 1]);
        jastrow_four g1 = jastrow_f_times(near->four[1], gamma[n + 1]);
        jastrow_four g2 = jastrow_f_times(near->four[2], gamma[n + 1]);
        value += g0 * s[0];
        along += g1 * s[0];
        laplacian += g2 * s[0] + g0 * s[4] + 2 * g1 * (d[0] * s[1] + d[1] * s[2] + d[2] * s[3]);
        for (int x = 0; x < 3; x++)
            t->gradient[x] += g0 * s[1 + x];
    }
    t->value += value;
    t->laplacian += laplacian;
    for (int x = 0; x < 3; x++)
        t->gradient[x] += d[x] * along;
}

static void one_walker(const struct jastrow *j, struct jastrow_work *work, int w,
                       const double pos[][3], int i, const double r[3], struct totals *t)
{
    size_t size = row_size(work);
    const double *rows = rows_of(work, w);
    double *new = work->row_new + (size_t)w *size;
    int near = near_of_move(j, work, r), ups, spin_i = i >= j->n_up;
    const int others[2] = {j->n_up - !spin_i, j->electrons - j->n_up - spin_i};
    int n = jastrow_f_partners(j, work, pos, i, r, false, &ups);
    memset(new, 0, size * sizeof *new);
    memset(t, 0, sizeof *t);
    for (int k = 0; k < near; k++) {
        const struct jastrow_near *site = &work->near[k];
        int at = site->atom * JASTROW_G;
        memcpy(new + at, site->four[0], sizeof site->four[0]);
        for (int spin = 0; spin < 2; spin++) {
            jastrow_four sum[2][5];
            if (!others[spin])
                continue;
            jastrow_four constant =
                jastrow_f_load(work->row_sum + ((size_t)2 * w + spin) * size + at);
            if (spin == spin_i)
                constant -= jastrow_f_load(rows + jastrow_f_place(work, site->atom, i));
            jastrow_f_sums(rows + jastrow_f_place(work, site->atom, 0), spin ? n - ups : ups,
                           work->partner + (spin ? ups : 0),
                           (const double(*)[5][2])work->h + (spin ? ups : 0), sum);
            add_site(site, j->gamma[site->element][spin == spin_i], constant,
                     (const jastrow_four(*)[5])sum, t);
        }
    }
}

static void electron(const struct jastrow *j, struct jastrow_work *work, int walkers,
                     const double pos[][3], int i, const double r[][3], double value[],
                     double gradient[][3], double laplacian[])
{
    if (j->f_active && j->electrons == 2)
        jastrow_f_two(j, walkers, pos, i, r, value, gradient, laplacian);
    if (!keeps(j))
        return;
    for (int w = 0; w < walkers; w++) {
        struct totals t;
        one_walker(j, work, w, pos + (size_t)w * j->electrons, i, r[w], &t);
        value[w] += jastrow_f_total(t.value);
        laplacian[w] += jastrow_f_total(t.laplacian);
        for (int x = 0; x < 3; x++)
            gradient[w][x] += jastrow_f_total(t.gradient[x]);
    }
}

const struct jastrow_term jastrow_f = {
    0.5, parameters, load, accept, NULL, electron, jastrow_f_derivatives, jastrow_f_differential};
