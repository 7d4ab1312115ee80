/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/warp.h"

#define TINY 1e-24 /* bohr^2: keeps F finite at a nucleus */

/*
 * grad w_I = w_I (p_I - sum_J w_J p_J) with p_J = grad F_J / F_J = -4 d_J / r_J^2. While the weights are
 * being made, gradient holds p.
 */
void warp_weights(const struct images *im, int n, const double pos[][3], const double r[3],
                  double weight[], double gradient[][3])
{
    double sum = 0, mean[3] = {0};
    for (int a = 0; a < n; a++) {
        double d[3] = {r[0] - pos[a][0], r[1] - pos[a][1], r[2] - pos[a][2]};
        images_shortest(im, 1, &d[0], &d[1], &d[2]);
        double inverse = 1 / (d[0] * d[0] + d[1] * d[1] + d[2] * d[2] + TINY);
        weight[a] = inverse * inverse;
        sum += weight[a];
        for (int x = 0; x < 3; x++)
            gradient[a][x] = -4 * inverse * d[x];
    }
    for (int a = 0; a < n; a++) {
        weight[a] /= sum;
        for (int x = 0; x < 3; x++)
            mean[x] += weight[a] * gradient[a][x];
    }
    for (int a = 0; a < n; a++)
        for (int x = 0; x < 3; x++)
            gradient[a][x] = weight[a] * (gradient[a][x] - mean[x]);
}
