/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * struct system: a cell and its atoms in Hartree atomic units, what all physics works on.
 * Rows of cell are the lattice vectors a, b, c (bohr): r = f . cell for fractional f (a row
 * vector). Rows of the reciprocal matrix are b_i with a_i . b_j = 2 pi delta_ij.
 */
#ifndef CRYSTAL_SYSTEM_H
#define CRYSTAL_SYSTEM_H

#include <stdbool.h>
#include "base/err.h"

struct system {
    int n;                 /* atoms */
    bool periodic;         /* in all three directions, or (false) open in all three */
    double cell[3][3];     /* bohr; zero when open */
    int *element;          /* n, atomic numbers */
    double *mass;          /* n, electron masses */
    double (*pos)[3];      /* n, bohr; never wrapped: as they stand on the stream */
    double (*velocity)[3]; /* n, atomic units; NULL when unknown */
};

struct system *system_new(int n); /* everything zero, velocity NULL */
struct system *system_copy(const struct system *s);
void system_free(struct system *s);
void system_add_velocity(struct system *s); /* allocate zeroed velocities when there are none */

double system_volume(const struct system *s); /* bohr^3, positive for any handedness */
double system_det(const double m[3][3]);
void system_inverse(const double m[3][3], double inv[3][3]);
void system_reciprocal(const double cell[3][3], double rec[3][3]); /* 1/bohr, 2 pi included */
/* A compact basis of the same lattice: reduced = map . cell (pairwise reduced rows, integers map).
 */
void system_reduce(const double cell[3][3], double reduced[3][3], int map[3][3]);
double system_mass_density(const struct system *s); /* m_e / bohr^3 */

/* d shifted by a lattice vector to the shortest of its images; any cell shape, exact. */
void system_minimum_image(const struct system *s, const double d[3], double shortest[3]);
/* The largest sphere about a point that does not reach its own image: half the shortest lattice
 * vector. */
double system_inradius(const struct system *s);

/* Error ST_DATA: no atoms, a cell that is singular, a position that is not finite, two atoms closer
 * than 0.05 A (their numbers, from 1, and distance are in the text). */
enum status system_check(const struct system *s, struct err *err);

const char *species_symbol(int element); /* "H"; NULL if there is none */
int species_element(const char *symbol); /* 1 for H, D and T; 0 if unknown */
double species_mass(
    const char *symbol); /* standard atomic weight or the isotope's mass, amu; 0 unknown */
#define SPECIES_DEUTERIUM_AMU 2.01410177812
#define SPECIES_TRITIUM_AMU 3.01604928
#define SPECIES_PROTIUM_AMU 1.00782503223

#endif
