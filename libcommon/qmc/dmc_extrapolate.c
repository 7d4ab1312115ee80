/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/dmc_extrapolate.h"
#include <math.h>
#include <stdlib.h>
#include "base/mem.h"
#include "maths/polyfit.h"

/* E(0) is linear in the energies: its coefficients come from fits to unit vectors. */
static double limit_error(int order, int n, const double tau[], const double error[])
{
    struct polyfit fit;
    double *unit = MEM_NEW(double, n), square = 0;
    for (int i = 0; i < n; i++) {
        unit[i] = error[i];
        if (polyfit_fixed(&fit, order, n, tau, unit, error, NULL))
            square = INFINITY;
        else
            square += pow(polyfit_value(&fit, 0), 2);
        unit[i] = 0;
    }
    free(unit);
    return sqrt(square);
}

struct dmc_limit dmc_extrapolate(int n, const double tau[], const double energy[],
                                 const double error[])
{
    struct dmc_limit limit = {energy[0], error[0], 0, 0, 0};
    struct polyfit fit;
    if (n == 1 || polyfit_best(&fit, n > 2 ? 2 : 1, n, tau, energy, error, NULL))
        return limit;
    return (struct dmc_limit){polyfit_value(&fit, 0), limit_error(fit.order, n, tau, error),
                              fit.order, fit.chi2, fit.freedom};
}
