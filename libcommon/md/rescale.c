/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Stochastic velocity rescaling: Bussi, Donadio, Parrinello, J. Chem. Phys. 126, 014101 (2007). The
 * kinetic energy K of n degrees of freedom follows
 *   dK = (n kT/2 - K) dt/tau + 2 sqrt(K kT/2) dW/sqrt(tau)                       (eq. (7))
 * whose solution over a time t is that of the sum of squares of n Ornstein-Uhlenbeck variables
 * (appendix): with c = exp(-t/tau), independent normal R_i and e = (1 - c) kT/2,
 *   K(t) = c K + e sum_1^n R_i^2 + 2 R_1 sqrt(c e K)
 *        = (sqrt(c K) + R_1 sqrt(e))^2 + e sum_2^n R_i^2.
 * The sum is chi^2 with n - 1 degrees of freedom, twice a Gamma variate. Directions of velocities do
 * not change, but for the sign of sqrt(c K) + R_1 sqrt(e). Numbers named by (seed, run, move).
 */
#include <math.h>
#include "base/rng.h"
#include "md/dynamics.h"

static void move(struct dynamics *d, double time)
{
    struct system *s = d->system;
    struct rng rng;
    double kinetic = dynamics_kinetic(d), c = exp(-time / d->set.relaxation);
    double e = -expm1(-time / d->set.relaxation) * d->set.kT / 2;
    if (!(kinetic > 0))
        return; /* nothing to scale: atoms that all stand still are set going by forces */
    rng_start(&rng, d->set.seed, RNG_THERMOSTAT, d->set.run, 0, (uint64_t)d->moves);
    double along = sqrt(c * kinetic) + sqrt(e) * rng_normal(&rng);
    double across = 2 * e * rng_gamma(&rng, (dynamics_freedom(d) - 1) / 2.);
    double factor = copysign(sqrt((along * along + across) / kinetic), along);
    for (int i = 0; i < s->n; i++)
        for (int k = 0; k < 3; k++)
            s->velocity[i][k] *= factor;
}

const struct thermostat thermostat_rescale = {"rescale", "stochastic velocity rescaling", false,
                                              move};
