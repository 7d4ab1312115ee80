/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A file from which a killed run goes on. What it holds is described once, by functions that call
 * checkpoint_bytes for all they need to know again: it writes or reads, as the checkpoint was made to.
 * The file is replaced in one step, and carries a digest, so that what is read is what was written. Only
 * for the machine that wrote it: numbers are as in memory.
 */
#ifndef BASE_CHECKPOINT_H
#define BASE_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

struct checkpoint {
    bool reading, refused; /* refused: read past the end, or numbers that cannot be */
    unsigned char *data;
    size_t size, room, at;
};

/* An empty one, to be written to. checkpoint_free. */
struct checkpoint *checkpoint_new(void);
/* One to be read from: NULL with err->status ST_OK if there is no such file; ST_SYSTEM if it cannot be
 * read, ST_DATA if it is not a checkpoint or is damaged. */
struct checkpoint *checkpoint_load(const char *path, struct err *err);
void checkpoint_free(struct checkpoint *c);

void checkpoint_bytes(struct checkpoint *c, void *data, size_t size); /* zeros if refused */
/* *data is allocated on reading (the caller frees it) with *size bytes. */
void checkpoint_block(struct checkpoint *c, void **data, size_t *size);
/* The same for *n items of a size, and for a text that ends with 0 or is NULL; on reading *text must be NULL. */
void checkpoint_array(struct checkpoint *c, void **data, int *n, size_t each);
void checkpoint_text(struct checkpoint *c, char **text);
void checkpoint_refuse(struct checkpoint *c);

/* Replaces the file at once: whoever reads it sees the old or the new one. */
enum status checkpoint_save(const struct checkpoint *c, const char *path, struct err *err);

/* FNV-1a, to be started with CHECKPOINT_DIGEST. */
#define CHECKPOINT_DIGEST 14695981039346656037u
uint64_t checkpoint_digest(uint64_t digest, const void *data, size_t size);

#endif
