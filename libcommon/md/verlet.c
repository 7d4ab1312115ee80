/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Velocity Verlet: kick half, drift, kick half. Second order, time reversible, symplectic,
 * conserves the total momentum. Swope, Andersen, Berens, Wilson, J. Chem. Phys. 76, 637 (1982), eq.
 * (5).
 */
#include "md/integrator.h"

static enum status move(struct dynamics *d, double dt, struct err *err)
{
    integrator_kick(d, dt / 2);
    integrator_drift(d, dt);
    enum status status = integrator_forces(d, err);
    integrator_kick(d, dt / 2);
    return status;
}

static enum status step(struct dynamics *d, struct err *err)
{
    return integrator_step(d, move, err);
}

const struct integrator integrator_verlet = {
    "nve", "NVE, velocity Verlet", false, false, false, step, true};
