/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "qmc/coulomb_gradient.h"
#include "qmc/images.h"

#define NODES 2048
#define REACH 3.9 /* erfc(REACH) = 3.5e-8: relative truncation of the sum over pairs */
#define WAVES \
    4.45 /* of that over waves: exp(-WAVES^2) = 2.5e-9, 2 (1 + WAVES^2) times that of stress */

struct wave_row { /* G = x b1 + y b2 + z b3, z = first .. first + count - 1 */
    int x, y, first, count;
};

struct coulomb_gradient {
    int n, electrons; /* particles: electrons, then nuclei */
    struct images images;
    double (*nucleus)[3], *charge; /* charge[n] */
    double alpha, cutoff, volume, background;
    double rec[3][3];
    double (*table)[2]; /* s(r) and h ds/dr; force of a pair = q q s(r) d / r^3 */
    int limit[3], rows, waves;
    struct wave_row *row;
    double *weight; /* 4 pi exp(-G^2/4 alpha^2) / (V G^2), one half space */
};

/* s = erfc(x) + 2 x exp(-x^2)/sqrt(pi), x = alpha r: minus r^2 d/dr of erfc(alpha r)/r */
static void make_table(struct coulomb_gradient *c)
{
    double h = c->cutoff / NODES;
    c->table = mem_new(NODES + 2, sizeof *c->table);
    for (int k = 0; k < NODES + 2; k++) {
        double x = c->alpha * h * k, e = 2 / sqrt(M_PI) * exp(-x * x);
        c->table[k][0] = erfc(x) + x * e;
        c->table[k][1] = -2 * x * x * e * c->alpha * h;
    }
}

static double screening(const struct coulomb_gradient *c, double r)
{
    double t = r * (NODES / c->cutoff);
    int k = (int)t;
    const double *a = c->table[k], *b = c->table[k + 1];
    t -= k;
    double s = 1 - t;
    return s * s * ((1 + 2 * t) * a[0] + t * a[1]) + t * t * ((3 - 2 * t) * b[0] - s * b[1]);
}

static void wave_vector(const struct coulomb_gradient *c, int x, int y, int z, double g[3])
{
    for (int k = 0; k < 3; k++)
        g[k] = x * c->rec[0][k] + y * c->rec[1][k] + z * c->rec[2][k];
}

/* Count (row, weight NULL) or fill the half space x > 0, or x = 0 < y, or x = y = 0 < z. */
static void list_waves(struct coulomb_gradient *c, double gmax, struct wave_row *row,
                       double *weight)
{
    const int *m = c->limit;
    c->rows = c->waves = 0;
    for (int x = 0; x <= m[0]; x++)
        for (int y = x ? -m[1] : 0; y <= m[1]; y++) {
            struct wave_row line = {x, y, 0, 0};
            for (int z = x || y ? -m[2] : 1; z <= m[2]; z++) {
                double g[3], g2;
                wave_vector(c, x, y, z, g);
                g2 = g[0] * g[0] + g[1] * g[1] + g[2] * g[2];
                if (g2 > gmax * gmax)
                    continue;
                line.first = line.count++ ? line.first : z;
                if (weight)
                    weight[c->waves] =
                        4 * M_PI / c->volume * exp(-g2 / (4 * c->alpha * c->alpha)) / g2;
                c->waves++;
            }
            if (line.count && row)
                row[c->rows] = line;
            c->rows += line.count > 0;
        }
}

static void start_periodic(struct coulomb_gradient *c, const struct system *s, double total)
{
    system_reciprocal(s->cell, c->rec);
    c->volume = system_volume(s);
    c->cutoff = c->images.inradius;
    c->alpha = REACH / c->cutoff;
    c->background = M_PI * total * total / (2 * c->volume * c->alpha * c->alpha);
    double gmax = 2 * c->alpha * WAVES;
    for (int i = 0; i < 3; i++) {
        const double *a = s->cell[i];
        c->limit[i] = (int)(sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2]) * gmax / (2 * M_PI));
    }
    make_table(c);
    list_waves(c, gmax, NULL, NULL);
    c->row = mem_new((size_t)c->rows, sizeof *c->row);
    c->weight = MEM_NEW(double, c->waves);
    list_waves(c, gmax, c->row, c->weight);
}

