/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What delta-md writes: frames, the log, progress. */
#ifndef CMD_DELTA_MD_OUTPUT_H
#define CMD_DELTA_MD_OUTPUT_H

#include <errno.h>
#include <string.h>
#include "base/threads.h"
#include "cmd/delta-md-ensemble.h"
#include "cmd/delta-md-parts.h"
#include "formats/convert.h"
#include "formats/keys.h"
#include "md/hugoniostat.h"

/* Under its own name with a checkpoint, of which `keep` bytes are there already, else as LOG.part. */
static enum status log_open(struct settings *set, size_t keep, struct err *err)
{
    if (!set->log_name)
        return ST_OK;
    const bool device = !set->saving.file && outfile_is_device(set->log_name);
    char *name = set->saving.file ? mem_text(set->log_name) : mem_print("%s.part", set->log_name);
    enum status status = device ? outfile_open(&set->log, set->log_name, err)
                                : outfile_continue(&set->log, name, keep, err);
    free(name);
    if (!status && !keep)
        fprintf(set->log.file,
                "run%s\tstep\ttime_fs\ttemperature_K\tpressure_GPa\tenergy_eV\tconserved_eV\t"
                "uncertainty_eV\tdensity_g_cm3%s\n",
                set->replicas > 1 ? "\treplica" : "",
                integrators[set->ensemble]->hugoniostat ? "\thugoniot_residual_eV_per_atom" : "");
    return status;
}

static enum status log_close(struct settings *set, struct err *err)
{
    if (!set->log.file)
        return ST_OK;
    const bool device = outfile_is_device(set->log.path);
    char *part = mem_text(set->log.path);
    enum status status = outfile_close(&set->log, true, err);
    if (!status && !set->saving.file && !device && rename(part, set->log_name))
        status = err_set(err, ST_SYSTEM, "cannot write %s: %s", set->log_name, strerror(errno));
    free(part);
    return status;
}

static enum status log_line(const struct trajectory *t, int replica, struct err *err)
{
    const struct dynamics *d = t->d[replica];
    FILE *log = t->set->log.file;
    double eV = units_stream(DIM_ENERGY);
    fprintf(log, "%ld\t", run_frame(t->run));
    if (t->set->replicas > 1)
        fprintf(log, "%d\t", replica + 1);
    fprintf(log, "%lld\t%.6g\t%.8g\t%.8g\t%.12g\t%.12g\t%.6g\t%.8g", (long long)d->step,
            (double)d->step * d->set.timestep / units_stream(DIM_TIME),
            dynamics_temperature(d) / units_stream(DIM_TEMPERATURE),
            dynamics_pressure(d) / units_stream(DIM_PRESSURE), d->now.energy / eV,
            dynamics_conserved(d) / eV, d->now.uncertainty / eV,
            d->system->periodic ? system_mass_density(d->system) / units_stream(DIM_DENSITY) : 0);
    if (d->set.integrator->hugoniostat)
        fprintf(log, "\t%.8g", hugoniostat_residual(d) / d->system->n / eV);
    if (fputc('\n', log) < 0 || fflush(log))
        return err_set(err, ST_SYSTEM, "cannot write %s: %s", t->set->log.path, strerror(errno));
    return ST_OK;
}

static enum status log_lines(const struct trajectory *t, struct err *err)
{
    enum status status = ST_OK;
    for (int r = 0; t->set->log.file && r < t->set->replicas && !status; r++)
        status = log_line(t, r, err);
    return status;
}

/* The frame of a replica as it stands; the caller frees. */
static struct frame *output_frame(const struct trajectory *t, int replica)
{
    const struct dynamics *d = t->d[replica];
    struct frame *f = frame_copy(t->start);
    double temperature = dynamics_temperature(d), time = (double)d->step * d->set.timestep;
    system_to_frame(d->system, f);
    keys_set(f, "energy", 1, &d->now.energy);
    if (d->now.entropy != 0)
        keys_set(f, "entropy_energy", 1, &d->now.entropy);
    if (d->now.uncertainty > 0)
        keys_set(f, "energy_uncertainty", 1, &d->now.uncertainty);
    keys_set_column(f, "forces", 3, d->now.force[0]);
    if (d->system->periodic)
        keys_set(f, "stress", 9, d->now.stress[0]);
    keys_set(f, "temperature", 1, &temperature);
    if (d->set.integrator->canonical)
        keys_set(f, "thermostat_temperature", 1, &d->set.kT);
    keys_set(f, "time", 1, &time);
    frame_set_int(f, "step", d->step);
    if (t->set->replicas > 1)
        frame_set_int(f, "replica", replica + 1);
    return f;
}

static enum status output_frames(const struct trajectory *t, struct err *err)
{
    const struct selection *s = &t->set->selection;
    enum status status = ST_OK;
    for (int r = 0; r < t->set->replicas && !status && !(s->threshold > 0 && !s->file); r++) {
        struct frame *f = output_frame(t, r);
        status = run_put(t->run, f, err);
        frame_free(f);
    }
    return status;
}

/* Of the first replica, but the speed of all. */
static void output_progress(struct trajectory *t)
{
    const struct dynamics *d = t->d[0];
    double now = threads_wall();
    if (now - t->shown < .2 || d->step == t->from)
        return;
    t->shown = now;
    double rate = (double)(d->step - t->from) * t->set->replicas / (now - t->began);
    double ns = rate * 86400 * d->set.timestep / units_stream(DIM_TIME) * 1e-6;
    log_progress(run_log(t->run),
                 "run %ld  step %lld of %d  %.0f K  %.1f GPa  %.0f steps/s  %.3g ns/day",
                 run_frame(t->run), (long long)d->step, t->set->equilibrate + t->set->steps,
                 dynamics_temperature(d) / units_stream(DIM_TEMPERATURE),
                 dynamics_pressure(d) / units_stream(DIM_PRESSURE), rate, ns);
}

static void output_summary(const struct trajectory *t)
{
    double fs = units_stream(DIM_TIME), wall = threads_wall() - t->began;
    for (int r = 0; r < t->set->replicas; r++) {
        const struct dynamics *d = t->d[r];
        double ps = (double)d->step * d->set.timestep / fs * 1e-3;
        double rate = (double)(d->step - t->from) / wall;
        double drift = (dynamics_conserved(d) - t->first[r]) / d->system->n / ps;
        char *name = t->set->replicas > 1 ? mem_print(", replica %d", r + 1) : mem_text("");
        log_detail(run_log(t->run),
                   "run %ld%s: %lld steps of %.4g fs, %.0f steps/s, %.3g ns/day; conserved energy "
                   "drifts by %.3g eV per atom and ps",
                   run_frame(t->run), name, (long long)d->step, d->set.timestep / fs, rate,
                   rate * d->set.timestep / fs * 86400 * 1e-6, drift / units_stream(DIM_ENERGY));
        free(name);
    }
}

#endif
