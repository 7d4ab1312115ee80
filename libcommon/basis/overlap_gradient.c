/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Derivatives of Bloch overlaps with respect to nuclei and strain, contracted with a matrix. S depends on
 * the displacement d = B - A only, and
 *
 *   d/dB (x - B)^j exp(-b (x - B)^2) = [2b (x - B)^(j+1) - j (x - B)^(j-1)] exp(-b (x - B)^2).
 */
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "basis/overlap_parts.h"
#include "crystal/neighbour.h"

static const double negligible = 1e-16;

typedef double axes[3][OVERLAP_POWERS][OVERLAP_POWERS];

/* slope[i][j] = ds(i, j)/dd, the exponential included. */
static void axis_slope(int la, int lb, double b, double s[OVERLAP_POWERS][OVERLAP_POWERS],
                       double slope[OVERLAP_POWERS][OVERLAP_POWERS])
{
    for (int i = 0; i <= la; i++)
        for (int j = 0; j <= lb; j++)
            slope[i][j] = 2 * b * s[i][j + 1] - (j ? j * s[i][j - 1] : 0);
}

/* One pair of primitives: g += scale sum_mn w[m][n] dS_mn/dd */
static void primitive_pair(const struct ao_shell *u, const struct ao_shell *v, double a, double b,
                           const double d[3], const double *w, int width, double scale, double g[3])
{
    axes s, slope;
    for (int x = 0; x < 3; x++) {
        overlap_axis(u->l, v->l + 1, a, b, d[x], s[x]);
        axis_slope(u->l, v->l, b, s[x], slope[x]);
    }
    for (int x = 0; x < 3; x++) {
        axes t;
        memcpy(t, s, sizeof t);
        memcpy(t[x], slope[x], sizeof t[x]);
        for (int m = 0; m <= 2 * u->l; m++)
            for (int n = 0; n <= 2 * v->l; n++)
                g[x] += scale * w[m * width + n] * overlap_contract(&u->s[m], &v->s[n], t);
    }
}

static void shell_pair(const struct ao_shell *u, const struct ao_shell *v, const double d[3],
                       const double *w, int width, double g[3])
{
    const double d2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
    for (int p = 0; p < u->primitives; p++)
        for (int q = 0; q < v->primitives; q++) {
            const double a = u->exponent[p], b = v->exponent[q];
            const double size = u->coefficient[p] * v->coefficient[q] * exp(-a * b / (a + b) * d2);
            if (fabs(size) >= negligible)
                primitive_pair(u, v, a, b, d, w, width, size, g);
        }
}

/* Functions of atom i, and those of an image of j at d from it. */
static void atom_pair(const struct ao *a, int i, int j, const double d[3], const double *matrix,
                      double g[3])
{
    const double d2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
    for (int u = 0; u < a->shells; u++)
        for (int v = 0; v < a->shells; v++) {
            const double low = a->shell[u].lowest, other = a->shell[v].lowest;
            const size_t row = (size_t)(i * a->per_atom + a->shell[u].offset);
            const size_t column = (size_t)(j * a->per_atom + a->shell[v].offset);
            if (low * other / (low + other) * d2 < -log(negligible))
                shell_pair(&a->shell[u], &a->shell[v], d,
                           matrix + row * (size_t)a->functions + column, a->functions, g);
        }
}

/* matrix + its transpose: pairs of atoms need to be visited once. */
static double *symmetric(int n, const double *matrix)
{
    double *sum = MEM_RAW(double, (size_t)n *n);
    for (size_t i = 0; i < (size_t)n; i++)
        for (size_t j = 0; j < (size_t)n; j++)
            sum[i * n + j] = matrix[i * n + j] + matrix[j * n + i];
    return sum;
}

void ao_overlap_gradient(const struct ao *a, int k, const double *matrix, double gradient[][3],
                         double strain[3][3])
{
    double lowest = INFINITY, *both = symmetric(a->functions, matrix);
    for (int i = 0; i < a->shells; i++)
        lowest = fmin(lowest, a->shell[i].lowest);
    struct neighbour *list = neighbour_new(a->system, sqrt(-2 * log(negligible) / lowest));
    const int *twice = a->given[k];
    for (int i = 0; i < a->atoms; i++)
        for (size_t p = list->first[i]; p < list->first[i + 1]; p++) {
            const int *t = list->shift[p], j = list->atom[p];
            const bool odd = (twice[0] * t[0] + twice[1] * t[1] + twice[2] * t[2]) & 1;
            double g[3] = {0};
            if (j < i)
                continue;
            atom_pair(a, i, j, list->d[p], both, g);
            for (int x = 0; x < 3; x++) {
                g[x] *= (odd ? -1 : 1) * (i == j ? 0.5 : 1); /* an image of i comes with T and -T */
                gradient[j][x] += g[x];
                gradient[i][x] -= g[x];
                for (int y = 0; y < 3; y++)
                    strain[x][y] += g[x] * list->d[p][y];
            }
        }
    neighbour_free(list);
    free(both);
}
