/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/coulomb_open.h"
#include "qmc/images.h"
#include "base/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TABLE 2048
/* erfc(REACH) = 3.5e-8: relative truncation of both sums */
#define REACH 3.9

/* Wave vectors G = x b1 + y b2 + z b3 of one half space in rows of consecutive z */
struct row {
    int x, y, z_first, z_count;
};

struct coulomb {
    int n, atoms, particles;
    struct images images;
    double (*nucleus)[3];
    double *charge, *one;        /* of the nuclei; 1 for electrons */
    double nuclear;              /* E_nn */
    double alpha, cutoff;        /* periodic: splitting, real-space radius */
    double volume, total_charge; /* of the nuclei */
    double rec[3][3];            /* reciprocal vectors, rows */
    double (*table)[2];          /* erfc(alpha r) and h d/dr of it, TABLE + 2 nodes */
    double step;
    int limit[3], rows, waves;
    struct row *row;
    double *weight, *ion_re,
        *ion_im; /* waves; 4 pi exp(-G^2/4 alpha^2) / (V G^2); sum Z e^{iG.R} */
};

static double table_at(const struct coulomb *c, double r)
{
    double t = r / c->step;
    int k = (int)t;
    const double *a = c->table[k], *b = c->table[k + 1];
    t -= k;
    double s = 1 - t;
    return s * s * ((1 + 2 * t) * a[0] + t * a[1]) + t * t * ((3 - 2 * t) * b[0] - s * b[1]);
}

static void make_table(struct coulomb *c)
{
    c->table = mem_new(TABLE + 2, sizeof *c->table);
    c->step = c->cutoff / TABLE;
    for (int k = 0; k < TABLE + 2; k++) {
        double x = c->alpha * c->step * k;
        c->table[k][0] = erfc(x);
        c->table[k][1] = -2 / sqrt(M_PI) * exp(-x * x) * c->alpha * c->step;
    }
}

/* Bound on |n_i| for |G| <= gmax: |a_i . G| = 2 pi |n_i| <= |a_i| gmax. */
static void find_limits(struct coulomb *c, const double cell[3][3], double gmax)
{
    for (int i = 0; i < 3; i++) {
        const double *a = cell[i];
        c->limit[i] = (int)(sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2]) * gmax / (2 * M_PI));
    }
}

static double wave_square(const double b[3][3], int x, int y, int z)
{
    double g2 = 0;
    for (int k = 0; k < 3; k++) {
        double g = x * b[0][k] + y * b[1][k] + z * b[2][k];
        g2 += g * g;
    }
    return g2;
}

/* Counts (row, weight NULL) or fills the rows of the half space x > 0, or x = 0 and y > 0, or x = y
 * = 0 < z. */
static void list_waves(struct coulomb *c, const double b[3][3], double gmax, struct row *row,
                       double *weight)
{
    int rows = 0, waves = 0;
    for (int x = 0; x <= c->limit[0]; x++)
        for (int y = x ? -c->limit[1] : 0; y <= c->limit[1]; y++) {
            struct row line = {x, y, 0, 0};
            for (int z = x || y ? -c->limit[2] : 1; z <= c->limit[2]; z++) {
                double g2 = wave_square(b, x, y, z);
                if (g2 > gmax * gmax)
                    continue;
                if (!line.z_count++)
                    line.z_first = z;
                if (weight)
                    weight[waves] =
                        4 * M_PI / c->volume * exp(-g2 / (4 * c->alpha * c->alpha)) / g2;
                waves++;
            }
            if (line.z_count && row)
                row[rows] = line;
            rows += line.z_count > 0;
        }
    c->rows = rows;
    c->waves = waves;
}

int coulomb_scratch(const struct coulomb *c)
{
    if (!c->images.periodic)
        return 3 * (c->particles + 8) + coulomb_open_scratch(c->n);
    int per = 2 * (c->limit[0] + 2 * c->limit[1] + 2 * c->limit[2] + 3) + 2;
    return per * c->particles + 3 * (c->particles + 8);
}

/* cos and sin of n phase for n = first..last into t[n][re, im][particle] */
static void phase_table(int m, int first, int last, int i, double phase, double *t)
{
    double c1 = cos(phase), s1 = sin(phase), re = 1, im = 0;
    for (int k = 0; k <= last; k++) {
        t[(2 * (k - first)) * m + i] = re;
        t[(2 * (k - first) + 1) * m + i] = im;
        if (-k >= first) {
            t[(2 * (-k - first)) * m + i] = re;
            t[(2 * (-k - first) + 1) * m + i] = -im;
        }
        double next = re * c1 - im * s1;
        im = re * s1 + im * c1;
        re = next;
    }
}

