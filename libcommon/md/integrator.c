/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "md/integrator.h"
#include "md/velocity.h"

void integrator_kick(struct dynamics *d, double time)
{
    struct system *s = d->system;
    const double(*force)[3] = d->set.inner ? d->inner.force : d->now.force;
    for (int i = 0; i < s->n; i++)
        for (int c = 0; c < 3; c++)
            s->velocity[i][c] += time / s->mass[i] * force[i][c];
}

/* With F - F' */
static void kick_difference(struct dynamics *d, double time)
{
    struct system *s = d->system;
    for (int i = 0; i < s->n; i++)
        for (int c = 0; c < 3; c++)
            s->velocity[i][c] += time / s->mass[i] * (d->now.force[i][c] - d->inner.force[i][c]);
}

enum status integrator_forces(struct dynamics *d, struct err *err)
{
    return d->set.inner ? dynamics_inner_forces(d, err) : dynamics_forces(d, err);
}

enum status integrator_step(struct dynamics *d, integrator_move *one, struct err *err)
{
    const double dt = d->set.timestep;
    enum status status = ST_OK;
    if (!d->set.inner)
        return one(d, dt, err);
    kick_difference(d, dt / 2);
    for (int i = 0; i < d->set.inner_steps && !status; i++)
        status = one(d, dt / d->set.inner_steps, err);
    if (!status)
        status = dynamics_forces(d, err);
    kick_difference(d, dt / 2);
    return status;
}

void integrator_drift(struct dynamics *d, double time)
{
    struct system *s = d->system;
    for (int i = 0; i < s->n; i++)
        for (int c = 0; c < 3; c++)
            s->pos[i][c] += time * s->velocity[i][c];
}

void integrator_thermostat(struct dynamics *d, double time)
{
    double before = velocity_kinetic(d->system);
    d->moves++;
    d->set.thermostat->move(d, time);
    d->heat += velocity_kinetic(d->system) - before;
}
