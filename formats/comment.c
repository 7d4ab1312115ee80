/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* memmem */
#include "formats/comment.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "formats/frame_parts.h"
#include "formats/properties.h"
#include "formats/utf8.h"

void warnings_add(struct warnings *w, const char *format, ...)
{
    va_list args;
    char text[400];
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (w->n == w->capacity) {
        int capacity = 2 * w->capacity + 4;
        w->text = mem_grow(w->text, (size_t)w->capacity, (size_t)capacity, sizeof *w->text);
        w->capacity = capacity;
    }
    w->text[w->n++] = mem_text(text);
}

void warnings_clear(struct warnings *w)
{
    for (int i = 0; i < w->n; i++)
        free(w->text[i]);
    w->n = 0;
}

void warnings_free(struct warnings *w)
{
    warnings_clear(w);
    free(w->text);
    w->text = NULL;
}

struct comment {
    struct frame *f;
    long line;
    bool marked; /* Lattice= or Properties= stand on it */
    bool lattice, pbc, properties;
    struct warnings *warnings;
    struct err *err;
    char *duplicate; /* first key that stands twice */
    int pairs, bare;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool contains_assignment(const char *p, const char *end, const char *key)
{
    size_t length = strlen(key);
    while ((p = memmem(p, (size_t)(end - p), key, length))) {
        p += length;
        const char *q = p;
        while (q < end && is_blank(*q))
            q++;
        if (q < end && *q == '=')
            return true;
    }
    return false;
}

static bool is_numeric(const struct value *v)
{
    return (v->kind == KIND_INT || v->kind == KIND_REAL) && !v->wide;
}

static double element(const struct value *v, size_t i)
{
    return v->kind == KIND_INT ? (double)v->integer[i] : v->real[i];
}

/* Nine numbers are the rows a, b, c one after another; [[..]] would be the transpose by the convention
 * for matrices but some read it as rows, so it has to be symmetric; three are a diagonal. */
static enum status set_lattice(struct comment *c, const struct value *v, bool nested)
{
    size_t n = value_size(v);
    if (!is_numeric(v) || v->rank == 0 || (n != 9 && n != 3) || (v->rank == 2 && n != 9) ||
        (v->rank == 2 && v->rows != 3))
        return err_set(c->err, ST_DATA, "Lattice needs 9 numbers");
    double cell[3][3] = {{0}};
    for (size_t i = 0; i < n; i++)
        cell[n == 3 ? i : i / 3][n == 3 ? i : i % 3] = element(v, i);
    if (nested &&
        (cell[0][1] != cell[1][0] || cell[0][2] != cell[2][0] || cell[1][2] != cell[2][1]))
        return err_set(
            c->err, ST_DATA,
            "Lattice=[[..]] is ambiguous unless symmetric; use Lattice=\"ax ay az bx by bz "
            "cx cy cz\"");
    if (n == 3)
        warnings_add(c->warnings, "line %ld: 3-element Lattice read as a diagonal cell", c->line);
    frame_set_lattice(c->f, (const double(*)[3])cell);
    return ST_OK;
}

static enum status set_pbc(struct comment *c, const struct value *v)
{
    size_t n = value_size(v);
    bool logical = v->kind == KIND_BOOL, pbc[3], good = n == 1 || n == 3;
    if (!logical && !(v->kind == KIND_INT && !v->wide))
        good = false;
    for (size_t i = 0; good && i < 3; i++) {
        size_t k = n == 1 ? 0 : i;
        pbc[i] = logical ? v->logical[k] : v->integer[k] != 0;
        good = logical || v->integer[k] == 0 || v->integer[k] == 1;
    }
    if (!good)
        return err_set(c->err, ST_DATA, "pbc needs three logicals");
    frame_set_pbc(c->f, pbc);
    return ST_OK;
}

/* The three keys that shape the frame; *seen is the flag of the one that was found. */
static bool *special(struct comment *c, const char *key)
{
    return !strcmp(key, "Lattice")      ? &c->lattice
           : !strcmp(key, "pbc")        ? &c->pbc
           : !strcmp(key, "Properties") ? &c->properties
                                        : NULL;
}

static enum status set_special(struct comment *c, bool *seen, const struct value *v,
                               const char *text, const char *end)
{
    *seen = true;
    if (seen == &c->lattice) {
        const char *p = text + 1;
        while (p < end && is_blank(*p))
            p++;
        return set_lattice(c, v, *text == '[' && p < end && *p == '[');
    }
    if (seen == &c->pbc)
        return set_pbc(c, v);
    if (v->kind != KIND_STRING || v->rank != 0)
        return err_set(c->err, ST_DATA, "Properties is not a list of name:type:count triplets");
    return properties_parse(c->f, v->string[0], c->err);
}

static enum status store(struct comment *c, const char *key, const char **p, const char *end)
{
    struct value v;
    const char *text = *p;
    bool *seen = special(c, key);
    if (text == end)
        return err_set(c->err, ST_DATA, "key %s has no value", key);
    if (value_parse(&v, p, end, c->err))
        return ST_DATA;
    if (seen ? *seen : frame_has_key(c->f, key)) {
        if (!c->duplicate)
            c->duplicate = mem_text(key);
    } else if (!seen) {
        *frame_append_key(c->f, key) = v;
        return ST_OK;
    } else if (set_special(c, seen, &v, text, end)) {
        value_free(&v);
        return ST_DATA;
    }
    value_free(&v);
    return ST_OK;
}

static enum status bare_key(struct comment *c, const char *key)
{
    c->bare++;
    if (c->warnings->strict && c->marked)
        return err_set(c->err, ST_DATA, "key without value: %s", key);
    if (!c->marked)
        return ST_DATA; /* plain XYZ */
    warnings_add(c->warnings, "line %ld: key without value: %s", c->line, key);
    if (special(c, key))
        return err_set(c->err, ST_DATA, "key %s has no value", key);
    if (frame_has_key(c->f, key)) {
        if (!c->duplicate)
            c->duplicate = mem_text(key);
    } else {
        frame_set_bool(c->f, key, true);
    }
    return ST_OK;
}

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && is_blank(*p))
        p++;
    return p;
}

