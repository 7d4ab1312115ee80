/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The principal Hugoniot from state points. A shock takes matter from (rho0, E0, P0) to a state
 * that conserves mass, momentum and energy (Rankine, Phil. Trans. R. Soc. 160, 277 (1870)):
 *
 *   H = E - E0 + 1/2 (P + P0)(V - V0) = 0,
 *   u_s^2 = V0^2 (P - P0) / (V0 - V),   u_p^2 = (P - P0)(V0 - V)   (V per unit mass).
 *
 * Everything in Hartree atomic units, energies and volumes per atom, V = mass / density. Error bars
 * of what is computed here: eos/bootstrap.h.
 */
#ifndef EOS_HUGONIOT_H
#define EOS_HUGONIOT_H

#include <stdbool.h>
#include "base/err.h"
#include "eos/model.h"

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
    struct eos_fit energy, pressure;
};

/* E and P along a group by one model each, with coefficients of their own (a replica's) or the fit's. */
struct eos_path {
    const struct eos_group *group;
    const struct eos_model *energy, *pressure;
    const double *energy_c, *pressure_c; /* EOS_MODEL_TERMS each */
};

/* A point of the Hugoniot. The same struct holds the standard errors of its members. */
struct hugoniot_point {
    double temperature, density, energy, pressure;
    double compression, shock_velocity, particle_velocity;
    double residual; /* 2 H / (V0 - V): what is left of the energy balance, as a pressure */
};

/* The largest compression of a curve (eos/maximum.h). */
struct hugoniot_maximum {
    bool
        inside; /* false: it stands at an end of the curve and is only a lower bound of the maximum */
    double compression, pressure;
};

/* u_s = intercept + slope u_p through the points of a curve. */
struct hugoniot_line {
    double intercept, slope;
    double chi2;    /* over freedom = points - 2, without the scatter; NaN without error bars */
    double scatter; /* of the points about the line beyond their errors: the curve is not a line */
    int freedom;
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

/* Fit E and P of a group, each by the model with the largest evidence or by `only` (eos/model.h).
 * ST_DATA: too few different points. */
enum status eos_group_fit(struct eos_group *group, enum eos_model_kind only,
                          const struct eos_state states[], struct err *err);

/* The fits of a group as a path; a complete point of it at x. */
struct eos_path eos_group_path(const struct eos_group *group);
struct hugoniot_point eos_path_point(const struct eos_initial *initial, const struct eos_path *path,
                                     double x);

/* Solve H = 0 within the range of the group's points. ST_COMPUTE when there is no root there; then
 * *wanted (may be NULL) is a linear estimate of the density or temperature where one may be, NaN if
 * the points do not say. */
enum status hugoniot_solve(const struct eos_initial *initial, const struct eos_group *group,
                           struct hugoniot_point *point, double *wanted, struct err *err);

/* Least-squares line with weights weight[n] (NULL: equal); n >= 2. chi2 is left NaN. */
struct hugoniot_line hugoniot_line(int n, const struct hugoniot_point points[],
                                   const double weight[]);

#endif
