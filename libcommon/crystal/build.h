/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Systems from scratch: lattices, random fluids, molecules and chains of hydrogen or one of its
 * isotopes. The caller frees what is returned.
 */
#ifndef CRYSTAL_BUILD_H
#define CRYSTAL_BUILD_H

#include "base/rng.h"
#include "crystal/system.h"

enum { BUILD_MOST_ATOMS = 100000000 }; /* of one system */

/* molecular: H2 on the fcc sites, axes along the four <111> directions (space group Pa-3) */
enum build_lattice { BUILD_SC, BUILD_BCC, BUILD_FCC, BUILD_DIAMOND, BUILD_MOLECULAR };

int build_lattice_atoms(enum build_lattice kind); /* in the cubic cell */

/* Cells n1 <= n2 <= n3 whose block holds `atoms` and is nearest to a cube, none more than twice another.
 * ST_USAGE names the nearest numbers that fit. */
enum status build_supercell(enum build_lattice kind, int atoms, int cells[3], struct err *err);

/* volume: bohr^3 per atom; bond (molecular): bohr; mass in electron masses. */
struct system *build_lattice(enum build_lattice kind, const int cells[3], double volume,
                             double bond, double mass);

struct build_fluid {
    int atoms;
    bool molecular; /* pairs at `bond`, random orientations; atoms must be even */
    double volume;  /* bohr^3 per atom */
    double bond;    /* bohr */
    double
        distance; /* smallest between atoms of different molecules, bohr; 0: chosen by the density */
    double mass;
};

/* A cubic cell filled at random, one molecule after another, where none is too near; what does not fit
 * any more is pushed apart. ST_COMPUTE: cannot be packed so densely. */
struct system *build_fluid(const struct build_fluid *fluid, struct rng *rng, struct err *err);

/* n atoms on the z axis, `spacing` bohr apart, open boundaries, centred at the origin. */
struct system *build_chain(int n, double spacing, double mass);

/* Gaussian displacements of `sigma` bohr per component. */
void build_rattle(struct system *s, double sigma, struct rng *rng);

#endif
