/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/plot.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

/* Okabe & Ito's colours, distinct to the colour-blind; symbols and dashes differ besides. */
static const char *const colours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                      "#000000", "#e69f00", "#56b4e9", "#7f7f7f"};
static const int symbols[] = {7, 5, 9, 13, 6, 4, 8, 12, 11, 2, 10, 1, 3};
enum { COLOURS = sizeof colours / sizeof *colours, SYMBOLS = sizeof symbols / sizeof *symbols };

/* A string inside gnuplot's single quotes: a quote is doubled. */
static void put_quoted(FILE *f, const char *text)
{
    fputc('\'', f);
    for (const char *c = text ? text : ""; *c; c++) {
        if (*c == '\'')
            fputc('\'', f);
        fputc(*c == '\n' ? ' ' : *c, f);
    }
    fputc('\'', f);
}

static void put_setting(FILE *f, const char *what, const char *text)
{
    if (!text)
        return;
    fprintf(f, "set %s ", what);
    put_quoted(f, text);
    fputc('\n', f);
}

static void put_start(FILE *f, int count, const char *terminal, const char *path)
{
    fprintf(f, "set terminal %s\nset output ", terminal);
    put_quoted(f, path);
    fputs("\nset encoding utf8\n", f);
    if (count > 1)
        fprintf(f, "set multiplot layout 1,%d\n", count);
}

/* Panels side by side have the same lower margin, with room for the longest key, an entry a line. */
static void put_margin(FILE *f, int count, const struct plot plots[])
{
    int most = 0;
    for (int i = 0; i < count; i++) {
        int entries = 0;
        for (int s = 0; s < plots[i].series_count; s++)
            entries += plots[i].series[s].title != NULL;
        most = entries > most ? entries : most;
    }
    if (count > 1)
        fprintf(f, "set bmargin %d\n", most + 4);
}

/* One value alone gets a range around it; gnuplot takes one too, with a warning. */
static void put_range(FILE *f, char axis, const struct plot *p)
{
    double least = INFINITY, most = -INFINITY;
    for (int s = 0; s < p->series_count; s++) {
        const struct plot_series *q = &p->series[s];
        const double *value = axis == 'x' ? q->x : q->y;
        const double *error = axis == 'x' ? q->x_error : q->y_error;
        for (int i = 0; i < q->n; i++) {
            least = fmin(least, value[i] - (error ? error[i] : 0));
            most = fmax(most, value[i] + (error ? error[i] : 0));
        }
    }
    double room = least != 0 ? fabs(least) / 10 : 1;
    if (least == most)
        fprintf(f, "set %crange [%.10g:%.10g]\n", axis, least - room, least + room);
    else
        fprintf(f, "set autoscale %c\n", axis);
}

static void put_head(FILE *f, const struct plot *p)
{
    fprintf(f, "set border 31 lw 1.2\nset tics nomirror\n"
               "set grid lc rgb '#dddddd'\nset key outside bottom center horizontal noenhanced\n"
               "set bars 0.6\nunset logscale\nunset title\n");
    put_setting(f, "title", p->title);
    put_setting(f, "xlabel", p->x_label);
    put_setting(f, "ylabel", p->y_label);
    put_range(f, 'x', p);
    put_range(f, 'y', p);
    if (p->log_x)
        fputs("set logscale x\n", f);
    if (p->log_y)
        fputs("set logscale y\n", f);
}

static void put_data(FILE *f, const struct plot *p)
{
    for (int s = 0; s < p->series_count; s++) {
        const struct plot_series *q = &p->series[s];
        fprintf(f, "$d%d << EOD\n", s);
        for (int i = 0; i < q->n; i++)
            fprintf(f, "%.10g %.10g %.6g %.6g\n", q->x[i], q->y[i],
                    q->x_error ? q->x_error[i] : 0.0, q->y_error ? q->y_error[i] : 0.0);
        fputs("EOD\n", f);
    }
}

static void put_title(FILE *f, const struct plot_series *q)
{
    fputs(q->title ? "title " : "notitle", f);
    if (q->title)
        put_quoted(f, q->title);
}

