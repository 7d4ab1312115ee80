/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * psi(d) = sum_T erfc(kappa |d + T|) / |d + T|
 *        + 4 pi / V sum_{G != 0} exp(-G^2 / 4 kappa^2) / G^2 cos(G . d) - pi / (kappa^2 V),
 * Fraser et al., Phys. Rev. B 53, 1814 (1996), eq. (2) with kappa^2 for their kappa; the sums run
 * over lattice vectors T and reciprocal lattice vectors G of the reduced cell.
 */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "crystal/ewald.h"
#include "crystal/ewald_parts.h"
#include "crystal/system.h"
#include "maths/fastexp.h"

static double norm(const double a[3])
{
    return sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2]);
}

static void combine(const double basis[3][3], double a, double b, double c, double v[3])
{
    for (int x = 0; x < 3; x++)
        v[x] = a * basis[0][x] + b * basis[1][x] + c * basis[2][x];
}

/* Lattice vectors T for which |d + T| < cutoff has a solution with d in the wrapped cell
 * (|f_i| <= 1/2): |f_i + n_i| <= cutoff |b_i| / 2 pi, and |T| < cutoff + max |d|. */
static void list_images(struct ewald *e)
{
    int n[3];
    double diagonal = 0, v[3];
    for (int i = 0; i < 4; i++) {
        combine(e->cell, 0.5, i & 1 ? 0.5 : -0.5, i & 2 ? 0.5 : -0.5, v);
        diagonal = fmax(diagonal, norm(v));
    }
    for (int i = 0; i < 3; i++)
        n[i] = (int)floor(e->cutoff * norm(e->rec[i]) / (2 * M_PI) + 0.5);
    e->image = mem_new((size_t)(2 * n[0] + 1) * (size_t)(2 * n[1] + 1) * (size_t)(2 * n[2] + 1),
                       sizeof *e->image);
    e->images = 1;
    for (int a = -n[0]; a <= n[0]; a++)
        for (int b = -n[1]; b <= n[1]; b++)
            for (int c = -n[2]; c <= n[2]; c++) {
                combine(e->cell, a, b, c, v);
                if ((a || b || c) && norm(v) < e->cutoff + diagonal)
                    memcpy(e->image[e->images++], v, sizeof v);
            }
}

/* Coefficients of the run (n1, n2, n3 ..); false if all are beyond the cut-off. */
static bool fill_row(struct ewald *e, int n1, int n2, double gmax, double *coefficient, int *low,
                     int *high)
{
    double g[3];
    *low = e->reach[2] + 1;
    *high = -e->reach[2] - 1;
    for (int n3 = -e->reach[2]; n3 <= e->reach[2]; n3++) {
        combine(e->rec, n1, n2, n3, g);
        double g2 = g[0] * g[0] + g[1] * g[1] + g[2] * g[2];
        bool half = n1 > 0 || n2 > 0 || n3 > 0;
        double *c = &coefficient[n3 + e->reach[2]];
        *c = 0;
        if (!half || g2 > gmax * gmax)
            continue;
        *c = 8 * M_PI / e->volume * exp(-g2 / (4 * e->kappa * e->kappa)) / g2;
        *low = n3 < *low ? n3 : *low;
        *high = n3;
    }
    return *low <= *high;
}

static void add_row(struct ewald *e, int n1, int n2, int low, int high, const double *coefficient)
{
    int count = (high - low + EWALD_LANES) / EWALD_LANES * EWALD_LANES;
    if (e->rows == e->row_room) {
        e->row_room = 2 * e->rows + 64;
        e->row = mem_grow(e->row, (size_t)e->rows, (size_t)e->row_room, sizeof *e->row);
    }
    if (e->waves + count > e->wave_room) {
        const size_t old = (size_t)e->waves, room = (size_t)(2 * (e->waves + count) + 256);
        e->coefficient = mem_grow(e->coefficient, old, room, sizeof *e->coefficient);
        e->third = mem_grow(e->third, old, room, sizeof *e->third);
        e->wave_room = (int)room;
    }
    e->row[e->rows++] = (struct ewald_row){n1, n2, low, count, e->waves};
    for (int i = 0; i < count; i++) {
        e->coefficient[e->waves + i] = low + i <= high ? coefficient[low + i + e->reach[2]] : 0;
        e->third[e->waves + i] = low + i;
    }
    e->waves += count;
}

