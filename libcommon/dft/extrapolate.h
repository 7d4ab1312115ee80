/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Density and orbitals of a frame from those of the frames before it: what makes dynamics cheap.
 *
 * The density less free atoms is a sum of those of past frames, with the weights with which the densities of free
 * atoms of these frames, which cost nothing, give the one of the present frame: least squares in the Hartree
 * norm, damped by the noise that tolerances leave in what is past. Equal steps, other steps and a pause all get
 * what suits them, and results depend on the past only within the tolerance. Weights found for the last few
 * alone serve the density matrix times the latest orbitals (Kuehne, Krack, Mohamed & Parrinello, Phys. Rev.
 * Lett. 98, 066401 (2007), eq. (5)). Positions far from the latest and from where they were heading forget the past.
 *
 * Everything past is kept in single precision and relative to the cell, so that cells may change.
 */
#ifndef DFT_EXTRAPOLATE_H
#define DFT_EXTRAPOLATE_H

#include <stdbool.h>
#include "dft/state.h"

struct extrapolate;

struct extrapolate *extrapolate_new(void);
void extrapolate_free(struct extrapolate *p);

/* Remember the orbitals of a state and its density, on the list of its grid. */
void extrapolate_store(struct extrapolate *p, const struct state *s, const double complex *rho);

/* Nothing is past. */
void extrapolate_forget(struct extrapolate *p);

/* Can one frame say something about the next? Of systems in their boxes; earlier: the one before `before`, or NULL. True wherever
 * extrapolate_helps is after these two. */
bool extrapolate_near(const struct system *now, const struct system *before,
                      const struct system *earlier);

/* Does the past say something about the system of s (its grid and pseudopotentials set)? */
bool extrapolate_helps(struct extrapolate *p, const struct state *s);

/* The plane waves and the grid of `old`, whose frames are remembered, give way to those of s. */
void extrapolate_transfer(struct extrapolate *p, const struct state *old, const struct state *s);

/* Density and orthonormal orbitals for s; room for extrapolate_bands at every k. False: linearly dependent. */
int extrapolate_bands(const struct extrapolate *p);
bool extrapolate_state(const struct extrapolate *p, struct state *s);

#endif
