/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Atom-centred functions in plane waves, at a k with k = -k: with chi_mu the Bloch sum (basis/ao.h) and psi
 * normalised in the cell, everything is real in the layout of dft/waves.h, and
 *
 *   <q|chi> = V^-1/2 exp(-i q.R) (-i)^l S_lm(q) F(|q|).
 */
#ifndef DFT_PROJECTION_H
#define DFT_PROJECTION_H

#include "basis/basis.h"
#include "crystal/system.h"
#include "dft/waves.h"

enum { PROJECTION_LMAX = 4 };

struct projection; /* what all atoms share at one k */

/* b (l <= PROJECTION_LMAX) and w must outlive it. */
struct projection *projection_new(const struct waves *w, const struct basis *b, double volume);
void projection_free(struct projection *p);

/* out[function][w->size] of the atom at r (bohr) */
void projection_functions(const struct projection *p, const double r[3], double *out);

/* overlap[orbital][atom, function] = <chi|psi> */
void projection_overlaps(const struct projection *p, const struct system *y, int orbitals,
                         const double *orbital, double *overlap);
/*
 * The matrix M = S + RIDGE of the fit C = M^-1 <chi|psi>, which minimises |psi - C chi|^2 + RIDGE C^T C, from the
 * overlaps S, [n][n]; metric may be overlap. Diffuse functions in dense cells are all but linearly dependent
 * (eigenvalues of S below 1e-5): without a ridge, large coefficients of neighbours cancel, and Psi at fixed
 * coefficients changes with the nuclei wildly. Fluid of 32 atoms at r_s = 1.5, h-tz: the variance of forces falls
 * threefold, the spillage grows by a third.
 */
void projection_metric(int n, const double *overlap, double *metric);
/* out[orbital][w->size] = sum_mu u[orbital][mu] chi_mu */
void projection_expand(const struct projection *p, const struct system *y, int orbitals,
                       const double *u, double *out);
/* Add the derivatives of sum_n,mu u[c][n][mu] <chi_mu|psi_n>, for each of `count` u, with respect to the nuclei,
 * gradient[c][atom][3] (1/bohr), and to a strain at fixed coefficients of the plane waves, strain[c]. */
void projection_gradient(const struct projection *p, const struct system *y, int count,
                         int orbitals, const double *orbital, const double *u,
                         double (*gradient)[3], double (*strain)[3][3]);

#endif
