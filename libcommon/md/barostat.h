/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The cell as a degree of freedom with a momentum pi and a mass mu that is proportional to the time
 * step: pi is drawn afresh from its thermal distribution in the middle of every step, so that it
 * remembers nothing and the cell obeys the first-order equation of stochastic cell rescaling. One
 * evaluation of the forces per step, time reversible, with a conserved energy: it is the scheme of
 * Leimkuhler & Matthews (Appl. Math. Res. Express 2013, 34 (2013), section 4: BAOAB at infinite
 * friction) for the equations of Bernetti & Bussi, in place of their Euler-Maruyama step.
 *
 * The energy of the whole is E + K + energy(d); a step is made of exact solutions of its parts:
 *   kick:  pi += -d(E + energy)/d(cell) t       at fixed positions, velocities, cell
 *   flow:  pi += -dK/d(cell) t                  the kinetic pressure, at fixed velocities, cell
 *   scale: the cell moves with pi/mu for t; fractional coordinates are kept, velocities go down as
 *          lengths go up
 *   refresh: pi is drawn at kT (kT = 0, a Hugoniostat's: set to zero); its energy counts as heat
 *
 * Ensemble, for either thermostat and barostat: exp(-(H + P V)/kT) dr dp dV of 3N degrees of
 * freedom, an ideal gas having rho(V) ~ V^N exp(-PV/kT), <V> = (N + 1) kT/P. Where the centre of
 * mass is kept still, its two missing factors (V of its position, its share kT/V of the pressure)
 * come back by a kinetic pressure of N kT/V with T the temperature of the 3N - 3 degrees of freedom
 * and velocities that scale with the power 3N/(3N - 3) accordingly (as in Martyna, Tobias, Klein,
 * J. Chem. Phys. 101, 4177 (1994)). Exact in this ensemble: <P> = P0, <V (P - P0)> = -kT.
 */
#ifndef MD_BAROSTAT_H
#define MD_BAROSTAT_H

#include "md/dynamics.h"

struct barostat {
    const char *name, *text;
    double (*mass)(const struct dynamics *d);
    void (*kick)(struct dynamics *d, double time);
    void (*flow)(struct dynamics *d, double time);
    enum status (*scale)(struct dynamics *d, double time, struct err *err);
    void (*refresh)(struct dynamics *d);
    double (*energy)(const struct dynamics *d); /* P V, the momentum's, and what Jacobians need */
};

double barostat_kT(const struct dynamics *d); /* of the noise: 0 in a Hugoniostat */
/* ST_COMPUTE unless the volume changes by less than a fifth in one move. */
enum status barostat_check(const struct dynamics *d, double volume_ratio, struct err *err);
/* The middle of a step that an integrator with a barostat shares: drift and scale for the whole
 * step, with the thermostat (where canonical) and refresh in the middle. */
enum status barostat_drift(struct dynamics *d, double time, struct err *err);

#endif
