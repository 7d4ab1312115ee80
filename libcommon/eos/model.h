/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A smooth curve through data with error bars: a straight line, a parabola, or a Gaussian process about
 * a straight line, whichever the data make most probable.
 *
 * All three are linear in their coefficients. With t = (x - centre) / half_width in [-1, 1],
 *
 *   f(t) = c_0 + c_1 t + sum_k c_k phi_k(t),
 *
 * the parabola adds phi = t^2, the process the features of the squared-exponential covariance
 * a^2 exp(-(t - t')^2 / 2 l^2), whose exponential series in t t' gives
 *
 *   phi_k(t) = exp(-t^2 / 2 l^2) (t / l)^k / sqrt(k!),   c_k normal with variance a^2
 *
 * (Rasmussen & Williams, Gaussian Processes for Machine Learning (2006), 2.1 and 2.7). Coefficients are
 * a weighted least-squares solution in which each prior c_k = 0 +- a is a datum among the others;
 * to draw all data anew within their errors, these included, is to draw from the posterior.
 *
 * Evidence: the likelihood with c_0 and c_1 integrated out under a flat prior (Rasmussen & Williams,
 * eq. 2.45), of the parabola also c_2 ~ N(0, a^2), averaged over a from the typical error to the range
 * of the data and l from 1/2 to 4, both uniform in the logarithm (MacKay, Neural Comput. 4, 415 (1992)).
 * Unlike AICc (Hurvich & Tsai, Biometrika 76, 297 (1989)) it is defined for three or four points.
 */
#ifndef EOS_MODEL_H
#define EOS_MODEL_H

#include "base/err.h"
#include "base/rng.h"

enum eos_model_kind { EOS_LINEAR, EOS_QUADRATIC, EOS_PROCESS, EOS_MODELS };
enum { EOS_MODEL_TERMS = 26 };

struct eos_model {
    enum eos_model_kind kind;
    int n, rows, terms;                           /* data; with those of the prior; coefficients */
    double centre, half_width, amplitude, length; /* a; l in units of half_width */
    double *value, *error, *weight;               /* n */
    double *solution;                             /* terms x rows: coefficients from the data */
    double c[EOS_MODEL_TERMS];                    /* the fit */
    double chi2;                                  /* of the n data */
};

/* The models that the data determine. */
struct eos_fit {
    enum eos_model_kind best;
    double probability[EOS_MODELS]; /* 0: the data do not determine this one */
    struct eos_model model[EOS_MODELS];
};

extern const char *const eos_model_names[EOS_MODELS];

/*
 * Fit y[n] +- error[n] at x[n]. only: EOS_MODELS lets the evidence decide, else that model is taken.
 * Where no datum has an error the highest of line and parabola that the data determine is taken and
 * goes through all data with equal weights. ST_DATA: fewer than two different x (three, for a
 * parabola or process that is demanded).
 */
enum status eos_fit_make(struct eos_fit *fit, enum eos_model_kind only, int n, const double x[],
                         const double y[], const double error[], struct err *err);
void eos_fit_free(struct eos_fit *fit);

/* f(x) with coefficients c[EOS_MODEL_TERMS]: the model's own, or drawn ones. */
double eos_model_value(const struct eos_model *model, const double c[], double x);
/* Coefficients from data shifted by noise[n] standard errors and a prior by those of rng (NULL: not). */
void eos_model_redraw(const struct eos_model *model, const double noise[], struct rng *rng,
                      double c[]);
/* The same kind, a, l and errors as `like` fitted to other data: n of them, as many as before. */
enum status eos_model_refit(struct eos_model *model, const struct eos_model *like, const double x[],
                            const double y[], struct err *err);
void eos_model_free(struct eos_model *model);

/* For eos_fit_make: log evidence of a kind up to a constant common to all, and the most probable a
 * and l. (model.c fits, evidence of data is in choice.c.) */
double eos_model_evidence(enum eos_model_kind kind, int n, const double t[], const double y[],
                          const double error[], double *amplitude, double *length);

#endif
