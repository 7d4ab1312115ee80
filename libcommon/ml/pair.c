/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include "ml/pair.h"

double pair_energy(int z1, int z2, double cutoff, double r, double *slope)
{
    static const double c[4] = {0.1818, 0.5099, 0.2802, 0.02817};
    static const double b[4] = {3.2, 0.9423, 0.4029, 0.2016};
    *slope = 0;
    if (!(r < cutoff))
        return 0;
    double a = 0.8854 / (pow(z1, 0.23) + pow(z2, 0.23)), phi = 0, dphi = 0;
    for (int k = 0; k < 4; k++) {
        double term = c[k] * exp(-b[k] * r / a);
        phi += term;
        dphi -= b[k] / a * term;
    }
    double t = 1 - r * r / (cutoff * cutoff), gate = t * t * t;
    double dgate = -6 * r / (cutoff * cutoff) * t * t, coulomb = z1 * z2 / r;
    *slope = coulomb * (dphi * gate + phi * dgate - phi * gate / r);
    return coulomb * phi * gate;
}
