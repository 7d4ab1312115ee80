/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Constant volume: Maillet, Mareschal, Soulard, Ravelo, Lomdahl, Germann, Holian, Phys. Rev. E 63,
 * 016121 (2000); constant pressure: Ravelo, Holian, Germann, Lomdahl, Phys. Rev. B 70, 014103
 * (2004); here with a hydrostatic pressure. Velocities feel a friction that is driven by the residual,
 *
 *   m dv/dt = F - chi m v,   chi = zeta + 2 H/(E tau),   d zeta/dt = H/(E tau^2),
 *
 * E = dof kT the scale of the coupling (kT: the expected temperature), tau the relaxation. Because
 * zeta stays finite, the mean of H over a long run is zero whatever the system. The papers damp the
 * oscillation of zeta by a term -beta zeta in its own equation, which would leave a mean residual;
 * the part of chi that is proportional to H damps it as well (critically, where dH/dK = 1) and
 * leaves none. The pressure at constant pressure is held by a barostat without noise.
 *
 * Step: friction half, kick half, drift, kick half, friction half; second order.
 */
#include "md/hugoniostat.h"
#include <math.h>
#include "md/barostat.h"
#include "md/integrator.h"
#include "md/velocity.h"

double hugoniostat_residual(const struct dynamics *d)
{
    const struct system *s = d->system;
    const struct dynamics_settings *set = &d->set;
    double volume = system_volume(s), density = system_mass_density(s);
    double initial = volume * density / set->initial_density;
    double pressure = set->integrator->has_barostat ? set->pressure : dynamics_pressure(d);
    double energy = d->now.energy + d->now.entropy + 1.5 * s->n * dynamics_temperature(d);
    return energy - s->n * set->initial_energy -
           (pressure + set->initial_pressure) * (initial - volume) / 2;
}

/* d zeta/dt */
static double drive(const struct dynamics *d)
{
    double tau = d->set.relaxation;
    return hugoniostat_residual(d) / (dynamics_freedom(d) * d->set.kT * tau * tau);
}

static void slow_down(struct dynamics *d, double time)
{
    struct system *s = d->system;
    double before = velocity_kinetic(s);
    double factor = exp(-time * (d->friction + 2 * d->set.relaxation * drive(d)));
    for (int i = 0; i < s->n; i++)
        for (int c = 0; c < 3; c++)
            s->velocity[i][c] *= factor;
    d->heat += velocity_kinetic(s) - before;
}

static void kick(struct dynamics *d, double time)
{
    integrator_kick(d, time);
    if (d->set.integrator->has_barostat)
        d->set.barostat->kick(d, time);
}

static enum status drift(struct dynamics *d, double time, struct err *err)
{
    if (d->set.integrator->has_barostat)
        return barostat_drift(d, time, err);
    integrator_drift(d, time);
    return ST_OK;
}

static enum status step(struct dynamics *d, struct err *err)
{
    double dt = d->set.timestep;
    d->friction += dt / 2 * drive(d);
    slow_down(d, dt / 2);
    kick(d, dt / 2);
    enum status status = drift(d, dt, err);
    if (!status)
        status = dynamics_forces(d, err);
    kick(d, dt / 2);
    slow_down(d, dt / 2);
    d->friction += dt / 2 * drive(d);
    return status;
}

const struct integrator integrator_nvhug = {
    "nvhug", "Hugoniostat at constant volume", false, false, true, step, false};
const struct integrator integrator_nphug = {
    "nphug", "Hugoniostat at constant pressure", false, true, true, step, false};
