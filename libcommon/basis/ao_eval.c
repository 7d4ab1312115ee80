/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "basis/ao_parts.h"

/* The point wrapped into the cell; its block; the parity of the lattice vector taken off. */
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
#pragma omp simd
    for (int i = 0; i < b->n; i++) {
        x[i] = r[0] - b->x[i];
        y[i] = r[1] - b->y[i];
        z[i] = r[2] - b->z[i];
        r2[i] = x[i] * x[i] + y[i] * y[i] + z[i] * z[i];
    }
    near->block = b;
    near->n = b->n;
    for (int i = 0; i < b->n; i++)
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

/* A part of the list as contiguous arrays; images of one atom follow each other in runs. */
struct chunk {
    int n;
    double x[AO_CHUNK], y[AO_CHUNK], z[AO_CHUNK], r2[AO_CHUNK];
    unsigned odd[AO_CHUNK];
    int runs, end[AO_CHUNK]; /* of each run */
    size_t atom[AO_CHUNK];   /* where the functions of its atom begin */
};

static void fill_chunk(const struct ao *a, const struct ao_near *near, int first, struct chunk *c)
{
    const int *list = near->list + first, *atom = near->block->atom;
    c->n = near->n - first < AO_CHUNK ? near->n - first : AO_CHUNK;
    c->runs = 0;
    int last = -1;
    for (int i = 0; i < c->n; i++) {
        int image = list[i];
        c->x[i] = near->x[image];
        c->y[i] = near->y[image];
        c->z[i] = near->z[image];
        c->r2[i] = near->r2[image];
        c->odd[i] = near->block->odd[image] ^ near->odd;
        c->runs += atom[image] != last;
        c->end[c->runs - 1] = i + 1;
        last = atom[image];
        c->atom[c->runs - 1] = (size_t)last * (size_t)a->per_atom;
    }
}

/* One quantity of one function: the sum over the images of each atom. */
static void add_runs(const struct chunk *c, const double *sign, const double *row, double *to)
{
    for (int r = 0, i = 0; r < c->runs; r++) {
        double sum = 0;
        int end = c->end[r];
        if (end - i < 8) {
            for (; i < end; i++)
                sum += sign[i] * row[i];
        } else {
#pragma omp simd reduction(+ : sum)
            for (int j = i; j < end; j++)
                sum += sign[j] * row[j];
            i = end;
        }
        to[c->atom[r]] += sum;
    }
}

/* Add values[quantity][m][AO_CHUNK] of a chunk to the functions of its atoms. */
static void gather(const struct ao *a, const struct ao_shell *s, enum ao_level level,
                   const struct chunk *c, const double *values, size_t step, double *out)
{
    int width = 2 * s->l + 1;
    double sign[AO_CHUNK];
    for (int k = 0; k < a->nk; k++) {
        const double *row = values;
        for (int i = 0; i < c->n; i++)
            sign[i] = c->odd[i] >> k & 1 ? -1 : 1;
        for (int q = 0; q < (int)level; q++, out += step)
            for (int m = 0; m < width; m++, row += AO_CHUNK)
                add_runs(c, sign, row, out + s->offset + m);
    }
}

static void eval_point(const struct ao *a, enum ao_level level, struct ao_near *near, size_t step,
                       double *out)
{
    double values[AO_THIRD * AO_MAX_M * AO_CHUNK];
    struct chunk c;
    for (int i = 0; i < a->shells; i++) {
        const struct ao_shell *s = &a->shell[i];
        if (s->fourier)
            continue;
        shrink(near, s->cutoff2);
        for (int first = 0; first < near->n; first += AO_CHUNK) {
            fill_chunk(a, near, first, &c);
            ao_shell_eval(s, level, c.n, c.x, c.y, c.z, c.r2, values);
            gather(a, s, level, &c, values, step, out);
        }
    }
}

static void near_new(const struct ao *a, struct ao_near *near)
{
    int room = 0;
    for (int i = 0; i < a->split[0] * a->split[1] * a->split[2]; i++)
        room = a->block[i].n > room ? a->block[i].n : room;
    near->x = MEM_NEW(double, 4 * room);
    near->y = near->x + room;
    near->z = near->y + room;
    near->r2 = near->z + room;
    near->list = MEM_NEW(int, room);
    near->work = MEM_NEW(double, ao_fourier_scratch(a));
}

void ao_eval(const struct ao *a, enum ao_level level, int points, const double r[][3], double *out)
{
    struct ao_near near;
    size_t functions = (size_t)a->functions, step = (size_t)points * functions;
    near_new(a, &near);
    for (int p = 0; p < points; p++) {
        collect(a, r[p], &near);
        double *at = out + (size_t)p * functions;
        for (int q = 0; q < a->nk * (int)level; q++) /* here, while it is in the cache */
            memset(at + (size_t)q * step, 0, functions * sizeof *out);
        eval_point(a, level, &near, step, at);
        ao_fourier_eval(a, level, r[p], near.work, step, at);
    }
    free(near.x);
    free(near.list);
    free(near.work);
}
