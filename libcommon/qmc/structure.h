/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The static structure factor of the electrons of a cell, its fluctuating part
 *
 *   S(G) = (<rho rho*> - |<rho>|^2) / N,   rho = sum_i exp(i G.r_i),
 *
 * a mean over twists of what each twist gives. Bragg peaks are thus left out, and S -> 0 for G -> 0. For
 * the smallest shells also how strongly two-body correlation in the trial function restores the density,
 *
 *   k(G) = Re cov(A, rho) / var(rho),   A = sum_i exp(i G.r_i) (-i G).grad_i J_2,
 *
 * which is n G^2 u(G) for J_2 = -1/(2V) sum_G u(G) rho rho*, n = N/V (up to products of two rho of other
 * wave vectors, the random-phase approximation): what the kinetic part of the finite-size correction
 * needs. J_2 is what of J one electron alone would not have.
 */
#ifndef QMC_STRUCTURE_H
#define QMC_STRUCTURE_H

#include "qmc/vmc.h"

struct structure;

struct structure_shell { /* of wave vectors of the same length */
    double length;       /* 1/bohr */
    int vectors;         /* G and -G counted once */
    double s, s_error;
};

/* Wave vectors up to `cutoff` (1/bohr), or the shortest 1000 pairs if there are more; 0: 5/r_s. psi is
 * periodic and must outlive it, with the Jastrow that is to be sampled. batches: of its vmc. */
struct structure *structure_new(const struct wavefunction *psi, int batches, double cutoff,
                                struct err *err);
void structure_free(struct structure *s);
struct vmc_observer structure_observer(struct structure *s);

int structure_shells(const struct structure *s);

/* Where a run has left what the observer measured: quantities VMC_OBSERVED and following of a series, to
 * be used from block `first` on. */
struct structure_samples {
    const struct series *series;
    int first;
};
/* Both may be asked for repeatedly. */
void structure_evaluate(const struct structure *s, const struct structure_samples *v,
                        struct structure_shell shell[]);

/*
 * Leading-order correction of the energy for the finite cell, to be added (Chiesa, Ceperley, Martin,
 * Holzmann, Phys. Rev. Lett. 97, 076404 (2006), eqs. (5) and (6)): the Ewald sum lacks the wave vector
 * G = 0, whose terms are finite,
 *
 *   V: lim 2 pi N S(G) / (V G^2),     T: lim N G^2 u(G) / (4 V) = lim k(G) / 4,
 *
 * both w_p / 4 per cell if S(G) = G^2 / (2 w_p), the plasma oscillations of a metal; for localised
 * electrons the first is the field of the fluctuating dipole and the second vanishes. The limits are
 * those of straight lines in G^2 through -ln(1 - S)/G^2 and k on the shells up to twice the shortest G.
 */
struct finite_size {
    double energy, potential, kinetic; /* Ha per cell */
    double energy_error, potential_error, kinetic_error;
    double plasmon; /* w_p / 2, for comparison */
};
/* ST_COMPUTE: too few samples to see S(G) < 1 on two shells. */
enum status structure_finite_size(const struct structure *s, const struct structure_samples *v,
                                  struct finite_size *f, struct err *err);

#endif
