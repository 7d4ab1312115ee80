/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/block_single.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <cblas.h>
#include <lapacke.h>
#include "base/mem.h"

/* Fixed pieces, of even length so that complex numbers stay whole: PIECES for threads, each in spans that
 * stay in cache; threads from LONG on. */
enum { PIECES = 8, SPAN = 1024, LONG = 4096 };

#define LEAST 3e-3    /* distance of a vector from those before it, over its length */
#define SMALLEST 1e-4 /* eigenvalue of the overlap of combinations that are kept */

static int begin(const struct block *k, int piece)
{
    return 2 * (int)((long)(k->size / 2) * piece / PIECES);
}

/* Doubles from .. from + length of n vectors, and their distance. */
static const float *span(const struct block *k, struct vectors x, int n, int from, int length,
                         float *room, int *ld)
{
    if (x.narrow) {
        *ld = k->size;
        return x.narrow + from;
    }
    *ld = length;
    for (int v = 0; v < n; v++) {
        const double *row = x.wide + (size_t)v * k->size + from;
        for (int i = 0; i < length; i++)
            room[(size_t)v * length + i] = (float)row[i];
    }
    return room;
}

static float *span_room(struct vectors x, int n)
{
    return x.narrow ? NULL : MEM_RAW(float, (size_t)n *SPAN);
}

static int span_length(int from, int to)
{
    return to - from < SPAN ? to - from : SPAN;
}

/* c = a^H b + beta c, and c = alpha a m + beta c, for columns of `length` floats */
static void multiply_left(const struct block *k, int na, int nb, int length, const float *a, int la,
                          const float *b, int lb, float *c)
{
    static const float one[2] = {1, 0}, zero[2] = {0, 0};
    if (k->real)
        cblas_sgemm(CblasColMajor, CblasTrans, CblasNoTrans, na, nb, length, 1, a, la, b, lb, 0, c,
                    na);
    else
        cblas_cgemm(CblasColMajor, CblasConjTrans, CblasNoTrans, na, nb, length / 2, one, a, la / 2,
                    b, lb / 2, zero, c, na);
}

static void multiply_right(const struct block *k, float alpha, int length, int ny, int nx,
                           const float *x, int lx, const float *m, float beta, float *y, int ly)
{
    const float ca[2] = {alpha, 0}, cb[2] = {beta, 0};
    if (k->real)
        cblas_sgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, length, ny, nx, alpha, x, lx, m, nx,
                    beta, y, ly);
    else
        cblas_cgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, length / 2, ny, nx, ca, x, lx / 2, m,
                    nx, cb, y, ly / 2);
}

/* rows of nx scalars, one after another */
static float *narrow_matrix(const struct block *k, int nx, int ny, const double *m, int ld)
{
    const int s = block_scalars(k), row = nx * s;
    float *f = MEM_RAW(float, (size_t)row *ny);
    for (int j = 0; j < ny; j++)
        for (int i = 0; i < row; i++)
            f[(size_t)j * row + i] = (float)m[(size_t)j * ld * s + i];
    return f;
}

static void inner_piece(const struct block *k, int piece, int na, struct vectors a, int nb,
                        const float *b, double *sum)
{
    const size_t numbers = (size_t)na * nb * block_scalars(k);
    float *room = span_room(a, na), *part = MEM_RAW(float, numbers);
    memset(sum, 0, numbers * sizeof *sum);
    for (int from = begin(k, piece), to = begin(k, piece + 1); from < to; from += SPAN) {
        int ld;
        const int length = span_length(from, to);
        const float *x = span(k, a, na, from, length, room, &ld);
        multiply_left(k, na, nb, length, x, ld, b + from, k->size, part);
        for (size_t i = 0; i < numbers; i++)
            sum[i] += part[i];
    }
    free(room);
    free(part);
}

void block_single_inner(const struct block *k, int na, struct vectors a, int nb, const float *b,
                        double *m)
{
    const size_t numbers = (size_t)na * nb * block_scalars(k);
    double *sum = MEM_RAW(double, numbers *PIECES);
#pragma omp parallel for schedule(static) if (k->size >= LONG)
    for (int p = 0; p < PIECES; p++)
        inner_piece(k, p, na, a, nb, b, sum + p * numbers);
    memcpy(m, sum, numbers * sizeof *m);
    for (int p = 1; p < PIECES; p++)
        for (size_t i = 0; i < numbers; i++)
            m[i] += sum[p * numbers + i];
    free(sum);
}

void block_single_add(const struct block *k, double alpha, int nx, struct vectors x, int ny,
                      const double *m, int ld, float *y)
{
    float *f = narrow_matrix(k, nx, ny, m, ld);
#pragma omp parallel for schedule(static) if (k->size >= LONG)
    for (int p = 0; p < PIECES; p++) {
        float *room = span_room(x, nx);
        for (int from = begin(k, p), to = begin(k, p + 1); from < to; from += SPAN) {
            int lx;
            const int length = span_length(from, to);
            const float *part = span(k, x, nx, from, length, room, &lx);
            multiply_right(k, (float)alpha, length, ny, nx, part, lx, f, 1, y + from, k->size);
        }
        free(room);
    }
    free(f);
}

