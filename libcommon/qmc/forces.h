/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Derivatives of the variational energy with respect to all nuclei and to a homogeneous strain, at
 * fixed orbital coefficients and Jastrow parameters, by the zero-variance zero-bias estimator
 * (Assaraf & Caffarel, J. Chem. Phys. 119, 10536 (2003)) in warped coordinates (Filippi & Umrigar, Phys. Rev. B
 * 61, R16291 (2000); Sorella & Capriotti, J. Chem. Phys. 133, 234111 (2010), eqs. (8)-(10)):
 *
 *   dE/dR_I = < a_I > + 2 < (E_L - E) b_I >
 *   a_I = dE_L/dR_I + sum_i w_I(r_i) dE_L/dr_i
 *   b_I = dln|Psi|/dR_I + sum_i [ w_I(r_i) dln|Psi|/dr_i + 1/2 dw_I(r_i)/dr_i ]
 *
 * and for a strain, which moves cell, nuclei and electrons alike (r -> r + strain r), a = dE_L/dstrain and
 * b = dln|Psi|/dstrain; the Gaussians are not deformed. All derivatives at once in reverse mode: with
 * A_io = phi_o(r_i), B_io = -1/2 lap phi_o - grad_i J . grad phi_o, X = A^-1 B A^-1,
 *
 *   dE_L = tr(A^-1 dB - X dA) - sum_i [ 1/2 dlap_i J + grad_i ln|Psi| . dgrad_i J ] + dV
 *
 * (Filippi, Assaraf, Moroni, J. Chem. Phys. 144, 194105 (2016), eqs. (15)-(22)).
 *
 * Near a node a and E_L b diverge as 1/d^2, d the distance to it: their variance would be infinite. All
 * samples are therefore weighted with f(d/epsilon) for each determinant (Pathak & Wagner, AIP Advances
 * 10, 085213 (2020)), and means are <f y> / <f>, also <E_L> in the formula above. We differ from theirs in three
 * things.
 *  - f(x) = 20 x^2 - 70 x^4 + 84 x^6 - 33 x^8 below x = 1 instead of 9 x^2 - 15 x^4 + 7 x^6, eq. (14). What a damped shell
 *    loses is int (1 - f) h(d) dd with a smooth h, which is not zero on the node. Besides int (1 - f) dx = 0, by which the
 *    term in epsilon vanishes, int (1 - f) x^2 dx = 0, too: the bias is of order epsilon^5, not epsilon^3.
 *  - The sum is divided by <f>, not by the number of samples. <f> differs from one by what is near any node, which
 *    grows with the number of electrons, and would scale also the forces on atoms far from there. The
 *    ratio of two independent parts of a system is that of each part alone: no part's bias depends on the other's nodes.
 *  - 1/d = (sum_i |grad_i ln D|^8)^(1/8) over the electrons instead of |grad ln D|, which grows as the root of
 *    their number also where there is no node. An even power keeps d smooth, and d vanishes in proportion to the distance, which is
 *    all that is needed.
 *
 * The devices can be switched off one by one, to show what they are worth. `bare` leaves
 * of dE_L/dR_I only the Hellmann-Feynman force dV/dR_I, whose mean is the same and whose variance is
 * infinite; of the strain, which moves the electrons in any case, it changes nothing. `no_pulay` leaves
 * out b: the mean is then another one.
 *
 * Control variates are added to a and b once their coefficients are known; until then these are zero.
 */
#ifndef QMC_FORCES_H
#define QMC_FORCES_H

#include "base/err.h"
#include "basis/basis.h"
#include "qmc/controls.h"
#include "qmc/walkers.h"

struct forces_settings {
    bool warp;      /* electrons follow the nuclei; false: w = 0 */
    double epsilon; /* bohr; 0: not regularised */
    bool bare;      /* dV/dR_I instead of dE_L/dR_I */
    bool no_pulay;  /* b = 0 */
    bool controls;  /* control variates (qmc/controls.h); not with bare or no_pulay */
};

struct forces; /* constant while it is used */

/* basis and kpoint[twists][3] are those of psi, which must outlive it. ST_DATA: l > 3. */
struct forces *forces_new(const struct wavefunction *psi, const struct basis *basis,
                          const double kpoint[][3], const struct forces_settings *settings,
                          struct err *err);
void forces_free(struct forces *f);

/* Derivatives per walker: 3 per atom, then the strain's 9 (zero when open). */
int forces_components(const struct forces *f);

struct forces_scratch; /* for walkers in batches of up to n; one per thread */
struct forces_scratch *forces_scratch_new(const struct forces *f, int n);
void forces_scratch_free(struct forces_scratch *s);

/* After walkers_measure(w): a and b, [walker][component], and regular[walker] = f above (which has NOT
 * been multiplied into them) for epsilon and for 2 epsilon, from which the bias of the first follows. */
void forces_measure(const struct forces *f, struct forces_scratch *s, const struct walkers *w,
                    double a[], double b[], double regular[][2]);

/* Sums of control variates and forces over samples of one twist that are not near a node (controls_sums numbers), from
 * which controls_solve finds coefficients; forces_controls is NULL where there are none. energy0: E_0. */
const struct controls *forces_controls(const struct forces *f);
void forces_learn(const struct forces *f, struct forces_scratch *s, const struct walkers *w,
                  double energy0, double sums[]);
/* coefficient[CONTROLS], which forces_measure uses from now on: to be written, kept or sent */
double *forces_coefficients(struct forces *f);

/* f(x) of one determinant, near = 1/x^2 (a test's view). */
double forces_damping(double near);

#endif
