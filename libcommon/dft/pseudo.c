/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/pseudo.h"
#include <math.h>
#include <stddef.h>
#include "base/mem.h"

static const struct pseudo published[] = {
    {1, PSEUDO_LDA, 1, 0.2, -4.18023680, 0.72507482, {0.7939, 0.010743, -0.2052}, 0},
    {1, PSEUDO_PBE, 1, 0.2, -4.17890044, 0.72446331, {0.7834, 0.009821, -0.1916}, 0},
    {1, PSEUDO_BLYP, 1, 0.2, -4.19596147, 0.73049821, {0.9124, 0.012028, -0.2306}, 0},
};
enum { PUBLISHED = sizeof published / sizeof *published };

struct pseudo *pseudo_table(enum pseudo_family family)
{
    struct pseudo *table = MEM_NEW(struct pseudo, PUBLISHED + 1);
    int n = 0;
    for (int i = 0; i < PUBLISHED; i++)
        if (published[i].family == family)
            table[n++] = published[i];
    return table;
}

const struct pseudo *pseudo_find(const struct pseudo *table, int element)
{
    for (; table->element; table++)
        if (table->element == element)
            return table;
    return NULL;
}

double pseudo_charge(const struct pseudo *p, double g2, double *slope)
{
    double half = 0.5 * p->radius * p->radius, e = exp(-half * g2);
    *slope = -half * e;
    return e;
}

double pseudo_gaussian(const struct pseudo *p, double g2)
{
    double r2 = p->radius * p->radius;
    return sqrt(8 * M_PI * M_PI * M_PI) * r2 * p->radius * exp(-0.5 * g2 * r2);
}

double pseudo_short(const struct pseudo *p, double g2, double *slope)
{
    double r2 = p->radius * p->radius, x2 = g2 * r2;
    double front = pseudo_gaussian(p, g2), bracket = p->c1 + p->c2 * (3 - x2);
    *slope = front * r2 * (-0.5 * bracket - p->c2);
    return front * bracket;
}
