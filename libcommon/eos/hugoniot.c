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

struct eos_path eos_group_path(const struct eos_group *g)
{
    const struct eos_model *energy = &g->energy.model[g->energy.best];
    const struct eos_model *pressure = &g->pressure.model[g->pressure.best];
    return (struct eos_path){g, energy, pressure, energy->c, pressure->c};
}

struct hugoniot_point eos_path_point(const struct eos_initial *initial, const struct eos_path *path,
                                     double x)
{
    const struct eos_group *g = path->group;
    const bool isotherm = g->along == EOS_ISOTHERMS;
    struct hugoniot_point p = {.temperature = isotherm ? g->nominal : x,
                               .density = isotherm ? x : g->nominal,
                               .energy = eos_model_value(path->energy, path->energy_c, x),
                               .pressure = eos_model_value(path->pressure, path->pressure_c, x)};
    hugoniot_complete(initial, &p);
    return p;
}

static double function_at(const struct eos_initial *initial, const struct eos_group *group,
                          double x)
{
    const struct eos_path path = eos_group_path(group);
    const struct hugoniot_point p = eos_path_point(initial, &path, x);
    return hugoniot_function(initial, p.density, p.energy, p.pressure);
}

/* Bisection: unconditionally safe and, on such models, cheap; ends at the last bit. */
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
    const struct eos_path path = eos_group_path(group);
    *point = eos_path_point(initial, &path, root);
    return ST_OK;
}

struct hugoniot_line hugoniot_line(int n, const struct hugoniot_point p[], const double weight[])
{
    double sum = 0, x = 0, y = 0, xx = 0, xy = 0;
    for (int i = 0; i < n; i++) {
        const double w = weight ? weight[i] : 1;
        sum += w;
        x += w * p[i].particle_velocity;
        y += w * p[i].shock_velocity;
    }
    x /= sum;
    y /= sum;
    for (int i = 0; i < n; i++) {
        const double w = weight ? weight[i] : 1, d = p[i].particle_velocity - x;
        xx += w * d * d;
        xy += w * d * (p[i].shock_velocity - y);
    }
    const double slope = xy / xx;
    return (struct hugoniot_line){
        .intercept = y - slope * x, .slope = slope, .chi2 = NAN, .freedom = n - 2};
}
