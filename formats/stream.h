/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Streams of frames: read from plain or gzip-compressed extended XYZ, written plain or as BGZF.
 */
#ifndef FORMATS_STREAM_H
#define FORMATS_STREAM_H

#include <signal.h>
#include <stdbool.h>
#include "base/err.h"
#include "formats/frame.h"

enum compress { COMPRESS_AUTO, COMPRESS_ALWAYS, COMPRESS_NEVER };

struct reader; /* opaque */

/* path NULL or "-": standard input. Errors: ST_SYSTEM cannot open. *err text has no file name. */
struct reader *reader_open(const char *path, bool strict, struct err *err);
/* From a descriptor, which stays the caller's; and a time of the wall clock (0: none) after which waiting
 * for a frame ends with ST_COMPUTE, and nothing more can be read. */
struct reader *reader_from(int fd, const char *name);
struct reader *reader_text(const char *text, size_t n); /* plain text in memory, copied */
void reader_deadline(struct reader *r, double end);
/* Read the next frame into f. Returns ST_OK with *end false; ST_OK with *end true at the end of the
 * stream; ST_DATA for a malformed frame or truncated input (then reader_line tells where). After a
 * malformed frame the next call goes on at the next line that holds nothing but a number; after
 * truncated or damaged input, also where that was within the malformed frame, it returns the end (reader_lost tells that
 * the stream ended so). */
enum status reader_next(struct reader *r, struct frame *f, bool *end, struct err *err);
bool reader_lost(const struct reader *r);
const char *reader_name(const struct reader *r); /* "file.xyz", "standard input" */
long reader_line(
    const struct reader *r); /* line of the last error, or of the frame's count line; from 1 */
long reader_frame(const struct reader *r);      /* frames begun, from 1 */
bool reader_compressed(const struct reader *r); /* known after the first reader_next */
/* Warnings of the last frame (blank lines, bare keys): count and text "line 3: ..." */
int reader_warnings(const struct reader *r);
const char *reader_warning(const struct reader *r, int i);
/* No frame is at hand: reading the next one may wait for whoever writes the pipe. */
bool reader_waiting(const struct reader *r);
bool reader_live(const struct reader *r);       /* a pipe or terminal, which may make it wait */
bool reader_is(const struct reader *r, int fd); /* reads the same regular file as fd */
/* Treat an interrupted wait for input as the end of the stream once *stop is set. */
void reader_watch(struct reader *r, const volatile sig_atomic_t *stop);
void reader_close(struct reader *r);

struct writer; /* opaque */

/* path NULL or "-": standard output. A file is written under a temporary name in the same folder and
 * renamed by writer_close: it appears complete or not at all. Devices and named pipes are written
 * directly. input_compressed decides for a pipe under COMPRESS_AUTO; a name that ends in .gz is always
 * compressed under it, a terminal never. threads > 1 compresses blocks in parallel. Error ST_SYSTEM. */
struct writer *writer_open(const char *path, enum compress compress, bool input_compressed,
                           int threads, struct err *err);
/* In place: FILE itself, which is cut off behind its first `keep` bytes, and which is complete whenever a
 * flush has returned (a compressed one has an end-of-file block after each).
 * Errors as outfile_continue. */
struct writer *writer_continue(const char *path, size_t keep, enum compress compress, int threads,
                               struct err *err);
/* Bytes flushed so far: what to keep. */
size_t writer_offset(const struct writer *w);
enum status writer_sync(struct writer *w, struct err *err); /* flush, onto the disk */
void writer_level(struct writer *w, int level); /* of compression, 1 to 9; before the first frame */
bool writer_live(const struct writer *w); /* a pipe or terminal: somebody waits for each frame */
/* ST_COMPUTE: a number of the frame is not finite (nothing of it is written). ST_SYSTEM. */
enum status writer_put(struct writer *w, const struct frame *f, struct err *err);
enum status writer_puts(struct writer *w, const char *text, size_t n, struct err *err);
long writer_frames(const struct writer *w); /* put so far */
/* Closed now without commit, there would be a FILE.part: not of a device, nor before the first frame. */
bool writer_leaves_part(const struct writer *w);
size_t writer_bytes(const struct writer *w); /* of text, before compression */
enum status writer_flush(struct writer *w, struct err *err);
/* Frees w in every case. commit false: the frames written so far are kept as FILE.part (none: no
 * file); what is written in place stays. Error ST_SYSTEM: then the file has not appeared. */
enum status writer_close(struct writer *w, bool commit, struct err *err);

#endif
