/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the solver starts: Slater functions on the atoms, in plane waves, and random functions. */
#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/rng.h"
#include "crystal/system.h"
#include "dft/block.h"
#include "dft/solver.h"

/* Functions on each atom in the order in which they are used: Fourier transforms of exp(-z r) and
 * r_d exp(-z r) are (1 + q^2/z^2)^-2 and -i q_d (1 + q^2/z^2)^-3 up to factors. */
static const struct {
    double zeta;
    int axis; /* -1: s */
} functions[] = {{1.2, -1}, {1.2, 0}, {1.2, 1}, {1.2, 2}, {0.6, -1}};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

/* exp(-i q.r) = the product over the axes of exp(-i (k + m) b.r), interleaved into x[2 n] */
static void phases(const struct waves *s, const double r[3], double *x)
{
    double complex *axis[3];
    for (int d = 0; d < 3; d++) {
        const int most = s->plans->n[d] / 2;
        const double angle = s->rec[d][0] * r[0] + s->rec[d][1] * r[1] + s->rec[d][2] * r[2];
        axis[d] = MEM_RAW(double complex, 2 * most + 1);
        for (int m = -most; m <= most; m++)
            axis[d][m + most] = cexp(-I * ((s->k[d] + m) * angle));
    }
    for (int i = 0; i < s->n; i++) {
        double complex p = 1;
        for (int d = 0; d < 3; d++)
            p *= axis[d][s->m[i][d] + s->plans->n[d] / 2];
        x[2 * i] = creal(p);
        x[2 * i + 1] = cimag(p);
    }
    for (int d = 0; d < 3; d++)
        free(axis[d]);
}

static void atomic(const struct waves *s, int f, const double r[3], double *x)
{
    const double z2 = functions[f].zeta * functions[f].zeta;
    phases(s, r, x);
    for (int i = 0; i < s->n; i++) {
        const double u = 1 / (1 + 2 * s->kinetic[i] / z2);
        double re = x[2 * i] * u * u, im = x[2 * i + 1] * u * u;
        if (functions[f].axis >= 0) {
            double t = re, q = s->q[i][functions[f].axis] * u;
            re = im * q;
            im = -t * q;
        }
        x[2 * i] = re;
        x[2 * i + 1] = im;
    }
}

/* room[2 n] */
static void add_noise(const struct waves *s, double amplitude, struct rng *rng, double *x,
                      double *room)
{
    double sum = 0, noise = 0;
    for (int i = 0; i < 2 * s->n; i++) {
        const double t = s->kinetic[i / 2];
        room[i] = i == 2 * s->zero + 1 ? 0 : (rng_uniform(rng) - 0.5) / (1 + t * t);
        sum += x[i] * x[i];
        noise += room[i] * room[i];
    }
    const double scale = amplitude * sqrt((sum > 0 ? sum : 1) / noise);
    for (int i = 0; i < 2 * s->n; i++)
        x[i] += scale * room[i];
}

/* Functions on the atoms of y, then random ones (NULL: these only). A little noise everywhere, so that no
 * symmetry of the structure hides an orbital. */
static void fill(const struct waves *s, const struct system *y, int vectors, int seed, double *x)
{
    const int centred = y ? FUNCTIONS * y->n : 0;
#pragma omp parallel for schedule(static)
    for (int v = 0; v < vectors; v++) {
        struct rng rng;
        double *room = MEM_RAW(double, 2 * s->n);
        double *at = x + (size_t)v * s->size;
        rng_start(&rng, 1, RNG_ORBITALS, 0, (uint64_t)v, (uint64_t)seed);
        memset(at, 0, (size_t)s->size * sizeof *at);
        if (v < centred)
            atomic(s, v / y->n, y->pos[v % y->n], at);
        add_noise(s, v < centred ? 0.02 : 1, &rng, at, room);
        free(room);
        if (s->zero >= 0)
            at[2 * s->zero] *= M_SQRT1_2, at[2 * s->zero + 1] = 0;
        double sum = 0;
        for (int i = 0; i < s->size; i++)
            sum += at[i] * at[i];
        for (int i = 0; i < s->size; i++)
            at[i] /= sqrt(sum);
    }
}

bool solver_append(struct kstate *k, int from, int bands, int seed)
{
    const struct waves *s = k->waves;
    const struct block block = {s->real, s->size};
    const int n = bands - from;
    double *x = k->orbital + (size_t)from * s->size;
    double *overlap = MEM_RAW(double, (size_t)n *from *block_scalars(&block));
    fill(s, NULL, n, seed, x);
    block_inner(&block, from, k->orbital, n, x, overlap);
    block_combine(&block, -1, from, k->orbital, n, overlap, from, 1, x);
    free(overlap);
    return block_orthonormal(&block, n, x);
}

enum status solver_start(struct kstate *k, const struct system *y,
                         const struct solver_potential *potential, int bands, int seed,
                         struct err *err)
{
    const struct waves *s = k->waves;
    struct block block = {s->real, s->size};
    int limit = s->size / 4, vectors = bands + bands / 8 > y->n ? bands + bands / 8 : y->n,
        rank = 0;
    if (bands > limit)
        return err_set(err, ST_DATA,
                       "%d orbitals are needed but there are only %d plane waves; a larger "
                       "cut-off or a lower electronic temperature would be right",
                       bands, s->n);
    double *x = NULL;
    for (; rank < bands; vectors += bands / 2 + 2) {
        if (vectors > s->size / 2)
            vectors = s->size / 2;
        free(x);
        x = MEM_RAW(double, (size_t)vectors * s->size);
        fill(s, y, vectors, seed, x);
        rank = block_orthonormal(&block, vectors, x) ? vectors
                                                     : block_reduce(&block, vectors, x, 1e-4);
    }
    size_t numbers = (size_t)rank * rank * block_scalars(&block);
    double *h = MEM_NEW(double, numbers), *value = MEM_NEW(double, rank);
    solver_matrix(s, potential, rank, x, h);
    enum status status = ST_OK;
    if (!block_eigen(&block, rank, h, value) || !isfinite(value[0]))
        status = err_set(err, ST_COMPUTE,
                         "no orbitals to start from: the first diagonalisation failed; "
                         "a structure without overlapping atoms would be right");
    else {
        block_combine(&block, 1, rank, x, bands, h, rank, 0, k->orbital);
        memcpy(k->eigenvalue, value, (size_t)bands * sizeof *value);
    }
    free(x);
    free(h);
    free(value);
    return status;
}
