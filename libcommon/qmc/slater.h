/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One Slater determinant through its inverse. The matrix A[electron][orbital] = phi_o(r_i) and the
 * transposed inverse B[electron][orbital] = (A^-1)_oi are row-major n x n, so that whatever
 * concerns electron i is the contiguous row B_i: det A'/det A = phi(r') . B_i, and derivatives of
 * ln det A are (dphi . B_i).
 */
#ifndef QMC_SLATER_H
#define QMC_SLATER_H

#include <stdbool.h>

static inline double slater_dot(int n, const double a[], const double b[])
{
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int o = 0; o < n; o++)
        sum += a[o] * b[o];
    return sum;
}

/* Replace row i of A by phi, with ratio = phi . B_i (Sherman-Morrison): B is updated. */
void slater_update(int n, double b[], int i, const double phi[], double ratio);
/* B and log|det A| from A. False if A is singular. n = 0: log 1. */
bool slater_invert(int n, const double a[], double b[], double *log_det);

#endif
