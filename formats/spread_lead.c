/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What rank 0 does: reads, hands out, takes back, writes in order. */
#include <stdlib.h>
#include <string.h>
#include "formats/frame_parts.h"
#include "formats/spread.h"
#include "formats/spread_parts.h"

enum { AHEAD = 4 }; /* frames for each group that may be done before their turn */

static struct lead *lead_of(const struct run *run)
{
    return run->farm->lead;
}

static void regroup(struct run *run, int groups)
{
    struct lead *l = lead_of(run);
    spread_regroup(run, groups);
    free(l->group);
    l->group = mem_new(groups, sizeof *l->group);
    for (int k = 0; k < groups; k++)
        l->group[k].latest = -1;
    l->previous = -1;
}

void lead_begin(struct run *run)
{
    run->farm->lead = mem_new(1, sizeof *run->farm->lead);
    regroup(run, 1);
}

int lead_stop(struct run *run)
{
    const struct lead *l = lead_of(run);
    return run_caught() ? run_caught() : l->status || l->cut ? STOP_FAILED : 0;
}

static void slot_free(struct slot *s)
{
    if (!s)
        return;
    frame_free(s->frame);
    free(s->where);
    outcome_free(&s->outcome);
    free(s);
}

static int waiting(const struct lead *l)
{
    int n = 0;
    for (int i = 0; i < l->n; i++)
        n += !l->slot[i]->bad && l->slot[i]->group < 0;
    return n;
}

static bool idle(const struct run *run)
{
    const struct lead *l = lead_of(run);
    for (int k = 0; k < run->farm->groups; k++)
        if (l->group[k].busy)
            return false;
    return true;
}

/* The group that had the frame before slot i; -1: it is not one of the present ones; -2: nobody has it yet. */
static int group_before(const struct lead *l, int i)
{
    for (i--; i >= 0; i--)
        if (!l->slot[i]->bad)
            return l->slot[i]->group < 0 ? -2 : l->slot[i]->group;
    return l->previous;
}

/* Must what group k has had last stay as it left it, for the frame after? */
static bool reserved(const struct lead *l, int k)
{
    const long latest = l->group[k].latest;
    for (long i = latest + 1 - l->first; latest >= 0 && i >= 0 && i < l->n; i++)
        if (!l->slot[i]->bad)
            return l->slot[i]->need == SPREAD_SAME && l->slot[i]->group < 0;
    return false;
}

/* The slot that group k, which is idle, can do next; -1: none at the moment. */
static int candidate(struct run *run, int k)
{
    const struct lead *l = lead_of(run);
    const int most = AHEAD * run->farm->groups;
    for (int i = 0; i < l->n || (i < most && lead_read(run, false)); i++) {
        const struct slot *s = l->slot[i];
        const int before = group_before(l, i);
        if (s->bad || s->group >= 0)
            continue;
        if (s->need == SPREAD_AFTER)
            return i == 0 ? i : -1;
        if (s->need == SPREAD_SAME ? before == k || before == -1 : !reserved(l, k))
            return i;
    }
    return -1;
}

static struct checkpoint *letter(int kind)
{
    struct checkpoint *c = checkpoint_new();
    checkpoint_bytes(c, &kind, sizeof kind);
    return c;
}

/* To all of group k, whose first rank is waiting for it; `groups` is that of the ranks left over. */
static void tell(struct run *run, int k, struct checkpoint *c)
{
    if (k == 0)
        ranks_broadcast_checkpoint(run->farm->mine, c);
    else
        ranks_post(run->world, k * run->farm->each, c);
}

static void tell_all(struct run *run, struct checkpoint *c)
{
    const struct farm *m = run->farm;
    const int groups = m->groups + (m->groups * m->each < ranks_size(run->world));
    for (int k = groups - 1; k >= 0; k--)
        tell(run, k, c);
    checkpoint_free(c);
}

static void hand(struct run *run, int k, int i)
{
    struct lead *l = lead_of(run);
    struct slot *s = l->slot[i];
    struct err err = {0};
    struct text text = {0};
    struct checkpoint *c = letter(LETTER_WORK);
    checkpoint_bytes(c, &s->number, sizeof s->number);
    checkpoint_bytes(c, &s->need, sizeof s->need);
    if (s->need == SPREAD_AFTER && run->spread->leave)
        run->spread->leave(run->filter->settings, c);
    frame_print(s->frame, &text, &err); /* as it was read: with nothing that could not be written */
    checkpoint_bytes(c, text.p, text.n);
    tell(run, k, c);
    free(text.p);
    checkpoint_free(c);
    l->group[k].busy = s;
    l->group[k].latest = l->first + i;
    s->group = k;
}

