/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "eos/model.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "maths/linalg.h"
#include "maths/polyfit.h"

enum { FLAT = 2 }; /* c_0 and c_1 have no prior */

const char *const eos_model_names[EOS_MODELS] = {"linear", "quadratic", "process"};

/* All terms at t: 1, t and what the kind adds. */
static void features(const struct eos_model *m, double t, double phi[])
{
    phi[0] = 1;
    phi[1] = t;
    if (m->kind == EOS_QUADRATIC)
        phi[FLAT] = t * t;
    if (m->kind != EOS_PROCESS)
        return;
    const double u = t / m->length;
    phi[FLAT] = exp(-0.5 * u * u);
    for (int k = 1; k < m->terms - FLAT; k++)
        phi[FLAT + k] = phi[FLAT + k - 1] * u / sqrt(k);
}

double eos_model_value(const struct eos_model *m, const double c[], double x)
{
    double phi[EOS_MODEL_TERMS], sum = 0;
    features(m, (x - m->centre) / m->half_width, phi);
    for (int k = 0; k < m->terms; k++)
        sum += c[k] * phi[k];
    return sum;
}

/* The linear map from weighted data (and priors in units of a) to coefficients: R^-1 Q^T. */
static enum status solve_map(struct eos_model *m, const double x[], struct err *err)
{
    const int rows = m->rows, terms = m->terms;
    double *a = MEM_NEW(double, (size_t)rows *terms);
    double *unit = MEM_NEW(double, (size_t)rows *rows);
    for (int i = 0; i < m->n; i++) {
        features(m, (x[i] - m->centre) / m->half_width, a + i * terms);
        for (int k = 0; k < terms; k++)
            a[i * terms + k] *= m->weight[i];
    }
    for (int i = m->n; i < rows; i++)
        a[i * terms + FLAT + i - m->n] = 1 / m->amplitude;
    for (int i = 0; i < rows; i++)
        unit[i * rows + i] = 1;
    enum status status = linalg_qr(rows, terms, a, rows, unit, err);
    for (int i = 0; i < rows && status == ST_OK; i++) {
        status = linalg_solve_upper(terms, a, false, unit + i * rows, err);
        for (int k = 0; k < terms; k++)
            m->solution[k * rows + i] = unit[i * rows + k];
    }
    free(unit);
    free(a);
    return status;
}

static void coefficients(const struct eos_model *m, const double right[], double c[])
{
    for (int k = 0; k < m->terms; k++) {
        c[k] = 0;
        for (int i = 0; i < m->rows; i++)
            c[k] += m->solution[k * m->rows + i] * right[i];
    }
}

void eos_model_redraw(const struct eos_model *m, const double noise[], struct rng *rng, double c[])
{
    double *right = MEM_NEW(double, m->rows);
    for (int i = 0; i < m->n; i++)
        right[i] = m->weight[i] * (m->value[i] + m->error[i] * noise[i]);
    for (int i = m->n; i < m->rows; i++)
        right[i] = rng ? rng_normal(rng) : 0;
    coefficients(m, right, c);
    free(right);
}

static void fit_centre(struct eos_model *m, const double x[])
{
    double *right = MEM_NEW(double, m->rows);
    for (int i = 0; i < m->n; i++)
        right[i] = m->weight[i] * m->value[i];
    coefficients(m, right, m->c);
    m->chi2 = 0;
    for (int i = 0; i < m->n; i++) {
        const double d = m->weight[i] * (m->value[i] - eos_model_value(m, m->c, x[i]));
        m->chi2 += d * d;
    }
    free(right);
}

static double largest(int n, const double x[])
{
    double most = x[0];
    for (int i = 1; i < n; i++)
        most = fmax(most, x[i]);
    return most;
}

static double smallest(int n, const double x[])
{
    double least = x[0];
    for (int i = 1; i < n; i++)
        least = fmin(least, x[i]);
    return least;
}

/*
 * The errors that weights are made of. A datum without error among others that have one would get
 * infinite weight: it is given the smallest of the others. Exact data get a common one, small beside
 * their range, which a process needs and which polynomials do not notice.
 */
static void assume_errors(int n, const double y[], const double error[], double assumed[])
{
    double least = INFINITY;
    for (int i = 0; i < n; i++)
        if (error[i] > 0)
            least = fmin(least, error[i]);
    if (!isfinite(least)) {
        const double range = largest(n, y) - smallest(n, y);
        least = 1e-8 * (range > 0 ? range : 1);
    }
    for (int i = 0; i < n; i++)
        assumed[i] = error[i] > 0 ? error[i] : least;
}

