/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/properties.h"
#include <limits.h>
#include <stdlib.h>
#include "formats/frame_parts.h"

static void append(struct frame *f, const char *name, enum kind kind, size_t cols)
{
    size_t first = 0;
    if (f->columns)
        first = f->column[f->columns - 1].first + f->column[f->columns - 1].cols;
    struct column *c = frame_append_column(f, name, kind, cols);
    c->in_text = true;
    c->first = first;
}

/* The field up to the next colon; *p moves behind it, or becomes NULL at the end of the list. */
static char *field(const char **p)
{
    const char *colon = strchr(*p, ':');
    size_t length = colon ? (size_t)(colon - *p) : strlen(*p);
    char *text = mem_new(length + 1, 1);
    memcpy(text, *p, length);
    *p = colon ? colon + 1 : NULL;
    return text;
}

/* Decimal digits, 1 to INT_MAX; 0 otherwise. */
static size_t count_of(const char *text)
{
    size_t n = 0;
    for (const char *p = text; *p; p++) {
        if (*p < '0' || *p > '9' || n > INT_MAX / 10)
            return 0;
        n = 10 * n + (size_t)(*p - '0');
    }
    return n <= INT_MAX ? n : 0;
}

static enum status check_triplet(const struct frame *f, const char *name, const char *type,
                                 const char *count, struct err *err)
{
    if (!*name || strpbrk(name, " \t\n"))
        return err_set(err, ST_DATA, "bad column name '%s' in Properties", name);
    if (strlen(type) != 1 || !strchr("SIRL", *type))
        return err_set(err, ST_DATA, "unknown property type '%s': S, I, R or L", type);
    if (!count_of(count))
        return err_set(err, ST_DATA, "bad column count '%s' of %s", count, name);
    if (frame_has_column(f, name))
        return err_set(err, ST_DATA, "duplicate column %s", name);
    return ST_OK;
}

enum status properties_parse(struct frame *f, const char *list, struct err *err)
{
    enum status status = ST_OK;
    for (const char *p = list; p && !status;) {
        char *name = field(&p), *type = p ? field(&p) : NULL, *count = p ? field(&p) : NULL;
        if (!count)
            status = err_set(err, ST_DATA, "Properties is not a list of name:type:count triplets");
        else if (!(status = check_triplet(f, name, type, count, err)))
            append(f, name, (enum kind) * type, count_of(count));
        free(name);
        free(type);
        free(count);
    }
    return status;
}

void properties_default(struct frame *f)
{
    append(f, "species", KIND_STRING, 1);
    append(f, "pos", KIND_REAL, 3);
}
