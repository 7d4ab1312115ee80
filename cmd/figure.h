/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of figures that are drawn at the end must do before the work is done. */
#ifndef CMD_FIGURE_H
#define CMD_FIGURE_H

#include <string.h>
#include "base/err.h"

/* path NULL: none is wanted. ST_USAGE: base/plot.h draws no such file. */
static inline enum status figure_check(const char *option, const char *path, struct err *err)
{
    const char *dot = path ? strrchr(path, '.') : NULL;
    if (!path || (dot && (!strcmp(dot, ".svg") || !strcmp(dot, ".png"))))
        return ST_OK;
    return err_set(err, ST_USAGE, "--%s '%s': the name must end in .svg or .png", option, path);
}

#endif
