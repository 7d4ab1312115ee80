/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rank 0 reads: the inputs one after the other, as slots. */
#include "base/mem.h"
#include "formats/spread.h"
#include "formats/spread_parts.h"

static struct slot *append(struct lead *l)
{
    if (l->n == l->room) {
        int room = 2 * l->room + 16;
        l->slot = mem_grow(l->slot, l->room, room, sizeof *l->slot);
        l->room = room;
    }
    struct slot *s = l->slot[l->n++] = mem_new(1, sizeof *s);
    s->group = -1;
    return s;
}

static char *where(const struct run *run)
{
    return mem_print("%s:%ld: frame %ld: ", reader_name(run->reader), reader_line(run->reader),
                     reader_frame(run->reader));
}

static void append_frame(struct run *run, struct frame *f)
{
    struct lead *l = run->farm->lead;
    struct slot *s = append(l);
    s->number = ++l->read;
    s->frame = f;
    s->where = where(run);
    s->parts = 1;
    s->need = run->spread->look(run->filter->settings, f, &s->parts);
}

static struct slot *append_bad(struct run *run, enum status status, const struct err *err)
{
    struct slot *s = append(run->farm->lead);
    s->bad = s->done = true;
    s->outcome.status = status;
    s->outcome.piece[ERROR].p = mem_text(err->text);
    return s;
}

void lead_close_input(struct run *run)
{
    reader_close(run->reader);
    run->reader = NULL;
}

static void open_next(struct run *run)
{
    struct lead *l = run->farm->lead;
    const struct opt_list *files = &run->common.files;
    struct err err = {0};
    if (l->input >= (files->n ? files->n : 1)) {
        l->ended = true;
        return;
    }
    run->lost = false;
    const char *path = files->n ? files->item[l->input] : NULL;
    enum status status = run_open(run, path, &err);
    l->input++;
    if (!status)
        l->live |= reader_live(run->reader);
    else if (status == ST_SYSTEM && run->common.on_error)
        run->failed = ST_SYSTEM;
    else {
        lead_close_input(run);
        append_bad(run, status, &err)->reported = true;
        l->ended = true;
    }
}

static void input_failed(struct run *run, enum status status, const struct err *err)
{
    struct slot *s = append_bad(run, status, err);
    s->where = where(run);
    s->lost = run->lost;
    if (!run->common.on_error)
        run->farm->lead->ended = true;
    if (s->lost)
        lead_close_input(run);
}

bool lead_read(struct run *run, bool wait)
{
    struct lead *l = run->farm->lead;
    const int before = l->n;
    while (!l->ended && l->n == before && !lead_stop(run)) {
        struct err err = {0};
        bool end = false;
        if (!run->reader) {
            open_next(run);
            continue;
        }
        if (!wait && reader_waiting(run->reader))
            break;
        struct frame *f = frame_new();
        enum status status = run_read(run, f, &end, &err);
        if (!status && !end && !run_caught()) {
            append_frame(run, f);
            continue;
        }
        frame_free(f);
        if (status)
            input_failed(run, status, &err);
        else
            lead_close_input(run);
    }
    return l->n > before;
}
