/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hydrogen atoms where a test wants them. */
#ifndef TESTS_HYDROGEN_H
#define TESTS_HYDROGEN_H

#include <string.h>
#include "crystal/system.h"

/* pos[n], bohr; cell NULL: open boundaries. system_free. */
static struct system *hydrogen_at(int n, const double pos[][3], const double cell[3][3])
{
    struct system *s = system_new(n);
    s->periodic = cell != NULL;
    if (cell)
        memcpy(s->cell, cell, sizeof s->cell);
    memcpy(s->pos, pos, (size_t)n * sizeof *pos);
    for (int i = 0; i < n; i++)
        s->element[i] = 1;
    return s;
}

#endif
