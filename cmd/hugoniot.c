/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hugoniot: averaged state points in, points of the principal Hugoniot out. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/outfile.h"
#include "base/plot.h"
#include "base/units.h"
#include "eos/hugoniot.h"
#include "formats/convert.h"
#include "formats/curves.h"
#include "formats/filter.h"
#include "formats/keys.h"

enum { ALONG_ISOTHERMS, ALONG_ISOCHORES, ALONG_AUTO };

struct settings {
    struct eos_initial initial;
    int along, max_order, bootstrap;
    double tolerance;
    const char *table, *suggest, *label, *title;
    struct opt_list plot, compare;
    /* gathered from the input */
    int n;
    struct eos_state *state;
    struct frame **frame;
    double mass; /* of the first frame, m_e per atom */
};

/* The curve and what it was made from; groups[i] belongs to point[i]. */
struct curve {
    int n;
    struct eos_group *group;
    struct hugoniot_point *point, *error;
    struct hugoniot_maximum maximum;
};

static const struct opt options[] = {
    {"The initial state, before the shock", OPT_SECTION, 0, NULL, NULL, 0, 0},
    {"initial-density", OPT_QUANTITY, offsetof(struct settings, initial.density), "g/cm3",
     "density rho0; the default is liquid deuterium at 22 K", 1e-12, 1e3},
    {"initial-energy", OPT_QUANTITY, offsetof(struct settings, initial.energy), "Ha",
     "energy E0 per atom from the same method as the state points, zero-point energy "
     "included (required)",
     0, 0},
    {"initial-energy-error", OPT_QUANTITY, offsetof(struct settings, initial.energy_error), "Ha",
     "its standard error", 0, 1e3},
    {"initial-pressure", OPT_QUANTITY, offsetof(struct settings, initial.pressure), "GPa",
     "pressure P0", 0, 1e3},
    {"The solution", OPT_SECTION, 0, NULL, NULL, 0, 0},
    {"along", OPT_CHOICE, offsetof(struct settings, along), "isotherms|isochores|auto",
     "solve on each isotherm, on each isochore, or on those that give more points", 0, 0},
    {"group-tolerance", OPT_REAL, offsetof(struct settings, tolerance), "FRACTION",
     "states whose temperature (density) agrees this well are one isotherm (isochore)", 0, 0.5},
    {"max-order", OPT_INT, offsetof(struct settings, max_order), "N",
     "highest order of the polynomials fitted to E and P; the data choose up to it", 1,
     POLYFIT_MAX_ORDER},
    {"bootstrap", OPT_INT, offsetof(struct settings, bootstrap), "N",
     "replicas behind the error bars", 2, 1000000},
    {"Results", OPT_SECTION, 0, NULL, NULL, 0, 0},
    {"table", OPT_TEXT, offsetof(struct settings, table), "FILE",
     "write the points as tab-separated columns, each with its error", 0, 0},
    {"suggest", OPT_TEXT, offsetof(struct settings, suggest), "FILE",
     "write the states that are missing: temperature_K and density_g_cm3", 0, 0},
    {"plot", OPT_LIST, offsetof(struct settings, plot), "FILE",
     "draw pressure against compression into FILE.svg or FILE.png", 0, 0},
    {"compare", OPT_LIST, offsetof(struct settings, compare), "LABEL=FILE",
     "another curve in the figure: a table as --table writes it (columns compression and "
     "pressure_GPa, errors optional; a column curve splits it into several)",
     0, 0},
    {"label", OPT_TEXT, offsetof(struct settings, label), "TEXT",
     "name of this curve in the figure", 0, 0},
    {"title", OPT_TEXT, offsetof(struct settings, title), "TEXT", "title of the figure", 0, 0},
    {NULL, OPT_END, 0, NULL, NULL, 0, 0}};

