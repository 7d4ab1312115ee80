/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "qmc/coulomb_gradient.h"
#include "qmc/images.h"

#define NODES 2048
#define REACH 3.9          /* erfc(REACH) = 3.5e-8: relative truncation of the sum over pairs */
enum { COEFFICIENTS = 8 }; /* of a wave, for the forces */
#define WAVES \
    4.45 /* of that over waves: exp(-WAVES^2) = 2.5e-9, 2 (1 + WAVES^2) times that of stress */

enum { LANES = 4, BLOCK = 2 * LANES };

typedef double lanes __attribute__((vector_size(8 * LANES), aligned(8)));

struct wave_row { /* G = x b1 + y b2 +- z b3, z = 0 .. count - 1, count even */
    int x, y, count;
};

/* +z and -z; zero weight: not in the half space, or too short */
struct wave {
    double weight[2]; /* 4 pi exp(-G^2/4 alpha^2) / (V G^2) */
    double factor[2]; /* 2 (1/G^2 + 1/4 alpha^2) */
};

struct coulomb_gradient {
    int n, electrons; /* particles: electrons, then nuclei */
    int padded;       /* n, up to a multiple of BLOCK; those have no charge */
    struct images images;
    double (*nucleus)[3], *charge;    /* charge[n] */
    double (*fixed)[3], strain[3][3]; /* of pairs of nuclei */
    double alpha, cutoff, volume, background;
    double rec[3][3];
    double (*table)[2]; /* s(r) and h ds/dr; force of a pair = q q s(r) d / r^3 */
    int limit[3], rows, waves;
    struct wave_row *row;
    struct wave *wave; /* of one half space, row after row */
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

/* One of the half space x > 0, or x = 0 < y, or x = y = 0 < z, within gmax; false: not */
static bool weigh(const struct coulomb_gradient *c, double gmax, const int m[3], int side,
                  struct wave *wave)
{
    double g[3], g2;
    wave_vector(c, m[0], m[1], m[2], g);
    g2 = g[0] * g[0] + g[1] * g[1] + g[2] * g[2];
    if (g2 > gmax * gmax || !(m[0] > 0 || (m[0] == 0 && (m[1] > 0 || (m[1] == 0 && m[2] > 0)))))
        return false;
    double width = 1 / (4 * c->alpha * c->alpha);
    wave->weight[side] = 4 * M_PI / c->volume * exp(-g2 * width) / g2;
    wave->factor[side] = 2 * (1 / g2 + width);
    return true;
}

/* Count (row, wave NULL) or fill. */
static void list_waves(struct coulomb_gradient *c, double gmax, struct wave_row *row,
                       struct wave *wave)
{
    const int *m = c->limit;
    c->rows = c->waves = 0;
    for (int x = 0; x <= m[0]; x++)
        for (int y = -m[1]; y <= m[1]; y++) {
            int count = 0;
            for (int z = 0; z <= m[2]; z++) {
                struct wave here = {{0}, {0}};
                bool any = weigh(c, gmax, (const int[]){x, y, z}, 0, &here);
                if (z > 0)
                    any |= weigh(c, gmax, (const int[]){x, y, -z}, 1, &here);
                if (wave && any)
                    wave[c->waves + z] = here;
                count = any ? z + 1 : count;
            }
            count += count % 2;
            if (count && row)
                row[c->rows] = (struct wave_row){x, y, count};
            c->rows += count > 0;
            c->waves += count;
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
    c->wave = mem_new((size_t)c->waves, sizeof *c->wave);
    list_waves(c, gmax, c->row, c->wave);
}

/* Pairs of particle i with first .. last - 1. */
static void add_pairs(const struct coulomb_gradient *c, const double r[][3], int i, int first,
                      int last, double scratch[], double gradient[][3], double strain[3][3])
{
    double *x = scratch, *y = x + c->n, *z = y + c->n;
    for (int j = first; j < last; j++) {
        x[j - first] = r[i][0] - r[j][0];
        y[j - first] = r[i][1] - r[j][1];
        z[j - first] = r[i][2] - r[j][2];
    }
    images_shortest(&c->images, last - first, x, y, z);
    for (int j = first; j < last; j++, x++, y++, z++) {
        double d[3] = {*x, *y, *z}, r2 = *x * *x + *y * *y + *z * *z;
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

/* They are the same for all samples. */
static void pairs_of_nuclei(struct coulomb_gradient *c)
{
    int first = c->electrons;
    double(*r)[3] = mem_new((size_t)c->n, sizeof *r);
    double(*gradient)[3] = mem_new((size_t)c->n, sizeof *gradient);
    double *scratch = MEM_NEW(double, 3 * c->n);
    memcpy(r + first, c->nucleus, (size_t)(c->n - first) * sizeof *r);
    for (int i = first + 1; i < c->n; i++)
        add_pairs(c, (const double(*)[3])r, i, first, i, scratch, gradient, c->strain);
    memcpy(c->fixed, gradient + first, (size_t)(c->n - first) * sizeof *gradient);
    free(r);
    free(gradient);
    free(scratch);
}

struct coulomb_gradient *coulomb_gradient_new(const struct system *s, int electrons)
{
    struct coulomb_gradient *c = MEM_NEW(struct coulomb_gradient, 1);
    double total = -electrons;
    c->electrons = electrons;
    c->n = electrons + s->n;
    c->padded = (c->n + BLOCK - 1) / BLOCK * BLOCK;
    images_start(&c->images, s);
    c->nucleus = mem_new((size_t)s->n, sizeof *c->nucleus);
    memcpy(c->nucleus, s->pos, (size_t)s->n * sizeof *c->nucleus);
    c->fixed = mem_new((size_t)s->n, sizeof *c->fixed);
    c->charge = MEM_NEW(double, c->padded);
    for (int i = 0; i < electrons; i++)
        c->charge[i] = -1;
    for (int a = 0; a < s->n; a++)
        total += c->charge[electrons + a] = s->element[a];
    if (s->periodic)
        start_periodic(c, s, total);
    pairs_of_nuclei(c);
    return c;
}

void coulomb_gradient_free(struct coulomb_gradient *c)
{
    if (!c)
        return;
    free(c->nucleus);
    free(c->charge);
    free(c->fixed);
    free(c->table);
    free(c->row);
    free(c->wave);
    free(c);
}

/* An even number of z from 0 on */
static int depth(const struct coulomb_gradient *c)
{
    return (c->limit[2] + 2) / 2 * 2;
}

int coulomb_gradient_scratch(const struct coulomb_gradient *c)
{
    int tables = 2 * (c->limit[0] + 1 + 2 * c->limit[1] + 1 + depth(c));
    return (tables + 8) * c->padded + COEFFICIENTS * depth(c);
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

struct wave_work {        /* arrays of `padded` inside the scratch */
    double *x, *y, *z;    /* phase tables */
    double *re, *im;      /* q_i exp(i (x b1 + y b2) r_i) of a row */
    double *part[3];      /* gradient along b1, b2, b3 */
    double *coefficients; /* [z][COEFFICIENTS] */
};

static struct wave_work divide(const struct coulomb_gradient *c, double scratch[])
{
    struct wave_work w;
    const int *m = c->limit, n = c->padded;
    w.x = scratch;
    w.y = w.x + 2 * (m[0] + 1) * n;
    w.z = w.y + 2 * (2 * m[1] + 1) * n;
    w.re = w.z + 2 * depth(c) * n;
    w.im = w.re + n;
    for (int k = 0; k < 3; k++)
        w.part[k] = w.im + (k + 1) * n;
    w.coefficients = w.part[2] + n;
    memset(w.part[0], 0, 3 * (size_t)n * sizeof(double));
    return w;
}

static void fill_phases(const struct coulomb_gradient *c, const double r[][3], struct wave_work *w)
{
    const int *m = c->limit, n = c->padded;
    for (int i = 0; i < n; i++) {
        double phase[3] = {0};
        for (int a = 0; i < c->n && a < 3; a++)
            for (int k = 0; k < 3; k++)
                phase[a] += r[i][k] * c->rec[a][k];
        phase_table(n, 0, m[0], i, phase[0], w->x);
        phase_table(n, -m[1], m[1], i, phase[1], w->y);
        phase_table(n, 0, depth(c) - 1, i, phase[2], w->z);
    }
}

static void start_row(const struct coulomb_gradient *c, struct wave_work *w,
                      const struct wave_row *row)
{
    const int n = c->padded;
    const double *xr = w->x + 2 * row->x * n, *yr = w->y + 2 * (row->y + c->limit[1]) * n;
#pragma omp simd
    for (int i = 0; i < n; i++) {
        w->re[i] = c->charge[i] * (xr[i] * yr[i] - xr[n + i] * yr[n + i]);
        w->im[i] = c->charge[i] * (xr[i] * yr[n + i] + xr[n + i] * yr[i]);
    }
}

static double sum_lanes(lanes v)
{
    return (v[0] + v[1]) + (v[2] + v[3]);
}

/* With e^{i z b3 r} = zr + i zi: sums of re zr, im zi, re zi, im zr, of two z at once to keep adders busy */
static void two_sums(int n, const double *re, const double *im, const double *z, double sum[2][4])
{
    lanes s[2][4] = {{{0}}};
    for (int i = 0; i < n; i += LANES) {
        lanes a = *(const lanes *)(re + i), b = *(const lanes *)(im + i);
        for (int k = 0; k < 2; k++) {
            lanes zr = *(const lanes *)(z + 2 * k * n + i);
            lanes zi = *(const lanes *)(z + (2 * k + 1) * n + i);
            s[k][0] += a * zr;
            s[k][1] += b * zi;
            s[k][2] += a * zi;
            s[k][3] += b * zr;
        }
    }
    for (int k = 0; k < 2; k++)
        for (int t = 0; t < 4; t++)
            sum[k][t] = sum_lanes(s[k][t]);
}

/*
 * The waves +z and -z: rho, the energy w |rho|^2, and s_i = -2 w Im(rho* q_i e^{iG.r_i}), of which dE/dr_i = sum_G G s_i, as
 * coefficients of zr and zi. With a = 2 w Im rho and b = 2 w Re rho of either,
 *   sum s   = re [(a+ + a-) zr - (b+ - b-) zi] - im [(a+ - a-) zi + (b+ + b-) zr]
 *   sum z s = z re [(a+ - a-) zr - (b+ + b-) zi] - z im [(a+ + a-) zi + (b+ - b-) zr].
 */
static void two_waves(const struct wave *wave, double z, const double sum[4], double energy[2],
                      double to[COEFFICIENTS])
{
    const double rr[2] = {sum[0] - sum[1], sum[0] + sum[1]};
    const double ri[2] = {sum[3] + sum[2], sum[3] - sum[2]};
    double a[2], b[2];
    for (int side = 0; side < 2; side++) {
        double w = wave->weight[side];
        energy[side] = w * (rr[side] * rr[side] + ri[side] * ri[side]);
        a[side] = 2 * w * ri[side];
        b[side] = 2 * w * rr[side];
    }
    to[0] = a[0] + a[1];
    to[1] = b[0] - b[1];
    to[2] = a[0] - a[1];
    to[3] = b[0] + b[1];
    for (int k = 0; k < 4; k++)
        to[4 + k] = z * to[k];
}

/* The gradient of a row's waves from their coefficients; row sums stay in registers. */
static void end_row(const struct coulomb_gradient *c, struct wave_work *w,
                    const struct wave_row *row)
{
    const int n = c->padded;
    for (int i = 0; i < n; i += BLOCK) {
        lanes u[2] = {{0}}, v[2] = {{0}}, zu[2] = {{0}}, zv[2] = {{0}};
        const double *z = w->z + i;
        for (int k = 0; k < row->count; k++, z += 2 * n) {
            const double *f = w->coefficients + k * COEFFICIENTS;
            for (int half = 0; half < 2; half++) {
                lanes zr = *(const lanes *)(z + half * LANES);
                lanes zi = *(const lanes *)(z + n + half * LANES);
                u[half] += f[0] * zr;
                v[half] += f[2] * zi;
                zu[half] += f[6] * zr;
                zv[half] += f[4] * zi;
                u[half] -= f[1] * zi;
                v[half] += f[3] * zr;
                zu[half] -= f[7] * zi;
                zv[half] += f[5] * zr;
            }
        }
        for (int half = 0; half < 2; half++) {
            int at = i + half * LANES;
            lanes re = *(lanes *)(w->re + at), im = *(lanes *)(w->im + at);
            lanes sum = re * u[half] - im * v[half], zsum = re * zu[half] - im * zv[half];
            *(lanes *)(w->part[0] + at) += (double)row->x * sum;
            *(lanes *)(w->part[1] + at) += (double)row->y * sum;
            *(lanes *)(w->part[2] + at) += zsum;
        }
    }
}

/* dE_G/dstrain = w |rho|^2 [2 G G (1/G^2 + 1/4 alpha^2) - 1] at fixed alpha, of a row: total, sums of energies, times
 * factor, times z, times z^2. */
static void add_strain(const struct coulomb_gradient *c, const struct wave_row *row, double total,
                       const double sum[3], double strain[3][3])
{
    double g[3];
    wave_vector(c, row->x, row->y, 0, g);
    const double *b = c->rec[2];
    for (int k = 0; k < 3; k++) {
        strain[k][k] -= total;
        for (int l = 0; l < 3; l++)
            strain[k][l] +=
                g[k] * g[l] * sum[0] + (g[k] * b[l] + b[k] * g[l]) * sum[1] + b[k] * b[l] * sum[2];
    }
}

static void add_row(const struct coulomb_gradient *c, struct wave_work *w,
                    const struct wave_row *row, const struct wave *wave, double strain[3][3])
{
    double total = 0, sum[3] = {0};
    start_row(c, w, row);
    for (int z = 0; z < row->count; z += 2) {
        double part[2][4];
        two_sums(c->padded, w->re, w->im, w->z + 2 * z * c->padded, part);
        for (int k = z; k < z + 2; k++) {
            double energy[2];
            two_waves(&wave[k], k, part[k - z], energy, w->coefficients + k * COEFFICIENTS);
            double plus = energy[0] * wave[k].factor[0], minus = energy[1] * wave[k].factor[1];
            total += energy[0] + energy[1];
            sum[0] += plus + minus;
            sum[1] += k * (plus - minus);
            sum[2] += (double)k * k * (plus + minus);
        }
    }
    end_row(c, w, row);
    add_strain(c, row, total, sum, strain);
}

static void add_waves(const struct coulomb_gradient *c, const double r[][3], double scratch[],
                      double gradient[][3], double strain[3][3])
{
    struct wave_work w = divide(c, scratch);
    const struct wave *wave = c->wave;
    fill_phases(c, r, &w);
    for (int k = 0; k < c->rows; wave += c->row[k++].count)
        add_row(c, &w, &c->row[k], wave, strain);
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
    memset(gradient, 0, (size_t)c->electrons * sizeof *gradient);
    memcpy(gradient + c->electrons, c->fixed, (size_t)(c->n - c->electrons) * sizeof *gradient);
    memcpy(strain, c->strain, 9 * sizeof(double));
    for (int i = 1; i < c->n; i++)
        add_pairs(c, (const double(*)[3])r, i, 0, i < c->electrons ? i : c->electrons, scratch,
                  gradient, strain);
    if (c->images.periodic)
        add_waves(c, (const double(*)[3])r, scratch, gradient, strain);
    else
        memset(strain, 0, 9 * sizeof(double));
}
