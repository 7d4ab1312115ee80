/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frames to a file, pipe or terminal. Text is gathered and written in large pieces, or at once when
 * asked to flush; compressed, in blocks of which none holds parts of two batches, so that a file
 * that was cut off is valid up to a frame.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/mem.h"
#include "base/outfile.h"
#include "formats/bgzf.h"
#include "formats/frame_parts.h"
#include "formats/stream.h"

enum { PLAIN_BATCH = 1 << 18, BLOCKS = 16 /* packed together */ };

struct writer {
    int fd;
    char *path, *temporary;      /* temporary NULL: written in place */
    bool compressed, live;       /* live: a pipe or terminal */
    bool in_place;               /* every flush leaves a complete file */
    size_t at;                   /* its length */
    int threads, level, packers; /* packers ready */
    long frames;
    size_t bytes;
    struct text text; /* not yet written, from `done` on */
    size_t done;
    size_t cut[BLOCKS]; /* where the complete blocks of it end */
    int cuts;
    unsigned char *blocks;
    struct packer *packer[BLOCKS];
};

/* What a name stands for in the end, so that a link survives and its target is replaced. */
static char *resolve(const char *path)
{
    char *real = realpath(path, NULL);
    return real ? real : mem_text(path);
}

static mode_t mode_for(const char *path)
{
    struct stat info;
    if (!stat(path, &info))
        return info.st_mode & 0777;
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

static enum status open_temporary(struct writer *w, struct err *err)
{
    w->temporary = mem_print("%s.XXXXXX", w->path);
    w->fd = mkstemp(w->temporary);
    if (w->fd < 0)
        return err_set(err, ST_SYSTEM, "cannot create %s: %s", w->path, strerror(errno));
    fchmod(w->fd, mode_for(w->path));
    return ST_OK;
}

static enum status open_file(struct writer *w, const char *path, struct err *err)
{
    struct stat info;
    int descriptor = outfile_descriptor(path);
    w->path = descriptor < 0 ? resolve(path) : mem_text(path);
    if (descriptor < 0 && (stat(w->path, &info) || S_ISREG(info.st_mode)))
        return open_temporary(w, err);
    w->fd = descriptor < 0 ? open(w->path, O_WRONLY | O_CLOEXEC) /* a device or a named pipe */
                           : outfile_duplicate(descriptor);
    if (w->fd < 0)
        return err_set(err, ST_SYSTEM, "cannot write %s: %s", w->path, strerror(errno));
    return ST_OK;
}

static bool ends_in_gz(const char *path)
{
    size_t n = strlen(path);
    return n > 3 && !strcmp(path + n - 3, ".gz");
}

static bool is_pipe(int fd)
{
    struct stat info;
    return !fstat(fd, &info) && (S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode));
}

static bool choose_compression(const struct writer *w, enum compress compress,
                               bool input_compressed)
{
    if (compress == COMPRESS_NEVER || isatty(w->fd))
        return false;
    if (compress == COMPRESS_ALWAYS || (w->path && ends_in_gz(w->path)))
        return true;
    return input_compressed && is_pipe(w->fd);
}

static void free_writer(struct writer *w)
{
    for (int i = 0; i < w->packers; i++)
        packer_free(w->packer[i]);
    free(w->blocks);
    free(w->text.p);
    free(w->path);
    free(w->temporary);
    free(w);
}

struct writer *writer_open(const char *path, enum compress compress, bool input_compressed,
                           int threads, struct err *err)
{
    struct writer *w = MEM_NEW(struct writer, 1);
    w->fd = STDOUT_FILENO;
    w->level = 6;
    w->threads = threads > 0 ? threads : 1;
    if (path && strcmp(path, "-") && open_file(w, path, err)) {
        free_writer(w);
        return NULL;
    }
    w->compressed = choose_compression(w, compress, input_compressed);
    w->live = !w->temporary && (isatty(w->fd) || is_pipe(w->fd));
    return w;
}