static enum status fit_one(struct eos_model *m, int n, const double x[], const double y[],
                           const double error[], const double assumed[], struct err *err)
{
    m->n = n;
    m->terms = m->kind == EOS_PROCESS ? EOS_MODEL_TERMS : m->kind == EOS_LINEAR ? FLAT : FLAT + 1;
    m->rows = n + (m->kind == EOS_PROCESS ? m->terms - FLAT : 0);
    m->value = MEM_NEW(double, 3 * (size_t)n);
    m->error = m->value + n;
    m->weight = m->value + 2 * n;
    m->solution = MEM_NEW(double, (size_t)m->terms * m->rows);
    for (int i = 0; i < n; i++) {
        m->value[i] = y[i];
        m->error[i] = error[i];
        m->weight[i] = 1 / assumed[i];
    }
    enum status status = solve_map(m, x, err);
    if (status == ST_OK)
        fit_centre(m, x);
    return status;
}

enum status eos_model_refit(struct eos_model *model, const struct eos_model *like, const double x[],
                            const double y[], struct err *err)
{
    *model = (struct eos_model){.kind = like->kind,
                                .centre = like->centre,
                                .half_width = like->half_width,
                                .amplitude = like->amplitude,
                                .length = like->length};
    double *assumed = MEM_NEW(double, like->n);
    for (int i = 0; i < like->n; i++)
        assumed[i] = 1 / like->weight[i];
    enum status status = fit_one(model, like->n, x, y, like->error, assumed, err);
    free(assumed);
    return status;
}

/* Log evidences into probabilities; the best of them. */
static enum eos_model_kind judge(double log_evidence[EOS_MODELS], double probability[EOS_MODELS])
{
    enum eos_model_kind best = EOS_LINEAR;
    double sum = 0;
    for (int k = 1; k < EOS_MODELS; k++)
        if (log_evidence[k] > log_evidence[best])
            best = (enum eos_model_kind)k;
    for (int k = 0; k < EOS_MODELS; k++)
        sum += probability[k] = exp(log_evidence[k] - log_evidence[best]);
    for (int k = 0; k < EOS_MODELS; k++)
        probability[k] /= sum;
    return best;
}

static bool takes_part(int kind, enum eos_model_kind only, int points, bool exact)
{
    if (only != EOS_MODELS)
        return kind == (int)only;
    if (exact)
        return kind == (points > 2 ? EOS_QUADRATIC : EOS_LINEAR);
    return points > 2 || kind == EOS_LINEAR;
}

enum status eos_fit_make(struct eos_fit *fit, enum eos_model_kind only, int n, const double x[],
                         const double y[], const double error[], struct err *err)
{
    *fit = (struct eos_fit){0};
    const int points = polyfit_distinct(n, x);
    if (points < 2 || (points < 3 && (only == EOS_QUADRATIC || only == EOS_PROCESS)))
        return err_set(err, ST_DATA, "%d different points do not determine a %s model", points,
                       eos_model_names[only == EOS_MODELS ? EOS_LINEAR : only]);
    const double low = smallest(n, x), high = largest(n, x);
    const double centre = 0.5 * (low + high), half_width = 0.5 * (high - low);
    double *assumed = MEM_NEW(double, 2 * (size_t)n), *t = assumed + n;
    double log_evidence[EOS_MODELS];
    const bool exact = !(largest(n, error) > 0);
    assume_errors(n, y, error, assumed);
    for (int i = 0; i < n; i++)
        t[i] = (x[i] - centre) / half_width;
    enum status status = ST_OK;
    for (int k = 0; k < EOS_MODELS && status == ST_OK; k++) {
        struct eos_model *m = &fit->model[k];
        *m = (struct eos_model){
            .kind = (enum eos_model_kind)k, .centre = centre, .half_width = half_width};
        log_evidence[k] = -INFINITY;
        if (!takes_part(k, only, points, exact))
            continue;
        log_evidence[k] = eos_model_evidence(m->kind, n, t, y, assumed, &m->amplitude, &m->length);
        status = fit_one(m, n, x, y, error, assumed, err);
    }
    if (status == ST_OK)
        fit->best = judge(log_evidence, fit->probability);
    free(assumed);
    return status;
}

void eos_model_free(struct eos_model *model)
{
    free(model->value);
    free(model->solution);
}

void eos_fit_free(struct eos_fit *fit)
{
    for (int k = 0; k < EOS_MODELS; k++)
        eos_model_free(&fit->model[k]);
    *fit = (struct eos_fit){0};
}
