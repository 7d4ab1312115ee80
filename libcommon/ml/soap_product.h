/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sum over m that descriptor and Jacobian share, with the usual width known to the compiler. */
#ifndef ML_SOAP_PRODUCT_H
#define ML_SOAP_PRODUCT_H

#include <string.h>

/* square[a][b] = sum_m x_m,a c_m,b of one l, a in [first, first + rows) */
static inline __attribute__((always_inline)) void soap_product_of(const int width, int l,
                                                                  const double *restrict x,
                                                                  int first, int rows,
                                                                  const double *restrict c,
                                                                  double *restrict square)
{
    memset(square, 0, rows * width * sizeof *square);
    for (int lm = l * l; lm < (l + 1) * (l + 1); lm++)
        for (int a = 0; a < rows; a++) {
            double f = x[lm * width + first + a];
#pragma omp simd
            for (int b = 0; b < width; b++)
                square[a * width + b] += f * c[lm * width + b];
        }
}

static inline void soap_product(int width, int l, const double *x, int first, int rows,
                                const double *c, double *square)
{
    if (width == 8)
        soap_product_of(8, l, x, first, rows, c, square);
    else
        soap_product_of(width, l, x, first, rows, c, square);
}

#endif
