/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The functional of Perdew, Burke & Ernzerhof, unpolarised, with the constants of libxc: the same numbers
 * four times as fast, as it is most of what an iteration on a small cell costs.
 */
#ifndef DFT_PBE_H
#define DFT_PBE_H

#include <stddef.h>

/* Per point: energy per volume f, df/drho, df/dsigma, sigma = |grad rho|^2; added to what is there. */
void pbe_add(size_t n, const double *rho, const double *sigma, double *f, double *f_rho,
             double *f_sigma);

#endif
