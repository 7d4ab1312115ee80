/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A batch of walkers of one twist, moved together: electron i of all walkers at once, so that
 * atomic orbitals come in batches and orbitals from matrix products. All arrays row-major with the
 * shapes given; what a walker knows is always that of its present positions.
 */
#ifndef QMC_WALKERS_H
#define QMC_WALKERS_H

#include <stdint.h>
#include "base/ranks.h"
#include "base/rng.h"
#include "qmc/wavefunction.h"

struct walkers {
    const struct wavefunction *psi;
    int twist, n;     /* walkers */
    int index;        /* number of this batch in its run: which scratch an observer may use */
    double (*pos)[3]; /* [walker][electron], bohr, never wrapped */
    double *orbital;  /* [walker][electron][5][orbital]: value, d/dx d/dy d/dz, Laplacian */
    double *inverse; /* [walker][up*up + down*down]: transposed inverses (slater.h), up then down */
    double *log_det; /* [walker], ln|D_up D_down| at the last refresh */

    /* Made by walkers_measure: */
    double (*slater)[3];            /* [walker][electron], grad ln D */
    double *slater_laplacian;       /* [walker], sum_i lap_i D / D */
    double (*velocity)[3];          /* [walker][electron], grad ln Psi */
    double *kinetic;                /* [walker], -1/2 sum lap_i Psi / Psi, Ha */
    struct coulomb_energy *coulomb; /* [walker], Ha */
    double *energy;                 /* [walker], local energy, Ha */

    struct walkers_scratch *scratch;
};

/* n walkers, not placed yet. psi must outlive them. */
struct walkers *walkers_new(const struct wavefunction *psi, int twist, int n);
void walkers_free(struct walkers *w);

/* Walker l of `to` becomes a copy of walker k of `from` (same trial function and twist). */
void walkers_copy(const struct walkers *from, int k, struct walkers *to, int l);
/* The same from rank to rank: on rank `from` walker k of w becomes parcels for ranks_deliver, and on rank `to` another one is what
 * they make; w is NULL on all others. */
enum { WALKERS_PARCELS = 10 };
void walkers_parcels(const struct wavefunction *psi, const struct walkers *w, int k, int from,
                     int to, struct ranks_parcel parcel[WALKERS_PARCELS]);
/* Put walker k near the nuclei: one electron per unit of nuclear charge, spins alternating along
 * the closest pairs of atoms. rng: one stream per walker. Complete with walkers_refresh. */
void walkers_place(struct walkers *w, int k, struct rng *rng);
/* Orbitals and inverses from pos. Returns the number of the first walker whose determinant
 * vanishes, or -1. */
int walkers_refresh(struct walkers *w);
/* One sweep: each electron of each walker is offered one move with time step tau. rng[walker].
 * Returns how many moves were accepted. */
int walkers_sweep(struct walkers *w, double tau, struct rng rng[]);
/* Local energies and what leads to them, from what the walkers know (cheap beside a sweep). */
void walkers_measure(struct walkers *w);
/* walkers_sweep and walkers_measure in one, which needs less of the Jastrow factor; again: nothing was
 * done to the walkers, inversion apart, and to the parameters since the last walkers_sample. */
int walkers_sample(struct walkers *w, double tau, struct rng rng[], bool again);

#endif
