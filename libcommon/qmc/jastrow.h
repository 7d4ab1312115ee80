/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The Jastrow factor exp(J) of the trial function, bound to one system and its electrons:
 *
 *   J = sum_{i<j} u_s(r_ij) + sum_{iI} chi_Z(r_iI),   s = antiparallel | parallel,
 *
 * the power expansions with a smooth cut-off of Drummond, Towler, Needs, Phys. Rev. B 70, 235119
 * (2004), eqs. (3) and (5), truncation order C = 3; for each function
 *
 *   f(r) = (r - L)^3 Theta(L - r) { a_0 + [cusp/(-L)^3 + 3 a_0/L] r + sum_{l=2}^{order} a_l r^l },
 *
 * so that f'(0) = cusp exactly: 1/2 for antiparallel, 1/4 for parallel pairs and -Z for chi
 * (Gaussian orbitals have no cusp of their own). Distances are minimum-image ones; in a cell L is
 * at most its inradius, so that no electron sees two images and J is smooth.
 *
 * Parameters, in atomic units, in this order (the array `jastrow` of a frame; the form names
 * orders): L_u, L_chi;  antiparallel a_0 a_2 .. a_order;  parallel a_0 a_2 .. ; then chi a_0 a_2 ..
 * for each element of the system in ascending atomic number. The first jastrow_cutoffs(j) are the
 * cut-offs, which stay fixed; the rest are linear in J and free (some have no effect in a given
 * system, e.g. parallel ones for two opposite spins). Electrons: the first n_up have spin up, the
 * next n_down spin down. Positions pos[electron][3] in bohr, need not be wrapped; batches are
 * pos[walker][electron][3]. All evaluations are const and thread safe.
 */
#ifndef QMC_JASTROW_H
#define QMC_JASTROW_H

#include "base/err.h"
#include "crystal/system.h"

struct jastrow;

#define JASTROW_FORM "drummond u8 chi8" /* the form of jastrow_start */

/* ST_DATA: an unknown form, a wrong number of parameters, a cut-off that is not positive or exceeds
 * the inradius. The system may be freed afterwards. */
struct jastrow *jastrow_new(const struct system *s, int n_up, int n_down, const char *form,
                            int count, const double parameters[], struct err *err);
/* The same with sensible parameters that were not optimised: a screened u (as in the random-phase
 * approximation at the system's density) and a chi that undoes its effect on the density. */
struct jastrow *jastrow_start(const struct system *s, int n_up, int n_down);
struct jastrow *jastrow_copy(const struct jastrow *j);
void jastrow_free(struct jastrow *j);

const char *jastrow_form(const struct jastrow *j);
int jastrow_count(const struct jastrow *j);   /* all parameters */
int jastrow_cutoffs(const struct jastrow *j); /* leading ones that are not linear in J */
const double *jastrow_parameters(const struct jastrow *j); /* jastrow_count(j) numbers */
/* New parameters; cut-offs included (ST_DATA as jastrow_new; j unchanged then). */
enum status jastrow_set(struct jastrow *j, const double parameters[], struct err *err);

/* Terms of J that contain electron i if it stood at r[walker][3] (its own place in pos is ignored):
 * value[walker], gradient[walker][3] with respect to r, laplacian[walker]. */
void jastrow_electron(const struct jastrow *j, int walkers, const double pos[][3], int i,
                      const double r[][3], double value[], double gradient[][3],
                      double laplacian[]);

/* J, and for every electron its gradient and Laplacian: value[walker],
 * gradient[walker][electron][3], laplacian[walker][electron]. */
void jastrow_all(const struct jastrow *j, int walkers, const double pos[][3], double value[],
                 double gradient[][3], double laplacian[]);

/* Derivatives with respect to the free parameters p (count - cutoffs of them, in their order), one
 * configuration: value[p] = dJ/dp; energy[p] = dE_L/dp = -sum_i (1/2 dlap_i J/dp + velocity_i .
 * dgrad_i J/dp), velocity[electron][3] = grad_i ln Psi (determinants and J). energy and velocity
 * may be NULL. */
void jastrow_derivatives(const struct jastrow *j, const double pos[][3], const double velocity[][3],
                         double value[], double energy[]);

/*
 * What forces and stress need, one configuration. Derivatives of
 *   J                                                     -> value_*
 *   K = -1/2 sum_i lap_i J - sum_i v_i . grad_i J at fixed v -> energy_*
 * with respect to electrons ([n][3]), nuclei ([atoms][3]) and a homogeneous strain of all distances
 * (d -> d + strain d; [3][3]). With v_i = grad_i ln Psi, energy_* is the part of dE_L that comes
 * through J. All arrays are overwritten.
 */
struct jastrow_differential {
    double (*value_electron)[3], (*value_nucleus)[3];
    double (*energy_electron)[3], (*energy_nucleus)[3];
    double value_strain[3][3], energy_strain[3][3];
};
void jastrow_differential(const struct jastrow *j, const double pos[][3],
                          const double velocity[][3], struct jastrow_differential *d);

#endif
