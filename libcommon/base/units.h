/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CODATA 2018 constants and the quantities of the command line. Inside the programs everything is
 * in Hartree atomic units; a bare number on a command line is in the stream's unit (eV, A, fs, K,
 * GPa, g/cm3, eV/A, amu, km/s); a unit may be written against the number: 40Ha, 0.5mHa, 8000K.
 */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include "base/err.h"

/* Tiesinga et al., Rev. Mod. Phys. 93, 025010 (2021): value of the atomic unit in the named unit */
#define UNITS_BOHR_A 0.529177210903           /* bohr in Angstrom */
#define UNITS_HARTREE_EV 27.211386245988      /* Hartree in eV */
#define UNITS_AMU_ME 1822.888486209           /* unified atomic mass unit in electron masses */
#define UNITS_TIME_FS 0.024188843265857       /* atomic unit of time in fs */
#define UNITS_HARTREE_K 315775.02480407       /* Hartree / k_B in K */
#define UNITS_PRESSURE_GPA 29421.015696       /* Hartree / bohr^3 in GPa */
#define UNITS_VELOCITY_KM_S 2187.69126364     /* atomic unit of velocity in km/s */
#define UNITS_DENSITY_G_CM3 6.147316825738e-3 /* m_e / bohr^3 in g/cm3 */

enum dimension {
    DIM_NONE,           /* a pure number */
    DIM_ENERGY,         /* Ha     eV    */
    DIM_LENGTH,         /* bohr   A     */
    DIM_TIME,           /* au     fs    */
    DIM_TEMPERATURE,    /* Ha (k_B T)  K */
    DIM_PRESSURE,       /* Ha/bohr3    GPa on the command line and for keys that end in _GPa */
    DIM_STRESS,         /* Ha/bohr3    eV/A3 on the stream */
    DIM_DENSITY,        /* m_e/bohr3   g/cm3 */
    DIM_FORCE,          /* Ha/bohr     eV/A  */
    DIM_MASS,           /* m_e    amu   */
    DIM_VELOCITY,       /* au     A/fs on the stream (velo) */
    DIM_SPEED,          /* au     km/s (shock and particle velocity) */
    DIM_VOLUME,         /* bohr3  A3    */
    DIM_RATE,           /* 1/au   1/fs  */
    DIM_WAVE_NUMBER,    /* 1/bohr 1/A   */
    DIM_COMPRESSIBILITY /* bohr3/Ha 1/GPa */
};

/* Size of the stream's unit of a dimension in atomic units: au = stream * units_stream(dim). */
double units_stream(enum dimension dim);
const char *units_stream_name(enum dimension dim);

/* Dimension of a unit name ("Ha", "mHa/bohr") and its size in atomic units; 0 if unknown. */
int units_find(const char *unit, enum dimension *dim, double *size);
/* What is written against a number: "1/fs" becomes "/fs" (0.5/fs), the others stay (0.5Ha). */
const char *units_suffix(const char *unit);

/* Parse "40Ha" as a quantity of dimension dim into atomic units. Error: ST_USAGE. */
enum status units_parse(const char *text, enum dimension dim, double *au, struct err *err);

#endif
