/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Real solid harmonics and their gradients for eight unit vectors at once: the functions and the
 * order of maths/harmonics.h, in a layout for SIMD. Recurrences of Bigi et al., J. Chem. Phys. 159,
 * 064802 (2023), eqs. (8)-(16), without the Condon-Shortley phase.
 */
#ifndef ML_SPHERE_H
#define ML_SPHERE_H

enum {
    SPHERE_LANES = 8,
    SPHERE_MAX = 20,
    SPHERE_FACTORS = (SPHERE_MAX + 1) * (SPHERE_MAX + 2) / 2
};

/* The normalisation of the harmonics up to lmax, computed once: factor[SPHERE_FACTORS] */
void sphere_factors(int lmax, double factor[]);

/* The harmonics alone: unit[3][8]; s[(lmax+1)^2][8] */
void sphere_values(int lmax, const double factor[], const double unit[], double s[]);
/* unit[3][8]; s[(lmax+1)^2][8]; gradient[3][(lmax+1)^2][8] of the homogeneous polynomial r^l Y_lm. */
void sphere_harmonics(int lmax, const double factor[], const double unit[], double s[],
                      double gradient[]);

#endif
