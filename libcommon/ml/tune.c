/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_multimin.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/units.h"
#include "ml/cross.h"
#include "ml/tune.h"

const char tune_names[] =
    "cutoff,transition,sigma,radial-scale,radial-exponent,two-body,energy-noise,"
    "force-noise,stress-noise,zeta";

enum { MOST = 16, LARGEST_ZETA = 8 };

struct point {
    struct fit_settings fit;
    struct rows_noise noise;
};

/* A real parameter */
struct tunable {
    const char *name;
    size_t where;
    enum dimension dim;
};

static const struct tunable tunables[] = {
    {"cutoff", offsetof(struct point, fit.soap.cutoff), DIM_LENGTH},
    {"transition", offsetof(struct point, fit.soap.transition), DIM_LENGTH},
    {"sigma", offsetof(struct point, fit.soap.sigma), DIM_LENGTH},
    {"radial-scale", offsetof(struct point, fit.soap.scale), DIM_LENGTH},
    {"radial-exponent", offsetof(struct point, fit.soap.exponent), DIM_NONE},
    {"two-body", offsetof(struct point, fit.two_body), DIM_LENGTH},
    {"energy-noise", offsetof(struct point, noise.energy), DIM_ENERGY},
    {"force-noise", offsetof(struct point, noise.force), DIM_FORCE},
    {"stress-noise", offsetof(struct point, noise.stress), DIM_PRESSURE}};

struct search {
    const struct tune_settings *set;
    int frames;
    struct rows_label *label;
    struct log *log;
    int n; /* real parameters */
    const struct tunable *tunable[MOST];
    bool zeta;
    struct point start, best;
    double lowest;
    int evaluations;
    enum status status;
    struct err err;
};

static double *value(struct point *p, const struct tunable *t)
{
    return (double *)((char *)p + t->where);
}

static const struct tunable *find(const char *name)
{
    for (size_t i = 0; i < sizeof tunables / sizeof *tunables; i++)
        if (!strcmp(tunables[i].name, name))
            return &tunables[i];
    return NULL;
}

static enum status parse(struct search *s, struct err *err)
{
    char *copy = mem_text(s->set->parameters), *next = copy, *word;
    enum status status = ST_OK;
    while (!status && (word = strtok_r(next, ",", &next))) {
        const struct tunable *t = find(word);
        if (!strcmp(word, "zeta"))
            s->zeta = true;
        else if (t && s->n < MOST)
            s->tunable[s->n++] = t;
        else
            status =
                err_set(err, ST_USAGE, "'%s' cannot be tuned; what can is %s", word, tune_names);
    }
    if (!status && !s->n && !s->zeta)
        status = err_set(err, ST_USAGE, "nothing to tune; what can be is %s", tune_names);
    free(copy);
    return status;
}

enum status tune_check(const struct tune_settings *set, struct err *err)
{
    struct search s = {.set = set};
    return parse(&s, err);
}

/* "sigma=0.3A zeta=2" */
static char *describe(const struct search *s, struct point *p)
{
    char *text = mem_text("");
    for (int i = 0; i <= s->n; i++) {
        const struct tunable *t = i < s->n ? s->tunable[i] : NULL;
        char *longer = NULL;
        if (t)
            longer = mem_print("%s%s%s=%.4g%s", text, *text ? " " : "", t->name,
                               *value(p, t) / units_stream(t->dim),
                               t->dim == DIM_NONE ? "" : units_stream_name(t->dim));
        else if (s->zeta)
            longer = mem_print("%s%szeta=%d", text, *text ? " " : "", p->fit.zeta);
        if (longer) {
            free(text);
            text = longer;
        }
    }
    return text;
}

/* Where a fit makes no sense, the search is turned back without one. */
static bool possible(const struct point *p)
{
    const struct soap_settings *s = &p->fit.soap;
    return s->cutoff <= SOAP_MAX_CUTOFF && s->transition <= s->cutoff &&
           s->sigma > 0.02 * s->cutoff && s->sigma < s->cutoff &&
           (!(s->scale > 0) || (s->exponent >= 2 && s->exponent < 20)) &&
           p->fit.pair_cutoff <= s->cutoff && p->fit.two_body <= s->cutoff && p->fit.zeta >= 1 &&
           p->fit.zeta <= LARGEST_ZETA;
}

/* log of the noise of every label, which the likelihood of the rows in units of it leaves out */
static double log_noise(const struct search *s)
{
    double sum = 0;
    for (int f = 0; f < s->frames; f++) {
        const struct rows_label *l = &s->label[f];
        if (l->has_energy && isfinite(l->energy_noise))
            sum += log(l->energy_noise);
        for (int i = 0; l->has_forces && i < 3 * l->system->n; i++)
            sum += isfinite(l->force_noise[i]) ? log(l->force_noise[i]) : 0;
        for (int v = 0; v < rows_stress(l); v++)
            sum += isfinite(l->stress_noise[v]) ? log(l->stress_noise[v]) : 0;
    }
    return sum;
}

