/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/solver.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "dft/block.h"
#include "dft/block_single.h"
#include "dft/session.h"

enum {
    GROUP = 32,      /* orbitals to which H is applied together */
    WORTH = 1 << 16, /* numbers to pass over for which threads are worth waking */
};

#define SMALL 0.1 /* norm that makes a vector be orthogonalised twice */

void solver_apply(const struct waves *s, const double *potential, int n, const double *x,
                  double *out)
{
    int step = s->real ? 2 : 1, units = (n + step - 1) / step;
    size_t size = s->size;
#pragma omp parallel
    {
        double complex *scratch = MEM_RAW(double complex, waves_scratch(s));
#pragma omp for schedule(dynamic)
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

void solver_matrix(const struct waves *s, const struct solver_potential *potential, int n,
                   const double *x, double *h)
{
    const struct block block = {s->real, s->size};
    const size_t size = s->size, row = (size_t)n * block_scalars(&block);
    double *hx = MEM_RAW(double, GROUP *size);
    for (int from = 0; from < n && !session_hurry(potential->session); from += GROUP) {
        const int count = n - from < GROUP ? n - from : GROUP;
        solver_apply(s, potential->fine, count, x + from * size, hx);
        block_inner(&block, n, x, count, hx, h + from * row);
    }
    free(hx);
}

typedef void transform(const struct waves *s, const float *potential, const float *a,
                       const float *b, float *out_a, float *out_b, float complex *scratch);

/* H in single precision. */
static void single_apply(const struct waves *s, transform *multiply, const float *potential, int n,
                         const float *x, float *out)
{
    const int step = s->real ? 2 : 1, units = (n + step - 1) / step;
    const size_t size = s->size;
#pragma omp parallel
    {
        float complex *scratch = MEM_RAW(float complex, waves_single_scratch(s));
#pragma omp for schedule(dynamic)
        for (int u = 0; u < units; u++) {
            const int b = u * step, pair = s->real && b + 1 < n;
            multiply(s, potential, x + b * size, pair ? x + (b + 1) * size : NULL, out + b * size,
                     pair ? out + (b + 1) * size : NULL, scratch);
            for (int c = b; c < b + 1 + pair; c++)
                for (int i = 0; i < s->n; i++) {
                    const float t = (float)s->kinetic[i];
                    out[c * size + 2 * i] += t * x[c * size + 2 * i];
                    out[c * size + 2 * i + 1] += t * x[c * size + 2 * i + 1];
                }
        }
        free(scratch);
    }
}

/* The growing subspace: orbitals x and m corrections w, and h[j][i] = <i|H|j> for i <= j, x first. */
struct solver_space {
    const struct waves *waves;
    struct block block;
    int scalars, bands, capacity, m; /* capacity: of corrections */
    double *x;                       /* of the k point */
    size_t room, matrix;             /* numbers in w and hw; in h and vector */
    size_t residuals;                /* in r */
    float *r, *w, *hw;
    double *h;
    double *vector, *value; /* eigenvectors [total][total], eigenvalues */
};

struct solver_space *solver_space_new(void)
{
    return MEM_NEW(struct solver_space, 1);
}

static void empty(struct solver_space *p)
{
    free(p->r);
    free(p->w);
    free(p->hw);
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

static int total(const struct solver_space *p)
{
    return p->bands + p->m;
}

/* Room for the residuals of x and for `capacity` corrections; what was there before is lost. */
static void space_init(struct solver_space *p, const struct kstate *k, int bands, int capacity)
{
    const struct waves *s = k->waves;
    const size_t most = bands + capacity, size = s->size;
    p->waves = s;
    p->block = (struct block){s->real, s->size};
    p->scalars = block_scalars(&p->block);
    p->x = k->orbital;
    p->bands = bands;
    p->capacity = capacity;
    p->m = 0;
    if (bands * size <= p->residuals && capacity * size <= p->room &&
        most * most * p->scalars <= p->matrix)
        return;
    empty(p);
    p->residuals = bands * size;
    p->room = capacity * size;
    p->matrix = most * most * p->scalars;
    p->r = MEM_RAW(float, p->residuals);
    p->w = MEM_RAW(float, p->room);
    p->hw = MEM_RAW(float, p->room);
    p->h = MEM_RAW(double, p->matrix);
    p->vector = MEM_RAW(double, p->matrix);
    p->value = MEM_RAW(double, most);
}

static double norm2(int n, const float *x)
{
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int i = 0; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    return sum;
}

/* Row j of h. */
static double *row(const struct solver_space *p, int j)
{
    return p->h + (size_t)j * (p->bands + p->capacity) * p->scalars;
}

/* h of the orbitals, and their residuals r. */
static void look(struct solver_space *p, const struct solver_potential *potential)
{
    const size_t size = p->waves->size;
    double *hx = MEM_RAW(double, GROUP *size);
    double *part = MEM_RAW(double, (size_t)GROUP * p->bands * p->scalars);
    for (int from = 0; from < p->bands && !session_hurry(potential->session); from += GROUP) {
        const int n = p->bands - from < GROUP ? p->bands - from : GROUP;
        solver_apply(p->waves, potential->fine, n, p->x + from * size, hx);
        block_inner(&p->block, p->bands, p->x, n, hx, part);
        block_combine(&p->block, -1, p->bands, p->x, n, part, p->bands, 1, hx);
        for (int j = 0; j < n; j++)
            memcpy(row(p, from + j), part + (size_t)j * p->bands * p->scalars,
                   (size_t)p->bands * p->scalars * sizeof *part);
        for (size_t i = 0; i < n * size; i++)
            p->r[from * size + i] = (float)hx[i];
    }
    free(hx);
    free(part);
}

/* The same in single precision. */
static void look_single(struct solver_space *p, const struct solver_potential *potential)
{
    const size_t size = p->waves->size, numbers = (size_t)p->bands * p->scalars;
    const struct vectors x = {.wide = p->x};
    float *narrow = MEM_RAW(float, GROUP *size);
    double *h = MEM_RAW(double, p->bands *numbers);
    for (int from = 0; from < p->bands && !session_hurry(potential->session); from += GROUP) {
        const int n = p->bands - from < GROUP ? p->bands - from : GROUP;
        for (size_t i = 0; i < n * size; i++)
            narrow[i] = (float)p->x[from * size + i];
        single_apply(p->waves, waves_single_potential, potential->single, n, narrow,
                     p->r + from * size);
    }
    block_single_inner(&p->block, p->bands, x, p->bands, p->r, h);
    block_single_add(&p->block, -1, p->bands, x, p->bands, h, p->bands, p->r);
    for (int j = 0; j < p->bands; j++)
        memcpy(row(p, j), h + j * numbers, numbers * sizeof *h);
    free(narrow);
    free(h);
}

/* n new orthonormal corrections stand at w + m: apply H and extend h. */
static void space_extend(struct solver_space *p, const float *potential, int n)
{
    const size_t at = (size_t)p->m * p->waves->size;
    const int bands = p->bands, all = p->m + n, s = p->scalars;
    double *x = MEM_RAW(double, (size_t)n *bands *s), *w = MEM_RAW(double, (size_t)n *all *s);
    single_apply(p->waves, waves_coarse_potential, potential, n, p->w + at, p->hw + at);
    block_single_inner(&p->block, bands, (struct vectors){.narrow = p->r}, n, p->w + at, x);
    block_single_inner(&p->block, all, (struct vectors){.narrow = p->w}, n, p->hw + at, w);
    for (int j = 0; j < n; j++) {
        double *to = row(p, total(p) + j);
        memcpy(to, x + (size_t)j * bands * s, (size_t)bands * s * sizeof *x);
        memcpy(to + (size_t)bands * s, w + (size_t)j * all * s, (size_t)all * s * sizeof *w);
    }
    free(x);
    free(w);
    p->m = all;
}

static enum status space_eigen(struct solver_space *p, struct err *err)
{
    const size_t numbers = (size_t)total(p) * p->scalars;
    for (int j = 0; j < total(p); j++)
        memcpy(p->vector + j * numbers, row(p, j), numbers * sizeof *p->h);
    if (!block_eigen(&p->block, total(p), p->vector, p->value) || !isfinite(p->value[0]))
        return err_set(err, ST_COMPUTE,
                       "the diagonalisation in the subspace failed; a larger cut-off or "
                       "a structure without overlapping atoms would be right");
    return ST_OK;
}

/* Residuals of the listed eigenvectors [c, c'] into r: as X^H H X c = e c - <X|H|W> c',
 * H X c + H W c' - e (X c + W c') = R c - X <X|H|W> c' + H W c' - W c' e. */
static void residuals(const struct solver_space *p, int n, const int *list, float *r)
{
    const int bands = p->bands, m = p->m, s = p->scalars;
    const size_t numbers = (size_t)total(p) * s;
    double *c = MEM_RAW(double, n *numbers), *along = MEM_RAW(double, (size_t)n *bands *s);
    for (int a = 0; a < n; a++)
        memcpy(c + a * numbers, p->vector + list[a] * numbers, numbers * sizeof *c);
    memset(r, 0, (size_t)n * p->waves->size * sizeof *r);
    const double *w = c + (size_t)bands * s; /* c' */
    block_single_add(&p->block, 1, bands, (struct vectors){.narrow = p->r}, n, c, total(p), r);
    block_single_add(&p->block, 1, m, (struct vectors){.narrow = p->hw}, n, w, total(p), r);
    block_single_inner(&p->block, bands, (struct vectors){.wide = p->x}, n, r, along);
    block_single_add(&p->block, -1, bands, (struct vectors){.wide = p->x}, n, along, bands, r);
    for (int a = 0; a < n; a++)
        for (size_t i = (size_t)bands * s; i < numbers; i++)
            c[a * numbers + i] *= p->value[list[a]];
    block_single_add(&p->block, -1, m, (struct vectors){.narrow = p->w}, n, w, total(p), r);
    free(c);
    free(along);
}

static double kinetic_energy(const struct waves *s, const double *x)
{
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int i = 0; i < s->n; i++)
        sum += s->kinetic[i] * (x[2 * i] * x[2 * i] + x[2 * i + 1] * x[2 * i + 1]);
    return sum;
}

/* with x = kinetic energy of a plane wave over that of the orbital */
static double damping(double x)
{
    const double p = 27 + x * (18 + x * (12 + 8 * x));
    return p / (p + 16 * x * x * x * x);
}

double solver_scale(const struct waves *s, const double *x)
{
    return 1.5 * kinetic_energy(s, x);
}

void solver_precondition(const struct waves *s, int n, const double *x, double *r)
{
    for (int b = 0; b < n; b++, x += s->size, r += s->size) {
        const double kinetic = solver_scale(s, x);
        for (int i = 0; i < s->n; i++) {
            const double k = damping(s->kinetic[i] / kinetic);
            r[2 * i] *= k;
            r[2 * i + 1] *= k;
        }
    }
}

void solver_precondition_single(const struct waves *s, double kinetic, float *r)
{
    for (int i = 0; i < s->n; i++) {
        const float k = (float)damping(s->kinetic[i] / kinetic);
        r[2 * i] *= k;
        r[2 * i + 1] *= k;
    }
}

/* Returns the norm that there was. */
static double normalise(int n, float *x)
{
    const double norm = sqrt(fmax(norm2(n, x), 1e-300));
    const float scale = (float)(1 / norm);
    for (int i = 0; i < n; i++)
        x[i] *= scale;
    return norm;
}

/* Take what lies along `count` vectors b off the n vectors w. */
static void take_off(const struct solver_space *p, int count, struct vectors b, int n, float *w)
{
    double *overlap = MEM_RAW(double, (size_t)n *count * p->scalars);
    block_single_inner(&p->block, count, b, n, w, overlap);
    block_single_add(&p->block, -1, count, b, n, overlap, count, w);
    free(overlap);
}

/* n vectors at w + m made orthonormal to the space and to each other, those of which little is left twice, as
 * rounding errors are of the size of what was taken off; returns how many are left. */
static int space_orthogonal(struct solver_space *p, int n)
{
    const size_t size = p->waves->size;
    float *w = p->w + p->m * size;
    double least = 0;
#pragma omp parallel for schedule(static) if (n * size > WORTH)
    for (int a = 0; a < n; a++)
        normalise(p->waves->size, w + a * size);
    for (int pass = 0; pass < 2 && least < SMALL; pass++) {
        take_off(p, p->bands, (struct vectors){.wide = p->x}, n, w);
        if (p->m)
            take_off(p, p->m, (struct vectors){.narrow = p->w}, n, w);
        least = 1;
#pragma omp parallel for schedule(static) reduction(min : least) if (n * size > WORTH)
        for (int a = 0; a < n; a++)
            least = fmin(least, normalise(p->waves->size, w + a * size));
    }
    return block_single_orthonormal(&p->block, n, w);
}

/* Of the list keep the bands whose residual is too large; returns how many. r is compacted alike. */
static int unfinished(const struct solver_space *p, int n, int *list, float *r, const double *limit,
                      double *worst)
{
    int left = 0;
    const size_t size = p->waves->size;
    double *over = MEM_RAW(double, n);
#pragma omp parallel for schedule(static) if (n * size > WORTH)
    for (int a = 0; a < n; a++)
        over[a] = sqrt(norm2(p->waves->size, r + a * size)) / limit[list[a]];
    *worst = 0;
    for (int a = 0; a < n; a++) {
        *worst = fmax(*worst, over[a]);
        if (over[a] <= 1)
            continue;
        if (left != a)
            memcpy(r + left * size, r + a * size, size * sizeof *r);
        list[left++] = list[a];
    }
    free(over);
    return left;
}

/* The lowest states of the space into k; rounding errors of the corrections are taken out of the overlap. */
static enum status finish(struct solver_space *p, struct kstate *k, struct err *err)
{
    block_single_rotate(&p->block, p->bands, k->orbital, p->m, p->w, p->vector, total(p));
    memcpy(k->eigenvalue, p->value, (size_t)p->bands * sizeof *p->value);
    if (p->m && !block_orthonormal(&p->block, p->bands, k->orbital))
        return err_set(err, ST_COMPUTE, "the orbitals became dependent");
    return ST_OK;
}

static double least(int n, const double *x)
{
    double lowest = x[0];
    for (int i = 1; i < n; i++)
        lowest = fmin(lowest, x[i]);
    return lowest;
}

enum status solver_improve(struct kstate *k, struct solver_space *p,
                           const struct solver_potential *potential, int bands, int steps,
                           const double *limit, double *worst, struct err *err)
{
    const size_t size = k->waves->size;
    const int most = k->waves->size / 2 - bands;
    int *list = MEM_RAW(int, bands), active = bands;
    double *kinetic = MEM_NEW(double, bands);
    const int room = steps > 1 ? bands + bands / 2 : bands;
    space_init(p, k, bands, room < most ? room : most);
#pragma omp parallel for schedule(static) if (bands * size > WORTH)
    for (int a = 0; a < bands; a++) {
        list[a] = a;
        kinetic[a] = solver_scale(k->waves, k->orbital + a * size);
    }
    if (least(bands, limit) > SOLVER_SINGLE)
        look_single(p, potential);
    else
        look(p, potential);
    enum status status = ST_OK;
    if (session_hurry(potential->session)) { /* residuals may be missing, and the orbitals stay */
        free(list);
        free(kinetic);
        return ST_OK;
    }
    for (int step = 0; step < steps && status == ST_OK && p->m < p->capacity; step++) {
        float *w = p->w + p->m * size;
        if (active > p->capacity - p->m) /* the lowest, as far as there is room */
            active = p->capacity - p->m;
        if (session_hurry(potential->session))
            break;
        if (step == 0)
            memcpy(w, p->r, active * size * sizeof *w);
        else
            residuals(p, active, list, w);
        active = unfinished(p, active, list, w, limit, worst);
#pragma omp parallel for schedule(static) if (active * size > WORTH / 8)
        for (int a = 0; a < active; a++)
            solver_precondition_single(k->waves, kinetic[list[a]], w + a * size);
        const int added = active ? space_orthogonal(p, active) : 0;
        if (!added)
            break;
        space_extend(p, potential->coarse, added);
        status = space_eigen(p, err);
    }
    if (status == ST_OK && !p->m)
        status = space_eigen(p, err);
    if (status == ST_OK)
        status = finish(p, k, err);
    free(list);
    free(kinetic);
    return status;
}
