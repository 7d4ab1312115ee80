/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Overlaps of solid-harmonic Gaussians on two centres. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "basis/overlap_parts.h"
#include "crystal/neighbour.h"

static const double negligible = 1e-16;

/* Overlaps of two shells displaced by d, added to out[m][m'] with leading dimension width. */
static void shell_pair(const struct ao_shell *u, const struct ao_shell *v, const double d[3],
                       double sign, double *out, int width)
{
    double s[3][OVERLAP_POWERS][OVERLAP_POWERS], d2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
    for (int p = 0; p < u->primitives; p++)
        for (int q = 0; q < v->primitives; q++) {
            double a = u->exponent[p], b = v->exponent[q];
            double size = u->coefficient[p] * v->coefficient[q] * exp(-a * b / (a + b) * d2);
            if (fabs(size) < negligible)
                continue;
            for (int x = 0; x < 3; x++)
                overlap_axis(u->l, v->l, a, b, d[x], s[x]);
            for (int m = 0; m <= 2 * u->l; m++)
                for (int n = 0; n <= 2 * v->l; n++)
                    out[m * width + n] += sign * size * overlap_contract(&u->s[m], &v->s[n], s);
        }
}

static void atom_pair(const struct ao *a, int i, int j, const double d[3], double sign,
                      double *overlap)
{
    double d2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
    for (int u = 0; u < a->shells; u++)
        for (int v = 0; v < a->shells; v++) {
            double low = a->shell[u].lowest, other = a->shell[v].lowest;
            if (overlap_diffuse(a, &a->shell[u]) || overlap_diffuse(a, &a->shell[v]))
                continue;
            if (low * other / (low + other) * d2 > -log(negligible))
                continue;
            size_t row = (size_t)(i * a->per_atom + a->shell[u].offset);
            size_t column = (size_t)(j * a->per_atom + a->shell[v].offset);
            shell_pair(&a->shell[u], &a->shell[v], d, sign,
                       overlap + row * (size_t)a->functions + column, a->functions);
        }
}

/* Products of the functions summed here farther apart than this have exponentials below `negligible`. */
static double overlap_reach(const struct ao *a)
{
    double lowest = INFINITY;
    for (int i = 0; i < a->shells; i++)
        if (!overlap_diffuse(a, &a->shell[i]))
            lowest = fmin(lowest, a->shell[i].lowest);
    return lowest < INFINITY ? sqrt(-2 * log(negligible) / lowest) : 0;
}

void ao_overlap(const struct ao *a, int k, double *overlap)
{
    size_t n = (size_t)a->functions;
    const double zero[3] = {0, 0, 0};
    struct neighbour *list = neighbour_new(a->system, overlap_reach(a));
    memset(overlap, 0, n * n * sizeof *overlap);
    for (int i = 0; i < a->atoms; i++) {
        atom_pair(a, i, i, zero, 1, overlap);
        for (size_t p = list->first[i]; p < list->first[i + 1]; p++) {
            const int *t = list->shift[p];
            const int *twice = a->given[k];
            bool odd = (twice[0] * t[0] + twice[1] * t[1] + twice[2] * t[2]) & 1;
            if (list->atom[p] >= i)
                atom_pair(a, i, list->atom[p], list->d[p], odd ? -1 : 1, overlap);
        }
    }
    for (size_t i = 0; i < n; i++) /* the lower triangle of atoms */
        for (size_t j = 0; j < i; j++)
            if (i / (size_t)a->per_atom != j / (size_t)a->per_atom)
                overlap[i * n + j] = overlap[j * n + i];
    overlap_fourier(a, k, overlap);
    neighbour_free(list);
}
