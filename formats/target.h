/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Labels by prefix: P_free_energy where it exists, else P_energy; the column P_forces; P_stress; and
 * their _error companions. Atomic units.
 */
#ifndef FORMATS_TARGET_H
#define FORMATS_TARGET_H

#include <stdbool.h>
#include "base/err.h"
#include "formats/frame.h"

struct target {
    bool has_energy, has_forces, has_stress;
    bool free_energy; /* the energy is P_free_energy */
    double energy, energy_error;
    double *force, *force_error; /* [3 atoms], ours; NULL without forces */
    double stress[9], stress_error[9];
};

/* What the frame has; the rest is absent, or zero for errors. *t need not be set before. ST_DATA: a label of the wrong
 * shape, a number that is not finite, an error below zero. target_free on every path. */
enum status target_read(const struct frame *f, const char *prefix, struct target *t,
                        struct err *err);
/* t - other, errors added in quadrature; what other lacks is dropped from t. */
void target_subtract(struct target *t, const struct target *other, size_t atoms);
void target_free(struct target *t);

#endif
