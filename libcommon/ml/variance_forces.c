/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "maths/linalg.h"
#include "ml/rows.h"
#include "ml/variance_forces.h"

/* Descriptors of all atoms and their derivatives with respect to every neighbour */
struct sheet {
    const struct potential *m;
    const struct system *s;
    struct neighbour *list;
    int size;
    double *p;        /* [n][size] */
    double *jacobian; /* [pairs][3][size] */
};

static enum status sheet_fill(struct sheet *t, struct err *err)
{
    const struct soap *soap = t->m->descriptor;
    enum status status = ST_OK;
#pragma omp parallel
    {
        struct soap_local *local = soap_local_new(soap);
#pragma omp for schedule(dynamic, 4)
        for (int i = 0; i < t->s->n; i++) {
            size_t first = t->list->first[i];
            int count = (int)(t->list->first[i + 1] - first);
            int own = soap_channel(soap, t->s->element[i]);
            int *channel = MEM_NEW(int, count + 1);
            bool known = own >= 0;
            for (int j = 0; j < count; j++) {
                channel[j] = soap_channel(soap, t->s->element[t->list->atom[first + j]]);
                known = known && channel[j] >= 0;
            }
            if (known) {
                soap_expand(soap, own, count, (const double(*)[3])t->list->d + first, channel,
                            local);
                memcpy(t->p + (size_t)i * t->size, local->p, t->size * sizeof *t->p);
                soap_jacobian(soap, local, t->jacobian + first * 3 * t->size);
            } else {
#pragma omp critical
                status = err_set(err, ST_DATA, "an element that the model was not fitted for");
            }
            free(channel);
        }
        soap_local_free(local);
    }
    return status;
}

/* Scratch of the components of one atom: the environments that feel it */
struct felt {
    int count, room;
    int *atom;
    double *p, *d;                 /* [count][size] */
    double *same, *mixed, *slopes; /* [count][count]: p.p, d.p, d.d */
};

static void felt_reserve(struct felt *f, int count, int size)
{
    if (count <= f->room)
        return;
    f->atom = mem_grow(f->atom, f->room, count, sizeof *f->atom);
    f->p = mem_grow(f->p, (size_t)f->room * size, (size_t)count * size, sizeof *f->p);
    f->d = mem_grow(f->d, (size_t)f->room * size, (size_t)count * size, sizeof *f->d);
    free(f->same);
    free(f->mixed);
    free(f->slopes);
    f->same = MEM_NEW(double, (size_t)count *count);
    f->mixed = MEM_NEW(double, (size_t)count *count);
    f->slopes = MEM_NEW(double, (size_t)count *count);
    f->room = count;
}

static void felt_free(struct felt *f)
{
    free(f->atom);
    free(f->p);
    free(f->d);
    free(f->same);
    free(f->mixed);
    free(f->slopes);
}

/* The row of an environment, a new one if need be */
static int felt_find(struct felt *f, const struct sheet *t, int atom)
{
    for (int k = 0; k < f->count; k++)
        if (f->atom[k] == atom)
            return k;
    f->atom[f->count] = atom;
    memcpy(f->p + (size_t)f->count * t->size, t->p + (size_t)atom * t->size,
           t->size * sizeof *f->p);
    memset(f->d + (size_t)f->count * t->size, 0, t->size * sizeof *f->d);
    return f->count++;
}

/* d = dp_i/dx for all environments i that atom j belongs to, x one of its coordinates */
static void felt_fill(struct felt *f, const struct sheet *t, int j, int axis)
{
    const struct neighbour *list = t->list;
    size_t size = (size_t)t->size;
    felt_reserve(f, (int)(list->first[j + 1] - list->first[j]) + 1, t->size);
    f->count = 0;
    int own = felt_find(f, t, j);
    for (size_t k = list->first[j]; k < list->first[j + 1]; k++) {
        const double *mine = t->jacobian + (3 * k + (size_t)axis) * size;
        int i = list->atom[k];
        for (size_t c = 0; c < size; c++)
            f->d[(size_t)own * size + c] -= mine[c];
        int row = felt_find(f, t, i);
        for (size_t b = list->first[i]; b < list->first[i + 1]; b++) {
            bool back = list->atom[b] == j;
            for (int a = 0; a < 3 && back; a++)
                back = list->shift[b][a] == -list->shift[k][a];
            const double *theirs = t->jacobian + (3 * b + (size_t)axis) * size;
            for (size_t c = 0; c < size && back; c++)
                f->d[(size_t)row * size + c] += theirs[c];
        }
    }
}

