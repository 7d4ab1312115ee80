/* SPDX-License-Identifier: GPL-3.0-or-later */
/* md-average: what a frame says. A key that may be missing must be right where it is there. */
#ifndef CMD_MD_AVERAGE_FRAMES_H
#define CMD_MD_AVERAGE_FRAMES_H

#include <math.h>
#include "cmd/md-average-parts.h"
#include "crystal/system.h"
#include "formats/keys.h"
#include "md/velocity.h"

static enum status optional_int(const struct frame *f, const char *key, int64_t *x, struct err *err)
{
    return frame_has_key(f, key) ? frame_get_int(f, key, x, err) : ST_OK;
}

static enum status optional_real(const struct frame *f, const char *key, double *x, struct err *err)
{
    return frame_has_key(f, key) ? keys_get(f, key, 1, x, err) : ST_OK;
}

static enum status read_place(const struct frame *f, struct place *place, struct err *err)
{
    *place = (struct place){.has_step = frame_has_key(f, "step"), .time = NAN, .thermostat = NAN};
    if (optional_int(f, "replica", &place->replica, err) ||
        optional_int(f, "step", &place->step, err) || optional_real(f, "time", &place->time, err) ||
        optional_real(f, "thermostat_temperature", &place->thermostat, err))
        return ST_DATA;
    if (place->thermostat <= 0)
        return err_set(err, ST_DATA, "thermostat_temperature is %.6g K: it must be above zero",
                       place->thermostat / units_stream(DIM_TEMPERATURE));
    return ST_OK;
}

/* The key, else from the velocities; NaN where there are none */
static enum status kinetic_temperature(const struct frame *f, const struct system *s, double *kT,
                                       struct err *err)
{
    *kT = s->velocity ? 2 * velocity_kinetic(s) / (3 * s->n) : NAN;
    if (optional_real(f, "temperature", kT, err))
        return ST_DATA;
    if (*kT < 0)
        return err_set(err, ST_DATA, "temperature is %.6g K: it must not be negative",
                       *kT / units_stream(DIM_TEMPERATURE));
    return ST_OK;
}

static enum status read_pressure(const struct frame *f, const char *key, double *pressure,
                                 struct err *err)
{
    double stress[9];
    if (keys_get(f, key, 9, stress, err))
        return ST_DATA;
    *pressure = -(stress[0] + stress[4] + stress[8]) / 3;
    return ST_OK;
}

/* What the potential of the dynamics says, with --reweight: its stress may be unknown. */
static enum status read_sampled(const struct settings *set, const struct frame *f,
                                const struct system *s, struct averages_sample *sample,
                                struct err *err)
{
    sample->sampled_pressure = NAN;
    enum status status = keys_get(f, set->sampled, 1, &sample->sampled, err);
    if (!status && s->periodic && frame_has_key(f, set->sampled_stress))
        status = read_pressure(f, set->sampled_stress, &sample->sampled_pressure, err);
    return status;
}

static enum status read_sample(const struct settings *set, const struct frame *f,
                               const struct system *s, struct averages_sample *sample,
                               struct err *err)
{
    *sample = (struct averages_sample){.energy = NAN, .volume = s->periodic ? system_volume(s) : 0};
    enum status status = kinetic_temperature(f, s, &sample->kT, err);
    if (!status && set->reweight)
        status = read_sampled(set, f, s, sample, err);
    if (status || (set->reweight && !frame_has_key(f, "energy")))
        return status;
    status = keys_get(f, "energy", 1, &sample->energy, err);
    if (!status)
        status = optional_real(f, "entropy_energy", &sample->entropy, err);
    if (!status && s->periodic)
        status = read_pressure(f, "stress", &sample->pressure, err);
    return status;
}

#endif
