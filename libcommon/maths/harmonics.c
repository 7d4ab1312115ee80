/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * S_lm = Q_l|m| (z, r^2) times Re or Im of (x + i y)^|m|, with Q normalised. Unnormalised,
 * q_lm = r^(l-m) P_l^(m)(z/r) (m-th derivative of the Legendre polynomial), of which
 *   dq_lm/dz = (l + m) q_{l-1,m},   dq_lm/dx = -x q_{l-1,m+1},   dq_lm/dy = -y q_{l-1,m+1};
 * the recurrence in l is that of the normalised Legendre functions (Blanco et al., section 3).
 */
#include <math.h>
#include "maths/harmonics.h"

/* Q_lm for m >= 0 at index l^2 + l + m. */
static void legendre(int lmax, double z, double r2, double *q)
{
    double top = sqrt(1 / (4 * M_PI));
    for (int m = 0; m <= lmax; m++) {
        if (m > 0)
            top *= sqrt((2 * m + 1.0) / (2 * m)) * (m == 1 ? M_SQRT2 : 1);
        double last = 0, now = top;
        q[m * m + 2 * m] = top;
        for (int l = m + 1; l <= lmax; l++) {
            double a = sqrt((4.0 * l * l - 1) / (1.0 * l * l - 1.0 * m * m));
            double k = l - 1;
            double b = sqrt((k * k - 1.0 * m * m) / (4 * k * k - 1));
            double next = a * (z * now - r2 * b * last);
            last = now;
            now = next;
            q[l * l + l + m] = now;
        }
    }
}

/* Gradients of S_l,+-m from the Q; c, s: real and imaginary part of (x+iy)^m; c1, s1: of
 * (x+iy)^(m-1). */
static void derive(int l, int m, const double *q, const double r[3], const double power[2],
                   const double lower[2], double (*gradient)[3])
{
    int at = l * l + l, below = (l - 1) * (l - 1) + l - 1;
    double ratio = l > 0 ? (2 * l + 1.0) / (2 * l - 1.0) : 0;
    double up =
        m + 1 <= l - 1 ? sqrt(ratio * (l - m) * (l - m - 1) * (m ? 1 : 0.5)) * q[below + m + 1] : 0;
    double dz = m <= l - 1 ? sqrt(ratio * (l - m) * (l + m)) * q[below + m] : 0;
    double in_plane = m * q[at + m];
    double *plus = gradient[at + m], *minus = gradient[at - m];
    if (m > 0) {
        minus[0] = in_plane * lower[1] - r[0] * up * power[1];
        minus[1] = in_plane * lower[0] - r[1] * up * power[1];
        minus[2] = dz * power[1];
    }
    plus[0] = in_plane * lower[0] - r[0] * up * power[0];
    plus[1] = -in_plane * lower[1] - r[1] * up * power[0];
    plus[2] = dz * power[0];
}

void harmonics_solid(int lmax, const double r[3], double *s, double (*gradient)[3])
{
    double power[2] = {1, 0}, lower[2] = {0, 0};
    legendre(lmax, r[2], r[0] * r[0] + r[1] * r[1] + r[2] * r[2], s);
    for (int m = 0; m <= lmax; m++) {
        if (m > 0) {
            lower[0] = power[0];
            lower[1] = power[1];
            power[0] = lower[0] * r[0] - lower[1] * r[1];
            power[1] = lower[0] * r[1] + lower[1] * r[0];
        }
        for (int l = m; gradient && l <= lmax; l++)
            derive(l, m, s, r, power, lower, gradient);
        for (int l = m; m > 0 && l <= lmax; l++) {
            int at = l * l + l;
            s[at - m] = s[at + m] * power[1];
            s[at + m] *= power[0];
        }
    }
}
