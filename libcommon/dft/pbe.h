/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The functional of Perdew, Burke & Ernzerhof, unpolarised: with the constants of libxc the same numbers
 * four times as fast, as it is most of what an iteration on a small cell costs; and with the digits that
 * are printed in the papers, as ABINIT's own functional has them, to compare with it.
 */
#ifndef DFT_PBE_H
#define DFT_PBE_H

#include <stddef.h>

/* All digits of the authors' programs (A = 0.0310907, beta = 0.06672455060314922), or A = 0.031091 (Perdew &
 * Wang, Phys. Rev. B 45, 13244 (1992), table I) and beta = 0.066725 (Perdew, Burke & Ernzerhof, eq. (4)). */
enum pbe_constants { PBE_FULL, PBE_PRINTED };

/* Per point: energy per volume f, df/drho, df/dsigma, sigma = |grad rho|^2; added to what is there. */
void pbe_add(enum pbe_constants constants, size_t n, const double *rho, const double *sigma,
             double *f, double *f_rho, double *f_sigma);

#endif
