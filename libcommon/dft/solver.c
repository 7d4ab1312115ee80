/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/solver.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "dft/block.h"

#define SMALL 0.03 /* norm that makes a vector be orthogonalised twice */

void solver_apply(const struct waves *s, const double *potential, int n, const double *x,
                  double *out)
{
    int step = s->real ? 2 : 1, units = (n + step - 1) / step;
    size_t size = s->size;
#pragma omp parallel
    {
        double complex *scratch = MEM_RAW(double complex, waves_scratch(s));
#pragma omp for schedule(static)
        for (int u = 0; u < units; u++) {
            int b = u * step, pair = s->real && b + 1 < n;
            waves_potential(s, potential, x + b * size, pair ? x + (b + 1) * size : NULL,
                            out + b * size, pair ? out + (b + 1) * size : NULL, scratch);
            for (int c = b; c < b + 1 + pair; c++)
                for (int i = 0; i < s->n; i++) {
                    out[c * size + 2 * i] += s->kinetic[i] * x[c * size + 2 * i];
                    out[c * size + 2 * i + 1] += s->kinetic[i] * x[c * size + 2 * i + 1];
                }
        }
        free(scratch);
    }
}

/* The growing subspace: m vectors b, their H b, and h[j][i] = <b_i|H|b_j> for i <= j. */
struct solver_space {
    const struct waves *waves;
    struct block block;
    int scalars, capacity, m;
    size_t room; /* doubles in b and in hb */
    double *b, *hb, *h;
    double *vector, *value; /* eigenvectors [m][m], eigenvalues */
};

struct solver_space *solver_space_new(void)
{
    return MEM_NEW(struct solver_space, 1);
}

static void empty(struct solver_space *p)
{
    free(p->b);
    free(p->hb);
    free(p->h);
    free(p->vector);
    free(p->value);
}

void solver_space_free(struct solver_space *p)
{
    if (!p)
        return;
    empty(p);
    free(p);
}

/* Room for `capacity` vectors; what was there before is lost. */
static void space_init(struct solver_space *p, const struct waves *s, int capacity)
{
    size_t c = capacity, room = c * s->size;
    if (room > p->room || capacity > p->capacity) {
        empty(p);
        p->room = room;
        p->b = MEM_RAW(double, room);
        p->hb = MEM_RAW(double, room);
        p->h = MEM_RAW(double, c *c * 2);
        p->vector = MEM_RAW(double, c *c * 2);
        p->value = MEM_RAW(double, c);
    }
    p->waves = s;
    p->block = (struct block){s->real, s->size};
    p->scalars = block_scalars(&p->block);
    p->capacity = capacity;
    p->m = 0;
}

/* n new orthonormal vectors stand at b + m: apply H and extend h. */
static void space_extend(struct solver_space *p, const double *potential, int n)
{
    size_t at = (size_t)p->m * p->waves->size, row = (size_t)p->capacity * p->scalars;
    int total = p->m + n;
    solver_apply(p->waves, potential, n, p->b + at, p->hb + at);
    double *part = MEM_RAW(double, (size_t)n *total * p->scalars);
    block_inner(&p->block, total, p->b, n, p->hb + at, part);
    for (int j = 0; j < n; j++)
        memcpy(p->h + (p->m + j) * row, part + (size_t)j * total * p->scalars,
               (size_t)total * p->scalars * sizeof *part);
    free(part);
    p->m = total;
}

static enum status space_eigen(struct solver_space *p, struct err *err)
{
    size_t row = (size_t)p->capacity * p->scalars, short_row = (size_t)p->m * p->scalars;
    for (int j = 0; j < p->m; j++)
        memcpy(p->vector + j * short_row, p->h + j * row, short_row * sizeof *p->h);
    if (!block_eigen(&p->block, p->m, p->vector, p->value) || !isfinite(p->value[0]))
        return err_set(err, ST_COMPUTE,
                       "the diagonalisation in the subspace failed; a larger cut-off or "
                       "a structure without overlapping atoms would be right");
    return ST_OK;
}

static double norm2(const struct waves *s, const double *x)
{
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int i = 0; i < s->size; i++)
        sum += x[i] * x[i];
    return sum;
}

/* Residuals of the listed eigenvectors into r, and their norms. */
static void residuals(const struct solver_space *p, int n, const int *list, double *r, double *norm)
{
    size_t row = (size_t)p->m * p->scalars;
    double *y = MEM_RAW(double, n *row);
    for (int a = 0; a < n; a++)
        memcpy(y + a * row, p->vector + list[a] * row, row * sizeof *y);
    block_combine(&p->block, 1, p->m, p->hb, n, y, p->m, 0, r);
    for (int a = 0; a < n; a++)
        for (size_t i = 0; i < row; i++)
            y[a * row + i] *= p->value[list[a]];
    block_combine(&p->block, -1, p->m, p->b, n, y, p->m, 1, r);
    free(y);
    for (int a = 0; a < n; a++)
        norm[a] = sqrt(norm2(p->waves, r + (size_t)a * p->waves->size));
}

