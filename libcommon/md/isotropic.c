/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Stochastic cell rescaling of the volume: Bernetti & Bussi, J. Chem. Phys. 153, 114107 (2020). In
 * the variable lambda = sqrt(V) the noise is additive,
 *
 *   d lambda = beta/(2 tau) [lambda (P - P0) + kT/(2 lambda)] dt + sqrt(kT beta/(2 tau)) dW,
 *
 * overdamped motion with the diffusion constant D = kT beta/(4 tau) in the potential whose force is
 * 2 lambda (P - P0) + kT/lambda; kT/lambda is the Jacobian of V = lambda^2. A momentum of mass mu that
 * is drawn afresh every dt gives D = kT dt/(2 mu): mu = 2 tau dt/beta. beta: compressibility.
 */
#include <math.h>
#include "base/rng.h"
#include "md/barostat.h"

static double root_volume(const struct dynamics *d)
{
    return sqrt(system_volume(d->system));
}

static double mass(const struct dynamics *d)
{
    return 2 * d->set.barostat_relaxation * d->set.timestep / d->set.compressibility;
}

static void kick(struct dynamics *d, double time)
{
    const double(*s)[3] = d->now.stress;
    double lambda = root_volume(d), virial = -(s[0][0] + s[1][1] + s[2][2]) / 3;
    d->barostat_momentum[0][0] +=
        time * (2 * lambda * (virial - d->set.pressure) + barostat_kT(d) / lambda);
}

static void flow(struct dynamics *d, double time)
{
    double lambda = root_volume(d), ideal = d->system->n * dynamics_temperature(d);
    d->barostat_momentum[0][0] += time * 2 * ideal / lambda;
}

static enum status scale(struct dynamics *d, double time, struct err *err)
{
    struct system *s = d->system;
    double ratio = 1 + time * d->barostat_momentum[0][0] / d->barostat_mass / root_volume(d);
    enum status status = barostat_check(d, ratio * fabs(ratio), err);
    if (status)
        return status;
    double length = cbrt(ratio * ratio), slower = pow(length, -dynamics_share(d));
    for (int i = 0; i < 9; i++)
        s->cell[i / 3][i % 3] *= length;
    for (int i = 0; i < s->n; i++)
        for (int c = 0; c < 3; c++) {
            s->pos[i][c] *= length;
            s->velocity[i][c] *= slower;
        }
    return ST_OK;
}

static double kinetic(const struct dynamics *d)
{
    double pi = d->barostat_momentum[0][0];
    return pi * pi / (2 * d->barostat_mass);
}

static void refresh(struct dynamics *d)
{
    struct rng rng;
    double before = kinetic(d);
    rng_start(&rng, d->set.seed, RNG_BAROSTAT, d->set.run, 0, (uint64_t)d->step);
    d->barostat_momentum[0][0] = sqrt(d->barostat_mass * barostat_kT(d)) * rng_normal(&rng);
    d->heat += kinetic(d) - before;
}

static double energy(const struct dynamics *d)
{
    double lambda = root_volume(d);
    return d->set.pressure * lambda * lambda - barostat_kT(d) * log(lambda) + kinetic(d);
}

const struct barostat barostat_isotropic = {
    "isotropic", "stochastic rescaling of the volume", mass, kick, flow, scale, refresh, energy};
