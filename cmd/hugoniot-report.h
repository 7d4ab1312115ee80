/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hugoniot: what it says of the curve, on standard error, in tables and as JSON. */
#ifndef CMD_HUGONIOT_REPORT_H
#define CMD_HUGONIOT_REPORT_H

#include <math.h>
#include "base/log.h"
#include "base/outfile.h"
#include "cmd/hugoniot-parts.h"

/* A writer of one file about the curve. */
typedef void report_writer(FILE *f, const struct settings *s, const struct curve *c);

/* path NULL: nothing is to be written */
static enum status write_report(report_writer *writer, const char *path, const struct settings *s,
                                const struct curve *c, struct err *err)
{
    struct outfile out;
    if (!path)
        return ST_OK;
    enum status status = outfile_open(&out, path, err);
    if (status != ST_OK)
        return status;
    writer(out.file, s, c);
    return outfile_close(&out, true, err);
}

/* ---- standard error ---- */

static double kelvin(double kT)
{
    return kT / units_stream(DIM_TEMPERATURE);
}

static void note_missing(struct log *log, const struct eos_group *g, double wanted)
{
    const bool isotherm = g->along == EOS_ISOTHERMS;
    const double K = units_stream(DIM_TEMPERATURE), rho = units_stream(DIM_DENSITY);
    const double name = g->nominal / (isotherm ? K : rho), x = wanted / (isotherm ? rho : K);
    if (isfinite(wanted))
        log_warning(log, "no Hugoniot point within the states at %s %.6g %s: add one near %.4g %s",
                    isotherm ? "temperature" : "density", name, isotherm ? "K" : "g/cm3", x,
                    isotherm ? "g/cm3" : "K");
    else
        log_warning(log, "no Hugoniot point at %s %.6g %s: add states at other %s",
                    isotherm ? "temperature" : "density", name, isotherm ? "K" : "g/cm3",
                    isotherm ? "densities" : "temperatures");
}

static void detail_fit(struct log *log, const char *what, const struct eos_fit *fit)
{
    const struct eos_model *m = &fit->model[fit->best];
    log_detail(log, "    %s %s (linear %.2f, quadratic %.2f, process %.2f), chi2 %.2f of %d states",
               what, eos_model_names[fit->best], fit->probability[EOS_LINEAR],
               fit->probability[EOS_QUADRATIC], fit->probability[EOS_PROCESS], m->chi2, m->n);
}

static void note_maximum(struct log *log, const struct curve *c)
{
    const double gpa = units_stream(DIM_PRESSURE);
    log_note(log, "largest compression %.4f +- %.4f at %.2f +- %.2f GPa", c->maximum.compression,
             c->maximum_error.compression, c->maximum.pressure / gpa,
             c->maximum_error.pressure / gpa);
    if (!c->maximum.inside)
        log_note(log, "    at an end of the curve: a lower bound of the maximum, no more");
    else if (c->inside < 0.95)
        log_note(log, "    in %.0f %% of the replicas at an end of the curve: perhaps a bound only",
                 100 * (1 - c->inside));
}

static void report(struct log *log, const struct curve *c)
{
    const double gpa = units_stream(DIM_PRESSURE), km_s = units_stream(DIM_SPEED);
    for (int i = 0; i < c->lost_n; i++)
        note_missing(log, &c->lost[i], c->wanted[i]);
    for (int i = 0; i < c->n; i++) {
        const struct hugoniot_point *p = &c->point[i], *e = &c->error[i];
        log_note(log, "T %8.1f K  compression %.4f +- %.4f  P %.3f +- %.3f GPa",
                 kelvin(p->temperature), p->compression, e->compression, p->pressure / gpa,
                 e->pressure / gpa);
        detail_fit(log, "E", &c->group[i].energy);
        detail_fit(log, "P", &c->group[i].pressure);
    }
    if (c->n < 2)
        return;
    note_maximum(log, c);
    log_note(log, "u_s = %.3f +- %.3f km/s + %.4f +- %.4f u_p", c->line.intercept / km_s,
             c->line_error.intercept / km_s, c->line.slope, c->line_error.slope);
    if (isfinite(c->line.chi2) && c->line.freedom > 0)
        log_note(log, "    chi2 %.1f of %d points less 2; they scatter by %.3f km/s about it",
                 c->line.chi2, c->n, c->line.scatter / km_s);
}

/* ---- tables ---- */

static void write_table(FILE *f, const struct settings *s, const struct curve *c)
{
    (void)s;
    for (int k = 0; k < COLUMNS; k++)
        fprintf(f, "%s%s\t%s_error", k ? "\t" : "", columns[k].name, columns[k].name);
    fputc('\n', f);
    for (int i = 0; i < c->n; i++)
        for (int k = 0; k < COLUMNS; k++)
            fprintf(f, "%.10g\t%.4g%c", column_value(&columns[k], &c->point[i]),
                    column_value(&columns[k], &c->error[i]), k < COLUMNS - 1 ? '\t' : '\n');
}

/* The members whose errors are taken apart. */
static bool in_budget(const struct column *c)
{
    return c->where != offsetof(struct hugoniot_point, density) &&
           c->where != offsetof(struct hugoniot_point, energy);
}

