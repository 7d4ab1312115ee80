/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to orbital_gradient.c and orbital_gradient_result.c. */
#ifndef QMC_ORBITAL_GRADIENT_PARTS_H
#define QMC_ORBITAL_GRADIENT_PARTS_H

#include "qmc/orbital_gradient.h"

enum { ORBITAL_GRADIENT_GROUPS = ORBITAL_GRADIENT_REPLICAS + 1 };

/* The walkers of a batch that belong to one group of their twist, and their sums. */
struct orbital_gradient_share {
    int batch, twist, group;
    int first, walkers; /* of the batch */
    double samples;     /* measurements times walkers */
    double weight;      /* f */
    double energy;      /* f (E_L - E_0) */
    double *orbital;    /* [2][orbital][function]: f (E_L - E_0) O; f O */
    double *nuclear;    /* [2][component]: f x; f b */
};

struct orbital_gradient_work {
    double *left;        /* [point][2][orbital], rows of the inverses, weighted */
    double *chi;         /* [point][function] */
    struct ao_work **ao; /* [twist] */
};

struct orbital_gradient {
    const struct wavefunction *psi;
    int components;
    int chunk;           /* walkers whose orbitals are evaluated together */
    int batches, shares; /* shares in the order of batches */
    int *begin;          /* [batches + 1], shares of a batch */
    struct orbital_gradient_share *share;
    int threads;
    struct orbital_gradient_work *work; /* [thread] */
};

#endif
