/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "maths/linalg.h"
#include "ml/evidence.h"

/* What is left of the data where the first block has been eliminated for one ratio: |r v - z|^2 + chi2 */
struct rest {
    int n;
    double *r, *z; /* [n][n], [n] */
    double chi2, logarithm;
};

static int second_columns(const struct evidence_prior *prior)
{
    return prior->factor ? prior->copies * prior->size : 0;
}

static void rest_free(struct rest *rest)
{
    free(rest->r);
    free(rest->z);
}

/* Rows of the first block and their right-hand sides: b[columns of the second block, z][2 n] */
static void fill(const struct tsqr *data, const struct evidence_prior *prior, double ratio,
                 double *a, double *b)
{
    size_t n = prior->first, m = second_columns(prior), all = n + m;
    for (size_t i = 0; i < n; i++) {
        memcpy(a + i * n, data->a + i * all, n * sizeof *a);
        for (size_t k = 0; k < m; k++)
            b[k * 2 * n + i] = data->a[i * all + n + k];
        b[m * 2 * n + i] = data->b[i];
        for (size_t j = i; j < n; j++)
            a[(n + i) * n + j] = prior->l[j * n + i] / ratio;
    }
}

/* The lower half of the right-hand sides and the data's own rows of the second block, as one triangle */
static enum status gather(const struct tsqr *data, const double *b, int first, struct rest *rest,
                          struct err *err)
{
    size_t n = first, m = rest->n, all = n + m;
    rest->r = MEM_NEW(double, all *m);
    rest->z = MEM_NEW(double, all);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < m; k++)
            rest->r[i * m + k] = b[k * 2 * n + n + i];
        rest->z[i] = b[m * 2 * n + n + i];
    }
    for (size_t i = 0; i < m; i++) {
        memcpy(rest->r + (n + i) * m, data->a + (n + i) * all + n, m * sizeof *rest->r);
        rest->z[n + i] = data->b[n + i];
    }
    enum status status = m ? linalg_qr((int)all, (int)m, rest->r, 1, rest->z, err) : ST_OK;
    linalg_upper((int)m, rest->r);
    for (size_t i = m; i < all; i++)
        rest->chi2 += rest->z[i] * rest->z[i];
    return status;
}

static enum status eliminate(const struct tsqr *data, const struct evidence_prior *prior,
                             double ratio, struct rest *rest, struct err *err)
{
    size_t n = prior->first;
    *rest = (struct rest){.n = second_columns(prior),
                          .chi2 = data->residual2,
                          .logarithm = 2 * (double)n * log(ratio)};
    double *a = MEM_NEW(double, 2 * n * n), *b = MEM_NEW(double, (rest->n + 1) * 2 * n);
    fill(data, prior, ratio, a, b);
    enum status status = linalg_qr_append((int)n, true, (int)n, a, rest->n + 1, b, err);
    for (size_t i = 0; i < n && !status; i++)
        rest->logarithm += 2 * log(fabs(a[i * n + i]) / prior->l[i * n + i]);
    if (!status)
        status = gather(data, b, (int)n, rest, err);
    free(a);
    free(b);
    return status;
}

/* r F, F of one kind on every copy */
static void with_factor(const struct evidence_prior *prior, int kind, const struct rest *rest,
                        double *product)
{
    int n = rest->n, size = prior->size;
    const double *f = prior->factor + (size_t)kind * size * size;
    memset(product, 0, (size_t)n * n * sizeof *product);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < n; k++)
            for (int j = 0; j <= k % size; j++)
                product[(size_t)i * n + k / size * size + j] +=
                    rest->r[(size_t)i * n + k] * f[k % size * size + j];
}

/* The rest in the directions u of r F F^T r^T, in which a prior of any amplitude is diagonal */
struct directions {
    double *u, *square, *z; /* [n][n], [n] eigenvalues, [n] u . z */
};

static enum status turn(const struct evidence_prior *prior, int kind, const struct rest *rest,
                        struct directions *d, double *product, struct err *err)
{
    int n = rest->n;
    with_factor(prior, kind, rest, product);
    linalg_gemm(LINALG_N, LINALG_T, n, n, n, 1, product, product, 0, d->u);
    enum status status = linalg_eigen(n, d->u, d->square, err);
    linalg_gemm(LINALG_N, LINALG_N, n, 1, n, 1, d->u, rest->z, 0, d->z);
    return status;
}

/* The likelihood for one amplitude: chi^2 = sum z^2 / (1 + amplitude^2 square), and so on */
static enum status judge(const struct tsqr *data, const struct rest *rest,
                         const struct directions *d, struct evidence *e, struct err *err)
{
    double chi2 = rest->chi2, logarithm = rest->logarithm;
    for (int i = 0; i < rest->n; i++) {
        double x = 1 + e->second * e->second * fmax(d->square[i], 0);
        chi2 += d->z[i] * d->z[i] / x;
        logarithm += log(x);
    }
    e->noise = sqrt(chi2 / data->count);
    e->likelihood = -0.5 * (data->count * (log(chi2 / data->count) + 1) + logarithm);
    return isfinite(e->likelihood) || chi2 == 0
               ? ST_OK
               : err_set(
                     err, ST_COMPUTE,
                     "the least-squares problem has no finite solution; are the labels finite?");
}

