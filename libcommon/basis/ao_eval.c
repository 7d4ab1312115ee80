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
    unsigned odd;
    const struct ao_block *b = find_block(a, point, r, &odd);
    double *x = near->x, *y = near->y, *z = near->z, *r2 = near->r2;
#pragma omp simd
    for (int i = 0; i < b->n; i++) {
        x[i] = r[0] - b->x[i];
        y[i] = r[1] - b->y[i];
        z[i] = r[2] - b->z[i];
        r2[i] = x[i] * x[i] + y[i] * y[i] + z[i] * z[i];
    }
    for (int i = 0; i < b->n; i++) {
        near->atom[i] = b->atom[i];
        near->odd[i] = b->odd[i] ^ odd;
    }
    near->n = b->n;
}

/* Drop the images beyond the cut-off, in place, without branches. */
static void shrink(struct ao_near *near, double cutoff2)
{
    int n = 0;
    for (int i = 0; i < near->n; i++) {
        double d2 = near->r2[i];
        near->x[n] = near->x[i];
        near->y[n] = near->y[i];
        near->z[n] = near->z[i];
        near->atom[n] = near->atom[i];
        near->odd[n] = near->odd[i];
        near->r2[n] = d2;
        n += d2 < cutoff2;
    }
    near->n = n;
}

/* Add values[quantity][m][AO_CHUNK] of images first .. first + n - 1 to their atoms' functions. */
static void scatter(const struct ao *a, const struct ao_shell *s, enum ao_level level, int first,
                    int n, const struct ao_near *near, const double *values, size_t step,
                    double *out)
{
    int width = 2 * s->l + 1;
    for (int k = 0; k < a->nk; k++, out += step * level)
        for (int i = 0; i < n; i++) {
            double sign = near->odd[first + i] >> k & 1 ? -1 : 1;
            double *to = out + near->atom[first + i] * a->per_atom + s->offset;
            const double *v = values + i;
            for (int q = 0; q < (int)level; q++, to += step)
                for (int m = 0; m < width; m++, v += AO_CHUNK)
                    to[m] += sign * *v;
        }
}

static void eval_point(const struct ao *a, enum ao_level level, struct ao_near *near, size_t step,
                       double *out)
{
    double values[AO_THIRD * AO_MAX_M * AO_CHUNK];
    for (int i = 0; i < a->shells; i++) {
        const struct ao_shell *s = &a->shell[i];
        shrink(near, s->cutoff2);
        for (int first = 0; first < near->n; first += AO_CHUNK) {
            int n = near->n - first < AO_CHUNK ? near->n - first : AO_CHUNK;
            ao_shell_eval(s, level, n, near->x + first, near->y + first, near->z + first,
                          near->r2 + first, values);
            scatter(a, s, level, first, n, near, values, step, out);
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
    near->atom = MEM_NEW(int, room);
    near->odd = MEM_NEW(unsigned, room);
}

void ao_eval(const struct ao *a, enum ao_level level, int points, const double r[][3], double *out)
{
    struct ao_near near;
    size_t functions = (size_t)a->functions, step = (size_t)points * functions;
    memset(out, 0, (size_t)a->nk * (size_t)level * step * sizeof *out);
    near_new(a, &near);
    for (int p = 0; p < points; p++) {
        collect(a, r[p], &near);
        eval_point(a, level, &near, step, out + (size_t)p * functions);
    }
    free(near.x);
    free(near.atom);
    free(near.odd);
}