/* The errors of all sources together, then of each alone; their squares need not add up exactly. */
static void write_budget(FILE *f, const struct settings *s, const struct curve *c)
{
    (void)s;
    fputs("temperature_K\tdensity_g_cm3", f);
    for (int k = 2; k < COLUMNS; k++)
        if (in_budget(&columns[k])) {
            fprintf(f, "\t%s\t%s_error", columns[k].name, columns[k].name);
            for (int j = 0; j < SOURCES; j++)
                fprintf(f, "\t%s_error_%s", columns[k].name, sources[j].name);
        }
    fputc('\n', f);
    for (int i = 0; i < c->n; i++) {
        fprintf(f, "%.10g\t%.10g", column_value(&columns[0], &c->point[i]),
                column_value(&columns[1], &c->point[i]));
        for (int k = 2; k < COLUMNS; k++)
            if (in_budget(&columns[k])) {
                fprintf(f, "\t%.10g\t%.4g", column_value(&columns[k], &c->point[i]),
                        column_value(&columns[k], &c->error[i]));
                for (int j = 0; j < SOURCES; j++)
                    fprintf(f, "\t%.4g", column_value(&columns[k], &c->part[j][i]));
            }
        fputc('\n', f);
    }
}

static void write_suggestions(FILE *f, const struct settings *s, const struct curve *c)
{
    (void)s;
    fputs("temperature_K\tdensity_g_cm3\treason\n", f);
    for (int i = 0; i < c->suggestions; i++) {
        const struct suggestion *g = &c->suggestion[i];
        fprintf(f, "%.8g\t%.8g\t%s\n", kelvin(g->temperature),
                g->density / units_stream(DIM_DENSITY), suggest_reasons[g->reason]);
    }
}

/* ---- JSON: one object ---- */

static void put_number(FILE *f, const char *before, const char *name, double x)
{
    fprintf(f, isfinite(x) ? "%s\"%s\": %.10g" : "%s\"%s\": null", before, name, x);
}

static void put_pair(FILE *f, const char *before, const char *name, double x, double error)
{
    put_number(f, before, name, x);
    fprintf(f, isfinite(error) ? ", \"%s_error\": %.4g" : ", \"%s_error\": null", name, error);
}

static void put_fit(FILE *f, const char *name, const struct eos_fit *fit)
{
    const struct eos_model *m = &fit->model[fit->best];
    fprintf(f, ", \"%s\": {\"model\": \"%s\", \"chi2\": %.6g, \"probability\": {", name,
            eos_model_names[fit->best], m->chi2);
    for (int k = 0; k < EOS_MODELS; k++)
        fprintf(f, "%s\"%s\": %.4g", k ? ", " : "", eos_model_names[k], fit->probability[k]);
    fputs("}}", f);
}

static void put_point(FILE *f, const struct curve *c, int i)
{
    for (int k = 0; k < COLUMNS; k++) {
        put_pair(f, k ? ", " : "{", columns[k].name, column_value(&columns[k], &c->point[i]),
                 column_value(&columns[k], &c->error[i]));
        for (int j = 0; j < SOURCES && in_budget(&columns[k]); j++) {
            fprintf(f, ", \"%s_error_%s\": ", columns[k].name, sources[j].name);
            const double x = column_value(&columns[k], &c->part[j][i]);
            fprintf(f, isfinite(x) ? "%.4g" : "null", x);
        }
    }
    fprintf(f, ", \"states\": %d", c->group[i].n);
    put_fit(f, "energy_fit", &c->group[i].energy);
    put_fit(f, "pressure_fit", &c->group[i].pressure);
    fputs("}", f);
}

static void put_curve(FILE *f, const struct curve *c)
{
    const double gpa = units_stream(DIM_PRESSURE), km_s = units_stream(DIM_SPEED);
    fputs(", \"maximum\": ", f);
    put_pair(f, "{", "compression", c->maximum.compression, c->maximum_error.compression);
    put_pair(f, ", ", "pressure_GPa", c->maximum.pressure / gpa, c->maximum_error.pressure / gpa);
    fprintf(f, ", \"bound_only\": %s", c->maximum.inside ? "false" : "true");
    put_number(f, ", ", "inside_probability", c->inside);
    fputs("}, \"velocity_line\": ", f);
    put_pair(f, "{", "intercept_km_s", c->line.intercept / km_s, c->line_error.intercept / km_s);
    put_pair(f, ", ", "slope", c->line.slope, c->line_error.slope);
    put_number(f, ", ", "scatter_km_s", c->line.scatter / km_s);
    put_number(f, ", ", "chi2", c->line.chi2);
    fprintf(f, ", \"freedom\": %d}", c->line.freedom);
}

static void write_json(FILE *f, const struct settings *s, const struct curve *c)
{
    const struct eos_initial *initial = &s->initial;
    fputs("{\"initial\": ", f);
    put_number(f, "{", "density_g_cm3", initial->density / units_stream(DIM_DENSITY));
    put_pair(f, ", ", "energy_Ha_per_atom", initial->energy, initial->energy_error);
    put_number(f, ", ", "pressure_GPa", initial->pressure / units_stream(DIM_PRESSURE));
    put_number(f, ", ", "mass_amu_per_atom", initial->mass / UNITS_AMU_ME);
    fprintf(f, "}, \"along\": \"%s\", \"points\": [",
            c->along == EOS_ISOTHERMS ? "isotherms" : "isochores");
    for (int i = 0; i < c->n; i++) {
        fputs(i ? ", " : "", f);
        put_point(f, c, i);
    }
    fputs("]", f);
    if (c->n > 1)
        put_curve(f, c);
    fputs(", \"suggestions\": [", f);
    for (int i = 0; i < c->suggestions; i++) {
        const struct suggestion *g = &c->suggestion[i];
        put_number(f, i ? ", {" : "{", "temperature_K", kelvin(g->temperature));
        put_number(f, ", ", "density_g_cm3", g->density / units_stream(DIM_DENSITY));
        fprintf(f, ", \"reason\": \"%s\"}", suggest_reasons[g->reason]);
    }
    fputs("]}\n", f);
}

#endif