/* x_j = sum_i m[j][i] x_i for j < ny, in place */
static void replace(const struct block *k, int nx, float *x, int ny, const double *m)
{
    float *f = narrow_matrix(k, nx, ny, m, nx);
#pragma omp parallel for schedule(static) if (k->size >= LONG)
    for (int p = 0; p < PIECES; p++) {
        float *y = MEM_RAW(float, (size_t)ny *SPAN);
        for (int from = begin(k, p), to = begin(k, p + 1); from < to; from += SPAN) {
            const int length = span_length(from, to);
            multiply_right(k, 1, length, ny, nx, x + from, k->size, f, 0, y, length);
            for (int j = 0; j < ny; j++)
                memcpy(x + (size_t)j * k->size + from, y + (size_t)j * length, length * sizeof *y);
        }
        free(y);
    }
    free(f);
}

/* Solve x L^H = x for the Cholesky factor L of the overlap. */
static void divide(const struct block *k, int n, const double *l, float *x)
{
    static const float one[2] = {1, 0};
    float *f = narrow_matrix(k, n, n, l, n);
#pragma omp parallel for schedule(static) if (k->size >= LONG)
    for (int p = 0; p < PIECES; p++) {
        const int from = begin(k, p), length = begin(k, p + 1) - from;
        if (k->real && length)
            cblas_strsm(CblasColMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, length, n,
                        1, f, n, x + from, k->size);
        else if (length)
            cblas_ctrsm(CblasColMajor, CblasRight, CblasLower, CblasConjTrans, CblasNonUnit,
                        length / 2, n, one, f, n, x + from, k->size / 2);
    }
    free(f);
}

/* overlap: of the x, spoiled */
static int reduce(const struct block *k, int n, double *overlap, float *x)
{
    const size_t row = (size_t)n * block_scalars(k);
    double *value = MEM_NEW(double, n);
    int first = n;
    if (block_eigen(k, n, overlap, value))
        for (first = 0; first < n && !(value[first] > SMALLEST);)
            first++;
    for (int e = first; e < n; e++)
        cblas_dscal((int)row, 1 / sqrt(value[e]), overlap + e * row, 1);
    if (first < n)
        replace(k, n, x, n - first, overlap + first * row);
    free(value);
    return n - first;
}

int block_single_orthonormal(const struct block *k, int n, float *x)
{
    const int s = block_scalars(k);
    const size_t numbers = (size_t)n * n * s;
    double *overlap = MEM_RAW(double, numbers), *l = MEM_RAW(double, numbers);
    block_single_inner(k, n, (struct vectors){.narrow = x}, n, x, overlap);
    memcpy(l, overlap, numbers * sizeof *l);
    bool good =
        0 == (k->real ? LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'L', n, l, n)
                      : LAPACKE_zpotrf(LAPACK_COL_MAJOR, 'L', n, (lapack_complex_double *)l, n));
    for (int i = 0; i < n && good; i++)
        good = l[(size_t)i * (n + 1) * s] > LEAST;
    if (good)
        divide(k, n, l, x);
    else
        n = reduce(k, n, overlap, x);
    free(overlap);
    free(l);
    return n;
}

/* y = x m and the part of the w */
static void rotate_span(const struct block *k, int nx, const double *x, int length, const double *m,
                        int ld, double *y)
{
    static const double one[2] = {1, 0}, zero[2] = {0, 0};
    if (k->real)
        cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, length, nx, nx, 1, x, k->size, m, ld,
                    0, y, length);
    else
        cblas_zgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, length / 2, nx, nx, one, x,
                    k->size / 2, m, ld, zero, y, length / 2);
}

void block_single_rotate(const struct block *k, int nx, double *x, int nw, const float *w,
                         const double *m, int ld)
{
    float *f = narrow_matrix(k, nw, nx, m + (size_t)nx * block_scalars(k), ld);
#pragma omp parallel for schedule(static) if (k->size >= LONG)
    for (int p = 0; p < PIECES; p++) {
        double *y = MEM_RAW(double, (size_t)nx *SPAN);
        float *z = MEM_NEW(float, (size_t)nx *SPAN);
        for (int from = begin(k, p), to = begin(k, p + 1); from < to; from += SPAN) {
            const int length = span_length(from, to);
            rotate_span(k, nx, x + from, length, m, ld, y);
            if (nw)
                multiply_right(k, 1, length, nx, nw, w + from, k->size, f, 0, z, length);
            for (int j = 0; j < nx; j++)
                for (int i = 0; i < length; i++)
                    x[(size_t)j * k->size + from + i] =
                        y[(size_t)j * length + i] + z[(size_t)j * length + i];
        }
        free(y);
        free(z);
    }
    free(f);
}
