/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xyz-view: look at streams, check, select, convert, split and join them. */
#define _GNU_SOURCE /* strsep */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/outfile.h"
#include "base/threads.h"
#include "formats/filter.h"
#include "formats/json.h"
#include "formats/number.h"
#include "formats/slice.h"
#include "formats/split.h"
#include "formats/table.h"
#include "formats/utf8.h"
#include "formats/validate.h"
#include "formats/where.h"

struct settings {
    const char *frames, *keep, *drop, *rename, *table;
    struct opt_list where;
    int head, split, level;
    double split_size;
    bool json, count, check;
    /* the rest is the state of a run */
    bool sliced;
    struct slice slice;
    struct where **condition;
    int renames;
    char **name; /* [2 renames]: old and new ones */
    struct split shards;
    struct text text;
    long selected, file_frames, file_skipped;
    size_t file_atoms;
};

#define AT(member) offsetof(struct settings, member)

static const struct opt options[] = {
    {"Select frames", OPT_SECTION, 0, NULL, NULL, 0, 0},
    {"frames", OPT_TEXT, AT(frames), "START:STOP:STEP",
     "frames by number over all inputs, from 0, as in Python: 10:20:2, 5, --frames=-1", 0, 0},
    {"where", OPT_LIST, AT(where), "CONDITION",
     "frames whose key fulfils key=value, !=, <, <=, >, >=, key (exists) or !key; may be repeated",
     0, 0},
    {"head", OPT_INT, AT(head), "N", "end after N selected frames; 0: all", 0, 2147483647},
    {"Select contents", OPT_SECTION, 0, NULL, NULL, 0, 0},
    {"keep", OPT_TEXT, AT(keep), "NAME,...",
     "keep only these keys and columns (patterns; species and pos always stay)", 0, 0},
    {"drop", OPT_TEXT, AT(drop), "NAME,...",
     "remove these keys and columns (patterns; species and pos always stay)", 0, 0},
    {"rename", OPT_TEXT, AT(rename), "OLD=NEW,...",
     "give keys and columns other names, in place of what has these (not species, pos, Lattice, "
     "Properties, pbc)",
     0, 0},
    {"Output other than frames", OPT_SECTION, 0, NULL, NULL, 0, 0},
    {"table", OPT_TEXT, AT(table), "KEY,...",
     "tab-separated values of keys (also natoms, Lattice, pbc), NA where missing", 0, 0},
    {"json", OPT_FLAG, AT(json), NULL, "each frame as one line of JSON", 0, 0},
    {"count", OPT_FLAG, AT(count), NULL, "only the number of selected frames", 0, 0},
    {"check", OPT_FLAG, AT(check), NULL,
     "only say of each input whether all its frames are fit for the programs", 0, 0},
    {"Files", OPT_SECTION, 0, NULL, NULL, 0, 0},
    {"split", OPT_INT, AT(split), "N", "files of N frames, numbered after the name given with -o",
     0, 2147483647},
    {"split-size", OPT_REAL, AT(split_size), "MB", "the same, files of so many MB of text", 0,
     1e12},
    {"level", OPT_INT, AT(level), "N", "level of compression", 1, 9},
    {NULL, OPT_END, 0, NULL, NULL, 0, 0}};

static const struct program program = {
    "xyz-view", "look at streams of frames: check, select, convert, split, join", "[FILE...]",
    "Reads frames (extended XYZ, plain or gzip-compressed) and writes those that are selected, in "
    "order; several inputs are joined. Nothing is computed and no unit changes.",
    options};

/* Is the name one of the patterns? */
static bool matches(const char *patterns, const char *name)
{
    char *copy = mem_text(patterns), *rest = copy, *pattern;
    bool found = false;
    while (!found && (pattern = strsep(&rest, ",")))
        found = !fnmatch(pattern, name, 0);
    free(copy);
    return found;
}

static bool unwanted(const struct settings *s, const char *name)
{
    return (s->keep && !matches(s->keep, name)) || (s->drop && matches(s->drop, name));
}

