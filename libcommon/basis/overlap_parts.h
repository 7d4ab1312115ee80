/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Overlaps of two solid-harmonic Gaussians and their derivatives; not for others. The harmonics are
 * polynomials, and for each axis there is the recurrence of Obara & Saika, J. Chem. Phys. 84, 3963
 * (1986), eq. (A2):
 *
 *   s(i+1, j) = (P - A) s(i, j) + [i s(i-1, j) + j s(i, j-1)] / 2(a + b),
 *   s(0, 0) = sqrt(pi / (a + b)), times exp(-a b / (a + b) (A - B)^2) over all axes.
 */
#ifndef BASIS_OVERLAP_PARTS_H
#define BASIS_OVERLAP_PARTS_H

#include <math.h>
#include "basis/ao_parts.h"

enum { OVERLAP_POWERS = SOLID_LMAX + 2 /* one more for derivatives */ };

/* s[i][j] of one axis for i <= la, j <= lb; d = B - A. */
static inline void overlap_axis(int la, int lb, double a, double b, double d,
                                double s[OVERLAP_POWERS][OVERLAP_POWERS])
{
    double p = a + b, pa = b / p * d, pb = -a / p * d;
    s[0][0] = sqrt(M_PI / p);
    for (int i = 0; i < la; i++)
        s[i + 1][0] = pa * s[i][0] + (i ? i * s[i - 1][0] / (2 * p) : 0);
    for (int j = 0; j < lb; j++)
        for (int i = 0; i <= la; i++)
            s[i][j + 1] =
                pb * s[i][j] + ((i ? i * s[i - 1][j] : 0) + (j ? j * s[i][j - 1] : 0)) / (2 * p);
}

/* One pair of harmonics over the axes' tables. */
static inline double overlap_contract(const struct polynomial *u, const struct polynomial *v,
                                      double s[3][OVERLAP_POWERS][OVERLAP_POWERS])
{
    double sum = 0;
    for (int i = 0; i < u->terms; i++)
        for (int j = 0; j < v->terms; j++) {
            const signed char *p = u->power[i], *q = v->power[j];
            sum += u->c[i] * v->c[j] * s[0][p[0]][q[0]] * s[1][p[1]][q[1]] * s[2][p[2]][q[2]];
        }
    return sum;
}

#endif
