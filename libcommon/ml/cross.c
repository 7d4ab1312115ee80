/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include "base/mem.h"
#include "ml/cross.h"

/* The model of all folds but one on the frames of that one; some: room for all labels */
static enum status one_fold(int frames, const struct rows_label label[],
                            const struct fit_settings *settings, int fold, int folds,
                            struct rows_label some[], struct score_sum sum[], struct err *err)
{
    struct fit_report report;
    int n = 0;
    for (int f = 0; f < frames; f++)
        if (f % folds != fold)
            some[n++] = label[f];
    struct potential *p = fit_potential(n, some, settings, &report, NULL, err);
    if (!p)
        return err ? err->status : ST_COMPUTE;
    n = 0;
    for (int f = fold; f < frames; f += folds)
        some[n++] = label[f];
    enum status status = score_model(p, n, some, sum, err);
    potential_free(p);
    return status;
}

enum status cross_validate(int frames, const struct rows_label label[],
                           const struct fit_settings *settings, int folds,
                           struct score_sum sum[SCORE_QUANTITIES], struct err *err)
{
    struct rows_label *some = MEM_NEW(struct rows_label, frames);
    enum status status = ST_OK;
    for (int q = 0; q < SCORE_QUANTITIES; q++)
        sum[q] = (struct score_sum){0};
    for (int k = 0; k < folds && !status; k++)
        status = one_fold(frames, label, settings, k, folds, some, sum, err);
    free(some);
    return status;
}
