/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Options as data. One table per program gives the parser, --help (defaults are read from the
 * settings struct), the OPTIONS section of its man page (--help=mdoc, checked by the tests), and the
 * entry in `history`. Settings hold atomic units; quantities may carry a unit (base/units.h).
 *
 *   struct settings { double cutoff; int functional; bool orbitals; };
 *   static const struct opt options[] = {
 *       {"cutoff", OPT_QUANTITY, offsetof(struct settings, cutoff), "Ha", "plane-wave cut-off"},
 *       {"functional", OPT_CHOICE, offsetof(struct settings, functional), "lda|pbe", "..."},
 *       {0}};
 */
#ifndef BASE_OPT_H
#define BASE_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "base/err.h"
#include "base/units.h"

enum opt_kind {
    OPT_END,
    OPT_SECTION, /* name is a heading of --help */
    OPT_FLAG,    /* bool; --name */
    OPT_INT,     /* int; arg stands for the value in --help */
    OPT_SEED,    /* uint64_t */
    OPT_REAL,    /* double, a pure number */
    OPT_QUANTITY, /* double in atomic units; arg names a unit, which fixes the dimension; NaN: not set */
    OPT_TEXT,   /* const char *; NULL when not given */
    OPT_CHOICE, /* int, the index in arg = "first|second|third" */
    OPT_LIST    /* struct opt_list, may be given several times */
};

struct opt_list {
    int n;
    const char **item;
};

struct opt {
    const char *name;
    enum opt_kind kind;
    size_t where; /* offset in the settings struct */
    const char *arg;
    const char *help; /* one sentence, no full stop; --help adds the default */
    double min,
        max; /* allowed range in the member's unit (atomic units); both 0: any finite number;
                       * OPT_ABOVE_0 as min: greater than 0; HUGE_VAL as max: no upper limit */
};

#define OPT_ABOVE_0 4.94065645841246544177e-324 /* the smallest positive double */

/* As `where` of a section: its options do not change results and are left out of `history`. */
#define OPT_UNRECORDED 1

/* As `min` of a text or list whose `arg` is FILE: it is written. Others are read. */
#define OPT_WRITTEN 1

/* The options that all programs share (stream.md); every program has these members in one place. */
struct common {
    struct opt_list files; /* operands; none = standard input */
    const char *output;    /* -o; NULL = standard output */
    int compress;          /* auto, always, never */
    int threads;           /* -j; 0 = all */
    uint64_t seed;
    int on_error; /* stop, skip */
    bool strict, require_frames, quiet, verbose;
    int progress; /* auto, always, never */
};

struct program {
    const char *name;        /* "dft-baseline" */
    const char *summary;     /* one line, as in NAME of the man page */
    const char *operands;    /* "[FILE...]" */
    const char *description; /* a short paragraph for --help: what is read and written, in units */
    const struct opt *options;
};

/*
 * Parse the command line into *settings (whose contents on entry are the defaults) and *common.
 * Values are written --name=value or --name value (negative numbers too). An unknown option is an
 * error that names the nearest one; abbreviations are not accepted (scripts must not depend on them).
 * After `--` all is operand; `-` is an operand. The texts stay argv's; lists are ours (opt_free).
 * *done is set when --help or --version has been printed and the program should end with ST_OK.
 */
enum status opt_parse(const struct program *program, int argc, char **argv, void *settings,
                      struct common *common, bool *done, struct err *err);
/* ST_USAGE: a file that is written is also read (but -o may replace an operand), or written for two options. */
enum status opt_check_files(const struct program *program, const void *settings,
                            const struct common *common, struct err *err);
void opt_free(const struct program *program, void *settings, struct common *common);

/* "name version --option=value ...": every program option that differs from the default, and --seed
 * when it does; shortest round-trip numbers in the unit of the table. Caller frees. */
char *opt_history(const struct program *program, const void *settings, const void *defaults,
                  const struct common *common);

/* "4000K,8000K" into a new array of *n quantities in atomic units; caller frees *au (NULL on error). */
enum status opt_quantity_list(const char *text, enum dimension dim, int *n, double **au,
                              struct err *err);

extern const char opt_version[]; /* "0.1.0" */

#endif