static enum status write_packed(struct writer *w, size_t n, struct err *err);

struct writer *writer_continue(const char *path, size_t keep, enum compress compress, int threads,
                               struct err *err)
{
    int fd = outfile_cut_back(path, keep, err);
    if (fd < 0)
        return NULL;
    struct writer *w = MEM_NEW(struct writer, 1);
    *w = (struct writer){.fd = fd,
                         .path = mem_text(path),
                         .in_place = true,
                         .at = keep,
                         .level = 6,
                         .threads = threads > 0 ? threads : 1};
    w->compressed = choose_compression(w, compress, false);
    if (!w->compressed || keep || !write_packed(w, 0, err))
        return w;
    close(fd);
    free_writer(w);
    return NULL;
}

size_t writer_offset(const struct writer *w)
{
    return w->at;
}

void writer_level(struct writer *w, int level)
{
    w->level = level;
}

size_t writer_bytes(const struct writer *w)
{
    return w->bytes;
}

bool writer_leaves_part(const struct writer *w)
{
    return w->temporary && w->frames;
}

long writer_frames(const struct writer *w)
{
    return w->frames;
}

bool writer_live(const struct writer *w)
{
    return w->live;
}

/* A closed pipe ends the program quietly, also when a parent has told us to ignore the signal. */
static enum status write_failed(const struct writer *w, struct err *err)
{
    if (errno == EPIPE) {
        signal(SIGPIPE, SIG_DFL);
        raise(SIGPIPE);
    }
    return err_set(err, ST_SYSTEM, "cannot write %s: %s", w->path ? w->path : "standard output",
                   strerror(errno));
}

static enum status write_all(struct writer *w, const void *data, size_t n, struct err *err)
{
    const char *p = data;
    while (n) {
        ssize_t done = write(w->fd, p, n);
        if (done < 0 && errno != EINTR)
            return write_failed(w, err);
        if (done > 0) {
            p += done;
            n -= (size_t)done;
        }
    }
    return ST_OK;
}

static void need_blocks(struct writer *w)
{
    if (!w->blocks)
        w->blocks = mem_new(BLOCKS + 1, BGZF_BLOCK); /* the last for the end block */
}

/* The first n bytes of w->blocks. In place, an end block goes out with them: allowed anywhere, it makes
 * the file complete as it is, and whoever is reading it can go on reading. */
static enum status write_packed(struct writer *w, size_t n, struct err *err)
{
    size_t end = w->in_place ? sizeof bgzf_end : 0;
    need_blocks(w);
    memcpy(w->blocks + n, bgzf_end, end);
    w->at += n + end;
    return write_all(w, w->blocks, n + end, err);
}

static enum status need_packers(struct writer *w, int n, struct err *err)
{
    need_blocks(w);
    for (; w->packers < n; w->packers++)
        if (!(w->packer[w->packers] = packer_new(w->level)))
            return err_set(err, ST_SYSTEM, "out of memory");
    return ST_OK;
}

/* Pack and write the text up to the last cut. */
static enum status write_blocks(struct writer *w, struct err *err)
{
    size_t length[BLOCKS];
    if (need_packers(w, w->cuts, err))
        return ST_SYSTEM;
    const char *text = w->text.p;
#pragma omp parallel for schedule(dynamic) \
    num_threads(w->threads) if (w->cuts > 1 && w->threads > 1)
    for (int i = 0; i < w->cuts; i++) {
        size_t start = i ? w->cut[i - 1] : w->done;
        length[i] = bgzf_pack(w->packer[i], (const unsigned char *)text + start, w->cut[i] - start,
                              w->blocks + (size_t)i * BGZF_BLOCK);
    }
    size_t n = 0;
    for (int i = 0; i < w->cuts; i++) {
        memmove(w->blocks + n, w->blocks + (size_t)i * BGZF_BLOCK, length[i]);
        n += length[i];
    }
    if (!w->cuts)
        return ST_OK;
    w->done = w->cut[w->cuts - 1];
    w->cuts = 0;
    return write_packed(w, n, err);
}

