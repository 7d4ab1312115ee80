/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "md/integrator.h"
#include "md/velocity.h"

void integrator_kick(struct dynamics *d, double time)
{
    struct system *s = d->system;
    for (int i = 0; i < s->n; i++)
        for (int c = 0; c < 3; c++)
            s->velocity[i][c] += time / s->mass[i] * d->now.force[i][c];
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
    d->set.thermostat->move(d, time);
    d->heat += velocity_kinetic(d->system) - before;
}
