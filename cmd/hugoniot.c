/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hugoniot: averaged state points in, points of the principal Hugoniot out. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "cmd/hugoniot-figures.h"
#include "cmd/hugoniot-frames.h"
#include "cmd/hugoniot-parts.h"
#include "cmd/hugoniot-report.h"
#include "formats/filter.h"

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
    {"model", OPT_CHOICE, offsetof(struct settings, model), "auto|linear|quadratic|process",
     "what E and P follow along a group: a line, a parabola or a Gaussian process; auto: what "
     "their evidence says",
     0, 0},
    {"bootstrap", OPT_INT, offsetof(struct settings, bootstrap), "N",
     "replicas behind the error bars", 2, 100000},
    {"Results", OPT_SECTION, OPT_UNRECORDED, NULL, NULL, 0, 0},
    {"table", OPT_TEXT, offsetof(struct settings, table), "FILE",
     "write the points as tab-separated columns, each with its error", OPT_WRITTEN, 0},
    {"json", OPT_TEXT, offsetof(struct settings, json), "FILE",
     "write everything as one JSON object: points, fits, maximum, u_s(u_p), suggestions",
     OPT_WRITTEN, 0},
    {"budget", OPT_TEXT, offsetof(struct settings, budget), "FILE",
     "write a table of the errors with their parts: states, models, initial energy", OPT_WRITTEN,
     0},
    {"suggest", OPT_TEXT, offsetof(struct settings, suggest), "FILE",
     "write a table of states to compute next: temperature_K, density_g_cm3, reason", OPT_WRITTEN,
     0},
    {"plot", OPT_LIST, offsetof(struct settings, plot), "FILE",
     "draw pressure against compression: FILE ends in .svg or .png", OPT_WRITTEN, 0},
    {"plot-velocity", OPT_LIST, offsetof(struct settings, plot_velocity), "FILE",
     "draw u_s against u_p, and beside it what is left after the line", OPT_WRITTEN, 0},
    {"compare", OPT_LIST, offsetof(struct settings, compare), "LABEL=FILE",
     "other curves in the figures: a table as --table writes it (columns compression and "
     "pressure_GPa, errors optional; columns curve and style see below)",
     0, 0},
    {"label", OPT_TEXT, offsetof(struct settings, label), "TEXT",
     "name of this curve in the figures", 0, 0},
    {"title", OPT_TEXT, offsetof(struct settings, title), "TEXT", "title of the figures", 0, 0},
    {NULL, OPT_END, 0, NULL, NULL, 0, 0}};

static const struct program program = {
    "hugoniot", "solve the Rankine-Hugoniot relation for averaged state points", "[FILE...]",
    "Reads frames with internal_energy (eV, total of the cell), pressure_GPa, temperature (K) and "
    "their _error keys, as md-average writes them; solves H = E - E0 + (P + P0)(V - V0)/2 = 0 "
    "on every isotherm or isochore within the range of its points, never outside; writes one "
    "frame per point with temperature, density (g/cm3), pressure_GPa, internal_energy, "
    "compression, shock_velocity and particle_velocity (km/s) and their errors.",
    options};

static enum status check_figures(const char *option, const struct opt_list *figures,
                                 struct err *err)
{
    enum status status = ST_OK;
    for (int i = 0; i < figures->n && status == ST_OK; i++)
        status = plot_check_name(option, figures->item[i], err);
    return status;
}

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
    const enum status status = check_figures("plot", &s->plot, err);
    return status == ST_OK ? check_figures("plot-velocity", &s->plot_velocity, err) : status;
}

static enum status gather(void *settings, struct run *run, struct frame *f, struct err *err)
{
    struct settings *s = settings;
    struct eos_state state = {0};
    (void)run;
    enum status status = frame_state(s, f, &state, err);
    if (status != ST_OK)
        return status;
    s->state = mem_grow(s->state, (size_t)s->n, (size_t)s->n + 1, sizeof *s->state);
    s->frame = mem_grow(s->frame, (size_t)s->n, (size_t)s->n + 1, sizeof *s->frame);
    s->state[s->n] = state;
    s->frame[s->n++] = frame_copy(f);
    return ST_OK;
}

/* ---- the curve ---- */

static void free_curve(struct curve *c)
{
    for (int i = 0; i < c->n; i++)
        eos_group_free(&c->group[i]);
    for (int i = 0; i < c->lost_n; i++)
        eos_group_free(&c->lost[i]);
    for (int k = 0; k < SOURCES; k++)
        free(c->part[k]);
    free(c->group);
    free(c->lost);
    free(c->wanted);
    free(c->point);
    free(c->error);
    free(c->off_line);
    free(c->suggestion);
    *c = (struct curve){0};
}

