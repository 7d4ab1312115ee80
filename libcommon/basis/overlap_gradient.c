/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Derivatives of Bloch overlaps with respect to nuclei and strain, contracted with matrices. S depends on
 * the displacement d = B - A only, and
 *
 *   d/dB (x - B)^j exp(-b (x - B)^2) = [2b (x - B)^(j+1) - j (x - B)^(j-1)] exp(-b (x - B)^2).
 *
 * Integrals are those of x^a y^b z^c, which the harmonics of both shells share, and of all matrices once.
 */
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "basis/overlap_parts.h"
#include "crystal/neighbour.h"

/* Smallest exponential, where the overlap itself goes on to 1e-16: derivatives serve forces, relative errors of
 * 1e-9, while that may be all but singular. */
static const double negligible = 1e-16;

enum { MONOMIALS = (SOLID_LMAX + 1) * (SOLID_LMAX + 2) / 2 };

typedef double axis[OVERLAP_POWERS][OVERLAP_POWERS];
typedef double slopes[MONOMIALS][MONOMIALS][3];

/* Powers of the monomials of degree l in the order of solid_monomial; returns their number. */
static int monomials(int l, int power[MONOMIALS][3])
{
    int n = 0;
    for (int a = l; a >= 0; a--)
        for (int c = 0; c <= l - a; c++, n++) {
            power[n][0] = a;
            power[n][1] = l - a - c;
            power[n][2] = c;
        }
    return n;
}

/* slope[i][j] = ds(i, j)/dd, the exponential included. */
static void axis_slope(int la, int lb, double b, axis s, axis slope)
{
    for (int i = 0; i <= la; i++)
        for (int j = 0; j <= lb; j++)
            slope[i][j] = 2 * b * s[i][j + 1] - (j ? j * s[i][j - 1] : 0);
}

/* out += size d/dd of the overlaps of monomials of degree la and lb around exponentials a and b */
static void add_primitives(int la, int lb, double a, double b, const double d[3], double size,
                           slopes out)
{
    axis s[3], slope[3];
    int p[MONOMIALS][3], q[MONOMIALS][3];
    const int m = monomials(la, p), n = monomials(lb, q);
    for (int x = 0; x < 3; x++) {
        overlap_axis(la, lb + 1, a, b, d[x], s[x]);
        axis_slope(la, lb, b, s[x], slope[x]);
    }
    for (int i = 0; i < m; i++)
        for (int j = 0; j < n; j++) {
            const double x = s[0][p[i][0]][q[j][0]], y = s[1][p[i][1]][q[j][1]],
                         z = size * s[2][p[i][2]][q[j][2]];
            out[i][j][0] += slope[0][p[i][0]][q[j][0]] * y * z;
            out[i][j][1] += slope[1][p[i][1]][q[j][1]] * x * z;
            out[i][j][2] += slope[2][p[i][2]][q[j][2]] * x * y * size;
        }
}

/* sum_ij of the terms of two harmonics */
static void contract(const struct ao_shell *u, int m, const struct ao_shell *v, int n, slopes from,
                     double out[3])
{
    const struct polynomial *a = &u->s[m], *b = &v->s[n];
    const int first = u->l * (u->l + 1) * (u->l + 2) / 6,
              second = v->l * (v->l + 1) * (v->l + 2) / 6;
    for (int x = 0; x < 3; x++)
        out[x] = 0;
    for (int i = 0; i < a->terms; i++)
        for (int j = 0; j < b->terms; j++) {
            const double *s =
                from[solid_monomial(a->power[i]) - first][solid_monomial(b->power[j]) - second];
            for (int x = 0; x < 3; x++)
                out[x] += a->c[i] * b->c[j] * s[x];
        }
}

struct sum {
    int count; /* of matrices */
    const struct ao *ao;
    double *const *matrix; /* symmetric */
    double *reach2;        /* of pairs of shells, [shell][shell] */
};

