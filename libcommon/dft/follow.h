/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fixed occupations where levels cross: the lowest orbitals of one iteration need not be the lowest of
 * the next, and self-consistency with the lowest may not exist. Then the occupied orbitals are those
 * that overlap most with the occupied ones before (Gilbert, Besley & Gill, J. Phys. Chem. A 112, 13164
 * (2008), eqs. (5)-(6)), which is a stationary point with whole occupations.
 */
#ifndef DFT_FOLLOW_H
#define DFT_FOLLOW_H

#include "dft/state.h"

struct follow;

struct follow *follow_new(const struct state *s); /* takes the occupied orbitals as they are now */
void follow_free(struct follow *f);
/* Move the orbitals of s that continue the occupied ones to the front, occupy and remember them. */
void follow_fill(struct follow *f, struct state *s);

#endif
