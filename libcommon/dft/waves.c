/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/waves.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"

enum {
    BATCH = 16
}; /* sticks transformed together: one cache line of doubles times two, and SIMD */

/*
 * Out of place, as FFTW allocates buffers in every transform in place of several vectors. Its estimate is
 * as fast as what it finds by measuring, there at once, and the same in every run.
 */
static fftw_plan plan(int n, int many, int stride, int distance, int sign, double complex *work)
{
    return fftw_plan_many_dft(1, &n, many, work, NULL, stride, distance, work + (size_t)n * many,
                              NULL, stride, distance, sign, FFTW_ESTIMATE);
}

struct waves_plans *waves_plans_new(const int n[3])
{
    struct waves_plans *p = MEM_NEW(struct waves_plans, 1);
    size_t plane = (size_t)n[1] * n[2], stick = (size_t)n[0] * BATCH;
    double complex *work = MEM_NEW(double complex, 2 * (plane > stick ? plane : stick));
    memcpy(p->n, n, sizeof p->n);
    p->rows = n[1] / 4 + 2 < n[1] / 2 ? n[1] / 4 + 2 : n[1] / 2;
    for (int i = 0; i < 2; i++) {
        int sign = i ? FFTW_FORWARD : FFTW_BACKWARD;
        p->stick[i] = plan(n[0], BATCH, BATCH, 1, sign, work);
        p->row[i] = plan(n[2], p->rows, 1, n[2], sign, work);
        p->column[i] = plan(n[1], n[2], n[2], 1, sign, work);
    }
    free(work);
    return p;
}

void waves_plans_free(struct waves_plans *p)
{
    if (!p)
        return;
    for (int i = 0; i < 2; i++) {
        fftw_destroy_plan(p->stick[i]);
        fftw_destroy_plan(p->row[i]);
        fftw_destroy_plan(p->column[i]);
    }
    free(p);
}

static double vector(const double rec[3][3], const double k[3], const int m[3], double q[3])
{
    for (int d = 0; d < 3; d++)
        q[d] = (m[0] + k[0]) * rec[0][d] + (m[1] + k[1]) * rec[1][d] + (m[2] + k[2]) * rec[2][d];
    return 0.5 * (q[0] * q[0] + q[1] * q[1] + q[2] * q[2]);
}

/* Of q and -q the one whose first non-zero component is positive. */
static bool kept(const struct waves *s, const int m[3])
{
    if (!s->real)
        return true;
    for (int d = 0; d < 3; d++) {
        int component = 2 * m[d] + s->twice[d];
        if (component)
            return component > 0;
    }
    return true;
}

static void choose(struct waves *s, const double rec[3][3], const double chosen[3][3], double ecut)
{
    const int *n = s->plans->n;
    int m[3], capacity = 0;
    double q[3];
    for (m[0] = -n[0] / 2; m[0] < n[0] / 2; m[0]++)
        for (m[1] = -n[1] / 2; m[1] < n[1] / 2; m[1]++)
            for (m[2] = -n[2] / 2; m[2] < n[2] / 2; m[2]++) {
                if (vector(chosen, s->k, m, q) > ecut || !kept(s, m))
                    continue;
                if (s->n == capacity) {
                    int new = capacity ? 2 * capacity : 1024;
                    s->m = mem_grow(s->m, capacity, new, sizeof *s->m);
                    capacity = new;
                }
                memcpy(s->m[s->n++], m, sizeof m);
            }
    s->size = 2 * s->n;
    s->q = mem_new(s->n, 3 * sizeof(double));
    s->kinetic = MEM_NEW(double, s->n);
    for (int i = 0; i < s->n; i++) {
        s->kinetic[i] = vector(rec, s->k, s->m[i], s->q[i]);
        if (s->real && s->kinetic[i] == 0)
            s->zero = i;
    }
}

static int wrap(int m, int n)
{
    return m < 0 ? m + n : m;
}

/* The place of a plane wave in the sticks; a stick is added where there is none yet. */
static size_t stick_place(struct waves *s, const int m[3], int *stick_of)
{
    const int *n = s->plans->n;
    int i0 = wrap(m[0], n[0]), i1 = wrap(m[1], n[1]), i2 = wrap(m[2], n[2]);
    int *stick = &stick_of[i1 * n[2] + i2];
    if (*stick < 0) {
        s->place[s->sticks] = (size_t)i1 * n[2] + i2;
        *stick = s->sticks++;
    }
    return ((size_t)(*stick / BATCH) * n[0] + i0) * BATCH + *stick % BATCH;
}

