/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --select-uncertain: configurations that the models do not know, to be labelled. Those that pass the threshold
 * are gathered; whenever there are twice as many as are wanted they are thinned to the ones farthest from each other in
 * the mean descriptor of their atoms, as soap-describe --select does it. So the choice is a varied one of the
 * whole run, with memory for no more than that.
 */
#ifndef CMD_DELTA_MD_SELECT_H
#define CMD_DELTA_MD_SELECT_H

#include <string.h>
#include "cmd/delta-md-output.h"
#include "formats/frame_parts.h"
#include "formats/stream.h"
#include "ml/sparse.h"

static enum status selection_check(const struct settings *set, struct err *err)
{
    const struct selection *s = &set->selection;
    if (s->file && !(s->threshold > 0))
        return err_set(err, ST_USAGE, "--select-file needs --select-uncertain");
    if (!(s->threshold > 0))
        return ST_OK;
    if (!s->file && set->saving.file)
        return err_set(err, ST_USAGE,
                       "--select-uncertain with --checkpoint needs --select-file: the trajectory "
                       "is kept then");
    if (!set->models.sure)
        return err_set(err, ST_USAGE,
                       "--select-uncertain needs a --model that knows its uncertainty");
    if (!s->file)
        return ST_OK;
    struct writer *w = writer_open(s->file, COMPRESS_AUTO, false, 1, err);
    if (!w) /* better known now than at the end */
        return ST_SYSTEM;
    writer_close(w, false, NULL);
    return ST_OK;
}

static void selection_open(struct settings *set)
{
    struct selection *s = &set->selection;
    if (!(s->threshold > 0))
        return;
    s->soap = set->models.potential[0]->descriptor;
    s->text = MEM_NEW(char *, 2 * s->count);
    s->row = MEM_NEW(float, 2 * (size_t)s->count * (size_t)s->soap->size);
}

static void selection_free(struct selection *s)
{
    for (int i = 0; i < s->n; i++)
        free(s->text[i]);
    free(s->text);
    free(s->row);
}

/* To `count`, in the order in which they came */
static void selection_thin(struct selection *s)
{
    size_t size = (size_t)s->soap->size, *chosen = MEM_NEW(size_t, s->count);
    bool *keep = MEM_NEW(bool, s->n);
    int n = sparse_farthest((size_t)s->n, (int)size, s->row, NULL, s->count, chosen), left = 0;
    for (int i = 0; i < n; i++)
        keep[chosen[i]] = true;
    for (int i = 0; i < s->n; i++) {
        if (!keep[i]) {
            free(s->text[i]);
            continue;
        }
        memmove(s->row + left * size, s->row + i * size, size * sizeof *s->row);
        s->text[left++] = s->text[i];
    }
    s->n = left;
    free(chosen);
    free(keep);
}

static char *selection_print(const struct trajectory *t, int replica, struct err *err)
{
    struct frame *f = output_frame(t, replica);
    struct text text = {0};
    frame_add_history(f, run_history(t->run));
    enum status status = frame_print(f, &text, err);
    frame_free(f);
    char *copy = status ? NULL : mem_text(text_string(&text));
    free(text.p);
    return copy;
}

/* A replica as it stands, if the models are unsure of it. */
static enum status selection_offer(const struct trajectory *t, int replica, struct err *err)
{
    struct selection *s = &t->set->selection;
    const struct dynamics *d = t->d[replica];
    if (!s->soap || !(d->now.uncertainty > s->threshold * d->system->n))
        return ST_OK;
    size_t size = (size_t)s->soap->size;
    double *descriptor = MEM_NEW(double, size *(size_t)d->system->n);
    enum status status = predict_descriptors(s->soap, d->system, descriptor, err);
    char *text = status ? NULL : selection_print(t, replica, err);
    if (text) {
        sparse_mean(d->system->n, s->soap->size, descriptor, s->row + (size_t)s->n * size);
        s->text[s->n++] = text;
        if (s->n == 2 * s->count)
            selection_thin(s);
    }
    free(descriptor);
    return text ? ST_OK : err->status;
}

static enum status selection_offers(const struct trajectory *t, struct err *err)
{
    enum status status = ST_OK;
    for (int r = 0; r < t->set->replicas && !status; r++)
        status = selection_offer(t, r, err);
    return status;
}

/* What ended the run because the models are unsure is what is wanted most. */
static void selection_offer_failed(const struct trajectory *t)
{
    double limit = t->set->max_uncertainty;
    for (int r = 0; r < t->set->replicas; r++)
        if (t->status[r] == ST_COMPUTE && limit > 0 &&
            t->d[r]->now.uncertainty > limit * t->d[r]->system->n)
            selection_offer(t, r, NULL);
}

static void selection_keep(struct selection *s, struct checkpoint *c)
{
    int n = s->n;
    if (!s->file)
        return;
    checkpoint_bytes(c, &n, sizeof n);
    if (n < 0 || n >= 2 * s->count)
        checkpoint_refuse(c);
    for (int i = 0; i < n && !c->refused; i++) {
        checkpoint_text(c, &s->text[i]);
        s->n = i + 1;
    }
    if (!c->refused)
        checkpoint_bytes(c, s->row, (size_t)n * (size_t)s->soap->size * sizeof *s->row);
}

/* To the output: what has been gathered since the last time. */
static enum status selection_put(struct selection *s, struct run *run, struct err *err)
{
    enum status status = ST_OK;
    for (int i = 0; i < s->n; i++) {
        if (!status)
            status = run_puts(run, s->text[i], strlen(s->text[i]), err);
        free(s->text[i]);
    }
    s->n = 0;
    return status;
}

/* The file, complete as the run now stands. */
static enum status selection_write(struct settings *set, struct run *run, struct err *err)
{
    struct selection *s = &set->selection;
    if (!s->soap)
        return ST_OK;
    if (s->n > s->count)
        selection_thin(s);
    if (!s->file)
        return selection_put(s, run, err);
    struct writer *w = writer_open(s->file, COMPRESS_AUTO, false, 1, err);
    enum status status = w ? ST_OK : ST_SYSTEM;
    for (int i = 0; i < s->n && !status; i++)
        status = writer_puts(w, s->text[i], strlen(s->text[i]), err);
    if (w) {
        enum status closed = writer_close(w, !status, status ? NULL : err);
        status = status ? status : closed;
    }
    if (!status)
        log_note(run_log(run), "%d frame%s of large uncertainty in %s", s->n, s->n == 1 ? "" : "s",
                 s->file);
    return status;
}

/* The same after something else has failed, which is what will be reported. */
static void selection_rescue(struct settings *set, struct run *run)
{
    struct err own = {ST_OK, ""};
    if (selection_write(set, run, &own))
        log_warning(run_log(run), "%s", own.text);
}

#endif
