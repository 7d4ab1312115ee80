/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _DEFAULT_SOURCE /* strsep */
#include "formats/table.h"
#include <stdlib.h>
#include "formats/frame_parts.h"
#include "formats/number.h"

static void put_escaped(struct text *out, const char *s)
{
    for (; *s; s++) {
        const char *escape = *s == '\t' ? "\\t" : *s == '\n' ? "\\n" : *s == '\\' ? "\\\\" : NULL;
        if (escape)
            text_puts(out, escape);
        else
            text_char(out, *s);
    }
}

static void put_value(struct text *out, const struct value *v)
{
    for (size_t i = 0; i < value_size(v); i++) {
        if (i)
            text_char(out, ' ');
        if (v->kind == KIND_STRING)
            put_escaped(out, v->string[i]);
        else if (v->kind == KIND_BOOL)
            text_char(out, v->logical[i] ? 'T' : 'F');
        else
            value_print_json(out, v, i);
    }
}

static void put_cell(struct text *out, const char *name, const struct frame *f)
{
    char number[NUMBER_SIZE];
    const struct frame_key *key = frame_find_key(f, name);
    double a[3][3];
    if (key) {
        put_value(out, &key->value);
    } else if (!strcmp(name, "natoms")) {
        text_add(out, number, number_print_int((int64_t)frame_atoms(f), number));
    } else if (!strcmp(name, "pbc")) {
        for (int i = 0; i < 3; i++)
            text_add(out, f->pbc[i] ? "T " : "F ", i < 2 ? 2 : 1);
    } else if (!strcmp(name, "Lattice") && frame_lattice(f, a)) {
        for (int i = 0; i < 9; i++) {
            if (i)
                text_char(out, ' ');
            text_add(out, number, number_print(a[i / 3][i % 3], number));
        }
    } else {
        text_puts(out, "NA");
    }
}

/* A row of all names: of frame f, or the header if it is NULL. */
static void row(struct text *out, const char *names, const struct frame *f)
{
    char *copy = mem_text(names), *rest = copy, *name;
    for (bool first = true; (name = strsep(&rest, ",")); first = false) {
        if (!first)
            text_char(out, '\t');
        if (f)
            put_cell(out, name, f);
        else
            put_escaped(out, name);
    }
    text_char(out, '\n');
    free(copy);
}

void table_header(struct text *out, const char *names)
{
    row(out, names, NULL);
}

void table_row(struct text *out, const char *names, const struct frame *f)
{
    row(out, names, f);
}
