/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decimal numbers <-> doubles, exact in both directions and fast.
 * Reading rounds correctly (to nearest, ties to even) for every input; writing gives the shortest
 * digits that read back bit-identical, and of those the closest (R. Giulietti, "The Schubfach way to
 * render doubles", 2020, fig. 4).
 */
#ifndef FORMATS_DECIMAL_H
#define FORMATS_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* digits * 10^exponent; digits has no trailing zero unless it is zero. */
struct decimal {
    uint64_t digits;
    int exponent;
};

/* The double nearest to digits * 10^exponent into *x; false when only a slow, exact conversion can
 * decide (one in 10^19 inputs, subnormal or overflowing results): use strtod there. */
bool decimal_to_double(struct decimal d, double *x);

/* The shortest decimal of a positive finite double. */
struct decimal decimal_shortest(double x);

#endif
