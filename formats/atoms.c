/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/atoms.h"
#include "formats/frame_parts.h"
#include "formats/number.h"
#include "formats/utf8.h"

static inline bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static inline const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && is_blank(*p))
        p++;
    return p;
}

static const char *word_end(const char *p, const char *end)
{
    while (p < end && !is_blank(*p))
        p++;
    return p;
}

/* Any characters but blanks; UTF-8, no NUL. */
static inline const char *copy_word(const char *p, const char *end, char **out)
{
    const char *start = p;
    char *q = *out;
    signed char unusual = 0;
    for (; p < end && !is_blank(*p); p++) {
        unusual = (signed char)(unusual | *p | (*p == 0 ? -128 : 0));
        *q++ = *p;
    }
    if (unusual < 0 && (memchr(start, 0, (size_t)(p - start)) || !utf8_valid(start, p)))
        return NULL;
    *out = q;
    return p;
}

static const char *copy_logical(const char *p, const char *end, char **out)
{
    const char *stop = word_end(p, end);
    int x = number_logical(p, stop);
    if (x < 0)
        return NULL;
    *(*out)++ = x ? 'T' : 'F';
    return stop;
}

static inline const char *copy_one(enum kind kind, const char *p, const char *end, char **out)
{
    switch (kind) {
    case KIND_REAL:
        return number_copy_real(p, end, out);
    case KIND_INT:
        return number_copy_int(p, end, out);
    case KIND_BOOL:
        return copy_logical(p, end, out);
    default:
        return copy_word(p, end, out);
    }
}

static size_t count_columns(const struct frame *f)
{
    const struct column *last = &f->column[f->columns - 1];
    return last->first + last->cols;
}

static size_t count_words(const char *p, const char *end)
{
    size_t n = 0;
    for (p = skip_blanks(p, end); p < end; p = skip_blanks(word_end(p, end), end))
        n++;
    return n;
}

static enum status wrong_count(const struct frame *f, const char *p, const char *end,
                               struct err *err)
{
    return err_set(err, ST_DATA, "expected %zu columns, found %zu", count_columns(f),
                   count_words(p, end));
}

static enum status bad_word(const struct column *c, const char *p, const char *end, struct err *err)
{
    const char *kind = c->kind == KIND_REAL   ? "real"
                       : c->kind == KIND_INT  ? "integer"
                       : c->kind == KIND_BOOL ? "logical"
                                              : "string";
    int length = (int)(word_end(p, end) - p);
    return err_set(err, ST_DATA, "bad %s '%.*s' in %s", kind, length < 60 ? length : 60, p,
                   c->name);
}

enum status atoms_add_line(struct frame *f, const char *p, const char *end, struct err *err)
{
    const char *line = p;
    size_t length = (size_t)(end - p), words = count_columns(f);
    if (words > length)
        words = length; /* there cannot be more, whatever Properties claims */
    char *out = text_room(&f->rows, length + words * NUMBER_SIZE + 2), *start = out;
    for (int i = 0; i < f->columns; i++) {
        const struct column *c = &f->column[i];
        enum kind kind = c->kind;
        for (size_t k = c->cols; k; k--) {
            p = skip_blanks(p, end);
            if (p == end)
                return wrong_count(f, line, end, err);
            const char *after = copy_one(kind, p, end, &out);
            if (!after)
                return bad_word(c, p, end, err);
            *out++ = ' ';
            p = after;
        }
    }
    if (skip_blanks(p, end) != end && !f->plain)
        return wrong_count(f, line, end, err);
    out[-1] = '\n';
    f->rows.n += (size_t)(out - start);
    return ST_OK;
}
