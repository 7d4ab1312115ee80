/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Derivatives of weighted sums of atomic orbitals with respect to the nuclei and to a homogeneous
 * strain, reverse mode: the derivatives of each orbital at each image are contracted with their
 * weights on the spot and never stored, so that all atoms and the strain cost about as much as one
 * evaluation of the orbitals. For a point r with weights q_mu, x_mu and a vector g let
 *
 *   l(d) = sum_mu q_mu chi_mu(d),   e(d) = sum_mu [ q_mu (-1/2 lap chi_mu - g.grad chi_mu) - x_mu chi_mu ](d),
 *
 * d = r - R_I - T. With the gradients of these with respect to d, summed over images T of atom I (with
 * the Bloch sign), the derivative with respect to r is sum_I, that with respect to R_I is minus the
 * term of I, and that with respect to the strain is sum_{I,T} (grad) d.
 */
#ifndef BASIS_AO_CONTRACT_H
#define BASIS_AO_CONTRACT_H

#include "base/err.h"
#include "basis/basis.h"
#include "crystal/system.h"

struct ao_contract;

/* As ao_new (basis/ao.h), for one k. The system and the basis may be freed afterwards. */
struct ao_contract *ao_contract_new(const struct system *s, const struct basis *b,
                                    const double kpoint[3], struct err *err);
void ao_contract_free(struct ao_contract *a);

struct ao_contract_sums {
    double (*l)[3], (*e)[3];               /* [point][atom]: gradients with respect to d */
    double (*l_strain)[9], (*e_strain)[9]; /* [point]: sum (grad)_x d_y at 3 x + y */
};

/* q and x: [function][point], functions in the order of basis/ao.h. r and g: [point]. Outputs are
 * overwritten. Thread safe. */
void ao_contract_eval(const struct ao_contract *a, int points, const double r[][3],
                      const double g[][3], const double q[], const double x[],
                      const struct ao_contract_sums *sums);

#endif
