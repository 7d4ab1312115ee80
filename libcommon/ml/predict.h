/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Energy, forces and stress of the sum of several force fields, by reverse mode: dE/dp, then dE/dc,
 * then forces; the gradient of the descriptor is never formed. Atoms are taken in blocks so that kernels are matrix
 * products; blocks are dealt to a fixed number of chunks, summed in their order: the result does not
 * depend on the number of threads (base/threads.h). Scratch is kept between calls.
 */
#ifndef ML_PREDICT_H
#define ML_PREDICT_H

#include <stdbool.h>
#include "base/err.h"
#include "crystal/system.h"
#include "ml/potential.h"

struct predict; /* one per caller; not to be shared by threads */

struct predict_result {
    double energy;       /* Ha */
    double (*force)[3];  /* [n][3] Ha/bohr, the caller's; NULL: not wanted (nor the stress) */
    double stress[3][3]; /* (1/V) dE/dstrain, Ha/bohr^3; zero in open boundaries */
    double uncertainty;  /* standard deviation of the energy, Ha; 0 when not wanted or unknown */
};

/* The potentials stay the caller's and must outlive it. uncertainty: compute that too (costs a
 * kernel between all atoms of the cell). */
struct predict *predict_new(int models, struct potential *const model[], bool uncertainty);
void predict_free(struct predict *p);

/* ST_DATA: an element that a model does not know; numbers that are not finite. */
enum status predict_evaluate(struct predict *p, const struct system *s,
                             struct predict_result *result, struct err *err);

/* Descriptors of all atoms: row[n][size], |row| = 1. list: made with the descriptor's cut-off. */
enum status predict_descriptors(const struct soap *soap, const struct system *s, double row[],
                                struct err *err);

#endif
