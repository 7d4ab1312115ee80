/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include "base/mem.h"
#include "maths/stats.h"

static double weight_of(const double *weight, int i)
{
    return weight ? weight[i] : 1;
}

/*
 * Squared error of the mean from blocks of b samples; y[i] = sum over the samples before i of
 * w (x - mean), w[i] likewise of the weights. Without block k, whose sums are Y_k and W_k of W, the mean is another by
 * Y_k / (W - W_k): error^2 = (K-1)/K sum_k (Y_k / (W - W_k))^2 (the jackknife of a ratio: Miller, Biometrika
 * 61, 1 (1974)), for equal weights the usual variance of block means over K.
 */
static double blocked(int n, int b, const double *y, const double *w)
{
    int blocks = n / b;
    double sum = 0, total = w[blocks * b];
    for (int k = 0; k < blocks; k++) {
        double rest = total - (w[(k + 1) * b] - w[k * b]);
        double change = (y[(k + 1) * b] - y[k * b]) / fmax(rest, total * DBL_EPSILON);
        sum += change * change;
    }
    return sum * (blocks - 1) / blocks;
}

/* Blocks: how many, of how many samples each, and the squared error that they give. */
struct choice {
    int blocks;
    double length, square;
};

/* Lee et al. (2011): the smallest b with b^3 > 2 n (error_b / error_1)^4, where n and b count samples: x has
 * means of `length` samples, single = error_1^2. */
static struct choice choose_block(int n, const double *y, const double *w, double length,
                                  double single)
{
    struct choice best = {n, length, 0};
    for (int b = 1; n / b >= 4 || b == 1; b += b / 8 + 1) {
        struct choice c = {n / b, b * length, blocked(n, b, y, w)};
        double ratio = c.square / single;
        bool enough = pow(c.length, 3) > 2 * n * length * ratio * ratio;
        if (c.square > best.square || enough)
            best = c;
        if (enough)
            break;
    }
    return best;
}

/*
 * What blocks of finite length and number leave out; single: the squared error without correlation. Blocks
 * of B samples miss the correlation between them, for one that decays exponentially exactly the
 * fraction (tau - 1/tau)/(2 B) of the squared error, tau the statistical inefficiency. The error from M
 * independent blocks is itself uncertain, and a deviation in units of it follows Student's distribution
 * with M - 1 degrees of freedom: (M - 1)/(M - 3) brings its variance back to 1. Of fewer than 4 blocks
 * nothing more is known.
 */
static void complete(struct estimate *e, const struct choice *c, double single)
{
    double tau = c->square / single, square = c->square, student = 1;
    if (c->blocks > 3 && square > 0) {
        square *= 1 + fmax(tau - 1 / tau, 0) / (2 * c->length);
        student = (c->blocks - 1.) / (c->blocks - 3.);
    }
    e->error = sqrt(square * student);
    if (e->variance > 0)
        e->time = square / single;
}

struct estimate stats_weighted(int n, const double x[], const double weight[])
{
    struct estimate e = {NAN, INFINITY, NAN, 1};
    double sum_w = 0, sum_ww = 0, sum = 0, squares = 0;
    for (int i = 0; i < n; i++) {
        double w = weight_of(weight, i);
        sum_w += w;
        sum_ww += w * w;
        sum += w * x[i];
    }
    if (n > 0)
        e.mean = sum / sum_w;
    if (n < 2)
        return e;
    double *y = MEM_NEW(double, n + 1), *w = MEM_NEW(double, n + 1);
    for (int i = 0; i < n; i++) {
        double d = x[i] - e.mean, wi = weight_of(weight, i);
        y[i + 1] = y[i] + wi * d;
        w[i + 1] = w[i] + wi;
        squares += wi * d * d;
    }
    double effective = sum_w * sum_w / sum_ww;
    e.variance = squares / sum_w * effective / fmax(effective - 1, 1e-300);
    double single = blocked(n, 1, y, w);
    struct choice c = choose_block(n, y, w, 1, single);
    complete(&e, &c, single);
    if (e.variance > 0) /* against samples without weights */
        e.time *= single * effective / e.variance;
    free(y);
    free(w);
    return e;
}

struct estimate stats_series(int n, const double x[])
{
    return stats_weighted(n, x, NULL);
}

struct estimate stats_blocks(int n, const double x[], double length, double variance)
{
    struct estimate e = {0, INFINITY, variance, 1};
    if (n < 2)
        return stats_series(n, x);
    double *y = MEM_NEW(double, n + 1), *w = MEM_NEW(double, n + 1);
    for (int i = 0; i < n; i++)
        e.mean += x[i] / n;
    for (int i = 0; i < n; i++) {
        y[i + 1] = y[i] + x[i] - e.mean;
        w[i + 1] = i + 1;
    }
    double single = variance / (n * length);
    struct choice c = choose_block(n, y, w, length, single);
    complete(&e, &c, single);
    free(y);
    free(w);
    return e;
}

/*
 * Leave out the first d batches of 5 such that sum_{i>d} (Y_i - mean_d)^2 / (m - d)^2, the squared
 * error of the rest, is least. From the end backwards, the sums are updated by one batch at a time.
 */
int stats_equilibration(int n, const double x[])
{
    enum { BATCH = 5 };
    int m = n / BATCH, best = 0, first = n - m * BATCH;
    double mean = 0, squares = 0, least = INFINITY;
    for (int count = 1; count <= m; count++) {
        const double *batch = x + first + (size_t)(m - count) * BATCH;
        double y = 0;
        for (int i = 0; i < BATCH; i++)
            y += batch[i] / BATCH;
        double d = y - mean;
        mean += d / count;
        squares += d * (y - mean);
        double mser = squares / ((double)count * count);
        if (2 * count >= m && mser <= least) { /* equal: keep more */
            least = mser;
            best = first + (m - count) * BATCH;
        }
    }
    return best <= first ? 0 : best > n / 2 ? n / 2 : best;
}
