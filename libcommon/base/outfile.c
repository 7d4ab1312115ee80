/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

bool outfile_is_device(const char *path)
{
    struct stat info;
    return !stat(path, &info) && !S_ISREG(info.st_mode);
}

enum status outfile_open(struct outfile *out, const char *path, struct err *err)
{
    const bool device = outfile_is_device(path);
    char *real = device ? NULL : realpath(path, NULL); /* a link survives, its target is replaced */
    out->path = real ? real : mem_text(path);
    out->temporary = device ? NULL : mem_print("%s.tmp.%ld", out->path, (long)getpid());
    out->file = device ? fopen(path, "a") : fopen(out->temporary, "w");
    if (out->file)
        return ST_OK;
    int why = errno;
    outfile_close(out, false, NULL);
    return err_set(err, ST_SYSTEM, "cannot write '%s': %s", path, strerror(why));
}

int outfile_cut_back(const char *path, size_t keep, struct err *err)
{
    struct stat info;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0 || fstat(fd, &info))
        err_set(err, ST_SYSTEM, "cannot write '%s': %s", path, strerror(errno));
    else if (!S_ISREG(info.st_mode))
        err_set(err, ST_USAGE, "'%s' is not a regular file: only such a one can be continued",
                path);
    else if (flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
        err_set(err, ST_SYSTEM, "'%s' is being written by another run", path);
    else if ((size_t)info.st_size < keep)
        err_set(err, ST_DATA,
                "'%s' has %lld bytes, %zu were written before the checkpoint: bring the file back, "
                "or remove the checkpoint to start again",
                path, (long long)info.st_size, keep);
    else if (ftruncate(fd, (off_t)keep) || lseek(fd, (off_t)keep, SEEK_SET) < 0)
        err_set(err, ST_SYSTEM, "cannot write '%s': %s", path, strerror(errno));
    else
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

enum status outfile_continue(struct outfile *out, const char *path, size_t keep, struct err *err)
{
    struct err own = {ST_OK, ""};
    int fd = outfile_cut_back(path, keep, &own);
    if (fd < 0)
        return err_set(err, own.status, "%s", own.text);
    *out = (struct outfile){.path = mem_text(path), .file = fdopen(fd, "w")};
    return ST_OK;
}

enum status outfile_sync(struct outfile *out, size_t *bytes, struct err *err)
{
    if (fflush(out->file) == 0 && fsync(fileno(out->file)) == 0) {
        *bytes = (size_t)ftello(out->file);
        return ST_OK;
    }
    return err_set(err, ST_SYSTEM, "cannot write '%s': %s", out->path, strerror(errno));
}

static bool flush_and_rename(struct outfile *out)
{
    bool written = !ferror(out->file) && fflush(out->file) == 0;
    bool closed = fclose(out->file) == 0;
    out->file = NULL;
    return written && closed && (!out->temporary || rename(out->temporary, out->path) == 0);
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
