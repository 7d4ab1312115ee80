/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fit a kernel force field (ml/potential.h) to labelled systems: sparse environments are chosen from all
 * labelled ones (ml/sparse.h), energies of atoms are fitted, and the weights follow (ml/regress.h). The result does
 * not depend on the number of threads.
 */
#ifndef ML_FIT_H
#define ML_FIT_H

#include <stdbool.h>
#include "base/err.h"
#include "base/log.h"
#include "base/ranks.h"
#include "ml/potential.h"
#include "ml/rows.h"

struct fit_settings {
    struct soap_settings soap; /* elements are those of the labels, found by the fit */
    int zeta, sparse;
    double amplitude;                           /* Ha; 0: by the evidence */
    double pair_cutoff;                         /* bohr; 0: none */
    double two_body;                            /* reach of the two-body term, bohr; 0: none */
    double two_body_amplitude, two_body_length; /* Ha, bohr; 0: by the evidence */
    bool e0_fixed;  /* e0 per atomic number below; else the least-squares fit of the energies */
    double e0[119]; /* Ha, by atomic number */
    struct ranks *ranks; /* that share the labels and call everything together; NULL: alone */
};

/* e0 from "-13.6eV" for all elements or "H=-13.6eV,C=-1029eV"; sets e0_fixed. ST_USAGE. */
enum status fit_parse_e0(const char *text, struct fit_settings *fit, struct err *err);

struct fit_report {
    size_t environments; /* labelled ones */
    double rows;         /* labels */
    double noise;        /* the noise that the residuals show, in units of the assumed one */
    double likelihood;
};

/* NULL and *err on failure. Labels are only read. */
struct potential *fit_potential(int frames, const struct rows_label label[],
                                const struct fit_settings *settings, struct fit_report *report,
                                struct log *log, struct err *err);

#endif