static double kinetic_energy(const struct waves *s, const double *x)
{
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int i = 0; i < s->n; i++)
        sum += s->kinetic[i] * (x[2 * i] * x[2 * i] + x[2 * i + 1] * x[2 * i + 1]);
    return sum;
}

/* r -> K r with x = kinetic energy of a plane wave over that of the orbital */
static void precondition(const struct waves *s, double kinetic, double *r)
{
    for (int i = 0; i < s->n; i++) {
        double x = s->kinetic[i] / kinetic, p = 27 + x * (18 + x * (12 + 8 * x));
        double k = p / (p + 16 * x * x * x * x);
        r[2 * i] *= k;
        r[2 * i + 1] *= k;
    }
}

void solver_precondition(const struct waves *s, int n, const double *x, double *r)
{
    for (int b = 0; b < n; b++)
        precondition(s, 1.5 * kinetic_energy(s, x + (size_t)b * s->size), r + (size_t)b * s->size);
}

/* Returns the norm that there was. */
static double normalise(const struct waves *s, double *x)
{
    double norm = sqrt(fmax(norm2(s, x), 1e-300));
    for (int i = 0; i < s->size; i++)
        x[i] *= 1 / norm;
    return norm;
}

/* n normalised vectors at b + m made orthogonal to the space, and normalised again: a second time where
 * little was left of one, as rounding errors are of the size of what was taken off. */
static void project_out(struct solver_space *p, int n, double *w)
{
    size_t size = p->waves->size;
    double *overlap = MEM_RAW(double, (size_t)n * p->m * p->scalars), least = 0;
    for (int pass = 0; pass < 2 && least < SMALL; pass++) {
        block_inner(&p->block, p->m, p->b, n, w, overlap);
        block_combine(&p->block, -1, p->m, p->b, n, overlap, p->m, 1, w);
        least = 1;
        for (int a = 0; a < n; a++)
            least = fmin(least, normalise(p->waves, w + a * size));
    }
    free(overlap);
}

/* n vectors at b + m made orthonormal to the space and to each other; returns how many are left. */
static int space_orthogonal(struct solver_space *p, int n)
{
    size_t size = p->waves->size;
    double *w = p->b + p->m * size;
    for (int a = 0; a < n; a++)
        normalise(p->waves, w + a * size);
    project_out(p, n, w);
    return block_orthonormal(&p->block, n, w) ? n : block_reduce(&p->block, n, w, 1e-6);
}

/* Of the list keep the bands whose residual is too large; returns how many. r is compacted alike. */
static int unfinished(const struct solver_space *p, int n, int *list, double *r, const double *norm,
                      const double *limit, double *worst)
{
    int left = 0;
    size_t size = p->waves->size;
    *worst = 0;
    for (int a = 0; a < n; a++) {
        *worst = fmax(*worst, norm[a] / limit[list[a]]);
        if (norm[a] <= limit[list[a]])
            continue;
        if (left != a)
            memcpy(r + left * size, r + a * size, size * sizeof *r);
        list[left++] = list[a];
    }
    return left;
}

static void finish(struct solver_space *p, struct kstate *k, int bands)
{
    block_combine(&p->block, 1, p->m, p->b, bands, p->vector, p->m, 0, k->orbital);
    memcpy(k->eigenvalue, p->value, (size_t)bands * sizeof *p->value);
}

enum status solver_improve(struct kstate *k, struct solver_space *p, const double *potential,
                           int bands, int steps, const double *limit, double *worst,
                           struct err *err)
{
    size_t size = k->waves->size;
    int *list = MEM_RAW(int, bands), active = bands;
    double *norm = MEM_NEW(double, bands), *kinetic = MEM_NEW(double, bands);
    space_init(p, k->waves,
               bands * (1 + steps) < k->waves->size ? bands * (1 + steps) : k->waves->size);
    memcpy(p->b, k->orbital, bands * size * sizeof *p->b);
    for (int a = 0; a < bands; a++) {
        list[a] = a;
        kinetic[a] = 1.5 * kinetic_energy(k->waves, k->orbital + a * size);
    }
    space_extend(p, potential, bands);
    enum status status = space_eigen(p, err);
    for (int step = 0; step < steps && status == ST_OK; step++) {
        double *w = p->b + p->m * size;
        if (p->m + active > p->capacity)
            break;
        residuals(p, active, list, w, norm);
        active = unfinished(p, active, list, w, norm, limit, worst);
        for (int a = 0; a < active; a++)
            precondition(k->waves, kinetic[list[a]], w + a * size);
        int added = active ? space_orthogonal(p, active) : 0;
        if (!added)
            break;
        space_extend(p, potential, added);
        status = space_eigen(p, err);
    }
    if (status == ST_OK)
        finish(p, k, bands);
    free(list);
    free(norm);
    free(kinetic);
    return status;
}
