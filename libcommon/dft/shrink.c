/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "dft/respond_parts.h"
#include "dft/session.h"
#include "dft/solver.h"
#include "maths/linalg.h"

/* Of the fit's matrix, scaled to ones on the diagonal: eigenvalues below are those of shapes that depend on others. */
#define DEPENDENT 1e-8

void respond_fields(struct responding *w)
{
    const struct state *s = &w->d->state;
    const size_t points = s->grid->points;
    for (int i = 0; i < RESPOND_FIELDS; i++)
        w->field[i] = MEM_NEW(double, points);
    local_term.energy(s, w->field[0]);
    hartree_term.energy(s, w->field[1]);
    for (size_t i = 0; i < points; i++) {
        w->field[3][i] = fmax(0, s->rho[i]);
        w->field[2][i] = cbrt(w->field[3][i]);
    }
}

void respond_fields_free(struct responding *w)
{
    for (int i = 0; i < RESPOND_FIELDS; i++)
        free(w->field[i]);
}

/* out = t x of n orbitals, added to beta out */
static void kinetic(const struct waves *s, int n, const double *x, double beta, double scale,
                    double *out)
{
    for (int o = 0; o < n; o++)
        for (int i = 0; i < s->size; i++) {
            const size_t at = (size_t)o * s->size + i;
            out[at] = beta * out[at] + scale * s->kinetic[i / 2] * x[at];
        }
}

/* out = f x */
static void multiply(const struct waves *s, const double *f, int n, const double *x, double *out)
{
    solver_apply(s, f, n, x, out);
    kinetic(s, n, x, 1, -1, out);
}

/* out = t f x - f t x */
static void commute(const struct waves *s, const double *f, int n, const double *x, double *out)
{
    const size_t size = (size_t)n * s->size;
    double *a = MEM_NEW(double, size), *b = MEM_RAW(double, size);
    kinetic(s, n, x, 0, 1, a);
    multiply(s, f, n, a, out);
    multiply(s, f, n, x, b);
    kinetic(s, n, b, -1, 1, out);
    free(a);
    free(b);
}

void respond_shapes(const struct responding *w, int k, double *g)
{
    const struct part *p = &w->part[k];
    const struct kstate *at = &w->d->state.k[k];
    double *out = MEM_NEW(double, (size_t)p->n * at->waves->size);
    for (int i = 0; i < RESPOND_SHAPES; i++) {
        const int factor = i - 1 - RESPOND_FIELDS;
        if (i == 0)
            kinetic(at->waves, p->n, at->orbital, 0, 1, out);
        else if (factor < 0)
            multiply(at->waves, w->field[i - 1], p->n, at->orbital, out);
        else
            commute(at->waves, w->field[factor], p->n, at->orbital, out);
        projection_overlaps(p->projection, w->d->system, p->n, out, g + (size_t)i * p->n * p->row);
    }
    free(out);
}

/* product[vector][shape] = g M^-1 g, summed over k points */
static double *products(const struct responding *w)
{
    double *product = MEM_NEW(double, (size_t)w->vectors *RESPOND_SHAPES);
    for (int k = 0; k < w->d->state.nk; k++) {
        const struct part *p = &w->part[k];
        const int numbers = p->n * p->row;
        linalg_gemm(LINALG_N, LINALG_T, w->vectors, RESPOND_SHAPES, numbers, 1, p->u,
                    p->g + (size_t)w->gradients * numbers, 1, product);
    }
    return product;
}

/* c[gradient][shape] by least squares; the matrix's products are scaled, and used up. */
static enum status fit(const struct responding *w, double *product, double *c, struct err *err)
{
    enum { S = RESPOND_SHAPES };
    double *matrix = product + (size_t)w->gradients * S, scale[S], eigenvalue[S];
    for (int i = 0; i < S; i++)
        scale[i] = matrix[i * S + i] > 0 ? 1 / sqrt(matrix[i * S + i]) : 0;
    for (int i = 0; i < S * S; i++)
        matrix[i] *= scale[i / S] * scale[i % S];
    if (linalg_eigen(S, matrix, eigenvalue, err) != ST_OK)
        return err->status;
    for (int g = 0; g < w->gradients; g++)
        for (int e = 0; e < S; e++) {
            double along = 0;
            for (int i = 0; i < S; i++)
                along += matrix[e * S + i] * scale[i] * product[g * S + i];
            for (int i = 0; i < S && eigenvalue[e] > DEPENDENT; i++)
                c[g * S + i] += along / eigenvalue[e] * matrix[e * S + i] * scale[i];
        }
    return ST_OK;
}

/* to[rows][numbers] = m[rows][vectors] from[vectors][numbers] */
static double *combine(const struct responding *w, int rows, const double *m, int numbers,
                       const double *from)
{
    double *to = MEM_RAW(double, (size_t)rows *numbers);
    linalg_gemm(LINALG_N, LINALG_N, rows, numbers, w->vectors, 1, m, from, 0, to);
    return to;
}

/* row += scale (gradient i less its fit) */
static void add_rest(const struct responding *w, const double *c, int i, double scale, double *row)
{
    row[i] += scale;
    for (int j = 0; j < RESPOND_SHAPES; j++)
        row[w->gradients + j] -= scale * c[i * RESPOND_SHAPES + j];
}

/* Mean squares of what the fit leaves of gradient i: how much of it matters */
static double rest(const struct responding *w, const double *c, int i)
{
    const struct state *s = &w->d->state;
    double *row = MEM_NEW(double, w->vectors), **y = MEM_NEW(double *, s->nk);
    add_rest(w, c, i, 1, row);
    for (int k = 0; k < s->nk; k++)
        y[k] = combine(w, 1, row, w->part[k].n * s->k[k].waves->size, w->y[k]);
    const double square = response_norm(w->response, y);
    for (int k = 0; k < s->nk; k++)
        free(y[k]);
    free(y);
    free(row);
    return square;
}

/* The part of the rest's square that is not noise */
static double signal(const struct responding *w, const double *c)
{
    const double all = rest(w, c, 0);
    double noise = 0;
    for (int i = 1; i < w->gradients; i++)
        noise += rest(w, c, i) / (w->gradients - 1);
    return all > noise ? (all - noise) / all : 0;
}

/* m[count][vectors]: the fits, `kept` of the rests, and in draws of the error another draw of the variance that is left */
static double *estimates(const struct responding *w, const double *c, double kept)
{
    double *m = MEM_NEW(double, (size_t)w->count * w->vectors);
    for (int i = 0; i < w->count; i++) {
        double *row = m + (size_t)i * w->vectors;
        row[i] = 1;
        add_rest(w, c, i, kept - 1, row);
        if (i > 0)
            add_rest(w, c, i % (w->gradients - 1) + 1, sqrt(kept * (1 - kept)), row);
    }
    return m;
}

enum status respond_shrink(struct responding *w, double *kept, struct err *err)
{
    double *product = products(w), *c = MEM_NEW(double, (size_t)w->gradients *RESPOND_SHAPES);
    const enum status status = fit(w, product, c, err);
    if (status == ST_OK) {
        *kept = signal(w, c);
        double *m = estimates(w, c, *kept);
        for (int k = 0; k < w->d->state.nk; k++) {
            struct part *p = &w->part[k];
            double *u = combine(w, w->count, m, p->n * p->row, p->u);
            double *y = combine(w, w->count, m, p->n * w->d->state.k[k].waves->size, w->y[k]);
            free(p->u);
            free(w->y[k]);
            p->u = u;
            w->y[k] = y;
        }
        free(m);
    }
    free(product);
    free(c);
    return status;
}
