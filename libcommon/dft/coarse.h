/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The equations of dft/response.h, P [H z - h z + V'[rho'] psi] = r, approximately: in single precision and on the
 * coarse grid (dft/waves.h), with potential, density and second derivatives of the functional as that grid
 * holds them. Occupied orbitals stay in real space, so that a step takes two transforms of each pair of
 * them. Preconditioned conjugate gradients; what the approximations leave is for the caller to correct.
 */
#ifndef DFT_COARSE_H
#define DFT_COARSE_H

#include "base/err.h"
#include "dft/state.h"

struct coarse;

/* potential (Ha) on the grid; h[k][n][m] = <psi_m|H|psi_n>. Neither they nor s, which must outlive it, are changed. */
struct coarse *coarse_new(const struct state *s, const double *potential, int occupied,
                          double *const *h);
void coarse_free(struct coarse *c);

struct coarse_result {
    int steps;
    double residual; /* relative */
    bool minimum;    /* false: some direction lowers the energy, and z is not the solution */
};

/* z[k][orbital][size], overwritten, for r alike; until the residual is `tolerance` of r or after max_steps. */
struct coarse_result coarse_solve(struct coarse *c, double *const *r, double tolerance,
                                  int max_steps, double **z);

#endif
