/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The fixed repulsion between nuclei at short distance, where no training data can be:
 *   V(r) = Z Z'/r phi(r/a) (1 - (r/cutoff)^2)^3,  a = 0.8854 / (Z^0.23 + Z'^0.23) bohr,
 * phi the universal screening function (Ziegler, Biersack, Littmark, The Stopping and Range of Ions in
 * Matter (1985)). Two vanishing derivatives at the cut-off. For H2 and a cut-off of 1 A it follows the
 * exact repulsion: 0.17 Ha at 0.8 bohr, where E(0.8) - E(1.4) of Sims & Hagstrom (J. Chem. Phys. 124, 094101)
 * is 0.154 Ha.
 */
#ifndef ML_PAIR_H
#define ML_PAIR_H

/* V (Ha) and *slope = dV/dr at distance r (bohr) between atomic numbers z1 and z2. */
double pair_energy(int z1, int z2, double cutoff, double r, double *slope);

#endif
