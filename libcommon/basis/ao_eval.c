/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "basis/ao_parts.h"

/* Points evaluated together: enough for full chunks, few enough that their functions, which every shell
 * goes through again, stay in the cache. */
enum { GROUP = 16, CACHE = 128 * 1024 };

struct ao_work {
    struct ao_near near[GROUP];
};

/* The point wrapped into the cell; its block; the parity of the lattice vector taken off. NULL: too far for that. */
static const struct ao_block *find_block(const struct ao *a, const double r[3], double wrapped[3],
                                         unsigned *odd)
{
    int t[3], index[3];
    memcpy(wrapped, r, 3 * sizeof(double));
    *odd = 0;
    if (!a->periodic)
        return a->block;
    for (int i = 0; i < 3; i++) {
        double f = r[0] * a->inverse[0][i] + r[1] * a->inverse[1][i] + r[2] * a->inverse[2][i];
        double whole = floor(f);
        if (!(fabs(whole) < AO_FARTHEST))
            return NULL;
        t[i] = (int)whole;
        int at = (int)((f - whole) * a->split[i]);
        index[i] = at < a->split[i] ? at : a->split[i] - 1;
    }
    for (int x = 0; x < 3; x++)
        wrapped[x] -= t[0] * a->cell[0][x] + t[1] * a->cell[1][x] + t[2] * a->cell[2][x];
    *odd = ao_parity(a, t);
    return &a->block[(index[0] * a->split[1] + index[1]) * a->split[2] + index[2]];
}

static void collect(const struct ao *a, const double point[3], struct ao_near *near)
{
    double r[3];
    const struct ao_block *b = find_block(a, point, r, &near->odd);
    double *x = near->x, *y = near->y, *z = near->z, *r2 = near->r2;
    near->block = b;
    near->n = b ? b->n : 0;
#pragma omp simd
    for (int i = 0; i < near->n; i++) {
        x[i] = r[0] - b->x[i];
        y[i] = r[1] - b->y[i];
        z[i] = r[2] - b->z[i];
        r2[i] = x[i] * x[i] + y[i] * y[i] + z[i] * z[i];
    }
    for (int i = 0; i < near->n; i++)
        near->list[i] = i;
}

/* Drop the images beyond the cut-off from the list, without branches. */
static void shrink(struct ao_near *near, double cutoff2)
{
    int n = 0, *list = near->list;
    for (int i = 0; i < near->n; i++) {
        int image = list[i];
        list[n] = image;
        n += near->r2[image] < cutoff2;
    }
    near->n = n;
}

/* Displacements of one shell as contiguous arrays, from one point after another so that SIMD has enough of
 * them; images of one atom seen from one point follow each other in runs. */
struct chunk {
    int n;
    double x[AO_CHUNK], y[AO_CHUNK], z[AO_CHUNK], r2[AO_CHUNK];
    unsigned odd[AO_CHUNK];
    int runs, end[AO_CHUNK]; /* of each run */
    size_t to[AO_CHUNK];     /* where the functions of its point and atom begin */
};

/* One quantity of the functions of a shell: the sums over the images of each atom. */
static inline __attribute__((always_inline)) void add_runs(int width, const struct chunk *c,
                                                           const double *sign, const double *row,
                                                           double *out)
{
    for (int r = 0, i = 0; r < c->runs; r++) {
        double sum[AO_MAX_M] = {0}, *to = out + c->to[r];
        for (; i < c->end[r]; i++)
            for (int m = 0; m < width; m++)
                sum[m] += sign[i] * row[m * AO_CHUNK + i];
        for (int m = 0; m < width; m++)
            to[m] += sum[m];
    }
}

/* Add values[quantity][m][AO_CHUNK] of a chunk to the functions of its atoms; the usual widths are known
 * to the compiler. */
static void gather(const struct ao *a, const struct ao_shell *s, enum ao_level level,
                   const struct chunk *c, const double *values, size_t step, double *out)
{
    int width = 2 * s->l + 1;
    double sign[AO_CHUNK];
    out += s->offset;
    for (int k = 0; k < a->nk; k++) {
        const double *row = values;
        for (int i = 0; i < c->n; i++)
            sign[i] = c->odd[i] >> k & 1 ? -1 : 1;
        for (int q = 0; q < (int)level; q++, out += step, row += width * AO_CHUNK)
            if (width == 1)
                add_runs(1, c, sign, row, out);
            else if (width == 3)
                add_runs(3, c, sign, row, out);
            else if (width == 5)
                add_runs(5, c, sign, row, out);
            else
                add_runs(width, c, sign, row, out);
    }
}

