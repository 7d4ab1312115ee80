/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/basis_file.h"
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/mem.h"
#include "formats/number.h"

enum { WORDS = 40 };

struct parser {
    const char *path, *symbol;
    int line;
    char *word[WORDS]; /* of the line */
    int words;
    char letters[4]; /* of the block being read: "S", "SP"; empty before the first */
    bool wanted;     /* it is of our element */
    double *block;   /* rows * columns: exponent, coefficients */
    int rows, columns;
    int n; /* numbers on the list */
    double *list;
};

static enum status bad(const struct parser *p, struct err *err, const char *what)
{
    return err_set(err, ST_DATA, "%s:%d: %s", p->path, p->line, what);
}

static void cut(struct parser *p, char *line)
{
    char *rest = NULL;
    line[strcspn(line, "#!\r\n")] = 0;
    p->words = 0;
    for (char *w = strtok_r(line, " \t", &rest); w && p->words < WORDS;
         w = strtok_r(NULL, " \t", &rest))
        p->word[p->words++] = w;
}

static void put(struct parser *p, double x)
{
    if ((p->n & (p->n - 1)) == 0) /* a power of two is full */
        p->list = mem_grow(p->list, p->n, p->n ? 2 * p->n : 1, sizeof *p->list);
    p->list[p->n++] = x;
}

/* One shell: a column of the block, without what has no weight in it. */
static void put_shell(struct parser *p, int l, int column)
{
    int used = 0;
    for (int r = 0; r < p->rows; r++)
        used += p->block[r * p->columns + column] != 0;
    put(p, l);
    put(p, used);
    for (int r = 0; r < p->rows; r++) {
        const double *row = p->block + r * p->columns;
        if (row[column] != 0) {
            put(p, row[0]);
            put(p, row[column]);
        }
    }
}

static enum status check_block(const struct parser *p, struct err *err)
{
    if (!p->rows)
        return bad(p, err,
                   "a shell without exponents ends here; lines of an exponent and a "
                   "coefficient would be right");
    for (int c = 1; c < p->columns; c++) {
        bool used = false;
        for (int r = 0; r < p->rows; r++)
            used = used || p->block[r * p->columns + c] != 0;
        if (!used)
            return bad(p, err,
                       "a shell whose coefficients are all zero ends here; one that is "
                       "not would be right");
    }
    return ST_OK;
}

/* The shells of a block are complete: S, P, D with one column or more, SP with two. */
static enum status end_block(struct parser *p, struct err *err)
{
    static const char order[] = "SPDFGHIKLM";
    int kinds = (int)strlen(p->letters);
    if (!kinds)
        return ST_OK;
    enum status status = check_block(p, err);
    if (status == ST_OK && kinds > 1 && p->columns != kinds + 1)
        status = bad(p, err,
                     "a block of two kinds of shell ends here; an exponent and one "
                     "coefficient for each on a line would be right");
    for (int c = 1; c < p->columns && p->wanted && status == ST_OK; c++)
        put_shell(p, (int)(strchr(order, p->letters[kinds > 1 ? c - 1 : 0]) - order), c);
    p->rows = 0;
    p->letters[0] = 0;
    return status;
}

static enum status start_block(struct parser *p, struct err *err)
{
    size_t n = strlen(p->word[1]);
    for (size_t i = 0; i < n && i < sizeof p->letters - 1; i++) {
        p->letters[i] = (char)toupper((unsigned char)p->word[1][i]);
        p->letters[i + 1] = 0;
    }
    if (strcmp(p->letters, "SP") && (n != 1 || !strchr("SPDFGHIKLM", p->letters[0])))
        return bad(p, err, "this is no kind of shell; S, P, D, F or SP would be right");
    p->wanted = !strcasecmp(p->word[0], p->symbol);
    p->columns = 0;
    return ST_OK;
}

static enum status add_row(struct parser *p, struct err *err)
{
    if (!p->letters[0])
        return bad(p, err, "neither a shell nor its numbers; a line such as 'H S' would be right");
    if (p->rows == 0)
        p->columns = p->words;
    if (p->words != p->columns || p->words < 2)
        return bad(p, err,
                   "an exponent and as many coefficients as on the first line of the shell "
                   "would be right");
    size_t used = (size_t)p->rows * p->columns;
    p->block = mem_grow(p->block, used, used + p->columns, sizeof *p->block);
    for (int i = 0; i < p->words; i++)
        if (!number_real(p->word[i], p->word[i] + strlen(p->word[i]), &p->block[used + i]))
            return err_set(err, ST_DATA, "%s:%d: '%s' is not a number", p->path, p->line,
                           p->word[i]);
    if (!(p->block[used] > 0))
        return bad(p, err, "an exponent greater than 0 would be right");
    p->rows++;
    return ST_OK;
}

static enum status one_line(struct parser *p, char *line, struct err *err)
{
    cut(p, line);
    if (p->words == WORDS)
        return bad(p, err, "too long a line; at most 38 coefficients would be right");
    if (p->words == 0)
        return ST_OK;
    bool begin = !strcasecmp(p->word[0], "basis"), end = !strcasecmp(p->word[0], "end");
    if (!begin && !end && !(p->words == 2 && isalpha((unsigned char)p->word[0][0])))
        return add_row(p, err);
    if (end_block(p, err) != ST_OK)
        return err->status;
    for (int i = 1; i < p->words && begin; i++)
        if (!strcasecmp(p->word[i], "cartesian"))
            return bad(p, err, "functions are spherical; a basis made for these would be right");
    return begin || end ? ST_OK : start_block(p, err);
}

static enum status all_lines(struct parser *p, FILE *f, struct err *err)
{
    enum status status = ST_OK;
    char *line = NULL;
    size_t room = 0;
    while (status == ST_OK && getline(&line, &room, f) >= 0) {
        p->line++;
        status = one_line(p, line, err);
    }
    free(line);
    if (status == ST_OK && ferror(f))
        return err_set(err, ST_SYSTEM, "cannot read '%s': %s", p->path, strerror(errno));
    return status == ST_OK ? end_block(p, err) : status;
}

enum status basis_file_read(const char *path, const char *symbol, int *n, double **list,
                            struct err *err)
{
    struct parser p = {.path = path, .symbol = symbol};
    FILE *f = fopen(path, "r");
    if (!f)
        return err_set(err, ST_SYSTEM, "cannot read '%s': %s", path, strerror(errno));
    enum status status = all_lines(&p, f, err);
    fclose(f);
    if (status == ST_OK && !p.n)
        status = err_set(err, ST_DATA,
                         "%s: there is no shell of %s; a basis in NWChem's format "
                         "with lines such as '%s S' would be right",
                         path, symbol, symbol);
    free(p.block);
    if (status != ST_OK)
        free(p.list);
    *n = status == ST_OK ? p.n : 0;
    *list = status == ST_OK ? p.list : NULL;
    return status;
}