/* To the other groups; a single frame rather to our own. */
static void deal(struct run *run)
{
    const struct lead *l = lead_of(run);
    for (int k = 1; k < run->farm->groups; k++) {
        const int i = l->group[k].busy ? -1 : candidate(run, k);
        if (i < 0)
            continue;
        const bool ours = !l->group[0].busy && waiting(l) == 1 && candidate(run, 0) == i &&
                          !lead_read(run, false);
        if (!ours)
            hand(run, k, i);
    }
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

static void settle_all(struct run *run)
{
    struct lead *l = lead_of(run);
    while (l->n && l->slot[0]->done && !l->status && !l->cut) {
        struct slot *s = l->slot[0];
        settle(run, s);
        if (!s->bad)
            l->previous = s->group;
        memmove(l->slot, l->slot + 1, --l->n * sizeof *l->slot);
        l->first++;
        slot_free(s);
    }
}

static void keep(struct run *run, struct checkpoint *c)
{
    if (!run->spread->keep || c->at == c->size)
        return;
    run->spread->keep(run->filter->settings, 0, c);
    lead_of(run)->news = true;
}

static void take_letters(struct run *run)
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

static void save(struct run *run, bool now)
{
    struct lead *l = lead_of(run);
    struct err err = {0};
    if (!l->news || !run->spread->save)
        return;
    l->news = !run->spread->save(run->filter->settings, now, &err);
    if (!err.status || l->status)
        return;
    run_report(run, "", &err);
    l->status = err.status;
}

static void stop_others(struct run *run)
{
    struct lead *l = lead_of(run);
    int stop = lead_stop(run);
    if (l->told)
        return;
    for (int k = 1; k < run->farm->groups; k++)
        if (l->group[k].busy) {
            struct checkpoint *c = letter(LETTER_STOP);
            checkpoint_bytes(c, &stop, sizeof stop);
            tell(run, k, c);
            checkpoint_free(c);
        }
    l->told = true;
}

void lead_serve(struct run *run)
{
    FILE *to = run->log.to; /* of our own frame, which this is not about */
    run->log.to = NULL;
    take_letters(run);
    settle_all(run);
    if (lead_stop(run))
        stop_others(run);
    else if (!idle(run))
        deal(run);
    save(run, false);
    run->log.to = to;
}

static int rounded(int a, int b)
{
    return (a + b - 1) / b;
}

/* Groups that are the soonest done with n frames of so many parts: the more the better where that is the same. */
static int best(int ranks, int n, int parts)
{
    int groups = 1, least = rounded(parts, ranks) * n;
    for (int g = 2; g <= ranks; g++) {
        const int time = rounded(n, g) * rounded(parts, ranks / g);
        if (time <= least) {
            least = time;
            groups = g;
        }
    }
    return groups;
}

/* Frames at hand that do not wait for others; parts of the first. */
static int independent(struct run *run, int *parts)
{
    const struct lead *l = lead_of(run);
    int n = 0;
    *parts = 0;
    if (run->spread->steady && l->live)
        n = 1;
    for (int i = 0; i < l->n; i++) {
        const struct slot *s = l->slot[i];
        if (s->bad || s->group >= 0)
            continue;
        if (s->need == SPREAD_AFTER && n)
            break;
        if (*parts == 0)
            *parts = s->parts;
        n += !(run->spread->steady && l->live) && (s->need == SPREAD_FREE || n == 0);
        if (s->need == SPREAD_AFTER)
            break;
    }
    return n;
}

/* Nobody is at work: as many groups as suit the frames at hand. */
static void form(struct run *run)
{
    struct lead *l = lead_of(run);
    const int ranks = ranks_size(run->world);
    int parts;
    if (l->formed && run->spread->steady)
        return;
    while (waiting(l) < ranks && lead_read(run, false))
        ;
    const int n = independent(run, &parts), groups = best(ranks, n, parts);
    l->formed = true;
    if (groups == run->farm->groups)
        return;
    struct checkpoint *c = letter(LETTER_FORM);
    int number = groups;
    checkpoint_bytes(c, &number, sizeof number);
    tell_all(run, c);
    regroup(run, groups);
}

static void own(struct run *run, int i)
{
    struct lead *l = lead_of(run);
    struct slot *s = l->slot[i];
    hand(run, 0, i);
    run->farm->fresh = s->need == SPREAD_FREE;
    spread_do(run, s->number, s->frame, &s->outcome);
    s->done = true;
    l->group[0].busy = NULL;
}

void lead_all(struct run *run)
{
    struct lead *l = lead_of(run);
    while (true) {
        lead_serve(run);
        if (idle(run)) {
            if (lead_stop(run) || (!l->n && !lead_read(run, true)))
                break;
            if (!waiting(l))
                continue;
            form(run);
            deal(run);
        }
        const int i = lead_stop(run) ? -1 : candidate(run, 0);
        if (i >= 0)
            own(run, i);
        else
            spread_nap();
    }
    settle_all(run);
    save(run, true);
    tell_all(run, letter(LETTER_END));
}

enum status lead_end(struct run *run)
{
    struct lead *l = lead_of(run);
    enum status status = l->status;
    run->frames = l->read;
    run->stop = run_caught();
    for (int i = 0; i < l->n; i++)
        slot_free(l->slot[i]);
    free(l->slot);
    free(l->group);
    lead_close_input(run);
    free(l);
    run->farm->lead = NULL;
    return status ? status : run_require(run);
}
