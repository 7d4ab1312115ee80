/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/slater.h"
#include "maths/linalg.h"
#include <math.h>
#include <stddef.h>

/* B_j <- B_j - B_i (phi . B_j) / ratio for j != i; B_i <- B_i / ratio. Sherman & Morrison (1950).
 */
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

/* (A^T)^-1 = (A^-1)^T */
bool slater_invert(int n, const double a[], double b[], double *log_det)
{
    double sign;
    for (int r = 0; r < n; r++)
        for (int c = 0; c < n; c++)
            b[c * n + r] = a[r * n + c];
    *log_det = 0;
    return n == 0 || (linalg_invert(n, b, log_det, &sign, NULL) == ST_OK && isfinite(*log_det));
}
