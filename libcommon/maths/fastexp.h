/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * exp, log and erfc for inner loops: straight-line arithmetic that compilers turn into SIMD (no calls,
 * no branches, no tables), relative errors of exp below 7e-16, of log and log1p below 5e-16
 * (tests/unit/fastexp.c).
 */
#ifndef MATHS_FASTEXP_H
#define MATHS_FASTEXP_H

#include <stdint.h>
#include <string.h>

/* exp(x) for -700 <= x <= 700; below, exp(-700) = 1e-304; NaN gives an unspecified number.
 * x = n ln 2 + r with |r| <= ln(2)/2 and the Taylor series of exp(r) to order 13. */
static inline double fastexp(double x)
{
    const double shift = 0x1.8p52; /* adding it rounds to an integer in the lowest bits */
    x = x < -700 ? -700 : x;
    double t = x * 1.4426950408889634 + shift;
    double n = t - shift;
    double r = (x - n * 0x1.62e42fefa0000p-1) - n * 0x1.cf79abc9e3b39p-40;
    double r2 = r * r, r4 = r2 * r2;
    double a = (1 + r) + r2 * (0.5 + r * (1.0 / 6));
    double b = (1.0 / 24 + r * (1.0 / 120)) + r2 * (1.0 / 720 + r * (1.0 / 5040));
    double c = (1.0 / 40320 + r * (1.0 / 362880)) + r2 * (1.0 / 3628800 + r * (1.0 / 39916800));
    double d = 1.0 / 479001600 + r * (1.0 / 6227020800);
    double p = a + r4 * (b + r4 * (c + r4 * d));
    uint64_t bits, power;
    memcpy(&power, &t, sizeof power);
    memcpy(&bits, &p, sizeof bits);
    bits += power << 52; /* times 2^n */
    memcpy(&p, &bits, sizeof p);
    return p;
}

/* log(x) for normal x > 0: x = m 2^n with sqrt(1/2) <= m < sqrt(2), log m = 2 atanh((m - 1)/(m + 1)) by its
 * series to order 21. */
static inline double fastlog(double x)
{
    const uint64_t half = 0x3fe6a09e667f3bcd, one = 0x3ff0000000000000, shift = 0x4330000000000000;
    uint64_t bits, power;
    double m, n;
    memcpy(&bits, &x, sizeof bits);
    bits += one - half;
    power = (bits >> 52) | shift; /* n + 1023 in the lowest bits of 2^52 */
    bits = (bits & 0x000fffffffffffff) + half;
    memcpy(&m, &bits, sizeof m);
    memcpy(&n, &power, sizeof n);
    n -= 0x1p52 + 1023;
    const double s = (m - 1) / (m + 1), z = s * s, z2 = z * z, z4 = z2 * z2;
    const double a = (1.0 / 3 + z * (1.0 / 5)) + z2 * (1.0 / 7 + z * (1.0 / 9));
    const double b = (1.0 / 11 + z * (1.0 / 13)) + z2 * (1.0 / 15 + z * (1.0 / 17));
    const double c = 1.0 / 19 + z * (1.0 / 21);
    const double tail = 2 * s * z * (a + z4 * (b + z4 * c));
    return n * 0x1.62e42fefa0000p-1 + (2 * s + (tail + n * 0x1.cf79abc9e3b39p-40));
}

/* log(1 + x) for x >= 0 */
static inline double fastlog1p(double x)
{
    const double u = 1 + x;
    return fastlog(u) + (x - (u - 1)) / u;
}

/* erfc(x) for 0 <= x <= 6.5 given e = exp(-x^2) and w = 1 / (x + 3): erfcx = erfc / e is a
 * polynomial of degree 17 in u = 38/13 x/(x + 3) - 1, its Chebyshev expansion on this interval
 * written out. Absolute error below 1e-15. */
static inline double fasterfc(double x, double e, double w)
{
    double u = (38.0 / 13) * x * w - 1;
    double u2 = u * u, u4 = u2 * u2, u8 = u4 * u4;
    double a = (0.312035241513324313 + u * -0.367131031226527396) +
               u2 * (0.205493799661711597 + u * -0.0856193891341783654);
    double b = (0.0252836773096831243 + u * -0.00449012964779821786) +
               u2 * (0.000108976550461277198 + u * 0.000148561997813991564);
    double c = (-0.0000199434063535942221 + u * -5.44566606095270069e-6) +
               u2 * (1.13589714352562245e-6 + u * 2.87117586184144531e-7);
    double d = (-5.43065143980890199e-8 + u * -1.97078322587711972e-8) +
               u2 * (1.83526673521959031e-9 + u * 1.39145351656717671e-9);
    double f = -2.27520580807713977e-12 + u * -7.20092142806929295e-11;
    return e * ((a + u4 * b) + u8 * ((c + u4 * d) + u8 * f));
}

#endif
