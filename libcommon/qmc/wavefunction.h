/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The trial function of one system: Psi_k = exp(J) D_up,k D_down,k for each twist k carried (points
 * with k = -k: everything is real). The orbitals are linear combinations of atomic orbitals; spin
 * up and down electrons occupy the first `up` and `down` of them. Electrons 0 .. up-1 have spin up.
 * Constant while it is sampled; jastrow may be changed by jastrow_set between runs.
 */
#ifndef QMC_WAVEFUNCTION_H
#define QMC_WAVEFUNCTION_H

#include "base/err.h"
#include "basis/ao.h"
#include "basis/basis.h"
#include "crystal/system.h"
#include "qmc/coulomb.h"
#include "qmc/jastrow.h"

struct wavefunction {
    struct system *system;   /* a copy */
    int up, down, electrons; /* electrons = up + down */
    int orbitals;            /* used: the larger of up and down */
    int functions;           /* atomic orbitals */
    int twists;
    struct ao **ao;       /* [twist] */
    double **coefficient; /* [twist][orbital][function] */
    double *scale;        /* [twist][orbital]: of the coefficients over those given */
    struct coulomb *coulomb;
    struct jastrow *jastrow; /* owned; NULL: J = 0 */
};

/* Electrons of a system of that charge with 2 S = spin (spin < 0: 0 or 1, the lowest). ST_DATA if there
 * are none, or 2 S does not go with their number. */
enum status wavefunction_spins(const struct system *s, int charge, int spin, int *up, int *down,
                               struct err *err);

/* coefficient[twist][orbital][function] with at least max(up, down) orbitals. jastrow is left NULL.
 * NULL and ST_DATA: too few orbitals, a k that is not time-reversal invariant; ST_COMPUTE: linearly dependent orbitals. */
struct wavefunction *wavefunction_new(const struct system *s, const struct basis *b, int twists,
                                      const double kpoint[][3], int orbitals,
                                      const double coefficient[], int up, int down,
                                      struct err *err);
void wavefunction_free(struct wavefunction *psi);
/* Takes ownership of j. */
void wavefunction_set_jastrow(struct wavefunction *psi, struct jastrow *j);

/* ln Psi up to a constant sign, and from first principles (a test's view; slow): value at
 * pos[electron][3] for a twist; false if a determinant vanishes. */
bool wavefunction_log(const struct wavefunction *psi, int twist, const double pos[][3],
                      double *log_psi);

#endif