/* The structure factor sum_i q_i e^{iG.r_i} of one wave after another, kept or added up to energies. */
struct sums {
    double *re, *im;   /* [wave], or NULL */
    double own, cross; /* sum w |rho|^2; sum w Re(rho conj(ion)) */
};

static void add_wave(const struct coulomb *c, int g, double re, double im, struct sums *s)
{
    if (s->re) {
        s->re[g] = re;
        s->im[g] = im;
    } else
        s->cross += c->weight[g] * (re * c->ion_re[g] + im * c->ion_im[g]);
    s->own += c->weight[g] * (re * re + im * im);
}

/* Waves z and -z share their products. re, im: q e^{i(x b1 + y b2).r}; tz as phase_table; g: number of
 * the first wave. */
static void add_row(const struct coulomb *c, const struct row *row, int n, const double re[],
                    const double im[], const double *tz, int g, struct sums *s)
{
    int first = row->z_first, last = first + row->z_count - 1;
    for (int z = first; z <= last; z++) {
        const double *zr = tz + 2 * (z + c->limit[2]) * n;
        double rr = 0, ii = 0, ri = 0, ir = 0;
        if (z < 0 && -z <= last)
            continue; /* done with -z */
#pragma omp simd reduction(+ : rr, ii, ri, ir)
        for (int i = 0; i < n; i++) {
            rr += re[i] * zr[i];
            ii += im[i] * zr[n + i];
            ri += re[i] * zr[n + i];
            ir += im[i] * zr[i];
        }
        add_wave(c, g + z - first, rr - ii, ri + ir, s);
        if (z > 0 && -z >= first)
            add_wave(c, g - z - first, rr + ii, ir - ri, s);
    }
}

static struct sums structure_factor(const struct coulomb *c, int n, const double pos[][3],
                                    const double q[], double *scratch, double *keep_re,
                                    double *keep_im)
{
    const int *m = c->limit;
    double *tx = scratch, *ty = tx + 2 * (m[0] + 1) * n, *tz = ty + 2 * (2 * m[1] + 1) * n;
    double *re = tz + 2 * (2 * m[2] + 1) * n, *im = re + n;
    for (int i = 0; i < n; i++) {
        double phase[3] = {0};
        for (int k = 0; k < 3; k++)
            for (int a = 0; a < 3; a++)
                phase[a] += pos[i][k] * c->rec[a][k];
        phase_table(n, 0, m[0], i, phase[0], tx);
        phase_table(n, -m[1], m[1], i, phase[1], ty);
        phase_table(n, -m[2], m[2], i, phase[2], tz);
    }
    struct sums sums = {keep_re, keep_im, 0, 0};
    for (int r = 0, g = 0; r < c->rows; g += c->row[r++].z_count) {
        const struct row *row = &c->row[r];
        const double *xr = tx + 2 * row->x * n, *yr = ty + 2 * (row->y + m[1]) * n;
#pragma omp simd
        for (int i = 0; i < n; i++) {
            re[i] = q[i] * (xr[i] * yr[i] - xr[n + i] * yr[n + i]);
            im[i] = q[i] * (xr[i] * yr[n + i] + xr[n + i] * yr[i]);
        }
        add_row(c, row, n, re, im, tz, g, &sums);
    }
    return sums;
}

/* sum_j q_j v(|r - r_j|), v = 1/r or erfc(alpha r)/r within the cut-off */
static double pair_row(const struct coulomb *c, const double r[3], int n, const double pos[][3],
                       const double q[], double *scratch)
{
    int stride = c->particles + 8;
    double *x = scratch, *y = x + stride, *z = y + stride, sum = 0;
    for (int j = 0; j < n; j++) {
        x[j] = pos[j][0] - r[0];
        y[j] = pos[j][1] - r[1];
        z[j] = pos[j][2] - r[2];
    }
    if (c->images.periodic)
        images_shortest(&c->images, n, x, y, z);
#pragma omp simd
    for (int j = 0; j < n; j++)
        x[j] = sqrt(x[j] * x[j] + y[j] * y[j] + z[j] * z[j]);
    for (int j = 0; j < n; j++) {
        double screen = !c->images.periodic ? 1 : x[j] < c->cutoff ? table_at(c, x[j]) : 0;
        sum += q[j] * screen / x[j];
    }
    return sum;
}

