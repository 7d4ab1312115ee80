/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where delta-md's forces come from. */
#ifndef CMD_DELTA_MD_FORCES_H
#define CMD_DELTA_MD_FORCES_H

#include <string.h>
#include "cmd/delta-md-parts.h"

static enum status forces_of_models(void *self, const struct system *s, struct force_result *result,
                                    struct err *err)
{
    struct forces *f = self;
    struct predict_result r = {.force = result->force};
    enum status status = predict_evaluate(f->unsure ? f->sure : f->fast, s, &r, err);
    result->energy = r.energy;
    result->uncertainty = r.uncertainty;
    memcpy(result->stress, r.stress, sizeof r.stress);
    return status;
}

static enum status forces_open(struct settings *set, struct err *err)
{
    enum status status = models_load(&set->models, &set->model_files, err);
    set->forces = MEM_NEW(struct forces, set->replicas);
    for (int r = 0; r < set->replicas && !status; r++) {
        struct forces *f = &set->forces[r];
        f->fast = predict_new(set->models.n, set->models.potential, false);
        if (set->models.sure)
            f->sure = predict_new(set->models.n, set->models.potential, true);
    }
    return status;
}

static struct force_source forces_source(struct forces *f)
{
    return (struct force_source){forces_of_models, f};
}

/* The next evaluation gives the uncertainty, if there is any and it is wanted. */
static void forces_ask(struct forces *f, bool unsure)
{
    f->unsure = unsure && f->sure;
}

static void forces_close(struct settings *set)
{
    for (int r = 0; set->forces && r < set->replicas; r++) {
        predict_free(set->forces[r].fast);
        predict_free(set->forces[r].sure);
    }
    free(set->forces);
    models_free(&set->models);
}

#endif
