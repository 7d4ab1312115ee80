/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/correction.h"
#include <math.h>

static double potential(const struct pseudo *p, double q)
{
    double slope, charge = pseudo_charge(p, q * q, &slope);
    return pseudo_short(p, q * q, &slope) - p->charge * 4 * M_PI / (q * q) * charge;
}

/* A by Simpson's rule, v^2 falling off as exp(-q^2 r^2); *slope = dA/dlnE_c = -v(p_c)^2 p_c / ... */
static double folded(const struct pseudo *p, double ecut, double *slope)
{
    enum { INTERVALS = 2000 };
    double from = sqrt(2 * ecut), h = 8 / p->radius / INTERVALS, sum = 0;
    double front = 1 / (M_PI * M_PI * pseudo_gaussian(p, 0));
    for (int i = 0; i <= INTERVALS; i++) {
        double v = potential(p, from + i * h);
        sum += (i == 0 || i == INTERVALS ? 1 : i % 2 ? 4 : 2) * v * v;
    }
    *slope = -0.5 * front * pow(potential(p, from), 2) * from;
    return front * sum * h / 3;
}

void correction_apply(struct pseudo *p, double ecut)
{
    double slope, a = folded(p, ecut, &slope);
    double s = exp(p->fold[0] + p->fold[1] * ecut + p->fold[2] * log(ecut));
    p->c1 -= s * a;
    p->pulay -= s * (slope + a * (p->fold[1] * ecut + p->fold[2]));
}
