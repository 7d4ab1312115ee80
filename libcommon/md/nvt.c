/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Constant temperature: kick, drift | thermostat | drift, kick. With the Langevin thermostat this is
 * BAOAB: Leimkuhler & Matthews, Appl. Math. Res. Express 2013, 34 (2013); J. Chem. Phys. 138, 174102
 * (2013), section II. Averages of functions of position are then exact for a harmonic oscillator
 * at any stable time step omega dt < 2; those of velocity are not: <m v^2> = kT (1 - (omega dt)^2 /
 * 4) (ibid., table I), which is why md-average takes kinetic terms analytically.
 */
#include "md/integrator.h"

static enum status move(struct dynamics *d, double dt, struct err *err)
{
    integrator_kick(d, dt / 2);
    integrator_drift(d, dt / 2);
    integrator_thermostat(d, dt);
    integrator_drift(d, dt / 2);
    enum status status = integrator_forces(d, err);
    integrator_kick(d, dt / 2);
    return status;
}

static enum status step(struct dynamics *d, struct err *err)
{
    return integrator_step(d, move, err);
}

const struct integrator integrator_nvt = {"nvt", "NVT", true, false, false, step, true};
