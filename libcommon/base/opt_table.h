/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the option parser share; programs include base/opt.h only. */
#ifndef BASE_OPT_TABLE_H
#define BASE_OPT_TABLE_H

#include "base/opt.h"

/* An option of the program's or of the common table, and the struct its `where` counts from. */
struct opt_slot {
    const struct opt *opt;
    const void *base;
};

extern const struct opt opt_table_common[];      /* over struct common, ended by OPT_END */
char opt_table_short(const char *name);          /* the letter of a common option; 0: none */
bool opt_table_is_option(const struct opt *opt); /* not a heading */

/* The value that stands in a settings struct as text in a number of digits (0: shortest that reads
 * back the same). Quantities in the unit of the table. */
void opt_help_value(const struct opt *opt, const void *base, int digits, char *text, size_t bytes);
enum status opt_help_print(const struct program *program, const void *settings,
                           const struct common *common, struct err *err);
enum status opt_help_mdoc(const struct program *program, const void *settings,
                          const struct common *common, struct err *err);
enum status opt_help_version(const struct program *program, struct err *err);

#endif
