/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models of kernel-fit as kernel-predict and delta-md take them: several, to be added up. */
#ifndef CMD_MODELS_H
#define CMD_MODELS_H

#include <stdlib.h>
#include "base/checkpoint.h"
#include "base/mem.h"
#include "base/opt.h"
#include "formats/model.h"
#include "ml/potential_io.h"

/* What a model says of its labels; texts are NULL where it does not. */
struct model_origin {
    char *dft_settings;
    char *target, *baseline; /* it was fitted to target, or to target - baseline */
};

struct models {
    int n;
    struct potential **potential;
    bool sure; /* one of them at least knows its uncertainty */
    const char *const *file;
    struct model_origin *origin; /* [n] */
};

static const struct potential_store models_store = {.has = model_has,
                                                    .get_text = model_get_text,
                                                    .get_real = model_get_real,
                                                    .get_reals = model_get_reals};

static char *models_text(const struct model *m, const char *name)
{
    const char *text;
    return model_get_text(m, name, &text, NULL) ? NULL : mem_text(text);
}

static void models_forget(struct model_origin *origin)
{
    free(origin->dft_settings);
    free(origin->target);
    free(origin->baseline);
}

/* NULL and *err, which names the file */
static struct potential *models_load_one(const char *path, struct model_origin *origin,
                                         struct err *err)
{
    struct err own = {ST_OK, ""};
    struct model *m = model_read(path, err);
    if (!m)
        return NULL;
    struct potential *p =
        potential_get(&models_store, m, m->environments, m->environment, m->weight, &own);
    if (!p)
        err_set(err, own.status, "%s: %s", path, own.text);
    *origin = (struct model_origin){models_text(m, "dft_settings"), models_text(m, "target"),
                                    models_text(m, "baseline")};
    model_free(m);
    return p;
}

/* models_free on every path */
static enum status models_load(struct models *m, const struct opt_list *files, struct err *err)
{
    *m = (struct models){.potential = MEM_NEW(struct potential *, files->n),
                         .file = files->item,
                         .origin = MEM_NEW(struct model_origin, files->n)};
    for (; m->n < files->n; m->n++) {
        struct potential *p = models_load_one(files->item[m->n], &m->origin[m->n], err);
        if (!p) {
            models_forget(&m->origin[m->n]);
            return err->status;
        }
        m->potential[m->n] = p;
        m->sure = m->sure || p->factor;
    }
    return ST_OK;
}

static void models_free(struct models *m)
{
    for (int i = 0; i < m->n; i++) {
        potential_free(m->potential[i]);
        models_forget(&m->origin[i]);
    }
    free(m->potential);
    free(m->origin);
    *m = (struct models){0};
}

#endif
