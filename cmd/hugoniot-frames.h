/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hugoniot: state points from frames, frames of the points. */
#ifndef CMD_HUGONIOT_FRAMES_H
#define CMD_HUGONIOT_FRAMES_H

#include <math.h>
#include <stdlib.h>
#include "cmd/hugoniot-parts.h"
#include "formats/convert.h"
#include "formats/filter.h"
#include "formats/keys.h"

/* An optional key: its value, or zero where the frame has none. */
static enum status get_optional(const struct frame *f, const char *name, double *x, struct err *err)
{
    *x = 0;
    return frame_has_key(f, name) ? keys_get(f, name, 1, x, err) : ST_OK;
}

static enum status read_state(const struct frame *f, const struct system *sys,
                              struct eos_state *state, struct err *err)
{
    enum status status = keys_get(f, "temperature", 1, &state->temperature, err);
    if (status == ST_OK)
        status = get_optional(f, "temperature_error", &state->temperature_error, err);
    if (status == ST_OK)
        status = keys_get(f, "internal_energy", 1, &state->energy, err);
    if (status == ST_OK)
        status = get_optional(f, "internal_energy_error", &state->energy_error, err);
    if (status == ST_OK)
        status = keys_get(f, "pressure_GPa", 1, &state->pressure, err);
    if (status == ST_OK)
        status = get_optional(f, "pressure_GPa_error", &state->pressure_error, err);
    if (status != ST_OK)
        return status;
    state->energy /= sys->n;
    state->energy_error /= sys->n;
    state->density = system_mass_density(sys);
    if (!(state->temperature > 0))
        return err_set(err, ST_DATA, "temperature must be positive");
    if (!(state->temperature_error >= 0 && state->energy_error >= 0 && state->pressure_error >= 0))
        return err_set(err, ST_DATA, "an error bar must not be negative");
    return ST_OK;
}

static double mass_per_atom(const struct system *sys)
{
    double sum = 0;
    for (int i = 0; i < sys->n; i++)
        sum += sys->mass[i];
    return sum / sys->n;
}

/* The state of a frame; the first one's mass is that of the initial state, and the others have it, too. */
static enum status frame_state(struct settings *s, const struct frame *f, struct eos_state *state,
                               struct err *err)
{
    struct system *sys = system_from_frame(f, err);
    if (!sys)
        return err->status;
    enum status status;
    const double mass = mass_per_atom(sys);
    if (!sys->periodic)
        status =
            err_set(err, ST_DATA, "a state point needs a periodic cell, which gives its density");
    else if (s->n && fabs(mass / s->initial.mass - 1) > 1e-6)
        status = err_set(err, ST_DATA, "mass per atom %.8g amu, but %.8g amu in the first frame",
                         mass / UNITS_AMU_ME, s->initial.mass / UNITS_AMU_ME);
    else
        status = read_state(f, sys, state, err);
    system_free(sys);
    if (status == ST_OK && s->n == 0)
        s->initial.mass = mass;
    return status;
}

/* The input state nearest to a point on its isotherm or isochore. */
static int nearest_state(const struct eos_group *g, const struct hugoniot_point *p)
{
    int best = g->index[0];
    double least = INFINITY;
    for (int k = 0; k < g->n; k++) {
        const double x = g->along == EOS_ISOTHERMS ? p->density : p->temperature;
        if (fabs(g->x[k] - x) < least) {
            least = fabs(g->x[k] - x);
            best = g->index[k];
        }
    }
    return best;
}

/* The structure of the nearest state, scaled to the point's density: a start for dynamics there. */
static enum status point_frame(const struct frame *source, const struct hugoniot_point *p,
                               const struct hugoniot_point *e, struct frame *f, struct err *err)
{
    struct system *sys = system_from_frame(source, err);
    if (!sys)
        return err->status;
    free(sys->velocity);
    sys->velocity = NULL;
    const double scale = cbrt(system_mass_density(sys) / p->density);
    for (int k = 0; k < 9; k++)
        (&sys->cell[0][0])[k] *= scale;
    for (int k = 0; k < 3 * sys->n; k++)
        (&sys->pos[0][0])[k] *= scale;
    system_to_frame(sys, f);
    const char *history;
    if (frame_get_string(source, "history", &history, NULL) == ST_OK)
        frame_add_history(f, history);
    const double energy = p->energy * sys->n, energy_error = e->energy * sys->n;
    keys_set_pair(f, "temperature", 1, &p->temperature, &e->temperature);
    keys_set_pair(f, "density", 1, &p->density, &e->density);
    keys_set_pair(f, "pressure_GPa", 1, &p->pressure, &e->pressure);
    keys_set_pair(f, "internal_energy", 1, &energy, &energy_error);
    keys_set_pair(f, "compression", 1, &p->compression, &e->compression);
    keys_set_pair(f, "shock_velocity", 1, &p->shock_velocity, &e->shock_velocity);
    keys_set_pair(f, "particle_velocity", 1, &p->particle_velocity, &e->particle_velocity);
    keys_set_pair(f, "hugoniot_residual_GPa", 1, &p->residual, &e->residual);
    system_free(sys);
    return ST_OK;
}

static enum status write_frames(const struct settings *s, const struct curve *c, struct run *run,
                                struct err *err)
{
    enum status status = ST_OK;
    struct frame *f = frame_new();
    for (int i = 0; i < c->n && status == ST_OK; i++) {
        const int source = nearest_state(&c->group[i], &c->point[i]);
        frame_clear(f);
        status = point_frame(s->frame[source], &c->point[i], &c->error[i], f, err);
        if (status == ST_OK)
            status = run_put(run, f, err);
    }
    frame_free(f);
    return status;
}

#endif
