/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Stochastic rescaling of the whole cell: Del Tatto, Raiteri, Bernetti, Bussi, Appl. Sci. 12, 1139
 * (2022). The momentum pi of the strain is a symmetric matrix, so that the cell does not turn; the
 * cell and positions move by r -> exp(pi t/mu) r, velocities by the inverse (times det^-s where the
 * centre of mass stands still, barostat.h). With K_ab = sum m v_a v_b + 2 K s delta_ab,
 *
 *   d pi_ab/dt = K_ab - V stress_ab - P0 V delta_ab + kT delta_ab.
 *
 * Moves by exp(strain) leave dh/det(h)^3 of the cell matrix h invariant; the ensemble has
 * det(h)^-2 dh = dV times invariant shapes (Martyna, Tobias, Klein, J. Chem. Phys. 101, 4177 (1994),
 * section II.C), which is what kT delta_ab, from -kT ln V, puts right.
 *
 * The paper's noise per strain component, 2 kT beta/(3 V tau), follows the volume; here V is that of the
 * start, so that the mass is constant: mu = 3 V tau dt/(2 beta). The ensemble is the same, the rate
 * differs by V_start/V.
 */
#include <math.h>
#include <string.h>
#include "base/rng.h"
#include "md/barostat.h"

static double mass(const struct dynamics *d)
{
    return 1.5 * system_volume(d->system) * d->set.barostat_relaxation * d->set.timestep /
           d->set.compressibility;
}

static void kick(struct dynamics *d, double time)
{
    const double(*s)[3] = d->now.stress;
    double volume = system_volume(d->system);
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++) {
            double force = -volume * (s[a][b] + s[b][a]) / 2;
            if (a == b)
                force += barostat_kT(d) - d->set.pressure * volume;
            d->barostat_momentum[a][b] += time * force;
        }
}

/* s of the heading */
static double excess(const struct dynamics *d)
{
    return (dynamics_share(d) - 1) / 3;
}

static void flow(struct dynamics *d, double time)
{
    const struct system *s = d->system;
    double k[3][3] = {{0}};
    for (int i = 0; i < s->n; i++)
        for (int a = 0; a < 3; a++)
            for (int b = 0; b < 3; b++)
                k[a][b] += s->mass[i] * s->velocity[i][a] * s->velocity[i][b];
    double share = excess(d) * (k[0][0] + k[1][1] + k[2][2]);
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++)
            d->barostat_momentum[a][b] += time * (k[a][b] + (a == b) * share);
}

static void multiply(const double a[3][3], const double b[3][3], double c[3][3])
{
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            c[i][j] = a[i][0] * b[0][j] + a[i][1] * b[1][j] + a[i][2] * b[2][j];
}

/* exp(x) by its series: twenty terms are exact to rounding for |x| < 1, and strains are far smaller */
static void exponential(const double x[3][3], double e[3][3])
{
    double term[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, next[3][3];
    memset(e, 0, 9 * sizeof(double));
    for (int n = 1; n <= 20; n++) {
        for (int i = 0; i < 9; i++)
            e[i / 3][i % 3] += term[i / 3][i % 3];
        multiply((const double(*)[3])term, x, next);
        for (int i = 0; i < 9; i++)
            term[i / 3][i % 3] = next[i / 3][i % 3] / n;
    }
}

/* rows of x: r -> m r factor; m is symmetric */
static void transform(int n, double (*x)[3], const double m[3][3], double factor)
{
    for (int i = 0; i < n; i++) {
        double r[3] = {x[i][0], x[i][1], x[i][2]};
        for (int c = 0; c < 3; c++)
            x[i][c] = factor * (m[c][0] * r[0] + m[c][1] * r[1] + m[c][2] * r[2]);
    }
}

static enum status scale(struct dynamics *d, double time, struct err *err)
{
    struct system *s = d->system;
    double strain[3][3], opposite[3][3], stretch[3][3], shrink[3][3], trace = 0;
    for (int i = 0; i < 9; i++) {
        strain[i / 3][i % 3] = time * d->barostat_momentum[i / 3][i % 3] / d->barostat_mass;
        opposite[i / 3][i % 3] = -strain[i / 3][i % 3];
        trace += i % 4 ? 0 : strain[i / 3][i % 3];
    }
    enum status status = barostat_check(d, exp(trace), err);
    if (status)
        return status;
    exponential((const double(*)[3])strain, stretch);
    exponential((const double(*)[3])opposite, shrink);
    transform(3, s->cell, (const double(*)[3])stretch, 1);
    transform(s->n, s->pos, (const double(*)[3])stretch, 1);
    transform(s->n, s->velocity, (const double(*)[3])shrink, exp(-excess(d) * trace));
    return ST_OK;
}

static double kinetic(const struct dynamics *d)
{
    double sum = 0;
    for (int i = 0; i < 9; i++)
        sum += d->barostat_momentum[i / 3][i % 3] * d->barostat_momentum[i / 3][i % 3];
    return sum / (2 * d->barostat_mass);
}

/* Weight exp(-trace(pi^2)/(2 mu kT)): a pair of equal off-diagonal elements counts twice. */
static void refresh(struct dynamics *d)
{
    struct rng rng;
    double before = kinetic(d), width = sqrt(d->barostat_mass * barostat_kT(d));
    rng_start(&rng, d->set.seed, RNG_BAROSTAT, d->set.run, 0, (uint64_t)d->step);
    for (int a = 0; a < 3; a++)
        for (int b = a; b < 3; b++) {
            double pi = (a == b ? width : width * M_SQRT1_2) * rng_normal(&rng);
            d->barostat_momentum[a][b] = d->barostat_momentum[b][a] = pi;
        }
    d->heat += kinetic(d) - before;
}

static double energy(const struct dynamics *d)
{
    double volume = system_volume(d->system);
    return d->set.pressure * volume - barostat_kT(d) * log(volume) + kinetic(d);
}

const struct barostat barostat_flexible = {
    "flexible", "stochastic rescaling of the whole cell", mass, kick, flow, scale, refresh, energy};
