/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The gradient of the variational energy with respect to the orbitals, on a frame: columns
 * `vmc_orbital_gradient` and `vmc_orbital_gradient_error` of the shape of `orbitals`, and
 * `vmc_orbital_gradient_replicas`, R times that shape; with the same R the replicas of the forces' and stress's
 * fluctuations, column `vmc_forces_replicas` (R x 3) and key `vmc_stress_replicas` (R x 9). The replica is
 * the slowest index. Each replica is one draw of the error of the mean, correlated as the means are.
 */
#ifndef FORMATS_GRADIENT_H
#define FORMATS_GRADIENT_H

#include "base/err.h"
#include "formats/trial.h"

/* Atomic units; orbital = k point, orbital of the trial function, all functions of all atoms. */
struct gradient {
    int replicas;
    double *mean;           /* [nk][orbitals][atoms * functions], Ha */
    double *replica;        /* [replica] of these */
    double (*force)[3];     /* [replica][atoms], Ha/bohr */
    double (*stress)[3][3]; /* [replica], Ha/bohr^3; NULL: none */
};

/* Writes replicas and errors rounded to GRADIENT_DIGITS decimal digits: they are noise, and many. */
enum { GRADIENT_DIGITS = 5 };
void gradient_to_frame(const struct gradient *g, const struct trial *t, struct frame *f);
void gradient_remove(struct frame *f); /* all that gradient_to_frame writes */
/* ST_DATA: a column is missing or has not the shape of the trial function's orbitals. stress: NULL if the
 * frame has none. gradient_free. */
struct gradient *gradient_from_frame(const struct frame *f, const struct trial *t, struct err *err);
void gradient_free(struct gradient *g);

#endif
