/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One labelled frame as rows of the least-squares problem: prediction of every label by every sparse
 * environment and every function of the two-body term, divided by the label's noise, and likewise the label less the
 * fixed part of the model (e0, repulsion). Rows: energy; forces x, y, z of each atom; V times stress xx yy zz yz xz xy,
 * or V times a third of its trace.
 */
#ifndef ML_ROWS_H
#define ML_ROWS_H

#include <stdbool.h>
#include "base/err.h"
#include "crystal/system.h"
#include "ml/potential.h"
#include "ml/slopes.h"

/* Labels of a frame, atomic units. The noise is one standard deviation each, everything that the noise
 * of the label consists of; a row with noise that is not finite is left out. The error bars are the part of it
 * that came with the label, which rows_set_noise starts from. Of a stress that is known by its trace only, a third of that
 * is the label, and the other components mean nothing. */
struct rows_label {
    struct system *system;
    bool has_energy, has_forces, has_stress;
    bool pressure; /* of the stress only its trace is known: minus the pressure, in stress[0] */
    double energy, energy_noise;
    double *force, *force_noise;       /* [3 n] */
    double stress[6], stress_noise[6]; /* Voigt order: xx yy zz yz xz xy; Ha/bohr^3 */
    double energy_error, stress_error[6];
    double *force_error; /* [3 n]; NULL: none */
};

/* What no model of this kind explains, added in quadrature to the error bars. */
struct rows_noise {
    double energy; /* times the root of the number of atoms, Ha */
    double force;  /* Ha/bohr */
    double stress; /* Ha/bohr^3 */
};

void rows_set_noise(struct rows_label *label, const struct rows_noise *noise);

int rows_count(const struct rows_label *label);
/* How many of them are of stress: 6, or 1 when only the pressure is known, or 0 */
int rows_stress(const struct rows_label *label);
/* The component of stress[3][3] that label v of them is */
double rows_stress_of(const struct rows_label *label, int v, const double stress[3][3]);

/* a[rows][p->columns] (order of p->q, then the two-body term) and b[rows], zero on entry. p: prepared, weights not used.
 * slopes: made of p, or NULL: double precision throughout. */
enum status rows_fill(const struct potential *p, const struct slopes *slopes,
                      const struct rows_label *label, double a[], double b[], struct err *err);

#endif
