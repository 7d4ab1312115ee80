/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include "base/mem.h"
#include "base/plot.h"
#include "ml/learning.h"

enum status learning_curve(int frames, const struct rows_label label[], int tests,
                           const struct rows_label test[], const struct fit_settings *settings,
                           struct learning *curve, struct log *log, struct err *err)
{
    struct rows_label *some = MEM_NEW(struct rows_label, frames);
    enum status status = ST_OK;
    *curve = (struct learning){0};
    for (int k = LEARNING_POINTS - 1; k >= 0 && !status; k--) {
        struct fit_report report;
        struct learning_point *point = &curve->point[curve->n];
        int n = frames >> k;
        if (n < 1)
            continue;
        for (int i = 0; i < n; i++)
            some[i] = label[(long long)i * frames / n];
        struct potential *p = fit_potential(n, some, settings, &report, log, err);
        if (!p)
            status = err ? err->status : ST_COMPUTE;
        else
            status = score_model(p, tests, test, point->sum, err);
        point->frames = n;
        point->sparse = p ? p->count : 0;
        curve->n++;
        potential_free(p);
    }
    free(some);
    return status;
}

void learning_write(const struct learning *curve, FILE *out)
{
    fputs("frames\tsparse\tquantity\t" SCORE_HEADER "\n", out);
    for (int i = 0; i < curve->n; i++)
        for (int q = 0; q < SCORE_QUANTITIES; q++) {
            const struct learning_point *p = &curve->point[i];
            if (!(p->sum[q].count > 0))
                continue;
            fprintf(out, "%d\t%d\t%s\t", p->frames, p->sparse,
                    score_unit((enum score_quantity)q).quantity);
            score_write(&p->sum[q], (enum score_quantity)q, out);
        }
}

enum status learning_plot(const struct learning *curve, const char *path, struct err *err)
{
    double frames[LEARNING_POINTS], error[SCORE_QUANTITIES][LEARNING_POINTS];
    struct plot_series series[SCORE_QUANTITIES];
    struct plot plots[SCORE_QUANTITIES];
    char *label[SCORE_QUANTITIES];
    int panels = 0;
    for (int q = 0; q < SCORE_QUANTITIES; q++) {
        struct score_unit u = score_unit((enum score_quantity)q);
        if (curve->n == 0 || !(curve->point[0].sum[q].count > 0))
            continue;
        for (int i = 0; i < curve->n; i++) {
            frames[i] = curve->point[i].frames;
            error[panels][i] = score_rmse(&curve->point[i].sum[q]) / u.size;
        }
        label[panels] = mem_print("rmse of %s, %s", u.quantity, u.name);
        series[panels] = (struct plot_series){.title = "validation",
                                              .style = PLOT_CURVE,
                                              .n = curve->n,
                                              .x = frames,
                                              .y = error[panels]};
        plots[panels] = (struct plot){.x_label = "training frames",
                                      .y_label = label[panels],
                                      .log_x = true,
                                      .log_y = true,
                                      .series_count = 1,
                                      .series = &series[panels]};
        panels++;
    }
    enum status status = panels ? plot_write_row(panels, plots, path, err) : ST_OK;
    for (int k = 0; k < panels; k++)
        free(label[k]);
    return status;
}
