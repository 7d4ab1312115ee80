/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Labels by prefix: P_free_energy where it exists, else P_energy; the column P_forces; P_stress; and
 * their _error companions. With the prefix "": free_energy, energy, forces, stress, as ASE writes them, whose
 * free_energy is the one that forces are the slope of, too. Atomic units.
 */
#ifndef FORMATS_TARGET_H
#define FORMATS_TARGET_H

#include <stdbool.h>
#include "base/err.h"
#include "formats/frame.h"

struct target {
    bool has_energy, has_forces, has_stress;
    bool free_energy; /* the energy is P_free_energy */
    /* The stress, or one that it is the difference of, is a multiple of the unit matrix to the last digit: a pressure that
     * was written as a stress. What is not on the diagonal is not known then. */
    bool isotropic;
    double energy, energy_error;
    double *force, *force_error; /* [3 atoms], ours; NULL without forces */
    double stress[9], stress_error[9];
};

/* What the frame has; the rest is absent, or zero for errors. *t need not be set before. ST_DATA: a label of the wrong
 * shape, a number that is not finite, an error below zero. target_free on every path. */
enum status target_read(const struct frame *f, const char *prefix, struct target *t,
                        struct err *err);
/* T S of the electrons, what the energy of t, read from f, lacks to the internal energy: P_entropy_energy beside
 * P_free_energy; with the prefix "" entropy_energy, which is that of energy as well. *has false: not known. ST_DATA: of
 * the wrong shape, not finite. */
enum status target_entropy(const struct frame *f, const char *prefix, const struct target *t,
                           bool *has, double *entropy, struct err *err);
/* t - other, errors added in quadrature; what other lacks is dropped from t. */
void target_subtract(struct target *t, const struct target *other, size_t atoms);
void target_free(struct target *t);

/* What was found over many frames, in the units of the stream (energies per atom). */
enum { TARGET_ENERGY, TARGET_FORCES, TARGET_STRESS, TARGET_LABELS };
struct target_table {
    struct {
        int frames;
        double min, max, sum, count;
    } row[TARGET_LABELS];
    bool free_energy; /* somewhere */
};
void target_count(struct target_table *table, const struct target *t, int atoms);
/* Line 0 is the heading, then one per label; other NULL or what is subtracted. The caller frees. */
char *target_line(const struct target_table *table, int line, const char *prefix,
                  const char *other);

#endif
