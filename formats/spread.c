/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/spread.h"
#include <stdlib.h>
#include <time.h>
#include "formats/spread_parts.h"

void run_spread(struct run *run, const struct spread *spread)
{
    run->spread = run->world ? spread : NULL;
}

bool run_away(const struct run *run)
{
    return run->farm && run->farm->group > 0;
}

bool run_fresh(const struct run *run)
{
    return run->farm && run->farm->fresh;
}

bool spread_first(const struct run *run)
{
    return ranks_number(run->world) == run->farm->group * run->farm->each;
}

void spread_nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL); /* short beside any frame */
}

void run_tell(struct run *run)
{
    if (!run_away(run) || !spread_first(run))
        return;
    struct checkpoint *c = checkpoint_new();
    int kind = LETTER_KEEP;
    checkpoint_bytes(c, &kind, sizeof kind);
    run->spread->keep(run->filter->settings, run->frames, c);
    ranks_post(run->world, 0, c);
    checkpoint_free(c);
}

void run_serve(struct run *run)
{
    if (run->farm && ranks_first(run->world))
        lead_serve(run);
}

/* At work only a request to stop can come. */
static void look_for_stop(struct run *run)
{
    int from, kind;
    struct checkpoint *c = ranks_fetch(run->world, &from);
    if (!c)
        return;
    checkpoint_bytes(c, &kind, sizeof kind);
    checkpoint_bytes(c, &run->stop, sizeof run->stop);
    checkpoint_free(c);
}

void spread_stop(struct run *run)
{
    if (ranks_first(run->world)) {
        lead_serve(run);
        run->stop = lead_stop(run);
    } else if (spread_first(run) && !run->stop)
        look_for_stop(run);
}

void spread_regroup(struct run *run, int groups)
{
    struct farm *m = run->farm;
    if (m->groups > 1)
        ranks_leave(m->mine);
    m->groups = groups;
    m->each = ranks_size(run->world) / groups;
    m->group = ranks_number(run->world) / m->each;
    if (m->group > groups)
        m->group = groups;
    m->mine = groups > 1 ? ranks_split(run->world, m->group) : run->world;
}

/* The next letter, on all ranks of the group, behind its kind. */
static struct checkpoint *command(struct run *run, int *kind)
{
    struct checkpoint *c = NULL;
    int from;
    while (spread_first(run) && !c) {
        if (!(c = ranks_fetch(run->world, &from))) {
            spread_nap();
            continue;
        }
        checkpoint_bytes(c, kind, sizeof *kind);
        if (*kind == LETTER_STOP) { /* has met the end of the work */
            checkpoint_free(c);
            c = NULL;
        }
    }
    if (!c)
        c = checkpoint_new();
    ranks_broadcast_checkpoint(run->farm->mine, c);
    c->at = 0;
    checkpoint_bytes(c, kind, sizeof *kind);
    return c;
}

static void work(struct run *run, struct checkpoint *c)
{
    struct outcome o = {0};
    struct err err = {0};
    long number;
    enum spread_need need;
    struct frame *f = frame_new();
    checkpoint_bytes(c, &number, sizeof number);
    checkpoint_bytes(c, &need, sizeof need);
    if (need == SPREAD_AFTER && run->spread->leave)
        run->spread->leave(run->filter->settings, c);
    run->farm->fresh = need == SPREAD_FREE;
    spread_parse((const char *)c->data + c->at, c->size - c->at, f, &err);
    spread_do(run, number, f, &o);
    frame_free(f);
    if (spread_first(run) && run_away(run)) {
        struct checkpoint *answer = checkpoint_new();
        int kind = LETTER_DONE;
        checkpoint_bytes(answer, &kind, sizeof kind);
        outcome_pass(&o, answer);
        ranks_post(run->world, 0, answer);
        checkpoint_free(answer);
    }
    outcome_free(&o);
}

static void follow(struct run *run)
{
    for (int kind = LETTER_WORK; kind != LETTER_END;) {
        struct checkpoint *c = command(run, &kind);
        int groups;
        if (kind == LETTER_WORK)
            work(run, c);
        else if (kind == LETTER_FORM) {
            checkpoint_bytes(c, &groups, sizeof groups);
            spread_regroup(run, groups);
        }
        checkpoint_free(c);
    }
}

/* Only rank 0 has tables; the others learn which. */
static void find_tables(struct run *run)
{
    struct farm *m = run->farm;
    for (int i = 0; i < SPREAD_TABLES; i++) {
        FILE **table = run->spread->table[i];
        m->table[i] = table ? *table : NULL;
        m->wanted[i] = m->table[i] != NULL;
    }
    ranks_broadcast(run->world, m->wanted, sizeof m->wanted);
}

enum status spread_inputs(struct run *run)
{
    struct farm farm = {.mine = run->world};
    struct {
        enum status status, failed;
        int stop;
        long frames;
    } end = {0};
    run->farm = &farm;
    spread_regroup(run, 1);
    find_tables(run);
    if (ranks_first(run->world)) {
        lead_begin(run);
        lead_all(run);
        end.status = lead_end(run);
        end.failed = run->failed;
        end.stop = run_caught();
        end.frames = run->frames;
    } else
        follow(run);
    spread_regroup(run, 1);
    free(farm.put.p);
    run->farm = NULL;
    ranks_broadcast(run->world, &end, sizeof end);
    run->failed = end.failed;
    run->stop = end.stop;
    run->frames = end.frames;
    return end.status;
}
