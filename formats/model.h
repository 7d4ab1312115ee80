/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A force-field model as a stream: one frame per sparse environment, a cluster with open boundaries
 * whose first atom is the centre and whose others are its neighbours, with the key `weight` (an
 * energy: Hartree here, eV on the stream). The first frame also carries `model_environments`, how many
 * frames the model has, and the hyperparameters, in order, under their own names, as strings or reals
 * in whatever unit their name implies (never converted).
 */
#ifndef FORMATS_MODEL_H
#define FORMATS_MODEL_H

#include <stdbool.h>
#include "base/err.h"
#include "crystal/system.h"
#include "formats/frame.h"

struct model_parameter {
    char *name;
    char *text; /* a string, or NULL: */
    int n;      /* reals */
    double *x;
};

struct model {
    int parameters;
    struct model_parameter *parameter;
    int environments;
    struct system **environment; /* centre first; owned */
    double *weight;              /* Hartree */
};

struct model *model_new(void);
void model_free(struct model *m);

/* Append, or replace in place. Texts and numbers are copied. */
void model_set_text(struct model *m, const char *name, const char *text);
void model_set_reals(struct model *m, const char *name, int n, const double *x);
void model_set_real(struct model *m, const char *name, double x);
/* Takes the system over. */
void model_add(struct model *m, struct system *environment, double weight);

bool model_has(const struct model *m, const char *name);
/* ST_DATA: missing, or of another kind or length. The text stays the model's. */
enum status model_get_text(const struct model *m, const char *name, const char **text,
                           struct err *err);
enum status model_get_reals(const struct model *m, const char *name, int n, double *x,
                            struct err *err);
enum status model_get_real(const struct model *m, const char *name, double *x, struct err *err);

/* Frame i of the model, from 0; f is cleared first. */
void model_frame(const struct model *m, int i, struct frame *f);

/* Read a whole model. NULL and *err ("file:line: frame N: ..."): unreadable, malformed, not a model,
 * or fewer or more frames than its first one states. */
struct model *model_read(const char *path, struct err *err);

#endif
