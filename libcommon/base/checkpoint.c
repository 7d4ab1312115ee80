/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/checkpoint.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/mem.h"

static const char magic[16] = "deltaqmc chkpt1\n"; /* no terminating zero in the file */

struct header {
    char magic[16];
    uint64_t size, digest;
};

struct checkpoint *checkpoint_new(void)
{
    return mem_new(1, sizeof(struct checkpoint));
}

void checkpoint_free(struct checkpoint *c)
{
    if (c)
        free(c->data);
    free(c);
}

uint64_t checkpoint_digest(uint64_t digest, const void *data, size_t size)
{
    const unsigned char *byte = data;
    for (size_t i = 0; i < size; i++)
        digest = (digest ^ byte[i]) * 1099511628211u;
    return digest;
}

void checkpoint_refuse(struct checkpoint *c)
{
    c->refused = true;
}

static void reserve(struct checkpoint *c, size_t more)
{
    size_t room = c->room ? c->room : 4096;
    while (room < c->size + more)
        room *= 2;
    if (room > c->room)
        c->data = mem_grow(c->data, c->room, room, 1);
    c->room = room;
}

void checkpoint_bytes(struct checkpoint *c, void *data, size_t size)
{
    if (size == 0)
        return;
    if (!c->reading) {
        reserve(c, size);
        memcpy(c->data + c->size, data, size);
        c->size += size;
        return;
    }
    if (c->refused || size > c->size - c->at) {
        c->refused = true;
        memset(data, 0, size);
        return;
    }
    memcpy(data, c->data + c->at, size);
    c->at += size;
}

void checkpoint_block(struct checkpoint *c, void **data, size_t *size)
{
    checkpoint_bytes(c, size, sizeof *size);
    if (c->reading) {
        if (*size > c->size - c->at)
            c->refused = true;
        if (c->refused)
            *size = 0;
        *data = mem_new(*size + 1, 1); /* text stays ended */
    }
    checkpoint_bytes(c, *data, *size);
}

void checkpoint_array(struct checkpoint *c, void **data, int *n, size_t each)
{
    size_t size = (size_t)*n * each;
    checkpoint_bytes(c, n, sizeof *n);
    checkpoint_block(c, data, &size);
    if (*n < 0 || size != (size_t)*n * each)
        checkpoint_refuse(c);
}

void checkpoint_text(struct checkpoint *c, char **text)
{
    size_t size = *text ? strlen(*text) : 0;
    void *data = *text;
    bool exists = data != NULL;
    checkpoint_bytes(c, &exists, sizeof exists);
    if (exists)
        checkpoint_block(c, &data, &size);
    *text = data;
}

static bool read_body(FILE *f, const struct header *h, struct checkpoint *c)
{
    /* the file's own length, not its header, says how much memory that takes */
    while (c->size < h->size) {
        size_t piece = h->size - c->size < 1 << 20 ? h->size - c->size : 1 << 20;
        reserve(c, piece);
        if (fread(c->data + c->size, 1, piece, f) != piece)
            return false;
        c->size += piece;
    }
    return fgetc(f) == EOF && !ferror(f) &&
           checkpoint_digest(CHECKPOINT_DIGEST, c->data, c->size) == h->digest;
}

struct checkpoint *checkpoint_load(const char *path, struct err *err)
{
    struct header h;
    FILE *f = fopen(path, "rb");
    err->status = ST_OK;
    if (!f) {
        if (errno != ENOENT)
            err_set(err, ST_SYSTEM, "cannot read %s: %s", path, strerror(errno));
        return NULL;
    }
    struct checkpoint *c = checkpoint_new();
    c->reading = true;
    if (fread(&h, sizeof h, 1, f) != 1 || memcmp(h.magic, magic, sizeof magic))
        err_set(err, ST_DATA, "%s is not a checkpoint: name another file, or remove it", path);
    else if (!read_body(f, &h, c))
        err_set(err, ST_DATA, "checkpoint %s is damaged: remove it to start again", path);
    fclose(f);
    if (err->status == ST_OK)
        return c;
    checkpoint_free(c);
    return NULL;
}

static bool write_all(const struct checkpoint *c, FILE *f)
{
    struct header h = {.size = c->size,
                       .digest = checkpoint_digest(CHECKPOINT_DIGEST, c->data, c->size)};
    memcpy(h.magic, magic, sizeof magic);
    return fwrite(&h, sizeof h, 1, f) == 1 && fwrite(c->data, 1, c->size, f) == c->size &&
           fflush(f) == 0 && fsync(fileno(f)) == 0;
}

enum status checkpoint_save(const struct checkpoint *c, const char *path, struct err *err)
{
    char *temporary = mem_print("%s.new", path);
    FILE *f = fopen(temporary, "wb");
    bool good = f && write_all(c, f);
    int number = errno;
    if (f && fclose(f) != 0 && good) {
        good = false;
        number = errno;
    }
    if (good && rename(temporary, path) != 0) {
        good = false;
        number = errno;
    }
    if (!good) {
        err_set(err, ST_SYSTEM, "cannot write checkpoint %s: %s", path, strerror(number));
        if (f)
            remove(temporary);
    }
    free(temporary);
    return good ? ST_OK : ST_SYSTEM;
}