static void make_sticks(struct waves *s)
{
    int plane = s->plans->n[1] * s->plans->n[2];
    int *stick_of = MEM_NEW(int, plane);
    for (int i = 0; i < plane; i++)
        stick_of[i] = -1;
    s->place = MEM_NEW(size_t, plane);
    s->own = MEM_NEW(size_t, s->n);
    s->partner = MEM_NEW(size_t, s->n);
    for (int i = 0; i < s->n; i++) {
        int minus[3];
        for (int d = 0; d < 3; d++)
            minus[d] = -s->m[i][d] - s->twice[d];
        s->own[i] = stick_place(s, s->m[i], stick_of);
        if (s->real)
            s->partner[i] = stick_place(s, minus, stick_of);
    }
    s->batches = (s->sticks + BATCH - 1) / BATCH;
    free(stick_of);
}

struct waves *waves_new(const double rec[3][3], const double chosen[3][3], const double k[3],
                        double ecut, const struct waves_plans *plans)
{
    struct waves *s = MEM_NEW(struct waves, 1);
    s->plans = plans;
    s->real = true;
    s->zero = -1;
    for (int d = 0; d < 3; d++) {
        s->k[d] = k[d];
        double twice = 2 * k[d];
        s->real = s->real && fabs(twice - round(twice)) < 1e-12;
    }
    for (int d = 0; d < 3 && s->real; d++)
        s->twice[d] = (int)lround(2 * k[d]);
    choose(s, rec, chosen ? chosen : rec, ecut);
    make_sticks(s);
    for (int d = 0; d < 3; d++) {
        s->turn[d] = MEM_NEW(double complex, plans->n[d]);
        for (int i = 0; i < plans->n[d]; i++)
            s->turn[d][i] = cexp(I * (2 * M_PI * k[d] * i / plans->n[d]));
    }
    return s;
}

void waves_free(struct waves *s)
{
    if (!s)
        return;
    free(s->m);
    free(s->q);
    free(s->kinetic);
    free(s->place);
    free(s->own);
    free(s->partner);
    for (int d = 0; d < 3; d++)
        free(s->turn[d]);
    free(s);
}

static size_t stick_numbers(const struct waves *s)
{
    return (size_t)s->batches * s->plans->n[0] * BATCH;
}

/* All sticks, and two planes or batches of sticks. */
size_t waves_scratch(const struct waves *s)
{
    const int *n = s->plans->n;
    const size_t plane = (size_t)n[1] * n[2], stick = (size_t)n[0] * BATCH;
    return stick_numbers(s) + 2 * (plane > stick ? plane : stick);
}

/* re + i im without arithmetic */
static double complex number(double re, double im)
{
    union {
        double part[2];
        double complex z;
    } u = {{re, im}};
    return u.z;
}

/* Orbitals onto the sticks: f(q) = a(q) + i b(q), and for -q a* + i b*. */
static void pack(const struct waves *s, const double *a, const double *b, double complex *sticks)
{
    memset(sticks, 0, stick_numbers(s) * sizeof *sticks);
    const double complex *ca = (const double complex *)a, *cb = (const double complex *)b;
    if (!s->real) {
        for (int i = 0; i < s->n; i++)
            sticks[s->own[i]] = ca[i];
        return;
    }
    for (int i = 0; i < s->n; i++) {
        double ar = M_SQRT1_2 * creal(ca[i]), ai = M_SQRT1_2 * cimag(ca[i]);
        double br = b ? M_SQRT1_2 * creal(cb[i]) : 0, bi = b ? M_SQRT1_2 * cimag(cb[i]) : 0;
        sticks[s->partner[i]] = number(ar + bi, br - ai);
        sticks[s->own[i]] = number(ar - bi, ai + br);
    }
    if (s->zero >= 0)
        sticks[s->own[s->zero]] = number(creal(ca[s->zero]), b ? creal(cb[s->zero]) : 0);
}

/* The reverse: a = (f(q) + f*(-q))/2, b = (f(q) - f*(-q))/2i, times sqrt(2). */
static void unpack(const struct waves *s, const double complex *sticks, double *a, double *b)
{
    double points = (double)s->plans->n[0] * s->plans->n[1] * s->plans->n[2];
    double scale = (s->real ? M_SQRT1_2 : 1) / points;
    double complex *ca = (double complex *)a, *cb = (double complex *)b;
    for (int i = 0; i < s->n; i++) {
        double complex f = sticks[s->own[i]] * scale;
        if (!s->real) {
            ca[i] = f;
            continue;
        }
        double complex g = sticks[s->partner[i]] * scale;
        ca[i] = number(creal(f) + creal(g), cimag(f) - cimag(g));
        if (b)
            cb[i] = number(cimag(f) + cimag(g), creal(g) - creal(f));
    }
    if (s->zero < 0)
        return;
    double complex f = sticks[s->own[s->zero]] / points;
    ca[s->zero] = creal(f);
    if (b)
        cb[s->zero] = cimag(f);
}

