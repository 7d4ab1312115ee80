/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include "base/mem.h"
#include "ml/cross.h"
#include "ml/fit_parts.h"
#include "ml/predict.h"

struct cross {
    int frames, folds;
    const struct rows_label *label;
    const struct fit_settings *settings;
    struct potential *p;
    double *prior;
    struct tsqr **part; /* [folds] */
};

static enum status all_rows(struct cross *c, struct err *err)
{
    enum status worst = ST_OK;
#pragma omp parallel for schedule(dynamic)
    for (int k = 0; k < c->folds; k++) {
        struct err own;
        enum status status = fit_rows(c->p, c->frames, c->label, k, c->folds, c->part[k], &own);
        if (status)
#pragma omp critical
        {
            worst = status;
            if (err)
                *err = own;
        }
    }
    return worst;
}

/* The model of all folds but one */
static enum status fit_without(struct cross *c, int fold, struct err *err)
{
    struct fit_report report;
    struct tsqr *t = tsqr_new(c->p->count);
    enum status status = ST_OK;
    for (int k = 0; k < c->folds && !status; k++)
        if (k != fold)
            status = tsqr_merge(t, c->part[k], err);
    if (!status)
        status = tsqr_finish(t, err);
    if (!status)
        status = fit_solve(c->p, t, c->prior, c->settings, &report, err);
    tsqr_free(t);
    free(c->p->factor); /* no uncertainties here */
    c->p->factor = NULL;
    return status ? status : potential_prepare(c->p, err);
}

static enum status test(const struct cross *c, int fold, struct score_sum sum[], struct err *err)
{
    struct potential *model = c->p;
    struct predict *predict = predict_new(1, &model, false);
    enum status status = ST_OK;
    for (int f = fold; f < c->frames && !status; f += c->folds) {
        struct predict_result r = {.force = mem_new(c->label[f].system->n, sizeof *r.force)};
        status = predict_evaluate(predict, c->label[f].system, &r, err);
        if (!status)
            score_frame(sum, &c->label[f], &r);
        free(r.force);
    }
    predict_free(predict);
    return status;
}

static enum status run(struct cross *c, struct score_sum sum[], struct err *err)
{
    enum status status = potential_prior(c->p, c->prior, err);
    if (!status)
        status = all_rows(c, err);
    for (int k = 0; k < c->folds && !status; k++) {
        status = fit_without(c, k, err);
        if (!status)
            status = test(c, k, sum, err);
    }
    return status;
}

enum status cross_validate(int frames, const struct rows_label label[],
                           const struct fit_settings *settings, int folds,
                           struct score_sum sum[SCORE_QUANTITIES], struct err *err)
{
    struct fit_report report;
    struct cross c = {frames, folds, label, settings, NULL, NULL, NULL};
    for (int q = 0; q < SCORE_QUANTITIES; q++)
        sum[q] = (struct score_sum){0};
    c.p = fit_start(frames, label, settings, &report, err);
    if (!c.p)
        return err ? err->status : ST_DATA;
    c.prior = MEM_NEW(double, (size_t)c.p->count *c.p->count);
    c.part = MEM_NEW(struct tsqr *, folds);
    for (int k = 0; k < folds; k++)
        c.part[k] = tsqr_new(c.p->count);
    enum status status = run(&c, sum, err);
    for (int k = 0; k < folds; k++)
        tsqr_free(c.part[k]);
    free(c.part);
    free(c.prior);
    potential_free(c.p);
    return status;
}