static const struct program program = {
    "hugoniot", "solve the Rankine-Hugoniot relation for averaged state points", "[FILE...]",
    "Reads frames with internal_energy (eV, total of the cell), pressure_GPa, temperature (K) and "
    "their _error keys, as md-average writes them; solves H = E - E0 + (P + P0)(V - V0)/2 = 0 "
    "on every isotherm or isochore within the range of its points, never outside; writes one "
    "frame per point with temperature, density (g/cm3), pressure_GPa, internal_energy, "
    "compression, shock_velocity and particle_velocity (km/s) and their errors.",
    options};

static enum status begin(void *settings, struct run *run, struct err *err)
{
    struct settings *s = settings;
    (void)run;
    if (!isfinite(s->initial.energy))
        return err_set(err, ST_USAGE,
                       "--initial-energy is required: the energy per atom of the "
                       "initial state from the same method as the state points");
    for (int i = 0; i < s->compare.n; i++)
        if (!strchr(s->compare.item[i], '='))
            return err_set(err, ST_USAGE, "--compare '%s': write it as LABEL=FILE",
                           s->compare.item[i]);
    return ST_OK;
}

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
    if (!(state->energy_error >= 0 && state->pressure_error >= 0))
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

static enum status gather(void *settings, struct run *run, struct frame *f, struct err *err)
{
    struct settings *s = settings;
    struct system *sys = system_from_frame(f, err);
    if (!sys)
        return err->status;
    struct eos_state state = {0};
    enum status status = ST_OK;
    const double mass = mass_per_atom(sys);
    if (!sys->periodic)
        status =
            err_set(err, ST_DATA, "a state point needs a periodic cell, which gives its density");
    else if (s->n && fabs(mass / s->mass - 1) > 1e-6)
        status = err_set(err, ST_DATA, "mass per atom %.8g amu, but %.8g amu in the first frame",
                         mass / UNITS_AMU_ME, s->mass / UNITS_AMU_ME);
    else
        status = read_state(f, sys, &state, err);
    system_free(sys);
    (void)run;
    if (status != ST_OK)
        return status;
    s->mass = s->n ? s->mass : mass;
    s->state = mem_grow(s->state, (size_t)s->n, (size_t)s->n + 1, sizeof *s->state);
    s->frame = mem_grow(s->frame, (size_t)s->n, (size_t)s->n + 1, sizeof *s->frame);
    s->state[s->n] = state;
    s->frame[s->n++] = frame_copy(f);
    return ST_OK;
}

static void free_groups(int n, struct eos_group *group)
{
    for (int i = 0; i < n; i++)
        eos_group_free(&group[i]);
    free(group);
}

static void free_curve(struct curve *c)
{
    free_groups(c->n, c->group);
    free(c->point);
    free(c->error);
    *c = (struct curve){0};
}

static double shown(enum eos_along along, bool nominal, double x)
{
    return x / units_stream((along == EOS_ISOTHERMS) == nominal ? DIM_TEMPERATURE : DIM_DENSITY);
}

static void note_missing(struct log *log, FILE *suggest, const struct eos_group *g, double wanted)
{
    const bool isotherm = g->along == EOS_ISOTHERMS;
    const double name = shown(g->along, true, g->nominal);
    if (!isfinite(wanted)) {
        log_warning(log, "no Hugoniot point at %s %.6g %s: add states at other %s",
                    isotherm ? "temperature" : "density", name, isotherm ? "K" : "g/cm3",
                    isotherm ? "densities" : "temperatures");
        return;
    }
    const double x = shown(g->along, false, wanted);
    log_warning(log, "no Hugoniot point within the states at %s %.6g %s: add one near %.4g %s",
                isotherm ? "temperature" : "density", name, isotherm ? "K" : "g/cm3", x,
                isotherm ? "g/cm3" : "K");
    if (suggest)
        fprintf(suggest, "%.8g\t%.8g\n", isotherm ? name : x, isotherm ? x : name);
}

