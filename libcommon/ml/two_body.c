/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "maths/linalg.h"
#include "ml/two_body.h"

/* Cardinal B-splines: d B_d(x) = x B_d-1(x) + (d + 1 - x) B_d-1(x - 1) (Schoenberg; de Boor, A Practical Guide to
 * Splines, ch. IX), as polynomials in u = x - j on the intervals j */
static void pieces(double piece[TWO_BODY_SUPPORT][TWO_BODY_SUPPORT])
{
    double b[TWO_BODY_SUPPORT][TWO_BODY_SUPPORT] = {{1}};
    for (int d = 1; d < TWO_BODY_SUPPORT; d++)
        for (int j = d; j >= 0; j--)
            for (int k = d; k >= 0; k--) {
                double same = j * b[j][k] + (k ? b[j][k - 1] : 0);
                double before = j ? (d + 1 - j) * b[j - 1][k] - (k ? b[j - 1][k - 1] : 0) : 0;
                b[j][k] = (same + before) / d;
            }
    for (int j = 0; j < TWO_BODY_SUPPORT; j++)
        memcpy(piece[j], b[TWO_BODY_SUPPORT - 1 - j], sizeof piece[j]);
}

/* A polynomial and its derivative */
static double horner(const double c[TWO_BODY_SUPPORT], double u, double *slope)
{
    double value = 0;
    *slope = 0;
    for (int k = TWO_BODY_SUPPORT - 1; k >= 0; k--) {
        *slope = *slope * u + value;
        value = value * u + c[k];
    }
    return value;
}

/* The interval that r < reach is in, and how far from its beginning in units of its length */
static int interval(const struct two_body *t, double r, double *u)
{
    double x = r / t->step;
    int i = x < t->knots - 1 ? (int)x : t->knots - 1;
    *u = x - i;
    return i;
}

struct two_body *two_body_new(int elements, const int element[], double reach, int knots)
{
    struct two_body *t = MEM_NEW(struct two_body, 1);
    t->elements = elements;
    t->knots = reach > 0 ? knots : 0;
    t->reach = t->knots > 0 ? reach : 0;
    t->step = t->knots > 0 ? reach / knots : 1;
    t->columns = elements * (elements + 1) / 2 * t->knots;
    for (int z = 0; z < 119; z++)
        t->channel[z] = -1;
    for (int e = 0; e < elements; e++)
        t->channel[element[e]] = e;
    pieces(t->piece);
    return t;
}

void two_body_free(struct two_body *t)
{
    if (!t)
        return;
    free(t->polynomial);
    free(t);
}

int two_body_first(const struct two_body *t, int element, int other)
{
    int a = t->channel[element], b = t->channel[other];
    int low = a < b ? a : b, high = a < b ? b : a;
    return (high * (high + 1) / 2 + low) * t->knots;
}

int two_body_values(const struct two_body *t, double r, double value[TWO_BODY_SUPPORT],
                    double slope[TWO_BODY_SUPPORT])
{
    double u;
    int first = interval(t, r, &u);
    for (int k = 0; k < TWO_BODY_SUPPORT; k++) {
        value[k] = horner(t->piece[k], u, &slope[k]);
        slope[k] /= t->step;
    }
    return first;
}

void two_body_energy_row(const struct two_body *t, const struct system *s,
                         const struct neighbour *list, double row[])
{
    double value[TWO_BODY_SUPPORT], slope[TWO_BODY_SUPPORT];
    for (int i = 0; i < s->n && t->columns; i++)
        for (size_t k = list->first[i]; k < list->first[i + 1]; k++) {
            const double *d = list->d[k];
            double r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
            if (!(r2 < t->reach * t->reach))
                continue;
            int pair = two_body_first(t, s->element[i], s->element[list->atom[k]]),
                first = two_body_values(t, sqrt(r2), value, slope);
            for (int b = 0; b < TWO_BODY_SUPPORT && first + b < t->knots; b++)
                row[pair + first + b] += 0.5 * value[b];
        }
}

void two_body_curve(struct two_body *t, const double weight[])
{
    free(t->polynomial);
    t->polynomial = MEM_NEW(double, (size_t)t->columns *TWO_BODY_SUPPORT);
    for (int i = 0; i < t->columns; i++)
        for (int b = 0; b < TWO_BODY_SUPPORT && i % t->knots + b < t->knots; b++)
            for (int k = 0; k < TWO_BODY_SUPPORT; k++)
                t->polynomial[(size_t)i * TWO_BODY_SUPPORT + k] += weight[i + b] * t->piece[b][k];
}

double two_body_energy(const struct two_body *t, int first, double r, double *slope)
{
    double u;
    *slope = 0;
    if (!(r < t->reach))
        return 0;
    int i = interval(t, r, &u);
    double v = horner(t->polynomial + (size_t)(first + i) * TWO_BODY_SUPPORT, u, slope);
    *slope /= t->step;
    return v;
}

/* A smooth kernel on a fine grid is singular to rounding: a millionth of the variance is added. */
enum status two_body_prior(const struct two_body *t, double length, double l[], struct err *err)
{
    const double jitter = 1e-6;
    int n = t->knots;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            double x = (i - j) * t->step / length;
            l[i * n + j] = exp(-0.5 * x * x) + (i == j ? jitter : 0);
        }
    return linalg_cholesky(n, l, err);
}
