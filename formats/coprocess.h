/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A filter as a server of energies: a command is started once, and for every configuration one frame is written
 * to it and one is read from it. Its answer must be of the same atoms at the same positions.
 */
#ifndef FORMATS_COPROCESS_H
#define FORMATS_COPROCESS_H

#include "base/err.h"
#include "crystal/system.h"
#include "formats/frame.h"

struct coprocess; /* opaque; one per caller */

struct coprocess_result {
    double energy;       /* Ha; the free energy where the answer has one */
    double entropy;      /* T S, Ha; 0 if the answer does not say */
    double (*force)[3];  /* [n][3] Ha/bohr, the caller's */
    double stress[3][3]; /* (1/V) dE/dstrain, Ha/bohr^3; zero in open boundaries */
};

/*
 * label: the answers carry label_energy (label_free_energy), label_forces, label_stress; "": energy, forces, stress;
 * NULL: dft_ where there are any such, plain ones otherwise. timeout: seconds that an answer may take.
 * ST_SYSTEM.
 */
struct coprocess *coprocess_new(const char *command, const char *label, double timeout,
                                struct err *err);
/* Keys and columns of f go with every question. */
void coprocess_template(struct coprocess *c, const struct frame *f);
/* ST_COMPUTE: the command has ended, does not answer in time, or its answer cannot be used; ask no more then. */
enum status coprocess_evaluate(struct coprocess *c, const struct system *s,
                               struct coprocess_result *r, struct err *err);
/* dft_settings of the last answer, NULL without; valid until the next question. */
const char *coprocess_settings(const struct coprocess *c);
/* Waits for the command to end, after an error not for long. */
void coprocess_free(struct coprocess *c);

#endif