struct coulomb_gradient *coulomb_gradient_new(const struct system *s, int electrons)
{
    struct coulomb_gradient *c = MEM_NEW(struct coulomb_gradient, 1);
    double total = -electrons;
    c->electrons = electrons;
    c->n = electrons + s->n;
    images_start(&c->images, s);
    c->nucleus = mem_new((size_t)s->n, sizeof *c->nucleus);
    memcpy(c->nucleus, s->pos, (size_t)s->n * sizeof *c->nucleus);
    c->charge = MEM_NEW(double, c->n);
    for (int i = 0; i < electrons; i++)
        c->charge[i] = -1;
    for (int a = 0; a < s->n; a++)
        total += c->charge[electrons + a] = s->element[a];
    if (s->periodic)
        start_periodic(c, s, total);
    return c;
}

void coulomb_gradient_free(struct coulomb_gradient *c)
{
    if (!c)
        return;
    free(c->nucleus);
    free(c->charge);
    free(c->table);
    free(c->row);
    free(c->weight);
    free(c);
}

int coulomb_gradient_scratch(const struct coulomb_gradient *c)
{
    return (2 * (c->limit[0] + 2 * c->limit[1] + 2 * c->limit[2] + 3) + 16) * c->n;
}

/* Pairs of particle i with all before it. */
static void add_pairs(const struct coulomb_gradient *c, const double r[][3], int i,
                      double scratch[], double gradient[][3], double strain[3][3])
{
    double *x = scratch, *y = x + c->n, *z = y + c->n;
    for (int j = 0; j < i; j++) {
        x[j] = r[i][0] - r[j][0];
        y[j] = r[i][1] - r[j][1];
        z[j] = r[i][2] - r[j][2];
    }
    images_shortest(&c->images, i, x, y, z);
    for (int j = 0; j < i; j++) {
        double d[3] = {x[j], y[j], z[j]}, r2 = x[j] * x[j] + y[j] * y[j] + z[j] * z[j];
        if (c->images.periodic && r2 >= c->cutoff * c->cutoff)
            continue;
        double length = sqrt(r2), s = c->images.periodic ? screening(c, length) : 1;
        double f = -c->charge[i] * c->charge[j] * s / (r2 * length);
        for (int k = 0; k < 3; k++) {
            gradient[i][k] += f * d[k];
            gradient[j][k] -= f * d[k];
            for (int l = 0; l < 3; l++)
                strain[k][l] += f * d[k] * d[l];
        }
    }
}

/* t[m][re, im][particle] = exp(i m phase), m = first .. last */
static void phase_table(int n, int first, int last, int i, double phase, double t[])
{
    double c1 = cos(phase), s1 = sin(phase), re = 1, im = 0;
    for (int k = 0; k <= last; k++) {
        t[2 * (k - first) * n + i] = re;
        t[(2 * (k - first) + 1) * n + i] = im;
        if (-k >= first) {
            t[2 * (-k - first) * n + i] = re;
            t[(2 * (-k - first) + 1) * n + i] = -im;
        }
        double next = re * c1 - im * s1;
        im = re * s1 + im * c1;
        re = next;
    }
}

struct wave_work {                /* arrays of n inside the scratch */
    double *x, *y, *z;            /* phase tables */
    double *re, *im, *er, *ei;    /* of a row; of a wave */
    double *sum, *zsum, *part[3]; /* sum of s_i over a row, of z s_i; gradient along b1, b2, b3 */
};

static struct wave_work divide(const struct coulomb_gradient *c, double scratch[])
{
    struct wave_work w;
    const int *m = c->limit;
    w.x = scratch;
    w.y = w.x + 2 * (m[0] + 1) * c->n;
    w.z = w.y + 2 * (2 * m[1] + 1) * c->n;
    w.re = w.z + 2 * (2 * m[2] + 1) * c->n;
    w.im = w.re + c->n;
    w.er = w.im + c->n;
    w.ei = w.er + c->n;
    w.sum = w.ei + c->n;
    w.zsum = w.sum + c->n;
    for (int k = 0; k < 3; k++) {
        w.part[k] = w.zsum + (k + 1) * c->n;
        memset(w.part[k], 0, (size_t)c->n * sizeof(double));
    }
    return w;
}

static void fill_phases(const struct coulomb_gradient *c, const double r[][3], struct wave_work *w)
{
    const int *m = c->limit;
    for (int i = 0; i < c->n; i++) {
        double phase[3] = {0};
        for (int a = 0; a < 3; a++)
            for (int k = 0; k < 3; k++)
                phase[a] += r[i][k] * c->rec[a][k];
        phase_table(c->n, 0, m[0], i, phase[0], w->x);
        phase_table(c->n, -m[1], m[1], i, phase[1], w->y);
        phase_table(c->n, -m[2], m[2], i, phase[2], w->z);
    }
}

