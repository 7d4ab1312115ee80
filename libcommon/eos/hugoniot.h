/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The principal Hugoniot from state points. A shock takes matter from (rho0, E0, P0) to a state
 * that conserves mass, momentum and energy (Rankine, Phil. Trans. R. Soc. 160, 277 (1870)):
 *
 *   H = E - E0 + 1/2 (P + P0)(V - V0) = 0,
 *   u_s^2 = V0^2 (P - P0) / (V0 - V),   u_p^2 = (P - P0)(V0 - V)   (V per unit mass).
 *
 * Everything in Hartree atomic units, energies and volumes per atom, V = mass / density.
 */
#ifndef EOS_HUGONIOT_H
#define EOS_HUGONIOT_H

#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"
#include "maths/polyfit.h"

struct eos_state {
    double temperature, temperature_error; /* Ha */
    double density;                        /* m_e/bohr^3 */
    double energy, energy_error;           /* internal energy, Ha per atom, nuclei included */
    double pressure, pressure_error;       /* Ha/bohr^3 */
};

struct eos_initial {
    double mass; /* m_e per atom */
    double density, energy, energy_error, pressure;
};

enum eos_along { EOS_ISOTHERMS, EOS_ISOCHORES };

/* A set of states at one temperature (isotherm) or density (isochore) and the fits through them. */
struct eos_group {
    enum eos_along along;
    double nominal; /* temperature or density: the mean over the group */
    int n;
    int *index; /* n, into the caller's states, x ascending */
    double *x;  /* n, density (isotherm) or temperature (isochore) */
    struct polyfit energy, pressure;
};

/* A point of the Hugoniot. The same struct holds the standard errors of its members. */
struct hugoniot_point {
    double temperature, density, energy, pressure;
    double compression, shock_velocity, particle_velocity;
    double residual; /* 2 H / (V0 - V): what is left of the energy balance, as a pressure */
};

struct hugoniot_maximum {
    bool inside; /* false: the largest compression stands at an end of the curve */
    double compression, compression_error, pressure, pressure_error;
};

/* H of a state in Ha per atom. */
double hugoniot_function(const struct eos_initial *initial, double density, double energy,
                         double pressure);

/* Compression, velocities and residual of a point whose first four members are set; NaN velocities
 * where mass and momentum balance have no real solution. */
void hugoniot_complete(const struct eos_initial *initial, struct hugoniot_point *point);

/* Sort states into groups whose nominal value agrees within tolerance (0.02: 2 %), or within three
 * standard errors of their temperatures. Returns the number of groups; the caller frees each with
 * eos_group_free and then the array. */
int eos_groups(enum eos_along along, double tolerance, int n, const struct eos_state states[],
               struct eos_group **groups);
void eos_group_free(struct eos_group *group);

/* Fit E and P of a group by evidence up to max_order. ST_DATA: fewer than two different points. */
enum status eos_group_fit(struct eos_group *group, int max_order, const struct eos_state states[],
                          struct err *err);

/* Solve H = 0 within the range of the group's points. ST_COMPUTE when there is no root there; then
 * *wanted (may be NULL) is a linear estimate of the density or temperature where one may be, NaN if
 * the points do not say. */
enum status hugoniot_solve(const struct eos_initial *initial, const struct eos_group *group,
                           struct hugoniot_point *point, double *wanted, struct err *err);

/* Largest compression of a curve of n points: the vertex of a parabola in ln P through the three
 * points about the largest one when it lies inside, that point itself at an end. */
struct hugoniot_maximum hugoniot_maximum(int n, const struct hugoniot_point points[]);

/*
 * Errors by a parametric bootstrap: E and P of every state and E0 are redrawn within their errors
 * `samples` times; fits (same orders) and roots are repeated, with one E0 per replica for all
 * points. groups[i] belongs to points[i]; error[n] and the errors of *maximum are filled.
 */
void hugoniot_bootstrap(const struct eos_initial *initial, int n, const struct eos_group groups[],
                        const struct eos_state states[], const struct hugoniot_point points[],
                        int samples, uint64_t seed, struct hugoniot_point error[],
                        struct hugoniot_maximum *maximum);

#endif
