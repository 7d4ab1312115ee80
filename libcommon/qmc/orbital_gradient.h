/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Gradient of the variational energy E, a mean over T twists, with respect to the orbital coefficients,
 * from the samples of forces and stress. With phi_n = sum_a C_na chi_a, and Phi_s[i][n] = phi_n(r_i) of the
 * electrons of spin s and the orbitals that they occupy,
 *
 *   O_na = dln|Psi|/dC_na = sum_s sum_(i in s) (Phi_s^-1)_ni chi_a(r_i)
 *   g_na = dE/dC_na = 2/T < (E_L - E) f O_na > / <f>    (of the twist that C belongs to)
 *
 * (Umrigar, Toulouse, Filippi, Sorella, Hennig, Phys. Rev. Lett. 98, 110201 (2007), for the parameter
 * derivatives; f is the damping near nodes of qmc/forces.h, without which the variance is infinite, and E = <f E_L> / <f>).
 * A determinant depends only on the span of its orbitals: in every sample
 *
 *   sum_a C_ma O_na = (number of spins that occupy n) if m = n, else 0,
 *
 * for all m that are occupied by every spin that occupies n. Hence sum_a C_ma g_na = 0.
 *
 * What is made of g is linear in it, so its error bar is carried by R = ORBITAL_GRADIENT_REPLICAS replicas
 * of its fluctuation. The W walkers of a twist are independent; they form R + 1 groups of W_j walkers (equal
 * but for one). A replica of a mean X = 1/W sum_w X_w is
 *
 *   X_k = 1/W sum_w c_k(w) X_w,   sum_w c_k(w) = 0,   sum_w c_k(w) c_l(w) = W delta_kl,
 *
 * c_k constant in a group: its mean is zero and its variance that of X, whatever the correlation in
 * time, and replicas are uncorrelated with each other. Those of gradient, forces and stress come from the same
 * groups and keep all correlations. X is linearised about the means of the twist,
 *
 *   g: 2/T (y - <E> O - <O> E),    dE/dx: 1/T (x - 2 <E> b - 2 <b> E),    as in force_average.c,
 *
 * with y = E O, x = a + 2 E b, all E relative to E_0, each mean standing for <f .> / <f> and a fluctuation of y for
 * f (y - <f y> / <f>) / <f>. Only sums are kept, no history: what is left out afterwards of
 * the force run as equilibration cannot be left out here.
 */
#ifndef QMC_ORBITAL_GRADIENT_H
#define QMC_ORBITAL_GRADIENT_H

#include "base/checkpoint.h"
#include "base/err.h"
#include "qmc/forces.h"
#include "qmc/vmc.h"

enum { ORBITAL_GRADIENT_REPLICAS = 4 };

struct orbital_gradient; /* sums of a run, and work space */

/* For the walkers of v, which must outlive it, and the derivatives of f. ST_USAGE: fewer walkers of a
 * twist than ORBITAL_GRADIENT_REPLICAS + 1. */
struct orbital_gradient *orbital_gradient_new(const struct vmc *v, const struct forces *f,
                                              struct err *err);
void orbital_gradient_free(struct orbital_gradient *g);

/* What forces_measure made of a batch, and E_0, the same in all measurements, Ha. */
struct orbital_gradient_sample {
    const double *a, *b;
    const double (*regular)[2];
    double reference;
};

/* After walkers_measure(w) and forces_measure: add the samples of this batch. From several threads, each
 * with its own batch and its number `thread`; the measurements of one batch come in order. */
void orbital_gradient_measure(struct orbital_gradient *g, int thread, const struct walkers *w,
                              const struct orbital_gradient_sample *sample);
/* O of walker k, [orbital][function], with respect to psi->coefficient (a test's view). */
void orbital_gradient_derivative(struct orbital_gradient *g, const struct walkers *w, int k,
                                 double out[]);
/* The sums of all ranks onto rank 0, for orbital_gradient_keep and orbital_gradient_evaluate. */
void orbital_gradient_gather(struct orbital_gradient *g, struct ranks *ranks);
/* The sums, in a checkpoint. */
void orbital_gradient_keep(struct orbital_gradient *g, struct checkpoint *c);

struct orbital_gradient_result {
    int replicas, twists, orbitals, functions, atoms;
    double *mean;           /* [twist][orbital][function], Ha, of the coefficients as given */
    double *replica;        /* [replica][twist][orbital][function], Ha */
    double (*force)[3];     /* [replica][atom], Ha/bohr */
    double (*stress)[3][3]; /* [replica], Ha/bohr^3; symmetric; zero when open */
};

void orbital_gradient_evaluate(const struct orbital_gradient *g,
                               struct orbital_gradient_result *result);
void orbital_gradient_result_free(struct orbital_gradient_result *r);
void orbital_gradient_result_keep(struct orbital_gradient_result *r,
                                  struct checkpoint *c); /* arrays are new when read */

#endif