static void put_series(FILE *f, const struct plot_series *q, int s)
{
    const char *colour = colours[s % COLOURS];
    if (q->style != PLOT_POINTS) {
        fprintf(f, "$d%d using 1:2 with lines lw 1.5 dt %d lc rgb '%s' ", s, 1 + s % 5, colour);
        if (q->style == PLOT_LINE)
            put_title(f, q);
        else
            fputs("notitle, \\\n", f);
    }
    if (q->style != PLOT_LINE) {
        const bool bars = q->x_error || q->y_error;
        fprintf(f, "$d%d using 1:2%s with %s pt %d ps 0.9 lw 1.2 lc rgb '%s' ", s,
                bars ? ":3:4" : "", bars ? "xyerrorbars" : "points", symbols[s % SYMBOLS], colour);
        put_title(f, q);
    }
}

static void put_plot(FILE *f, const struct plot *p)
{
    fputs("plot ", f);
    if (p->diagonal)
        fputs("x with lines lw 1 lc rgb '#888888' notitle, \\\n", f);
    for (int s = 0; s < p->series_count; s++) {
        if (s)
            fputs(", \\\n", f);
        put_series(f, &p->series[s], s);
    }
    fputc('\n', f);
}

/* NULL: a name that ends otherwise. The caller frees. */
static char *terminal_of(const char *path, int count)
{
    const char *dot = strrchr(path, '.');
    if (dot && !strcmp(dot, ".svg"))
        return mem_print("svg size %d,600 dynamic background rgb 'white' font 'sans,14'",
                         count > 1 ? 600 * count : 800);
    if (dot && !strcmp(dot, ".png"))
        return mem_print("pngcairo size %d,750 font 'sans,13'", count > 1 ? 750 * count : 1000);
    return NULL;
}

enum { NOT_THERE = 127 }; /* what a shell says of a command that it does not find, and so do we */

static enum status run_gnuplot(int count, const struct plot plots[], const char *terminal,
                               const char *path, struct err *err)
{
    /* Without an output of its own gnuplot writes to ours, where frames go. A locale without UTF-8 has no degree sign. */
    FILE *f = popen(
        "command -v gnuplot >/dev/null || exit 127; LC_ALL=C.UTF-8 exec gnuplot - >/dev/null", "w");
    if (!f)
        return err_set(err, ST_SYSTEM, "cannot run gnuplot: %s", strerror(errno));
    put_start(f, count, terminal, path);
    put_margin(f, count, plots);
    for (int i = 0; i < count; i++) {
        put_head(f, &plots[i]);
        put_data(f, &plots[i]);
        put_plot(f, &plots[i]);
    }
    fputs(count > 1 ? "unset multiplot\nset output\n" : "set output\n", f);
    int how = pclose(f);
    if (how != 0)
        return err_set(err, ST_SYSTEM,
                       WIFEXITED(how) && WEXITSTATUS(how) == NOT_THERE
                           ? "figures need gnuplot: install it (Debian: gnuplot-nox)"
                           : "gnuplot failed");
    return ST_OK;
}

/* So that gnuplot is not the one who finds that a folder is missing or may not be written. */
static enum status create(const char *temporary, const char *path, struct err *err)
{
    FILE *f = fopen(temporary, "w");
    if (!f || fclose(f) != 0)
        return err_set(err, ST_SYSTEM, "cannot write '%s': %s", path, strerror(errno));
    return ST_OK;
}

bool plot_is_figure(const char *path)
{
    char *terminal = terminal_of(path, 1);
    const bool known = terminal != NULL;
    free(terminal);
    return known;
}

enum status plot_check_name(const char *option, const char *path, struct err *err)
{
    if (!path || plot_is_figure(path))
        return ST_OK;
    return err_set(err, ST_USAGE, "--%s '%s': the name must end in .svg or .png", option, path);
}

enum status plot_write(const struct plot *plot, const char *path, struct err *err)
{
    return plot_write_row(1, plot, path, err);
}

enum status plot_write_row(int count, const struct plot plots[], const char *path, struct err *err)
{
    char *terminal = terminal_of(path, count);
    if (!terminal)
        return err_set(err, ST_USAGE, "figure '%s': the name must end in .svg or .png", path);
    char *temporary = mem_print("%s.tmp.%ld", path, (long)getpid());
    enum status status = create(temporary, path, err);
    if (status == ST_OK)
        status = run_gnuplot(count, plots, terminal, temporary, err);
    if (status == ST_OK && rename(temporary, path) != 0)
        status = err_set(err, ST_SYSTEM, "cannot write '%s': %s", path, strerror(errno));
    if (status != ST_OK)
        unlink(temporary);
    free(temporary);
    free(terminal);
    return status;
}
