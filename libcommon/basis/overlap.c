/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Overlaps of solid-harmonic Gaussians on two centres: the harmonics as polynomials, and for each
 * axis the recurrence of Obara & Saika, J. Chem. Phys. 84, 3963 (1986), eq. (A2):
 *
 *   s(i+1, j) = (P - A) s(i, j) + [i s(i-1, j) + j s(i, j-1)] / 2(a + b),
 *   s(0, 0) = sqrt(pi / (a + b)) exp(-a b / (a + b) (A - B)^2).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "basis/ao_parts.h"
#include "crystal/neighbour.h"

enum { POWERS = SOLID_LMAX + 1 };

static const double negligible = 1e-16;

/* s[i][j] of one axis for i <= la, j <= lb; d = B - A. */
static void one_axis(int la, int lb, double a, double b, double d, double s[POWERS][POWERS])
{
    double p = a + b, pa = b / p * d, pb = -a / p * d;
    s[0][0] = sqrt(M_PI / p);
    for (int i = 0; i < la; i++)
        s[i + 1][0] = pa * s[i][0] + (i ? i * s[i - 1][0] / (2 * p) : 0);
    for (int j = 0; j < lb; j++)
        for (int i = 0; i <= la; i++)
            s[i][j + 1] =
                pb * s[i][j] + ((i ? i * s[i - 1][j] : 0) + (j ? j * s[i][j - 1] : 0)) / (2 * p);
}

/* One pair of harmonics over the axes' tables. */
static double contract(const struct polynomial *u, const struct polynomial *v,
                       double s[3][POWERS][POWERS])
{
    double sum = 0;
    for (int i = 0; i < u->terms; i++)
        for (int j = 0; j < v->terms; j++) {
            const signed char *p = u->power[i], *q = v->power[j];
            sum += u->c[i] * v->c[j] * s[0][p[0]][q[0]] * s[1][p[1]][q[1]] * s[2][p[2]][q[2]];
        }
    return sum;
}

/* Overlaps of two shells displaced by d, added to out[m][m'] with leading dimension width. */
static void shell_pair(const struct ao_shell *u, const struct ao_shell *v, const double d[3],
                       double sign, double *out, int width)
{
    double s[3][POWERS][POWERS], d2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
    for (int p = 0; p < u->primitives; p++)
        for (int q = 0; q < v->primitives; q++) {
            double a = u->exponent[p], b = v->exponent[q];
            double size = u->coefficient[p] * v->coefficient[q] * exp(-a * b / (a + b) * d2);
            if (fabs(size) < negligible)
                continue;
            for (int x = 0; x < 3; x++)
                one_axis(u->l, v->l, a, b, d[x], s[x]);
            for (int m = 0; m <= 2 * u->l; m++)
                for (int n = 0; n <= 2 * v->l; n++)
                    out[m * width + n] += sign * size * contract(&u->s[m], &v->s[n], s);
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
