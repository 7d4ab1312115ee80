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
#pragma omp simd reduction(+ : dot)
    for (int i = 0; i < s->size; i++)
        dot += slope[i] * local->p[i];
    for (int l = 0; l <= s->settings.l_max; l++) {
        double f = 1 / (sqrt(2 * l + 1) * local->norm);
        const double *g = slope + l * s->pairs, *p = local->p + l * s->pairs;
        for (int a = 0; a < width; a++)
            for (int b = a; b < width; b++, g++, p++)
                h[a * width + b] = h[b * width + a] = f * (a == b ? 2 : M_SQRT2) * (*g - dot * *p);
        soap_apply(width, l, local->c, h, local->dc);
    }
}

/* to[j][i] = from[i][j] of a block of four by four; rows `wide` apart in `from`, V apart in `to` */
static inline void turn_four(const double *from, int wide, double *to)
{
#if __has_builtin(__builtin_shufflevector)
    soap_four a = soap_load(from), b = soap_load(from + wide), c = soap_load(from + 2 * wide),
              d = soap_load(from + 3 * wide);
    soap_four p = __builtin_shufflevector(a, b, 0, 4, 2, 6),
              q = __builtin_shufflevector(a, b, 1, 5, 3, 7),
              r = __builtin_shufflevector(c, d, 0, 4, 2, 6),
              t = __builtin_shufflevector(c, d, 1, 5, 3, 7);
    *(soap_four *)to = __builtin_shufflevector(p, r, 0, 1, 4, 5);
    *(soap_four *)(to + V) = __builtin_shufflevector(q, t, 0, 1, 4, 5);
    *(soap_four *)(to + 2 * V) = __builtin_shufflevector(p, r, 2, 3, 6, 7);
    *(soap_four *)(to + 3 * V) = __builtin_shufflevector(q, t, 2, 3, 6, 7);
#else
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++)
            to[j * V + i] = from[i * wide + j];
#endif
}

/* Radial functions of one block with the lane running fastest: from[V][functions] to to[functions][V] */
static void turn(int functions, const double *from, double *to)
{
    int whole = functions / 4 * 4;
    for (int k = 0; k < V; k += 4)
        for (int f = 0; f < whole; f += 4)
            turn_four(from + k * functions + f, functions, to + f * V + k);
    for (int f = whole; f < functions; f++)
        for (int k = 0; k < V; k++)
            to[f * V + k] = from[k * functions + f];
}

/* What one half of the lanes of a block brings along: out[0] along the unit vector, out[1..3] x, y, z */
struct half {
    const double *value, *slope, *y, *dy, *inverse;
    soap_four out[4];
};

/* With u = sum_n dc_n R_n and v = sum_n dc_n R_n' for each lm,
 * grad (R(r) Y) = unit (R' - l R/r) Y + R/r grad S, S the solid harmonic on the unit sphere. */
static inline __attribute__((always_inline)) void scatter(const int n, int l_max, int width,
                                                          const double *dc, struct half *h)
{
    int harmonics = (l_max + 1) * (l_max + 1);
    soap_four radial = {0}, x = {0}, y = {0}, z = {0}, inverse = soap_load(h->inverse);
    for (int l = 0; l <= l_max; l++) {
        const double *r = h->value + l * n * V, *dr = h->slope + l * n * V;
        for (int lm = l * l; lm < (l + 1) * (l + 1); lm++) {
            soap_four u = {0}, v = {0};
            for (int i = 0; i < n; i++) {
                u += dc[lm * width + i] * soap_load(r + i * V);
                v += dc[lm * width + i] * soap_load(dr + i * V);
            }
            u *= inverse;
            radial += (v - l * u) * soap_load(h->y + lm * V);
            x += u * soap_load(h->dy + lm * V);
            y += u * soap_load(h->dy + (harmonics + lm) * V);
            z += u * soap_load(h->dy + (2 * harmonics + lm) * V);
        }
    }
    h->out[0] = radial, h->out[1] = x, h->out[2] = y, h->out[3] = z;
}

/* dE/dd of half a block */
static void scatter_half(const struct soap *s, const struct soap_local *local, int b, int first,
                         double gradient[][3])
{
    int n = s->settings.n_max, lane = b * V + first;
    const double *dc = local->dc + local->channel[b] * n;
    struct half h = {.value = local->turned + first,
                     .slope = local->turned + s->functions * V + first,
                     .y = local->y + (size_t)b * V * s->harmonics + first,
                     .dy = local->dy + (size_t)b * V * s->harmonics * 3 + first,
                     .inverse = local->inverse + lane};
    if (n == SOAP_USUAL)
        scatter(SOAP_USUAL, s->settings.l_max, s->width, dc, &h);
    else
        scatter(n, s->settings.l_max, s->width, dc, &h);
    for (int k = 0; k < 4; k++)
        for (int a = 0; a < 3 && local->slot[lane + k] >= 0; a++)
            gradient[local->slot[lane + k]][a] =
                h.out[a + 1][k] + h.out[0][k] * local->unit[(b * 3 + a) * V + first + k];
}

void soap_backward(const struct soap *s, struct soap_local *local, const double slope[],
                   double gradient[][3])
{
    coefficients(s, local, slope);
    for (int b = 0; b < local->blocks; b++) {
        size_t row = (size_t)b * V * s->functions;
        turn(s->functions, local->value + row, local->turned);
        turn(s->functions, local->slope + row, local->turned + s->functions * V);
        scatter_half(s, local, b, 0, gradient);
        scatter_half(s, local, b, 4, gradient);
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

/* dp_ab = w_ab (square_ab + square_ba), one element: every pair */
static void fold(int width, double f, const double *square, double *dp)
{
    for (int a = 0; a < width; a++) {
        *dp++ = 2 * f * square[a * width + a];
        for (int b = a + 1; b < width; b++)
            *dp++ = f * M_SQRT2 * (square[a * width + b] + square[b * width + a]);
    }
}

/* The same where only the n_max rows from first on are not zero, added to dp */
static void fold_columns(const struct soap *s, int first, double f, const double *square,
                         double *dp)
{
    for (int a = 0; a < s->settings.n_max; a++)
        for (int b = 0; b < s->width; b++)
            dp[s->pack[(first + a) * s->width + b]] +=
                f * (first + a == b ? 2 : M_SQRT2) * square[a * s->width + b];
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
        if (n < width)
            memset(dp, 0, s->size * sizeof *dp);
        lane_slope(s, local, lane, row % 3, local->dc);
        for (int l = 0; l <= s->settings.l_max; l++) {
            double f = 1 / (sqrt(2 * l + 1) * local->norm);
            soap_product(width, l, local->dc, first, n, local->c, local->square);
            if (n == width)
                fold(width, f, local->square, dp + l * s->pairs);
            else
                fold_columns(s, first, f, local->square, dp + l * s->pairs);
        }
#pragma omp simd reduction(+ : dot)
        for (int i = 0; i < s->size; i++)
            dot += dp[i] * local->p[i];
#pragma omp simd
        for (int i = 0; i < s->size; i++)
            dp[i] -= dot * local->p[i];
    }
}
