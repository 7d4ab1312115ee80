/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "maths/linalg.h"
#include "ml/potential.h"

struct potential *potential_new(int count)
{
    struct potential *p = MEM_NEW(struct potential, 1);
    p->count = count;
    p->environment = MEM_NEW(struct environment, count);
    p->weight = MEM_NEW(double, count);
    return p;
}

static void release(struct potential *p)
{
    soap_free(p->descriptor);
    two_body_free(p->curves);
    free(p->order);
    free(p->q);
    free(p->sorted);
    free(p->square);
    free(p->prior);
    p->descriptor = NULL;
    p->curves = NULL;
    p->order = NULL;
    p->q = p->sorted = p->square = p->prior = NULL;
}

void potential_free(struct potential *p)
{
    if (!p)
        return;
    release(p);
    for (int m = 0; m < p->count; m++)
        environment_free(&p->environment[m]);
    free(p->environment);
    free(p->weight);
    free(p->two.weight);
    free(p->factor);
    free(p);
}

void environment_free(struct environment *e)
{
    free(e->neighbour);
    free(e->d);
    *e = (struct environment){0};
}

void environment_cut(struct environment *e, const struct system *s, const struct neighbour *list,
                     int i)
{
    size_t first = list->first[i];
    e->element = s->element[i];
    e->count = (int)(list->first[i + 1] - first);
    e->neighbour = MEM_NEW(int, e->count);
    e->d = mem_new(e->count, sizeof *e->d);
    for (int j = 0; j < e->count; j++) {
        e->neighbour[j] = s->element[list->atom[first + j]];
        memcpy(e->d[j], list->d[first + j], sizeof *e->d);
    }
}

static enum status check(const struct potential *p, struct err *err)
{
    bool finite = p->zeta >= 1 && p->amplitude > 0 && isfinite(p->amplitude) &&
                  p->pair_cutoff >= 0 && p->pair_cutoff <= p->soap.cutoff && p->two.reach >= 0 &&
                  p->two.reach <= p->soap.cutoff;
    for (int e = 0; e < p->soap.elements && e < SOAP_MAX_ELEMENTS; e++)
        finite = finite && isfinite(p->e0[e]);
    for (int m = 0; m < p->count; m++)
        finite = finite && isfinite(p->weight[m]);
    for (int k = 0;
         p->two.weight && k < p->soap.elements * (p->soap.elements + 1) / 2 * p->two.knots; k++)
        finite = finite && isfinite(p->two.weight[k]);
    if (finite)
        return ST_OK;
    return err_set(err, ST_DATA,
                   "the model has a number out of range: zeta must be at least 1, the amplitude "
                   "positive, the reach of pairs within the SOAP cut-off, the weights finite");
}

static enum status describe(struct potential *p, struct soap_local *local, int row, struct err *err)
{
    const struct environment *e = &p->environment[p->order[row]];
    const struct soap *s = p->descriptor;
    int *channel = MEM_NEW(int, e->count + 1);
    enum status status = ST_OK;
    for (int j = 0; j < e->count && !status; j++) {
        channel[j] = soap_channel(s, e->neighbour[j]);
        if (channel[j] < 0)
            status = err_set(
                err, ST_DATA,
                "sparse environment %d has an atom of an element that the model does not list",
                p->order[row] + 1);
    }
    if (!status) {
        soap_expand(s, soap_channel(s, e->element), e->count, e->d, channel, local);
        memcpy(p->q + (size_t)row * s->size, local->p, s->size * sizeof *p->q);
    }
    free(channel);
    return status;
}

static void sort(struct potential *p)
{
    int next = 0;
    for (int e = 0; e < p->soap.elements; e++) {
        p->first[e] = next;
        for (int m = 0; m < p->count; m++)
            if (p->environment[m].element == p->soap.element[e])
                p->order[next++] = m;
    }
    p->first[p->soap.elements] = next;
}

