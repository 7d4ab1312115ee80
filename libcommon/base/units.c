/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/units.h"

#define EV (1 / UNITS_HARTREE_EV)
#define ANGSTROM (1 / UNITS_BOHR_A)
#define FS (1 / UNITS_TIME_FS)
#define GPA (1 / UNITS_PRESSURE_GPA)
#define CALORIE 4.184 /* J, thermochemical: exact */
/* Ha in kJ/mol: 4.3597447222071e-18 J times N_A = 6.02214076e23 / mol */
#define HARTREE_KJ_MOL (4.3597447222071e-18 * 6.02214076e23 * 1e-3)

static const struct {
    const char *name;
    enum dimension dim;
    double size; /* in atomic units */
} units[] = {
    {"eV", DIM_ENERGY, EV},
    {"meV", DIM_ENERGY, 1e-3 * EV},
    {"Ha", DIM_ENERGY, 1},
    {"mHa", DIM_ENERGY, 1e-3},
    {"Ry", DIM_ENERGY, 0.5},
    {"mRy", DIM_ENERGY, 0.5e-3},
    {"kJ/mol", DIM_ENERGY, 1 / HARTREE_KJ_MOL},
    {"kcal/mol", DIM_ENERGY, CALORIE / HARTREE_KJ_MOL},
    {"A", DIM_LENGTH, ANGSTROM},
    {"bohr", DIM_LENGTH, 1},
    {"nm", DIM_LENGTH, 10 * ANGSTROM},
    {"pm", DIM_LENGTH, 0.01 * ANGSTROM},
    {"fs", DIM_TIME, FS},
    {"ps", DIM_TIME, 1e3 * FS},
    {"as", DIM_TIME, 1e-3 * FS},
    {"K", DIM_TEMPERATURE, 1 / UNITS_HARTREE_K},
    {"kK", DIM_TEMPERATURE, 1e3 / UNITS_HARTREE_K},
    {"GPa", DIM_PRESSURE, GPA},
    {"Mbar", DIM_PRESSURE, 100 * GPA},
    {"kbar", DIM_PRESSURE, 0.1 * GPA},
    {"bar", DIM_PRESSURE, 1e-4 * GPA},
    {"MPa", DIM_PRESSURE, 1e-3 * GPA},
    {"Pa", DIM_PRESSURE, 1e-9 * GPA},
    {"eV/A3", DIM_STRESS, EV / (ANGSTROM * ANGSTROM * ANGSTROM)},
    {"Ha/bohr3", DIM_STRESS, 1},
    {"g/cm3", DIM_DENSITY, 1 / UNITS_DENSITY_G_CM3},
    {"kg/m3", DIM_DENSITY, 1e-3 / UNITS_DENSITY_G_CM3},
    {"eV/A", DIM_FORCE, EV / ANGSTROM},
    {"meV/A", DIM_FORCE, 1e-3 * EV / ANGSTROM},
    {"Ha/bohr", DIM_FORCE, 1},
    {"mHa/bohr", DIM_FORCE, 1e-3},
    {"Ry/bohr", DIM_FORCE, 0.5},
    {"amu", DIM_MASS, UNITS_AMU_ME},
    {"u", DIM_MASS, UNITS_AMU_ME},
    {"me", DIM_MASS, 1},
    {"A/fs", DIM_VELOCITY, ANGSTROM / FS},
    {"A/ps", DIM_VELOCITY, 1e-3 * ANGSTROM / FS},
    {"km/s", DIM_SPEED, 1 / UNITS_VELOCITY_KM_S},
    {"m/s", DIM_SPEED, 1e-3 / UNITS_VELOCITY_KM_S},
    {"A3", DIM_VOLUME, ANGSTROM *ANGSTROM *ANGSTROM},
    {"bohr3", DIM_VOLUME, 1},
    {"1/fs", DIM_RATE, 1 / FS},
    {"1/ps", DIM_RATE, 1e-3 / FS},
    {"1/A", DIM_WAVE_NUMBER, 1 / ANGSTROM},
    {"1/bohr", DIM_WAVE_NUMBER, 1},
    {"1/GPa", DIM_COMPRESSIBILITY, 1 / GPA},
    {"1/Mbar", DIM_COMPRESSIBILITY, 0.01 / GPA},
    {NULL, DIM_NONE, 0},
};

