/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The small matrix products that descriptor, Jacobian and reverse mode share, for one l: any width, and
 * the usual width of 8 with its rows in two vectors of four, so that sums stay in registers.
 */
#ifndef ML_SOAP_PRODUCT_H
#define ML_SOAP_PRODUCT_H

#include <string.h>

enum { SOAP_USUAL = 8 };

typedef double soap_four __attribute__((vector_size(32), aligned(8)));

static inline soap_four soap_load(const double *x)
{
    return *(const soap_four *)x;
}

/* Four rows of square at once: eight sums that do not wait for each other */
static inline void soap_product_usual(int l, const double *x, int first, int rows, const double *c,
                                      double *square)
{
    for (int a = 0; a < rows; a += 4) {
        soap_four s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0}, t0 = {0}, t1 = {0}, t2 = {0}, t3 = {0};
        for (int lm = l * l; lm < (l + 1) * (l + 1); lm++) {
            const double *f = x + lm * SOAP_USUAL + first + a;
            soap_four u = soap_load(c + lm * SOAP_USUAL), v = soap_load(c + lm * SOAP_USUAL + 4);
            s0 += f[0] * u, t0 += f[0] * v;
            s1 += f[1] * u, t1 += f[1] * v;
            s2 += f[2] * u, t2 += f[2] * v;
            s3 += f[3] * u, t3 += f[3] * v;
        }
        soap_four *out = (soap_four *)(square + a * SOAP_USUAL);
        out[0] = s0, out[1] = t0, out[2] = s1, out[3] = t1;
        out[4] = s2, out[5] = t2, out[6] = s3, out[7] = t3;
    }
}

/* square[a][b] = sum_m x_m,a c_m,b of one l, a in [first, first + rows) */
static inline void soap_product(int width, int l, const double *x, int first, int rows,
                                const double *c, double *square)
{
    if (width == SOAP_USUAL && rows == SOAP_USUAL) {
        soap_product_usual(l, x, first, rows, c, square);
        return;
    }
    memset(square, 0, rows * width * sizeof *square);
    for (int lm = l * l; lm < (l + 1) * (l + 1); lm++)
        for (int a = 0; a < rows; a++) {
            double f = x[lm * width + first + a];
#pragma omp simd
            for (int b = 0; b < width; b++)
                square[a * width + b] += f * c[lm * width + b];
        }
}

/* dc[lm][b] = sum_a c[lm][a] h[a][b] of one l */
static inline void soap_apply(int width, int l, const double *c, const double *h, double *dc)
{
    for (int lm = l * l; lm < (l + 1) * (l + 1); lm++) {
        const double *x = c + lm * width;
        double *y = dc + lm * width;
        if (width == SOAP_USUAL) {
            soap_four u = {0}, v = {0};
            for (int a = 0; a < SOAP_USUAL; a++) {
                u += x[a] * soap_load(h + a * SOAP_USUAL);
                v += x[a] * soap_load(h + a * SOAP_USUAL + 4);
            }
            ((soap_four *)y)[0] = u, ((soap_four *)y)[1] = v;
            continue;
        }
        memset(y, 0, width * sizeof *y);
        for (int a = 0; a < width; a++)
#pragma omp simd
            for (int b = 0; b < width; b++)
                y[b] += x[a] * h[a * width + b];
    }
}

#endif
