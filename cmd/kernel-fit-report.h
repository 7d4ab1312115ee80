/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What kernel-fit says of a model: errors, figures, learning curves, labels far off. */
#ifndef CMD_KERNEL_FIT_REPORT_H
#define CMD_KERNEL_FIT_REPORT_H

#include <string.h>
#include "base/outfile.h"
#include "base/plot.h"
#include "cmd/kernel-fit-labels.h"
#include "ml/learning.h"
#include "ml/parity.h"
#include "ml/predict.h"
#include "ml/score.h"

/* The force of the fit that is farthest from its label */
struct worst {
    double error;
    long frame;
    int atom;
};

static void look(struct worst *worst, const struct sample *sample, const struct predict_result *r)
{
    const struct rows_label *l = &sample->label;
    for (int i = 0; l->has_forces && !sample->validation && i < 3 * l->system->n; i++) {
        double error = fabs(r->force[i / 3][i % 3] - l->force[i]);
        if (error > worst->error)
            *worst = (struct worst){error, sample->frame, i / 3 + 1};
    }
}

/* Errors of a fit have longer tails than the normal distribution, but not that long. */
static void warn(const struct worst *worst, const struct scores *scores, struct log *log)
{
    enum { OUTLIER = 20 };
    for (int i = 0; i < scores->n; i++) {
        const struct score_sum *sum = &scores->score[i].quantity[SCORE_FORCE];
        if (strcmp(scores->score[i].set, "training") || strcmp(scores->score[i].group, "all"))
            continue;
        if (sum->count > 0 && worst->error > OUTLIER * score_rmse(sum))
            log_warning(log,
                        "frame %ld: the force on atom %d is %.3g eV/A off the fit, %.0f times the "
                        "rms error: if the label is wrong, leave it out or give it an error bar",
                        worst->frame, worst->atom, worst->error / units_stream(DIM_FORCE),
                        worst->error / score_rmse(sum));
    }
}

static enum status score(const struct settings *s, struct potential *p, struct scores *scores,
                         struct parity *parity, struct worst *worst, struct err *err)
{
    struct predict *predict = predict_new(1, &p, false);
    enum status status = ST_OK;
    for (int i = 0; i < s->samples && !status; i++) {
        const struct sample *sample = &s->sample[i];
        struct predict_result r = {.force = mem_new(sample->label.system->n, sizeof *r.force)};
        status = predict_evaluate(predict, sample->label.system, &r, err);
        if (!status)
            scores_add(scores, sample->validation ? "validation" : "training", sample->group,
                       &sample->label, &r);
        if (!status)
            look(worst, sample, &r);
        if (!status && s->plot)
            parity_add(parity, sample->validation, &sample->label, &r);
        free(r.force);
    }
    predict_free(predict);
    return status;
}

/* Rank 0 has written; all go on with its status. */
static enum status written(const struct settings *s, enum status status, struct err *err)
{
    ranks_broadcast(s->fit.ranks, &status, sizeof status);
    return !status || ranks_first(s->fit.ranks) ? status
                                                : err_set(err, status, "rank 0 cannot write");
}

static enum status put_report(const struct settings *s, const struct scores *scores,
                              struct log *log, struct err *err)
{
    struct outfile out;
    for (int i = 0; i < scores->n; i++)
        for (int q = 0; q < SCORE_QUANTITIES && !strcmp(scores->score[i].group, "all"); q++) {
            char *line = scores_summary(&scores->score[i], (enum score_quantity)q);
            if (line)
                log_note(log, "%s", line);
            free(line);
        }
    if (!s->report)
        return ST_OK;
    enum status status = outfile_open(&out, s->report, err);
    if (status)
        return status;
    scores_write(scores, out.file);
    return outfile_close(&out, true, err);
}

static enum status put_curve(const struct settings *s, const struct learning *curve,
                             struct err *err)
{
    struct outfile out;
    if (plot_is_figure(s->learning))
        return learning_plot(curve, s->learning, err);
    enum status status = outfile_open(&out, s->learning, err);
    if (status)
        return status;
    learning_write(curve, out.file);
    return outfile_close(&out, true, err);
}

/* Fits to parts of the training set, with the hyperparameters of the whole */
static enum status learn(const struct settings *s, struct run *run, struct err *err)
{
    struct learning curve;
    int count, tests;
    struct rows_label *label = choose(s, false, &count), *test = choose(s, true, &tests);
    enum status status =
        tests ? learning_curve(count, label, tests, test, &s->fit, &curve, run_log(run), err)
              : err_set(err, ST_DATA, "no frame is left to test the learning curve on");
    if (!status)
        status = written(s, ranks_first(s->fit.ranks) ? put_curve(s, &curve, err) : ST_OK, err);
    free(label);
    free(test);
    return status;
}

#endif
