/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Plane-wave Kohn-Sham DFT of hydrogen: Mermin free energy, forces, stress, trial orbitals.
 * A struct dft is a session: it keeps grids and the last state, from which the next similar system starts.
 */
#ifndef DFT_DFT_H
#define DFT_DFT_H

#include <stdbool.h>
#include "base/err.h"
#include "base/log.h"
#include "base/ranks.h"
#include "basis/basis.h"
#include "crystal/system.h"

/* One iteration of the self-consistency, or one step of the minimiser. */
struct dft_iteration {
    bool fixed;    /* occupations: towards trial orbitals */
    bool minimise; /* a step of the minimiser */
    int iteration, bands;
    double free_energy, change; /* Ha; of Harris and Foulkes, but at steps of the minimiser */
    double density_residual;    /* Hartree energy of output less input density, Ha */
    double orbital_residual;    /* largest |H psi - e psi| sqrt(f/2), Ha */
    double fermi, top_occupation;
};

/* How trial orbitals are found in the basis: by least squares, or as those of the lowest Kohn-Sham energy (real k
 * points only, dft/lcao.h); automatic: the latter in open boundaries where the former miss more than a hundredth
 * of an orbital, else the former. */
enum dft_fit { DFT_FIT_AUTO, DFT_FIT_OVERLAP, DFT_FIT_ENERGY };

struct dft_settings {
    const char *functional; /* dft/xc.h */
    double ecut;            /* of the plane waves, Ha */
    int mesh[3];            /* of k points, Gamma-centred; open boundaries always use Gamma */
    double shift[3];        /* of the mesh, in its steps */
    bool basis_correction;  /* dft/correction.h */
    double temperature;     /* k_B T of the electrons, Ha; 0: fixed occupations */
    double tolerance;       /* of the free energy, Ha per atom */
    double trial_residual;  /* of the density for trial orbitals; see below */
    int max_iterations; /* of the self-consistency; of the minimiser and a response ten times as many steps */
    int bands;        /* 0: as many as the occupations need */
    double padding;   /* open boundaries: from the outermost atoms to the faces of the box, bohr */
    enum dft_fit fit; /* of trial orbitals */
    int grid[3];      /* 0: the smallest that holds the density */
    bool keep_waves;  /* choose plane waves by basis_cell, not by the system's cell: ... */
    double basis_cell[3][3]; /* ... derivatives with respect to strain at a fixed set; bohr. Open
                                boundaries: the box itself, positions as they stand in it */
    struct ranks *ranks;     /* that share the k points and make all calls together; NULL: alone */
    struct log *log;         /* NULL: silent */
    void (*watch)(void *watcher, const struct dft_iteration *i); /* after each; NULL: nobody */
    /* Is the run to be given up? stop is asked by all ranks together and one thread, every iteration. hurry is this
     * process's own word, from any thread: soon it will be, so that what only prepares the end need not be finished.
     * Both may be NULL. */
    bool (*stop)(void *watcher);
    bool (*hurry)(void *watcher);
    void *watcher;
};

extern const struct dft_settings dft_defaults;

struct dft_result {
    double free_energy;    /* F, Ha */
    double energy;         /* E */
    double entropy_energy; /* T S = E - F */
    double fermi;          /* Ha */
    double term[8];        /* in the order of state_terms */
    double (*force)[3];    /* n, -dF/dR, Ha/bohr */
    double stress[3][3];   /* (1/V) dF/dstrain, Ha/bohr^3; zero in open boundaries */
    int iterations, bands, nk;
    int grid[3];
    double top_occupation; /* largest of the highest band, 0 to 2 */
};

/* Occupied orbitals of fixed occupations in atom-centred Gaussians, at every k of the mesh. */
struct dft_orbitals {
    int nk, orbitals, functions; /* functions per atom */
    double (*k)[3];              /* nk, fractional */
    double *coefficient;         /* [k][orbital][atom, function] */
    double spillage;             /* 1 - norm captured by least squares, worst orbital */
    bool energy_fit;             /* the coefficients are those of the lowest energy */
    double energy;               /* of the fixed occupations, Ha */
};

struct dft;

struct dft *dft_new(const struct dft_settings *settings, struct err *err);
void dft_free(struct dft *d);

/* Did settings.stop end the last call? It then has failed with ST_COMPUTE. */
bool dft_stopped(const struct dft *d);

/* The next run starts without the ones before, as a new session does. */
void dft_forget(struct dft *d);
/* May a run of `now` start from what runs of `before` and, before that, `earlier` (or NULL) have left? False: it gives the same
 * after them as in a new session. */
bool dft_follows(const struct dft_settings *settings, const struct system *now,
                 const struct system *before, const struct system *earlier);

/* ST_DATA: no pseudopotential, no electrons; ST_COMPUTE: not converged, or more than this machine has room for. */
enum status dft_run(struct dft *d, const struct system *system, struct dft_result *result,
                    struct err *err);
void dft_result_free(struct dft_result *r);

/*
 * How far the density for trial orbitals is converged: the Hartree energy of its residual, in tolerances. At 1, the
 * default, the energy is right within the tolerance, and the orbitals to some 1e-4 of their norm, a hundredth of
 * what a good basis spills. Forces and responses, which are of first order in the residual, take 1e-2.
 */
/* Converge the system with ceil(electrons/2) lowest orbitals filled at every k (two electrons in each;
 * an odd number leaves one in the highest) and project them on the basis. ST_USAGE when the mesh has
 * points where orbitals cannot be real. */
enum status dft_trial(struct dft *d, const struct system *system, const struct basis *basis,
                      struct dft_orbitals *orbitals, struct err *err);
void dft_orbitals_free(struct dft_orbitals *o);

/* What follows from how the orbitals follow the nuclei and the cell. */
struct dft_response {
    double (*force)[3];  /* n, Ha/bohr */
    double stress[3][3]; /* Ha/bohr^3; zero in open boundaries */
    int iterations;
    double residual; /* of the linear equations, relative */
};

struct dft_gradient {
    const double *value; /* [k][orbital][atom, function] */
    double tolerance;    /* of the linear equations, relative */
};

struct dft_gradients {
    int count;
    const struct dft_gradient *each;
    double
        gap; /* Ha; orbitals follow as if levels never came closer than about this (dft/response.h); 0: as they do */
};

/*
 * Derivatives of Q = sum_k,n,mu gradient[k][n][mu] C[k][n][mu] with the trial orbitals C of re-converged systems
 * (dft_trial), for each gradient: force -dQ/dR, stress (1/V) dQ/dstrain, its symmetric part. given: the orbitals that
 * the gradients belong to, gradients of something that depends on their span alone; what contradicts that (noise) is
 * projected out. ST_DATA: given are not the orbitals of this system and these settings, or an odd number of electrons;
 * ST_COMPUTE: not converged, no gap. dft_response_free each.
 */
enum status dft_respond(struct dft *d, const struct system *system, const struct basis *basis,
                        const struct dft_orbitals *given, const struct dft_gradients *gradients,
                        struct dft_response response[], struct err *err);
void dft_response_free(struct dft_response *r);

#endif
