/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/ipi_server.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/mem.h"
#include "base/threads.h"
#include "formats/ipi_wire.h"

enum { TRIES = 3 }; /* drivers that may break off over one question */

struct ipi_server {
    int fd;
    char *path;           /* of the socket file; NULL: TCP */
    struct ipi_link link; /* with the driver; fd -1: none */
    bool (*stop)(void *self);
    void *self;
};

/* ---- listening ---- */

/* A socket that nobody listens at is left over from a program that was killed. */
static bool stale(const struct sockaddr_un *where)
{
    struct stat info;
    if (lstat(where->sun_path, &info) || !S_ISSOCK(info.st_mode))
        return false;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    bool dead = fd >= 0 && connect(fd, (const struct sockaddr *)where, sizeof *where) &&
                errno == ECONNREFUSED;
    if (fd >= 0)
        close(fd);
    return dead;
}

/* Bind to a path, in place of a stale socket; errno as bind sets it */
static bool bind_local(int fd, const struct sockaddr_un *where)
{
    if (!bind(fd, (const struct sockaddr *)where, sizeof *where))
        return true;
    int why = errno;
    if (why == EADDRINUSE && stale(where) && !unlink(where->sun_path))
        return !bind(fd, (const struct sockaddr *)where, sizeof *where);
    errno = why;
    return false;
}

