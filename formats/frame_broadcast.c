/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/frame_broadcast.h"
#include <stdlib.h>
#include "formats/frame_parts.h"
#include "formats/stream.h"

struct news {
    enum status status;
    bool end;
    size_t n; /* of text */
};

static enum status parse(const struct text *text, struct frame *f, struct err *err)
{
    bool end;
    struct reader *reader = reader_text(text->p, text->n);
    enum status status = reader_next(reader, f, &end, err);
    reader_close(reader);
    return status;
}

enum status frame_broadcast(struct ranks *r, enum status status, struct frame *f, bool *end,
                            struct err *err)
{
    struct text text = {0};
    if (!r)
        return status;
    if (ranks_first(r) && status == ST_OK && !*end)
        status = frame_print(f, &text, err);
    struct news news = {status, *end, text.n};
    ranks_broadcast(r, &news, sizeof news);
    if (!ranks_first(r)) {
        text_room(&text, news.n);
        text.n = news.n;
    }
    ranks_broadcast(r, text.p, news.n);
    *end = news.end;
    status = news.status;
    if (!ranks_first(r) && status == ST_OK && !*end)
        status = parse(&text, f, err);
    free(text.p);
    return status;
}
