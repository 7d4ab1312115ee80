/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/occupation.h"
#include <math.h>

static double fermi_dirac(double x)
{
    return x > 0 ? 2 * exp(-x) / (1 + exp(-x)) : 2 / (1 + exp(x));
}

static double fill(struct state *s, double fermi)
{
    double sum = 0;
    for (int j = 0; j < s->nk; j++)
        for (int b = 0; b < s->bands; b++) {
            double f = fermi_dirac((s->k[j].eigenvalue[b] - fermi) / s->temperature);
            s->k[j].occupation[b] = f;
            sum += s->k[j].weight * f;
        }
    return sum;
}

static void fill_fixed(struct state *s)
{
    s->fermi = -INFINITY;
    for (int j = 0; j < s->nk; j++)
        for (int b = 0; b < s->bands; b++) {
            double f = fmin(2, fmax(0, s->electrons - 2 * b));
            s->k[j].occupation[b] = f;
            if (f > 0)
                s->fermi = fmax(s->fermi, s->k[j].eigenvalue[b]);
        }
}

double occupation_fill(struct state *s)
{
    if (s->temperature > 0) {
        double low = INFINITY, high = -INFINITY;
        for (int j = 0; j < s->nk; j++) {
            low = fmin(low, s->k[j].eigenvalue[0]);
            high = fmax(high, s->k[j].eigenvalue[s->bands - 1]);
        }
        low -= 50 * s->temperature;
        high += 50 * s->temperature;
        for (int i = 0; i < 200 && high - low > 1e-15 * fmax(1, fabs(high)); i++) {
            double middle = 0.5 * (low + high);
            if (fill(s, middle) < s->electrons)
                low = middle;
            else
                high = middle;
        }
        s->fermi = 0.5 * (low + high);
        fill(s, s->fermi);
    } else
        fill_fixed(s);
    double top = 0;
    for (int j = 0; j < s->nk; j++)
        top = fmax(top, s->k[j].occupation[s->bands - 1]);
    return top;
}
