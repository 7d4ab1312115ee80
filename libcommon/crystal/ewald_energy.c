/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Total Ewald energy, with the terms i = j and the background written out:
 *
 *   E = 1/2 sum'_{ijT} q_i q_j erfc(kappa r)/r + 1/2 sum_G c_G |rho_G|^2
 *     - kappa/sqrt(pi) sum_i q_i^2 - pi/(2 kappa^2 V) (sum_i q_i)^2,    rho_G = sum_i q_i e^{i
 * G.r_i}.
 *
 * Both sums are loops over contiguous arrays: pairs within the cut-off are first collected in a
 * buffer, phases of four charges at a time run along the third reciprocal vector.
 */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "crystal/ewald.h"
#include "crystal/ewald_parts.h"
#include "maths/fastexp.h"

enum { BLOCK = 256, GROUP = 4 };

/* Pairs of charge i with others, collected until they are worth a vector loop. */
struct pairs {
    int count;
    int j[2 * BLOCK];
    double d[3][2 * BLOCK], r2[2 * BLOCK], q[2 * BLOCK];
    double f[2 * BLOCK], slope[2 * BLOCK]; /* erfc(kappa r)/r; its derivative divided by r */
};

struct sums {
    const struct ewald *e;
    int n;
    const double *charge;
    double *fraction[3];   /* fractional coordinates [n] */
    double (*gradient)[3]; /* NULL: not wanted */
    double (*strain)[3];   /* NULL: not wanted */
    struct pairs pairs;
};

/* Energy of the collected pairs with charge i (q_i left out); gradients and strain added. */
static double flush_pairs(struct sums *s, int i)
{
    struct pairs *p = &s->pairs;
    double kappa = s->e->kappa, sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int k = 0; k < p->count; k++) {
        double r = sqrt(p->r2[k]), x = kappa * r;
        double inverse = 1 / (r * (x + 3)), gauss = fastexp(-x * x);
        double f = fasterfc(x, gauss, inverse * r) * inverse * (x + 3);
        sum += p->q[k] * f;
        p->slope[k] = -(f + 2 / sqrt(M_PI) * kappa * gauss) / p->r2[k] * p->q[k];
    }
    for (int k = 0; s->gradient && k < p->count; k++)
        for (int x = 0; x < 3; x++) {
            double g = s->charge[i] * p->slope[k] * p->d[x][k];
            s->gradient[i][x] += g;
            s->gradient[p->j[k]][x] -= g;
        }
    for (int a = 0; s->strain && a < 3; a++)
        for (int b = 0; b < 3; b++) {
            double w = 0;
            for (int k = 0; k < p->count; k++)
                w += p->slope[k] * p->d[a][k] * p->d[b][k];
            s->strain[a][b] += s->charge[i] * w;
        }
    p->count = 0;
    return sum;
}

/* Wrapped displacements r_i - r_j, j = first .. first + m - 1. */
static void displacements(const struct sums *s, int i, int first, int m, double d[3][BLOCK])
{
    const double(*c)[3] = s->e->cell;
    const double *fa = s->fraction[0], *fb = s->fraction[1], *fc = s->fraction[2];
    double a0 = fa[i], b0 = fb[i], c0 = fc[i];
    const double shift = 0x1.8p52; /* adding and subtracting it rounds */
#pragma omp simd
    for (int k = 0; k < m; k++) {
        double a = a0 - fa[first + k], b = b0 - fb[first + k], g = c0 - fc[first + k];
        a -= (a + shift) - shift;
        b -= (b + shift) - shift;
        g -= (g + shift) - shift;
        d[0][k] = a * c[0][0] + b * c[1][0] + g * c[2][0];
        d[1][k] = a * c[0][1] + b * c[1][1] + g * c[2][1];
        d[2][k] = a * c[0][2] + b * c[1][2] + g * c[2][2];
    }
}

/* Append those of m displacements, shifted by T, that are within the cut-off. */
static void collect(struct sums *s, int first, int m, double d[3][BLOCK], const double t[3])
{
    struct pairs *p = &s->pairs;
    double r2[BLOCK], cut2 = s->e->cutoff * s->e->cutoff, tx = t[0], ty = t[1], tz = t[2];
    bool all = s->gradient || s->strain;
#pragma omp simd
    for (int k = 0; k < m; k++) {
        double x = d[0][k] + tx, y = d[1][k] + ty, z = d[2][k] + tz;
        r2[k] = x * x + y * y + z * z;
    }
    int n = p->count;
    for (int k = 0; k < m; k++) { /* no branch: a pair that is too far is overwritten by the next */
        p->r2[n] = r2[k];
        p->j[n] = first + k;
        n += r2[k] < cut2;
    }
    for (int k = p->count; k < n; k++) {
        p->q[k] = s->charge[p->j[k]];
        for (int x = 0; all && x < 3; x++)
            p->d[x][k] = d[x][p->j[k] - first] + t[x];
    }
    p->count = n;
}

