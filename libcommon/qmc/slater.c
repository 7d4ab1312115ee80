/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/slater.h"
#include <math.h>
#include <string.h>

/* B_j <- B_j - B_i (phi . B_j) / ratio for j != i; B_i <- B_i / ratio. Sherman & Morrison (1950). */
void slater_update(int n, double b[], int i, const double phi[], double ratio)
{
    double *bi = b + i * n;
#pragma omp simd
    for (int o = 0; o < n; o++)
        bi[o] /= ratio;
    for (int j = 0; j < n; j++) {
        double *bj = b + j * n;
        if (j == i)
            continue;
        double s = slater_dot(n, phi, bj);
#pragma omp simd
        for (int o = 0; o < n; o++)
            bj[o] -= s * bi[o];
    }
}

static int pivot_row(int n, const double a[], int c)
{
    int best = c;
    for (int r = c + 1; r < n; r++)
        if (fabs(a[r * 2 * n + c]) > fabs(a[best * 2 * n + c]))
            best = r;
    return best;
}

static void swap_rows(int n, double a[], int r, int s)
{
    for (int c = 0; r != s && c < 2 * n; c++) {
        double t = a[r * 2 * n + c];
        a[r * 2 * n + c] = a[s * 2 * n + c];
        a[s * 2 * n + c] = t;
    }
}

/* Gauss-Jordan elimination with partial pivoting of [A | 1]. */
bool slater_invert(int n, const double a[], double b[], double work[], double *log_det)
{
    memset(work, 0, 2 * (size_t)n * n * sizeof *work);
    for (int r = 0; r < n; r++) {
        memcpy(work + r * 2 * n, a + r * n, n * sizeof *a);
        work[r * 2 * n + n + r] = 1;
    }
    *log_det = 0;
    for (int c = 0; c < n; c++) {
        swap_rows(n, work, c, pivot_row(n, work, c));
        double *pivot = work + c * 2 * n, p = pivot[c];
        if (!(fabs(p) > 1e-300) || !isfinite(p))
            return false;
        *log_det += log(fabs(p));
        for (int k = c; k < 2 * n; k++)
            pivot[k] /= p;
        for (int r = 0; r < n; r++) {
            double *row = work + r * 2 * n, f = row[c];
            for (int k = c; r != c && k < 2 * n; k++)
                row[k] -= f * pivot[k];
        }
    }
    for (int r = 0; r < n; r++)
        for (int c = 0; c < n; c++)
            b[c * n + r] = work[r * 2 * n + n + c];
    return true;
}
