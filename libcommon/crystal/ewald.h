/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ewald sums for point charges in a periodic cell of any shape, in a uniform background that makes
 * each charge neutral (total charge of the cell arbitrary; constant terms included: total
 * energies).
 *
 *   E = 1/2 sum_{i != j} q_i q_j psi(r_i - r_j) + 1/2 xi sum_i q_i^2
 *
 * psi(d) is the potential at d of a unit charge, its images and its background (average over the
 * cell zero); xi = lim_{d -> 0} psi(d) - 1/|d| is what a charge feels of its own images (Madelung).
 * Fraser et al., Phys. Rev. B 53, 1814 (1996), eqs. (2)-(4).
 */
#ifndef CRYSTAL_EWALD_H
#define CRYSTAL_EWALD_H

struct ewald;

/* cell: rows a, b, c in bohr. Sums converged to relative 1e-13 or better. */
struct ewald *ewald_new(const double cell[3][3]);
/* The same for sums over about n charges, converged to the absolute error `tolerance` per pair (in
 * units of 1/L): the splitting is the fastest for ewald_energy. */
struct ewald *ewald_new_for(const double cell[3][3], int n, double tolerance);
/* With the splitting parameter kappa (1/bohr) prescribed: results do not depend on it. */
struct ewald *ewald_new_split(const double cell[3][3], double kappa, double tolerance);
void ewald_free(struct ewald *e);
double ewald_xi(const struct ewald *e);
/* psi(d) in Ha per unit charges; gradient (may be NULL) dpsi/dd. */
double ewald_pair(const struct ewald *e, const double d[3], double gradient[3]);
/* psi and its gradient (may be NULL) at m displacements, a few us each. */
void ewald_points(const struct ewald *e, int m, const double d[][3], double psi[],
                  double gradient[][3]);
/* Total energy of n charges (Ha) at pos (bohr). gradient[n][3] = dE/dpos and strain[3][3] =
 * dE/dstrain (not divided by the volume; positions and cell both strained), each may be NULL.
 * Thread safe, in one thread; time grows as n^1.5 (0.4 ms for 128 charges to 1e-12). */
double ewald_energy(const struct ewald *e, int n, const double pos[][3], const double charge[],
                    double gradient[][3], double strain[3][3]);

#endif
