/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where dynamics gets its forces: a model, a sum of models, a co-process; md does not know which.
 */
#ifndef MD_FORCE_H
#define MD_FORCE_H

#include "base/err.h"
#include "crystal/system.h"

struct force_result {
    double energy;       /* Ha */
    double (*force)[3];  /* Ha/bohr, n rows, allocated by the caller */
    double stress[3][3]; /* (1/V) dE/dstrain, Ha/bohr^3; zero in open boundaries */
    double entropy; /* T S of the electrons where energy is their free energy, Ha; 0 if unknown */
    double uncertainty; /* standard deviation of the energy, Ha; 0 if unknown */
};

struct force_source {
    enum status (*evaluate)(void *self, const struct system *s, struct force_result *result,
                            struct err *err);
    void *self;
};

#endif
