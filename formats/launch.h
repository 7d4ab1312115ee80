/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a program that mpirun or srun started begins and ends. */
#ifndef FORMATS_LAUNCH_H
#define FORMATS_LAUNCH_H

#include "base/log.h"
#include "base/ranks.h"

/* Has this process anything to do? ranks: the program shares its work; otherwise only the first has, and the programs
 * that it starts are alone. Standard input and output of the others are /dev/null from now on. */
bool launch_wanted(bool ranks);
/* As ranks_begin; ST_USAGE: the ranks' command lines differ. */
enum status launch_begin(struct ranks **ranks, int argc, char **argv, struct log *log,
                         struct err *err);
/* Says what went from rank to rank, and ends them. */
void launch_end(struct ranks *ranks, struct log *log);

#endif
