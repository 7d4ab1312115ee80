/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/source.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include "base/mem.h"
#include "base/threads.h"
#include "formats/bgzf.h"

enum { CHUNK = 1 << 18, BATCH = 32 /* blocks unpacked together */, SLACK = 64 };
enum { LONGEST = 1 << 26 /* line from a program that may write whatever it likes */ };

enum form { FORM_UNKNOWN, FORM_PLAIN, FORM_GZIP };

/* Bytes [at, n) of p, of `capacity`. */
struct bytes {
    char *p;
    size_t at, n, capacity;
};

struct source {
    int fd;
    enum form form;
    bool borrowed; /* fd is the caller's */
    double end;    /* wall clock; 0: wait for ever */
    const volatile sig_atomic_t *stop;
    bool file_end;    /* read() has returned 0 */
    bool text_end;    /* no more text will come */
    struct bytes raw; /* compressed input, unused for plain text */
    struct bytes text;
    size_t last; /* where the last line began, in text */
    long number;
    bool in_member, padded;
    bool bgzf, end_block;          /* the last member was a BGZF block; an empty one */
    z_stream member;               /* plain gzip */
    struct unpacker *block[BATCH]; /* one for each block of a batch */
    bool member_ready;
    int blocks_ready;
    struct err pending; /* reported once the text before it has been given */
};

struct source *source_open(const char *path, struct err *err)
{
    bool standard = !path || !strcmp(path, "-");
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    struct stat info;
    if (fd < 0 || fstat(fd, &info)) {
        err_set(err, ST_SYSTEM, "cannot open: %s", strerror(errno));
        return NULL;
    }
    if (S_ISDIR(info.st_mode)) {
        if (!standard)
            close(fd);
        err_set(err, ST_SYSTEM, "is a directory: a file of frames is needed");
        return NULL;
    }
    struct source *s = MEM_NEW(struct source, 1);
    s->fd = fd;
    return s;
}

struct source *source_from(int fd)
{
    struct source *s = MEM_NEW(struct source, 1);
    s->fd = fd;
    s->borrowed = true;
    return s;
}

struct source *source_text(const char *text, size_t n)
{
    struct source *s = source_from(-1);
    s->form = FORM_PLAIN;
    s->text = (struct bytes){mem_new(n + SLACK, 1), 0, n, n + SLACK};
    memcpy(s->text.p, text, n);
    s->text_end = s->file_end = true;
    return s;
}

void source_deadline(struct source *s, double end)
{
    s->end = end;
}

void source_close(struct source *s)
{
    if (!s)
        return;
    if (s->member_ready)
        inflateEnd(&s->member);
    for (int i = 0; i < s->blocks_ready; i++)
        unpacker_free(s->block[i]);
    if (s->fd != STDIN_FILENO && !s->borrowed)
        close(s->fd);
    free(s->raw.p);
    free(s->text.p);
    free(s);
}

void source_watch(struct source *s, const volatile sig_atomic_t *stop)
{
    s->stop = stop;
}

/* Room for `more` bytes and the slack; what has been used may go. */
static void make_room(struct bytes *b, size_t more)
{
    if (b->at && b->capacity - b->n < more + SLACK) {
        memmove(b->p, b->p + b->at, b->n - b->at);
        b->n -= b->at;
        b->at = 0;
    }
    if (b->capacity - b->n < more + SLACK) {
        size_t capacity = 2 * b->capacity + more + SLACK;
        b->p = mem_grow(b->p, b->capacity, capacity, 1);
        b->capacity = capacity;
    }
}

/* Until there is input or the time is over. */
static enum status wait_for_input(const struct source *s, struct err *err)
{
    struct pollfd input = {.fd = s->fd, .events = POLLIN};
    while (s->end > 0) {
        double left = s->end - threads_wall();
        if (!(left > 0))
            return err_set(err, ST_COMPUTE, "no input in time");
        if (poll(&input, 1, (int)(1000 * fmin(left, 1000)) + 1) > 0)
            break;
    }
    return ST_OK;
}

/* Some more bytes, at least one except at the end of the file. */
static enum status read_some(struct source *s, struct bytes *b, struct err *err)
{
    make_room(b, CHUNK);
    while (!s->file_end) {
        if (wait_for_input(s, err))
            return ST_COMPUTE;
        ssize_t n = read(s->fd, b->p + b->n, b->capacity - b->n - SLACK);
        if (n > 0) {
            b->n += (size_t)n;
            return ST_OK;
        }
        if (n == 0 || (errno == EINTR && s->stop && *s->stop))
            s->file_end = true;
        else if (errno != EINTR)
            return err_set(err, ST_SYSTEM, "cannot read: %s", strerror(errno));
    }
    return ST_OK;
}

