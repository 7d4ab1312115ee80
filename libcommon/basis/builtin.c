/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Built-in hydrogen sets.
 */
#include <string.h>
#include "basis/basis.h"

enum { SHELLS = 6, PRIMITIVES = 4 };

struct table {
    const char *name;
    int shells, l[SHELLS], primitives[SHELLS];
    double exponent[SHELLS][PRIMITIVES], contraction[SHELLS][PRIMITIVES];
};

static const struct table tables[] = {
    {"h-sz", 1, {0}, {3}, {{3.4252509, 0.6239137, 0.1688554}}, {{0.1543290, 0.5353281, 0.4446345}}},
    {"h-dz",
     3,
     {0, 0, 1},
     {3, 1, 1},
     {{4.5, 1.2, 0.45}, {0.18}, {0.7}},
     {{0.15, 0.45, 0.5}, {1}, {1}}},
    {"h-tz",
     6,
     {0, 0, 0, 1, 1, 2},
     {2, 1, 1, 1, 1, 1},
     {{5.0, 1.5}, {0.55}, {0.2}, {1.2}, {0.4}, {0.8}},
     {{0.35, 0.7}, {1}, {1}, {1}, {1}, {1}}},
};

struct basis *basis_builtin(const char *name, struct err *err)
{
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
        const struct table *b = &tables[t];
        const double *exponent[SHELLS], *contraction[SHELLS];
        if (strcmp(name, b->name))
            continue;
        for (int s = 0; s < b->shells; s++) {
            exponent[s] = b->exponent[s];
            contraction[s] = b->contraction[s];
        }
        return basis_new(name, 1, b->shells, b->l, b->primitives, exponent, contraction);
    }
    err_set(err, ST_USAGE, "there is no built-in basis '%s'; there are h-sz, h-dz and h-tz", name);
    return NULL;
}
