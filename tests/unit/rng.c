/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/rng.h: known answers of the generator, and the statistics of the distributions. */
#include <stdlib.h>
#include "base/rng.h"
#include "check.h"
#include <gsl/gsl_cdf.h>
#include "md_run.h"

/* Philox4x64-10 of Salmon et al., SC'11: known-answer vectors published with Random123. */
static void words_are_the_published_ones(void)
{
    static const uint64_t all = UINT64_MAX;
    static const struct {
        uint64_t counter[4], key[2], word[4];
    } known[] = {
        {{0, 0, 0, 0},
         {0, 0},
         {0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b}},
        {{all, all, all, all},
         {all, all},
         {0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6, 0xa09caebf594f0ba0}},
        {{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89},
         {0x452821e638d01377, 0xbe5466cf34e90c6c},
         {0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5, 0x57bd43b5e52b7fe6}},
    };
    for (int k = 0; k < 3; k++) {
        struct rng rng;
        rng_start(&rng, known[k].key[0], RNG_TEST, known[k].counter[0], known[k].counter[1],
                  known[k].counter[2]);
        rng.key[1] = known[k].key[1];
        rng.counter[3] = known[k].counter[3];
        for (int i = 0; i < 4; i++)
            CHECK(rng_word(&rng) == known[k].word[i]);
    }
}

static void the_same_name_gives_the_same_numbers(void)
{
    struct rng a, b;
    rng_start(&a, 3, RNG_VMC, 4, 5, 6);
    rng_start(&b, 3, RNG_VMC, 4, 5, 6);
    for (int i = 0; i < 9; i++)
        CHECK(rng_normal(&a) == rng_normal(&b));
}

static void every_part_of_the_name_matters(void)
{
    uint64_t word[6];
    struct rng rng;
    for (int part = 0; part < 6; part++) {
        rng_start(&rng, 3 + (part == 1), part == 2 ? RNG_DMC : RNG_VMC, 4 + (part == 3),
                  5 + (part == 4), 6 + (part == 5));
        word[part] = rng_word(&rng);
        for (int i = 0; i < part; i++)
            CHECK(word[i] != word[part]);
    }
}

/* Compared with the means int x^k over (0,1) = 1/(k+1); n = 10^6 and 4 standard errors */
static void uniform_numbers_have_the_moments_of_the_interval(void)
{
    enum { N = 1000000 };
    double sum[4] = {0}, low = 1, high = 0;
    struct rng rng;
    rng_start(&rng, 1, RNG_TEST, 0, 0, 0);
    for (int i = 0; i < N; i++) {
        double x = rng_uniform(&rng), power = 1;
        low = fmin(low, x);
        high = fmax(high, x);
        for (int k = 0; k < 4; k++)
            sum[k] += power *= x;
    }
    CHECK(low > 0 && low < 1e-4 && high < 1 && high > 1 - 1e-4);
    for (int k = 1; k <= 4; k++) {
        double variance = 1.0 / (2 * k + 1) - 1.0 / ((k + 1) * (k + 1));
        CHECK_NEAR(sum[k - 1] / N, 1.0 / (k + 1), 4 * sqrt(variance / N));
    }
}

/* The inverse of the distribution: Phi(rng_normal) is the uniform number it was made from. */
static void normal_numbers_invert_the_error_function(void)
{
    double worst = 0, farthest = 0;
    for (uint64_t step = 0; step < 200000; step++) {
        struct rng a, b;
        rng_start(&a, 1, RNG_TEST, 0, 0, step);
        b = a;
        double p = rng_uniform(&a), x = rng_normal(&b);
        double tail = p < 0.5 ? p : 1 - p, back = 0.5 * erfc(fabs(x) / sqrt(2));
        worst = fmax(worst, fabs(back / tail - 1));
        farthest = fmax(farthest, fabs(x));
        CHECK((x < 0) == (p < 0.5));
    }
    CHECK(worst < 1e-13);
    CHECK(farthest > 4); /* the tail was met */
}

