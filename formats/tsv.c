/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/tsv.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static int count_fields(const char *line)
{
    int n = 1;
    for (; *line; line++)
        n += *line == '\t';
    return n;
}

/* Cut a line at its tabs into copies. */
static void cut(char *line, char **field)
{
    for (int i = 0; line; i++) {
        char *tab = strchr(line, '\t');
        if (tab)
            *tab++ = '\0';
        field[i] = mem_text(line);
        line = tab;
    }
}

static enum status add_line(struct tsv *t, char *line, const char *path, int number,
                            struct err *err)
{
    const int n = count_fields(line);
    if (!t->name) {
        t->columns = n;
        t->name = MEM_NEW(char *, n);
        cut(line, t->name);
        return ST_OK;
    }
    if (n != t->columns)
        return err_set(err, ST_DATA, "%s:%d: %d fields, but the header names %d columns", path,
                       number, n, t->columns);
    const size_t used = (size_t)t->rows * (size_t)n;
    t->cell = mem_grow(t->cell, used, used + (size_t)n, sizeof *t->cell);
    cut(line, t->cell + used);
    t->rows++;
    return ST_OK;
}

enum status tsv_read(struct tsv *table, const char *path, struct err *err)
{
    memset(table, 0, sizeof *table);
    FILE *f = fopen(path, "r");
    if (!f)
        return err_set(err, ST_SYSTEM, "cannot read '%s': %s", path, strerror(errno));
    enum status status = ST_OK;
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    for (int number = 1; status == ST_OK && (length = getline(&line, &room, f)) >= 0; number++) {
        line[strcspn(line, "\r\n")] = '\0';
        if (*line && *line != '#')
            status = add_line(table, line, path, number, err);
    }
    if (status == ST_OK && ferror(f))
        status = err_set(err, ST_SYSTEM, "cannot read '%s': %s", path, strerror(errno));
    if (status == ST_OK && !table->name)
        status = err_set(err, ST_DATA, "%s: empty; a table has a header row", path);
    free(line);
    fclose(f);
    if (status != ST_OK)
        tsv_free(table);
    return status;
}

void tsv_free(struct tsv *table)
{
    for (int i = 0; i < table->columns; i++)
        free(table->name[i]);
    for (int i = 0; i < table->rows * table->columns; i++)
        free(table->cell[i]);
    free(table->name);
    free(table->cell);
    memset(table, 0, sizeof *table);
}

int tsv_column(const struct tsv *table, const char *name)
{
    for (int i = 0; i < table->columns; i++)
        if (!strcmp(table->name[i], name))
            return i;
    return -1;
}

enum status tsv_reals(const struct tsv *table, int column, double *x, struct err *err)
{
    for (int i = 0; i < table->rows; i++) {
        const char *text = table->cell[i * table->columns + column];
        char *end;
        x[i] = strtod(text, &end);
        if (end == text || *end || !isfinite(x[i]))
            return err_set(err, ST_DATA, "row %d, column '%s': '%s' is not a number", i + 1,
                           table->name[column], text);
    }
    return ST_OK;
}
