/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "eos/hugoniot.h"

#include <math.h>
#include <stddef.h>

enum { SCAN = 64 }; /* intervals searched for a change of sign along a group */

double hugoniot_function(const struct eos_initial *initial, double density, double energy,
                         double pressure)
{
    const double v = initial->mass / density, v0 = initial->mass / initial->density;
    return energy - initial->energy + 0.5 * (pressure + initial->pressure) * (v - v0);
}

void hugoniot_complete(const struct eos_initial *initial, struct hugoniot_point *p)
{
    const double v = 1 / p->density, v0 = 1 / initial->density; /* per unit mass */
    const double jump = p->pressure - initial->pressure;
    p->compression = p->density / initial->density;
    p->shock_velocity = v0 * sqrt(jump / (v0 - v));
    p->particle_velocity = sqrt(jump * (v0 - v));
    p->residual = 2 * hugoniot_function(initial, p->density, p->energy, p->pressure) /
                  (initial->mass * (v0 - v));
}

static struct hugoniot_point state_at(const struct eos_initial *initial,
                                      const struct eos_group *group, double x)
{
    const bool isotherm = group->along == EOS_ISOTHERMS;
    struct hugoniot_point p = {.temperature = isotherm ? group->nominal : x,
                               .density = isotherm ? x : group->nominal,
                               .energy = polyfit_value(&group->energy, x),
                               .pressure = polyfit_value(&group->pressure, x)};
    hugoniot_complete(initial, &p);
    return p;
}

static double function_at(const struct eos_initial *initial, const struct eos_group *group,
                          double x)
{
    return hugoniot_function(initial, group->along == EOS_ISOTHERMS ? x : group->nominal,
                             polyfit_value(&group->energy, x), polyfit_value(&group->pressure, x));
}

/* Bisection: unconditionally safe and, on polynomials, cheap; ends at the last bit. */
static double bisect(const struct eos_initial *initial, const struct eos_group *group, double low,
                     double high)
{
    const double f_low = function_at(initial, group, low);
    for (int i = 0; i < 200; i++) {
        const double middle = 0.5 * (low + high);
        if (middle == low || middle == high)
            break;
        if ((function_at(initial, group, middle) > 0) == (f_low > 0))
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

/* The root in [low, high] nearest to the given x; false: no change of sign. */
static bool nearest_root(const struct eos_initial *initial, const struct eos_group *group,
                         double low, double high, double near, double *root)
{
    bool found = false;
    for (int i = 0; i < SCAN; i++) {
        const double a = low + (high - low) * i / SCAN, b = low + (high - low) * (i + 1) / SCAN;
        const double f_a = function_at(initial, group, a), f_b = function_at(initial, group, b);
        if (!((f_a <= 0 && f_b >= 0) || (f_a >= 0 && f_b <= 0)))
            continue;
        const double x = f_a == 0 ? a : f_b == 0 ? b : bisect(initial, group, a, b);
        if (!found || fabs(x - near) < fabs(*root - near))
            *root = x;
        found = true;
    }
    return found;
}

/* Where the straight line through H at the ends of the group vanishes. */
static double extrapolated_root(const struct eos_initial *initial, const struct eos_group *group)
{
    const double a = group->x[0], b = group->x[group->n - 1];
    const double f_a = function_at(initial, group, a), f_b = function_at(initial, group, b);
    const double x = a - f_a * (b - a) / (f_b - f_a);
    return x > 0 && x < 4 * b ? x : NAN;
}

enum status hugoniot_solve(const struct eos_initial *initial, const struct eos_group *group,
                           struct hugoniot_point *point, double *wanted, struct err *err)
{
    const double low = group->x[0], high = group->x[group->n - 1];
    double root = NAN;
    if (!nearest_root(initial, group, low, high, 0.5 * (low + high), &root)) {
        if (wanted)
            *wanted = extrapolated_root(initial, group);
        return err_set(err, ST_COMPUTE, "the Hugoniot does not cross this group's points");
    }
    *point = state_at(initial, group, root);
    return ST_OK;
}

static void vertex(const struct hugoniot_point *p, struct hugoniot_maximum *m)
{
    /* Newton's divided differences of compression as a function of ln P through three points */
    const double x0 = log(p[0].pressure), x1 = log(p[1].pressure), x2 = log(p[2].pressure);
    const double d01 = (p[1].compression - p[0].compression) / (x1 - x0);
    const double d12 = (p[2].compression - p[1].compression) / (x2 - x1);
    const double curvature = (d12 - d01) / (x2 - x0);
    if (!(curvature < 0))
        return;
    const double x = 0.5 * (x0 + x1) - d01 / (2 * curvature);
    m->pressure = exp(x);
    m->compression = p[0].compression + (x - x0) * (d01 + curvature * (x - x1));
}

struct hugoniot_maximum hugoniot_maximum(int n, const struct hugoniot_point points[])
{
    int top = 0;
    for (int i = 1; i < n; i++)
        if (points[i].compression > points[top].compression)
            top = i;
    struct hugoniot_maximum m = {.inside = top > 0 && top < n - 1,
                                 .compression = points[top].compression,
                                 .pressure = points[top].pressure};
    if (m.inside)
        vertex(points + top - 1, &m);
    return m;
}