/* sum_ij d d' (p_i . p_j)^zeta over environments of one element */
static double own_variance(struct felt *f, const struct sheet *t)
{
    int n = f->count, z = t->m->zeta;
    double sum = 0;
    linalg_gemm(LINALG_N, LINALG_T, n, n, t->size, 1, f->p, f->p, 0, f->same);
    linalg_gemm(LINALG_N, LINALG_T, n, n, t->size, 1, f->d, f->p, 0, f->mixed);
    linalg_gemm(LINALG_N, LINALG_T, n, n, t->size, 1, f->d, f->d, 0, f->slopes);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            double s = f->same[i * n + j];
            if (t->s->element[f->atom[i]] != t->s->element[f->atom[j]])
                continue;
            sum += z * potential_power(s, z - 1) * f->slopes[i * n + j];
            if (z > 1)
                sum += z * (z - 1) * potential_power(s, z - 2) * f->mixed[i * n + j] *
                       f->mixed[j * n + i];
        }
    return sum;
}

static double norm2(int n, const double x[])
{
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int i = 0; i < n; i++)
        sum += x[i] * x[i];
    return sum;
}

/* |R^-T g|^2 - amplitude^2 |L^-1 g|^2, g[columns] in the order of q, the second over the environments only */
static double data_variance(const struct potential *m, const double upper[], const double g[],
                            double x[], double y[])
{
    int n = m->count;
    for (int i = 0; i < n; i++) {
        x[m->order[i]] = g[i];
        y[i] = g[i];
    }
    for (int i = n; i < m->columns; i++)
        x[i] = g[i];
    if (linalg_solve_upper(m->columns, m->factor, true, x, NULL) ||
        linalg_solve_upper(n, upper, true, y, NULL))
        return HUGE_VAL;
    return norm2(m->columns, x) - m->amplitude * m->amplitude * norm2(n, y);
}

/* L^T of the prior, whose transposed solution is L^-1 */
static double *prior_upper(const struct potential *m)
{
    size_t n = (size_t)m->count;
    double *upper = MEM_NEW(double, n *n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = i; j < n; j++)
            upper[i * n + j] = m->prior[j * n + i];
    return upper;
}

static void components(const struct sheet *t, const double rows[], double variance[][3])
{
    const struct potential *m = t->m;
    double *upper = prior_upper(m);
#pragma omp parallel
    {
        struct felt f = {0};
        double *x = MEM_NEW(double, m->columns), *y = MEM_NEW(double, m->count);
#pragma omp for schedule(dynamic)
        for (int c = 0; c < 3 * t->s->n; c++) {
            felt_fill(&f, t, c / 3, c % 3);
            double v = m->amplitude * m->amplitude * own_variance(&f, t) +
                       data_variance(m, upper, rows + (size_t)c * m->columns, x, y);
            variance[c / 3][c % 3] += v > 0 ? v : 0;
        }
        felt_free(&f);
        free(x);
        free(y);
    }
    free(upper);
}

/* dk/dx of every component, by the rows of a fit to forces with noise 1 */
static enum status force_rows(const struct potential *m, const struct system *s, double rows[],
                              struct err *err)
{
    double *zero = MEM_NEW(double, 3 * s->n), *one = MEM_NEW(double, 3 * s->n),
           *b = MEM_NEW(double, 3 * s->n);
    for (int i = 0; i < 3 * s->n; i++)
        one[i] = 1;
    struct rows_label label = {
        .system = (struct system *)s, .has_forces = true, .force = zero, .force_noise = one};
    enum status status = rows_fill(m, NULL, &label, rows, b, err);
    free(zero);
    free(one);
    free(b);
    return status;
}

enum status variance_forces(const struct potential *m, const struct system *s, double variance[][3],
                            struct err *err)
{
    if (!m->factor)
        return ST_OK;
    struct sheet t = {.m = m, .s = s, .size = m->descriptor->size};
    double *rows = MEM_NEW(double, (size_t)3 * s->n * m->columns);
    t.list = neighbour_new(s, m->soap.cutoff);
    t.p = MEM_NEW(double, (size_t)s->n *t.size);
    t.jacobian = MEM_NEW(double, t.list->first[s->n] * 3 * t.size);
    enum status status = sheet_fill(&t, err);
    if (!status)
        status = force_rows(m, s, rows, err);
    if (!status)
        components(&t, rows, variance);
    neighbour_free(t.list);
    free(t.p);
    free(t.jacobian);
    free(rows);
    return status;
}
