/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What number.c and number_copy.c share: scanning a number, eight characters at once. */
#ifndef FORMATS_NUMBER_PARTS_H
#define FORMATS_NUMBER_PARTS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include "formats/decimal.h"

/* The parts of a real: sign, [whole, whole_end) . [part, part_end) and the exponent. */
struct number_parts {
    bool negative, has_exponent;
    const char *whole, *whole_end, *part, *part_end;
    int exponent;
};

static inline bool number_is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

static inline bool number_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* [+-]digits after the letter; huge exponents are clamped, they over- or underflow anyway */
static inline const char *number_scan_exponent(const char *p, int *exponent)
{
    bool negative = *p == '-';
    p += negative || *p == '+';
    if (!number_is_digit(*p))
        return NULL;
    int x = 0;
    for (; number_is_digit(*p); p++)
        x = x < 100000 ? 10 * x + (*p - '0') : x;
    *exponent = negative ? -x : x;
    return p;
}

/* Returns where the number ends, NULL if none starts at p. */
static inline const char *number_scan(const char *p, struct number_parts *n)
{
    n->negative = *p == '-';
    p += n->negative || *p == '+';
    n->whole = p;
    while (number_is_digit(*p))
        p++;
    n->whole_end = n->part = n->part_end = p;
    if (*p == '.') {
        n->part = ++p;
        while (number_is_digit(*p))
            p++;
        n->part_end = p;
    }
    n->exponent = 0;
    n->has_exponent = false;
    if (n->whole == n->whole_end && n->part == n->part_end)
        return NULL;
    if (*p == 'e' || *p == 'E' || *p == 'd' || *p == 'D') {
        n->has_exponent = true;
        p = number_scan_exponent(p + 1, &n->exponent);
    }
    return p;
}

/* Eight bytes minus '0' each, first byte lowest. */
static inline uint64_t number_eight_bytes(const char *p)
{
    uint64_t v;
    memcpy(&v, p, 8);
    return v ^ 0x3030303030303030u;
}

/* Their value as digits: pairs, fours, eight. */
static inline uint64_t number_value_of_eight(uint64_t v)
{
    v = v * 10 + (v >> 8);
    return (((v & 0x000000ff000000ffu) * 0x000f424000000064u) +
            (((v >> 16) & 0x000000ff000000ffu) * 0x0000271000000001u)) >>
           32;
}

/* How many of them, from the first on, are digits: up to the lowest byte that is 10 or more. */
static inline int number_digits_of_eight(uint64_t v)
{
    uint64_t others = ((v + 0x7676767676767676u) | v) & 0x8080808080808080u;
    return others ? __builtin_ctzll(others) / 8 : 8;
}

/* Write a decimal; returns its end, without a NUL. */
char *number_print_decimal(struct decimal d, bool negative, char *p);

#endif