static void list_waves(struct ewald *e, double gmax)
{
    int low, high;
    for (int i = 0; i < 3; i++)
        e->reach[i] = (int)floor(gmax * norm(e->cell[i]) / (2 * M_PI));
    double *coefficient = MEM_NEW(double, 2 * e->reach[2] + 1);
    for (int n1 = 0; n1 <= e->reach[0]; n1++)
        for (int n2 = n1 ? -e->reach[1] : 0; n2 <= e->reach[1]; n2++)
            if (fill_row(e, n1, n2, gmax, coefficient, &low, &high))
                add_row(e, n1, n2, low, high, coefficient);
    free(coefficient);
    e->reach[2] += EWALD_LANES; /* the runs may end beyond the last n3 that counts */
}

/* xi = lim psi(d) - 1/|d|: the sum without T = 0, whose erfc(kappa d)/d - 1/d -> -2 kappa/sqrt(pi).
 */
static double self_interaction(const struct ewald *e)
{
    double xi = e->background - 2 * e->kappa / sqrt(M_PI);
    for (int i = 1; i < e->images; i++) {
        double r = norm(e->image[i]);
        xi += erfc(e->kappa * r) / r;
    }
    for (int k = 0; k < e->waves; k++)
        xi += e->coefficient[k];
    return xi;
}

struct ewald *ewald_new_split(const double cell[3][3], double kappa, double tolerance)
{
    int map[3][3];
    struct ewald *e = MEM_NEW(struct ewald, 1);
    system_reduce(cell, e->cell, map);
    system_inverse(e->cell, e->inverse);
    system_reciprocal(e->cell, e->rec);
    e->volume = fabs(system_det(e->cell));
    e->kappa = kappa;
    /* both sums end where exp(-s^2) has fallen to the tolerance; fasterfc holds up to 6.5 */
    double s = fmin(fmax(sqrt(-log(tolerance)), 2), 6.3);
    e->cutoff = s / kappa;
    e->background = -M_PI / (kappa * kappa * e->volume);
    list_images(e);
    list_waves(e, 2 * kappa * s);
    e->xi = self_interaction(e);
    return e;
}

struct ewald *ewald_new_for(const double cell[3][3], int n, double tolerance)
{
    /* n^2 pairs times kappa^-3 against n phases times kappa^3: the best kappa grows as n^(1/6);
     * constant measured with ewald_energy */
    double size = cbrt(fabs(system_det(cell)));
    return ewald_new_split(cell, 3.0 * pow(n, 1.0 / 6) / size, tolerance);
}

struct ewald *ewald_new(const double cell[3][3])
{
    return ewald_new_for(cell, 64, 1e-15);
}

void ewald_free(struct ewald *e)
{
    if (!e)
        return;
    free(e->image);
    free(e->row);
    free(e->coefficient);
    free(e->third);
    free(e);
}

double ewald_xi(const struct ewald *e)
{
    return e->xi;
}

/* Real-space part at the wrapped displacement d. */
static double near_part(const struct ewald *e, const double d[3], double gradient[3])
{
    double sum = 0;
    for (int i = 0; i < e->images; i++) {
        double v[3] = {d[0] + e->image[i][0], d[1] + e->image[i][1], d[2] + e->image[i][2]};
        double r = norm(v), x = e->kappa * r;
        if (r > e->cutoff)
            continue;
        double gauss = fastexp(-x * x), f = fasterfc(x, gauss, 1 / (x + 3)) / r;
        double slope = -(f + 2 / sqrt(M_PI) * e->kappa * gauss) / (r * r);
        sum += f;
        for (int j = 0; gradient && j < 3; j++)
            gradient[j] += slope * v[j];
    }
    return sum;
}

