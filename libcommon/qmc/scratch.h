/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to the files that move and measure walkers: their work space and shared steps. */
#ifndef QMC_SCRATCH_H
#define QMC_SCRATCH_H

#include <stddef.h>
#include "qmc/walkers.h"

struct walkers_scratch {
    double *functions;                  /* [5][walker][function] */
    double *orbitals;                   /* [5][walker][orbital] */
    double (*at)[3];                    /* [walker], proposed positions */
    double (*old)[3];                   /* [walker], grad_i ln Psi where the electron is */
    double (*now)[3];                   /* ... and where it would go */
    double *ratio;                      /* [walker], D'/D of the proposal */
    double (*drift)[3];                 /* [walker], displacement by the drift */
    double (*uniform)[3], (*normal)[3]; /* [walker], random numbers of a proposal */
    double *value, *old_value; /* [walker], Jastrow terms, and their gradients and Laplacians: */
    double (*jastrow_now)[3], (*jastrow_old)[3];
    double *laplacian_now, *laplacian_old;
    double *laplacian; /* [walker][electron] */
    double *matrix;    /* n n for the larger spin */
    double *coulomb;
    struct ao_work *ao;
    struct jastrow_work *jastrow; /* made when first needed */
};

static inline double *walkers_inverse(const struct walkers *w, int k, int spin)
{
    int up2 = w->psi->up * w->psi->up, down2 = w->psi->down * w->psi->down;
    return w->inverse + (size_t)k * (up2 + down2) + (spin ? up2 : 0);
}

/* scratch->jastrow */
struct jastrow_work *walkers_jastrow(struct walkers *w);
/* scratch->orbitals at r[walker] */
void walkers_orbitals(struct walkers *w, const double r[][3]);
/* Those of walker k become the ones of its electron i. */
void walkers_keep_orbitals(struct walkers *w, int k, int i);
/*
 * The move of electron i of all walkers, whatever the proposal: load before the
 * first electron, after any other change of positions; leave fills old, old_value and at (where
 * it stands); the caller replaces at by the proposals; arrive fills now, value and ratio; accept
 * makes the proposal of walker k its position.
 */
void walkers_load(struct walkers *w);
void walkers_leave(struct walkers *w, int i);
void walkers_arrive(struct walkers *w, int i);
void walkers_accept(struct walkers *w, int k, int i);
/* Local energies, given grad J in velocity and its Laplacians in scratch->laplacian. */
void walkers_energy(struct walkers *w);
/* Inverses from orbital; the first walker that is singular, or -1. */
int walkers_invert(struct walkers *w);

#endif
