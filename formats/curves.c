/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/curves.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "formats/tsv.h"

static double *copy(const double *x, int n)
{
    if (!x)
        return NULL;
    double *y = MEM_NEW(double, n + 1);
    memcpy(y, x, sizeof *y * (size_t)n);
    return y;
}

void curves_add(struct curves *curves, const struct plot_series *s)
{
    const size_t n = (size_t)curves->n;
    curves->series = mem_grow(curves->series, n, n + 1, sizeof *curves->series);
    curves->series[curves->n++] =
        (struct plot_series){.title = s->title ? mem_text(s->title) : NULL,
                             .style = s->style,
                             .n = s->n,
                             .x = copy(s->x, s->n),
                             .x_error = copy(s->x_error, s->n),
                             .y = copy(s->y, s->n),
                             .y_error = copy(s->y_error, s->n)};
}

/* The four columns of numbers; an error column that is not there stays NULL. */
static enum status read_columns(const struct tsv *t, const char *path, const char *const name[2],
                                double *column[4], struct err *err)
{
    for (int k = 0; k < 4; k++) {
        char *wanted = mem_print("%s%s", name[k / 2], k % 2 ? "_error" : "");
        const int found = tsv_column(t, wanted);
        enum status status = ST_OK;
        if (found >= 0) {
            column[k] = MEM_NEW(double, t->rows + 1);
            status = tsv_reals(t, found, column[k], err);
        } else if (k % 2 == 0) {
            status = err_set(err, ST_DATA, "%s: there is no column '%s'", path, wanted);
        }
        free(wanted);
        if (status != ST_OK)
            return status;
    }
    return ST_OK;
}

static enum status read_style(const struct tsv *t, int row, const char *path,
                              enum plot_style *style, struct err *err)
{
    static const char *const names[] = {"points", "curve", "line"};
    const int column = tsv_column(t, "style");
    *style = tsv_column(t, "temperature_K") < 0 ? PLOT_POINTS : PLOT_CURVE;
    if (column < 0)
        return ST_OK;
    const char *name = t->cell[row * t->columns + column];
    for (int k = 0; k < (int)(sizeof names / sizeof *names); k++)
        if (!strcmp(name, names[k])) {
            *style = (enum plot_style)k;
            return ST_OK;
        }
    return err_set(err, ST_DATA, "%s: style '%s': one of points, curve and line", path, name);
}

static enum status split(struct curves *curves, const struct tsv *t, const char *path,
                         const char *label, double *const column[4], struct err *err)
{
    const int curve = tsv_column(t, "curve");
    for (int first = 0, last; first < t->rows; first = last) {
        const char *name = curve < 0 ? NULL : t->cell[first * t->columns + curve];
        for (last = first + 1; last < t->rows; last++)
            if (name && strcmp(name, t->cell[last * t->columns + curve]) != 0)
                break;
        enum plot_style style;
        enum status status = read_style(t, first, path, &style, err);
        if (status != ST_OK)
            return status;
        char *title =
            name && *label ? mem_print("%s, %s", label, name) : mem_text(name ? name : label);
        curves_add(curves,
                   &(struct plot_series){title, style, last - first, column[0] + first,
                                         column[1] ? column[1] + first : NULL, column[2] + first,
                                         column[3] ? column[3] + first : NULL});
        free(title);
    }
    return ST_OK;
}

enum status curves_read(struct curves *curves, const char *item, const char *x_name,
                        const char *y_name, struct err *err)
{
    const char *equals = strchr(item, '=');
    if (!equals)
        return err_set(err, ST_USAGE, "'%s': write a curve to compare as LABEL=FILE", item);
    const char *path = equals + 1, *const name[2] = {x_name, y_name};
    struct tsv table;
    enum status status = tsv_read(&table, path, err);
    if (status != ST_OK)
        return status;
    double *column[4] = {0};
    status = read_columns(&table, path, name, column, err);
    if (status == ST_OK) {
        char *label = mem_print("%.*s", (int)(equals - item), item);
        status = split(curves, &table, path, label, column, err);
        free(label);
    }
    for (int k = 0; k < 4; k++)
        free(column[k]);
    tsv_free(&table);
    return status;
}

void curves_free(struct curves *curves)
{
    for (int i = 0; i < curves->n; i++) {
        const struct plot_series *s = &curves->series[i];
        free((void *)s->title);
        free((void *)s->x);
        free((void *)s->x_error);
        free((void *)s->y);
        free((void *)s->y_error);
    }
    free(curves->series);
    *curves = (struct curves){0};
}