static bool fixed(const char *name)
{
    return !strcmp(name, "species") || !strcmp(name, "pos");
}

static void select_contents(const struct settings *s, struct frame *f)
{
    for (int i = frame_keys(f) - 1; i >= 0; i--)
        if (unwanted(s, frame_key_name(f, i)))
            frame_remove_key(f, frame_key_name(f, i));
    for (int i = frame_columns(f) - 1; i >= 0; i--) {
        const char *name = frame_column_name(f, i);
        if (!fixed(name) && unwanted(s, name))
            frame_remove_column(f, name);
    }
}

/* What the cell and the columns are written as, and what a column cannot be called */
static bool fit(const char *name)
{
    static const char *const reserved[] = {"Lattice", "Properties", "pbc"};
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (!strcmp(name, reserved[i]))
            return false;
    for (const char *p = name; *p; p++)
        if ((unsigned char)*p <= ' ' || strchr(":=\"'{}[]", *p))
            return false;
    return *name && !fixed(name) && utf8_valid(name, name + strlen(name));
}

static enum status read_renames(struct settings *s, struct err *err)
{
    char *copy = mem_text(s->rename), *rest = copy, *old;
    enum status status = ST_OK;
    while (!status && (old = strsep(&rest, ","))) {
        char *name = strchr(old, '=');
        if (name)
            *name++ = '\0';
        if (!name || !*old || fixed(old) || !fit(name))
            status = err_set(err, ST_USAGE,
                             "--rename: '%.100s' is not OLD=NEW,... of names, none of them "
                             "species, pos, Lattice, Properties or pbc",
                             s->rename);
        else {
            s->name = mem_grow(s->name, 2 * (size_t)s->renames, 2 * (size_t)s->renames + 2,
                               sizeof s->name[0]);
            s->name[2 * s->renames] = mem_text(old);
            s->name[2 * s->renames++ + 1] = mem_text(name);
        }
    }
    free(copy);
    return status;
}

static bool names_a_file(const char *output)
{
    return *output && strcmp(output, "-") != 0 && output[strlen(output) - 1] != '/' &&
           !outfile_is_device(output);
}

static enum status check_modes(const struct settings *s, const struct run *run, struct err *err)
{
    bool split = s->split || s->split_size > 0;
    if (s->json + s->count + s->check + (s->table != NULL) + split > 1)
        return err_set(err, ST_USAGE, "only one of --table, --json, --count, --check, --split");
    if (split && !run_common(run)->output)
        return err_set(err, ST_USAGE, "--split needs -o FILE, after which the files are named");
    if (split && !names_a_file(run_common(run)->output))
        return err_set(err, ST_USAGE,
                       "--split: '%s' is no name of a file that others can be named after",
                       run_common(run)->output);
    return ST_OK;
}

static enum status begin(void *settings, struct run *run, struct err *err)
{
    struct settings *s = settings;
    if (check_modes(s, run, err) || (s->rename && read_renames(s, err)))
        return ST_USAGE;
    s->condition = MEM_NEW(struct where *, s->where.n + 1);
    for (int i = 0; i < s->where.n; i++)
        if (!(s->condition[i] = where_new(s->where.item[i], err)))
            return ST_USAGE;
    s->sliced = s->frames != NULL;
    if (s->sliced && slice_parse(&s->slice, s->frames, err))
        return ST_USAGE;
    run_level(run, s->level);
    if (s->split || s->split_size > 0)
        s->shards = (struct split){.name = run_take_output(run),
                                   .compress = (enum compress)run_common(run)->compress,
                                   .threads = threads_max(),
                                   .level = s->level,
                                   .frames = s->split,
                                   .bytes = s->split_size * 1e6};
    if (s->check)
        run_judge(run);
    if (s->table) {
        table_header(&s->text, s->table);
        return run_puts(run, s->text.p, s->text.n, err);
    }
    return ST_OK;
}

static enum status write_text(struct settings *s, struct run *run, struct err *err)
{
    return run_puts(run, s->text.p, s->text.n, err);
}