/* Solve every group; those without a root are dropped (and reported when log is given). */
static struct curve solve(const struct settings *s, enum eos_along along, struct log *log,
                          FILE *suggest)
{
    struct curve c = {0};
    const int count = eos_groups(along, s->tolerance, s->n, s->state, &c.group);
    c.point = MEM_NEW(struct hugoniot_point, count);
    c.error = MEM_NEW(struct hugoniot_point, count);
    for (int i = 0; i < count; i++) {
        struct eos_group g = c.group[i];
        double wanted = NAN;
        const enum status fitted = eos_group_fit(&g, s->max_order, s->state, NULL);
        if (fitted == ST_OK &&
            hugoniot_solve(&s->initial, &g, &c.point[c.n], &wanted, NULL) == ST_OK) {
            c.group[c.n++] = g;
            continue;
        }
        if (log)
            note_missing(log, suggest, &g, wanted);
        eos_group_free(&g);
    }
    return c;
}

static enum eos_along choose(const struct settings *s)
{
    if (s->along != ALONG_AUTO)
        return s->along == ALONG_ISOTHERMS ? EOS_ISOTHERMS : EOS_ISOCHORES;
    struct curve isotherms = solve(s, EOS_ISOTHERMS, NULL, NULL);
    struct curve isochores = solve(s, EOS_ISOCHORES, NULL, NULL);
    const enum eos_along best = isochores.n > isotherms.n ? EOS_ISOCHORES : EOS_ISOTHERMS;
    free_curve(&isotherms);
    free_curve(&isochores);
    return best;
}

/* One column of the table: where it stands in a point, its unit, its name. */
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

static enum status write_table(const struct curve *c, const char *path, struct err *err)
{
    struct outfile out;
    enum status status = outfile_open(&out, path, err);
    if (status != ST_OK)
        return status;
    for (int k = 0; k < COLUMNS; k++)
        fprintf(out.file, "%s%s\t%s_error", k ? "\t" : "", columns[k].name, columns[k].name);
    fputc('\n', out.file);
    for (int i = 0; i < c->n; i++) {
        for (int k = 0; k < COLUMNS; k++)
            fprintf(out.file, "%s%.10g\t%.4g", k ? "\t" : "",
                    column_value(&columns[k], &c->point[i]),
                    column_value(&columns[k], &c->error[i]));
        fputc('\n', out.file);
    }
    return outfile_close(&out, true, err);
}

static void add_own(struct curves *curves, const struct curve *c, const char *label)
{
    const double gpa = units_stream(DIM_PRESSURE);
    double *x = MEM_NEW(double, 4 * (size_t)c->n);
    double *x_error = x + c->n, *y = x + 2 * c->n, *y_error = x + 3 * c->n;
    for (int i = 0; i < c->n; i++) {
        x[i] = c->point[i].compression;
        x_error[i] = c->error[i].compression;
        y[i] = c->point[i].pressure / gpa;
        y_error[i] = c->error[i].pressure / gpa;
    }
    curves_add(curves, &(struct plot_series){label, PLOT_CURVE, c->n, x, x_error, y, y_error});
    free(x);
}

static enum status draw(const struct settings *s, const struct curve *c, struct err *err)
{
    struct curves curves = {0};
    enum status status = ST_OK;
    add_own(&curves, c, s->label);
    for (int i = 0; i < s->compare.n && status == ST_OK; i++)
        status = curves_read(&curves, s->compare.item[i], "compression", "pressure_GPa", err);
    const struct plot plot = {.title = s->title,
                              .x_label = "compression {/Symbol r}/{/Symbol r}_0",
                              .y_label = "pressure (GPa)",
                              .series_count = curves.n,
                              .series = curves.series};
    for (int i = 0; i < s->plot.n && status == ST_OK; i++)
        status = plot_write(&plot, s->plot.item[i], err);
    curves_free(&curves);
    return status;
}

