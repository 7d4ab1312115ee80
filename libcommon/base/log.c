/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "base/log.h"

/* One fputs per message, so that lines of several threads do not mix. */
static void print_line(struct log *log, const char *kind, const char *format, va_list args)
{
    char text[1024], line[1200];
    vsnprintf(text, sizeof text, format, args);
    if (!log->to)
        log_done(log);
    snprintf(line, sizeof line, "%s: %s%s\n", log->program, kind, text);
    fputs(line, log->to ? log->to : stderr);
}

void log_warning(struct log *log, const char *format, ...)
{
    if (!log || log->verbosity < 0)
        return;
    va_list args;
    va_start(args, format);
    print_line(log, "warning: ", format, args);
    va_end(args);
}

void log_note(struct log *log, const char *format, ...)
{
    if (!log || log->verbosity < 1)
        return;
    va_list args;
    va_start(args, format);
    print_line(log, "", format, args);
    va_end(args);
}

void log_detail(struct log *log, const char *format, ...)
{
    if (!log || log->verbosity < 2)
        return;
    va_list args;
    va_start(args, format);
    print_line(log, "", format, args);
    va_end(args);
}

/* Characters that fit on one line of the terminal, if it is one: what wraps would not be overwritten. */
static int room(void)
{
    struct winsize size;
    const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    return known ? size.ws_col - 1 : INT_MAX;
}

void log_progress(struct log *log, const char *format, ...)
{
    if (!log || !log->progress)
        return;
    char text[256], line[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    snprintf(line, sizeof line, "%s: %s", log->program, text);
    fprintf(stderr, "\r%.*s\033[K", room(), line);
    fflush(stderr);
    log->line_open = true;
}

void log_done(struct log *log)
{
    if (!log || !log->line_open)
        return;
    fputs("\r\033[K", stderr);
    log->line_open = false;
}
