/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a curve through three slopes dE/dR of a diatomic molecule of protons says. */
#ifndef TESTS_RESPONSE_CURVE_H
#define TESTS_RESPONSE_CURVE_H

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BONDS = 3 };
static const double bonds[BONDS] = {1.0, 1.4, 1.8};

/* What a curve through slopes dE/dR at the bonds says, and its errors. */
struct curve {
    double slope[BONDS], error[BONDS];
    double length, wave, length_error, wave_error; /* bohr, 1/cm */
};

/* dE/dR = (a + b y + c y^2) / R^2, y = 1 - 1.4/R, through three points: the expansion of Simons, Parr & Finlan, J.
 * Chem. Phys. 59, 3229 (1973), with E of third order in y */
static double curve_slope(const double slope[BONDS], double r)
{
    double sum = 0;
    for (int i = 0; i < BONDS; i++) {
        double x = slope[i] * bonds[i] * bonds[i] / (r * r);
        for (int j = 0; j < BONDS; j++)
            if (j != i)
                x *= (1 / r - 1 / bonds[j]) / (1 / bonds[i] - 1 / bonds[j]);
        sum += x;
    }
    return sum;
}

/* Where the slope is zero, and the harmonic wave number of two protons there */
static void curve_minimum(const double slope[BONDS], double *length, double *wave)
{
    const double h = 1e-4, wave_number = 219474.6313632, proton = 1836.15267343; /* CODATA 2018 */
    double r = bonds[1], bend = 0;
    for (int i = 0; i < 30; i++) {
        bend = (curve_slope(slope, r + h) - curve_slope(slope, r - h)) / (2 * h);
        r -= curve_slope(slope, r) / bend;
    }
    *length = r;
    *wave = sqrt(bend / (proton / 2)) * wave_number;
}

static void curve_fit(struct curve *c)
{
    curve_minimum(c->slope, &c->length, &c->wave);
    c->length_error = c->wave_error = 0;
    for (int i = 0; i < BONDS; i++) {
        double moved[BONDS], length, wave;
        memcpy(moved, c->slope, sizeof moved);
        moved[i] += c->error[i];
        curve_minimum(moved, &length, &wave);
        c->length_error = hypot(c->length_error, length - c->length);
        c->wave_error = hypot(c->wave_error, wave - c->wave);
    }
}

static void curve_print(const char *what, const struct curve *c)
{
    printf("%-14s", what);
    for (int i = 0; i < BONDS; i++)
        printf(" %8.5f(%.5f)", c->slope[i], c->error[i]);
    printf("  R_e %.4f(%.4f) bohr, omega %.0f(%.0f) 1/cm\n", c->length, c->length_error, c->wave,
           c->wave_error);
}

#endif
