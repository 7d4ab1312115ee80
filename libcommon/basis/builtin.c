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
    {"h-sz", 1, {0}, {3}, {{4.594, 0.7533, 0.1723}}, {{0.1830, 0.9222, 1}}},
    {"h-dz",
     4,
     {0, 0, 0, 1},
     {2, 1, 1, 1},
     {{6.645, 1.423}, {0.3978}, {0.1140}, {0.9753}},
     {{0.2403, 1}, {1}, {1}, {1}}},
    {"h-tz",
     6,
     {0, 0, 0, 1, 1, 2},
     {3, 1, 1, 1, 1, 1},
     {{11.65, 3.328, 1.192}, {0.3758}, {0.1089}, {2.767}, {0.5625}, {0.6457}},
     {{0.1047, 0.3653, 1}, {1}, {1}, {1}, {1}, {1}}},
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