static enum status output(struct settings *s, struct run *run, struct frame *f, struct err *err)
{
    s->text.n = 0;
    if (s->count)
        return ST_OK;
    if (s->table) {
        table_row(&s->text, s->table, f);
        return write_text(s, run, err);
    }
    if (s->json) {
        json_frame(&s->text, f);
        return write_text(s, run, err);
    }
    if (s->shards.name)
        return split_put(&s->shards, f, err);
    return run_put(run, f, err);
}

static enum status checked(struct settings *s, const struct frame *f, struct err *err)
{
    enum status status = validate_frame(f, err);
    s->file_frames += !status;
    s->file_atoms += status ? 0 : frame_atoms(f);
    return status;
}

/* A frame of the slice: if it fulfils the conditions, it is one of the selected. */
static enum status consider(struct settings *s, struct run *run, struct frame *f, struct err *err)
{
    for (int i = 0; i < s->where.n; i++)
        if (!where_holds(s->condition[i], f))
            return ST_OK;
    if (s->head && ++s->selected >= s->head)
        run_enough(run);
    else if (!s->head)
        s->selected++;
    if (s->check)
        return checked(s, f, err);
    if (s->keep || s->drop)
        select_contents(s, f);
    for (int i = 0; i < s->renames; i++)
        frame_rename(f, s->name[2 * i], s->name[2 * i + 1]);
    return output(s, run, f, err);
}

static enum status frame(void *settings, struct run *run, struct frame *f, struct err *err)
{
    struct settings *s = settings;
    struct frame *chosen = s->sliced ? slice_put(&s->slice, f) : f;
    if (s->sliced && slice_done(&s->slice))
        run_enough(run);
    return chosen ? consider(s, run, chosen, err) : ST_OK;
}

static enum status input(void *settings, struct run *run, struct err *err)
{
    struct settings *s = settings;
    if (!s->check)
        return ST_OK;
    long bad = run_skipped(run) - s->file_skipped;
    s->text.n = 0;
    char *line =
        bad ? mem_print("%s: bad: %ld of %ld frames\n", run_file(run), bad, bad + s->file_frames)
            : mem_print("%s: good: %ld frames, %zu atoms\n", run_file(run), s->file_frames,
                        s->file_atoms);
    enum status status = run_puts(run, line, strlen(line), err);
    free(line);
    s->file_skipped = run_skipped(run);
    s->file_frames = 0;
    s->file_atoms = 0;
    return status;
}

static enum status end(void *settings, struct run *run, struct err *err)
{
    struct settings *s = settings;
    enum status status = ST_OK;
    struct frame *f;
    while (!status && s->sliced && !(s->head && s->selected >= s->head) &&
           (f = slice_end(&s->slice)))
        status = consider(s, run, f, err);
    if (!status && s->shards.name)
        status = split_close(&s->shards, true, err);
    if (!status && s->count) {
        char number[NUMBER_SIZE];
        s->text.n = 0;
        text_add(&s->text, number, number_print_int(s->selected, number));
        text_char(&s->text, '\n');
        status = write_text(s, run, err);
    }
    return status;
}

static void release(void *settings)
{
    struct settings *s = settings;
    split_close(&s->shards, false, NULL);
    slice_free(&s->slice);
    for (int i = 0; s->condition && i < s->where.n; i++)
        where_free(s->condition[i]);
    free(s->condition);
    for (int i = 0; i < 2 * s->renames; i++)
        free(s->name[i]);
    free(s->name);
    free(s->text.p);
}

int main(int argc, char **argv)
{
    struct settings settings = {.level = 6};
    const struct filter filter = {.program = &program,
                                  .kind = FILTER_REDUCE,
                                  .quick = true,
                                  .silent = true,
                                  .settings = &settings,
                                  .settings_size = sizeof settings,
                                  .begin = begin,
                                  .frame = frame,
                                  .input = input,
                                  .end = end,
                                  .free = release};
    return filter_main(&filter, argc, argv);
}
