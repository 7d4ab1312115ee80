/* SPDX-License-Identifier: GPL-3.0-or-later */
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

/* One shell of all atoms; values: [quantity][m][AO_CHUNK], the points of an atom together */
static void add_shell(const struct ao *a, const struct ao_shell *s, int points, int orbitals,
                      const double coefficient[], const double values[], struct sums *sums)
{
    const int width = 2 * s->l + 1, *atom = a->block->atom;
    for (int o = 0; o < orbitals; o++)
        for (int q = 0; q < AO_LAPLACIAN; q++) {
            double *sum = sums->at[o][q];
            for (int i = 0; i < a->atoms; i++)
                for (int m = 0; m < width; m++) {
                    const double c = coefficient[(size_t)o * (size_t)a->functions +
                                                 (size_t)(atom[i] * a->per_atom + s->offset + m)];
                    const double *v = values + (q * width + m) * AO_CHUNK + i * points;
#pragma omp simd
                    for (int p = 0; p < points; p++)
                        sum[p] += c * v[p];
                }
        }
}

static void few_points(const struct ao *a, int points, const double r[][3], int orbitals,
                       const double coefficient[], struct sums *sums)
{
    double x[AO_CHUNK], y[AO_CHUNK], z[AO_CHUNK], r2[AO_CHUNK];
    double values[AO_LAPLACIAN * AO_MAX_M * AO_CHUNK];
    for (int i = 0; i < a->atoms; i++)
        for (int p = 0, at = i * points; p < points; p++, at++) {
            x[at] = r[p][0] - a->block->x[i];
            y[at] = r[p][1] - a->block->y[i];
            z[at] = r[p][2] - a->block->z[i];
            r2[at] = x[at] * x[at] + y[at] * y[at] + z[at] * z[at];
        }
    memset(sums, 0, sizeof *sums);
    for (int s = 0; s < a->shells; s++) {
        ao_shell_eval(&a->shell[s], AO_LAPLACIAN, points * a->atoms, x, y, z, r2, values);
        add_shell(a, &a->shell[s], points, orbitals, coefficient, values, sums);
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
