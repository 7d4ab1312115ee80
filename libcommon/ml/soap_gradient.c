/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Derivatives of the descriptor: reverse mode for forces, forward mode for fits. */
#include <math.h>
#include <string.h>
#include "ml/soap.h"
#include "ml/soap_product.h"

enum { V = SOAP_LANES };

/* dE/dc from dE/dp: the normalisation first, then p_aa'l = w_l sum_m c_a c_a'. */
static void coefficients(const struct soap *s, struct soap_local *local, const double slope[])
{
    int width = s->width;
    double dot = 0, *h = local->square;
    for (int i = 0; i < s->size; i++)
        dot += slope[i] * local->p[i];
    memset(local->dc, 0, s->harmonics * width * sizeof *local->dc);
    for (int l = 0; l <= s->settings.l_max; l++) {
        double f = 1 / (sqrt(2 * l + 1) * local->norm);
        for (int a = 0; a < width; a++)
            for (int b = 0; b < width; b++) {
                int i = l * s->pairs + s->pack[a * width + b];
                h[a * width + b] = f * (a == b ? 2 : M_SQRT2) * (slope[i] - dot * local->p[i]);
            }
        for (int lm = l * l; lm < (l + 1) * (l + 1); lm++)
            for (int a = 0; a < width; a++) {
                double c = local->c[lm * width + a], *dc = local->dc + lm * width;
#pragma omp simd
                for (int b = 0; b < width; b++)
                    dc[b] += h[a * width + b] * c;
            }
    }
}

/* dE/dd of one lane: with u_n = sum_m dc Y and v_n = sum_m dc grad S on the unit sphere,
 * grad (R(r) Y) = unit (R' - l R/r) Y + R/r grad S. */
static inline __attribute__((always_inline)) void scatter(
    const int n, int l_max, int harmonics, int width, const double *restrict value,
    const double *restrict slope, const double *restrict y, const double *restrict dy,
    const double *restrict dc, double inverse, double out[4])
{
    double sum[4][24] = {{0}};
    for (int l = 0; l <= l_max; l++) {
        double u[4][24] = {{0}};
        const double *r = value + l * n, *dr = slope + l * n;
        for (int lm = l * l; lm < (l + 1) * (l + 1); lm++) {
            const double *g = dc + lm * width;
            double y0 = y[lm * V], y1 = dy[lm * V], y2 = dy[(harmonics + lm) * V],
                   y3 = dy[(2 * harmonics + lm) * V];
#pragma omp simd
            for (int i = 0; i < n; i++) {
                u[0][i] += g[i] * y0;
                u[1][i] += g[i] * y1;
                u[2][i] += g[i] * y2;
                u[3][i] += g[i] * y3;
            }
        }
#pragma omp simd
        for (int i = 0; i < n; i++) {
            double f = r[i] * inverse;
            sum[0][i] += u[0][i] * (dr[i] - l * f);
            sum[1][i] += u[1][i] * f;
            sum[2][i] += u[2][i] * f;
            sum[3][i] += u[3][i] * f;
        }
    }
    for (int a = 0; a < 4; a++) {
        out[a] = 0;
        for (int i = 0; i < n; i++)
            out[a] += sum[a][i];
    }
}

void soap_backward(const struct soap *s, struct soap_local *local, const double slope[],
                   double gradient[][3])
{
    int n = s->settings.n_max, l_max = s->settings.l_max, harmonics = s->harmonics;
    coefficients(s, local, slope);
    for (int lane = 0; lane < local->blocks * V; lane++) {
        int j = local->slot[lane], b = lane / V, k = lane % V;
        if (j < 0)
            continue;
        const double *value = local->value + (size_t)lane * s->functions;
        const double *drop = local->slope + (size_t)lane * s->functions;
        const double *y = local->y + (size_t)b * V * harmonics + k;
        const double *dy = local->dy + (size_t)b * V * harmonics * 3 + k;
        const double *dc = local->dc + local->channel[b] * n;
        double inverse = local->inverse[lane], out[4];
        if (n == 8)
            scatter(8, l_max, harmonics, s->width, value, drop, y, dy, dc, inverse, out);
        else
            scatter(n, l_max, harmonics, s->width, value, drop, y, dy, dc, inverse, out);
        for (int a = 0; a < 3; a++)
            gradient[j][a] = out[a + 1] + out[0] * local->unit[(b * 3 + a) * V + k];
    }
}

/* dc[lm][n] of one lane along one axis, in the columns of its element only */
static void lane_slope(const struct soap *s, const struct soap_local *local, int lane, int axis,
                       double *dc)
{
    int n = s->settings.n_max, b = lane / V, k = lane % V, first = local->channel[b] * n;
    const double *value = local->value + (size_t)lane * s->functions;
    const double *slope = local->slope + (size_t)lane * s->functions;
    const double *y = local->y + (size_t)b * V * s->harmonics + k;
    const double *dy = local->dy + ((size_t)b * 3 + axis) * V * s->harmonics + k;
    double unit = local->unit[(b * 3 + axis) * V + k], inverse = local->inverse[lane];
    for (int l = 0; l <= s->settings.l_max; l++)
        for (int lm = l * l; lm < (l + 1) * (l + 1); lm++) {
            double y0 = unit * y[lm * V], y1 = inverse * (dy[lm * V] - l * y0);
            for (int i = 0; i < n; i++)
                dc[lm * s->width + first + i] = slope[l * n + i] * y0 + value[l * n + i] * y1;
        }
}

void soap_jacobian(const struct soap *s, struct soap_local *local, double jacobian[])
{
    int n = s->settings.n_max, width = s->width;
    for (int row = 0; row < local->blocks * V * 3; row++) {
        int lane = row / 3, j = local->slot[lane];
        if (j < 0)
            continue;
        double *dp = jacobian + ((size_t)j * 3 + row % 3) * s->size, dot = 0;
        int first = local->channel[lane / V] * n;
        memset(dp, 0, s->size * sizeof *dp);
        lane_slope(s, local, lane, row % 3, local->dc);
        for (int l = 0; l <= s->settings.l_max; l++) {
            double f = 1 / (sqrt(2 * l + 1) * local->norm);
            soap_product(width, l, local->dc, first, n, local->c, local->square);
            for (int a = 0; a < n; a++)
                for (int b = 0; b < width; b++)
                    dp[l * s->pairs + s->pack[(first + a) * width + b]] +=
                        f * (first + a == b ? 2 : M_SQRT2) * local->square[a * width + b];
        }
        for (int i = 0; i < s->size; i++)
            dot += dp[i] * local->p[i];
        for (int i = 0; i < s->size; i++)
            dp[i] -= dot * local->p[i];
    }
}