/* Solve every group, and tell those without a root from the others. */
static struct curve solve(const struct settings *s, enum eos_along along)
{
    struct curve c = {.along = along};
    const enum eos_model_kind only =
        s->model == MODEL_AUTO ? EOS_MODELS : (enum eos_model_kind)(s->model - 1);
    const int count = eos_groups(along, s->tolerance, s->n, s->state, &c.group);
    c.lost = MEM_NEW(struct eos_group, count);
    c.wanted = MEM_NEW(double, count);
    c.point = MEM_NEW(struct hugoniot_point, count);
    for (int i = 0; i < count; i++) {
        struct eos_group g = c.group[i];
        double wanted = NAN;
        if (eos_group_fit(&g, only, s->state, NULL) == ST_OK &&
            hugoniot_solve(&s->initial, &g, &c.point[c.n], &wanted, NULL) == ST_OK) {
            c.group[c.n++] = g;
            continue;
        }
        c.wanted[c.lost_n] = wanted;
        c.lost[c.lost_n++] = g;
    }
    return c;
}

static struct curve choose(const struct settings *s)
{
    if (s->along != ALONG_AUTO)
        return solve(s, s->along == ALONG_ISOTHERMS ? EOS_ISOTHERMS : EOS_ISOCHORES);
    struct curve isotherms = solve(s, EOS_ISOTHERMS), isochores = solve(s, EOS_ISOCHORES);
    const bool other = isochores.n > isotherms.n;
    free_curve(other ? &isotherms : &isochores);
    return other ? isochores : isotherms;
}

/* The errors from one source, or from all of them. */
static struct hugoniot_point *errors_of(const struct settings *s, const struct curve *c,
                                        uint64_t seed, int source)
{
    struct hugoniot_point *error = MEM_NEW(struct hugoniot_point, c->n);
    struct bootstrap b =
        bootstrap_make(&s->initial, c->n, c->group, c->point, s->bootstrap, seed, source);
    bootstrap_errors(&b, error);
    bootstrap_free(&b);
    return error;
}

static void estimate(const struct settings *s, struct curve *c, uint64_t seed)
{
    struct bootstrap b =
        bootstrap_make(&s->initial, c->n, c->group, c->point, s->bootstrap, seed, BOOTSTRAP_ALL);
    c->error = MEM_NEW(struct hugoniot_point, c->n);
    c->off_line = MEM_NEW(double, c->n);
    bootstrap_errors(&b, c->error);
    if (c->n > 1) {
        struct maximum m = maximum_make(c->n, c->point, c->error);
        c->maximum = m.centre;
        bootstrap_maximum(&b, &m, &c->maximum_error, &c->inside);
        maximum_free(&m);
        c->line = bootstrap_line(&b, &c->line_error);
        bootstrap_off_line(&b, c->line.slope, c->off_line);
    }
    bootstrap_free(&b);
    for (int k = 0; k < SOURCES && (s->budget || s->json); k++)
        c->part[k] = errors_of(s, c, seed, sources[k].source);
}

/* ---- results ---- */

static enum status write_tables(const struct settings *s, const struct curve *c, struct err *err)
{
    enum status status = write_report(write_table, s->table, s, c, err);
    if (status == ST_OK)
        status = write_report(write_budget, s->budget, s, c, err);
    if (status == ST_OK)
        status = write_report(write_json, s->json, s, c, err);
    return status;
}

static enum status write_results(struct settings *s, const struct curve *c, struct run *run,
                                 struct err *err)
{
    enum status status = write_frames(s, c, run, err);
    if (status == ST_OK)
        status = write_tables(s, c, err);
    if (status == ST_OK && s->plot.n)
        status = draw(s, c, err);
    if (status == ST_OK && s->plot_velocity.n)
        status = draw_velocities(s, c, err);
    return status;
}

/* Without states tables have no rows, so that none of an earlier run is taken for this one's; a figure of nothing is not
 * drawn. */
static enum status write_nothing(struct settings *s, struct err *err)
{
    const struct curve none = {.along =
                                   s->along == ALONG_ISOCHORES ? EOS_ISOCHORES : EOS_ISOTHERMS};
    s->initial.mass = NAN;
    enum status status = write_report(write_suggestions, s->suggest, s, &none, err);
    if (status == ST_OK)
        status = write_tables(s, &none, err);
    if (status == ST_OK && (s->plot.n || s->plot_velocity.n))
        status = err_set(err, ST_DATA, "no state points: a figure needs some");
    return status;
}

static enum status finish(void *settings, struct run *run, struct err *err)
{
    struct settings *s = settings;
    if (s->n == 0)
        return write_nothing(s, err);
    struct curve c = choose(s);
    estimate(s, &c, run_common(run)->seed);
    report(run_log(run), &c);
    c.suggestions = suggest_states(&s->initial, c.n, c.group, c.point, c.error, c.maximum.inside,
                                   c.lost_n, c.lost, c.wanted, &c.suggestion);
    enum status status = write_report(write_suggestions, s->suggest, s, &c, err);
    if (status == ST_OK && c.n == 0)
        status = err_set(err, ST_COMPUTE,
                         "no Hugoniot point within the range of the %d states; nothing is "
                         "extrapolated",
                         s->n);
    if (status == ST_OK)
        status = write_results(s, &c, run, err);
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
                                .model = MODEL_AUTO,
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
