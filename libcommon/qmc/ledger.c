/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/ledger.h"
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"

static void keep_frame(struct ledger_frame *f, struct checkpoint *c)
{
    void *parameter = f->parameter, *shell = f->shell;
    checkpoint_bytes(c, &f->frame, sizeof f->frame);
    checkpoint_bytes(c, &f->digest, sizeof f->digest);
    checkpoint_bytes(c, &f->done, sizeof f->done);
    checkpoint_bytes(c, &f->diffusing, sizeof f->diffusing);
    checkpoint_text(c, &f->form);
    checkpoint_array(c, &parameter, &f->parameters, sizeof *f->parameter);
    f->parameter = parameter;
    checkpoint_block(c, &f->state, &f->state_size);
    if (!f->done)
        return;
    vmc_result_keep(&f->result, c);
    dmc_result_keep(&f->diffused, c);
    checkpoint_bytes(c, &f->has_structure, sizeof f->has_structure);
    checkpoint_bytes(c, &f->finite, sizeof f->finite);
    checkpoint_array(c, &shell, &f->shells, sizeof *f->shell);
    f->shell = shell;
}

static void frame_free(struct ledger_frame *f)
{
    free(f->form);
    free(f->parameter);
    free(f->state);
    free(f->shell);
    vmc_result_free(&f->result);
    dmc_result_free(&f->diffused);
    free(f);
}

/* In the order of the frames, wherever they were done. */
static struct ledger_frame *insert(struct ledger *l, struct ledger_frame *f)
{
    if (l->n == l->room) {
        int room = 2 * l->room + 16;
        l->item = mem_grow(l->item, l->room, room, sizeof *l->item);
        l->room = room;
    }
    int at = l->n++;
    for (; at > 0 && l->item[at - 1]->frame > f->frame; at--)
        l->item[at] = l->item[at - 1];
    return l->item[at] = f;
}

static struct ledger_frame *entry_new(long frame)
{
    struct ledger_frame *f = mem_new(1, sizeof *f);
    f->frame = frame;
    return f;
}

static void keep(struct ledger *l, struct checkpoint *c)
{
    int n = l->n;
    checkpoint_bytes(c, &n, sizeof n);
    for (int i = 0; i < n && !c->refused; i++) {
        struct ledger_frame *f = c->reading ? entry_new(0) : l->item[i];
        keep_frame(f, c);
        if (c->reading)
            insert(l, f);
    }
}

static enum status read(struct ledger *l, struct checkpoint *c, struct err *err)
{
    char *command = NULL;
    checkpoint_text(c, &command);
    if (!command || strcmp(command, l->command))
        err_set(
            err, ST_DATA,
            "checkpoint %s is of '%.300s', this is '%.300s': give the same options or remove it",
            l->path, command ? command : "", l->command);
    else {
        keep(l, c);
        if (c->refused)
            err_set(err, ST_DATA, "checkpoint %s is damaged: remove it to start again", l->path);
    }
    free(command);
    return err->status;
}

/* The file of rank 0, on all; NULL as checkpoint_load. */
static struct checkpoint *load(struct ledger *l, struct err *err)
{
    struct checkpoint *c = ranks_first(l->ranks) ? checkpoint_load(l->path, err) : NULL;
    bool exists = c != NULL;
    ranks_broadcast(l->ranks, &exists, sizeof exists);
    ranks_broadcast(l->ranks, &err->status, sizeof err->status);
    if (!exists)
        return NULL;
    if (!c)
        c = checkpoint_new();
    ranks_broadcast_checkpoint(l->ranks, c);
    return c;
}

enum status ledger_open(struct ledger *l, const char *path, const char *command,
                        struct ranks *ranks, struct err *err)
{
    *l = (struct ledger){.path = path, .ranks = ranks, .command = mem_text(command)};
    if (!path)
        return ST_OK;
    struct checkpoint *c = load(l, err);
    if (!c)
        return err->status;
    enum status status = read(l, c, err);
    checkpoint_free(c);
    return status;
}

void ledger_close(struct ledger *l)
{
    for (int i = 0; i < l->n; i++)
        frame_free(l->item[i]);
    free(l->item);
    free(l->command);
    *l = (struct ledger){0};
}

