/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A force source that adds others: baseline + Delta. Energies, entropies, forces and stresses add;
 * uncertainties add in quadrature (the parts err independently). Parts are evaluated in the order
 * given.
 */
#ifndef MD_SUM_H
#define MD_SUM_H

#include "md/force.h"

struct sum;

struct sum *sum_new(void);
void sum_add(struct sum *sum, struct force_source part); /* part.self stays the caller's */
struct force_source sum_source(
    struct sum *sum); /* valid until sum_free; a sum of none is an ideal gas */
void sum_free(struct sum *sum);

#endif
