/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Control variates of forces and stress: quantities whose means are known to be zero and that fluctuate together with the
 * estimator of a force (or of the stress). For any smooth displacement v_i(r_1, ..., r_N) of the electrons, integrating |Psi|^2 by parts,
 *
 *   < B > = 0,   < A + 2 (E_L - E) B > = 0
 *   A = sum_i v_i . dE_L/dr_i,   B = sum_i [ v_i . dln|Psi|/dr_i + 1/2 div_i v_i ]
 *
 * The first is the zero-variance principle (Assaraf & Caffarel, Phys. Rev. Lett. 83, 4682 (1999); as control variates of
 * any Markov chain: Mira, Solgi & Imparato, Stat. Comput. 23, 653 (2013)), the second is why the space warp may be chosen freely
 * (Filippi & Umrigar, Phys. Rev. B 61, R16291 (2000)). Any multiple of them can be added to a force without changing its
 * mean; near nodes they have the singularities that the force has, and its damping serves them, too. Multiples
 * are the same for all nuclei and directions, from a least-squares fit to samples that are not used for the forces,
 * leaving out those near nodes, a few of which would decide.
 *
 * For a nucleus I and a direction x, with d = r - R_I, g_k(d) = exp(-alpha_k d^2) (1 - d^2/c^2)^3, k = 0 .. 3:
 *
 *   the space warp w_I(r) x;   g_k(d) x;   g_k(d) d_x d
 *
 * A + 2 (E_L - E) B and B of each; and B of displacements about other nuclei J, d = r - R_J, n the
 * direction from I to J and weights H(R_IJ) that have only neighbours count:
 *
 *   sum_J H of:   g_k x;   g_k n_x n;   g_k n_x d;   g_k n_x (n.d) n;   about I itself: sum_J H n_x g_k d
 *
 * Means over nuclei are taken off, so that net forces are left alone. For a component xy of the strain, summed over nuclei:
 * A + 2 (E_L - E) B and B of g_k (d_x y + d_y x)/2; B of delta_xy g_k d; and B of sum_J H n_x n_y g_k d about J.
 */
#ifndef QMC_CONTROLS_H
#define QMC_CONTROLS_H

#include <stddef.h>
#include "crystal/system.h"

enum { CONTROLS = 54 }; /* 38 for forces, 16 for the stress */

struct controls; /* constant while it is used */

/* The system must outlive it. No warp: its column stays zero. */
struct controls *controls_new(const struct system *s, bool warp);
void controls_free(struct controls *c);

struct controls_work; /* of one sample; one per thread */
struct controls_work *controls_work_new(const struct controls *c);
void controls_work_free(struct controls_work *w);

/* Electrons' positions, dE_L/dr and dln|Psi|/dr; A and B of the warp, [3 per atom]. */
struct controls_electrons {
    int n;
    const double (*pos)[3], (*energy)[3], (*velocity)[3];
    const double *warp_a, *warp_b;
};

/* All control variates of a sample, into work; Ha/bohr (A) and 1/bohr (B), for the stress Ha and 1. */
void controls_measure(const struct controls *c, struct controls_work *w,
                      const struct controls_electrons *e);
/* Add them times coefficient[CONTROLS] to a and b of qmc/forces.h, [3 per atom], then the strain's 9. */
void controls_add(const struct controls *c, const struct controls_work *w,
                  const double coefficient[], double a[], double b[]);

/* Estimators that these go with (a and b as above), and the sample's E_L - E_0 */
struct controls_target {
    const double *a, *b;
    double energy;
};

/* Sums over samples of one twist, from which the coefficients follow: so many numbers, zero at first; those of several
 * sets of samples are added. */
size_t controls_sums(const struct controls *c);
void controls_learn(const struct controls *c, struct controls_work *w,
                    const struct controls_target *t, double sums[]);
/* From sums[twists][] of the twists to coefficient[CONTROLS]; left: which part of the variance they leave, of these
 * samples, of forces and of the stress. Where they are not finite: coefficients of zero, and 1. */
void controls_solve(const struct controls *c, int twists, const double sums[], double coefficient[],
                    double left[2]);

#endif
