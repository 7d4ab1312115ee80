/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/pseudo.h"
#include <math.h>
#include <stddef.h>

static const struct pseudo table[] = {
    {1, PSEUDO_LDA, 1, 0.2, -4.18023680, 0.72507482},
    {1, PSEUDO_PBE, 1, 0.2, -4.17890044, 0.72446331},
    {1, PSEUDO_BLYP, 1, 0.2, -4.19596147, 0.73049821},
};

const struct pseudo *pseudo_find(int element, enum pseudo_family family)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].element == element && table[i].family == family)
            return &table[i];
    return NULL;
}

double pseudo_charge(const struct pseudo *p, double g2, double *slope)
{
    double half = 0.5 * p->radius * p->radius, e = exp(-half * g2);
    *slope = -half * e;
    return e;
}

double pseudo_short(const struct pseudo *p, double g2, double *slope)
{
    double r2 = p->radius * p->radius, x2 = g2 * r2, e = exp(-0.5 * x2);
    double front = sqrt(8 * M_PI * M_PI * M_PI) * r2 * p->radius;
    double bracket = p->c1 + p->c2 * (3 - x2);
    *slope = front * e * r2 * (-0.5 * bracket - p->c2);
    return front * e * bracket;
}
