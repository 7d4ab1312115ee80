/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/block.h"
#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <cblas.h>
#include <lapacke.h>
#include "base/mem.h"

enum {
    CHUNKS = 8,
    SMALL = 1 << 14
}; /* long vectors are cut in fixed pieces, one for a thread at a time */

int block_scalars(const struct block *b)
{
    return b->real ? 1 : 2;
}

/* Doubles from .. *to of piece c; pieces are even so that complex numbers stay whole. */
static int piece(const struct block *k, int chunks, int c, int *length)
{
    int half = k->size / 2;
    int from = (int)((long)half * c / chunks), to = (int)((long)half * (c + 1) / chunks);
    *length = 2 * (to - from);
    return 2 * from;
}

static int pieces(const struct block *k, long work)
{
    return k->size >= 4096 && work > 64 ? CHUNKS : 1;
}

static void inner(const struct block *k, int length, int na, const double *a, int nb,
                  const double *b, double *m)
{
    static const double one[2] = {1, 0}, zero[2] = {0, 0};
    if (k->real)
        cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, na, nb, length, 1, a, k->size, b,
                    k->size, 0, m, na);
    else
        cblas_zgemm(CblasColMajor, CblasConjTrans, CblasNoTrans, na, nb, length / 2, one, a,
                    k->size / 2, b, k->size / 2, zero, m, na);
}

void block_inner(const struct block *k, int na, const double *a, int nb, const double *b, double *m)
{
    int chunks = pieces(k, (long)na * nb);
    if (chunks == 1) {
        inner(k, k->size, na, a, nb, b, m);
        return;
    }
    size_t numbers = (size_t)na * nb * block_scalars(k);
    double *part = MEM_RAW(double, numbers *chunks);
#pragma omp parallel for schedule(static)
    for (int c = 0; c < chunks; c++) {
        int length, from = piece(k, chunks, c, &length);
        inner(k, length, na, a + from, nb, b + from, part + c * numbers);
    }
    memcpy(m, part, numbers * sizeof *m);
    for (int c = 1; c < chunks; c++)
        cblas_daxpy((int)numbers, 1, part + c * numbers, 1, m, 1);
    free(part);
}

void block_combine(const struct block *k, double alpha, int nx, const double *x, int ny,
                   const double *m, int ld, double beta, double *y)
{
    int chunks = pieces(k, (long)nx * ny);
    const double ca[2] = {alpha, 0}, cb[2] = {beta, 0};
#pragma omp parallel for schedule(static) if (chunks > 1)
    for (int c = 0; c < chunks; c++) {
        int length, from = piece(k, chunks, c, &length);
        if (k->real)
            cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, length, ny, nx, alpha, x + from,
                        k->size, m, ld, beta, y + from, k->size);
        else
            cblas_zgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, length / 2, ny, nx, ca, x + from,
                        k->size / 2, m, ld, cb, y + from, k->size / 2);
    }
}

bool block_orthonormal(const struct block *k, int n, double *x)
{
    static const double one[2] = {1, 0};
    double *overlap = MEM_NEW(double, (size_t)n *n *block_scalars(k));
    block_inner(k, n, x, n, x, overlap);
    int info = k->real
                   ? LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'L', n, overlap, n)
                   : LAPACKE_zpotrf(LAPACK_COL_MAJOR, 'L', n, (lapack_complex_double *)overlap, n);
    bool good = info == 0;
    for (int i = 0; i < n && good; i++)
        good = overlap[(size_t)i * (n + 1) * block_scalars(k)] > 1e-7;
    int chunks = good ? pieces(k, (long)n * n) : 0;
#pragma omp parallel for schedule(static) if (chunks > 1)
    for (int c = 0; c < chunks; c++) {
        int length, from = piece(k, chunks, c, &length);
        if (k->real)
            cblas_dtrsm(CblasColMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, length, n,
                        1, overlap, n, x + from, k->size);
        else
            cblas_ztrsm(CblasColMajor, CblasRight, CblasLower, CblasConjTrans, CblasNonUnit,
                        length / 2, n, one, overlap, n, x + from, k->size / 2);
    }
    free(overlap);
    return good;
}

int block_reduce(const struct block *k, int n, double *x, double smallest)
{
    int s = block_scalars(k), rank = 0;
    double *overlap = MEM_NEW(double, (size_t)n *n *s), *value = MEM_NEW(double, n);
    double *copy = MEM_RAW(double, (size_t)n * k->size);
    memcpy(copy, x, (size_t)n * k->size * sizeof *x);
    block_inner(k, n, x, n, x, overlap);
    if (block_eigen(k, n, overlap, value)) {
        int first = 0;
        while (first < n && !(value[first] > smallest))
            first++;
        rank = n - first;
        for (int e = first; e < n; e++)
            cblas_dscal(n * s, 1 / sqrt(value[e]), overlap + (size_t)e * n * s, 1);
        if (rank)
            block_combine(k, 1, n, copy, rank, overlap + (size_t)first * n * s, n, 0, x);
    }
    free(overlap);
    free(value);
    free(copy);
    return rank;
}

bool block_eigen(const struct block *k, int n, double *m, double *eigenvalue)
{
    int info = k->real ? LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'U', n, m, n, eigenvalue)
                       : LAPACKE_zheevd(LAPACK_COL_MAJOR, 'V', 'U', n, (lapack_complex_double *)m,
                                        n, eigenvalue);
    return info == 0;
}
