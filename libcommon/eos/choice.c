/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The evidence of a model of eos/model.h. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "eos/model.h"
#include "maths/linalg.h"

/* Values tried of a and l; 24 terms of the process (model.h) make exp(-(t-t')^2/2l^2) exact to 1e-9
 * of a^2 at the shortest l. */
enum { AMPLITUDES = 16, LENGTHS = 8 };
static const double shortest = 0.5, longest = 4;

static double covariance(enum eos_model_kind kind, double length, double t, double s)
{
    if (kind == EOS_QUADRATIC)
        return t * t * s * s;
    return exp(-(t - s) * (t - s) / (2 * length * length));
}

static double dot(int n, const double a[], const double b[])
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/*
 * Twice the logarithm of the likelihood with c_0 and c_1 integrated out (Rasmussen & Williams, eq. 2.45,
 * without the powers of 2 pi, which all models share): with C the covariance of the data and H the rows
 * (1, t),  - y C^-1 y + (H C^-1 y) A^-1 (H C^-1 y) - log |C| - log |A|,  A = H C^-1 H^T.
 * work: n (n + 6) numbers. -infinity where C is numerically singular.
 */
static double twice_log_likelihood(enum eos_model_kind kind, double amplitude, double length, int n,
                                   const double t[], const double y[], const double error[],
                                   double *work)
{
    double *c = work, *right = work + n * n, *solved = right + 3 * n;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++)
            c[i * n + j] = kind == EOS_LINEAR
                               ? 0
                               : amplitude * amplitude * covariance(kind, length, t[i], t[j]);
        c[i * n + i] += error[i] * error[i];
        right[i] = y[i];
        right[n + i] = 1;
        right[2 * n + i] = t[i];
    }
    for (int i = 0; i < 3 * n; i++)
        solved[i] = right[i];
    if (linalg_cholesky(n, c, NULL) != ST_OK)
        return -INFINITY;
    linalg_cholesky_solve(n, c, 3, solved);
    double log_det = 0;
    for (int i = 0; i < n; i++)
        log_det += 2 * log(c[i * n + i]);
    const double *one = right + n, *line = right + 2 * n;
    const double a = dot(n, one, solved + n), b = dot(n, one, solved + 2 * n);
    const double d = dot(n, line, solved + 2 * n), det = a * d - b * b;
    const double p = dot(n, one, solved), q = dot(n, line, solved);
    return -dot(n, y, solved) + (d * p * p - 2 * b * p * q + a * q * q) / det - log_det - log(det);
}

/* What a straight line of equal weights leaves of y: the likelihood is the same, rounding smaller. */
static void remove_line(int n, const double t[], const double y[], double rest[])
{
    double st = 0, sy = 0, tt = 0, ty = 0;
    for (int i = 0; i < n; i++) {
        st += t[i] / n;
        sy += y[i] / n;
    }
    for (int i = 0; i < n; i++) {
        tt += (t[i] - st) * (t[i] - st);
        ty += (t[i] - st) * (y[i] - sy);
    }
    for (int i = 0; i < n; i++)
        rest[i] = y[i] - sy - ty / tt * (t[i] - st);
}

static double geometric(double low, double high, int i, int count)
{
    return low * pow(high / low, (double)i / (count - 1));
}

/* From the typical error to the range of the data. */
static void amplitude_range(int n, const double y[], const double error[], double *low,
                            double *high)
{
    double least = y[0], most = y[0];
    for (int i = 0; i < n; i++) {
        least = fmin(least, y[i]);
        most = fmax(most, y[i]);
    }
    *low = sqrt(dot(n, error, error) / n);
    *high = fmax(most - least, 3 * *low);
}

double eos_model_evidence(enum eos_model_kind kind, int n, const double t[], const double y[],
                          const double error[], double *amplitude, double *length)
{
    double *rest = MEM_NEW(double, (size_t)n *(n + 7)), *work = rest + n;
    double low, high, top = -INFINITY, sum = 0;
    amplitude_range(n, y, error, &low, &high);
    remove_line(n, t, y, rest);
    *amplitude = low;
    *length = longest;
    const int amplitudes = kind == EOS_LINEAR ? 1 : AMPLITUDES;
    const int lengths = kind == EOS_PROCESS ? LENGTHS : 1;
    for (int i = 0; i < amplitudes * lengths; i++) {
        const double a = geometric(low, high, i % AMPLITUDES, AMPLITUDES);
        const double l = geometric(longest, shortest, i / AMPLITUDES, LENGTHS);
        const double x = 0.5 * twice_log_likelihood(kind, a, l, n, t, rest, error, work);
        if (x > top) {
            sum *= exp(top - x);
            top = x;
            *amplitude = a;
            *length = l;
        }
        sum += isfinite(x) ? exp(x - top) : 0;
    }
    free(rest);
    return top + log(sum / (amplitudes * lengths));
}
