/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Figures through gnuplot: series of points with error bars, written as SVG or PNG by the ending of
 * the name. Series differ by symbol and dash as well as by colour, so that they can be told apart
 * in print.
 */
#ifndef BASE_PLOT_H
#define BASE_PLOT_H

#include <stdbool.h>
#include "base/err.h"

enum plot_style {
    PLOT_POINTS, /* symbols with error bars */
    PLOT_CURVE,  /* the same, joined by straight lines in the order given */
    PLOT_LINE    /* the straight lines alone */
};

struct plot_series {
    const char *title; /* NULL: not in the key */
    enum plot_style style;
    int n;
    const double *x, *x_error, *y, *y_error; /* n each; an error array may be NULL */
};

struct plot {
    const char *title, *x_label, *y_label;
    bool log_x, log_y;
    bool diagonal; /* draw y = x: parity plots */
    int series_count;
    const struct plot_series *series;
};

/* Does the name end in .svg or .png? */
bool plot_is_figure(const char *path);
/* For a check before the work that a figure is drawn of, of --option. path NULL: none is wanted. ST_USAGE: another ending. */
enum status plot_check_name(const char *option, const char *path, struct err *err);

/* Several figures side by side in one file; otherwise as plot_write. */
enum status plot_write_row(int count, const struct plot plots[], const char *path, struct err *err);

/* path ends in .svg or .png (ST_USAGE otherwise). ST_SYSTEM: gnuplot is missing or failed. */
enum status plot_write(const struct plot *plot, const char *path, struct err *err);

#endif
