/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of hugoniot share: its settings, and the curve with all that is known of it. */
#ifndef CMD_HUGONIOT_PARTS_H
#define CMD_HUGONIOT_PARTS_H

#include "base/opt.h"
#include "base/units.h"
#include "eos/bootstrap.h"
#include "eos/hugoniot.h"
#include "eos/suggest.h"
#include "formats/frame.h"

enum { ALONG_ISOTHERMS, ALONG_ISOCHORES, ALONG_AUTO };
enum { MODEL_AUTO }; /* then those of enum eos_model_kind */

struct settings {
    struct eos_initial initial;
    int along, model, bootstrap;
    double tolerance;
    const char *table, *json, *budget, *suggest, *label, *title;
    struct opt_list plot, plot_velocity, compare;
    /* gathered from the input */
    int n;
    struct eos_state *state;
    struct frame **frame;
};

/* Where errors come from, one at a time: the columns of the budget. */
enum { SOURCES = 3 };
static const struct {
    const char *name;
    int source;
} sources[SOURCES] = {{"states", BOOTSTRAP_STATES},
                      {"models", BOOTSTRAP_MODELS},
                      {"initial_energy", BOOTSTRAP_INITIAL}};

/* groups[i] belongs to point[i]; lost[i] has no root, but perhaps one at wanted[i]. */
struct curve {
    enum eos_along along;
    int n, lost_n, suggestions;
    struct eos_group *group, *lost;
    double *wanted;
    struct hugoniot_point *point, *error, *part[SOURCES];
    struct hugoniot_maximum maximum, maximum_error;
    double inside; /* probability that the maximum is not at an end */
    struct hugoniot_line line, line_error;
    double *off_line; /* error of u_s - slope u_p */
    struct suggestion *suggestion;
};

/* One column of the table: its name, where it stands in a point, its unit. */
struct column {
    const char *name;
    size_t where;
    enum dimension dim;
    double scale; /* unit in atomic units; 0: the stream's */
};

static const struct column columns[] = {
    {"temperature_K", offsetof(struct hugoniot_point, temperature), DIM_TEMPERATURE, 0},
    {"density_g_cm3", offsetof(struct hugoniot_point, density), DIM_DENSITY, 0},
    {"compression", offsetof(struct hugoniot_point, compression), DIM_NONE, 1},
    {"pressure_GPa", offsetof(struct hugoniot_point, pressure), DIM_PRESSURE, 0},
    {"energy_Ha_per_atom", offsetof(struct hugoniot_point, energy), DIM_ENERGY, 1},
    {"shock_velocity_km_s", offsetof(struct hugoniot_point, shock_velocity), DIM_SPEED, 0},
    {"particle_velocity_km_s", offsetof(struct hugoniot_point, particle_velocity), DIM_SPEED, 0}};
enum { COLUMNS = sizeof columns / sizeof *columns };

static double column_value(const struct column *c, const struct hugoniot_point *p)
{
    const double x = *(const double *)((const char *)p + c->where);
    return x / (c->scale > 0 ? c->scale : units_stream(c->dim));
}

#endif