static double near_energy(struct sums *s)
{
    double d[3][BLOCK], energy = 0;
    for (int i = 0; i < s->n; i++) {
        double sum = 0;
        for (int first = i + 1; first < s->n; first += BLOCK) {
            int m = s->n - first < BLOCK ? s->n - first : BLOCK;
            displacements(s, i, first, m, d);
            for (int t = 0; t < s->e->images; t++) {
                collect(s, first, m, d, s->e->image[t]);
                if (s->pairs.count >= BLOCK)
                    sum += flush_pairs(s, i);
            }
        }
        if (s->pairs.count)
            sum += flush_pairs(s, i);
        energy += s->charge[i] * sum;
    }
    return energy;
}

/* Each charge with its own images: half the sum over T != 0, the same for all. */
static double own_images(struct sums *s, double square)
{
    const struct ewald *e = s->e;
    double energy = 0;
    for (int t = 1; t < e->images; t++) {
        const double *v = e->image[t];
        double r2 = v[0] * v[0] + v[1] * v[1] + v[2] * v[2], r = sqrt(r2), x = e->kappa * r;
        double gauss = exp(-x * x), f = erfc(x) / r;
        double slope = -(f + 2 / sqrt(M_PI) * e->kappa * gauss) / r2;
        energy += 0.5 * square * f;
        for (int a = 0; s->strain && a < 3; a++)
            for (int b = 0; b < 3; b++)
                s->strain[a][b] += 0.5 * square * slope * v[a] * v[b];
    }
    return energy;
}

/* Phases of a group of charges: first and second axis times charge, third axis as runs. */
struct group {
    int size;
    double *first[GROUP][2], *second[GROUP][2], *third[GROUP][2]; /* real, imaginary */
};

static void group_new(const struct ewald *e, struct group *g)
{
    for (int p = 0; p < GROUP; p++)
        for (int part = 0; part < 2; part++) {
            g->first[p][part] = MEM_NEW(double, e->reach[0] + 1);
            g->second[p][part] = MEM_NEW(double, 2 * e->reach[1] + 1);
            g->third[p][part] = MEM_NEW(double, 2 * e->reach[2] + 1);
        }
}

static void group_free(struct group *g)
{
    for (int p = 0; p < GROUP; p++)
        for (int part = 0; part < 2; part++) {
            free(g->first[p][part]);
            free(g->second[p][part]);
            free(g->third[p][part]);
        }
}

/* Charges first .. first + GROUP - 1; those beyond the last get charge zero. */
static void group_fill(const struct sums *s, int first, struct group *g)
{
    const int *m = s->e->reach;
    g->size = s->n - first < GROUP ? s->n - first : GROUP;
    for (int p = 0; p < GROUP; p++) {
        int i = p < g->size ? first + p : first;
        double q = p < g->size ? s->charge[i] : 0;
        ewald_phases(2 * M_PI * s->fraction[0][i], 0, m[0], g->first[p][0], g->first[p][1]);
        ewald_phases(2 * M_PI * s->fraction[1][i], -m[1], m[1], g->second[p][0], g->second[p][1]);
        ewald_phases(2 * M_PI * s->fraction[2][i], -m[2], m[2], g->third[p][0], g->third[p][1]);
        for (int k = 0; k <= m[0]; k++) {
            g->first[p][0][k] *= q;
            g->first[p][1][k] *= q;
        }
    }
}

/* q e^{i (n1 p1 + n2 p2)} of charge p of the group. */
static void row_phase(const struct ewald *e, const struct group *g, const struct ewald_row *row,
                      int p, double *re, double *im)
{
    int a = row->n1, b = row->n2 + e->reach[1];
    double x = g->first[p][0][a], y = g->first[p][1][a];
    double u = g->second[p][0][b], v = g->second[p][1][b];
    *re = x * u - y * v;
    *im = x * v + y * u;
}

/* rho += the group's q e^{i G.r} */
static void add_density(const struct ewald *e, const struct group *g, double *restrict re,
                        double *restrict im)
{
    double a[GROUP], b[GROUP];
    for (int i = 0; i < e->rows; i++) {
        const struct ewald_row *row = &e->row[i];
        int at = row->n3 + e->reach[2];
        const double *c0 = g->third[0][0] + at, *s0 = g->third[0][1] + at;
        const double *c1 = g->third[1][0] + at, *s1 = g->third[1][1] + at;
        const double *c2 = g->third[2][0] + at, *s2 = g->third[2][1] + at;
        const double *c3 = g->third[3][0] + at, *s3 = g->third[3][1] + at;
        double *x = re + row->at, *y = im + row->at;
        for (int p = 0; p < GROUP; p++)
            row_phase(e, g, row, p, &a[p], &b[p]);
#pragma omp simd
        for (int k = 0; k < row->count; k++) {
            x[k] += a[0] * c0[k] - b[0] * s0[k] + a[1] * c1[k] - b[1] * s1[k] + a[2] * c2[k] -
                    b[2] * s2[k] + a[3] * c3[k] - b[3] * s3[k];
            y[k] += a[0] * s0[k] + b[0] * c0[k] + a[1] * s1[k] + b[1] * c1[k] + a[2] * s2[k] +
                    b[2] * c2[k] + a[3] * s3[k] + b[3] * c3[k];
        }
    }
}

