/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A potential as a list of named parameters and weighted clusters. Where that list is kept is the
 * caller's: it passes the functions that read and write it, so that this folder need not know the
 * format. Names of parameters end in their unit.
 */
#ifndef ML_POTENTIAL_IO_H
#define ML_POTENTIAL_IO_H

#include <stdbool.h>
#include "base/err.h"
#include "crystal/system.h"
#include "ml/potential.h"

struct model; /* the caller's; never looked into here */

/* What can be done with a model. Texts and numbers are copied by set_ and stay the model's in get_text;
 * get_: ST_DATA when missing or of another kind or length. */
struct potential_store {
    void (*set_text)(struct model *, const char *name, const char *text);
    void (*set_real)(struct model *, const char *name, double x);
    void (*set_reals)(struct model *, const char *name, int n, const double *x);
    void (*add)(struct model *, struct system *cluster,
                double weight); /* takes the cluster, centre first */
    bool (*has)(const struct model *, const char *name);
    enum status (*get_text)(const struct model *, const char *name, const char **text,
                            struct err *);
    enum status (*get_real)(const struct model *, const char *name, double *x, struct err *);
    enum status (*get_reals)(const struct model *, const char *name, int n, double *x,
                             struct err *);
};

/* Everything that prediction needs; the caller adds what else the model is. */
void potential_put(const struct potential *p, const struct potential_store *store, struct model *m);

/* The potential of count clusters and their weights (Ha), made ready. The caller frees it. NULL and *err (ST_DATA):
 * incomplete, out of range, or not of this kind. */
struct potential *potential_get(const struct potential_store *store, const struct model *m,
                                int count, struct system *const cluster[], const double weight[],
                                struct err *err);

#endif
