/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Constant temperature and pressure: BAOAB with the cell among the positions (barostat.h),
 *   kick | drift, scale | thermostat, refresh | scale, drift | kick.
 */
#include "md/barostat.h"
#include "md/integrator.h"

static void kick(struct dynamics *d, double time)
{
    integrator_kick(d, time);
    d->set.barostat->kick(d, time);
}

static enum status step(struct dynamics *d, struct err *err)
{
    double dt = d->set.timestep;
    kick(d, dt / 2);
    enum status status = barostat_drift(d, dt, err);
    if (!status)
        status = dynamics_forces(d, err);
    kick(d, dt / 2);
    return status;
}

const struct integrator integrator_npt = {
    "npt", "NPT, stochastic cell rescaling", true, true, false, step, false};
