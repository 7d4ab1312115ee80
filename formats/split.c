/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/split.h"
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"

/* Where the number goes: before .xyz.gz, or the last extension of the file's name. */
static size_t stem_length(const char *name)
{
    size_t n = strlen(name);
    if (n > 3 && !strcmp(name + n - 3, ".gz"))
        n -= 3;
    size_t dot = n;
    while (dot > 0 && name[dot - 1] != '.' && name[dot - 1] != '/')
        dot--;
    return dot > 1 && name[dot - 1] == '.' && name[dot - 2] != '/' ? dot - 1 : n;
}

static enum status open_next(struct split *s, struct err *err)
{
    size_t stem = stem_length(s->name);
    char *path = mem_print("%.*s-%04d%s", (int)stem, s->name, ++s->files, s->name + stem);
    s->writer = writer_open(path, s->compress, false, s->threads, err);
    free(path);
    if (!s->writer)
        return ST_SYSTEM;
    if (s->level)
        writer_level(s->writer, s->level);
    return ST_OK;
}

static bool is_full(const struct split *s)
{
    return (s->frames && writer_frames(s->writer) >= s->frames) ||
           (s->bytes > 0 && (double)writer_bytes(s->writer) >= s->bytes);
}

enum status split_put(struct split *s, const struct frame *f, struct err *err)
{
    if (!s->writer && open_next(s, err))
        return ST_SYSTEM;
    enum status status = writer_put(s->writer, f, err);
    return !status && is_full(s) ? split_close(s, true, err) : status;
}

enum status split_close(struct split *s, bool commit, struct err *err)
{
    enum status status = s->writer ? writer_close(s->writer, commit, err) : ST_OK;
    s->writer = NULL;
    return status;
}
