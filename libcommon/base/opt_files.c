/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/mem.h"
#include "base/opt.h"
#include "base/outfile.h"

struct named {
    const char *option, *path; /* option "": an operand or standard input */
    bool written;
};

struct names {
    struct named *item;
    int n;
};

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Where a file is, without links; NULL: nowhere. The caller frees. */
static char *folder_of(const char *path)
{
    int length = (int)(name_of(path) - path);
    char *text = length ? mem_print("%.*s", length, path) : mem_text(".");
    char *folder = realpath(text, NULL);
    free(text);
    return folder;
}

/* The same file, also where it does not exist yet. What a, which is written, does not replace can be anything. */
static bool same_file(const char *a, const char *b)
{
    struct stat p, q;
    if (outfile_is_device(a))
        return false;
    if (!stat(a, &p) && !stat(b, &q))
        return p.st_dev == q.st_dev && p.st_ino == q.st_ino;
    char *folder[2] = {folder_of(a), folder_of(b)};
    bool same =
        folder[0] && folder[1] && !strcmp(folder[0], folder[1]) && !strcmp(name_of(a), name_of(b));
    free(folder[0]);
    free(folder[1]);
    return same;
}

static void add(struct names *names, const char *option, const char *path, bool written)
{
    if (!path || !strcmp(path, "-"))
        return;
    names->item =
        mem_grow(names->item, (size_t)names->n, (size_t)names->n + 1, sizeof *names->item);
    names->item[names->n++] = (struct named){option, path, written};
}

/* Options whose value is FILE, or ends in it: LABEL=FILE. */
static void add_option(struct names *names, const struct opt *o, const void *settings)
{
    const void *value = (const char *)settings + o->where;
    const size_t length = o->arg ? strlen(o->arg) : 0, tail = strlen("FILE");
    if (length < tail || strcmp(o->arg + length - tail, "FILE") != 0)
        return;
    const char *text = o->kind == OPT_TEXT ? *(const char *const *)value : NULL;
    struct opt_list one = {1, &text};
    const struct opt_list *list = o->kind == OPT_LIST ? value : &one;
    for (int i = 0; i < list->n; i++) {
        const char *path = list->item[i];
        const char *label = length > tail && path ? strchr(path, '=') : NULL;
        add(names, o->name, label ? label + 1 : path, o->min == OPT_WRITTEN);
    }
}

static enum status clash(const struct named *a, const struct named *b, struct err *err)
{
    if (b->written)
        return err_set(err, ST_USAGE, "--%s and --%s are one file: '%s'", a->option, b->option,
                       a->path);
    return err_set(err, ST_USAGE, "--%s would replace what %s%s reads: '%s'", a->option,
                   *b->option ? "--" : "the program", b->option, a->path);
}

enum status opt_check_files(const struct program *program, const void *settings,
                            const struct common *common, struct err *err)
{
    struct names names = {0};
    enum status status = ST_OK;
    for (const struct opt *o = program->options; o && o->kind != OPT_END; o++)
        if (o->kind == OPT_TEXT || o->kind == OPT_LIST)
            add_option(&names, o, settings);
    add(&names, "output", common->output, true);
    const int options = names.n;
    for (int i = 0; i < common->files.n; i++)
        add(&names, "", common->files.item[i], false);
    struct stat info;
    if (!common->files.n && !fstat(STDIN_FILENO, &info) && S_ISREG(info.st_mode))
        add(&names, "", "/dev/stdin", false);
    for (int i = 0; i < options && !status; i++)
        for (int j = 0; j < names.n && !status; j++) {
            const struct named *a = &names.item[i], *b = &names.item[j];
            /* -o may replace an input: it appears when all has been read */
            const bool allowed = !a->written || i == j || (b->written && j < i) ||
                                 (!strcmp(a->option, "output") && !*b->option);
            if (!allowed && same_file(a->path, b->path))
                status = clash(a, b, err);
        }
    free(names.item);
    return status;
}
