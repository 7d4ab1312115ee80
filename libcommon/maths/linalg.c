/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include "base/mem.h"
#include "maths/linalg.h"

/* LAPACK's info of a call; positive means what `positive` says. */
static enum status verdict(int info, int n, const char *positive, struct err *err)
{
    if (info == LAPACK_WORK_MEMORY_ERROR || info == LAPACK_TRANSPOSE_MEMORY_ERROR)
        return err_set(err, ST_SYSTEM, "out of memory: scratch for a matrix of order %d", n);
    if (info < 0)
        return err_set(err, ST_COMPUTE, "matrix of order %d: an element is not a finite number", n);
    if (info > 0)
        return err_set(err, ST_COMPUTE, "matrix of order %d: %s (at %d)", n, positive, info);
    return ST_OK;
}

static CBLAS_TRANSPOSE transpose(enum linalg_op op)
{
    return op == LINALG_N ? CblasNoTrans : op == LINALG_T ? CblasTrans : CblasConjTrans;
}

void linalg_gemm(enum linalg_op op_a, enum linalg_op op_b, int m, int n, int k, double alpha,
                 const double *a, const double *b, double beta, double *c)
{
    int lda = op_a == LINALG_N ? k : m, ldb = op_b == LINALG_N ? n : k;
    if (m > 0 && n > 0)
        cblas_dgemm(CblasRowMajor, transpose(op_a), transpose(op_b), m, n, k, alpha, a,
                    lda > 0 ? lda : 1, b, ldb > 0 ? ldb : 1, beta, c, n);
}

void linalg_gemm_s(enum linalg_op op_a, enum linalg_op op_b, int m, int n, int k, float alpha,
                   const float *a, const float *b, float beta, float *c)
{
    int lda = op_a == LINALG_N ? k : m, ldb = op_b == LINALG_N ? n : k;
    if (m > 0 && n > 0)
        cblas_sgemm(CblasRowMajor, transpose(op_a), transpose(op_b), m, n, k, alpha, a,
                    lda > 0 ? lda : 1, b, ldb > 0 ? ldb : 1, beta, c, n);
}

void linalg_gemm_z(enum linalg_op op_a, enum linalg_op op_b, int m, int n, int k,
                   double complex alpha, const double complex *a, const double complex *b,
                   double complex beta, double complex *c)
{
    int lda = op_a == LINALG_N ? k : m, ldb = op_b == LINALG_N ? n : k;
    if (m > 0 && n > 0)
        cblas_zgemm(CblasRowMajor, transpose(op_a), transpose(op_b), m, n, k, &alpha, a,
                    lda > 0 ? lda : 1, b, ldb > 0 ? ldb : 1, &beta, c, n);
}

/* The lower triangle of a row-major matrix is LAPACK's upper one: 'U' throughout. */
enum status linalg_eigen(int n, double *a, double *w, struct err *err)
{
    if (n == 0)
        return ST_OK;
    int info = LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'U', n, a, n, w);
    return verdict(info, n, "its eigenvalues did not converge", err);
}

enum status linalg_eigen_general(int n, double *a, double *b, double *w, struct err *err)
{
    if (n == 0)
        return ST_OK;
    int info = LAPACKE_dsygvd(LAPACK_COL_MAJOR, 1, 'V', 'U', n, a, n, b, n, w);
    return verdict(info, n, info > n ? "the overlap is not positive definite" : "no convergence",
                   err);
}

/* LAPACK sees conj(A), whose eigenvectors are the conjugated ones. */
static void conjugate(int n, double complex *a)
{
    for (size_t i = 0; i < (size_t)n * (size_t)n; i++)
        a[i] = conj(a[i]);
}

enum status linalg_eigen_z(int n, double complex *a, double *w, struct err *err)
{
    if (n == 0)
        return ST_OK;
    int info = LAPACKE_zheevd(LAPACK_COL_MAJOR, 'V', 'U', n, a, n, w);
    conjugate(n, a);
    return verdict(info, n, "its eigenvalues did not converge", err);
}

