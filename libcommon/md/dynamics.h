/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One trajectory: a system, the forces on it, an integrator that advances it, and the guard that
 * ends an unstable run. All in Hartree atomic units. Same settings and start give the same
 * trajectory to the last bit: random numbers are named by (seed, run, atom, step), no generator
 * state is kept.
 *
 * Degrees of freedom. An integrator that conserves the total momentum (velocity Verlet) keeps the
 * centre of mass still: 3N - 3 degrees of freedom carry the temperature. Langevin dynamics does not
 * conserve momentum: the centre of mass is a canonical degree of freedom like any other, 3N in all.
 * A single atom has 3 in either case. In both, T = 2 K' / (k_B dof), K' the kinetic energy of these
 * degrees of freedom, and the pressure is N k_B T / V - trace(stress) / 3.
 */
#ifndef MD_DYNAMICS_H
#define MD_DYNAMICS_H

#include <stdint.h>
#include "base/checkpoint.h"
#include "base/err.h"
#include "crystal/system.h"
#include "md/force.h"

struct dynamics;

/* An algorithm: one file each, one exported descriptor; adding one touches no other library file.
 */
struct integrator {
    const char *name;
    const char *text;  /* what it is, for messages and help */
    bool canonical;    /* uses settings.kT */
    bool moves_centre; /* the centre of mass is a degree of freedom (3N instead of 3N - 3) */
    enum status (*step)(struct dynamics *d,
                        struct err *err); /* from t to t + timestep, forces too */
};

extern const struct integrator integrator_verlet;   /* NVE, velocity Verlet */
extern const struct integrator integrator_langevin; /* NVT, BAOAB */

struct dynamics_settings {
    const struct integrator *integrator;
    double timestep;        /* atomic units */
    double kT;              /* Ha, of a canonical integrator and of velocities that are drawn */
    double relaxation;      /* atomic units of time, of a thermostat */
    double max_uncertainty; /* of the energy per atom, Ha; the run ends beyond it; 0: no limit */
    uint64_t seed, run; /* run: which trajectory of a study, so that no two share random numbers */
};

/* The state; integrators write to it. */
struct dynamics {
    struct dynamics_settings set;
    const struct force_source *source; /* the caller's */
    struct system *system;             /* owned; velocity always present */
    struct force_result now;           /* at the present positions; owned */
    int64_t step;                      /* steps done */
    double heat;                       /* energy taken from the thermostat so far, Ha */
    double last;                       /* conserved quantity of the last step, for the guard */
};

/*
 * start is copied. Velocities of start are used when there are any and draw is false; otherwise
 * they are drawn at settings.kT (velocity.h). Evaluates the forces. NULL and *err on failure.
 */
struct dynamics *dynamics_new(const struct system *start, const struct dynamics_settings *settings,
                              const struct force_source *source, bool draw, struct err *err);
void dynamics_free(struct dynamics *d);

/* Write or read, as c was made to, all that changes from step to step; pointers and settings stay. */
void dynamics_keep(struct dynamics *d, struct checkpoint *c);
/* Where another one with the same start, settings and source stood when it was kept: goes on to the same
 * bits. NULL, ST_DATA: c holds something else. */
struct dynamics *dynamics_resume(const struct system *start,
                                 const struct dynamics_settings *settings,
                                 const struct force_source *source, struct checkpoint *c,
                                 struct err *err);

/*
 * One step. ST_COMPUTE when the run has become unstable (dynamics_check), or whatever the force
 * source returned; the state is then undefined and only dynamics_free may follow.
 */
enum status dynamics_step(struct dynamics *d, struct err *err);

/* Positions or velocities were changed by the caller: evaluate the forces again. */
enum status dynamics_forces(struct dynamics *d, struct err *err);

int dynamics_freedom(const struct dynamics *d);        /* degrees of freedom */
double dynamics_kinetic(const struct dynamics *d);     /* Ha, of these degrees of freedom */
double dynamics_temperature(const struct dynamics *d); /* k_B T, Ha, instantaneous */
double dynamics_pressure(
    const struct dynamics *d); /* Ha/bohr^3, instantaneous; 0 in open boundaries */
/* E + K - heat: constant but for the error of the time step (Bussi & Parrinello, Phys. Rev. E 75,
 * 056707 (2007), eq. (23): the effective energy that is conserved by Langevin dynamics too). */
double dynamics_conserved(const struct dynamics *d);

#endif
