/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The Kohn-Sham state: everything that an energy term can depend on, and the interface of the terms.
 */
#ifndef DFT_STATE_H
#define DFT_STATE_H

#include "base/ranks.h"
#include "crystal/system.h"
#include "dft/grid.h"
#include "dft/poisson.h"
#include "dft/pseudo.h"
#include "dft/waves.h"
#include "dft/xc.h"

/* One k point and its orbitals. */
struct kstate {
    struct waves *waves;
    double weight;      /* the weights sum to 1 */
    double *orbital;    /* [bands][waves->size] */
    double *eigenvalue; /* bands, Ha */
    double *occupation; /* bands, between 0 and 2 */
};

struct state {
    struct dft *session;          /* whose it is, dft/session.h; NULL: nobody asks it to stop */
    const struct system *system;  /* positions as the grid has them */
    const struct pseudo **pseudo; /* one per atom */
    const struct grid *grid;
    const struct poisson *poisson;
    const struct xc *xc;
    struct exchange *exchange; /* dft/exchange.h */
    double electrons;
    double temperature; /* k_B T, Ha; 0: the lowest electrons/2 orbitals of every k point */
    double fermi;       /* Ha */
    int nk, bands;
    struct kstate *k;
    /* Ranks solve and sum over k points first .. last - 1; orbitals of the others are old while scf_run runs. */
    struct ranks *ranks;
    int first, last;
    double *local; /* potential of the nuclei on the grid, Ha */
    double *drift; /* potential of rho less that of the orbitals, Ha: how far from consistent */
    double *rho;   /* density on the grid, 1/bohr^3 */
    double complex *rho_list; /* the same in the list of poisson->grid */
};

/*
 * One energy term. energy (Ha) at the state's density, orbitals and occupations; adds its potential
 * (Ha, on the grid) when asked, if it depends on the density. force adds -dE/dR (Ha/bohr), strain adds
 * dE/dstrain (Ha) at fixed coefficients; NULL: none.
 */
struct term {
    const char *name;
    double (*energy)(const struct state *s, double *potential);
    void (*force)(const struct state *s, double (*force)[3]);
    void (*strain)(const struct state *s, double strain[3][3]);
};

extern const struct term kinetic_term, local_term, hartree_term, exchange_term, nuclei_term,
    entropy_term;
extern const struct term *const state_terms[]; /* all of them, ended by NULL */

/* Sum of all terms: the Mermin free energy F; each[] (may be NULL) in the order of state_terms. */
double state_energy(const struct state *s, double *each);
/* Energy of the terms that depend on the density alone, their potential into potential (overwritten). */
double state_density_energy(const struct state *s, double *potential);
void state_forces(const struct state *s, double (*force)[3]);  /* overwritten */
void state_stress(const struct state *s, double stress[3][3]); /* (1/V) dF/dstrain */

/* The potential of the nuclei on the grid, into s->local. */
void local_potential(struct state *s);

#endif
