/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Streams of frames: read from plain or gzip-compressed extended XYZ, written plain or as BGZF.
 */
#ifndef FORMATS_STREAM_H
#define FORMATS_STREAM_H

#include <stdbool.h>
#include "base/err.h"
#include "formats/frame.h"

enum compress { COMPRESS_AUTO, COMPRESS_ALWAYS, COMPRESS_NEVER };

struct reader; /* opaque */

/* path NULL or "-": standard input. Errors: ST_SYSTEM cannot open. *err text has no file name. */
struct reader *reader_open(const char *path, bool strict, struct err *err);
/* Read the next frame into f. Returns ST_OK with *end false; ST_OK with *end true at the end of the
 * stream; ST_DATA for a malformed frame or truncated input (then reader_line tells where). */
enum status reader_next(struct reader *r, struct frame *f, bool *end, struct err *err);
const char *reader_name(const struct reader *r); /* "file.xyz", "standard input" */
long reader_line(const struct reader *r);        /* line of the last error, or of the frame's count line; from 1 */
long reader_frame(const struct reader *r);       /* frames begun, from 1 */
bool reader_compressed(const struct reader *r);  /* known after the first reader_next */
/* Warnings of the last frame (blank lines, bare keys): count and text "line 3: ..." */
int reader_warnings(const struct reader *r);
const char *reader_warning(const struct reader *r, int i);
void reader_close(struct reader *r);

struct writer; /* opaque */

/* path NULL or "-": standard output. A file is written under a temporary name in the same folder and
 * renamed by writer_close: it appears complete or not at all. input_compressed decides for a pipe
 * under COMPRESS_AUTO. threads > 1 compresses blocks in parallel. */
struct writer *writer_open(const char *path, enum compress compress, bool input_compressed,
                           int threads, struct err *err);
enum status writer_put(struct writer *w, const struct frame *f, struct err *err);
enum status writer_flush(struct writer *w, struct err *err);
/* commit false: remove the temporary file. Frees w in every case. */
enum status writer_close(struct writer *w, bool commit, struct err *err);

#endif
