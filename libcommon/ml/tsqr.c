/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "maths/linalg.h"
#include "ml/tsqr.h"

struct tsqr *tsqr_new(int columns)
{
    struct tsqr *t = MEM_NEW(struct tsqr, 1);
    t->columns = columns;
    return t;
}

void tsqr_free(struct tsqr *t)
{
    if (!t)
        return;
    free(t->a);
    free(t->b);
    free(t);
}

/* Room for rows to wait in; the factor begins as zero. */
static void reserve(struct tsqr *t, int rows)
{
    size_t n = t->columns, before = t->a ? n + t->capacity : 0;
    if (t->a && rows <= t->capacity)
        return;
    t->a = mem_grow(t->a, before * n, (n + rows) * n, sizeof *t->a);
    t->b = mem_grow(t->b, before, n + rows, sizeof *t->b);
    t->capacity = rows;
    if (!before) {
        memset(t->a, 0, n * n * sizeof *t->a);
        memset(t->b, 0, n * sizeof *t->b);
    }
}

/* Take in the rows that wait. */
static enum status factor(struct tsqr *t, bool triangle, struct err *err)
{
    int n = t->columns;
    enum status status = linalg_qr_append(t->waiting, triangle, n, t->a, 1, t->b, err);
    for (int i = n; i < n + t->waiting; i++)
        t->residual2 += t->b[i] * t->b[i];
    t->waiting = 0;
    return status;
}

enum status tsqr_rows(struct tsqr *t, int n, double **a, double **b, struct err *err)
{
    enum status status = ST_OK;
    if (t->waiting + n > t->columns)
        status = factor(t, false, err);
    reserve(t, n > t->columns ? n : t->columns);
    size_t first = (size_t)t->columns + t->waiting;
    *a = t->a + first * t->columns;
    *b = t->b + first;
    memset(*a, 0, (size_t)n * t->columns * sizeof **a);
    memset(*b, 0, n * sizeof **b);
    t->waiting += n;
    t->count += n;
    return status;
}

enum status tsqr_finish(struct tsqr *t, struct err *err)
{
    reserve(t, t->columns);
    return factor(t, false, err);
}

enum status tsqr_merge(struct tsqr *t, const struct tsqr *other, struct err *err)
{
    int n = t->columns;
    enum status status = tsqr_finish(t, err);
    if (status)
        return status;
    memcpy(t->a + (size_t)n * n, other->a, (size_t)n * n * sizeof *t->a);
    memcpy(t->b + n, other->b, n * sizeof *t->b);
    t->waiting = n;
    t->residual2 += other->residual2;
    t->count += other->count;
    return factor(t, true, err);
}

void tsqr_keep(struct tsqr *t, struct checkpoint *c)
{
    int n = t->columns;
    if (c->reading) {
        reserve(t, n);
        t->waiting = 0;
    }
    for (int i = 0; i < n; i++)
        checkpoint_bytes(c, t->a + (size_t)i * n + i, (n - i) * sizeof *t->a);
    checkpoint_bytes(c, t->b, n * sizeof *t->b);
    checkpoint_bytes(c, &t->residual2, sizeof t->residual2);
    checkpoint_bytes(c, &t->count, sizeof t->count);
}
