/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>
#include "base/opt_table.h"

#define AT(member) offsetof(struct common, member)

const char opt_version[] = DELTAQMC_VERSION;

const struct opt opt_table_common[] = {
    {"output", OPT_TEXT, AT(output), "FILE", "write to FILE, which appears when it is complete", 0,
     0},
    {"compress", OPT_CHOICE, AT(compress), "auto|always|never",
     "BGZF compression of the output; auto: when FILE ends in .gz, or to a pipe from compressed "
     "input",
     0, 0},
    {"threads", OPT_INT, AT(threads), "N", "number of threads; 0: all that the machine has", 0,
     4096},
    {"seed", OPT_SEED, AT(seed), "N", "seed of the random numbers", 0, 0},
    {"on-error", OPT_CHOICE, AT(on_error), "stop|skip",
     "at a bad frame: stop, or pass over it and count it", 0, 0},
    {"strict", OPT_FLAG, AT(strict), NULL, "what is only a warning in the input becomes an error",
     0, 0},
    {"require-frames", OPT_FLAG, AT(require_frames), NULL, "an input without frames is an error", 0,
     0},
    {"quiet", OPT_FLAG, AT(quiet), NULL, "print errors and warnings only", 0, 0},
    {"verbose", OPT_FLAG, AT(verbose), NULL, "print details on standard error", 0, 0},
    {"progress", OPT_CHOICE, AT(progress), "auto|always|never",
     "progress line on standard error; auto: on a terminal", 0, 0},
    {"help", OPT_FLAG, 0, NULL, "print this text and end", 0, 0},
    {"version", OPT_FLAG, 0, NULL, "print version, compiler and libraries, and end", 0, 0},
    {NULL, OPT_END, 0, NULL, NULL, 0, 0},
};

char opt_table_short(const char *name)
{
    static const struct {
        char letter;
        const char *name;
    } letters[] = {{'o', "output"},  {'j', "threads"}, {'q', "quiet"},
                   {'v', "verbose"}, {'h', "help"},    {'V', "version"}};
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (!strcmp(letters[i].name, name))
            return letters[i].letter;
    return 0;
}

bool opt_table_is_option(const struct opt *opt)
{
    return opt->kind != OPT_END && opt->kind != OPT_SECTION;
}
