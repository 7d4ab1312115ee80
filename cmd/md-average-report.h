/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What md-average writes of a state point: keys, tables, a figure. */
#ifndef CMD_MD_AVERAGE_REPORT_H
#define CMD_MD_AVERAGE_REPORT_H

#include <math.h>
#include <stdlib.h>
#include "base/mem.h"
#include "cmd/md-average-parts.h"
#include "formats/filter.h"
#include "formats/keys.h"
#include "formats/labels.h"

static void set_estimate(struct frame *f, const char *name, double value, double error)
{
    char *companion = mem_print("%s_error", name);
    keys_set(f, name, 1, &value);
    keys_set(f, companion, 1, &error);
    free(companion);
}

/* Over the runs of the state point, weighted with their lengths in time, whatever the time between their frames. */
static void put_diffusion(const struct point *p, const struct averages_settings *a, struct frame *f,
                          struct run *run)
{
    double unit = units_stream(DIM_LENGTH) * units_stream(DIM_LENGTH) / units_stream(DIM_TIME);
    double mean = 0, square = 0, total = 0;
    struct err first = {0}; /* of those left out */
    int left_out = 0;
    for (int i = 0; i < p->tracks; i++) {
        struct estimate e;
        struct err err;
        double length;
        if (diffusion_result(p->track[i].walk, averages_discarded(p->averages, a, i), &e, &length,
                             &err)) {
            first = left_out++ ? first : err;
            continue;
        }
        mean += length * e.mean;
        square += length * length * e.error * e.error;
        total += length;
    }
    if (left_out)
        log_warning(run_log(run),
                    "state point '%s': %d of %d runs do not count for the diffusion coefficient, "
                    "the first for this reason: %s",
                    p->name, left_out, p->tracks, first.text);
    if (left_out == p->tracks)
        return;
    frame_set_real(f, "diffusion_coefficient", mean / total / unit);
    frame_set_real(f, "diffusion_coefficient_error", sqrt(square) / total / unit);
}

/* The lifetime is of the dynamics as it was: not with weights. */
static void put_molecules(const struct settings *set, const struct point *p,
                          const struct averages_result *r, struct frame *f)
{
    struct molecule_life all = {.seen = 0};
    for (int i = 0; i < p->tracks && !set->reweight; i++) {
        all.seen += p->track[i].life.seen;
        all.broken += p->track[i].life.broken;
    }
    double life = molecule_lifetime(&all);
    set_estimate(f, "molecular_fraction", r->fraction.mean, r->fraction.error);
    if (isfinite(life))
        keys_set(f, "molecular_lifetime", 1, &life);
}

/* By so many standard deviations the extreme of n normal numbers is off their mean. exp(-x) moves the mean of a normal x by its
 * standard deviation squared. */
static double furthest(int n)
{
    return sqrt(2 * log(n));
}

#define FEW 20. /* a mean with weights is off by about a deviation over their effective number */

static void report(const struct point *p, const struct averages_settings *a,
                   const struct averages_result *r, struct run *run)
{
    double K = units_stream(DIM_TEMPERATURE);
    log_detail(
        run_log(run),
        "state point '%s': %d of %d frames used, statistical inefficiency %.3g (energy), %.3g "
        "(pressure) frames",
        p->name, r->used, r->samples, r->energy.time, r->pressure.time);
    if (a->analytic && fabs(r->kinetic.mean - a->kT) > 5 * r->kinetic.error &&
        fabs(r->kinetic.mean - a->kT) > .05 * a->kT)
        log_warning(run_log(run),
                    "state point '%s': the frames have a kinetic temperature of %.0f(%.0f) K, the "
                    "thermostat %.0f K: not in equilibrium, or too long a time step",
                    p->name, r->kinetic.mean / K, r->kinetic.error / K, a->kT / K);
    if (!a->reweight)
        return;
    log_detail(run_log(run),
               "state point '%s': the weights leave %.1f of %d frames, the difference scatters by "
               "%.2f kT",
               p->name, r->effective, r->used, r->spread);
    if (r->effective < FEW && a->reweight == AVERAGES_WEIGHTS)
        log_warning(run_log(run),
                    "state point '%s': the weights leave %.1f of %d frames: means and error bars "
                    "of so few are not to be relied on",
                    p->name, r->effective, r->used);
    if (r->spread > furthest(r->used) && a->reweight == AVERAGES_CUMULANT)
        log_warning(run_log(run),
                    "state point '%s': the difference scatters by %.1f kT in the cell: the means "
                    "are those of frames unlike any of these %d",
                    p->name, r->spread, r->used);
}

