/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/tails.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST = 16 }; /* samples of a tail */

static void swap(double *a, double *b)
{
    double c = *a;
    *a = *b;
    *b = c;
}

static void sift_up(double x[], int i)
{
    for (; i > 0 && x[i] < x[(i - 1) / 2]; i = (i - 1) / 2)
        swap(&x[i], &x[(i - 1) / 2]);
}

static void sift_down(double x[], int n)
{
    for (int i = 0, least; 2 * i + 1 < n; i = least) {
        least = 2 * i + 1;
        least += least + 1 < n && x[least + 1] < x[least];
        if (x[i] <= x[least])
            return;
        swap(&x[i], &x[least]);
    }
}

void tails_add(struct tails *t, double square)
{
    if (t->n < TAILS_KEPT) {
        t->square[t->n++] = square;
        sift_up(t->square, t->n - 1);
    } else if (square > t->square[0]) {
        t->square[0] = square;
        sift_down(t->square, t->n);
    }
}

void tails_join(struct tails *t, const struct tails *more)
{
    for (int i = 0; i < more->n; i++)
        tails_add(t, more->square[i]);
}

void tails_keep(struct tails *t, struct checkpoint *c)
{
    checkpoint_bytes(c, t, sizeof *t);
    if (t->n < 0 || t->n > TAILS_KEPT) {
        t->n = 0;
        checkpoint_refuse(c);
    }
}

static int falling(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x < *y) - (*x > *y);
}

struct tails_verdict tails_judge(const struct tails *t, double samples, double squares)
{
    struct tails_verdict v = {INFINITY, INFINITY, 0};
    double x[TAILS_KEPT], sum = 0;
    int m = samples / 100 < t->n ? (int)(samples / 100) : t->n;
    if (!t->n || !(squares > 0))
        return v;
    memcpy(x, t->square, t->n * sizeof *x);
    qsort(x, t->n, sizeof *x, falling);
    v.largest = x[0] / squares;
    if (m < LEAST || !(x[m - 1] > 0))
        return v;
    for (int i = 0; i < m - 1; i++)
        sum += 0.5 * log(x[i] / x[m - 1]);
    if (!(sum > 0))
        return v;
    v.alpha = (m - 1) / sum;
    v.alpha_error = v.alpha / sqrt(m);
    return v;
}

bool tails_heavy(const struct tails_verdict *v, double samples)
{
    return v->alpha + 2 * v->alpha_error < 2 || (samples > 1000 && v->largest > 0.25);
}
