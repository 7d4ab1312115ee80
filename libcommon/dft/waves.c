/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/waves.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"

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
static size_t stick_place(struct sticks *k, const int n[3], const int m[3], int *stick_of)
{
    int i0 = wrap(m[0], n[0]), i1 = wrap(m[1], n[1]), i2 = wrap(m[2], n[2]);
    int *stick = &stick_of[i1 * n[2] + i2];
    if (*stick < 0) {
        k->place[k->count] = (size_t)i1 * n[2] + i2;
        *stick = k->count++;
    }
    return ((size_t)(*stick / WAVES_BATCH) * n[0] + i0) * WAVES_BATCH + *stick % WAVES_BATCH;
}

static void make_sticks(const struct waves *s, const int n[3], struct sticks *k)
{
    int plane = n[1] * n[2];
    int *stick_of = MEM_NEW(int, plane);
    for (int i = 0; i < plane; i++)
        stick_of[i] = -1;
    k->place = MEM_NEW(size_t, plane);
    k->own = MEM_NEW(size_t, s->n);
    k->partner = MEM_NEW(size_t, s->n);
    for (int i = 0; i < s->n; i++) {
        int minus[3];
        for (int d = 0; d < 3; d++)
            minus[d] = -s->m[i][d] - s->twice[d];
        k->own[i] = stick_place(k, n, s->m[i], stick_of);
        if (s->real)
            k->partner[i] = stick_place(k, n, minus, stick_of);
    }
    k->batches = (k->count + WAVES_BATCH - 1) / WAVES_BATCH;
    free(stick_of);
}

static void free_sticks(struct sticks *k)
{
    free(k->place);
    free(k->own);
    free(k->partner);
}

struct waves *waves_new(const double rec[3][3], const double chosen[3][3], const double k[3],
                        double ecut, const struct waves_plans *plans)
{
    struct waves *s = MEM_NEW(struct waves, 1);
    s->plans = plans;
    memcpy(s->rec, rec, sizeof s->rec);
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
    make_sticks(s, plans->n, &s->fine);
    make_sticks(s, plans->coarse, &s->coarse);
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
    free_sticks(&s->fine);
    free_sticks(&s->coarse);
    for (int d = 0; d < 3; d++)
        free(s->turn[d]);
    free(s);
}
