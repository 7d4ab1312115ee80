/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/slice.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"

/* A number, or `missing` if there is none; *p moves behind it. */
static long part(const char **p, long missing, bool *good)
{
    char *stop;
    if (**p == ':' || !**p)
        return missing;
    errno = 0;
    long x = strtol(*p, &stop, 10);
    if (stop == *p || errno || x == LONG_MAX || x == LONG_MIN ||
        (**p != '-' && **p != '+' && (**p < '0' || **p > '9')))
        *good = false;
    *p = stop;
    return x;
}

static long ring_size(const struct slice *s)
{
    long size = s->start < 0 ? -s->start : 0;
    return s->stop < 0 && -s->stop > size ? -s->stop : size;
}

enum status slice_parse(struct slice *s, const char *text, struct err *err)
{
    const char *p = text;
    bool good = *text != 0;
    *s = (struct slice){.step = 1};
    s->start = part(&p, 0, &good);
    if (*p) {
        good = good && *p++ == ':';
        s->stop = part(&p, LONG_MAX, &good);
    } else if (good) {
        s->stop = s->start == -1 ? LONG_MAX : s->start + 1;
    }
    if (good && *p == ':') {
        p++;
        s->step = part(&p, 1, &good);
    }
    if (!good || *p || s->step < 1 || ring_size(s) < 0 || ring_size(s) > INT_MAX)
        return err_set(err, ST_USAGE,
                       "'%s' is no selection of frames: START:STOP:STEP, from 0, step positive",
                       text);
    s->room = ring_size(s);
    return ST_OK;
}

void slice_free(struct slice *s)
{
    for (long i = 0; s->ring && i <= s->room; i++)
        frame_free(s->ring[i]);
    free(s->ring);
    s->ring = NULL;
}

static bool hit(const struct slice *s, long i, long start)
{
    return i >= start && (i - start) % s->step == 0;
}

/* Frame i leaves the ring, so at least `room` frames follow it. */
static bool selected_early(const struct slice *s, long i)
{
    return s->start >= 0 && (s->stop < 0 || i < s->stop) && hit(s, i, s->start);
}

static struct frame **slot(struct slice *s, long i)
{
    return &s->ring[i % (s->room + 1)];
}

struct frame *slice_put(struct slice *s, struct frame *f)
{
    long i = s->next++;
    if (s->room == 0)
        return selected_early(s, i) ? f : NULL;
    if (!s->ring)
        s->ring = MEM_NEW(struct frame *, s->room + 1);
    frame_free(*slot(s, i)); /* the one given out last */
    *slot(s, i) = frame_copy(f);
    if (++s->held <= s->room)
        return NULL;
    s->held--;
    s->first++;
    return selected_early(s, s->first - 1) ? *slot(s, s->first - 1) : NULL;
}

struct frame *slice_end(struct slice *s)
{
    long total = s->next, start = s->start < 0 ? s->start + total : s->start;
    long stop = s->stop < 0 ? s->stop + total : s->stop;
    if (start < 0)
        start = 0;
    while (s->held) {
        long i = s->first++;
        s->held--;
        if (i < stop && hit(s, i, start))
            return *slot(s, i);
    }
    return NULL;
}

bool slice_done(const struct slice *s)
{
    return s->start >= 0 && s->stop >= 0 && s->next >= s->stop;
}