/* Pressures and stresses, and the two kinds of velocity, differ only in the stream's unit. */
static const struct {
    const char *unit, *noun;
    enum dimension same_as;
} dimensions[] = {
    [DIM_NONE] = {"", "a pure number", DIM_NONE},
    [DIM_ENERGY] = {"eV", "an energy", DIM_ENERGY},
    [DIM_LENGTH] = {"A", "a length", DIM_LENGTH},
    [DIM_TIME] = {"fs", "a time", DIM_TIME},
    [DIM_TEMPERATURE] = {"K", "a temperature", DIM_TEMPERATURE},
    [DIM_PRESSURE] = {"GPa", "a pressure", DIM_PRESSURE},
    [DIM_STRESS] = {"eV/A3", "a stress", DIM_PRESSURE},
    [DIM_DENSITY] = {"g/cm3", "a density", DIM_DENSITY},
    [DIM_FORCE] = {"eV/A", "a force", DIM_FORCE},
    [DIM_MASS] = {"amu", "a mass", DIM_MASS},
    [DIM_VELOCITY] = {"A/fs", "a velocity", DIM_VELOCITY},
    [DIM_SPEED] = {"km/s", "a velocity", DIM_VELOCITY},
    [DIM_VOLUME] = {"A3", "a volume", DIM_VOLUME},
    [DIM_RATE] = {"1/fs", "a rate", DIM_RATE},
    [DIM_WAVE_NUMBER] = {"1/A", "a wave number", DIM_WAVE_NUMBER},
    [DIM_COMPRESSIBILITY] = {"1/GPa", "a compressibility", DIM_COMPRESSIBILITY},
};

const char *units_suffix(const char *unit)
{
    return unit + (unit[0] == '1' && unit[1] == '/');
}

int units_find(const char *unit, enum dimension *dim, double *size)
{
    for (int i = 0; units[i].name; i++)
        if (!strcmp(units_suffix(units[i].name), units_suffix(unit))) {
            *dim = units[i].dim;
            *size = units[i].size;
            return 1;
        }
    return 0;
}

const char *units_stream_name(enum dimension dim)
{
    return dimensions[dim].unit;
}

double units_stream(enum dimension dim)
{
    enum dimension found;
    double size = 1;
    units_find(dimensions[dim].unit, &found, &size);
    return size;
}

/* "Ha, eV, mHa": the units that a quantity of this dimension may carry */
static void list_units(enum dimension dim, char *list, size_t bytes)
{
    size_t used = 0;
    for (int i = 0; units[i].name; i++)
        if (dimensions[units[i].dim].same_as == dimensions[dim].same_as && used < bytes)
            used += (size_t)snprintf(list + used, bytes - used, "%s%s", used ? ", " : "",
                                     units_suffix(units[i].name));
}

/* Decimal numbers only: strtod would also take inf, nan, hexadecimals and leading blanks. */
static bool read_number(const char *text, double *x, const char **rest)
{
    const char *s = text + (*text == '+' || *text == '-');
    if (!isdigit((unsigned char)s[*s == '.']) || (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')))
        return false;
    char *end;
    *x = strtod(text, &end);
    *rest = end;
    return isfinite(*x);
}

enum status units_parse(const char *text, enum dimension dim, double *au, struct err *err)
{
    double x, size = units_stream(dim);
    const char *unit;
    enum dimension found = dim;
    if (!read_number(text, &x, &unit))
        return err_set(err, ST_USAGE, "'%.80s' is not a number; write %s such as 2.5%s", text,
                       dimensions[dim].noun, units_suffix(dimensions[dim].unit));
    if (!strcmp(unit, "au") && dim != DIM_NONE)
        size = 1;
    else if (*unit) {
        char list[160] = "no unit";
        list_units(dim, list, sizeof list);
        if (!units_find(unit, &found, &size))
            return err_set(err, ST_USAGE, "'%.80s': unknown unit '%.40s'; %s takes %s", text, unit,
                           dimensions[dim].noun, list);
        if (dimensions[found].same_as != dimensions[dim].same_as)
            return err_set(err, ST_USAGE, "'%.80s' is %s, but %s is expected; it takes %s", text,
                           dimensions[found].noun, dimensions[dim].noun, list);
    }
    *au = x * size;
    return ST_OK;
}