static double evidence(struct search *s, const struct point *p)
{
    struct fit_report report;
    struct potential *m = fit_potential(s->frames, s->label, &p->fit, &report, NULL, &s->err);
    s->status = m ? ST_OK : s->err.status;
    potential_free(m);
    return m ? (log_noise(s) - report.likelihood) / report.rows : 0;
}

static double validation(struct search *s, const struct point *p)
{
    struct score_sum sum[SCORE_QUANTITIES];
    double total = 0;
    int terms = 0;
    s->status = cross_validate(s->frames, s->label, &p->fit, s->set->folds, sum, &s->err);
    for (int q = 0; q < SCORE_QUANTITIES && !s->status; q++) {
        double x = sum[q].count > 1 ? score_spread(&sum[q]) : 0;
        if (x > 0) {
            total += log(x);
            terms++;
        }
    }
    return terms ? total / terms : 0;
}

static double evaluate(struct search *s, struct point *p)
{
    if (s->status || s->evaluations >= s->set->evaluations || !possible(p))
        return HUGE_VAL;
    for (int f = 0; f < s->frames; f++)
        rows_set_noise(&s->label[f], &p->noise);
    double x = s->set->objective == TUNE_EVIDENCE ? evidence(s, p) : validation(s, p);
    if (s->status)
        return HUGE_VAL;
    char *text = describe(s, p);
    log_note(s->log, "tune %3d  %.5f  %s", ++s->evaluations, x, text);
    free(text);
    if (x < s->lowest) {
        s->lowest = x;
        s->best = *p;
    }
    return x;
}

static struct point point_of(const struct search *s, const gsl_vector *x)
{
    struct point p = s->start;
    for (int i = 0; i < s->n; i++)
        *value(&p, s->tunable[i]) *= exp(gsl_vector_get(x, (size_t)i));
    return p;
}

static double function(const gsl_vector *x, void *self)
{
    struct search *s = self;
    struct point p = point_of(s, x);
    double y = evaluate(s, &p);
    return isfinite(y) ? y : 1e3; /* the minimiser wants numbers */
}

/* From steps of a fifth until they are a hundredth. */
static void simplex(struct search *s)
{
    gsl_vector *x = gsl_vector_calloc((size_t)s->n), *step = gsl_vector_alloc((size_t)s->n);
    gsl_multimin_function f = {function, (size_t)s->n, s};
    gsl_multimin_fminimizer *m =
        gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, (size_t)s->n);
    gsl_vector_set_all(step, -0.2);
    gsl_multimin_fminimizer_set(m, &f, x, step);
    while (!s->status && s->evaluations < s->set->evaluations &&
           gsl_multimin_fminimizer_size(m) > 0.01 && !gsl_multimin_fminimizer_iterate(m))
        ;
    gsl_multimin_fminimizer_free(m);
    gsl_vector_free(x);
    gsl_vector_free(step);
}

static void powers(struct search *s)
{
    for (int step = -1; step <= 1; step += 2)
        for (double before = HUGE_VAL; !s->status && s->lowest < before;) {
            struct point p = s->best;
            before = s->lowest;
            p.fit.zeta += step;
            evaluate(s, &p);
        }
}

enum status tune(int frames, struct rows_label label[], const struct tune_settings *set,
                 struct fit_settings *fit, struct rows_noise *noise, struct log *log,
                 char **summary, struct err *err)
{
    struct search s = {.set = set,
                       .frames = frames,
                       .label = label,
                       .log = log,
                       .start = {*fit, *noise},
                       .best = {*fit, *noise},
                       .lowest = HUGE_VAL};
    enum status status = parse(&s, err);
    if (status)
        return status;
    if (s.zeta) { /* first, as everything else depends on it */
        evaluate(&s, &s.start);
        powers(&s);
        s.start = s.best;
    }
    if (s.n && !s.status)
        simplex(&s);
    if (s.zeta && s.n && !s.status)
        powers(&s);
    if (s.status) {
        if (err)
            *err = s.err;
        return s.status;
    }
    *fit = s.best.fit;
    *noise = s.best.noise;
    for (int f = 0; f < frames; f++)
        rows_set_noise(&label[f], noise);
    char *text = describe(&s, &s.best);
    *summary = mem_print("%s: %s=%.6g after %d evaluation%s", text,
                         set->objective == TUNE_EVIDENCE ? "evidence" : "validation", s.lowest,
                         s.evaluations, s.evaluations == 1 ? "" : "s");
    free(text);
    return ST_OK;
}
