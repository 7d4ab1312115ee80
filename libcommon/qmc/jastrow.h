/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The Jastrow factor exp(J) of the trial function, bound to one system and its electrons:
 *
 *   J = sum_{i<j} u_s(r_ij) + sum_{iI} chi_Z(r_iI)
 *     + sum_I sum_{i<j} f_{s,Z}(r_iI, r_jI, r_ij) + sum_{i<j} p(r_ij)
 *     + sum_{I,J} sum_{i<j} q_{s,ZZ'}(r_iI, r_jJ, R_IJ) + sum_{I != J} sum_i m_ZZ'(r_iI, R_IJ),
 *   s = antiparallel | parallel,
 *
 * the terms of Drummond, Towler, Needs, Phys. Rev. B 70, 235119 (2004), eqs. (2)-(10), on a basis of
 * bell-shaped functions b_k(r; L) = (1 - r^2/L^2)^(3 2^k), r < L, instead of powers of r (a core of
 * 0.2 bohr and a tail of 8 bohr need many powers, but few of these):
 *
 *   u, chi = cusp C(r; R) + sum_k a_k b_k(r; L),   C = -(R/3) (1 - r/R)^3, r < R  (qmc/radial.h)
 *   f      = sum_lmn gamma_lmn b_l(r_iI; L_g) b_m(r_jI; L_g) h_n(r_ij),   l, m = 0..3, symmetric,
 *            h_0 = 1, h_1 = b_0(r_ij; L_h), h_2 = b_2(r_ij; L_h)
 *   q      = sum_lm lambda_lm(R_IJ) q_l(r_iI) q_m(r_jJ),   q_l = (1 - r^2/L_q^2)^(3 4^l), symmetric,
 *            lambda_lm(R) = c_lm0 delta_IJ + sum_{k > 0} c_lmk (1 - R^2/L_R^2)^(3 4^(k-1))
 *   m      = sum_l mu_l(R_IJ) q_l(r_iI),   mu_l(R) = sum_{k > 0} d_lk (1 - R^2/L_R^2)^(3 4^(k-1))
 *   p      = sum_{G != 0} sum_k a_k (4 pi / (V G^2)) b_k(G; G_c) cos(G.r_ij)      (cells only)
 *
 * Cusps are exact whatever the parameters: 1/2 for antiparallel, 1/4 for parallel pairs and -Z for
 * chi (Gaussian orbitals have no cusp of their own); f, p, q and m have none. Distances are minimum-image
 * ones; in a cell every R and L is at most its inradius, so that no electron sees two images and J is
 * smooth.
 *
 * Parameters, in atomic units, in this order (the array `jastrow` of a frame; the form names
 * orders): the cut-offs R_u, L_u, R_chi, L_chi, L_g, L_h, G_c; antiparallel a_k of u, parallel ones;
 * a_k of chi for each element of the system in ascending atomic number; for each element
 * antiparallel, then parallel gamma: n = 0, 1, 2, for each the pairs (l, m) = 00 01 02 03 11 12 13 22
 * 23 33; a_k of p. Forms with q have its cut-offs L_q, L_R after G_c, and in the end for each pair of
 * elements (11 12 22 13 ...) antiparallel, then parallel c: k = 0, 1, ..., the same pairs (l, m); forms
 * with m, too, then have for each element of I and each of J the d: k = 1, 2, ..., l = 0..3. The first
 * jastrow_cutoffs(j) are the cut-offs; J is linear in the rest. All are
 * free; some have no effect in a given system (parallel ones for two opposite spins, p in open
 * boundaries). Electrons: the first n_up have spin up, the next n_down spin down. Positions
 * pos[electron][3] in bohr, need not be wrapped; batches are pos[walker][electron][3].
 *
 * A struct jastrow is constant while it is evaluated. What an evaluation keeps of the electrons'
 * places is in a struct jastrow_work: one for each thread or batch.
 */
#ifndef QMC_JASTROW_H
#define QMC_JASTROW_H

#include "base/err.h"
#include "crystal/system.h"

struct jastrow;
struct jastrow_work;

#define JASTROW_FORM \
    "tempered u6 chi8 f4.2 p3" /* that of jastrow_start; in cells so
                                                      small that chi8 would be too narrow, less */

enum status jastrow_check_form(const char *form, struct err *err); /* ST_DATA: unknown */
/* ST_DATA: an unknown form, a wrong number of parameters, a cut-off that is not positive or exceeds
 * the inradius. The system may be freed afterwards. */
struct jastrow *jastrow_new(const struct system *s, int n_up, int n_down, const char *form,
                            int count, const double parameters[], struct err *err);
/* The same with sensible parameters that were not optimised: a screened u (as in the random-phase
 * approximation at the system's density) and a chi that undoes its effect on the density; f = p = 0;
 * with `charges` q = m = 0, too, otherwise there are none. */
struct jastrow *jastrow_start_with(const struct system *s, int n_up, int n_down, bool charges);
struct jastrow *jastrow_start(const struct system *s, int n_up, int n_down); /* without */
/* To be optimised: the form of jastrow_start_with, with the parameters of another one, missing terms zero,
 * cut-offs brought to what the system allows. ST_DATA: an unknown form, a wrong number. */
struct jastrow *jastrow_adapt(const struct system *s, int n_up, int n_down, bool charges,
                              const char *form, int count, const double parameters[],
                              struct err *err);
void jastrow_free(struct jastrow *j);

const char *jastrow_form(const struct jastrow *j);
int jastrow_count(const struct jastrow *j);   /* all parameters */
int jastrow_cutoffs(const struct jastrow *j); /* leading ones, in which J is not linear */
const double *jastrow_parameters(const struct jastrow *j); /* jastrow_count(j) numbers */
/* New parameters; cut-offs included (ST_DATA as jastrow_new; j unchanged then). */
enum status jastrow_set(struct jastrow *j, const double parameters[], struct err *err);
/* Bring cut-offs to the range in which they may be optimised. */
void jastrow_limit(const struct jastrow *j, double parameters[]);

/* Room for `walkers` walkers. */
struct jastrow_work *jastrow_work_new(const struct jastrow *j, int walkers);
void jastrow_work_free(struct jastrow_work *work);

/* Learn where all electrons stand, after any change of pos that jastrow_accept was not told, or of
 * the parameters. */
void jastrow_load(const struct jastrow *j, struct jastrow_work *work, int walkers,
                  const double pos[][3]);
/* Terms of J that contain electron i if it stood at r[walker][3] (its own place in pos is ignored):
 * value[walker], gradient[walker][3] with respect to r, laplacian[walker]. */
void jastrow_electron(const struct jastrow *j, struct jastrow_work *work, int walkers,
                      const double pos[][3], int i, const double r[][3], double value[],
                      double gradient[][3], double laplacian[]);
/* Electron i of that walker now stands at the r of the last jastrow_electron. */
void jastrow_accept(const struct jastrow *j, struct jastrow_work *work, int walker, int i);

/* J, and for every electron its gradient and Laplacian: value[walker],
 * gradient[walker][electron][3], laplacian[walker][electron]. Any number of walkers. This and what
 * follows overwrites what jastrow_load learned. */
void jastrow_all(const struct jastrow *j, struct jastrow_work *work, int walkers,
                 const double pos[][3], double value[], double gradient[][3], double laplacian[]);

/* Derivatives with respect to all parameters p, one configuration: value[p] = dJ/dp; energy[p] =
 * dE_L/dp = -sum_i (1/2 dlap_i J/dp + velocity_i . dgrad_i J/dp), velocity[electron][3] = grad_i ln
 * Psi (determinants and J). */
void jastrow_derivatives(const struct jastrow *j, struct jastrow_work *work, const double pos[][3],
                         const double velocity[][3], double value[], double energy[]);

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
void jastrow_differential(const struct jastrow *j, struct jastrow_work *work, const double pos[][3],
                          const double velocity[][3], struct jastrow_differential *d);

#endif