static size_t raw_left(const struct source *s)
{
    return s->raw.n - s->raw.at;
}

static const unsigned char *raw_bytes(const struct source *s)
{
    return (const unsigned char *)s->raw.p + s->raw.at;
}

static enum status cut_short(struct err *err)
{
    return err_set(err, ST_DATA, "compressed data end unexpectedly: the file is truncated");
}

static enum status damaged(struct err *err)
{
    return err_set(err, ST_DATA, "compressed data are damaged");
}

/* The complete BGZF blocks at hand, from raw.at on: their number, lengths and texts' lengths. */
struct batch {
    int n;
    size_t length[BATCH], start[BATCH], text_length[BATCH], text_start[BATCH], text;
};

static enum status gather(const struct source *s, struct batch *b, struct err *err)
{
    size_t at = 0;
    for (b->n = 0, b->text = 0; b->n < BATCH; b->n++) {
        const unsigned char *p = raw_bytes(s) + at;
        size_t left = raw_left(s) - at, length = left ? bgzf_length(p, left) : 1;
        if (length <= 1 || length > left)
            break; /* another format or not yet complete: for the next round */
        size_t text = bgzf_text_length(p, length);
        if (text > BGZF_BLOCK)
            return b->n ? ST_OK : damaged(err);
        b->length[b->n] = length;
        b->start[b->n] = at;
        b->text_length[b->n] = text;
        b->text_start[b->n] = b->text;
        b->text += text;
        at += length;
    }
    return ST_OK;
}

/* Unpack all blocks at hand; *any tells whether there was one. */
static enum status unpack_blocks(struct source *s, bool *any, struct err *err)
{
    struct batch b;
    enum status status = gather(s, &b, err);
    *any = b.n > 0;
    if (status || !b.n)
        return status;
    make_room(&s->text, b.text);
    for (; s->blocks_ready < b.n; s->blocks_ready++)
        if (!(s->block[s->blocks_ready] = unpacker_new()))
            return err_set(err, ST_SYSTEM, "out of memory");
    int bad = b.n;
    unsigned char *text = (unsigned char *)s->text.p + s->text.n;
#pragma omp parallel for schedule(dynamic) reduction(min : bad) if (b.n > 1)
    for (int i = 0; i < b.n; i++)
        if (!bgzf_unpack(s->block[i], raw_bytes(s) + b.start[i], b.length[i],
                         text + b.text_start[i], b.text_length[i]))
            bad = i < bad ? i : bad;
    s->text.n += bad < b.n ? b.text_start[bad] : b.text;
    s->raw.at += b.start[b.n - 1] + b.length[b.n - 1];
    s->bgzf = true;
    s->end_block = b.text_length[b.n - 1] == 0;
    return bad < b.n ? damaged(err) : ST_OK;
}

static enum status start_member(struct source *s, struct err *err)
{
    int code = s->member_ready ? inflateReset(&s->member) : inflateInit2(&s->member, 15 + 16);
    if (code != Z_OK)
        return err_set(err, ST_SYSTEM, "out of memory");
    s->member_ready = s->in_member = true;
    s->bgzf = false;
    return ST_OK;
}

static enum status inflate_member(struct source *s, struct err *err)
{
    if (!raw_left(s)) {
        if (read_some(s, &s->raw, err))
            return ST_SYSTEM;
        if (!raw_left(s))
            return cut_short(err);
    }
    make_room(&s->text, CHUNK);
    s->member.next_in = (unsigned char *)raw_bytes(s);
    s->member.avail_in = (unsigned)raw_left(s);
    s->member.next_out = (unsigned char *)s->text.p + s->text.n;
    s->member.avail_out = CHUNK;
    int code = inflate(&s->member, Z_NO_FLUSH);
    s->raw.at = s->raw.n - s->member.avail_in;
    s->text.n += CHUNK - s->member.avail_out;
    s->in_member = code != Z_STREAM_END;
    if (code == Z_DATA_ERROR || code == Z_NEED_DICT || code == Z_STREAM_ERROR)
        return damaged(err);
    return code == Z_MEM_ERROR ? err_set(err, ST_SYSTEM, "out of memory") : ST_OK;
}

/* Behind the last member: nothing, or zeros (tapes pad their blocks). */
static enum status after_members(struct source *s, struct err *err)
{
    for (;;) {
        for (; raw_left(s); s->raw.at++)
            if (*raw_bytes(s))
                return err_set(err, ST_DATA, "garbage after the last gzip member");
            else
                s->padded = true;
        if (s->file_end)
            break;
        if (read_some(s, &s->raw, err))
            return ST_SYSTEM;
    }
    s->text_end = true;
    if (s->bgzf && !s->end_block)
        return err_set(err, ST_DATA,
                       "compressed data end unexpectedly: BGZF without its end-of-file block");
    return ST_OK;
}

