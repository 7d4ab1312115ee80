/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "md/velocity.h"
#include <math.h>
#include "base/rng.h"

void velocity_draw(struct system *s, double kT, uint64_t seed, uint64_t run)
{
    for (int i = 0; i < s->n; i++) {
        struct rng rng;
        rng_start(&rng, seed, RNG_VELOCITIES, run, (uint64_t)i, 0);
        double width = sqrt(kT / s->mass[i]);
        for (int c = 0; c < 3; c++)
            s->velocity[i][c] = width * rng_normal(&rng);
    }
}

static double total_mass(const struct system *s)
{
    double mass = 0;
    for (int i = 0; i < s->n; i++)
        mass += s->mass[i];
    return mass;
}

void velocity_centre(const struct system *s, double v[3])
{
    double mass = total_mass(s);
    for (int c = 0; c < 3; c++) {
        v[c] = 0;
        for (int i = 0; i < s->n; i++)
            v[c] += s->mass[i] * s->velocity[i][c];
        v[c] /= mass;
    }
}

void velocity_stop_centre(struct system *s)
{
    double v[3];
    if (s->n < 2)
        return;
    velocity_centre(s, v);
    for (int i = 0; i < s->n; i++)
        for (int c = 0; c < 3; c++)
            s->velocity[i][c] -= v[c];
}

double velocity_kinetic(const struct system *s)
{
    double twice = 0;
    for (int i = 0; i < s->n; i++) {
        const double *v = s->velocity[i];
        twice += s->mass[i] * (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
    }
    return twice / 2;
}

double velocity_centre_kinetic(const struct system *s)
{
    double v[3];
    velocity_centre(s, v);
    return total_mass(s) * (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]) / 2;
}
