/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Second derivatives of the Hartree and exchange-correlation energies at a density: with f(rho, sigma),
 * sigma = |grad rho|^2, as in dft/exchange.c, and a change rho' of the density, sigma' = 2 grad rho . grad rho',
 *
 *   V' = Hartree(rho') + f_rr rho' + f_rs sigma' - div 2 [(f_rs rho' + f_ss sigma') grad rho + f_s grad rho'].
 */
#ifndef DFT_KERNEL_H
#define DFT_KERNEL_H

#include "dft/poisson.h"
#include "dft/xc.h"

struct kernel;

/* rho: on the grid, 1/bohr^3, not kept. p and its grid must outlive it. */
struct kernel *kernel_new(const struct poisson *p, const struct xc *xc, const double *rho);
void kernel_free(struct kernel *k);

/* A change of the density on the grid becomes that of the potential. Linear and self-adjoint. */
void kernel_potential(struct kernel *k, double *change);
/* Add the change of the strain derivative of the exchange-correlation energy. */
void kernel_strain(struct kernel *k, const double *change, double strain[3][3]);

#endif
