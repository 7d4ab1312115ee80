/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tab-separated tables with a header row, as our programs write them: read by column name. */
#ifndef FORMATS_TSV_H
#define FORMATS_TSV_H

#include "base/err.h"

struct tsv {
    int columns, rows;
    char **name; /* columns */
    char **cell; /* rows * columns, row-major */
};

/* Lines that begin with # and blank lines are passed over. ST_SYSTEM: cannot read; ST_DATA: a row
 * whose number of fields is not the header's. The text names file and line. */
enum status tsv_read(struct tsv *table, const char *path, struct err *err);
void tsv_free(struct tsv *table);
int tsv_column(const struct tsv *table, const char *name); /* -1: there is none */
/* x[rows] of a column of numbers; ST_DATA names row and column of what is not one. */
enum status tsv_reals(const struct tsv *table, int column, double *x, struct err *err);

#endif