/* cos and sin of n phase for n = low .. high (low = 0 or -high), by the angle addition. */
void ewald_phases(double phase, int low, int high, double re[], double im[])
{
    double c = cos(phase), s = sin(phase), x = 1, y = 0;
    re[-low] = 1;
    im[-low] = 0;
    for (int n = 1; n <= high; n++) {
        double next = x * c - y * s;
        y = x * s + y * c;
        x = next;
        re[n - low] = x;
        im[n - low] = y;
        if (low < 0) {
            re[-n - low] = x;
            im[-n - low] = -y;
        }
    }
}

/* Reciprocal part: per run the sums of c e^{i n3 p3} and of n3 c e^{i n3 p3}. */
static double far_part(const struct ewald *e, const double f[3], double *work, double gradient[3])
{
    const int *m = e->reach;
    double *re1 = work, *im1 = re1 + m[0] + 1, *re2 = im1 + m[0] + 1, *im2 = re2 + 2 * m[1] + 1;
    double *re3 = im2 + 2 * m[1] + 1, *im3 = re3 + 2 * m[2] + 1, total = 0;
    ewald_phases(2 * M_PI * f[0], 0, m[0], re1, im1);
    ewald_phases(2 * M_PI * f[1], -m[1], m[1], re2, im2);
    ewald_phases(2 * M_PI * f[2], -m[2], m[2], re3, im3);
    for (int i = 0; i < e->rows; i++) {
        const struct ewald_row *row = &e->row[i];
        const double *c = e->coefficient + row->at, *n3 = e->third + row->at;
        const double *p = re3 + row->n3 + m[2], *q = im3 + row->n3 + m[2];
        int a = row->n1, b = row->n2 + m[1];
        double are = re1[a] * re2[b] - im1[a] * im2[b], aim = re1[a] * im2[b] + im1[a] * re2[b];
        double sre = 0, sim = 0, tre = 0, tim = 0;
#pragma omp simd reduction(+ : sre, sim, tre, tim)
        for (int k = 0; k < row->count; k++) {
            sre += c[k] * p[k];
            sim += c[k] * q[k];
            tre += n3[k] * c[k] * p[k];
            tim += n3[k] * c[k] * q[k];
        }
        total += are * sre - aim * sim;
        double s = -(are * sim + aim * sre), t = -(are * tim + aim * tre);
        for (int x = 0; gradient && x < 3; x++)
            gradient[x] += s * (row->n1 * e->rec[0][x] + row->n2 * e->rec[1][x]) + t * e->rec[2][x];
    }
    return total;
}

void ewald_points(const struct ewald *e, int m, const double d[][3], double psi[],
                  double gradient[][3])
{
    double *work = MEM_NEW(double, 2 * (e->reach[0] + 2 * e->reach[1] + 2 * e->reach[2] + 3));
    for (int i = 0; i < m; i++) {
        double f[3], v[3], *g = gradient ? gradient[i] : NULL;
        for (int j = 0; j < 3; j++) {
            f[j] = d[i][0] * e->inverse[0][j] + d[i][1] * e->inverse[1][j] +
                   d[i][2] * e->inverse[2][j];
            f[j] -= rint(f[j]);
        }
        combine(e->cell, f[0], f[1], f[2], v);
        if (g)
            g[0] = g[1] = g[2] = 0;
        psi[i] = e->background + near_part(e, v, g) + far_part(e, f, work, g);
    }
    free(work);
}

double ewald_pair(const struct ewald *e, const double d[3], double gradient[3])
{
    double psi, g[1][3];
    ewald_points(e, 1, (const double(*)[3])d, &psi, g);
    if (gradient)
        memcpy(gradient, g[0], sizeof g[0]);
    return psi;
}
