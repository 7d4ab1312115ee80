/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Molecules: two atoms, each the other's nearest neighbour, closer than a bond length. The molecular
 * fraction is the share of atoms in such pairs. The lifetime is the time that all pairs together have been
 * seen, over the number of pairs that were there in one frame and not in the next: an upper bound if
 * pairs break and form again between frames.
 */
#ifndef MD_MOLECULE_H
#define MD_MOLECULE_H

#include <stdbool.h>
#include "crystal/system.h"

/* partner[n]: the other atom of the molecule, or -1. bond in bohr. Returns the number of molecules. */
int molecule_find(const struct system *s, double bond, int partner[]);

struct molecule_life {
    int n, *partner; /* of the last frame */
    double last;     /* its time */
    bool started;
    double seen;   /* time of all pairs, atomic units */
    double broken; /* pairs */
};

/* The next frame of a run of n atoms; begin: it does not follow the last one. Same time unit throughout. */
void molecule_follow(struct molecule_life *life, int n, const int partner[], double time,
                     bool begin);
double molecule_lifetime(
    const struct molecule_life *life);          /* infinite when none has broken; NaN: none seen */
void molecule_free(struct molecule_life *life); /* what it points to */

#endif
