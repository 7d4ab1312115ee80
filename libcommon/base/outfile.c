/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/outfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum status outfile_open(struct outfile *out, const char *path, struct err *err)
{
    out->path = mem_text(path);
    out->temporary = mem_print("%s.tmp.%ld", path, (long)getpid());
    out->file = fopen(out->temporary, "w");
    if (out->file)
        return ST_OK;
    int why = errno;
    outfile_close(out, false, NULL);
    return err_set(err, ST_SYSTEM, "cannot write '%s': %s", path, strerror(why));
}

static bool flush_and_rename(struct outfile *out)
{
    bool written = !ferror(out->file) && fflush(out->file) == 0;
    bool closed = fclose(out->file) == 0;
    out->file = NULL;
    return written && closed && rename(out->temporary, out->path) == 0;
}

enum status outfile_close(struct outfile *out, bool commit, struct err *err)
{
    enum status status = ST_OK;
    if (out->file && commit && !flush_and_rename(out)) {
        status = err_set(err, ST_SYSTEM, "cannot write '%s': %s", out->path, strerror(errno));
        commit = false;
    }
    if (out->file)
        fclose(out->file);
    if (!commit && out->temporary)
        unlink(out->temporary);
    free(out->path);
    free(out->temporary);
    *out = (struct outfile){0};
    return status;
}
