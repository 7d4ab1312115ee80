/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <math.h>
#include "basis/solid.h"

/* S_lm = sqrt(factor / pi) * polynomial */
struct entry {
    double factor;
    struct polynomial p;
};

static const struct entry entries[(SOLID_LMAX + 1) * (SOLID_LMAX + 1)] = {
    {1 / 4.0, {1, {1}, {{0, 0, 0}}}},
    {3 / 4.0, {1, {1}, {{0, 1, 0}}}},
    {3 / 4.0, {1, {1}, {{0, 0, 1}}}},
    {3 / 4.0, {1, {1}, {{1, 0, 0}}}},
    {15 / 4.0, {1, {1}, {{1, 1, 0}}}},
    {15 / 4.0, {1, {1}, {{0, 1, 1}}}},
    {5 / 16.0, {3, {2, -1, -1}, {{0, 0, 2}, {2, 0, 0}, {0, 2, 0}}}},
    {15 / 4.0, {1, {1}, {{1, 0, 1}}}},
    {15 / 16.0, {2, {1, -1}, {{2, 0, 0}, {0, 2, 0}}}},
    {35 / 32.0, {2, {3, -1}, {{2, 1, 0}, {0, 3, 0}}}},
    {105 / 4.0, {1, {1}, {{1, 1, 1}}}},
    {21 / 32.0, {3, {4, -1, -1}, {{0, 1, 2}, {2, 1, 0}, {0, 3, 0}}}},
    {7 / 16.0, {3, {2, -3, -3}, {{0, 0, 3}, {2, 0, 1}, {0, 2, 1}}}},
    {21 / 32.0, {3, {4, -1, -1}, {{1, 0, 2}, {3, 0, 0}, {1, 2, 0}}}},
    {105 / 16.0, {2, {1, -1}, {{2, 0, 1}, {0, 2, 1}}}},
    {35 / 32.0, {2, {1, -3}, {{3, 0, 0}, {1, 2, 0}}}},
};

struct polynomial solid_polynomial(int l, int m)
{
    assert(l <= SOLID_LMAX && -l <= m && m <= l);
    const struct entry *e = &entries[l * l + l + m];
    struct polynomial p = e->p;
    for (int t = 0; t < p.terms; t++)
        p.c[t] *= sqrt(e->factor / M_PI);
    return p;
}

struct polynomial solid_derivative(const struct polynomial *p, int axis)
{
    struct polynomial d = {0};
    for (int t = 0; t < p->terms; t++) {
        if (!p->power[t][axis])
            continue;
        d.c[d.terms] = p->c[t] * p->power[t][axis];
        for (int x = 0; x < 3; x++)
            d.power[d.terms][x] = (signed char)(p->power[t][x] - (x == axis));
        d.terms++;
    }
    return d;
}

int solid_monomial(const signed char power[3])
{
    int degree = power[0] + power[1] + power[2], rest = degree - power[0];
    return degree * (degree + 1) * (degree + 2) / 6 + rest * (rest + 1) / 2 + power[2];
}
