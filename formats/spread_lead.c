/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What rank 0 does, beside frames of its own: reads, hands out, takes back, writes, until all is done or it is to stop. */
#include <stdlib.h>
#include "formats/spread.h"
#include "formats/spread_parts.h"

void lead_begin(struct run *run)
{
    run->farm->lead = mem_new(1, sizeof *run->farm->lead);
    lead_regroup(run, 1);
}

int lead_stop(struct run *run)
{
    const struct lead *l = lead_of(run);
    return run_caught() ? run_caught() : l->status || l->cut ? STOP_FAILED : 0;
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
            struct checkpoint *c = lead_letter(LETTER_STOP);
            checkpoint_bytes(c, &stop, sizeof stop);
            lead_tell(run, k, c);
            checkpoint_free(c);
        }
    l->told = true;
}

void lead_serve(struct run *run)
{
    FILE *to = run->log.to; /* of our own frame, which this is not about */
    run->log.to = NULL;
    lead_take_letters(run);
    lead_settle_all(run);
    if (lead_stop(run))
        stop_others(run);
    else if (!lead_idle(run))
        lead_deal(run);
    save(run, false);
    run->log.to = to;
}

static void own(struct run *run, int i)
{
    struct lead *l = lead_of(run);
    struct slot *s = l->slot[i];
    lead_hand(run, 0, i);
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
        if (lead_idle(run)) {
            if (lead_stop(run) || (!l->n && !lead_read(run, true)))
                break;
            if (!lead_waiting(l))
                continue;
            lead_form(run);
            lead_deal(run);
        }
        const int i = lead_stop(run) ? -1 : lead_candidate(run, 0);
        if (i >= 0)
            own(run, i);
        else
            spread_nap();
    }
    lead_settle_all(run);
    save(run, true);
    lead_tell_all(run, lead_letter(LETTER_END));
}

enum status lead_end(struct run *run)
{
    struct lead *l = lead_of(run);
    enum status status = l->status;
    run->frames = l->read;
    run->stop = run_caught();
    for (int i = 0; i < l->n; i++)
        lead_slot_free(l->slot[i]);
    free(l->slot);
    free(l->group);
    lead_close_input(run);
    free(l);
    run->farm->lead = NULL;
    return status ? status : run_require(run);
}