static size_t last_cut(const struct writer *w)
{
    return w->cuts ? w->cut[w->cuts - 1] : w->done;
}

static enum status add_cut(struct writer *w, size_t at, struct err *err)
{
    if (at > last_cut(w))
        w->cut[w->cuts++] = at;
    return w->cuts == BLOCKS ? write_blocks(w, err) : ST_OK;
}

/* Cut so that small frames share a block and every frame ends where a block ends or may end. */
static enum status cut_blocks(struct writer *w, size_t frame_start, struct err *err)
{
    enum status status = ST_OK;
    if (w->text.n - last_cut(w) > BGZF_TEXT)
        status = add_cut(w, frame_start, err);
    while (!status && w->text.n - last_cut(w) > BGZF_TEXT)
        status = add_cut(w, last_cut(w) + BGZF_TEXT, err);
    return status;
}

static void drop_done(struct writer *w)
{
    if (w->cuts || !w->done)
        return;
    memmove(w->text.p, w->text.p + w->done, w->text.n - w->done);
    w->text.n -= w->done;
    w->done = 0;
}

enum status writer_flush(struct writer *w, struct err *err)
{
    enum status status;
    if (w->compressed) {
        status = add_cut(w, w->text.n, err);
        if (!status)
            status = write_blocks(w, err);
    } else {
        status = write_all(w, w->text.p, w->text.n, err);
        w->at += w->text.n;
        w->done = w->text.n;
    }
    drop_done(w);
    return status;
}

enum status writer_sync(struct writer *w, struct err *err)
{
    enum status status = writer_flush(w, err);
    return status || !fsync(w->fd) ? status : write_failed(w, err);
}

static enum status text_added(struct writer *w, size_t start, struct err *err)
{
    w->frames++;
    w->bytes += w->text.n - start;
    if (!w->compressed)
        return w->text.n >= PLAIN_BATCH ? writer_flush(w, err) : ST_OK;
    enum status status = cut_blocks(w, start, err);
    drop_done(w);
    return status;
}

enum status writer_put(struct writer *w, const struct frame *f, struct err *err)
{
    size_t start = w->text.n;
    if (frame_print(f, &w->text, err))
        return ST_COMPUTE;
    return text_added(w, start, err);
}

/* Something else than frames: lines of a table. */
enum status writer_puts(struct writer *w, const char *text, size_t n, struct err *err)
{
    size_t start = w->text.n;
    text_add(&w->text, text, n);
    return text_added(w, start, err);
}

/* Into place, or aside as FILE.part when it did not come to a good end: nothing that was computed is
 * lost, and nothing unfinished bears the name. */
static enum status settle(struct writer *w, bool commit, struct err *err)
{
    if (!w->temporary)
        return ST_OK;
    if (!commit && !writer_leaves_part(w)) {
        unlink(w->temporary);
        return ST_OK;
    }
    char *name = commit ? mem_text(w->path) : mem_print("%s.part", w->path);
    enum status status = ST_OK;
    if (rename(w->temporary, name))
        status = err_set(err, ST_SYSTEM, "cannot write %s: %s", name, strerror(errno));
    free(name);
    return status;
}

enum status writer_close(struct writer *w, bool commit, struct err *err)
{
    enum status status = writer_flush(w, err);
    /* without its end block a stream that did not come to a good end is seen to be cut off */
    if (!status && w->compressed && !w->in_place && (commit || w->temporary))
        status = write_all(w, bgzf_end, sizeof bgzf_end, err);
    if (close(w->fd) && !status)
        status = write_failed(w, err);
    if (status)
        commit = false;
    enum status settled = settle(w, commit, status ? NULL : err);
    free_writer(w);
    return status ? status : settled;
}
