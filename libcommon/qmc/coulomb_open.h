/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Part of qmc/coulomb.h: open boundaries, where walkers are what SIMD works on. */
#ifndef QMC_COULOMB_OPEN_H
#define QMC_COULOMB_OPEN_H

#include "qmc/coulomb.h"

/* energy[walker] of n electrons at pos[walker][n][3] and atoms of those charges at nucleus[atoms][3], all in bohr;
 * nuclear: the energy of these alone, Ha. scratch: coulomb_open_scratch(n) doubles. */
int coulomb_open_scratch(int n);
void coulomb_open(int walkers, int n, const double pos[][3], int atoms, const double nucleus[][3],
                  const double charge[], double nuclear, double scratch[],
                  struct coulomb_energy energy[]);

#endif