static void flush(const struct ao *a, const struct ao_shell *s, enum ao_level level,
                  struct chunk *c, size_t step, double *out)
{
    double values[AO_THIRD * AO_MAX_M * AO_CHUNK];
    ao_shell_eval(s, level, c->n, c->x, c->y, c->z, c->r2, values);
    gather(a, s, level, c, values, step, out);
    c->n = c->runs = 0;
}

/* Images first .. first + n - 1 of the list of a point whose functions begin at `point`. */
static void append(const struct ao *a, const struct ao_near *near, int first, int n, size_t point,
                   struct chunk *c)
{
    const int *list = near->list + first, *atom = near->block->atom;
    int last = -1;
    for (int m = 0, i = c->n; m < n; m++, i++) {
        int image = list[m];
        c->x[i] = near->x[image];
        c->y[i] = near->y[image];
        c->z[i] = near->z[image];
        c->r2[i] = near->r2[image];
        c->odd[i] = near->block->odd[image] ^ near->odd;
        c->runs += atom[image] != last;
        c->end[c->runs - 1] = i + 1;
        last = atom[image];
        c->to[c->runs - 1] = point + (size_t)last * (size_t)a->per_atom;
    }
    c->n += n;
}

static void eval_points(const struct ao *a, enum ao_level level, int points, struct ao_near near[],
                        size_t step, double *out)
{
    struct chunk c;
    c.n = c.runs = 0;
    for (int i = 0; i < a->shells; i++) {
        const struct ao_shell *s = &a->shell[i];
        if (s->fourier)
            continue;
        for (int p = 0; p < points; p++) {
            shrink(&near[p], s->cutoff2);
            for (int first = 0, n; first < near[p].n; first += n) {
                n = near[p].n - first < AO_CHUNK - c.n ? near[p].n - first : AO_CHUNK - c.n;
                append(a, &near[p], first, n, (size_t)p * (size_t)a->functions, &c);
                if (c.n == AO_CHUNK)
                    flush(a, s, level, &c, step, out);
            }
        }
        if (c.n)
            flush(a, s, level, &c, step, out);
    }
}

struct ao_work *ao_work_new(const struct ao *a)
{
    size_t room = 0;
    for (int i = 0; i < a->split[0] * a->split[1] * a->split[2]; i++)
        room = (size_t)a->block[i].n > room ? (size_t)a->block[i].n : room;
    struct ao_work *w = MEM_NEW(struct ao_work, 1);
    double *numbers = MEM_RAW(double, 4 * room * GROUP);
    int *list = MEM_RAW(int, room *GROUP);
    for (int p = 0; p < GROUP; p++) {
        struct ao_near *near = &w->near[p];
        near->x = numbers + 4 * room * (size_t)p;
        near->y = near->x + room;
        near->z = near->y + room;
        near->r2 = near->z + room;
        near->list = list + room * (size_t)p;
    }
    w->near->work = MEM_RAW(double, ao_fourier_scratch(a));
    return w;
}

void ao_work_free(struct ao_work *w)
{
    if (!w)
        return;
    free(w->near->x);
    free(w->near->list);
    free(w->near->work);
    free(w);
}

void ao_eval_with(const struct ao *a, struct ao_work *w, enum ao_level level, int points,
                  const double r[][3], double *out)
{
    struct ao_near *near = w->near;
    size_t functions = (size_t)a->functions, step = (size_t)points * functions;
    size_t each = functions * sizeof *out * (size_t)(a->nk * (int)level);
    int group = each * GROUP > CACHE ? (int)(CACHE / each) + 1 : GROUP;
    for (int first = 0; first < points; first += group) {
        int n = points - first < group ? points - first : group;
        double *at = out + (size_t)first * functions;
        for (int p = 0; p < n; p++)
            collect(a, r[first + p], &near[p]);
        for (int q = 0; q < a->nk * (int)level; q++) /* here, while it is in the cache */
            memset(at + (size_t)q * step, 0, (size_t)n * functions * sizeof *out);
        eval_points(a, level, n, near, step, at);
        for (int p = 0; p < n; p++)
            if (near[p].block)
                ao_fourier_eval(a, level, r[first + p], near->work, step,
                                at + (size_t)p * functions);
    }
}

void ao_eval(const struct ao *a, enum ao_level level, int points, const double r[][3], double *out)
{
    struct ao_work *w = ao_work_new(a);
    ao_eval_with(a, w, level, points, r, out);
    ao_work_free(w);
}