/* A key and its error, both in atomic units. */
static void set_pair(struct frame *f, const char *name, double value, double error)
{
    char *companion = mem_print("%s_error", name);
    keys_set(f, name, 1, &value);
    keys_set(f, companion, 1, &error);
    free(companion);
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
    set_pair(f, "temperature", p->temperature, e->temperature);
    set_pair(f, "density", p->density, e->density);
    set_pair(f, "pressure_GPa", p->pressure, e->pressure);
    set_pair(f, "internal_energy", p->energy * sys->n, e->energy * sys->n);
    set_pair(f, "compression", p->compression, e->compression);
    set_pair(f, "shock_velocity", p->shock_velocity, e->shock_velocity);
    set_pair(f, "particle_velocity", p->particle_velocity, e->particle_velocity);
    set_pair(f, "hugoniot_residual_GPa", p->residual, e->residual);
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

static void report(struct log *log, const struct curve *c)
{
    for (int i = 0; i < c->n; i++) {
        const struct hugoniot_point *p = &c->point[i], *e = &c->error[i];
        const struct eos_group *g = &c->group[i];
        log_detail(log, "T %.6g K: %d states, order E %d (chi2/%d %.2f), P %d (chi2/%d %.2f)",
                   p->temperature / units_stream(DIM_TEMPERATURE), g->n, g->energy.order,
                   g->energy.freedom, g->energy.chi2, g->pressure.order, g->pressure.freedom,
                   g->pressure.chi2);
        log_note(log, "T %8.1f K  compression %.4f +- %.4f  P %.3f +- %.3f GPa",
                 p->temperature / units_stream(DIM_TEMPERATURE), p->compression, e->compression,
                 p->pressure / units_stream(DIM_PRESSURE),
                 e->pressure / units_stream(DIM_PRESSURE));
    }
    if (c->n > 1)
        log_note(
            log, "largest compression %.4f +- %.4f at %.2f +- %.2f GPa%s", c->maximum.compression,
            c->maximum.compression_error, c->maximum.pressure / units_stream(DIM_PRESSURE),
            c->maximum.pressure_error / units_stream(DIM_PRESSURE),
            c->maximum.inside ? "" : " (the last point of the curve: the maximum may lie beyond)");
}

static enum status solve_and_suggest(struct settings *s, struct run *run, struct curve *c,
                                     struct err *err)
{
    struct outfile out = {0};
    if (s->suggest) {
        enum status status = outfile_open(&out, s->suggest, err);
        if (status != ST_OK)
            return status;
        fputs("temperature_K\tdensity_g_cm3\n", out.file);
    }
    *c = solve(s, choose(s), run_log(run), out.file);
    return s->suggest ? outfile_close(&out, true, err) : ST_OK;
}

static enum status finish(void *settings, struct run *run, struct err *err)
{
    struct settings *s = settings;
    if (s->n == 0)
        return ST_OK;
    s->initial.mass = s->mass;
    struct curve c = {0};
    enum status status = solve_and_suggest(s, run, &c, err);
    if (status == ST_OK && c.n == 0)
        status = err_set(err, ST_COMPUTE,
                         "no Hugoniot point within the range of the %d states; nothing is "
                         "extrapolated",
                         s->n);
    if (status == ST_OK) {
        hugoniot_bootstrap(&s->initial, c.n, c.group, s->state, c.point, s->bootstrap,
                           run_common(run)->seed, c.error, &c.maximum);
        report(run_log(run), &c);
        status = write_frames(s, &c, run, err);
    }
    if (status == ST_OK && s->table)
        status = write_table(&c, s->table, err);
    if (status == ST_OK && s->plot.n)
        status = draw(s, &c, err);
    free_curve(&c);
    return status;
}

static void release(void *settings)
{
    struct settings *s = settings;
    for (int i = 0; i < s->n; i++)
        frame_free(s->frame[i]);
    free(s->frame);
    free(s->state);
}

int main(int argc, char **argv)
{
    struct settings settings = {.initial = {.density = 0.167 / UNITS_DENSITY_G_CM3, .energy = NAN},
                                .along = ALONG_AUTO,
                                .max_order = 2,
                                .bootstrap = 2000,
                                .tolerance = 0.02,
                                .label = "this work"};
    const struct filter filter = {.program = &program,
                                  .kind = FILTER_REDUCE,
                                  .settings = &settings,
                                  .settings_size = sizeof settings,
                                  .begin = begin,
                                  .frame = gather,
                                  .end = finish,
                                  .free = release};
    return filter_main(&filter, argc, argv);
}