enum status linalg_eigen_general_z(int n, double complex *a, double complex *b, double *w,
                                   struct err *err)
{
    if (n == 0)
        return ST_OK;
    int info = LAPACKE_zhegvd(LAPACK_COL_MAJOR, 1, 'V', 'U', n, a, n, b, n, w);
    conjugate(n, a);
    return verdict(info, n, info > n ? "the overlap is not positive definite" : "no convergence",
                   err);
}

/* Left eigenvectors u of (A^T, B^T): u^H A^T = w u^H B^T, hence A conj(u) = w B conj(u). */
enum status linalg_eigen_pencil(int n, double *a, double *b, double *re, double *im, double *v,
                                struct err *err)
{
    if (n == 0)
        return ST_OK;
    double *beta = MEM_NEW(double, n);
    int info =
        LAPACKE_dggev(LAPACK_COL_MAJOR, 'V', 'N', n, a, n, b, n, re, im, beta, v, n, NULL, 1);
    enum status status = verdict(info, n, "its eigenvalues did not converge", err);
    for (int k = 0; k < n && !status; k++) {
        re[k] = beta[k] == 0 ? HUGE_VAL : re[k] / beta[k]; /* exactly 0: infinite */
        im[k] = beta[k] == 0 ? 0 : im[k] / beta[k];
        for (int i = 0; im[k] < 0 && i < n; i++)
            v[(size_t)k * (size_t)n + (size_t)i] *= -1;
    }
    free(beta);
    return status;
}

enum status linalg_cholesky(int n, double *a, struct err *err)
{
    if (n == 0)
        return ST_OK;
    int info = LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'U', n, a, n);
    for (size_t i = 0; i < (size_t)n; i++)
        for (size_t j = i + 1; j < (size_t)n; j++)
            a[i * (size_t)n + j] = 0;
    return verdict(info, n, "not positive definite", err);
}

void linalg_cholesky_solve(int n, const double *l, int count, double *b)
{
    if (n > 0 && count > 0)
        LAPACKE_dpotrs(LAPACK_COL_MAJOR, 'U', n, count, l, n, b, n);
}

/* ipiv[i] != i + 1 is an exchange of rows, which changes the sign. */
static double permutation_sign(int n, const lapack_int *pivot)
{
    double sign = 1;
    for (int i = 0; i < n; i++)
        if (pivot[i] != i + 1)
            sign = -sign;
    return sign;
}

enum status linalg_invert(int n, double *a, double *log_det, double *sign, struct err *err)
{
    lapack_int *pivot = MEM_NEW(lapack_int, n);
    double sum = 0, s = 1;
    int info = n ? LAPACKE_dgetrf(LAPACK_COL_MAJOR, n, n, a, n, pivot) : 0;
    if (!info)
        s = permutation_sign(n, pivot);
    for (int i = 0; i < n && !info; i++) {
        double u = a[(size_t)i * (size_t)(n + 1)];
        sum += log(fabs(u));
        s = u < 0 ? -s : s;
    }
    if (n && !info)
        info = LAPACKE_dgetri(LAPACK_COL_MAJOR, n, a, n, pivot);
    if (log_det)
        *log_det = sum;
    if (sign)
        *sign = s;
    free(pivot);
    return verdict(info, n, "singular", err);
}

enum status linalg_invert_z(int n, double complex *a, double *log_det, double complex *phase,
                            struct err *err)
{
    lapack_int *pivot = MEM_NEW(lapack_int, n);
    double sum = 0;
    double complex p = 1;
    int info = n ? LAPACKE_zgetrf(LAPACK_COL_MAJOR, n, n, a, n, pivot) : 0;
    if (!info)
        p = permutation_sign(n, pivot);
    for (int i = 0; i < n && !info; i++) {
        double complex u = a[(size_t)i * (size_t)(n + 1)];
        sum += log(cabs(u));
        p *= u / cabs(u);
    }
    if (n && !info)
        info = LAPACKE_zgetri(LAPACK_COL_MAJOR, n, a, n, pivot);
    if (log_det)
        *log_det = sum;
    if (phase)
        *phase = p;
    free(pivot);
    return verdict(info, n, "singular", err);
}