/* The best amplitude of one kind, five a decade; one that is given stays. */
static enum status best_amplitude(const struct tsqr *data, const struct rest *rest,
                                  const struct directions *d, double given, struct evidence *best,
                                  struct err *err)
{
    enum { STEPS = 40, A_DECADE = 5 };
    struct evidence e = *best;
    enum status status = ST_OK;
    for (int i = 0; i <= (given > 0 || rest->n == 0 ? 0 : STEPS) && !status; i++) {
        e.second = given > 0 ? given : 1e-6 * pow(10, (double)i / A_DECADE);
        status = judge(data, rest, d, &e, err);
        if (e.likelihood > best->likelihood)
            *best = e;
    }
    return status;
}

/* The best kind and amplitude of the second block for e->ratio; what is given in *e stays. */
static enum status best_second(const struct tsqr *data, const struct evidence_prior *prior,
                               struct evidence *e, struct err *err)
{
    struct rest rest;
    enum status status = eliminate(data, prior, e->ratio, &rest, err);
    size_t n = rest.n;
    double *product = MEM_NEW(double, n *n);
    struct directions d = {MEM_NEW(double, n *n), MEM_NEW(double, n), MEM_NEW(double, n)};
    struct evidence best = {.likelihood = -HUGE_VAL};
    for (int kind = 0; kind < (n ? prior->kinds : 1) && !status; kind++) {
        if (e->kind >= 0 && kind != e->kind)
            continue;
        struct evidence one = {.ratio = e->ratio, .kind = kind, .likelihood = -HUGE_VAL};
        if (n)
            status = turn(prior, kind, &rest, &d, product, err);
        if (!status)
            status = best_amplitude(data, &rest, &d, e->second, &one, err);
        if (one.likelihood > best.likelihood)
            best = one;
    }
    *e = best;
    rest_free(&rest);
    free(product);
    free(d.u);
    free(d.square);
    free(d.z);
    return status;
}

/* QR of [R; L^T/rho; F^-1/amplitude_2]: the factor and the right-hand side */
static enum status stacked(const struct tsqr *data, const struct evidence_prior *prior,
                           const struct evidence *e, double *a, double *b, struct err *err)
{
    size_t n = data->columns, first = prior->first, size = prior->size;
    memcpy(a, data->a, n * n * sizeof *a);
    memcpy(b, data->b, n * sizeof *b);
    for (size_t i = 0; i < first; i++)
        for (size_t j = i; j < first; j++)
            a[(n + i) * n + j] = prior->l[j * first + i] / e->ratio;
    if (n > first) {
        double *inverse = MEM_NEW(double, size *size);
        memcpy(inverse, prior->factor + (size_t)e->kind * size * size, size * size * sizeof *a);
        enum status status = linalg_invert((int)size, inverse, NULL, NULL, err);
        for (size_t i = first; i < n; i++)
            for (size_t k = (i - first) % size, j = 0; j <= k; j++)
                a[(n + i) * n + i - k + j] = inverse[k * size + j] / e->second;
        free(inverse);
        if (status)
            return status;
    }
    enum status status = linalg_qr_append((int)n, n == first, (int)n, a, 1, b, err);
    linalg_upper((int)n, a);
    return status;
}

enum status evidence_solve(const struct tsqr *data, const struct evidence_prior *prior,
                           struct evidence *e, double weight[], double factor[], struct err *err)
{
    size_t n = data->columns;
    double *a = MEM_NEW(double, 2 * n * n), *b = MEM_NEW(double, 2 * n);
    enum status status = best_second(data, prior, e, err);
    if (!status)
        status = stacked(data, prior, e, a, b, err);
    if (!status)
        status = linalg_solve_upper((int)n, a, false, b, err);
    memcpy(weight, b, n * sizeof *weight);
    memcpy(factor, a, n * n * sizeof *factor);
    free(a);
    free(b);
    return status;
}

static enum status try_all(const struct tsqr *data, const struct evidence_prior *prior, int count,
                           const double ratio[], const struct evidence *given,
                           struct evidence *best, struct err *err)
{
    struct evidence *e = MEM_NEW(struct evidence, count);
    enum status worst = ST_OK;
#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < count; i++) {
        struct err own;
        e[i] = *given;
        e[i].ratio = ratio[i];
        enum status status = best_second(data, prior, &e[i], &own);
        if (status)
#pragma omp critical
        {
            worst = status;
            if (err)
                *err = own;
        }
    }
    for (int i = 0; i < count; i++)
        if (e[i].likelihood > best->likelihood)
            *best = e[i];
    free(e);
    return worst;
}

/* A coarse scan by decades, then three of four points around the best, closer each time. */
enum status evidence_best(const struct tsqr *data, const struct evidence_prior *prior,
                          struct evidence *best, struct err *err)
{
    enum { DECADES = 9, AROUND = 2, ROUNDS = 3 };
    double ratio[DECADES], step = 1;
    const struct evidence given = *best;
    best->likelihood = -HUGE_VAL;
    if (given.ratio > 0)
        return try_all(data, prior, 1, &given.ratio, &given, best, err);
    for (int i = 0; i < DECADES; i++)
        ratio[i] = pow(10, i - DECADES / 2);
    enum status status = try_all(data, prior, DECADES, ratio, &given, best, err);
    for (int round = 0; round < ROUNDS && !status; round++) {
        step /= 2;
        ratio[0] = best->ratio * pow(10, -step);
        ratio[1] = best->ratio * pow(10, step);
        status = try_all(data, prior, AROUND, ratio, &given, best, err);
    }
    return status;
}
