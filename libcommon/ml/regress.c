/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/units.h"
#include "ml/evidence.h"
#include "ml/regress.h"
#include "ml/slopes.h"
#include "ml/tsqr.h"

enum { LANES = 8, LENGTHS = 7 };

/* What is fitted to what */
struct task {
    const struct potential *p;
    const struct slopes *slopes;
    int frames;
    const struct rows_label *label;
};

static enum status lane_rows(const struct task *task, int lane, int lanes, struct tsqr *t,
                             struct err *err)
{
    enum status status = ST_OK;
    for (int f = lane; f < task->frames && !status; f += lanes) {
        double *a, *b;
        status = tsqr_rows(t, rows_count(&task->label[f]), &a, &b, err);
        if (!status)
            status = rows_fill(task->p, task->slopes, &task->label[f], a, b, err);
    }
    return status ? status : tsqr_finish(t, err);
}

static void keep_lane(void *context, int lane, struct checkpoint *c)
{
    tsqr_keep(((struct tsqr **)context)[lane], c);
}

/* Lanes in parallel and shared by ranks, then merged pair by pair: always the same tree. */
static enum status accumulate(const struct task *task, struct ranks *ranks, int lanes,
                              struct tsqr *t[], struct err *err)
{
    enum status worst = ST_OK;
    int first, last;
    ranks_share(ranks, lanes, &first, &last);
    for (int step = 0; step < lanes && !worst; step = step ? 2 * step : 1) {
#pragma omp parallel for schedule(dynamic)
        for (int lane = step ? 0 : first; lane < (step ? lanes : last);
             lane += step ? 2 * step : 1) {
            struct err own = {0};
            enum status status = ST_OK;
            if (!step)
                status = lane_rows(task, lane, lanes, t[lane], &own);
            else if (lane + step < lanes)
                status = tsqr_merge(t[lane], t[lane + step], &own);
            if (status)
#pragma omp critical
            {
                worst = status;
                if (err)
                    *err = own;
            }
        }
        worst = (enum status)ranks_most(ranks, (int)worst);
        if (!step && !worst)
            ranks_exchange(ranks, lanes, keep_lane, t);
    }
    return worst;
}

/* Lengths that a two-body term may have, in A, each sqrt 2 times the one before: from three knots to where only
 * slow curves are left */
static double length_of(const struct fit_settings *settings, int kind)
{
    return settings->two_body_length > 0 ? settings->two_body_length
                                         : 0.25 / UNITS_BOHR_A * pow(2, 0.5 * kind);
}

static enum status make_prior(const struct potential *p, const struct fit_settings *settings,
                              double *l, double *factor, struct evidence_prior *prior,
                              struct err *err)
{
    int knots = p->curves->knots;
    *prior = (struct evidence_prior){.first = p->count,
                                     .l = l,
                                     .size = knots,
                                     .copies = knots ? p->curves->columns / knots : 0,
                                     .kinds = settings->two_body_length > 0 ? 1 : LENGTHS,
                                     .factor = knots ? factor : NULL};
    enum status status = potential_prior(p, l, err);
    for (int k = 0; knots && k < prior->kinds && !status; k++)
        status = two_body_prior(p->curves, length_of(settings, k),
                                factor + (size_t)k * knots * knots, err);
    return status;
}

/* Weights and factor, and what the evidence chose */
static enum status solve(struct potential *p, const struct tsqr *data,
                         const struct fit_settings *settings, struct fit_report *report,
                         struct err *err)
{
    size_t n = p->columns, knots = p->curves->knots;
    struct evidence_prior prior;
    struct evidence e = {
        .ratio = settings->amplitude, .second = settings->two_body_amplitude, .kind = -1};
    double *l = MEM_NEW(double, (size_t)p->count * p->count),
           *factor = MEM_NEW(double, LENGTHS *knots *knots), *weight = MEM_NEW(double, n);
    p->factor = MEM_NEW(double, n *n);
    enum status status = make_prior(p, settings, l, factor, &prior, err);
    if (!status)
        status = evidence_best(data, &prior, &e, err);
    if (!status)
        status = evidence_solve(data, &prior, &e, weight, p->factor, err);
    memcpy(p->weight, weight, p->count * sizeof *weight);
    memcpy(p->two.weight, weight + p->count, (n - p->count) * sizeof *weight);
    report->noise = e.noise;
    report->likelihood = e.likelihood;
    report->rows = data->count;
    double scale = settings->amplitude > 0 || !(e.noise > 0) ? 1 : e.noise;
    p->amplitude = e.ratio * scale;
    p->two.amplitude = knots ? e.second * scale : 0;
    p->two.length = knots ? length_of(settings, e.kind) : 0;
    for (size_t i = 0; i < n * n; i++)
        p->factor[i] /= scale;
    free(l);
    free(factor);
    free(weight);
    return status ? status : potential_prepare(p, err);
}

enum status regress(struct potential *p, int frames, const struct rows_label label[],
                    const struct fit_settings *settings, struct fit_report *report, struct err *err)
{
    struct tsqr *t[LANES] = {NULL};
    double rows = 0;
    bool sloped = false; /* are there labels that are derivatives? */
    for (int f = 0; f < frames; f++) {
        rows += rows_count(&label[f]);
        sloped = sloped || label[f].has_forces || label[f].has_stress;
    }
    int lanes = rows > 2.0 * LANES * p->columns ? LANES : 2;
    for (int lane = 0; lane < lanes; lane++)
        t[lane] = tsqr_new(p->columns);
    struct slopes *slopes = sloped ? slopes_new(p, err) : NULL;
    const struct task task = {p, slopes, frames, label};
    enum status status =
        sloped && !slopes ? ST_COMPUTE : accumulate(&task, settings->ranks, lanes, t, err);
    slopes_free(slopes);
    for (int lane = 1; lane < lanes; lane++)
        tsqr_free(t[lane]);
    if (!status)
        status = solve(p, t[0], settings, report, err);
    tsqr_free(t[0]);
    return status;
}
