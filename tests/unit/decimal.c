/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/decimal.h"
#include <stdlib.h>
#include "base/rng.h"
#include "check.h"
#include "formats/number.h"
#include "formats/pow10.h"

/* Numbers of 48 words of 32 bits, enough for 2^1500. */
enum { WORDS = 48 };

struct big {
    uint32_t w[WORDS];
};

static void multiply(struct big *b, uint32_t x)
{
    uint64_t carry = 0;
    for (int i = 0; i < WORDS; i++) {
        carry += (uint64_t)b->w[i] * x;
        b->w[i] = (uint32_t)carry;
        carry >>= 32;
    }
    CHECK(carry == 0);
}

static struct big power_of_ten(int k)
{
    struct big b = {{1}};
    for (; k > 0; k--)
        multiply(&b, 10);
    return b;
}

static int compare(const struct big *a, const struct big *b)
{
    for (int i = WORDS - 1; i >= 0; i--)
        if (a->w[i] != b->w[i])
            return a->w[i] < b->w[i] ? -1 : 1;
    return 0;
}

static int bits(const struct big *b)
{
    int i = WORDS - 1;
    while (!b->w[i])
        i--;
    return 32 * i + 32 - __builtin_clz(b->w[i]);
}

/* g * 2^shift (shift a multiple of 1) or g * 10^k */
static struct big from_table(const uint64_t g[2], int minus)
{
    struct big b = {
        {(uint32_t)g[1], (uint32_t)(g[1] >> 32), (uint32_t)g[0], (uint32_t)(g[0] >> 32)}};
    for (int i = 0; minus && i < WORDS && b.w[i]-- == 0; i++)
        ;
    return b;
}

static struct big shifted(struct big b, int n)
{
    for (; n >= 31; n -= 31)
        multiply(&b, 1u << 31);
    multiply(&b, 1u << n);
    return b;
}

static struct big times_ten_to(struct big b, int k)
{
    for (; k > 0; k--)
        multiply(&b, 10);
    return b;
}

/* g is the ceiling of 10^k / 2^e: g 2^e >= 10^k > (g - 1) 2^e, both sides made integers. */
static void the_table_of_powers_is_exact(void)
{
    for (int k = POW10_FIRST; k <= POW10_LAST; k++) {
        const uint64_t *g = pow10_table[k - POW10_FIRST];
        struct big ten = power_of_ten(abs(k)), left, less, right;
        int e = (k >= 0 ? bits(&ten) - 1 : -bits(&ten)) - 127;
        if (k >= 0) {
            right = shifted(ten, e < 0 ? -e : 0);
            left = shifted(from_table(g, 0), e > 0 ? e : 0);
            less = shifted(from_table(g, 1), e > 0 ? e : 0);
        } else {
            struct big one = {{1}};
            right = shifted(one, -e);
            left = times_ten_to(from_table(g, 0), -k);
            less = times_ten_to(from_table(g, 1), -k);
        }
        CHECK(g[0] >> 63 == 1);
        CHECK(compare(&left, &right) >= 0 && compare(&less, &right) < 0);
    }
}

static double double_of(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static bool identical(double x, double y)
{
    return !memcmp(&x, &y, sizeof x);
}

/* Fewest digits that printf needs. At powers of two, whose lower neighbour is closer, there may be a
 * shorter number that is not the nearest of its length: then ours has fewer. */
static int fewest_digits(double x)
{
    char text[40];
    for (int n = 1; n < 17; n++) {
        snprintf(text, sizeof text, "%.*e", n - 1, x);
        if (strtod(text, NULL) == x)
            return n;
    }
    return 17;
}

static int digits_of(const char *text)
{
    int n = 0, zeros = 0;
    for (; *text && *text != 'e'; text++) {
        if (*text < '0' || *text > '9' || (n == 0 && *text == '0'))
            continue;
        n++;
        zeros = *text == '0' ? zeros + 1 : 0;
    }
    return n - zeros;
}

static void check_round_trip(double x)
{
    char text[NUMBER_SIZE];
    double back = 0;
    size_t n = number_print(x, text);
    CHECK(strlen(text) == n && n < 25);
    CHECK(identical(strtod(text, NULL), x));
    CHECK(number_real(text, text + n, &back) && identical(back, x));
    CHECK(x == 0 || digits_of(text) <= fewest_digits(x));
}

static void any_double_reads_back_bit_identical_from_the_fewest_digits(void)
{
    struct rng rng;
    rng_start(&rng, 1, RNG_TEST, 0, 0, 0);
    for (int i = 0; i < 20000; i++) {
        double x = double_of(rng_word(&rng));
        if (isfinite(x))
            check_round_trip(x);
        check_round_trip(rng_normal(&rng) * 7.3);
        check_round_trip((double)(int64_t)(rng_word(&rng) >> 30) / 1e8);
        check_round_trip(double_of(rng_word(&rng) >> (12 + i % 52))); /* subnormal */
    }
}

static void limits_read_back_bit_identical(void)
{
    static const double x[] = {0.0,
                               -0.0,
                               5e-324,
                               2.2250738585072011e-308,
                               2.2250738585072014e-308,
                               1.7976931348623157e308,
                               9007199254740991,
                               9007199254740992,
                               9007199254740994,
                               1e15,
                               1e16,
                               1e22,
                               1e23,
                               9.5e-5,
                               1e-4,
                               0.1,
                               1.0 / 3,
                               2e-323};
    for (size_t i = 0; i < sizeof x / sizeof *x; i++) {
        check_round_trip(x[i]);
        check_round_trip(-x[i]);
    }
    for (int e = 1; e < 2047; e++) { /* powers of two, whose lower neighbour is closer */
        check_round_trip(double_of((uint64_t)e << 52));
        check_round_trip(double_of(((uint64_t)e << 52) - 1));
    }
}

/* Texts of 17 to 25 digits and halves between doubles, against strtod. */
static void long_texts_are_rounded_correctly(void)
{
    struct rng rng;
    char text[1200];
    rng_start(&rng, 2, RNG_TEST, 0, 0, 0);
    for (int i = 0; i < 20000; i++) {
        double x = double_of(rng_word(&rng)), back = 0;
        if (!isfinite(x) || fabs(x) > 1e300)
            continue;
        snprintf(text, sizeof text, "%.*e", 16 + i % 9, x);
        CHECK(number_real(text, text + strlen(text), &back) && identical(back, strtod(text, NULL)));
        double small = rng_uniform(&rng) * 100;
        long double half = ((long double)small + nextafter(small, 1e9)) / 2;
        snprintf(text, sizeof text, "%.70Lf", half);
        CHECK(number_real(text, text + strlen(text), &back) && identical(back, strtod(text, NULL)));
    }
}

int main(int argc, char **argv)
{
    static const struct check_case cases[] = {
        {"table", the_table_of_powers_is_exact},
        {"round_trip", any_double_reads_back_bit_identical_from_the_fewest_digits},
        {"limits", limits_read_back_bit_identical},
        {"long_texts", long_texts_are_rounded_correctly},
        {NULL, NULL}};
    return check_main(argc, argv, cases);
}
