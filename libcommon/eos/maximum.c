/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "eos/maximum.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

enum { SCAN = 256 }; /* intervals searched for the top of a model */

/* ---- without a model ---- */

static void vertex(const struct hugoniot_point *p, struct hugoniot_maximum *m)
{
    /* Newton's divided differences of compression as a function of ln P through three points */
    const double x0 = log(p[0].pressure), x1 = log(p[1].pressure), x2 = log(p[2].pressure);
    const double d01 = (p[1].compression - p[0].compression) / (x1 - x0);
    const double d12 = (p[2].compression - p[1].compression) / (x2 - x1);
    const double curvature = (d12 - d01) / (x2 - x0);
    if (!(curvature < 0))
        return;
    const double x = 0.5 * (x0 + x1) - d01 / (2 * curvature);
    m->pressure = exp(x);
    m->compression = p[0].compression + (x - x0) * (d01 + curvature * (x - x1));
}

static struct hugoniot_maximum of_points(int n, const struct hugoniot_point points[])
{
    int top = 0;
    for (int i = 1; i < n; i++)
        if (points[i].compression > points[top].compression)
            top = i;
    struct hugoniot_maximum m = {.inside = top > 0 && top < n - 1,
                                 .compression = points[top].compression,
                                 .pressure = points[top].pressure};
    if (m.inside)
        vertex(points + top - 1, &m);
    return m;
}

/* ---- with one ---- */

/* The top of a model between low and high: the largest of a scan, then golden sections about it. */
static struct hugoniot_maximum of_model(const struct eos_model *model, const double c[], double low,
                                        double high)
{
    const double step = (high - low) / SCAN, golden = 0.5 * (sqrt(5) - 1);
    int top = 0;
    double most = -INFINITY;
    for (int i = 0; i <= SCAN; i++) {
        const double y = eos_model_value(model, c, low + i * step);
        if (y > most) {
            most = y;
            top = i;
        }
    }
    double a = low + (top > 0 ? top - 1 : 0) * step;
    double b = low + (top < SCAN ? top + 1 : SCAN) * step;
    for (int i = 0; i < 40 && b - a > 1e-9; i++) {
        const double left = b - golden * (b - a), right = a + golden * (b - a);
        if (eos_model_value(model, c, left) > eos_model_value(model, c, right))
            b = right;
        else
            a = left;
    }
    const double x = top == 0 ? low : top == SCAN ? high : 0.5 * (a + b);
    return (struct hugoniot_maximum){.inside = top > 0 && top < SCAN,
                                     .compression = eos_model_value(model, c, x),
                                     .pressure = exp(x)};
}

static void range(int n, const double x[], double *low, double *high)
{
    *low = *high = x[0];
    for (int i = 1; i < n; i++) {
        *low = fmin(*low, x[i]);
        *high = fmax(*high, x[i]);
    }
}

struct maximum maximum_make(int n, const struct hugoniot_point points[],
                            const struct hugoniot_point error[])
{
    struct maximum m = {.n = n, .modelled = n > 2};
    m.x = MEM_NEW(double, 3 * (size_t)n);
    m.y = m.x + n;
    m.error = m.x + 2 * n;
    for (int i = 0; i < n; i++) {
        m.x[i] = log(points[i].pressure);
        m.y[i] = points[i].compression;
        m.error[i] = error[i].compression;
        m.modelled = m.modelled && m.error[i] > 0 && isfinite(m.error[i]);
    }
    m.modelled =
        m.modelled && eos_fit_make(&m.fit, EOS_MODELS, n, m.x, m.y, m.error, NULL) == ST_OK;
    if (!m.modelled) {
        m.centre = of_points(n, points);
        return m;
    }
    const struct eos_model *best = &m.fit.model[m.fit.best];
    double low, high;
    range(n, m.x, &low, &high);
    m.centre = of_model(best, best->c, low, high);
    return m;
}

struct hugoniot_maximum maximum_replica(const struct maximum *m,
                                        const struct hugoniot_point points[], struct rng *rng)
{
    if (!m->modelled)
        return of_points(m->n, points);
    struct eos_model model;
    double *x = MEM_NEW(double, 3 * (size_t)m->n), *y = x + m->n, *none = x + 2 * m->n;
    double low, high, c[EOS_MODEL_TERMS];
    for (int i = 0; i < m->n; i++) {
        x[i] = log(points[i].pressure);
        y[i] = points[i].compression;
    }
    range(m->n, x, &low, &high);
    struct hugoniot_maximum top = m->centre;
    if (eos_model_refit(&model, &m->fit.model[m->fit.best], x, y, NULL) == ST_OK) {
        eos_model_redraw(&model, none, rng, c);
        top = of_model(&model, c, low, high);
    }
    eos_model_free(&model);
    free(x);
    return top;
}

void maximum_free(struct maximum *m)
{
    eos_fit_free(&m->fit);
    free(m->x);
    *m = (struct maximum){0};
}
