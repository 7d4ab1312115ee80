/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The curves of a figure (base/plot.h): our own, made from arrays, and others, read from tables.
 * The arrays are copied and owned here.
 */
#ifndef FORMATS_CURVES_H
#define FORMATS_CURVES_H

#include "base/err.h"
#include "base/plot.h"

struct curves {
    int n;
    struct plot_series *series;
};

/* Append a copy of a series. */
void curves_add(struct curves *curves, const struct plot_series *series);

/*
 * Append the curves of a tab-separated table with columns x_name and y_name (x_name_error and
 * y_name_error are optional). A column `curve` splits the rows, where it changes, into several
 * curves titled "label, curve"; a column `style` says points, curve (points joined by lines) or line
 * of each. Without it they are points, or, where there is a column temperature_K, as in tables of
 * hugoniot, a curve along it. item is LABEL=FILE. ST_USAGE: no "="; ST_SYSTEM, ST_DATA: the file.
 */
enum status curves_read(struct curves *curves, const char *item, const char *x_name,
                        const char *y_name, struct err *err);
void curves_free(struct curves *curves);

#endif