static void many_normal_numbers_are_those_of_one_after_another(void)
{
    enum { MANY = 20003 };
    static double p[MANY], x[MANY];
    double farthest = 0;
    struct rng a, b;
    rng_start(&a, 1, RNG_TEST, 3, 0, 0);
    b = a;
    for (int i = 0; i < MANY; i++)
        p[i] = rng_uniform(&a);
    rng_normals(MANY, p, x);
    for (int i = 0; i < MANY; i++) {
        double one = rng_normal(&b);
        CHECK_NEAR(x[i], one, 1e-15 * (1 + fabs(one)));
        farthest = fmax(farthest, fabs(one));
    }
    CHECK(farthest > 3.5); /* the tail was met */
}

static void the_extreme_normal_numbers_are_finite(void)
{
    struct rng rng = {.used = 0};
    rng.block[0] = 0;
    rng.block[1] = UINT64_MAX;
    double low = rng_normal(&rng), high = rng_normal(&rng);
    CHECK_NEAR(0.5 * erfc(-low / sqrt(2)) / 0x1p-53, 1, 1e-12);
    CHECK_NEAR(high, -low, 1e-12);
}

static void moments_of_the_normal_distribution(void)
{
    enum { N = 1000000 };
    double m1 = 0, m2 = 0, m4 = 0;
    struct rng rng;
    rng_start(&rng, 2, RNG_TEST, 0, 0, 0);
    for (int i = 0; i < N; i++) {
        double x = rng_normal(&rng);
        m1 += x / N;
        m2 += x * x / N;
        m4 += x * x * x * x / N;
    }
    CHECK_NEAR(m1, 0, 4 * sqrt(1.0 / N));
    CHECK_NEAR(m2, 1, 4 * sqrt(2.0 / N));
    CHECK_NEAR(m4, 3, 4 * sqrt(96.0 / N));
}

/* chi^2 of 7 faces: mean 6, variance 12 */
static void every_face_of_a_die_is_as_likely(void)
{
    enum { N = 700000, FACES = 7 };
    int count[FACES] = {0};
    struct rng rng;
    rng_start(&rng, 3, RNG_TEST, 0, 0, 0);
    for (int i = 0; i < N; i++)
        count[rng_below(&rng, FACES)]++;
    double chi = 0;
    for (int f = 0; f < FACES; f++)
        chi += (count[f] - N / FACES) * (double)(count[f] - N / FACES) / (N / FACES);
    CHECK(chi < 6 + 4 * sqrt(12.0));
    CHECK(chi > 0.2);
    CHECK(rng_below(&rng, 1) == 0);
}

/* Kolmogorov-Smirnov against the distribution, at the 1 % level, for shapes of every branch */
static void gamma_numbers_have_their_distribution(void)
{
    enum { N = 20000 };
    static const double shapes[] = {.3, .5, 1.5, 46.5};
    static double x[N];
    for (int k = 0; k < 4; k++) {
        struct rng rng;
        rng_start(&rng, 4, RNG_TEST, (uint64_t)k, 0, 0);
        for (int i = 0; i < N; i++)
            x[i] = 2 * rng_gamma(&rng, shapes[k]);
        CHECK(kolmogorov(N, x, gsl_cdf_chisq_P, 2 * shapes[k], 1) < KOLMOGOROV_1_PERCENT);
        CHECK(kolmogorov(N, x, gsl_cdf_chisq_P, 2.04 * shapes[k], 1) > KOLMOGOROV_1_PERCENT / 2);
    }
    struct rng rng;
    rng_start(&rng, 4, RNG_TEST, 0, 0, 0);
    CHECK(rng_gamma(&rng, 0) == 0);
}

static const struct check_case cases[] = {
    {"known", words_are_the_published_ones},
    {"same", the_same_name_gives_the_same_numbers},
    {"name", every_part_of_the_name_matters},
    {"uniform", uniform_numbers_have_the_moments_of_the_interval},
    {"inverse", normal_numbers_invert_the_error_function},
    {"many", many_normal_numbers_are_those_of_one_after_another},
    {"extreme", the_extreme_normal_numbers_are_finite},
    {"normal", moments_of_the_normal_distribution},
    {"die", every_face_of_a_die_is_as_likely},
    {"gamma", gamma_numbers_have_their_distribution},
    {NULL, NULL},
};

int main(int argc, char **argv)
{
    return check_main(argc, argv, cases);
}
