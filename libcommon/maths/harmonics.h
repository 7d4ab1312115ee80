/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Real solid harmonics S_lm(r) = r^l Y_lm(r/|r|), orthonormal on the sphere, without the
 * Condon-Shortley phase, m = -l .. l (m < 0: sin, m > 0: cos), index l^2 + l + m:
 * s; p: y, z, x; d: xy, yz, 3z^2 - r^2, xz, x^2 - y^2; ...
 * Blanco, Florez, Bermejo, J. Mol. Struct. (Theochem) 419, 19 (1997).
 */
#ifndef MATHS_HARMONICS_H
#define MATHS_HARMONICS_H

/* S[(lmax+1)^2] at r; gradient[(lmax+1)^2][3] = dS/dr may be NULL. Any lmax. */
void harmonics_solid(int lmax, const double r[3], double *s, double (*gradient)[3]);

#endif
