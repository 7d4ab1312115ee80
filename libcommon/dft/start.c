/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the solver starts: Slater functions on the atoms, in plane waves, and random functions. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/rng.h"
#include "dft/block.h"
#include "dft/solver.h"

/* Functions on each atom in the order in which they are used: Fourier transforms of exp(-z r) and
 * r_d exp(-z r) are (1 + q^2/z^2)^-2 and -i q_d (1 + q^2/z^2)^-3 up to factors. */
static const struct {
    double zeta;
    int axis; /* -1: s */
} functions[] = {{1.2, -1}, {1.2, 0}, {1.2, 1}, {1.2, 2}, {0.6, -1}};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

static void atomic(const struct waves *s, int f, const double r[3], double *x)
{
    double z2 = functions[f].zeta * functions[f].zeta;
    for (int i = 0; i < s->n; i++) {
        double u = 1 / (1 + 2 * s->kinetic[i] / z2);
        double angle = s->q[i][0] * r[0] + s->q[i][1] * r[1] + s->q[i][2] * r[2];
        double re = cos(angle) * u * u, im = -sin(angle) * u * u;
        if (functions[f].axis >= 0) {
            double t = re, q = s->q[i][functions[f].axis] * u;
            re = im * q;
            im = -t * q;
        }
        x[2 * i] = re;
        x[2 * i + 1] = im;
    }
}

static void add_noise(const struct waves *s, double amplitude, struct rng *rng, double *x)
{
    double sum = 0, noise = 0;
    for (int pass = 0; pass < 2; pass++) {
        struct rng copy = *rng;
        double scale = amplitude * (pass ? sqrt((sum > 0 ? sum : 1) / noise) : 0);
        for (int i = 0; i < s->n; i++) {
            double u = 1 / (1 + s->kinetic[i] * s->kinetic[i]);
            double re = u * rng_normal(&copy), im = u * rng_normal(&copy);
            if (i == s->zero)
                im = 0;
            if (!pass) {
                sum += x[2 * i] * x[2 * i] + x[2 * i + 1] * x[2 * i + 1];
                noise += re * re + im * im;
            }
            x[2 * i] += scale * re;
            x[2 * i + 1] += scale * im;
        }
    }
}

/* Functions on the atoms of y, then random ones (NULL: these only). A little noise everywhere, so that no
 * symmetry of the structure hides an orbital. */
static void fill(const struct waves *s, const struct system *y, int vectors, int seed, double *x)
{
    const int centred = y ? FUNCTIONS * y->n : 0;
#pragma omp parallel for schedule(static)
    for (int v = 0; v < vectors; v++) {
        struct rng rng;
        double *at = x + (size_t)v * s->size;
        rng_start(&rng, 1, RNG_ORBITALS, 0, (uint64_t)v, (uint64_t)seed);
        memset(at, 0, (size_t)s->size * sizeof *at);
        if (v < centred)
            atomic(s, v / y->n, y->pos[v % y->n], at);
        add_noise(s, v < centred ? 0.02 : 1, &rng, at);
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

enum status solver_start(struct kstate *k, const struct system *y, const double *potential,
                         int bands, int seed, struct err *err)
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
        x = MEM_NEW(double, (size_t)vectors * s->size);
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