/* Pair and own-image energy of one kind of charge, its sum of q^2 and total charge given */
static double own_terms(const struct coulomb *c, double squares, double total)
{
    return -c->alpha / sqrt(M_PI) * squares -
           M_PI * total * total / (2 * c->volume * c->alpha * c->alpha);
}

static void nuclei_alone(struct coulomb *c)
{
    double *scratch = MEM_NEW(double, coulomb_scratch(c)), squares = 0;
    for (int i = 0; i < c->atoms; i++) {
        c->nuclear += c->charge[i] * pair_row(c, c->nucleus[i], i, c->nucleus, c->charge, scratch);
        squares += c->charge[i] * c->charge[i];
    }
    if (c->images.periodic) {
        struct sums s =
            structure_factor(c, c->atoms, c->nucleus, c->charge, scratch, c->ion_re, c->ion_im);
        c->nuclear += s.own + own_terms(c, squares, c->total_charge);
    }
    free(scratch);
}

static void start_periodic(struct coulomb *c, const struct system *s)
{
    double b[3][3];
    system_reciprocal(s->cell, b);
    memcpy(c->rec, b, sizeof b);
    c->volume = system_volume(s);
    c->cutoff = c->images.inradius;
    c->alpha = REACH / c->cutoff;
    double gmax = 2 * c->alpha * REACH;
    make_table(c);
    find_limits(c, s->cell, gmax);
    list_waves(c, b, gmax, NULL, NULL);
    c->row = mem_new(c->rows, sizeof *c->row);
    c->weight = MEM_NEW(double, c->waves);
    c->ion_re = MEM_NEW(double, c->waves);
    c->ion_im = MEM_NEW(double, c->waves);
    list_waves(c, b, gmax, c->row, c->weight);
}

struct coulomb *coulomb_new(const struct system *s, int electrons)
{
    struct coulomb *c = mem_new(1, sizeof *c);
    c->n = electrons;
    c->atoms = s->n;
    c->particles = s->n > electrons ? s->n : electrons;
    images_start(&c->images, s);
    c->nucleus = mem_new(s->n, sizeof *c->nucleus);
    memcpy(c->nucleus, s->pos, s->n * sizeof *c->nucleus);
    c->charge = MEM_NEW(double, s->n);
    c->one = MEM_NEW(double, electrons);
    for (int i = 0; i < electrons; i++)
        c->one[i] = 1;
    for (int i = 0; i < s->n; i++)
        c->total_charge += c->charge[i] = s->element[i];
    if (s->periodic)
        start_periodic(c, s);
    nuclei_alone(c);
    return c;
}

void coulomb_free(struct coulomb *c)
{
    if (!c)
        return;
    free(c->nucleus);
    free(c->charge);
    free(c->one);
    free(c->table);
    free(c->row);
    free(c->weight);
    free(c->ion_re);
    free(c->ion_im);
    free(c);
}

int coulomb_waves(const struct coulomb *c)
{
    return c->waves;
}

static void evaluate_periodic(const struct coulomb *c, const double pos[][3], double scratch[],
                              struct coulomb_energy *energy)
{
    double ee = 0, en = 0;
    for (int i = 0; i < c->n; i++) {
        ee += pair_row(c, pos[i], i, pos, c->one, scratch);
        en -= pair_row(c, pos[i], c->atoms, c->nucleus, c->charge, scratch);
    }
    struct sums s = structure_factor(c, c->n, pos, c->one, scratch, NULL, NULL);
    ee += s.own + own_terms(c, c->n, c->n);
    en -= 2 * s.cross - M_PI * c->n * c->total_charge / (c->volume * c->alpha * c->alpha);
    *energy = (struct coulomb_energy){ee, en, c->nuclear};
}

void coulomb_evaluate(const struct coulomb *c, int walkers, const double pos[][3], double scratch[],
                      struct coulomb_energy energy[])
{
    if (!c->images.periodic)
        coulomb_open(walkers, c->n, pos, c->atoms, (const double(*)[3])c->nucleus, c->charge,
                     c->nuclear, scratch, energy);
    for (int w = 0; c->images.periodic && w < walkers; w++)
        evaluate_periodic(c, pos + (size_t)w * c->n, scratch, &energy[w]);
}