/* For zeta = 2 the sum over m is a quadratic form in p; cheaper than the sum from size/2 environments on. */
static void quadratic(struct potential *p)
{
    int n = p->descriptor->size;
    double *scaled = MEM_NEW(double, (size_t)p->count *n);
    p->square = MEM_NEW(double, (size_t)p->soap.elements *n *n);
    for (int m = 0; m < p->count; m++)
        for (int i = 0; i < n; i++)
            scaled[(size_t)m * n + i] = p->sorted[m] * p->q[(size_t)m * n + i];
    for (int e = 0; e < p->soap.elements; e++) {
        size_t first = (size_t)p->first[e] * n;
        linalg_gemm(LINALG_T, LINALG_N, n, n, p->first[e + 1] - p->first[e], 1, scaled + first,
                    p->q + first, 0, p->square + (size_t)e * n * n);
    }
    free(scaled);
}

static enum status prepare(struct potential *p, struct err *err)
{
    p->order = MEM_NEW(int, p->count);
    p->sorted = MEM_NEW(double, p->count);
    p->q = MEM_NEW(double, (size_t)p->count * p->descriptor->size);
    sort(p);
    if (p->first[p->soap.elements] != p->count)
        return err_set(
            err, ST_DATA,
            "a sparse environment is centred on an element that the model does not list");
    struct soap_local *local = soap_local_new(p->descriptor);
    enum status status = ST_OK;
    for (int m = 0; m < p->count && !status; m++) {
        p->sorted[m] = p->weight[p->order[m]];
        status = describe(p, local, m, err);
    }
    soap_local_free(local);
    if (!status && p->zeta == 2 && 2 * p->count > p->descriptor->size)
        quadratic(p);
    if (!status && p->factor) {
        p->prior = MEM_NEW(double, (size_t)p->count * p->count);
        status = potential_prior(p, p->prior, err);
    }
    return status;
}

enum status potential_prepare(struct potential *p, struct err *err)
{
    release(p);
    enum status status = check(p, err);
    if (status)
        return status;
    struct err own = {ST_OK, ""};
    p->descriptor = soap_new(&p->soap, &own);
    if (!p->descriptor) /* what options must not be is bad data in a model */
        return err_set(err, own.status == ST_USAGE ? ST_DATA : own.status, "%s", own.text);
    p->curves = two_body_new(p->soap.elements, p->soap.element, p->two.reach, p->two.knots);
    p->columns = p->count + p->curves->columns;
    if (!p->two.weight)
        p->two.weight = MEM_NEW(double, p->curves->columns);
    two_body_curve(p->curves, p->two.weight);
    return prepare(p, err);
}

void potential_kernel(const struct potential *p, int channel, int rows, const double descriptor[],
                      double kernel[], double dot[])
{
    int first = p->first[channel], m = p->first[channel + 1] - first, size = p->descriptor->size;
    linalg_gemm(LINALG_N, LINALG_T, rows, m, size, 1, descriptor, p->q + (size_t)first * size, 0,
                dot);
    size_t count = (size_t)rows * m;
    if (p->zeta == 4)
        for (size_t i = 0; i < count; i++)
            kernel[i] = dot[i] * dot[i] * dot[i] * dot[i];
    else
        for (size_t i = 0; i < count; i++)
            kernel[i] = potential_power(dot[i], p->zeta);
}

enum status potential_prior(const struct potential *p, double l[], struct err *err)
{
    size_t n = p->count;
    double *k = MEM_NEW(double, n *n), *dot = MEM_NEW(double, n *n);
    for (int e = 0; e < p->soap.elements; e++) {
        int first = p->first[e], m = p->first[e + 1] - first;
        potential_kernel(p, e, m, p->q + (size_t)first * p->descriptor->size, l, dot);
        for (int i = 0; i < m; i++)
            memcpy(k + (first + i) * n + first, l + (size_t)i * m, m * sizeof *k);
    }
    enum status status = ST_COMPUTE;
    for (double jitter = 1e-10; status && jitter < 1e-3; jitter *= 10) {
        memcpy(l, k, n * n * sizeof *l);
        for (size_t i = 0; i < n; i++)
            l[i * n + i] += jitter;
        status = linalg_cholesky((int)n, l, err);
    }
    free(k);
    free(dot);
    return status;
}
