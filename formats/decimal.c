/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/decimal.h"
#include <assert.h>
#include <string.h>
#include "formats/pow10.h"

__extension__ typedef unsigned __int128 wide;

/* floor(log2 10^k), |k| <= 1233 */
static int log2_pow10(int k)
{
    return (k * 1741647) >> 19;
}

static double double_of_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* w * 10^k, w > 0, rounded to 53 bits from the upper 128 bits of w * g. g is too large by less than
 * one unit of its last bit and 64 bits of the product are dropped, so those 128 bits are off by less
 * than two units, four after the shift: only a remainder that close to one half is undecided. */
static bool round_product(uint64_t w, int k, double *x)
{
    const uint64_t *g = pow10_table[k - POW10_FIRST];
    int zeros = __builtin_clzll(w);
    wide product = (wide)(w << zeros) * g[0] + (uint64_t)(((wide)(w << zeros) * g[1]) >> 64);
    int exponent = log2_pow10(k) + 64 - zeros; /* of the product's bit 127 */
    if (!(product >> 127)) {
        product <<= 1;
        exponent--;
    }
    if (exponent < -1022 || exponent > 1022)
        return false;
    uint64_t high = (uint64_t)(product >> 64), low = (uint64_t)product;
    uint64_t rest = high & 0x7ff, mantissa = high >> 11;
    if ((rest == 0x3ff && low > UINT64_MAX - 8) || (rest == 0x400 && low < 8))
        return false;
    mantissa += rest >= 0x400;
    /* a carry out of the mantissa adds one to the exponent, as it should */
    *x = double_of_bits(((uint64_t)(exponent + 1022) << 52) + mantissa);
    return true;
}

bool decimal_to_double(struct decimal d, double *x)
{
    static const double exact[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (d.digits >> 53 == 0 && d.exponent >= -22 && d.exponent <= 22) {
        double w = (double)d.digits; /* both factors exact, so one rounding */
        *x = d.exponent < 0 ? w / exact[-d.exponent] : w * exact[d.exponent];
        return true;
    }
    if (d.digits == 0) {
        *x = 0;
        return true;
    }
    if (d.exponent < POW10_FIRST || d.exponent > 308)
        return false;
    return round_product(d.digits, d.exponent, x);
}

/* floor(g * c / 2^127 ...) rounded to odd: the low bit is set if any dropped bit was. */
static uint64_t multiply_to_odd(const uint64_t g[2], uint64_t c)
{
    uint64_t x1 = (uint64_t)(((wide)g[1] * c) >> 64);
    wide y = (wide)g[0] * c + x1;
    return (uint64_t)(y >> 64) | ((uint64_t)y > 1);
}

static struct decimal strip_zeros(uint64_t digits, int exponent)
{
    while (digits % 10 == 0) {
        digits /= 10;
        exponent++;
    }
    return (struct decimal){digits, exponent};
}

/* Integers below 2^53 are their own digits. */
static bool small_integer(uint64_t c, int q, struct decimal *d)
{
    if (q > 0 || q <= -53 || (c & ((1ull << -q) - 1)))
        return false;
    *d = strip_zeros(c >> -q, 0);
    return true;
}

/* Giulietti's fig. 4: x = c 2^q; s is floor(4x / 10^k) / 4 and the interval of all decimals that round
 * to x, also times 4 / 10^k, is (lower, upper). */
static struct decimal shortest_in_interval(uint64_t c, int q, bool closer_below)
{
    bool even = c % 2 == 0;
    int k =
        (q * 1262611 - (closer_below ? 524031 : 0)) >> 22; /* floor(log10 (3/4) 2^q) or of 2^q */
    int h = q + log2_pow10(-k) + 1;
    const uint64_t *g = pow10_table[-k - POW10_FIRST];
    uint64_t lower = multiply_to_odd(g, (4 * c - 2 + closer_below) << h) + !even;
    uint64_t centre = multiply_to_odd(g, (4 * c) << h);
    uint64_t upper = multiply_to_odd(g, (4 * c + 2) << h) - !even;
    uint64_t s = centre / 4, tenth = s / 10;
    if (s >= 10) { /* one digit less: at most one of two candidates lies inside */
        bool below = lower <= 40 * tenth, above = 40 * tenth + 40 <= upper;
        if (below != above)
            return strip_zeros(tenth + above, k + 1);
    }
    bool below = lower <= 4 * s, above = 4 * s + 4 <= upper;
    if (below != above)
        return strip_zeros(s + above, k);
    uint64_t middle = 4 * s + 2;
    return strip_zeros(s + (centre > middle || (centre == middle && s % 2)), k);
}

struct decimal decimal_shortest(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    uint64_t fraction = bits & ((1ull << 52) - 1);
    int biased = (int)(bits >> 52);
    assert(bits != 0 && biased < 0x7ff);
    struct decimal d;
    if (biased == 0)
        return shortest_in_interval(fraction, -1074, false);
    uint64_t c = fraction | 1ull << 52;
    if (small_integer(c, biased - 1075, &d))
        return d;
    return shortest_in_interval(c, biased - 1075, fraction == 0 && biased > 1);
}
