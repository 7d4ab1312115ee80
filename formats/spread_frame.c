/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>
#include "formats/frame_parts.h"
#include "formats/spread.h"
#include "formats/spread_parts.h"

/* Messages and tables of a frame in memory, until its turn has come. */
struct capture {
    FILE *log, *table[SPREAD_TABLES];
    FILE *before[SPREAD_TABLES];
    int verbosity;
};

static void capture_begin(struct run *run, struct capture *c, struct outcome *o)
{
    const struct farm *m = run->farm;
    c->verbosity = run->log.verbosity;
    c->log = run->log.to = open_memstream((char **)&o->piece[LOG].p, &o->piece[LOG].n);
    run->log.verbosity = run->verbosity;
    for (int i = 0; i < SPREAD_TABLES; i++)
        if (m->wanted[i]) {
            c->before[i] = *run->spread->table[i];
            c->table[i] = *run->spread->table[i] =
                open_memstream((char **)&o->piece[TABLE + i].p, &o->piece[TABLE + i].n);
        }
}

static void capture_end(struct run *run, struct capture *c)
{
    if (c->log)
        fclose(c->log);
    run->log.to = NULL;
    run->log.verbosity = c->verbosity;
    for (int i = 0; i < SPREAD_TABLES; i++)
        if (run->farm->wanted[i]) {
            if (c->table[i])
                fclose(c->table[i]);
            *run->spread->table[i] = c->before[i];
        }
}

static void take(struct outcome *o, int piece, struct checkpoint *c)
{
    o->piece[piece].p = c->data;
    o->piece[piece].n = c->size;
    c->data = NULL;
    checkpoint_free(c);
}

/* What the program knows of it. */
static void ask(struct run *run, long number, struct outcome *o)
{
    const struct spread *s = run->spread;
    struct checkpoint *c;
    if (s->keep && run_away(run)) {
        s->keep(run->filter->settings, number, c = checkpoint_new());
        take(o, KEEP, c);
    }
    if (s->leave) {
        s->leave(run->filter->settings, c = checkpoint_new());
        take(o, LEAVE, c);
    }
}

void spread_do(struct run *run, long number, struct frame *f, struct outcome *o)
{
    struct farm *m = run->farm;
    struct err err = {0};
    struct capture c = {0};
    const bool first = spread_first(run), capture = first && m->groups > 1;
    run->frames = number;
    run->ranks = m->mine;
    run->stop = 0;
    m->put.n = 0;
    if (capture)
        capture_begin(run, &c, o);
    o->status = run_one(run, f, &err);
    if (capture)
        capture_end(run, &c);
    run->ranks = run->world;
    if (!first)
        return;
    if (o->status) {
        o->piece[ERROR].p = mem_text(err.text);
        o->piece[ERROR].n = strlen(err.text);
    } else if (m->put.n) {
        ask(run, number, o);
        o->piece[FRAME].p = m->put.p;
        o->piece[FRAME].n = m->put.n;
        m->put = (struct text){0};
    }
}

enum status spread_put(struct run *run, const struct frame *f, struct err *err)
{
    return frame_print(f, &run->farm->put, err);
}

void outcome_pass(struct outcome *o, struct checkpoint *c)
{
    checkpoint_bytes(c, &o->status, sizeof o->status);
    for (int i = 0; i < PIECES; i++)
        checkpoint_block(c, &o->piece[i].p, &o->piece[i].n);
}

void outcome_free(struct outcome *o)
{
    for (int i = 0; i < PIECES; i++)
        free(o->piece[i].p);
    *o = (struct outcome){0};
}

enum status spread_parse(const char *text, size_t n, struct frame *f, struct err *err)
{
    bool end;
    struct reader *reader = reader_text(text, n);
    enum status status = reader_next(reader, f, &end, err);
    reader_close(reader);
    return status;
}