/* Between members: what comes next? */
static enum status next_member(struct source *s, struct err *err)
{
    const unsigned char *p = raw_bytes(s);
    size_t left = raw_left(s);
    bool any;
    if (left && *p != 0x1f)
        return after_members(s, err);
    if (left >= 2 && p[1] != 0x8b)
        return err_set(err, ST_DATA, "garbage after the last gzip member");
    size_t length = left ? bgzf_length(p, left) : 1;
    if (length > 1 && length <= left)
        return unpack_blocks(s, &any, err);
    if (length == 0 || (s->file_end && left))
        return length > 1 ? cut_short(err) : start_member(s, err);
    if (s->file_end)
        return after_members(s, err);
    return read_some(s, &s->raw, err);
}

static enum status detect(struct source *s, struct err *err)
{
    while (s->raw.n < 2 && !s->file_end)
        if (read_some(s, &s->raw, err))
            return ST_SYSTEM;
    if (s->raw.n >= 2 && !memcmp(s->raw.p, "\x1f\x8b", 2)) {
        s->form = FORM_GZIP;
        return ST_OK;
    }
    s->form = FORM_PLAIN;
    s->text = s->raw;
    s->raw = (struct bytes){0};
    s->text_end = s->file_end;
    return ST_OK;
}

/* More text, or text_end. */
static enum status more_text(struct source *s, struct err *err)
{
    enum status status = ST_OK;
    if (s->form == FORM_UNKNOWN)
        return detect(s, err);
    if (s->form == FORM_PLAIN) {
        status = read_some(s, &s->text, err);
        s->text_end = s->file_end;
        return status;
    }
    size_t before = s->text.n - s->text.at;
    while (!status && !s->text_end && s->text.n - s->text.at == before)
        status = s->in_member ? inflate_member(s, err) : next_member(s, err);
    return status;
}

/* The line [text.at, end) */
static void give(struct source *s, size_t end, size_t next, const char **p, const char **line_end)
{
    s->last = s->text.at;
    if (end > s->last && s->text.p[end - 1] == '\r')
        end--;
    *p = s->text.p + s->last;
    *line_end = s->text.p + end;
    s->text.at = next;
    s->number++;
}

enum status source_line(struct source *s, const char **p, const char **end, struct err *err)
{
    size_t searched = 0;
    for (;;) {
        struct bytes *t = &s->text;
        size_t left = t->n - t->at - searched;
        const char *newline = left ? memchr(t->p + t->at + searched, '\n', left) : NULL;
        if (newline) {
            size_t at = (size_t)(newline - t->p);
            give(s, at, at + 1, p, end);
            return ST_OK;
        }
        searched = t->n - t->at;
        if (s->borrowed && searched > LONGEST)
            err_set(&s->pending, ST_DATA, "more than %d MB without the end of a line",
                    LONGEST >> 20);
        if (s->pending.status || s->text_end)
            break;
        more_text(s, &s->pending);
    }
    if (s->pending.status) {
        if (err)
            *err = s->pending;
        return s->pending.status;
    }
    *p = *end = NULL;
    if (s->text.at < s->text.n) {
        s->text.p[s->text.n] = '\n'; /* the slack has room */
        give(s, s->text.n, s->text.n, p, end);
    }
    return ST_OK;
}

void source_back(struct source *s)
{
    s->text.at = s->last;
    s->number--;
}

bool source_unended(const struct source *s)
{
    const struct bytes *t = &s->text;
    return t->at == t->n && t->n > s->last && t->p[t->n - 1] != '\n';
}

long source_number(const struct source *s)
{
    return s->number;
}

bool source_compressed(const struct source *s)
{
    return s->form == FORM_GZIP;
}

bool source_padded(const struct source *s)
{
    return s->padded;
}

bool source_waiting(const struct source *s)
{
    if (s->text_end || s->file_end || raw_left(s))
        return false;
    if (s->text.at < s->text.n && memchr(s->text.p + s->text.at, '\n', s->text.n - s->text.at))
        return false;
    struct pollfd input = {.fd = s->fd, .events = POLLIN};
    return poll(&input, 1, 0) == 0;
}

bool source_live(const struct source *s)
{
    struct stat file;
    return fstat(s->fd, &file) || !S_ISREG(file.st_mode);
}

bool source_is(const struct source *s, int fd)
{
    struct stat a, b;
    return !fstat(s->fd, &a) && !fstat(fd, &b) && S_ISREG(a.st_mode) && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}
