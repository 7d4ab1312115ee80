/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hugoniot: figures of the curve beside others. */
#ifndef CMD_HUGONIOT_FIGURES_H
#define CMD_HUGONIOT_FIGURES_H

#include <math.h>
#include <stdlib.h>
#include "base/mem.h"
#include "cmd/hugoniot-parts.h"
#include "formats/curves.h"

/* x[4][n]: x, its errors, y, its errors */
static void add_series(struct curves *curves, const char *label, enum plot_style style, int n,
                       const double *x)
{
    curves_add(curves, &(struct plot_series){label, style, n, x, x + n, x + 2 * n, x + 3 * n});
}

/* Ours, then those to compare with: compression and pressure in GPa. */
static enum status read_curves(struct curves *curves, const struct settings *s,
                               const struct curve *c, struct err *err)
{
    const double gpa = units_stream(DIM_PRESSURE);
    const int n = c->n;
    double *x = MEM_NEW(double, 4 * (size_t)n);
    for (int i = 0; i < n; i++) {
        x[i] = c->point[i].compression;
        x[n + i] = c->error[i].compression;
        x[2 * n + i] = c->point[i].pressure / gpa;
        x[3 * n + i] = c->error[i].pressure / gpa;
    }
    add_series(curves, s->label, PLOT_CURVE, n, x);
    free(x);
    enum status status = ST_OK;
    for (int i = 0; i < s->compare.n && status == ST_OK; i++)
        status = curves_read(curves, s->compare.item[i], "compression", "pressure_GPa", err);
    return status;
}

static enum status draw(const struct settings *s, const struct curve *c, struct err *err)
{
    struct curves curves = {0};
    enum status status = read_curves(&curves, s, c, err);
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

/* ---- velocities ---- */

/* (u_p, u_s, u_s - slope u_p) in km/s from compression and pressure in GPa by mass and momentum balance. */
static void velocities(const struct eos_initial *initial, double slope, double compression,
                       double pressure, double v[3])
{
    struct hugoniot_point p = {.density = compression * initial->density,
                               .pressure = pressure * units_stream(DIM_PRESSURE)};
    hugoniot_complete(initial, &p);
    v[0] = p.particle_velocity / units_stream(DIM_SPEED);
    v[1] = p.shock_velocity / units_stream(DIM_SPEED);
    v[2] = v[1] - slope * v[0];
}

/* The same with errors, those of compression and pressure taken as independent. */
static void velocity_errors(const struct eos_initial *initial, double slope,
                            const struct plot_series *q, int i, double v[3], double error[3])
{
    double moved[2][3];
    const double x_error = q->x_error ? q->x_error[i] : 0, y_error = q->y_error ? q->y_error[i] : 0;
    velocities(initial, slope, q->x[i], q->y[i], v);
    velocities(initial, slope, q->x[i] + x_error, q->y[i], moved[0]);
    velocities(initial, slope, q->x[i], q->y[i] + y_error, moved[1]);
    for (int k = 0; k < 3; k++)
        error[k] = hypot(moved[0][k] - v[k], moved[1][k] - v[k]);
}

/* A curve of compression and pressure as u_s(u_p) and as its distance from the line. */
static void convert(const struct eos_initial *initial, const struct hugoniot_line *line,
                    const struct plot_series *q, struct curves *panel[2])
{
    const int n = q->n;
    double *x = MEM_NEW(double, 8 * (size_t)n), *panel_x[2] = {x, x + 4 * n};
    for (int i = 0; i < n; i++) {
        double v[3], e[3];
        velocity_errors(initial, line->slope, q, i, v, e);
        v[2] -= line->intercept / units_stream(DIM_SPEED);
        for (int k = 0; k < 2; k++) {
            panel_x[k][i] = v[0];
            panel_x[k][n + i] = e[0];
            panel_x[k][2 * n + i] = v[1 + k];
            panel_x[k][3 * n + i] = e[1 + k];
        }
    }
    for (int k = 0; k < 2; k++)
        add_series(panel[k], k ? NULL : q->title, k ? q->style : PLOT_POINTS, n, panel_x[k]);
    free(x);
}

/* Our own points with the errors of the bootstrap, which knows how u_s and u_p vary together. */
static void add_own(const struct settings *s, const struct curve *c, struct curves *panel[2])
{
    const double km_s = units_stream(DIM_SPEED);
    const int n = c->n;
    double *x = MEM_NEW(double, 8 * (size_t)n), *panel_x[2] = {x, x + 4 * n};
    for (int i = 0; i < n; i++) {
        const struct hugoniot_point *p = &c->point[i], *e = &c->error[i];
        const double on_line = c->line.intercept + c->line.slope * p->particle_velocity;
        for (int k = 0; k < 2; k++) {
            panel_x[k][i] = p->particle_velocity / km_s;
            panel_x[k][n + i] = e->particle_velocity / km_s;
            panel_x[k][2 * n + i] = (p->shock_velocity - (k ? on_line : 0)) / km_s;
            panel_x[k][3 * n + i] = (k ? c->off_line[i] : e->shock_velocity) / km_s;
        }
    }
    for (int k = 0; k < 2; k++)
        add_series(panel[k], k ? NULL : s->label, k ? PLOT_CURVE : PLOT_POINTS, n, panel_x[k]);
    free(x);
}

/* The fitted line over the range of all points; in the second panel it is zero. */
static void add_line(const struct hugoniot_line *line, struct curves *panel[2])
{
    const double km_s = units_stream(DIM_SPEED);
    double low = INFINITY, high = -INFINITY;
    for (int s = 0; s < panel[0]->n; s++)
        for (int i = 0; i < panel[0]->series[s].n; i++) {
            low = fmin(low, panel[0]->series[s].x[i]);
            high = fmax(high, panel[0]->series[s].x[i]);
        }
    const double x[2] = {low, high}, zero[2] = {0, 0},
                 y[2] = {line->intercept / km_s + line->slope * low,
                         line->intercept / km_s + line->slope * high};
    char *title = mem_print("u_s = %.2f km/s + %.3f u_p", line->intercept / km_s, line->slope);
    curves_add(panel[0], &(struct plot_series){title, PLOT_LINE, 2, x, NULL, y, NULL});
    curves_add(panel[1], &(struct plot_series){NULL, PLOT_LINE, 2, x, NULL, zero, NULL});
    free(title);
}

static enum status draw_velocities(const struct settings *s, const struct curve *c, struct err *err)
{
    struct curves read = {0}, left = {0}, right = {0}, *panel[2] = {&left, &right};
    if (c->n < 2)
        return err_set(err, ST_COMPUTE, "--plot-velocity: a line needs two points, there is one");
    enum status status = read_curves(&read, s, c, err);
    add_own(s, c, panel);
    for (int i = 1; i < read.n; i++)
        convert(&s->initial, &c->line, &read.series[i], panel);
    add_line(&c->line, panel);
    struct plot plots[2];
    for (int k = 0; k < 2; k++)
        plots[k] =
            (struct plot){.title = s->title,
                          .x_label = "particle velocity u_p (km/s)",
                          .y_label = k ? "u_s less the line (km/s)" : "shock velocity u_s (km/s)",
                          .series_count = panel[k]->n,
                          .series = panel[k]->series};
    for (int i = 0; i < s->plot_velocity.n && status == ST_OK; i++)
        status = plot_write_row(2, plots, s->plot_velocity.item[i], err);
    curves_free(&read);
    curves_free(&left);
    curves_free(&right);
    return status;
}

#endif
