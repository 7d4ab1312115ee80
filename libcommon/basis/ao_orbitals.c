/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>
#include "basis/ao_parts.h"

/* More are better made from all functions by one matrix product. */
enum { FEW = 2 };

/* Sums over functions, [orbital][quantity][point] */
struct sums {
    double at[FEW][AO_LAPLACIAN][AO_CHUNK];
};

bool ao_orbitals_pays(const struct ao *a, int orbitals)
{
    return !a->periodic && orbitals <= FEW && a->atoms <= AO_CHUNK / 4;
}

static const double *coefficients(const struct ao *a, const struct ao_shell *s, int i, int orbital,
                                  const double coefficient[])
{
    return coefficient + (size_t)orbital * (size_t)a->functions + a->block->atom[i] * a->per_atom +
           s->offset;
}

/* One shell of all atoms; values: [quantity][m][AO_CHUNK], the points of an atom together */
static void add_functions(const struct ao *a, const struct ao_shell *s, int points, int orbitals,
                          const double coefficient[], const double values[], struct sums *sums)
{
    const int width = 2 * s->l + 1;
    for (int o = 0; o < orbitals; o++)
        for (int q = 0; q < AO_LAPLACIAN; q++) {
            double *sum = sums->at[o][q];
            for (int i = 0; i < a->atoms; i++)
                for (int m = 0; m < width; m++) {
                    const double c = coefficients(a, s, i, o, coefficient)[m];
                    const double *v = values + (q * width + m) * AO_CHUNK + i * points;
#pragma omp simd
                    for (int p = 0; p < points; p++)
                        sum[p] += c * v[p];
                }
        }
}

/* sum_m c_m S_m = k + b.r + r.A r / 2 of a shell with l <= 2 */
struct quadratic {
    double k, b[3], xx, yy, zz, xy, yz, xz;
};

static struct quadratic quadratic(int l, const double c[])
{
    const double p = sqrt(3 / (4 * M_PI)), d = sqrt(15 / (4 * M_PI)), e = sqrt(5 / (4 * M_PI));
    if (l == 0)
        return (struct quadratic){.k = sqrt(1 / (4 * M_PI)) * c[0]};
    if (l == 1)
        return (struct quadratic){.b = {p * c[2], p * c[0], p * c[1]}};
    return (struct quadratic){.xx = d * c[4] - e * c[2],
                              .yy = -d * c[4] - e * c[2],
                              .zz = 2 * e * c[2],
                              .xy = d * c[0],
                              .yz = d * c[1],
                              .xz = d * c[3]};
}

/*
 * The formulas of ao_shell.c for P = sum_m c_m S_m instead of one S: an atom's shell costs as much as one
 * function of it. `from`: the first of the points of the atom in r.
 */
static inline __attribute__((always_inline)) void add_polynomial(int l, const struct quadratic *q,
                                                                 int points, int from,
                                                                 const struct ao_radial *r,
                                                                 double sum[AO_LAPLACIAN][AO_CHUNK])
{
    const double *rx = r->x + from, *ry = r->y + from, *rz = r->z + from, *r2 = r->r2 + from;
    const double *g = r->g[0] + from, *g1 = r->g[1] + from, *g2 = r->g[2] + from;
#pragma omp simd
    for (int i = 0; i < points; i++) {
        double x = rx[i], y = ry[i], z = rz[i], p = q->k, px = q->b[0], py = q->b[1], pz = q->b[2];
        if (l == 1)
            p = px * x + py * y + pz * z;
        if (l == 2) {
            px = q->xx * x + q->xy * y + q->xz * z;
            py = q->xy * x + q->yy * y + q->yz * z;
            pz = q->xz * x + q->yz * y + q->zz * z;
            p = 0.5 * (px * x + py * y + pz * z);
        }
        double t = 2 * p * g1[i];
        sum[0][i] += p * g[i];
        sum[1][i] += px * g[i] + x * t;
        sum[2][i] += py * g[i] + y * t;
        sum[3][i] += pz * g[i] + z * t;
        sum[4][i] += p * ((4 * l + 6) * g1[i] + 4 * r2[i] * g2[i]);
    }
}

static void add_polynomials(const struct ao *a, const struct ao_shell *s, int points, int orbitals,
                            const double coefficient[], const struct ao_radial *r,
                            struct sums *sums)
{
    for (int o = 0; o < orbitals; o++)
        for (int i = 0; i < a->atoms; i++) {
            const struct quadratic q = quadratic(s->l, coefficients(a, s, i, o, coefficient));
            if (s->l == 0)
                add_polynomial(0, &q, points, i * points, r, sums->at[o]);
            else if (s->l == 1)
                add_polynomial(1, &q, points, i * points, r, sums->at[o]);
            else
                add_polynomial(2, &q, points, i * points, r, sums->at[o]);
        }
}

static void few_points(const struct ao *a, int points, const double r[][3], int orbitals,
                       const double coefficient[], struct sums *sums)
{
    const int n = points * a->atoms;
    double x[AO_CHUNK], y[AO_CHUNK], z[AO_CHUNK], r2[AO_CHUNK];
    double values[AO_LAPLACIAN * AO_MAX_M * AO_CHUNK];
    struct ao_radial radial = {.x = x, .y = y, .z = z, .r2 = r2};
    for (int i = 0; i < a->atoms; i++)
        for (int p = 0, at = i * points; p < points; p++, at++) {
            x[at] = r[p][0] - a->block->x[i];
            y[at] = r[p][1] - a->block->y[i];
            z[at] = r[p][2] - a->block->z[i];
            r2[at] = x[at] * x[at] + y[at] * y[at] + z[at] * z[at];
        }
    memset(sums->at, 0, (size_t)orbitals * sizeof sums->at[0]);
    for (int k = 0; k < a->shells; k++) {
        const struct ao_shell *s = &a->shell[k];
        if (s->l > 2) {
            ao_shell_eval(s, AO_LAPLACIAN, n, x, y, z, r2, values);
            add_functions(a, s, points, orbitals, coefficient, values, sums);
            continue;
        }
        ao_radial_eval(s, 2, n, &radial);
        add_polynomials(a, s, points, orbitals, coefficient, &radial, sums);
    }
}

void ao_orbitals(const struct ao *a, int points, const double r[][3], int orbitals,
                 const double coefficient[], double out[])
{
    struct sums sums;
    for (int first = 0, n; first < points; first += n) {
        n = AO_CHUNK / a->atoms;
        n = points - first < n ? points - first : n;
        few_points(a, n, r + first, orbitals, coefficient, &sums);
        for (int q = 0; q < AO_LAPLACIAN; q++)
            for (int p = 0; p < n; p++)
                for (int o = 0; o < orbitals; o++)
                    out[((size_t)q * (size_t)points + (size_t)(first + p)) * (size_t)orbitals +
                        (size_t)o] = sums.at[o][q][p];
    }
}
