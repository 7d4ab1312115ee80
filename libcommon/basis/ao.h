/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Atomic orbitals of a whole system: each basis function on each atom, in a periodic cell summed over
 * lattice vectors T with the Bloch phase of a time-reversal invariant k (k = -k modulo a reciprocal
 * lattice vector), so that everything is real:
 *
 *   chi_{k,mu}(r) = sum_T cos(2 pi k.T) chi_mu(r - R_I - T),   k fractional, T integers,
 *
 * with R_I as it stands in the system (not wrapped): chi(r + T) = cos(2 pi k.T) chi(r). Open
 * boundaries: the single term T = 0 and k = 0. Function order: atoms, then shells, then m.
 */
#ifndef BASIS_AO_H
#define BASIS_AO_H

#include <stdbool.h>
#include "base/err.h"
#include "basis/basis.h"
#include "crystal/system.h"

struct ao;

/* What ao_eval makes, with the number of quantities per function. */
enum ao_level {
    AO_VALUE = 1,     /* value */
    AO_GRADIENT = 4,  /* value, d/dx, d/dy, d/dz */
    AO_LAPLACIAN = 5, /* ... and Laplacian */
    AO_THIRD = 13     /* value; x y z; xx xy xz yy yz zz; d/dx, d/dy, d/dz of the Laplacian */
};

/* basis: one set used for every atom (all of one element so far). kpoint: nk fractional TRIM points,
 * each component 0 or 1/2 modulo 1 and at most 1e6, else ST_DATA. The system may be freed afterwards. */
struct ao *ao_new(const struct system *s, const struct basis *b, int nk, const double kpoint[][3],
                  struct err *err);
void ao_free(struct ao *a);
int ao_functions(const struct ao *a); /* atoms * basis functions */

/* out[k][quantity][point][function] for `points` positions r (bohr). Thread safe: no state. In a periodic cell all
 * is 0 at an r that is not finite or more than 2^28 cells away, so that a sampler rejects it as it does a node. */
void ao_eval(const struct ao *a, enum ao_level level, int points, const double r[][3], double *out);
/* The same in a work space made once, for inner loops: one for each thread that evaluates. */
struct ao_work;
struct ao_work *ao_work_new(const struct ao *a);
void ao_work_free(struct ao_work *w);
void ao_eval_with(const struct ao *a, struct ao_work *w, enum ao_level level, int points,
                  const double r[][3], double *out);

/*
 * Orbitals phi_o = sum_f coefficient[o][f] chi_f without the functions in between: their value, gradient and
 * Laplacian out[quantity][point][orbital]. For few orbitals of few atoms in open boundaries (pays), k = 0.
 */
bool ao_orbitals_pays(const struct ao *a, int orbitals);
void ao_orbitals(const struct ao *a, int points, const double r[][3], int orbitals,
                 const double coefficient[], double out[]);

/* Bloch overlap matrix S_k[function][function] = sum_T cos(2 pi k.T) <chi_mu(0)|chi_nu(T)>, by the
 * analytic two-centre formula. */
void ao_overlap(const struct ao *a, int k, double *overlap);
/* Add the derivatives of sum_mn matrix[c][m][n] S_mn, S of k point k[c], at `count` fixed matrices, which are spoiled:
 * gradient[c][atom][3] with respect to the nuclei (1/bohr), strain[c] with respect to a homogeneous strain. */
void ao_overlap_gradient(const struct ao *a, int count, const int k[], double *const matrix[],
                         double (*gradient)[3], double (*strain)[3][3]);

#endif
