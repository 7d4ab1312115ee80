/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include "base/rng.h"
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#include <Random123/philox.h>
#pragma GCC diagnostic pop

void rng_start(struct rng *rng, uint64_t seed, enum rng_purpose purpose, uint64_t frame,
               uint64_t walker, uint64_t step)
{
    *rng = (struct rng){
        .key = {seed, (uint64_t)purpose}, .counter = {frame, walker, step, 0}, .used = 4};
}

uint64_t rng_word(struct rng *rng)
{
    if (rng->used == 4) {
        philox4x64_ctr_t counter = {
            {rng->counter[0], rng->counter[1], rng->counter[2], rng->counter[3]}};
        philox4x64_key_t key = {{rng->key[0], rng->key[1]}};
        philox4x64_ctr_t word = philox4x64(counter, key);
        for (int i = 0; i < 4; i++)
            rng->block[i] = word.v[i];
        rng->counter[3]++;
        rng->used = 0;
    }
    return rng->block[rng->used++];
}

/* The midpoints of 2^52 equal intervals: all exact, the extremes 2^-53 and 1 - 2^-53. */
double rng_uniform(struct rng *rng)
{
    return ((double)(rng_word(rng) >> 12) + 0.5) * 0x1p-52;
}

/* c[0] + c[1] x + ... + c[7] x^7; written out so that loops around it become SIMD */
static inline double polynomial(const double c[8], double x)
{
    return ((((((c[7] * x + c[6]) * x + c[5]) * x + c[4]) * x + c[3]) * x + c[2]) * x + c[1]) * x +
           c[0];
}

/*
 * The normal deviate by inversion, x with Phi(x) = p: one word per number, so that the place in the
 * stream is known. Rational approximations of relative accuracy 1e-16: M. J. Wichura, algorithm
 * AS 241 (PPND16), Appl. Statist. 37, 477 (1988); the letters are the paper's. The first is for
 * |q| <= 0.425, q = p - 1/2.
 */
#define CENTRE 0.425 /* its square is 0.180625 */
static const double A[8] = {3.3871328727963666080e0, 1.3314166789178437745e2,
                            1.9715909503065514427e3, 1.3731693765509461125e4,
                            4.5921953931549871457e4, 6.7265770927008700853e4,
                            3.3430575583588128105e4, 2.5090809287301226727e3};
static const double B[8] = {1.0,
                            4.2313330701600911252e1,
                            6.8718700749205790830e2,
                            5.3941960214247511077e3,
                            2.1213794301586595867e4,
                            3.9307895800092710610e4,
                            2.8729085735721942674e4,
                            5.2264952788528545610e3};

static inline double central(double q)
{
    double r = 0.180625 - q * q;
    return q * polynomial(A, r) / polynomial(B, r);
}

static double tail(double p)
{
    static const double C[8] = {1.42343711074968357734e0,  4.63033784615654529590e0,
                                5.76949722146069140550e0,  3.64784832476320460504e0,
                                1.27045825245236838258e0,  2.41780725177450611770e-1,
                                2.27238449892691845833e-2, 7.74545014278341407640e-4};
    static const double D[8] = {1.0,
                                2.05319162663775882187e0,
                                1.67638483018380384940e0,
                                6.89767334985100004550e-1,
                                1.48103976427480074590e-1,
                                1.51986665636164571966e-2,
                                5.47593808499534494600e-4,
                                1.05075007164441684324e-9};
    static const double E[8] = {6.65790464350110377720e0,  5.46378491116411436990e0,
                                1.78482653991729133580e0,  2.96560571828504891230e-1,
                                2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                2.71155556874348757815e-5, 2.01033439929228813265e-7};
    static const double F[8] = {1.0,
                                5.99832206555887937690e-1,
                                1.36929880922735805310e-1,
                                1.48753612908506148525e-2,
                                7.86869131145613259100e-4,
                                1.84631831751005468180e-5,
                                1.42151175831644588870e-7,
                                2.04426310338993978564e-15};
    double q = p - 0.5, r = sqrt(-log(q < 0 ? p : 1 - p));
    double x = r <= 5 ? polynomial(C, r - 1.6) / polynomial(D, r - 1.6)
                      : polynomial(E, r - 5) / polynomial(F, r - 5);
    return q < 0 ? -x : x;
}

double rng_normal(struct rng *rng)
{
    double p = rng_uniform(rng), q = p - 0.5;
    return fabs(q) <= CENTRE ? central(q) : tail(p);
}

void rng_normals(int n, const double p[], double x[])
{
#pragma omp simd
    for (int i = 0; i < n; i++)
        x[i] = central(p[i] - 0.5);
    for (int i = 0; i < n; i++)
        if (!(fabs(p[i] - 0.5) <= CENTRE))
            x[i] = tail(p[i]);
}

/*
 * Marsaglia & Tsang, ACM Trans. Math. Softw. 26, 363 (2000): x = d (1 + c z)^3 of a normal z,
 * accepted with a probability above 0.95; a shape below 1 by Gamma(a) = Gamma(a + 1) U^(1/a) (their
 * section 6).
 */
double rng_gamma(struct rng *rng, double shape)
{
    if (!(shape > 0))
        return 0;
    if (shape < 1)
        return rng_gamma(rng, shape + 1) * pow(rng_uniform(rng), 1 / shape);
    double d = shape - 1. / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        double z = rng_normal(rng), v = 1 + c * z, cube = v * v * v;
        if (v > 0 && log(rng_uniform(rng)) < z * z / 2 + d * (1 - cube + log(cube)))
            return d * cube;
    }
}

/* Words of the incomplete last multiple of n are drawn again, so that every result is as likely. */
int rng_below(struct rng *rng, int n)
{
    uint64_t m = (uint64_t)n, limit = UINT64_MAX - (UINT64_MAX % m + 1) % m, word;
    do
        word = rng_word(rng);
    while (word > limit);
    return (int)(word % m);
}
