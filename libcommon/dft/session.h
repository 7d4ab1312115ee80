/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a struct dft holds; shared by the files that implement dft.h. */
#ifndef DFT_SESSION_H
#define DFT_SESSION_H

#include "crystal/kpoints.h"
#include "dft/dft.h"
#include "dft/state.h"

struct dft {
    struct dft_settings settings;
    struct xc *xc;
    struct pseudo *pseudo; /* the table, with the finite-basis correction where that is on */
    struct waves_plans *plans;
    struct grid *grid;
    struct poisson *poisson;
    struct system *system; /* of the last run, as the grid has it */
    double origin[3];      /* added to the system's positions */
    struct state state;
    int capacity; /* bands allocated per k point */
    int enough;   /* bands that the last thermal run had need of; 0: none yet */
    bool filled;  /* there are orbitals to start from */
    bool stopped; /* by settings.stop, since session_prepare */
    struct extrapolate *past;
    struct mixer *mixer[2]; /* of the last runs on this grid, or NULL; thermal, fixed occupations */
    double complex
        *next; /* of the last run: what mixing makes of its density, nearer to consistency; list */
    double reached;  /* aim of the last run, scf_aim.density */
    double expected; /* Hartree energy of the residual of a predicted density, per electron */
};

/* Steps of the minimiser, and of a response where occupied and empty levels nearly touch, per iteration allowed */
enum { SESSION_STEPS = 10 };

#define SESSION_EXPECTED 1e-4 /* dft.expected before anything was predicted, Ha */

/* The box of a molecule, and where its atoms go; a cell is used as it is. */
void session_box(const struct dft_settings *settings, const struct system *y, double cell[3][3],
                 double origin[3]);
/* Grids, plane waves and potentials for a system; reuses what still fits. bands: at least so many will be needed at
 * every k; 0: as many as electrons fill. ST_COMPUTE: they have no room in this machine, or stopped. */
enum status session_prepare(struct dft *d, const struct system *system, int bands, struct err *err);
/* By all ranks: ST_COMPUTE if the run is to be given up. session_hurry: alone, from any thread. */
enum status session_stop(struct dft *d, struct err *err);
bool session_hurry(const struct dft *d);
/* Room for `bands` orbitals at every k; the present ones are kept. */
void session_bands(struct dft *d, int bands);
/* The lowest orbitals that fixed occupations fill, and some empty ones, so that these are found whichever they are */
int session_spare_bands(const struct dft *d);
/* Orthonormal orbitals again after the first of them were changed alone; ends d->filled if that fails. */
void session_orthonormal(struct dft *d);
void session_clear(struct dft *d); /* free everything that depends on the system */

struct scf_result {
    double free_energy;
    int iterations;
    double top_occupation;
};

struct scf_aim {
    double density; /* Hartree energy of its residual, in tolerances */
    bool solved; /* the orbitals are already eigenstates in the potential of the state's density */
    bool orbitals; /* only they are wanted: the energy is Harris and Foulkes', drift is zero */
};

#define FIRST_ORDER 1e-2 /* of the tolerance: enough for what is of first order in the residual */

/* Self-consistency of d->state as it stands (temperature, bands, density, orbitals where filled). */
enum status scf_run(struct dft *d, const struct scf_aim *aim, struct scf_result *result,
                    struct err *err);

#endif
