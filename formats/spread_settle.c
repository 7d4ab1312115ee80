/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rank 0 takes back what groups have made, and writes it in the order of the input. */
#include <stdlib.h>
#include <string.h>
#include "formats/spread.h"
#include "formats/spread_parts.h"

void lead_slot_free(struct slot *s)
{
    if (!s)
        return;
    frame_free(s->frame);
    free(s->where);
    outcome_free(&s->outcome);
    free(s);
}

static void read_block(const void *p, size_t n, struct run *run,
                       void (*read)(void *settings, struct checkpoint *c))
{
    struct checkpoint c = {.reading = true, .data = (unsigned char *)(uintptr_t)p, .size = n};
    if (n)
        read(run->filter->settings, &c);
}

static enum status write_frame(struct run *run, const struct outcome *o, struct err *err)
{
    struct frame *f = frame_new();
    enum status status = spread_parse(o->piece[FRAME].p, o->piece[FRAME].n, f, err);
    if (!status)
        status = run_write(run, f, err);
    frame_free(f);
    if (!status && run->spread->leave)
        read_block(o->piece[LEAVE].p, o->piece[LEAVE].n, run, run->spread->leave);
    return status;
}

static void write_texts(struct run *run, const struct outcome *o)
{
    log_done(&run->log);
    if (o->piece[LOG].n)
        fputs(o->piece[LOG].p, stderr);
    for (int i = 0; i < SPREAD_TABLES; i++)
        if (o->piece[TABLE + i].n) {
            fwrite(o->piece[TABLE + i].p, 1, o->piece[TABLE + i].n, run->farm->table[i]);
            fflush(run->farm->table[i]);
        }
}

static void failed(struct run *run, const struct slot *s, enum status status, struct err *err)
{
    struct lead *l = lead_of(run);
    if (!s->reported)
        run_report(run, s->where, err);
    const bool on = run_goes_on(run, status);
    if (s->lost && run->common.on_error)
        run->failed = status > run->failed ? status : run->failed;
    else if (!on)
        l->status = status;
}

/* Its turn has come. */
static void settle(struct run *run, const struct slot *s)
{
    struct lead *l = lead_of(run);
    struct err err = {0};
    enum status status = s->outcome.status;
    write_texts(run, &s->outcome);
    if (status)
        err_set(&err, status, "%s", (const char *)s->outcome.piece[ERROR].p);
    else if (s->outcome.piece[FRAME].n)
        status = write_frame(run, &s->outcome, &err);
    else
        l->cut = lead_stop(run) != 0;
    if (status)
        failed(run, s, status, &err);
    run_progress(run);
}

void lead_settle_all(struct run *run)
{
    struct lead *l = lead_of(run);
    while (l->n && l->slot[0]->done && !l->status && !l->cut) {
        struct slot *s = l->slot[0];
        settle(run, s);
        if (!s->bad)
            l->previous = s->group;
        memmove(l->slot, l->slot + 1, --l->n * sizeof *l->slot);
        l->first++;
        lead_slot_free(s);
    }
}

static void keep(struct run *run, struct checkpoint *c)
{
    if (!run->spread->keep || c->at == c->size)
        return;
    run->spread->keep(run->filter->settings, 0, c);
    lead_of(run)->news = true;
}

void lead_take_letters(struct run *run)
{
    struct lead *l = lead_of(run);
    struct checkpoint *c;
    int from, kind;
    for (; (c = ranks_fetch(run->world, &from)); checkpoint_free(c)) {
        struct group *g = &l->group[from / run->farm->each];
        checkpoint_bytes(c, &kind, sizeof kind);
        if (kind == LETTER_KEEP) {
            keep(run, c);
            continue;
        }
        struct outcome *o = &g->busy->outcome;
        outcome_pass(o, c);
        struct checkpoint kept = {
            .reading = true, .data = o->piece[KEEP].p, .size = o->piece[KEEP].n};
        keep(run, &kept);
        g->busy->done = true;
        g->busy = NULL;
    }
}
