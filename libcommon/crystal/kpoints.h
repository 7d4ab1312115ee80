/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * k-point meshes. Points are fractional: k = f . reciprocal cell.
 */
#ifndef CRYSTAL_KPOINTS_H
#define CRYSTAL_KPOINTS_H

#include <stdbool.h>

struct kpoints {
    int n;
    double (*k)[3]; /* fractional, each component in (-1/2, 1/2] */
    double *weight; /* sum 1 */
};

/* Gamma-centred mesh k_i = (j + shift_i) / mesh_i, j = 0 .. mesh_i - 1; shift in units of the mesh
 * step (1/2: Monkhorst-Pack's for even meshes). reduce: of k and -k (equal by time reversal) one is
 * kept with both weights. mesh_i >= 1. The caller frees. */
struct kpoints *kpoints_mesh(const int mesh[3], const double shift[3], bool reduce);
/* The smallest mesh whose steps along the reciprocal vectors of the cell (rows, bohr) are no longer than
 * `spacing` (1/bohr, 2 pi included), cut at `most` points. */
void kpoints_spaced(const double cell[3][3], double spacing, int most, int mesh[3]);
void kpoints_free(struct kpoints *p);

/* k = -k modulo a reciprocal lattice vector: each component 0 or 1/2 modulo 1 (to 1e-9); only such
 * points admit real wave functions. */
bool kpoints_is_trim(const double k[3]);

#endif
