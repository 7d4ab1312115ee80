/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bases as flat lists of numbers. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include "base/mem.h"
#include "basis/basis.h"

enum { LMAX = 3, MOST = 1000 };

struct shells {
    int n, l[MOST], primitives[MOST];
    double *exponent[MOST], *contraction[MOST];
};

static bool whole(double x, double least, double most)
{
    return x >= least && x <= most && x == floor(x);
}

/* Length of the shell that begins at x with `left` numbers to come; 0: no shell. */
static int measure(const double *x, int left)
{
    if (left < 4 || !whole(x[0], 0, 99) || !whole(x[1], 1, (left - 2) / 2.0))
        return 0;
    for (int p = 0; p < (int)x[1]; p++)
        if (!(x[2 + 2 * p] > 0) || !isfinite(x[2 + 2 * p]) || !isfinite(x[3 + 2 * p]))
            return 0;
    return 2 + 2 * (int)x[1];
}

static void add(struct shells *s, const double *x)
{
    int i = s->n++;
    s->l[i] = (int)x[0];
    s->primitives[i] = (int)x[1];
    s->exponent[i] = MEM_NEW(double, s->primitives[i]);
    s->contraction[i] = MEM_NEW(double, s->primitives[i]);
    for (int p = 0; p < s->primitives[i]; p++) {
        s->exponent[i][p] = x[2 + 2 * p];
        s->contraction[i][p] = x[3 + 2 * p];
    }
}

static enum status split(struct shells *s, const char *name, int n, const double *list,
                         struct err *err)
{
    for (int at = 0, length; at < n; at += length) {
        length = measure(list + at, n - at);
        if (!length || s->n == MOST)
            return err_set(err, ST_DATA,
                           "basis '%s': number %d of its list is out of place; for each shell l, "
                           "the number of primitives, exponents and coefficients would be right",
                           name, at + 1);
        if (list[at] > LMAX)
            return err_set(err, ST_DATA,
                           "basis '%s' has a shell with l = %g; l up to %d (f) would be right",
                           name, list[at], LMAX);
        add(s, list + at);
    }
    return ST_OK;
}

struct basis *basis_from_list(const char *name, int element, int n, const double *list,
                              struct err *err)
{
    struct shells *s = MEM_NEW(struct shells, 1);
    struct basis *b = NULL;
    if (split(s, name, n, list, err) == ST_OK)
        b = basis_new(name, element, s->n, s->l, s->primitives, (const double *const *)s->exponent,
                      (const double *const *)s->contraction);
    for (int i = 0; i < s->n; i++) {
        free(s->exponent[i]);
        free(s->contraction[i]);
    }
    for (int i = 0; b && i < b->shells; i++)
        if (!isfinite(b->shell[i].coefficient[0])) {
            err_set(err, ST_DATA,
                    "basis '%s': shell %d vanishes; a contraction with a norm would be right", name,
                    i + 1);
            basis_free(b);
            b = NULL;
        }
    free(s);
    return b;
}
