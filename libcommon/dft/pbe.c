/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/pbe.h"
#include <math.h>
#include <stdbool.h>
#include "maths/fastexp.h"

#define LEAST 1e-12 /* density below which there is none, 1/bohr^3 */

/* What the digits printed in the papers leave open. */
struct constants {
    double a;    /* of the uniform gas */
    double beta; /* of the gradient in correlation; mu of exchange always has all its digits */
};

/* Perdew, Burke & Ernzerhof, Phys. Rev. Lett. 77, 3865 (1996), eqs. (10), (14): enhancement F(s^2) of
 * exchange and its slope. */
static inline double enhancement(double s2, double *slope)
{
    const double kappa = 0.804, mu = 0.06672455060314922 * M_PI * M_PI / 3;
    const double d = 1 / (1 + mu / kappa * s2);
    *slope = mu * d * d;
    return 1 + kappa - kappa * d;
}

/* Perdew & Wang, Phys. Rev. B 45, 13244 (1992), eq. (10): energy of correlation per electron and its slope
 * with r_s. */
static inline double uniform(double a, double rs, double *slope)
{
    const double a1 = 0.21370, b1 = 7.5957, b2 = 3.5876, b3 = 1.6382, b4 = 0.49294;
    const double root = sqrt(rs);
    const double q = 2 * a * root * (b1 + root * (b2 + root * (b3 + root * b4)));
    const double dq = a * (b1 / root + 2 * b2 + 3 * b3 * root + 4 * b4 * rs);
    const double l = fastlog1p(1 / q);
    *slope = -2 * a * (a1 * l - (1 + a1 * rs) * dq / (q * (q + 1)));
    return -2 * a * (1 + a1 * rs) * l;
}

/* Perdew, Burke & Ernzerhof, eqs. (7), (8): H(e, u), u = t^2, and its slopes. */
static inline double gradient_part(double beta, double e, double u, double *slope_e,
                                   double *slope_u)
{
    const double gamma = (1 - M_LN2) / (M_PI * M_PI);
    const double ex = fastexp(-e / gamma), a = beta / gamma / (ex - 1), au = a * u;
    const double d = 1 + au + au * au, y = beta / gamma * u * (1 + au) / d;
    const double common = 1 / (d * d * (1 + y));
    *slope_u = beta * (1 + 2 * au) * common;
    *slope_e = -au * au * au * ex * (2 + au) * common;
    return gamma * fastlog1p(y);
}

static inline void point(const struct constants *digits, double r, double sigma, double *f,
                         double *f_rho, double *f_sigma)
{
    const double third = 1.0 / 3, k = 3.0936677262801359; /* cbrt(3 pi^2) */
    const double x0 = -0.73855876638202240,
                 rs0 = 0.62035049089940001; /* -3/4 cbrt(3/pi), cbrt(3/4 pi) */
    const double s0 = 1 / (4 * k * k), u0 = M_PI / (16 * k);
    const double c = fastexp(third * fastlog(r)), r2 = r * r;
    const double s1 = s0 / (r2 * c * c), u1 = u0 / (r2 * c), u = u1 * sigma;
    double dx, de, he, hu;
    const double x = x0 * c, fx = enhancement(s1 * sigma, &dx), rs = rs0 / c;
    const double e = uniform(digits->a, rs, &de);
    const double h = gradient_part(digits->beta, e, u, &he, &hu);
    *f = r * (x * fx + e + h);
    *f_rho = x * (4 * fx - 8 * s1 * sigma * dx) * third + e + h -
             third * (rs * de * (1 + he) + 7 * u * hu);
    *f_sigma = r * (x * dx * s1 + hu * u1);
}

/* inline: the constants are known where it is called */
static inline void add(const struct constants *digits, size_t n, const double *rho,
                       const double *sigma, double *f, double *f_rho, double *f_sigma)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        const bool some = rho[i] > LEAST;
        double a, b, c;
        point(digits, some ? rho[i] : 1, sigma[i], &a, &b, &c);
        f[i] += some ? a : 0;
        f_rho[i] += some ? b : 0;
        f_sigma[i] += some ? c : 0;
    }
}

void pbe_add(enum pbe_constants constants, size_t n, const double *rho, const double *sigma,
             double *f, double *f_rho, double *f_sigma)
{
    static const struct constants full = {0.0310907, 0.06672455060314922};
    static const struct constants printed = {0.031091, 0.066725};
    if (constants == PBE_PRINTED)
        add(&printed, n, rho, sigma, f, f_rho, f_sigma);
    else
        add(&full, n, rho, sigma, f, f_rho, f_sigma);
}
