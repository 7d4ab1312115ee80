/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The two-body term that is fitted together with the many-body one (Bartok & Csanyi, Int. J. Quantum Chem. 115,
 * 1051 (2015); Deringer et al., Chem. Rev. 121, 10073 (2021)): for every pair of elements a curve
 *
 *   V(r) = sum_t c_t B(r/h - t),  h = reach / knots,  t = -5 .. knots - 6,
 *
 * B the quintic B-spline, which is not zero from 0 to 6. Those that end beyond the reach are left out, so that V
 * has four continuous derivatives everywhere and vanishes at the reach with all of them. The prior of the
 * coefficients is a Gaussian process of mean zero over t, covariance amplitude^2 exp(-(r - r')^2 / 2 length^2),
 * r = t h: sparse points on a grid, between which the kernel is interpolated (Wilson & Nickisch, Proc.
 * Mach. Learn. Res. 37, 1775 (2015)). The functions do not depend on the length, which the evidence can
 * therefore choose. Where no distance was ever seen, V goes back to zero within a length: nothing explodes
 * at short distances. Lengths in bohr.
 */
#ifndef ML_TWO_BODY_H
#define ML_TWO_BODY_H

#include "base/err.h"
#include "crystal/neighbour.h"

enum { TWO_BODY_SUPPORT = 6 };

struct two_body {
    int elements, knots, columns; /* columns: of all pairs of elements, knots each */
    double reach, step;
    int channel[119]; /* by atomic number; -1: not one of the elements */
    double piece[TWO_BODY_SUPPORT]
                [TWO_BODY_SUPPORT]; /* B by intervals, the last first, in powers */
    double *polynomial;             /* V likewise, [pairs][knots][6]; NULL before two_body_curve */
};

/* element[elements]: atomic numbers. reach 0 or knots 0: a term without columns. */
struct two_body *two_body_new(int elements, const int element[], double reach, int knots);
void two_body_free(struct two_body *t);

/* First column of a pair of elements, which the model knows */
int two_body_first(const struct two_body *t, int element, int other);

/* The functions that do not vanish at r < reach: value and slope (1/bohr) of number first .. first + 5, counted
 * from 0, of which those from knots on are to be left out. Returns first. */
int two_body_values(const struct two_body *t, double r, double value[TWO_BODY_SUPPORT],
                    double slope[TWO_BODY_SUPPORT]);

/* row[columns] += the features of the energy of a system: half of every neighbour's */
void two_body_energy_row(const struct two_body *t, const struct system *s,
                         const struct neighbour *list, double row[]);

/* Set the curves from weight[columns] (Ha). */
void two_body_curve(struct two_body *t, const double weight[]);
/* V (Ha) and *slope = dV/dr at r of a pair whose first column is `first`; 0 beyond the reach. */
double two_body_energy(const struct two_body *t, int first, double r, double *slope);

/* Lower Cholesky factor of the covariance of one pair's coefficients, amplitude 1: l[knots][knots] */
enum status two_body_prior(const struct two_body *t, double length, double l[], struct err *err);

#endif
