/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames from lines. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "formats/atoms.h"
#include "formats/comment.h"
#include "formats/frame_parts.h"
#include "formats/number.h"
#include "formats/source.h"
#include "formats/stream.h"

struct reader {
    char *name;
    struct source *source;
    struct warnings warnings;
    long line, frame;
    bool lost;   /* a malformed frame was met: look for the next count line */
    size_t owed; /* lines of that frame that were still to come */
    bool ended;  /* nothing can follow */
};

static struct reader *reader_new(struct source *source, const char *name)
{
    struct reader *r = MEM_NEW(struct reader, 1);
    r->name = mem_text(name);
    r->source = source;
    return r;
}

struct reader *reader_open(const char *path, bool strict, struct err *err)
{
    struct source *source = source_open(path, err);
    if (!source)
        return NULL;
    struct reader *r = reader_new(source, path && strcmp(path, "-") ? path : "standard input");
    r->warnings.strict = strict;
    return r;
}

struct reader *reader_from(int fd, const char *name)
{
    return reader_new(source_from(fd), name);
}

struct reader *reader_text(const char *text, size_t n)
{
    return reader_new(source_text(text, n), "memory");
}

void reader_deadline(struct reader *r, double end)
{
    source_deadline(r->source, end);
}

void reader_close(struct reader *r)
{
    if (!r)
        return;
    source_close(r->source);
    warnings_free(&r->warnings);
    free(r->name);
    free(r);
}

const char *reader_name(const struct reader *r)
{
    return r->name;
}

long reader_line(const struct reader *r)
{
    return r->line;
}

long reader_frame(const struct reader *r)
{
    return r->frame;
}

bool reader_compressed(const struct reader *r)
{
    return source_compressed(r->source);
}

int reader_warnings(const struct reader *r)
{
    return r->warnings.n;
}

const char *reader_warning(const struct reader *r, int i)
{
    return r->warnings.text[i];
}

bool reader_lost(const struct reader *r)
{
    return r->ended && r->lost;
}

bool reader_waiting(const struct reader *r)
{
    return !r->ended && source_waiting(r->source);
}

bool reader_live(const struct reader *r)
{
    return source_live(r->source);
}

bool reader_is(const struct reader *r, int fd)
{
    return source_is(r->source, fd);
}

void reader_watch(struct reader *r, const volatile sig_atomic_t *stop)
{
    source_watch(r->source, stop);
}

static void trim(const char **p, const char **end)
{
    while (*p < *end && (**p == ' ' || **p == '\t'))
        ++*p;
    while (*end > *p && ((*end)[-1] == ' ' || (*end)[-1] == '\t'))
        --*end;
}

static bool only_digits(const char *p, const char *end)
{
    for (const char *q = p; q < end; q++)
        if (*q < '0' || *q > '9')
            return false;
    return p < end;
}

/* The next line, without a byte order mark at the start of the text; *p NULL at its end. */
static enum status next_line(struct reader *r, const char **p, const char **end, struct err *err)
{
    enum status status = source_line(r->source, p, end, err);
    r->line = source_number(r->source) + (status || !*p);
    if (status) {
        r->ended = true;
        return status;
    }
    if (*p && r->line == 1 && *end - *p >= 3 && !memcmp(*p, "\xef\xbb\xbf", 3))
        *p += 3;
    return ST_OK;
}

/* After a malformed frame: up to the next line that holds nothing but digits. Something is owed at the end of the input
 * only, which then lies within that frame. */
static enum status find_count(struct reader *r, struct err *err)
{
    const char *p, *end;
    for (;; r->owed -= r->owed > 0) {
        if (next_line(r, &p, &end, err))
            return err->status;
        if (!p)
            return ST_OK;
        trim(&p, &end);
        if (only_digits(p, end))
            break;
    }
    r->owed = 0;
    source_back(r->source);
    return ST_OK;
}

