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

static void reserve(struct tsqr *t, int rows)
{
    if (rows <= t->capacity)
        return;
    t->a =
        mem_grow(t->a, (size_t)t->capacity * t->columns, (size_t)rows * t->columns, sizeof *t->a);
    t->b = mem_grow(t->b, t->capacity, rows, sizeof *t->b);
    t->capacity = rows;
}

/* Factor the buffer; R and Q^T b stay as its first rows. */
static enum status factor(struct tsqr *t, struct err *err)
{
    int n = t->columns;
    if (t->rows < n) {
        reserve(t, n);
        memset(t->a + (size_t)t->rows * n, 0, (size_t)(n - t->rows) * n * sizeof *t->a);
        memset(t->b + t->rows, 0, (n - t->rows) * sizeof *t->b);
        t->rows = n;
    }
    enum status status = linalg_qr(t->rows, n, t->a, 1, t->b, err);
    if (status)
        return status;
    linalg_upper(n, t->a);
    for (int i = n; i < t->rows; i++)
        t->residual2 += t->b[i] * t->b[i];
    t->rows = n;
    return ST_OK;
}

enum status tsqr_rows(struct tsqr *t, int n, double **a, double **b, struct err *err)
{
    int full = 3 * t->columns;
    if (t->rows > t->columns && t->rows + n > full) {
        enum status status = factor(t, err);
        if (status)
            return status;
    }
    reserve(t, t->rows + n > full ? t->rows + n : full);
    *a = t->a + (size_t)t->rows * t->columns;
    *b = t->b + t->rows;
    memset(*a, 0, (size_t)n * t->columns * sizeof **a);
    memset(*b, 0, n * sizeof **b);
    t->rows += n;
    t->count += n;
    return ST_OK;
}

enum status tsqr_finish(struct tsqr *t, struct err *err)
{
    return factor(t, err);
}

enum status tsqr_merge(struct tsqr *t, const struct tsqr *other, struct err *err)
{
    double *a, *b;
    enum status status = tsqr_rows(t, other->columns, &a, &b, err);
    if (status)
        return status;
    memcpy(a, other->a, (size_t)other->columns * other->columns * sizeof *a);
    memcpy(b, other->b, other->columns * sizeof *b);
    t->residual2 += other->residual2;
    t->count += other->count - other->columns;
    return ST_OK;
}

void tsqr_keep(struct tsqr *t, struct checkpoint *c)
{
    int n = t->columns;
    if (c->reading) {
        reserve(t, n);
        memset(t->a, 0, (size_t)n * n * sizeof *t->a);
        t->rows = n;
    }
    for (int i = 0; i < n; i++)
        checkpoint_bytes(c, t->a + (size_t)i * n + i, (n - i) * sizeof *t->a);
    checkpoint_bytes(c, t->b, n * sizeof *t->b);
    checkpoint_bytes(c, &t->residual2, sizeof t->residual2);
    checkpoint_bytes(c, &t->count, sizeof t->count);
}
