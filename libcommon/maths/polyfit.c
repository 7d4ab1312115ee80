/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "maths/polyfit.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit.h>

static bool has_errors(int n, const double error[])
{
    for (int i = 0; error && i < n; i++)
        if (error[i] > 0)
            return true;
    return false;
}

/* A point stated without error among points with errors would get infinite weight; it is given
 * the smallest error of the others. */
static double smallest_error(int n, const double error[])
{
    double least = INFINITY;
    for (int i = 0; i < n; i++)
        if (error[i] > 0 && error[i] < least)
            least = error[i];
    return least;
}

int polyfit_distinct(int n, const double x[])
{
    int count = 0;
    for (int i = 0; i < n; i++) {
        int j = 0;
        while (j < i && x[j] != x[i])
            j++;
        count += j == i;
    }
    return count;
}

static void map_interval(struct polyfit *fit, int n, const double x[])
{
    double low = x[0], high = x[0];
    for (int i = 1; i < n; i++) {
        low = fmin(low, x[i]);
        high = fmax(high, x[i]);
    }
    fit->centre = 0.5 * (low + high);
    fit->half_width = high > low ? 0.5 * (high - low) : 1;
}

enum status polyfit_fixed(struct polyfit *fit, int order, int n, const double x[], const double y[],
                          const double error[], struct err *err)
{
    memset(fit, 0, sizeof *fit);
    if (order < 0 || order > POLYFIT_MAX_ORDER || polyfit_distinct(n, x) < order + 1)
        return err_set(err, ST_DATA, "%d points do not determine a polynomial of order %d", n,
                       order);
    const size_t rows = (size_t)n, terms = (size_t)order + 1;
    const bool weighted = has_errors(n, error);
    const double least = weighted ? smallest_error(n, error) : 1;
    gsl_matrix *a = gsl_matrix_alloc(rows, terms), *covariance = gsl_matrix_alloc(terms, terms);
    gsl_vector *w = gsl_vector_alloc(rows), *b = gsl_vector_alloc(rows),
               *c = gsl_vector_alloc(terms);
    gsl_multifit_linear_workspace *work = gsl_multifit_linear_alloc(rows, terms);
    map_interval(fit, n, x);
    for (size_t i = 0; i < rows; i++) {
        const double t = (x[i] - fit->centre) / fit->half_width;
        const double sigma = weighted && error[i] > 0 ? error[i] : least;
        gsl_vector_set(w, i, 1 / (sigma * sigma));
        gsl_vector_set(b, i, y[i]);
        for (size_t k = 0; k < terms; k++)
            gsl_matrix_set(a, i, k, pow(t, (double)k));
    }
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    const int failed = gsl_multifit_wlinear(a, w, b, c, covariance, &fit->chi2, work);
    gsl_set_error_handler(handler);
    fit->order = order;
    fit->freedom = n - order - 1;
    for (size_t k = 0; k < terms; k++)
        fit->c[k] = gsl_vector_get(c, k);
    gsl_multifit_linear_free(work);
    gsl_vector_free(c);
    gsl_vector_free(b);
    gsl_vector_free(w);
    gsl_matrix_free(covariance);
    gsl_matrix_free(a);
    return failed ? err_set(err, ST_COMPUTE, "polynomial fit: %s", gsl_strerror(failed)) : ST_OK;
}

enum status polyfit_best(struct polyfit *fit, int max_order, int n, const double x[],
                         const double y[], const double error[], struct err *err)
{
    int top = polyfit_distinct(n, x) - 1;
    if (top > max_order)
        top = max_order;
    if (top > POLYFIT_MAX_ORDER)
        top = POLYFIT_MAX_ORDER;
    if (top < 1)
        return err_set(err, ST_DATA, "a fit needs two different points, there is one");
    if (!has_errors(n, error))
        return polyfit_fixed(fit, top, n, x, y, NULL, err);
    double best = INFINITY;
    for (int order = 1; order <= top; order++) {
        struct polyfit trial;
        enum status status = polyfit_fixed(&trial, order, n, x, y, error, err);
        if (status != ST_OK)
            return status;
        const double evidence = trial.chi2 + (order + 1) * log((double)n);
        if (evidence < best) {
            best = evidence;
            *fit = trial;
        }
    }
    return ST_OK;
}

double polyfit_value(const struct polyfit *fit, double x)
{
    const double t = (x - fit->centre) / fit->half_width;
    double y = 0;
    for (int k = fit->order; k >= 0; k--)
        y = y * t + fit->c[k];
    return y;
}
