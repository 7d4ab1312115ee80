/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Exchange and correlation through libxc (Lehtola et al., SoftwareX 7, 1 (2018)), spin-unpolarised.
 */
#ifndef DFT_XC_H
#define DFT_XC_H

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"
#include "dft/pseudo.h"

struct xc;

/* name: "lda" (Teter's Pade form, for which the pseudopotentials were made), "lda_pw" (Perdew-Wang),
 * "pbe", "pbe_printed" (dft/pbe.h), "blyp", or libxc names joined by "+" ("gga_x_pbe_sol+gga_c_pbe_sol"). Error ST_USAGE. */
struct xc *xc_new(const char *name, struct err *err);
void xc_free(struct xc *x);
bool xc_gradient(const struct xc *x);             /* a GGA */
enum pseudo_family xc_family(const struct xc *x); /* the pseudopotential that goes with it */

/* Per point: f = energy per volume, df/drho, and for a GGA df/dsigma, sigma = |grad rho|^2. Negative
 * densities, which appear where a grid rings, give zero. */
void xc_evaluate(const struct xc *x, size_t points, const double *rho, const double *sigma,
                 double *f, double *f_rho, double *f_sigma);

/* Second derivatives of f by central differences, to some 1e-8 of themselves, so that any functional will do; zero
 * where there is hardly any density, which no response notices. sigma, f_rs and f_ss NULL for an LDA. */
void xc_second(const struct xc *x, size_t points, const double *rho, const double *sigma,
               double *f_rr, double *f_rs, double *f_ss);

#endif
