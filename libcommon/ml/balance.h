/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The noise of whole cells in labels that do not tell it: what an error bar of energies would say, finite size and
 * everything else that no sum over atoms explains. The marginal likelihood takes what is left of forces for
 * independent from atom to atom, which it is not, so that thousands of forces outvote a cell's energy. Here kinds of
 * labels count alike, and none is given up for another: the noise of energies is that whose models leave the least
 * quadratic mean, over energies, forces and stress, of the fractions
 *
 *   <error^2> / <(label - mean)^2>
 *
 * of the variance that they do not explain of frames left out in cross-validation (ml/cross.h). The noise of a
 * stress is that of a cell's energy over the volume, as errors of the energy that change with the volume have it.
 */
#ifndef ML_BALANCE_H
#define ML_BALANCE_H

#include "base/log.h"
#include "ml/fit.h"
#include "ml/score.h"

/* The quadratic mean of the fractions of variance; labels of one kind that are all the same do not count. error: of all
 * frames */
double balance_unexplained(int frames, const struct rows_label label[],
                           const struct score_sum error[SCORE_QUANTITIES]);

/* The stress noise that goes with an energy noise of 1 Ha, 1/bohr^3: the mean of sqrt(atoms) / volume */
double balance_stress(int frames, const struct rows_label label[]);

/* Finds noise->energy, from what it is on entry by factors of two and then by a parabola, and with tied its
 * noise->stress. Energies alone, or none, leave it as it is: there is nothing to weigh them against. A line of the log
 * for every evaluation. 2 <= folds <= frames. The noise of the labels follows. */
enum status balance_noise(int frames, struct rows_label label[], const struct fit_settings *fit,
                          int folds, bool tied, struct rows_noise *noise, struct log *log,
                          struct err *err);

#endif
