/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/warp.h"

enum { BLOCK = 64 }; /* nuclei at a time */

#define TINY 1e-24 /* bohr^2: keeps F finite at a nucleus */

/*
 * grad w_I = w_I (p_I - sum_J w_J p_J) with p_J = grad F_J / F_J = -4 d_J / r_J^2. While the weights are
 * being made, gradient holds p.
 */
void warp_weights(const struct images *im, int n, const double pos[][3], const double r[3],
                  double weight[], double gradient[][3])
{
    double sum = 0, mean[3] = {0}, x[BLOCK], y[BLOCK], z[BLOCK];
    for (int first = 0; first < n; first += BLOCK) {
        int count = n - first < BLOCK ? n - first : BLOCK;
        for (int a = 0; a < count; a++) {
            const double *p = pos[first + a];
            x[a] = r[0] - p[0], y[a] = r[1] - p[1], z[a] = r[2] - p[2];
        }
        images_shortest(im, count, x, y, z);
#pragma omp simd reduction(+ : sum)
        for (int a = 0; a < count; a++) {
            double inverse = 1 / (x[a] * x[a] + y[a] * y[a] + z[a] * z[a] + TINY), *g;
            weight[first + a] = inverse * inverse;
            sum += inverse * inverse;
            g = gradient[first + a];
            g[0] = -4 * inverse * x[a], g[1] = -4 * inverse * y[a], g[2] = -4 * inverse * z[a];
        }
    }
    for (int a = 0; a < n; a++) {
        weight[a] /= sum;
        for (int k = 0; k < 3; k++)
            mean[k] += weight[a] * gradient[a][k];
    }
    for (int a = 0; a < n; a++)
        for (int k = 0; k < 3; k++)
            gradient[a][k] = weight[a] * (gradient[a][k] - mean[k]);
}
