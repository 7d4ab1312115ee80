/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One trajectory: a system, the forces on it, an integrator that advances it, and the guard that
 * ends an unstable run. All in Hartree atomic units. Same settings and start give the same
 * trajectory to the last bit: random numbers are named by (seed, run, atom, step), no generator
 * state is kept.
 *
 * Degrees of freedom. An algorithm that conserves the total momentum keeps the centre of mass
 * still: 3N - 3 degrees of freedom carry the temperature. The Langevin thermostat does not conserve
 * momentum: the centre of mass is a canonical degree of freedom like any other, 3N in all. A single
 * atom has 3 in either case. In all, k_B T = 2 K' / dof, K' the kinetic energy of these degrees of
 * freedom, and the pressure is N k_B T / V - trace(stress) / 3.
 */
#ifndef MD_DYNAMICS_H
#define MD_DYNAMICS_H

#include <stdint.h>
#include "base/checkpoint.h"
#include "base/err.h"
#include "crystal/system.h"
#include "md/force.h"

struct dynamics;

/* Algorithms: one file each, one exported descriptor; a new one touches no other library file. */

/* Moves velocities at fixed positions so that the canonical distribution stays as it is. */
struct thermostat {
    const char *name, *text;
    bool moves_centre; /* the centre of mass is a degree of freedom (3N instead of 3N - 3) */
    void (*move)(struct dynamics *d, double time);
};

extern const struct thermostat thermostat_langevin; /* Ornstein-Uhlenbeck, every velocity */
extern const struct thermostat thermostat_rescale;  /* stochastic velocity rescaling, all as one */

/* The cell as a degree of freedom; barostat.h says what each call does. */
struct barostat;

extern const struct barostat barostat_isotropic; /* the volume */
extern const struct barostat barostat_flexible;  /* all six strains */

struct integrator {
    const char *name, *text;
    bool canonical;    /* uses settings.kT and the thermostat */
    bool has_barostat; /* uses settings.barostat */
    bool hugoniostat;  /* uses settings.initial_* */
    enum status (*step)(struct dynamics *d,
                        struct err *err); /* from t to t + timestep, forces too */
    bool multiple;                        /* uses settings.inner */
};

extern const struct integrator integrator_verlet; /* NVE, velocity Verlet */
extern const struct integrator integrator_nvt;    /* with either thermostat */
extern const struct integrator integrator_npt;    /* with either thermostat and barostat */
extern const struct integrator integrator_nvhug;  /* Hugoniostat at constant volume */
extern const struct integrator integrator_nphug;  /* Hugoniostat at constant pressure */

struct dynamics_settings {
    const struct integrator *integrator;
    const struct thermostat *thermostat; /* of a canonical integrator */
    const struct barostat *barostat;     /* of an integrator that has one */
    double timestep;                     /* atomic units */
    /* Multiple time steps (integrator.h): forces, the caller's, of the steps within a step, and how many; NULL: none */
    const struct force_source *inner;
    int inner_steps;
    double kT;         /* Ha, of a canonical integrator and of velocities that are drawn; for a
                        * Hugoniostat the scale of its coupling */
    double relaxation; /* atomic units of time, of a thermostat or Hugoniostat */
    double pressure;   /* Ha/bohr^3, of a barostat */
    double barostat_relaxation; /* atomic units of time */
    double compressibility;     /* bohr^3/Ha, an estimate: relaxation / compressibility counts */
    double initial_energy, initial_density, initial_pressure; /* E0 per atom, rho0 (m_e/bohr^3), P0
                                                               * of a Hugoniostat */
    double max_uncertainty; /* of the energy per atom, Ha; the run ends beyond it; 0: no limit */
    uint64_t seed, run; /* run: which trajectory of a study, so that no two share random numbers */
};

/*
 * The state; integrators write to it. Everything that changes from step to step is in system
 * (cell, positions, velocities), now, and the numbers below: with the settings they determine the
 * rest of the trajectory to the last bit.
 */
struct dynamics {
    struct dynamics_settings set;
    const struct force_source *source; /* the caller's */
    struct system *system;             /* owned; velocity always present */
    struct force_result now, inner; /* at the present positions, inner of settings.inner; owned */
    int64_t step;                   /* steps done */
    int64_t moves;                  /* of the thermostat, which name its random numbers */
    double heat; /* energy given by thermostat, barostat's noise and Hugoniostat so far, Ha */
    double last; /* conserved quantity of the last step, for the guard */
    double barostat_momentum[3][3]; /* symmetric; isotropic: [0][0] alone, of sqrt(V) */
    double barostat_mass;           /* set at the start, constant; 0 without a barostat */
    double friction;                /* of a Hugoniostat, 1/time */
};

/*
 * start is copied. Velocities of start are used when there are any and draw is false; otherwise
 * they are drawn at settings.kT (velocity.h). Algorithms that keep the centre of mass still and thermostat or
 * scale velocities stop it. Evaluates the forces. NULL and *err on failure.
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

/* Positions or velocities were changed by the caller: evaluate the forces again, */
enum status dynamics_forces(struct dynamics *d, struct err *err);
/* and with settings.inner those as well. */
enum status dynamics_inner_forces(struct dynamics *d, struct err *err);

int dynamics_freedom(const struct dynamics *d);        /* degrees of freedom */
double dynamics_kinetic(const struct dynamics *d);     /* Ha, of these degrees of freedom */
double dynamics_temperature(const struct dynamics *d); /* k_B T, Ha, instantaneous */
double dynamics_pressure(
    const struct dynamics *d); /* Ha/bohr^3, instantaneous; 0 in open boundaries */
/* E + K + (barostat's energy) - heat: constant but for the error of the time step (Bussi &
 * Parrinello, Phys. Rev. E 75, 056707 (2007), eq. (23): the effective energy that is conserved by
 * stochastic dynamics too). */
double dynamics_conserved(const struct dynamics *d);
/* 3N/dof: what turns the kinetic energy of dof degrees of freedom into that of N atoms. */
double dynamics_share(const struct dynamics *d);

#endif
