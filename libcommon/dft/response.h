/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Linear response of occupied orbitals. Let Q = sum_k,n <y_kn|psi_kn> be a linear functional of the doubly
 * occupied orbitals that does not change when these mix. Where the Kohn-Sham energy E is stationary,
 * E_psi = 0, orbitals follow the nuclei by dpsi/dR = -E_psi,psi^-1 E_psi,R, so that
 *
 *   <y|dpsi/dR> = <z|E_psi,R> = d/dh [dE/dR at psi + h z],   E_psi,psi z = -y:
 *
 * one solution z gives the derivatives with respect to all nuclei and to strain (the Lagrangian technique;
 * Baroni, de Gironcoli, Dal Corso & Giannozzi, Rev. Mod. Phys. 73, 515 (2001), secs. II.B and II.C, for the
 * second derivative E_psi,psi). With the projector P on empty states and occupied blocks h = <psi|H|psi>,
 *
 *   E_psi,psi z = 4 w_k P [H z - h z + V'[rho'] psi],   rho' = 4/V sum_k w_k sum_n psi_kn z_kn.
 *
 * Solved for all orbitals of all k points at once by turns of an approximate solution (dft/coarse.h) of the residual
 * and the residual that this leaves. Per pair of orbitals a step of the former is two transforms in single
 * precision on 0.3 of the points; a residual takes five in double precision on the grid.
 */
#ifndef DFT_RESPONSE_H
#define DFT_RESPONSE_H

#include "base/err.h"
#include "dft/state.h"

struct response; /* at one state */

/*
 * gap (Ha): where occupied and empty levels nearly touch, the orbitals follow the nuclei wildly, and in a small cell that
 * says more about its k points than about the matter. Of an eigenvalue a of E_psi,psi over 4 w_k, 1/a becomes
 * 1/a (1 - (gap / (a + gap))^2), at most 2/gap: Tikhonov's regularisation, iterated once (Engl, Hanke & Neubauer,
 * Regularization of Inverse Problems (1996), sec. 5.1). 0: none.
 *
 * The first electrons/2 orbitals of every k of s are eigenstates, orthonormal and consistent with its density,
 * which is changed and restored. s must outlive it.
 */
struct response *response_new(struct state *s, double gap);
void response_free(struct response *r);

struct response_result {
    double (*force)[3];  /* -d/dR, added to */
    double strain[3][3]; /* d/dstrain, added to */
    int iterations;
    double residual; /* relative to that of z = 0 */
};

/* y[k][orbital][size], overwritten. tolerance: of the relative residual. ST_COMPUTE: not reached in max_steps,
 * or E_psi,psi, with gap on its diagonal, is not positive: the orbitals are not those of a minimum. */
enum status response_solve(struct response *r, double **y, double tolerance, int max_steps,
                           struct response_result *result, struct err *err);

#endif