/* A descriptor, or -1 with errno */
static int listen_local(const char *path)
{
    struct sockaddr_un where = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof where.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(where.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0 || bind_local(fd, &where))
        return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

struct ipi_server *ipi_server_new(const char *address, double timeout, bool (*stop)(void *self),
                                  void *self, struct err *err)
{
    struct ipi_address a;
    const char *why = NULL;
    if (ipi_address_parse(address, &a, err))
        return NULL;
    struct ipi_server *v = MEM_NEW(struct ipi_server, 1);
    char *path = a.local ? ipi_path(a.name) : NULL;
    *v = (struct ipi_server){
        .link = {.fd = -1, .address = address, .timeout = timeout}, .stop = stop, .self = self};
    v->fd = a.local ? listen_local(path) : ipi_tcp(a.host, a.name, true, bind, &why);
    if (v->fd >= 0)
        v->path = path;
    else
        free(path);
    free(a.host);
    if (v->fd >= 0 && !listen(v->fd, 1)) {
        fcntl(v->fd, F_SETFD, FD_CLOEXEC);
        return v;
    }
    err_set(err, ST_SYSTEM, "cannot listen at %s: %s", address, why ? why : strerror(errno));
    ipi_server_free(v);
    return NULL;
}

static void hang_up(struct ipi_server *v)
{
    if (v->link.fd >= 0)
        close(v->link.fd);
    v->link.fd = -1;
}

void ipi_server_free(struct ipi_server *v)
{
    if (!v)
        return;
    if (v->link.fd >= 0)
        ipi_put_header(&v->link, "EXIT", NULL);
    hang_up(v);
    if (v->fd >= 0)
        close(v->fd);
    if (v->path)
        unlink(v->path);
    free(v->path);
    free(v);
}

/* ---- a driver ---- */

static enum status wait_for_driver(struct ipi_server *v, struct err *err)
{
    struct pollfd p = {.fd = v->fd, .events = POLLIN};
    double end = threads_wall() + v->link.timeout;
    for (;;) {
        double left = end - threads_wall();
        if (poll(&p, 1, left > 0 ? (int)(1000 * fmin(left, 1000)) + 1 : 0) > 0)
            return ST_OK;
        if (v->stop && v->stop(v->self))
            return err_set(err, ST_COMPUTE, "interrupted while no driver was connected to %s",
                           v->link.address);
        if (!(left > 0))
            return err_set(err, ST_COMPUTE, "no driver connected to %s within %g s",
                           v->link.address, v->link.timeout);
    }
}

static enum status need_driver(struct ipi_server *v, struct err *err)
{
    int one = 1;
    if (v->link.fd >= 0)
        return ST_OK;
    if (wait_for_driver(v, err))
        return ST_COMPUTE;
    v->link.fd = accept(v->fd, NULL, NULL);
    if (v->link.fd < 0)
        return err_set(err, ST_SYSTEM, "cannot accept a driver at %s: %s", v->link.address,
                       strerror(errno));
    fcntl(v->link.fd, F_SETFD, FD_CLOEXEC);
    if (!v->path)
        setsockopt(v->link.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return ST_OK;
}

/* ---- messages ---- */

static enum status other_header(const struct ipi_link *l, const char *header, const char *wanted,
                                struct err *err)
{
    return err_set(err, ST_COMPUTE, "the driver at %s answered '%s' where %s would be right",
                   l->address, header, wanted);
}

static enum status ask_status(const struct ipi_link *l, char header[IPI_HEADER + 1],
                              struct err *err)
{
    enum status status = ipi_put_header(l, "STATUS", err);
    return status ? status : ipi_get_header(l, header, NULL, err);
}

static enum status initialise(const struct ipi_link *l, struct err *err)
{
    int32_t bead_and_length[2] = {0, 1};
    enum status status = ipi_put_header(l, "INIT", err);
    if (!status)
        status = ipi_put(l, bead_and_length, sizeof bead_and_length, err);
    return status ? status : ipi_put(l, " ", 1, err);
}

static enum status need_ready(const struct ipi_link *l, struct err *err)
{
    char header[IPI_HEADER + 1];
    enum status status = ask_status(l, header, err);
    if (!status && !strcmp(header, "NEEDINIT")) {
        status = initialise(l, err);
        if (!status)
            status = ask_status(l, header, err);
    }
    if (!status && strcmp(header, "READY"))
        return other_header(l, header, "READY", err);
    return status;
}

/* The cell with its vectors in columns, its inverse likewise; zeros in open boundaries. */
static enum status put_positions(const struct ipi_link *l, const struct system *s, struct err *err)
{
    double inverse[3][3] = {{0}}, m[18] = {0};
    int32_t n = s->n;
    if (s->periodic)
        system_inverse(s->cell, inverse);
    for (int i = 0; s->periodic && i < 9; i++) {
        m[i] = s->cell[i % 3][i / 3];
        m[9 + i] = inverse[i % 3][i / 3];
    }
    enum status status = ipi_put_header(l, "POSDATA", err);
    if (!status)
        status = ipi_put(l, m, sizeof m, err);
    if (!status)
        status = ipi_put(l, &n, sizeof n, err);
    return status ? status : ipi_put(l, s->pos, (size_t)n * sizeof *s->pos, err);
}

static enum status drop_extras(const struct ipi_link *l, struct err *err)
{
    int32_t n;
    enum status status = ipi_get(l, &n, sizeof n, NULL, err);
    if (status)
        return status;
    if (n < 0 || n > IPI_LONGEST_TEXT)
        return err_set(err, ST_COMPUTE,
                       "the driver at %s announces extras of %ld bytes: 0 to %d would be right",
                       l->address, (long)n, IPI_LONGEST_TEXT);
    char *text = MEM_NEW(char, n + 1);
    status = ipi_get(l, text, (size_t)n, NULL, err);
    free(text);
    return status;
}

static enum status check_finite(const struct ipi_link *l, const struct system *s,
                                const struct ipi_result *r, struct err *err)
{
    bool good = isfinite(r->energy);
    for (int i = 0; i < 3 * s->n; i++)
        good = good && isfinite(r->force[i / 3][i % 3]);
    for (int i = 0; i < 9; i++)
        good = good && isfinite(r->stress[i / 3][i % 3]);
    return good
               ? ST_OK
               : err_set(err, ST_COMPUTE,
                         "energy, forces or virial of the driver at %s are not finite", l->address);
}

static enum status get_numbers(const struct ipi_link *l, const struct system *s,
                               struct ipi_result *r, struct err *err)
{
    double virial[9];
    int32_t n;
    enum status status = ipi_get(l, &r->energy, sizeof r->energy, NULL, err);
    if (!status)
        status = ipi_get(l, &n, sizeof n, NULL, err);
    if (status)
        return status;
    if (n != s->n)
        return err_set(err, ST_COMPUTE, "the driver at %s answers for %ld atoms, not %d",
                       l->address, (long)n, s->n);
    status = ipi_get(l, r->force, (size_t)n * sizeof *r->force, NULL, err);
    if (!status)
        status = ipi_get(l, virial, sizeof virial, NULL, err);
    if (!status)
        status = drop_extras(l, err);
    for (int i = 0; !status && i < 9; i++)
        r->stress[i / 3][i % 3] = s->periodic ? -virial[i] / system_volume(s) : 0;
    return status ? status : check_finite(l, s, r, err);
}

static enum status converse(const struct ipi_link *l, const struct system *s, struct ipi_result *r,
                            struct err *err)
{
    char header[IPI_HEADER + 1];
    enum status status = need_ready(l, err);
    if (!status)
        status = put_positions(l, s, err);
    if (!status)
        status = ask_status(l, header, err);
    if (!status && strcmp(header, "HAVEDATA"))
        status = other_header(l, header, "HAVEDATA", err);
    if (!status)
        status = ipi_put_header(l, "GETFORCE", err);
    if (!status)
        status = ipi_get_header(l, header, NULL, err);
    if (!status && strcmp(header, "FORCEREADY"))
        status = other_header(l, header, "FORCEREADY", err);
    return status ? status : get_numbers(l, s, r, err);
}

enum status ipi_server_ask(struct ipi_server *v, const struct system *s, struct ipi_result *r,
                           struct err *err)
{
    struct err own = {ST_OK, ""};
    enum status status = ST_SYSTEM;
    for (int i = 0; i < TRIES && status == ST_SYSTEM; i++) {
        struct err none = {ST_OK, ""};
        if (need_driver(v, &none)) /* after a break, that is what to be told of */
            return err_set(err, ST_COMPUTE, "%s%s%s", own.text, i ? "; " : "", none.text);
        status = converse(&v->link, s, r, &own);
        if (status)
            hang_up(v);
    }
    return status ? err_set(err, ST_COMPUTE, "%s", own.text) : ST_OK;
}