static enum status blank_line(struct reader *r, long line, struct err *err)
{
    const char *where = r->frame ? "between frames" : "before the first frame";
    if (r->warnings.strict) {
        r->line = line;
        r->frame++;
        return err_set(err, ST_DATA, "blank line %s", where);
    }
    warnings_add(&r->warnings, "line %ld: blank line %s", line, where);
    return ST_OK;
}

/* The count line; *p NULL when the stream ends instead. */
static enum status count_line(struct reader *r, const char **p, const char **end, struct err *err)
{
    long blank = 0;
    do {
        if (next_line(r, p, end, err))
            return err->status;
        if (!*p)
            return ST_OK;
        trim(p, end);
        if (*p == *end && !blank)
            blank = r->line;
    } while (*p == *end);
    if (blank && blank_line(r, blank, err)) {
        source_back(r->source);
        return ST_DATA;
    }
    return ST_OK;
}

static enum status parse_count(const char *p, const char *end, size_t *n, struct err *err)
{
    int64_t x;
    if (!only_digits(p, end))
        return err_set(err, ST_DATA, "expected the number of atoms");
    if (!number_int(p, end, &x) || x > INT_MAX)
        return err_set(err, ST_DATA, "number of atoms out of range");
    *n = (size_t)x;
    return ST_OK;
}

static enum status cut_off(struct reader *r, size_t have, size_t want, struct err *err)
{
    r->ended = true;
    if (have)
        return err_set(err, ST_DATA, "end of input: %zu of %zu atom lines", have - 1, want);
    return err_set(err, ST_DATA, "end of input: the comment line is missing");
}

/* A line that is wrong; where the input stops in it, it is cut off, too. */
static enum status bad_line(struct reader *r, struct err *err)
{
    if (!source_unended(r->source))
        return ST_DATA;
    r->ended = true;
    char *what = mem_text(err->text);
    err_set(err, ST_DATA, "end of input within the line: %s", what);
    free(what);
    return ST_DATA;
}

/* Comment and atom lines of a frame of n atoms. */
static enum status read_body(struct reader *r, struct frame *f, size_t n, struct err *err)
{
    const char *p, *end;
    for (size_t have = 0; have <= n; have++) {
        if (next_line(r, &p, &end, err))
            return err->status;
        if (!p)
            return cut_off(r, have, n, err);
        r->owed = have ? n + 1 - have
                       : n; /* if the line is wrong, below; one of atoms is looked at again */
        if (have == 0 && comment_parse(f, p, end, r->line, &r->warnings, err))
            return bad_line(r, err);
        if (have > 0 && atoms_add_line(f, p, end, err)) {
            enum status status = bad_line(r, err);
            source_back(r->source); /* it may be the count line of the next frame */
            return status;
        }
    }
    r->owed = 0;
    f->n = n;
    return ST_OK;
}

static enum status read_frame(struct reader *r, struct frame *f, bool *end, struct err *err)
{
    const char *p, *stop;
    size_t n = 0;
    if (r->lost && find_count(r, err))
        return err->status;
    if (count_line(r, &p, &stop, err))
        return err->status;
    if (!p) {
        if (source_padded(r->source))
            warnings_add(&r->warnings, "zero padding after the last gzip member");
        *end = r->ended = true;
        return ST_OK;
    }
    long line = r->line;
    r->frame++;
    if (parse_count(p, stop, &n, err) || read_body(r, f, n, err))
        return err->status;
    r->line = line;
    return ST_OK;
}

enum status reader_next(struct reader *r, struct frame *f, bool *end, struct err *err)
{
    struct err own = {0};
    frame_clear(f);
    warnings_clear(&r->warnings);
    *end = r->ended;
    if (r->ended)
        return ST_OK; /* lost keeps telling how */
    enum status status = read_frame(r, f, end, &own);
    r->lost = status || r->owed;
    if (status) {
        frame_clear(f);
        if (err)
            *err = own;
    }
    return status;
}