enum status linalg_solve(int n, double *a, int count, double *b, struct err *err)
{
    if (n == 0 || count == 0)
        return ST_OK;
    lapack_int *pivot = MEM_NEW(lapack_int, n);
    int info = LAPACKE_dgetrf(LAPACK_COL_MAJOR, n, n, a, n, pivot);
    if (!info)
        info = LAPACKE_dgetrs(LAPACK_COL_MAJOR, 'T', n, count, a, n, pivot, b, n);
    free(pivot);
    return verdict(info, n, "singular", err);
}

/* LAPACK sees A^T = L Q'; with R = L^T and Q = Q'^T this is A = Q R, in place. */
enum status linalg_qr(int m, int n, double *a, int count, double *b, struct err *err)
{
    if (n == 0)
        return ST_OK;
    double *tau = MEM_NEW(double, n);
    int info = LAPACKE_dgelqf(LAPACK_COL_MAJOR, n, m, a, n, tau);
    if (!info && count > 0)
        info = LAPACKE_dormlq(LAPACK_COL_MAJOR, 'L', 'N', m, count, n, a, n, tau, b, m);
    free(tau);
    return verdict(info, n, "no QR factors", err);
}

/* R^T is LAPACK's A, the new rows' transpose its B. LAPACKE does not have it, hence its own look for numbers that are not
 * finite: they reach the diagonal. */
enum status linalg_qr_append(int m, bool triangle, int n, double *a, int count, double *b,
                             struct err *err)
{
    enum { BLOCK = 32 };
    if (n == 0 || m == 0)
        return ST_OK;
    lapack_int columns = n, rows = m, wedge = triangle ? n : 0, block = n < BLOCK ? n : BLOCK,
               info = 0, sides = count, height = n + m;
    const size_t corner = (size_t)n + 1;
    double *t = MEM_NEW(double, (size_t)block *n),
           *work = MEM_NEW(double, (size_t)block *(n > count ? n : count)),
           *below = a + (size_t)n * n;
    if (triangle)
        linalg_upper(n, below); /* dtpmlqt reads it */
    LAPACK_dtplqt(&columns, &rows, &wedge, &block, a, &columns, below, &columns, t, &block, work,
                  &info);
    for (int i = 0; i < n && !info; i++)
        info = isfinite(a[i * corner]) ? 0 : -1;
    if (!info && count > 0)
        LAPACK_dtpmlqt("L", "N", &rows, &sides, &columns, &wedge, &block, below, &columns, t,
                       &block, b, &height, b + n, &height, work, &info);
    free(t);
    free(work);
    return verdict(info, n, "no QR factors", err);
}

void linalg_upper(int n, double *r)
{
    for (size_t i = 0; i < (size_t)n; i++)
        for (size_t j = 0; j < i; j++)
            r[i * (size_t)n + j] = 0;
}

enum status linalg_solve_upper(int n, const double *r, bool transposed, double *b, struct err *err)
{
    for (int i = 0; i < n; i++)
        if (!(fabs(r[(size_t)i * (size_t)(n + 1)]) > 0))
            return err_set(
                err, ST_COMPUTE,
                "triangular matrix of order %d: singular (at %d); leave out what depends "
                "linearly on the rest",
                n, i + 1);
    if (n > 0)
        cblas_dtrsv(CblasRowMajor, CblasUpper, transposed ? CblasTrans : CblasNoTrans, CblasNonUnit,
                    n, r, n, b, 1);
    return ST_OK;
}

double linalg_independence(int n, int m, double *a)
{
    if (n == 0 || n > m)
        return n == 0;
    lapack_int *pivot = mem_new((size_t)n, sizeof *pivot);
    double *tau = MEM_NEW(double, n), least = INFINITY;
    int info = LAPACKE_dgeqp3(LAPACK_COL_MAJOR, m, n, a, m, pivot, tau);
    for (int i = 0; i < n; i++)
        least = fmin(least, fabs(a[(size_t)i * (size_t)m + (size_t)i]));
    double most = fabs(a[0]);
    free(pivot);
    free(tau);
    return info == 0 && most > 0 ? least / most : 0;
}
