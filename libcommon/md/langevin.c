/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The Langevin thermostat, m dv = -gamma m v dt + sqrt(2 gamma m kT) dW, solved exactly for a time t
 * (Ornstein-Uhlenbeck): v -> c v + sqrt((1 - c^2) kT/m) xi, c = exp(-gamma t), gamma =
 * 1/relaxation. Noise named by (seed, run, atom, move). Conserves no momentum.
 */
#include <math.h>
#include "base/rng.h"
#include "md/dynamics.h"

static void move(struct dynamics *d, double time)
{
    struct system *s = d->system;
    double c = exp(-time / d->set.relaxation);
    double spread = -expm1(-2 * time / d->set.relaxation) * d->set.kT;
    for (int i = 0; i < s->n; i++) {
        struct rng rng;
        rng_start(&rng, d->set.seed, RNG_THERMOSTAT, d->set.run, (uint64_t)i, (uint64_t)d->moves);
        double width = sqrt(spread / s->mass[i]);
        for (int k = 0; k < 3; k++)
            s->velocity[i][k] = c * s->velocity[i][k] + width * rng_normal(&rng);
    }
}

const struct thermostat thermostat_langevin = {"langevin", "Langevin", true, move};