static void put_result(const struct settings *set, const struct point *p,
                       const struct averages_result *r, struct frame *f)
{
    labels_drop(f);
    set_estimate(f, "internal_energy", r->energy.mean, r->energy.error);
    if (r->inverse_volume.mean > 0) {
        set_estimate(f, "pressure_GPa", r->pressure.mean, r->pressure.error);
        set_estimate(f, "density", p->mass * r->inverse_volume.mean,
                     p->mass * r->inverse_volume.error);
    }
    if (!isnan(r->kT.mean))
        set_estimate(f, "temperature", r->kT.mean, r->kT.error);
    frame_set_int(f, "samples", r->used);
    if (set->reweight)
        frame_set_real(f, "effective_samples", r->effective);
}

/* x[3][n] of n bins: r in A, g and neighbours; the caller frees. */
static double *rdf_columns(const struct point *p, int n)
{
    double *x = MEM_NEW(double, 3 * (size_t)n + 1), A = units_stream(DIM_LENGTH);
    if (n)
        rdf_result(p->rdf, x, x + n, x + 2 * n);
    for (int i = 0; i < n; i++)
        x[i] /= A;
    return x;
}

static void put_rdf(struct settings *set, const struct point *p)
{
    const int n = p->rdf ? rdf_bins(p->rdf) : 0;
    double *r = rdf_columns(p, n), *g = r + n, *neighbours = g + n;
    for (int i = 0; i < n; i++)
        fprintf(set->rdf.file, "%s\t%.6g\t%.6g\t%.6g\n", p->name, r[i], g[i], neighbours[i]);
    free(r);
}

/* ---- --table ---- */

static enum status table_open(struct settings *set, struct err *err)
{
    if (!set->table_name)
        return ST_OK;
    if (outfile_open(&set->table, set->table_name, err))
        return ST_SYSTEM;
    fputs("state_point\tatoms\tsamples\ttemperature_K\ttemperature_K_error\tdensity_g_cm3\t"
          "density_g_cm3_error\tpressure_GPa\tpressure_GPa_error\tenergy_Ha_per_atom\t"
          "energy_Ha_per_atom_error\tmolecular_fraction\tmolecular_fraction_error\n",
          set->table.file);
    return ST_OK;
}

/* A value and its error; empty fields where there is none */
static void table_pair(FILE *table, bool known, double value, double error, double unit)
{
    if (known)
        fprintf(table, "\t%.10g\t%.4g", value / unit, error / unit);
    else
        fputs("\t\t", table);
}

static void table_row(const struct settings *set, const struct point *p,
                      const struct averages_result *r)
{
    FILE *table = set->table.file;
    bool periodic = r->inverse_volume.mean > 0;
    fprintf(table, "%s\t%d\t%d", p->name, p->atoms, r->used);
    table_pair(table, !isnan(r->kT.mean), r->kT.mean, r->kT.error, units_stream(DIM_TEMPERATURE));
    table_pair(table, periodic, p->mass * r->inverse_volume.mean, p->mass * r->inverse_volume.error,
               units_stream(DIM_DENSITY));
    table_pair(table, periodic, r->pressure.mean, r->pressure.error, units_stream(DIM_PRESSURE));
    table_pair(table, true, r->energy.mean, r->energy.error, p->atoms);
    table_pair(table, !isnan(set->bond), r->fraction.mean, r->fraction.error, 1);
    fputc('\n', table);
}

/* ---- --plot ---- */

static void plot_add(struct settings *set, const struct point *p)
{
    const int n = p->rdf ? rdf_bins(p->rdf) : 0;
    double *r = rdf_columns(p, n), *g = r + n;
    if (n)
        curves_add(&set->curves, &(struct plot_series){p->name, PLOT_CURVE, n, r, NULL, g, NULL});
    free(r);
}

static enum status plot_end(const struct settings *set, struct err *err)
{
    const struct plot plot = {.title = "",
                              .x_label = "r (A)",
                              .y_label = "g(r)",
                              .series_count = set->curves.n,
                              .series = set->curves.series};
    if (!set->plot_name)
        return ST_OK;
    if (!set->curves.n)
        return err_set(err, ST_DATA, "--plot: no state point has a g(r): periodic cells would");
    return plot_write(&plot, set->plot_name, err);
}

#endif
