/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Occupations of a state: Fermi-Dirac at its temperature, or fixed at zero temperature. */
#ifndef DFT_OCCUPATION_H
#define DFT_OCCUPATION_H

#include "dft/state.h"

/* Occupations (0 to 2, sum over k and bands with weights = electrons) and the Fermi energy from the
 * eigenvalues. Zero temperature: the lowest electrons/2 of every k point get two (an odd number leaves
 * one in the highest). Returns the largest occupation of the highest band. */
double occupation_fill(struct state *s);

#endif