/* dE/dr_i = -sum_G c_G G q_i Im(rho* e^{i G.r_i}) for charge p of the group; w = c rho*. */
static void far_gradient(const struct ewald *e, const struct group *g, int p, const double *w[2],
                         double gradient[3])
{
    double re, im;
    for (int i = 0; i < e->rows; i++) {
        const struct ewald_row *row = &e->row[i];
        const double *c = g->third[p][0] + row->n3 + e->reach[2];
        const double *s = g->third[p][1] + row->n3 + e->reach[2];
        const double *u = w[0] + row->at, *v = w[1] + row->at, *n3 = e->third + row->at;
        double ar = 0, ai = 0, br = 0, bi = 0;
#pragma omp simd reduction(+ : ar, ai, br, bi)
        for (int k = 0; k < row->count; k++) {
            double x = u[k] * c[k] - v[k] * s[k], y = u[k] * s[k] + v[k] * c[k];
            ar += x;
            ai += y;
            br += n3[k] * x;
            bi += n3[k] * y;
        }
        row_phase(e, g, row, p, &re, &im);
        double a = -(re * ai + im * ar), b = -(re * bi + im * br);
        for (int x = 0; x < 3; x++)
            gradient[x] += a * (row->n1 * e->rec[0][x] + row->n2 * e->rec[1][x]) + b * e->rec[2][x];
    }
}

/* d(1/2 c |rho|^2)/dstrain = 1/2 c |rho|^2 (-delta + 2 G G (1/G^2 + 1/4 kappa^2)) */
static void far_strain(const struct ewald *e, const double *re, const double *im,
                       double strain[3][3])
{
    for (int i = 0; i < e->rows; i++)
        for (int k = e->row[i].at; k < e->row[i].at + e->row[i].count; k++) {
            if (e->coefficient[k] == 0)
                continue;
            double g[3], g2 = 0, w = 0.5 * e->coefficient[k] * (re[k] * re[k] + im[k] * im[k]);
            for (int x = 0; x < 3; x++) {
                g[x] = e->row[i].n1 * e->rec[0][x] + e->row[i].n2 * e->rec[1][x] +
                       e->third[k] * e->rec[2][x];
                g2 += g[x] * g[x];
            }
            double factor = 2 * w * (1 / g2 + 1 / (4 * e->kappa * e->kappa));
            for (int a = 0; a < 3; a++)
                for (int b = 0; b < 3; b++)
                    strain[a][b] += factor * g[a] * g[b] - (a == b ? w : 0);
        }
}

static double far_energy(struct sums *s)
{
    const struct ewald *e = s->e;
    struct group g;
    double energy = 0, *re = MEM_NEW(double, e->waves), *im = MEM_NEW(double, e->waves);
    group_new(e, &g);
    for (int i = 0; i < s->n; i += GROUP) {
        group_fill(s, i, &g);
        add_density(e, &g, re, im);
    }
    for (int k = 0; k < e->waves; k++)
        energy += 0.5 * e->coefficient[k] * (re[k] * re[k] + im[k] * im[k]);
    if (s->strain)
        far_strain(e, re, im, s->strain);
    if (s->gradient) {
        for (int k = 0; k < e->waves; k++) {
            re[k] *= e->coefficient[k];
            im[k] *= -e->coefficient[k];
        }
        const double *w[2] = {re, im};
        for (int i = 0; i < s->n; i += GROUP) {
            group_fill(s, i, &g);
            for (int p = 0; p < g.size; p++)
                far_gradient(e, &g, p, w, s->gradient[i + p]);
        }
    }
    group_free(&g);
    free(re);
    free(im);
    return energy;
}

static void start_sums(struct sums *s, const double pos[][3])
{
    for (int x = 0; x < 3; x++)
        s->fraction[x] = MEM_NEW(double, s->n);
    for (int i = 0; i < s->n; i++)
        for (int x = 0; x < 3; x++) {
            const double(*inv)[3] = s->e->inverse;
            double f = pos[i][0] * inv[0][x] + pos[i][1] * inv[1][x] + pos[i][2] * inv[2][x];
            s->fraction[x][i] = f - rint(f);
        }
    if (s->gradient)
        memset(s->gradient, 0, (size_t)s->n * sizeof *s->gradient);
    if (s->strain)
        memset(s->strain, 0, 9 * sizeof(double));
    s->pairs.count = 0;
}

double ewald_energy(const struct ewald *e, int n, const double pos[][3], const double charge[],
                    double gradient[][3], double strain[3][3])
{
    struct sums s = {.e = e, .n = n, .charge = charge, .gradient = gradient, .strain = strain};
    double total = 0, square = 0;
    start_sums(&s, pos);
    for (int i = 0; i < n; i++) {
        total += charge[i];
        square += charge[i] * charge[i];
    }
    double background = 0.5 * e->background * total * total;
    double energy = background - e->kappa / sqrt(M_PI) * square + own_images(&s, square);
    energy += near_energy(&s);
    energy += far_energy(&s);
    for (int a = 0; strain && a < 3; a++)
        strain[a][a] -= background;
    for (int x = 0; x < 3; x++)
        free(s.fraction[x]);
    return energy;
}
