/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Density mixing in reciprocal space: Pulay's DIIS (Chem. Phys. Lett. 73, 393 (1980)) in the form of
 * Anderson (differences of residuals), preconditioned after Kerker (Phys. Rev. B 23, 3082 (1981)) with
 * the metric that weighs long waves as much as they matter (Kresse & Furthmueller, Phys. Rev. B 54,
 * 11169 (1996), eq. (82)). Only long waves are remembered: short ones hardly respond to the density, and
 * their output is the next input.
 */
#ifndef DFT_MIXER_H
#define DFT_MIXER_H

#include <complex.h>

struct mixer;

/* n coefficients with squared lengths g2 (1/bohr^2) and multiplicities weight, those up to `longest` of g2 being
 * remembered; kerker: screening wave number (1/bohr, 0: none); fraction of the residual that is mixed in. The
 * arrays must stay. */
struct mixer *mixer_new(int n, const double *g2, const double *weight, double longest,
                        double kerker, double fraction);
void mixer_free(struct mixer *m);
/* A similar problem begins: what is known of the response stays. */
void mixer_restart(struct mixer *m);
/* rho: the input density; residual = output - input. rho becomes the next input. */
void mixer_next(struct mixer *m, double complex *rho, const double complex *residual);

#endif
