/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Langevin dynamics, m dv = F dt - gamma m v dt + sqrt(2 gamma m kT) dW, split as B A O A B:
 * Leimkuhler & Matthews, Appl. Math. Res. Express 2013, 34 (2013); J. Chem. Phys. 138, 174102
 * (2013), section II. O is the exact Ornstein-Uhlenbeck move v -> c v + sqrt((1 - c^2) kT/m) xi, c
 * = exp(-gamma dt). Averages of functions of position are exact for a harmonic oscillator at any
 * stable time step omega dt < 2; those of velocity are not: <m v^2> = kT (1 - (omega dt)^2 / 4)
 * (ibid., table I), which is why md-average takes kinetic terms analytically. Noise named by (seed,
 * run, atom, step). gamma = 1/relaxation. Conserves no momentum.
 */
#include <math.h>
#include "base/rng.h"
#include "md/integrator.h"
#include "md/velocity.h"

static void ornstein_uhlenbeck(struct dynamics *d)
{
    struct system *s = d->system;
    double c = exp(-d->set.timestep / d->set.relaxation);
    double spread = -expm1(-2 * d->set.timestep / d->set.relaxation) * d->set.kT;
    for (int i = 0; i < s->n; i++) {
        struct rng rng;
        rng_start(&rng, d->set.seed, RNG_THERMOSTAT, d->set.run, (uint64_t)i, (uint64_t)d->step);
        double width = sqrt(spread / s->mass[i]);
        for (int k = 0; k < 3; k++)
            s->velocity[i][k] = c * s->velocity[i][k] + width * rng_normal(&rng);
    }
}

static enum status step(struct dynamics *d, struct err *err)
{
    double dt = d->set.timestep;
    integrator_kick(d, dt / 2);
    integrator_drift(d, dt / 2);
    double before = velocity_kinetic(d->system);
    ornstein_uhlenbeck(d);
    d->heat += velocity_kinetic(d->system) - before;
    integrator_drift(d, dt / 2);
    enum status status = dynamics_forces(d, err);
    integrator_kick(d, dt / 2);
    return status;
}

const struct integrator integrator_langevin = {"langevin", "NVT, Langevin, BAOAB", true, true,
                                               step};
