/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parameters of a Jastrow factor on their way from one frame to another. */
#ifndef CMD_QMC_SAMPLE_JASTROW_H
#define CMD_QMC_SAMPLE_JASTROW_H

#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "formats/frame_broadcast.h"
#include "formats/stream.h"
#include "formats/trial.h"
#include "qmc/jastrow.h"

struct parameters { /* a Jastrow factor without a system */
    char *form;
    int n;
    double *value;
};

static void parameters_free(struct parameters *p)
{
    free(p->form);
    free(p->value);
    *p = (struct parameters){0};
}

static void parameters_set(struct parameters *p, const char *form, int n, const double value[])
{
    struct parameters new = {mem_text(form), n, MEM_NEW(double, n)};
    memcpy(new.value, value, n * sizeof *value);
    parameters_free(p);
    *p = new;
}

/* Written, or read in place of what there was */
static void parameters_keep(struct parameters *p, struct checkpoint *c)
{
    struct parameters new = {0};
    void *value = c->reading ? NULL : p->value;
    if (!c->reading)
        new = *p;
    checkpoint_text(c, &new.form);
    checkpoint_array(c, &value, &new.n, sizeof *new.value);
    if (!c->reading)
        return;
    parameters_free(p);
    if (new.form)
        *p = (struct parameters){new.form, new.n, value};
    else
        free(value);
}

/* Next frame of r with a Jastrow factor whose form is known; the error does not say where. */
static enum status frame_with_jastrow(struct reader *r, struct frame *f, bool *end, struct err *err)
{
    const char *form;
    int n;
    double *value = NULL;
    enum status status = reader_next(r, f, end, err);
    if (status != ST_OK || *end)
        return status;
    if ((status = trial_get_jastrow(f, &form, &n, &value, err)) == ST_OK && n == 0)
        status = err_set(err, ST_DATA, "key 'jastrow' is missing: parameters are needed");
    if (status == ST_OK)
        status = jastrow_check_form(form, err);
    free(value);
    return status;
}

static enum status first_frame(const char *file, struct frame *f, struct err *err)
{
    struct err own = {0};
    bool end = false;
    struct reader *r = reader_open(file, false, &own);
    if (!r)
        return err_set(err, own.status, "%s: %s", file, own.text);
    enum status status = frame_with_jastrow(r, f, &end, &own);
    if (status != ST_OK)
        err_set(err, status, "%s:%ld: frame %ld: %s", reader_name(r), reader_line(r),
                reader_frame(r), own.text);
    else if (end)
        status =
            err_set(err, ST_DATA, "%s: no frame to take the Jastrow factor from", reader_name(r));
    reader_close(r);
    return status;
}

/* Those of the first frame of a file, which rank 0 reads. */
static enum status parameters_read(const char *file, struct ranks *ranks, struct parameters *p,
                                   struct err *err)
{
    bool done = false;
    const char *form;
    int n;
    double *value = NULL;
    struct frame *f = frame_new();
    enum status status = ranks_first(ranks) ? first_frame(file, f, err) : ST_OK;
    status = frame_broadcast(ranks, status, f, &done, err);
    if (status == ST_OK && (status = trial_get_jastrow(f, &form, &n, &value, err)) == ST_OK)
        parameters_set(p, form, n, value);
    free(value);
    frame_free(f);
    return status;
}

#endif
