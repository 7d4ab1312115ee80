/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

/* N of /proc/self/fd/N and /dev/fd/N; -1: another name. */
static int numbered(const char *path)
{
    int fd, length = 0;
    if (sscanf(path, "/proc/self/fd/%d%n", &fd, &length) == 1 && !path[length])
        return fd;
    length = 0;
    return sscanf(path, "/dev/fd/%d%n", &fd, &length) == 1 && !path[length] ? fd : -1;
}

int outfile_descriptor(const char *path)
{
    enum { LINKS = 40 /* as many as the system follows */ };
    char *at = mem_text(path), target[PATH_MAX];
    int fd = -1;
    for (int i = 0; i < LINKS && (fd = numbered(at)) < 0; i++) {
        ssize_t n = readlink(at, target, sizeof target);
        if (n <= 0 || (size_t)n == sizeof target)
            break;
        const char *slash = strrchr(at, '/');
        int folder = slash && *target != '/' ? (int)(slash + 1 - at) : 0;
        char *next = mem_print("%.*s%.*s", folder, at, (int)n, target);
        free(at);
        at = next;
    }
    free(at);
    return fd >= 0 && fcntl(fd, F_GETFD) >= 0 ? fd : -1;
}

int outfile_duplicate(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

bool outfile_is_device(const char *path)
{
    struct stat info;
    return outfile_descriptor(path) >= 0 || (!stat(path, &info) && !S_ISREG(info.st_mode));
}

static FILE *open_device(const char *path)
{
    int fd = outfile_descriptor(path);
    return fd < 0 ? fopen(path, "a") : fdopen(outfile_duplicate(fd), "a");
}

FILE *outfile_log(const char *path)
{
    return outfile_is_device(path) ? open_device(path) : fopen(path, "w");
}

enum status outfile_open(struct outfile *out, const char *path, struct err *err)
{
    const bool device = outfile_is_device(path);
    char *real = device ? NULL : realpath(path, NULL); /* a link survives, its target is replaced */
    out->path = real ? real : mem_text(path);
    out->temporary = device ? NULL : mem_print("%s.tmp.%ld", out->path, (long)getpid());
    out->file = device ? open_device(path) : fopen(out->temporary, "w");
    if (out->file)
        return ST_OK;
    int why = errno;
    outfile_close(out, false, NULL);
    return err_set(err, ST_SYSTEM, "cannot write '%s': %s", path, strerror(why));
}

int outfile_cut_back(const char *path, size_t keep, struct err *err)
{
    struct stat info;
    const bool device = outfile_is_device(path);
    int fd = device ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (device)
        err_set(err, ST_USAGE, "'%s' is not a regular file: only such a one can be continued",
                path);
    else if (fd < 0 || fstat(fd, &info))
        err_set(err, ST_SYSTEM, "cannot write '%s': %s", path, strerror(errno));
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
