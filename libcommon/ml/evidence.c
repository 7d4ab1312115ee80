/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "maths/linalg.h"
#include "ml/evidence.h"

/* QR of [R; L^T/rho]; the first n rows of a and numbers of b are the factor and the right-hand side. */
static enum status stacked(const struct tsqr *data, const double prior[], double ratio, double *a,
                           double *b, struct evidence *e, struct err *err)
{
    size_t n = data->columns;
    double chi2 = data->residual2, logarithm = 2 * (double)n * log(ratio);
    memcpy(a, data->a, n * n * sizeof *a);
    memcpy(b, data->b, n * sizeof *b);
    memset(b + n, 0, n * sizeof *b);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            a[(n + i) * n + j] = j >= i ? prior[j * n + i] / ratio : 0;
    enum status status = linalg_qr(2 * (int)n, (int)n, a, 1, b, err);
    if (status)
        return status;
    linalg_upper((int)n, a);
    for (size_t i = 0; i < n; i++) {
        chi2 += b[n + i] * b[n + i];
        logarithm += 2 * log(fabs(a[i * n + i]) / prior[i * n + i]);
    }
    e->ratio = ratio;
    e->noise = sqrt(chi2 / data->count);
    e->likelihood = -0.5 * (data->count * (log(chi2 / data->count) + 1) + logarithm);
    return isfinite(e->likelihood) || chi2 == 0
               ? ST_OK
               : err_set(
                     err, ST_COMPUTE,
                     "the least-squares problem has no finite solution; are the labels finite?");
}

enum status evidence_solve(const struct tsqr *data, const double prior[], double ratio,
                           struct evidence *e, double weight[], double factor[], struct err *err)
{
    size_t n = data->columns;
    double *a = MEM_NEW(double, 2 * n * n), *b = MEM_NEW(double, 2 * n);
    enum status status = stacked(data, prior, ratio, a, b, e, err);
    if (!status)
        status = linalg_solve_upper((int)n, a, false, b, err);
    memcpy(weight, b, n * sizeof *weight);
    memcpy(factor, a, n * n * sizeof *factor);
    free(a);
    free(b);
    return status;
}

static enum status try_all(const struct tsqr *data, const double prior[], int count,
                           const double ratio[], struct evidence e[], struct err *err)
{
    size_t n = data->columns;
    enum status worst = ST_OK;
#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < count; i++) {
        double *a = MEM_NEW(double, 2 * n * n), *b = MEM_NEW(double, 2 * n);
        struct err own;
        enum status status = stacked(data, prior, ratio[i], a, b, &e[i], &own);
        if (status)
#pragma omp critical
        {
            worst = status;
            if (err)
                *err = own;
        }
        free(a);
        free(b);
    }
    return worst;
}

/* A coarse scan by decades, then three of four points around the best, closer each time. */
enum status evidence_best(const struct tsqr *data, const double prior[], struct evidence *best,
                          struct err *err)
{
    enum { DECADES = 9, AROUND = 2, ROUNDS = 3 };
    double ratio[DECADES], step = 1;
    struct evidence e[DECADES];
    for (int i = 0; i < DECADES; i++)
        ratio[i] = pow(10, i - DECADES / 2);
    enum status status = try_all(data, prior, DECADES, ratio, e, err);
    *best = e[0];
    for (int i = 1; i < DECADES; i++)
        if (e[i].likelihood > best->likelihood)
            *best = e[i];
    for (int round = 0; round < ROUNDS && !status; round++) {
        step /= 2;
        ratio[0] = best->ratio * pow(10, -step);
        ratio[1] = best->ratio * pow(10, step);
        status = try_all(data, prior, AROUND, ratio, e, err);
        for (int i = 0; i < AROUND; i++)
            if (e[i].likelihood > best->likelihood)
                *best = e[i];
    }
    return status;
}