static void stick_transform(const struct waves *s, int direction, double complex *sticks)
{
    size_t batch = (size_t)s->plans->n[0] * BATCH;
    double complex *copy = sticks + stick_numbers(s);
    for (int i = 0; i < s->batches; i++) {
        memcpy(copy, sticks + i * batch, batch * sizeof *copy);
        fftw_execute_dft(s->plans->stick[direction], copy, sticks + i * batch);
    }
}

/* One plane from the sticks into real space; work: another one. */
static void plane_open(const struct waves *s, int i0, const double complex *sticks,
                       double complex *plane, double complex *work)
{
    const struct waves_plans *p = s->plans;
    const size_t high = (size_t)(p->n[1] - p->rows) * p->n[2], low = (size_t)p->rows * p->n[2];
    memset(plane, 0, low * sizeof *plane);
    memset(plane + high, 0, low * sizeof *plane);
    for (int b = 0, i = 0; b < s->batches; b++) {
        const double complex *from = sticks + ((size_t)b * p->n[0] + i0) * BATCH;
        for (int j = 0; j < BATCH && i < s->sticks; j++, i++)
            plane[s->place[i]] = from[j];
    }
    memset(work + low, 0, (high - low) * sizeof *work);
    fftw_execute_dft(p->row[0], plane, work);
    fftw_execute_dft(p->row[0], plane + high, work + high);
    fftw_execute_dft(p->column[0], work, plane);
}

static void plane_close(const struct waves *s, int i0, double complex *plane, double complex *work,
                        double complex *sticks)
{
    const struct waves_plans *p = s->plans;
    const size_t high = (size_t)(p->n[1] - p->rows) * p->n[2];
    fftw_execute_dft(p->column[1], plane, work);
    fftw_execute_dft(p->row[1], work, plane);
    fftw_execute_dft(p->row[1], work + high, plane + high);
    for (int b = 0, i = 0; b < s->batches; b++) {
        double complex *to = sticks + ((size_t)b * p->n[0] + i0) * BATCH;
        for (int j = 0; j < BATCH && i < s->sticks; j++, i++)
            to[j] = plane[s->place[i]];
    }
}

void waves_potential(const struct waves *s, const double *potential, const double *a,
                     const double *b, double *out_a, double *out_b, double complex *scratch)
{
    double complex *sticks = scratch, *plane = scratch + stick_numbers(s);
    size_t points = (size_t)s->plans->n[1] * s->plans->n[2];
    double complex *work = plane + points;
    pack(s, a, b, sticks);
    stick_transform(s, 0, sticks);
    for (int i0 = 0; i0 < s->plans->n[0]; i0++) {
        const double *v = potential + i0 * points;
        plane_open(s, i0, sticks, plane, work);
        for (size_t i = 0; i < points; i++)
            plane[i] *= v[i];
        plane_close(s, i0, plane, work, sticks);
    }
    stick_transform(s, 1, sticks);
    unpack(s, sticks, out_a, out_b);
}

/* density += wa Re^2 + wb Im^2 of f exp(i k.r), one row of the grid (k.r reduced to a sign or a turn) */
static void row_density(const struct waves *s, double complex turn, double wa, double wb,
                        const double complex *f, double *density)
{
    for (int l = 0; l < s->plans->n[2]; l++) {
        double complex t = turn * s->turn[2][l];
        double re = creal(f[l]) * creal(t) - cimag(f[l]) * cimag(t);
        double im = creal(f[l]) * cimag(t) + cimag(f[l]) * creal(t);
        density[l] += wa * re * re + wb * im * im;
    }
}

void waves_density(const struct waves *s, double wa, const double *a, double wb, const double *b,
                   double *density, double complex *scratch)
{
    double complex *sticks = scratch, *plane = scratch + stick_numbers(s);
    const int *n = s->plans->n;
    double complex *work = plane + (size_t)n[1] * n[2];
    pack(s, a, b, sticks);
    stick_transform(s, 0, sticks);
    for (int i0 = 0; i0 < n[0]; i0++) {
        plane_open(s, i0, sticks, plane, work);
        for (int i1 = 0; i1 < n[1]; i1++) {
            size_t row = (size_t)i1 * n[2];
            row_density(s, s->turn[0][i0] * s->turn[1][i1], wa, s->real ? wb : wa, plane + row,
                        density + (size_t)i0 * n[1] * n[2] + row);
        }
    }
}
