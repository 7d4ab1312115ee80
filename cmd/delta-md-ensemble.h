/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ensembles of delta-md: which algorithms, with which settings, and what they need. */
#ifndef CMD_DELTA_MD_ENSEMBLE_H
#define CMD_DELTA_MD_ENSEMBLE_H

#include <math.h>
#include "base/units.h"
#include "cmd/delta-md-parts.h"

/* Defaults of --relaxation: a vibration or two of the molecule; several where one number steers all
 * atoms (rescale, Hugoniostat). */
#define LANGEVIN_RELAXATION (20 / UNITS_TIME_FS)
#define COMMON_RELAXATION (100 / UNITS_TIME_FS)
#define BAROSTAT_RELAXATION (200 / UNITS_TIME_FS)

static const struct integrator *const integrators[] = {
    &integrator_verlet, &integrator_nvt, &integrator_npt, &integrator_nvhug, &integrator_nphug};
static const struct thermostat *const thermostats[] = {&thermostat_langevin, &thermostat_rescale};
static const struct barostat *const barostats[] = {&barostat_isotropic, &barostat_flexible};

static double ensemble_relaxation(const struct settings *set)
{
    if (!isnan(set->relaxation))
        return set->relaxation;
    bool langevin = integrators[set->ensemble]->canonical && !set->thermostat;
    return langevin ? LANGEVIN_RELAXATION : COMMON_RELAXATION;
}

/* All but the time step and what is not the same for every trajectory. */
static struct dynamics_settings ensemble_settings(const struct settings *set)
{
    return (struct dynamics_settings){
        .integrator = integrators[set->ensemble],
        .thermostat = thermostats[set->thermostat],
        .barostat = barostats[set->cell],
        .kT = set->temperature,
        .relaxation = ensemble_relaxation(set),
        .pressure = set->pressure,
        .barostat_relaxation = set->barostat_relaxation,
        .compressibility = isnan(set->compressibility) ? 0.5 / set->pressure : set->compressibility,
        .initial_energy = set->initial_energy,
        .initial_density = set->initial_density,
        .initial_pressure = set->initial_pressure,
        .max_uncertainty = set->max_uncertainty};
}

static enum status ensemble_check(const struct settings *set, struct err *err)
{
    const struct integrator *i = integrators[set->ensemble];
    if (set->inner_files.n && !i->multiple)
        return err_set(err, ST_USAGE, "--inner is for --ensemble nve and nvt, not for %s", i->name);
    if ((i->canonical || i->hugoniostat) && isnan(set->temperature))
        return err_set(err, ST_USAGE, "--ensemble %s needs --temperature", i->name);
    if (i->hugoniostat && !(set->temperature > 0))
        return err_set(err, ST_USAGE,
                       "--ensemble %s: --temperature must be above 0, about what is expected",
                       i->name);
    if (i->has_barostat && isnan(set->pressure))
        return err_set(err, ST_USAGE, "--ensemble %s needs --pressure", i->name);
    if (i->has_barostat && isnan(set->compressibility) && !(set->pressure > 0))
        return err_set(err, ST_USAGE,
                       "--compressibility is needed where --pressure is not above 0");
    if (i->hugoniostat && isnan(set->initial_energy))
        return err_set(err, ST_USAGE,
                       "--ensemble %s needs --initial-energy: the energy per atom before the "
                       "shock, from the same models",
                       i->name);
    return ST_OK;
}

static enum status ensemble_check_cell(const struct settings *set, const struct system *s,
                                       struct err *err)
{
    const struct integrator *i = integrators[set->ensemble];
    if (s->periodic || !(i->has_barostat || i->hugoniostat))
        return ST_OK;
    return err_set(err, ST_DATA,
                   "open boundaries have no volume: --ensemble %s needs pbc=\"T T T\"", i->name);
}

#endif