/* One wave: rho, then s_i = -2 w Im(rho* q_i e^{iG.r_i}), dE/dr_i = sum_G G s_i. Returns w |rho|^2. */
static double add_wave(const struct coulomb_gradient *c, struct wave_work *w, int z, double weight)
{
    const int n = c->n;
    const double *zr = w->z + 2 * (z + c->limit[2]) * n, *zi = zr + n;
    const double *re = w->re, *im = w->im;
    double *er = w->er, *ei = w->ei, *sum = w->sum, *zsum = w->zsum, rr = 0, ri = 0;
#pragma omp simd reduction(+ : rr, ri)
    for (int i = 0; i < n; i++) {
        er[i] = re[i] * zr[i] - im[i] * zi[i];
        ei[i] = re[i] * zi[i] + im[i] * zr[i];
        rr += er[i];
        ri += ei[i];
    }
    double a = 2 * weight * ri, b = 2 * weight * rr;
#pragma omp simd
    for (int i = 0; i < n; i++) {
        double s = a * er[i] - b * ei[i];
        sum[i] += s;
        zsum[i] += z * s;
    }
    return weight * (rr * rr + ri * ri);
}

static void add_row(const struct coulomb_gradient *c, struct wave_work *w,
                    const struct wave_row *row)
{
    const int n = c->n;
    const double *xr = w->x + 2 * row->x * n, *yr = w->y + 2 * (row->y + c->limit[1]) * n;
    for (int i = 0; i < n; i++) {
        w->re[i] = c->charge[i] * (xr[i] * yr[i] - xr[n + i] * yr[n + i]);
        w->im[i] = c->charge[i] * (xr[i] * yr[n + i] + xr[n + i] * yr[i]);
        w->sum[i] = w->zsum[i] = 0;
    }
}

static void end_row(const struct coulomb_gradient *c, struct wave_work *w,
                    const struct wave_row *row)
{
#pragma omp simd
    for (int i = 0; i < c->n; i++) {
        w->part[0][i] += row->x * w->sum[i];
        w->part[1][i] += row->y * w->sum[i];
        w->part[2][i] += w->zsum[i];
    }
}

/* dE_G/dstrain = w |rho|^2 [2 G G (1/G^2 + 1/4 alpha^2) - 1] at fixed alpha */
static void add_strain(const struct coulomb_gradient *c, const struct wave_row *row, int z,
                       double energy, double strain[3][3])
{
    double g[3];
    wave_vector(c, row->x, row->y, z, g);
    double g2 = g[0] * g[0] + g[1] * g[1] + g[2] * g[2];
    double f = 2 * energy * (1 / g2 + 1 / (4 * c->alpha * c->alpha));
    for (int k = 0; k < 3; k++) {
        strain[k][k] -= energy;
        for (int l = 0; l < 3; l++)
            strain[k][l] += f * g[k] * g[l];
    }
}

static void add_waves(const struct coulomb_gradient *c, const double r[][3], double scratch[],
                      double gradient[][3], double strain[3][3])
{
    struct wave_work w = divide(c, scratch);
    fill_phases(c, r, &w);
    for (int k = 0, at = 0; k < c->rows; k++) {
        const struct wave_row *row = &c->row[k];
        add_row(c, &w, row);
        for (int z = row->first; z < row->first + row->count; z++, at++)
            add_strain(c, row, z, add_wave(c, &w, z, c->weight[at]), strain);
        end_row(c, &w, row);
    }
    for (int i = 0; i < c->n; i++)
        for (int k = 0; k < 3; k++)
            for (int a = 0; a < 3; a++)
                gradient[i][k] += w.part[a][i] * c->rec[a][k];
    for (int k = 0; k < 3; k++)
        strain[k][k] += c->background;
}

void coulomb_gradient_eval(const struct coulomb_gradient *c, const double pos[][3],
                           double scratch[], double gradient[][3], double strain[3][3])
{
    double(*r)[3] = (double(*)[3])(void *)(scratch + coulomb_gradient_scratch(c) - 3 * c->n);
    memcpy(r, pos, (size_t)c->electrons * sizeof *r);
    memcpy(r + c->electrons, c->nucleus, (size_t)(c->n - c->electrons) * sizeof *r);
    memset(gradient, 0, (size_t)c->n * sizeof *gradient);
    memset(strain, 0, 9 * sizeof(double));
    for (int i = 1; i < c->n; i++)
        add_pairs(c, (const double(*)[3])r, i, scratch, gradient, strain);
    if (c->images.periodic)
        add_waves(c, (const double(*)[3])r, scratch, gradient, strain);
    else
        memset(strain, 0, 9 * sizeof(double));
}