struct ledger_frame *ledger_find(struct ledger *l, long frame, uint64_t digest, struct err *err)
{
    err->status = ST_OK;
    for (int i = 0; i < l->n; i++)
        if (l->item[i]->frame == frame) {
            if (l->item[i]->digest == digest)
                return l->item[i];
            err_set(
                err, ST_DATA,
                "checkpoint %s was made with another frame here: give the same input or remove it",
                l->path);
        }
    return NULL;
}

struct ledger_frame *ledger_add(struct ledger *l, long frame, uint64_t digest,
                                const struct jastrow *j)
{
    while (!l->path && l->n) /* nothing will be read again */
        frame_free(l->item[--l->n]);
    struct ledger_frame *f = insert(l, entry_new(frame));
    f->digest = digest;
    if (!j)
        return f;
    f->form = mem_text(jastrow_form(j));
    f->parameters = jastrow_count(j);
    f->parameter = MEM_NEW(double, f->parameters);
    memcpy(f->parameter, jastrow_parameters(j), (size_t)f->parameters * sizeof *f->parameter);
    return f;
}

void ledger_hold(struct ledger_frame *f, struct checkpoint *c, bool done)
{
    free(f->state);
    f->state = c->data;
    f->state_size = c->size;
    f->done = done;
    c->data = NULL;
    checkpoint_free(c);
}

void ledger_stand(struct ledger_frame *f, struct vmc *v, const struct vmc_observer *observer)
{
    struct checkpoint *c = checkpoint_new();
    vmc_keep(v, observer, c);
    ledger_hold(f, c, false);
}

void ledger_stand_dmc(struct ledger_frame *f, struct dmc *d)
{
    struct checkpoint *c = checkpoint_new();
    dmc_keep(d, c);
    ledger_hold(f, c, false);
    f->diffusing = true;
}

struct checkpoint ledger_held(const struct ledger_frame *f)
{
    return (struct checkpoint){.reading = true, .data = f->state, .size = f->state_size};
}

enum status ledger_all_read(const struct checkpoint *c, struct err *err)
{
    if (!c->refused && c->at == c->size)
        return ST_OK;
    return err_set(err, ST_DATA,
                   "the checkpoint does not fit to this frame: remove it to start again");
}

enum status ledger_go_on(const struct ledger_frame *f, struct vmc *v,
                         const struct vmc_observer *observer, struct err *err)
{
    struct checkpoint c = ledger_held(f);
    vmc_keep(v, observer, &c);
    return ledger_all_read(&c, err);
}

enum status ledger_go_on_dmc(const struct ledger_frame *f, struct dmc *d, struct err *err)
{
    struct checkpoint c = ledger_held(f);
    dmc_keep(d, &c);
    return ledger_all_read(&c, err);
}

static int place_of(const struct ledger *l, long frame)
{
    for (int i = 0; i < l->n; i++)
        if (l->item[i]->frame == frame)
            return i;
    return -1;
}

void ledger_send(struct ledger *l, long frame, struct checkpoint *c)
{
    const int i = place_of(l, frame);
    if (i >= 0)
        keep_frame(l->item[i], c);
}

void ledger_receive(struct ledger *l, struct checkpoint *c)
{
    if (c->at == c->size)
        return;
    struct ledger_frame *f = entry_new(0);
    keep_frame(f, c);
    const int i = place_of(l, f->frame);
    if (i < 0)
        insert(l, f);
    else {
        frame_free(l->item[i]);
        l->item[i] = f;
    }
}

void ledger_done(struct ledger_frame *f)
{
    free(f->state);
    f->state = NULL;
    f->state_size = 0;
    f->done = true;
}

static enum status save(struct ledger *l, struct err *err)
{
    struct checkpoint *c = checkpoint_new();
    checkpoint_text(c, &l->command);
    keep(l, c);
    enum status status = checkpoint_save(c, l->path, err);
    checkpoint_free(c);
    return status;
}

enum status ledger_save(struct ledger *l, struct err *err)
{
    enum status status = l->path && ranks_first(l->ranks) ? save(l, err) : ST_OK;
    ranks_broadcast(l->ranks, &status, sizeof status);
    if (status && !ranks_first(l->ranks))
        err_set(err, status, "rank 0 could not save the checkpoint");
    return status;
}