static enum status pair(struct comment *c, const char **at, const char *end)
{
    char *key = value_parse_word(at, end, true, c->err);
    if (!key)
        return ST_DATA;
    enum status status;
    const char *p = skip_blanks(*at, end);
    if (p < end && *p == '=') {
        p = skip_blanks(p + 1, end);
        c->pairs++;
        status = store(c, key, &p, end);
        *at = p;
    } else {
        status = bare_key(c, key);
    }
    free(key);
    return status;
}

static enum status parse_pairs(struct comment *c, const char *p, const char *end)
{
    for (p = skip_blanks(p, end); p < end; p = skip_blanks(p, end))
        if (pair(c, &p, end))
            return ST_DATA;
    if (c->duplicate)
        return err_set(c->err, ST_DATA, "duplicate key %s", c->duplicate);
    return ST_OK;
}

/* Stress as xx yy zz yz xz xy, from six or nine numbers; false: another shape. */
static bool voigt(const struct frame *f, const char *name, double s[6])
{
    static const int places[6] = {0, 4, 8, 5, 2, 1};
    const struct frame_key *key = frame_find_key(f, name);
    if (!key || !is_numeric(&key->value) || key->value.rank == 0)
        return false;
    size_t n = value_size(&key->value);
    for (size_t i = 0; i < 6 && (n == 6 || n == 9); i++)
        s[i] = element(&key->value, n == 6 ? i : (size_t)places[i]);
    return n == 6 || n == 9;
}

/* virial = -V stress, within the digits that codes print (a part in 10^3 of the largest component,
 * 10^-6 eV/A^3 for small ones). */
static enum status check_virial(const struct frame *f, struct err *err)
{
    double stress[6], virial[6], largest = 0, off = 0;
    const double(*a)[3] = f->cell;
    if (!f->has_lattice || !voigt(f, "stress", stress) || !voigt(f, "virial", virial))
        return ST_OK;
    double volume = fabs(a[0][0] * (a[1][1] * a[2][2] - a[1][2] * a[2][1]) -
                         a[0][1] * (a[1][0] * a[2][2] - a[1][2] * a[2][0]) +
                         a[0][2] * (a[1][0] * a[2][1] - a[1][1] * a[2][0]));
    for (int i = 0; i < 6; i++) {
        largest = fmax(largest, fabs(virial[i]));
        off = fmax(off, fabs(virial[i] + volume * stress[i]));
    }
    if (!(off <= 1e-3 * largest + 1e-6 * volume))
        return err_set(err, ST_DATA,
                       "virial and stress disagree by %g eV: virial = -V stress (tension positive)",
                       off);
    return ST_OK;
}

static void make_plain(struct frame *f, const char *p, const char *end)
{
    frame_clear(f);
    f->plain = true;
    char *comment = mem_new((size_t)(end - p) + 1, 1);
    memcpy(comment, p, (size_t)(end - p));
    frame_set_string(f, "comment", comment);
    free(comment);
    properties_default(f);
}

static enum status finish(struct comment *c)
{
    bool periodic[3] = {true, true, true};
    if (!c->properties)
        properties_default(c->f);
    if (!c->pbc && c->f->has_lattice)
        frame_set_pbc(c->f, periodic);
    return check_virial(c->f, c->err);
}

enum status comment_parse(struct frame *f, const char *p, const char *end, long line,
                          struct warnings *w, struct err *err)
{
    struct comment c = {.f = f, .line = line, .warnings = w, .err = err};
    size_t atoms = f->n;
    if (memchr(p, 0, (size_t)(end - p)))
        return err_set(err, ST_DATA, "NUL character in the comment line");
    if (!utf8_valid(p, end))
        return err_set(err, ST_DATA, "not UTF-8");
    c.marked = contains_assignment(p, end, "Lattice") || contains_assignment(p, end, "Properties");
    enum status status = parse_pairs(&c, p, end);
    /* pairs without the two marks may be free text; twice the same key is a mistake either way */
    if (!c.marked && (c.bare || !c.pairs || (status && !c.duplicate))) {
        make_plain(f, p, end);
        f->n = atoms;
        status = ST_OK;
    } else if (!status) {
        status = finish(&c);
    }
    free(c.duplicate);
    return status;
}
