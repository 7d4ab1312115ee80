/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Means of a trajectory at one state point, with honest error bars. Atomic units.
 *
 *   E = <U + T S> + 3/2 N kT          U what forces derive from (a free energy of electrons at
 *   P = <-trace(stress)/3> + N kT <1/V>      temperature; then T S is what it lacks to the internal energy)
 *
 * Kinetic terms are classical and known: with the temperature of the thermostat they carry no noise and
 * no error of the time step (analytic). Sampled, they are averaged with the rest, sample by sample, so that
 * their correlation with U and the virial is in the error bar.
 *
 * Several runs may make up one state point; each is equilibrated and cut by itself.
 *
 * Samples that another potential U' made count with exp(-(U - U')/kT) (Zwanzig, J. Chem. Phys. 22, 1420
 * (1954); for averages Torrie & Valleau, J. Comput. Phys. 23, 187 (1977)), where the volume and the
 * temperature, or the pressure and the temperature, are given. Where only some have U, U' and the pressure that goes with it
 * are control variates: what their mean over those few misses of that over all, times the coefficient of least variance, is
 * taken away (Hammersley & Handscomb, Monte Carlo Methods (1964), 5.5).
 *
 * Where U - U' scatters by more than kT, few samples have nearly all the weight. Then <x> - <(x - <x>)(U - U')>/kT, the first order
 * of the same, has a bounded error: what is left out begins with the third cumulant of x, U - U' and U - U', which is zero where
 * they are normally distributed.
 */
#ifndef MD_AVERAGES_H
#define MD_AVERAGES_H

#include <stdbool.h>
#include "base/err.h"
#include "maths/stats.h"

struct averages_sample {
    double energy;   /* U, of the cell */
    double entropy;  /* T S of the electrons, 0 if unknown */
    double pressure; /* -trace(stress)/3, 0 in open boundaries */
    double kT;       /* kinetic temperature, instantaneous; NaN if unknown */
    double volume;   /* 0 in open boundaries */
    double fraction; /* of atoms in molecules, 0 if not wanted */
    /* Used where reweighted, in which case a sample without U has energy NaN. */
    double sampled, sampled_pressure; /* of U'; the pressure NaN if unknown */
};

enum averages_reweight { AVERAGES_AS_SAMPLED, AVERAGES_WEIGHTS, AVERAGES_CUMULANT };

struct averages_settings {
    int atoms;
    bool analytic;                   /* kinetic terms from kT below, else from the samples */
    enum averages_reweight reweight; /* the samples are of another potential, that of `sampled` */
    double kT;                       /* of analytic terms and weights, only there */
    int discard; /* samples left out at the start of every run; negative: stats_equilibration */
};

struct averages_result {
    struct estimate energy, pressure; /* internal energy of the cell, pressure */
    struct estimate kT;               /* analytic: the given one, error 0 */
    struct estimate kinetic;          /* kT of the samples; mean NaN if they have none */
    struct estimate fraction;
    struct estimate inverse_volume; /* 0 in open boundaries */
    int samples, used, runs;        /* used: of those that have an energy */
    double effective;               /* (sum w)^2 / sum w^2 of the weights; used, without */
    double spread; /* standard deviation of (energy - sampled) / kT, 0 without reweighting */
};

struct averages;

struct averages *averages_new(void);
void averages_free(struct averages *a);
int averages_begin_run(struct averages *a); /* its number, from 0; runs may grow in any order */
/* The next sample in time of a run. */
void averages_add(struct averages *a, int run, const struct averages_sample *sample);
int averages_runs(const struct averages *a);
/* Samples left out at the start of a run, and those that it has. */
int averages_discarded(const struct averages *a, const struct averages_settings *set, int run);
int averages_samples(const struct averages *a, int run);
/* ST_DATA: fewer than two samples are left, or sampled kinetic terms without kT. */
enum status averages_result(const struct averages *a, const struct averages_settings *set,
                            struct averages_result *result, struct err *err);

#endif