/* g[k] += sum_mn matrix[k][m][n] dS_mn/dd for two shells; at: where their block begins */
static void shell_pair(const struct sum *t, const struct ao_shell *u, const struct ao_shell *v,
                       const double d[3], size_t at, double (*g)[3])
{
    const double d2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
    const int width = t->ao->functions;
    slopes monomial;
    for (int i = 0; i < (u->l + 1) * (u->l + 2) / 2; i++)
        memset(monomial[i], 0, sizeof monomial[i]);
    for (int p = 0; p < u->primitives; p++)
        for (int q = 0; q < v->primitives; q++) {
            const double a = u->exponent[p], b = v->exponent[q];
            const double x = a * b / (a + b) * d2;
            if (x < -log(negligible))
                add_primitives(u->l, v->l, a, b, d, u->coefficient[p] * v->coefficient[q] * exp(-x),
                               monomial);
        }
    for (int m = 0; m <= 2 * u->l; m++)
        for (int n = 0; n <= 2 * v->l; n++) {
            double s[3];
            contract(u, m, v, n, monomial, s);
            for (int k = 0; k < t->count; k++)
                for (int x = 0; x < 3; x++)
                    g[k][x] += t->matrix[k][at + (size_t)(m * width + n)] * s[x];
        }
}

/* Functions of atom i, and those of an image of j at d from it. */
static void atom_pair(const struct sum *t, int i, int j, const double d[3], double (*g)[3])
{
    const struct ao *a = t->ao;
    const double d2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
    memset(g, 0, (size_t)t->count * sizeof *g);
    for (int u = 0; u < a->shells; u++)
        for (int v = 0; v < a->shells; v++) {
            const size_t row = (size_t)(i * a->per_atom + a->shell[u].offset);
            const size_t column = (size_t)(j * a->per_atom + a->shell[v].offset);
            if (d2 < t->reach2[u * a->shells + v])
                shell_pair(t, &a->shell[u], &a->shell[v], d, row * (size_t)a->functions + column,
                           g);
        }
}

/* matrix += its transpose: pairs of atoms need to be visited once. */
static void symmetrise(size_t n, double *matrix)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++)
            matrix[i * n + j] = matrix[j * n + i] = matrix[i * n + j] + matrix[j * n + i];
}

/* Squared distances beyond which pairs of shells are left out; returns the largest. */
static double fill_reach(const struct ao *a, double *reach2)
{
    double most = 0;
    for (int u = 0; u < a->shells; u++)
        for (int v = 0; v < a->shells; v++) {
            const double low = a->shell[u].lowest, other = a->shell[v].lowest;
            double *at = &reach2[u * a->shells + v];
            *at = -log(negligible) * (low + other) / (low * other);
            most = fmax(most, *at);
        }
    return most;
}

/* What pair p of the list, of atom i, adds to gradients and strains. */
static void add_pair(const struct sum *t, const int k[], const struct neighbour *list, int i,
                     size_t p, double (*g)[3], double (*gradient)[3], double (*strain)[3][3])
{
    const int j = list->atom[p], atoms = t->ao->atoms;
    const unsigned odd = ao_parity(t->ao, list->shift[p]);
    atom_pair(t, i, j, list->d[p], g);
    for (int c = 0; c < t->count; c++)
        for (int x = 0; x < 3; x++) {
            const double sign = odd >> k[c] & 1 ? -1 : 1;
            const double slope =
                sign * (i == j ? 0.5 : 1) * g[c][x]; /* an image comes with T and -T */
            gradient[c * atoms + j][x] += slope;
            gradient[c * atoms + i][x] -= slope;
            for (int y = 0; y < 3; y++)
                strain[c][x][y] += slope * list->d[p][y];
        }
}

void ao_overlap_gradient(const struct ao *a, int count, const int k[], double *const matrix[],
                         double (*gradient)[3], double (*strain)[3][3])
{
    struct sum t = {.count = count, .ao = a, .matrix = matrix};
    double(*g)[3] = mem_new(count, sizeof *g);
    t.reach2 = MEM_NEW(double, a->shells * a->shells);
    for (int c = 0; c < count; c++)
        symmetrise((size_t)a->functions, matrix[c]);
    struct neighbour *list = neighbour_new(a->system, sqrt(fill_reach(a, t.reach2)));
    for (int i = 0; i < a->atoms; i++)
        for (size_t p = list->first[i]; p < list->first[i + 1]; p++)
            if (list->atom[p] >= i)
                add_pair(&t, k, list, i, p, g, gradient, strain);
    neighbour_free(list);
    free(t.reach2);
    free(g);
}
