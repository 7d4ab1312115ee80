/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rank 0 hands out: which group does which frame, and how many groups there are. */
#include <stdlib.h>
#include "formats/frame_parts.h"
#include "formats/spread.h"
#include "formats/spread_parts.h"

enum { AHEAD = 4 }; /* frames for each group that may be done before their turn */

void lead_regroup(struct run *run, int groups)
{
    struct lead *l = lead_of(run);
    spread_regroup(run, groups);
    free(l->group);
    l->group = mem_new(groups, sizeof *l->group);
    for (int k = 0; k < groups; k++)
        l->group[k].latest = -1;
    l->previous = -1;
}

int lead_waiting(const struct lead *l)
{
    int n = 0;
    for (int i = 0; i < l->n; i++)
        n += !l->slot[i]->bad && l->slot[i]->group < 0;
    return n;
}

bool lead_idle(const struct run *run)
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
int lead_candidate(struct run *run, int k)
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

struct checkpoint *lead_letter(int kind)
{
    struct checkpoint *c = checkpoint_new();
    checkpoint_bytes(c, &kind, sizeof kind);
    return c;
}

/* To all of group k, whose first rank is waiting for it; `groups` is that of the ranks left over. */
void lead_tell(struct run *run, int k, struct checkpoint *c)
{
    if (k == 0)
        ranks_broadcast_checkpoint(run->farm->mine, c);
    else
        ranks_post(run->world, k * run->farm->each, c);
}

void lead_tell_all(struct run *run, struct checkpoint *c)
{
    const struct farm *m = run->farm;
    const int groups = m->groups + (m->groups * m->each < ranks_size(run->world));
    for (int k = groups - 1; k >= 0; k--)
        lead_tell(run, k, c);
    checkpoint_free(c);
}

void lead_hand(struct run *run, int k, int i)
{
    struct lead *l = lead_of(run);
    struct slot *s = l->slot[i];
    struct err err = {0};
    struct text text = {0};
    struct checkpoint *c = lead_letter(LETTER_WORK);
    checkpoint_bytes(c, &s->number, sizeof s->number);
    checkpoint_bytes(c, &s->need, sizeof s->need);
    if (s->need == SPREAD_AFTER && run->spread->leave)
        run->spread->leave(run->filter->settings, c);
    frame_print(s->frame, &text, &err); /* as it was read: with nothing that could not be written */
    checkpoint_bytes(c, text.p, text.n);
    lead_tell(run, k, c);
    free(text.p);
    checkpoint_free(c);
    l->group[k].busy = s;
    l->group[k].latest = l->first + i;
    s->group = k;
}

/* To the other groups; a single frame rather to our own. */
void lead_deal(struct run *run)
{
    const struct lead *l = lead_of(run);
    for (int k = 1; k < run->farm->groups; k++) {
        const int i = l->group[k].busy ? -1 : lead_candidate(run, k);
        if (i < 0)
            continue;
        const bool ours = !l->group[0].busy && lead_waiting(l) == 1 &&
                          lead_candidate(run, 0) == i && !lead_read(run, false);
        if (!ours)
            lead_hand(run, k, i);
    }
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
void lead_form(struct run *run)
{
    struct lead *l = lead_of(run);
    const int ranks = ranks_size(run->world);
    int parts;
    if (l->formed && run->spread->steady)
        return;
    while (lead_waiting(l) < ranks && lead_read(run, false))
        ;
    const int n = independent(run, &parts), groups = best(ranks, n, parts);
    l->formed = true;
    if (groups == run->farm->groups)
        return;
    struct checkpoint *c = lead_letter(LETTER_FORM);
    int number = groups;
    checkpoint_bytes(c, &number, sizeof number);
    lead_tell_all(run, c);
    lead_regroup(run, groups);
}
