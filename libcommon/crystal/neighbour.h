/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Neighbour lists: every atom and image of an atom within a cut-off, for any cell shape and any
 * cut-off (in small cells an atom has several images of one neighbour, and of itself), and for open
 * boundaries. Time and memory grow with the number of atoms and pairs only: atoms are sorted into
 * bins of the size of the cut-off of the reduced cell, found through a hash table.
 */
#ifndef CRYSTAL_NEIGHBOUR_H
#define CRYSTAL_NEIGHBOUR_H

#include <stdbool.h>
#include <stddef.h>
#include "crystal/system.h"

struct neighbour {
    int n;           /* atoms */
    size_t *first;   /* n + 1: the neighbours of atom i are first[i] .. first[i + 1] - 1 */
    int *atom;       /* index of the neighbour */
    int (*shift)[3]; /* lattice vector T of its image: d = pos[atom] + shift . cell - pos[i] */
    double (*d)[3];  /* displacement from atom i to the neighbour, bohr */
};

/* All pairs with |d| < cutoff (bohr, > 0), both directions, the atom itself (T = 0) left out. The
 * system must have passed system_check. Order: fixed by the positions alone. The caller frees. */
struct neighbour *neighbour_new(const struct system *s, double cutoff);
void neighbour_free(struct neighbour *list);

/* Some pair of atoms (i <= j; i = j: an atom and its own image) closer than distance; false: none.
 * O(atoms) whatever the positions are. */
bool neighbour_closer(const struct system *s, double distance, int *i, int *j, double *found);

#endif
