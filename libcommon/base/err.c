/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/err.h"

enum status err_set(struct err *err, enum status status, const char *format, ...)
{
    if (!err)
        return status;
    char text[sizeof err->text]; /* the arguments may point into err->text */
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    memcpy(err->text, text, sizeof text);
    err->status = status;
    return status;
}
