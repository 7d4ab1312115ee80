/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/ipi_wire.h"
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include "base/mem.h"
#include "base/threads.h"

/* ---- the connection ---- */

char *ipi_path(const char *name)
{
    return strchr(name, '/') ? mem_text(name) : mem_print("/tmp/ipi_%s", name);
}

/* A name of a service or a number of a port, which getaddrinfo takes modulo 65536. */
static bool is_port(const char *text)
{
    char *end;
    unsigned long port = strtoul(text, &end, 10);
    return *end || (port > 0 && port <= UINT16_MAX);
}

enum status ipi_address_parse(const char *text, struct ipi_address *a, struct err *err)
{
    const char *colon = strrchr(text, ':');
    *a = (struct ipi_address){.local = !strncmp(text, "unix:", 5)};
    if (a->local)
        colon = text + 4;
    if (!colon || colon == text || !colon[1])
        return err_set(err, ST_USAGE, "'%s' is not unix:NAME or host:port", text);
    if (!a->local && !is_port(colon + 1))
        return err_set(err, ST_USAGE, "'%s': ports are from 1 to %d", text, UINT16_MAX);
    a->host = mem_print("%.*s", (int)(colon - text), text);
    a->name = colon + 1;
    return ST_OK;
}

static bool stopped(const struct ipi_link *l)
{
    return l->stop && l->stop(l->self);
}

/* Descriptor, or -1 with errno */
static int try_unix(const char *name)
{
    struct sockaddr_un where = {.sun_family = AF_UNIX};
    char *path = ipi_path(name);
    bool fits = strlen(path) < sizeof where.sun_path;
    int fd = fits ? socket(AF_UNIX, SOCK_STREAM, 0) : -1;
    if (fits)
        memcpy(where.sun_path, path, strlen(path) + 1);
    else
        errno = ENAMETOOLONG;
    free(path);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&where, sizeof where)) {
        int why = errno;
        close(fd);
        errno = why;
        return -1;
    }
    return fd;
}

int ipi_tcp(const char *host, const char *port, bool passive,
            int (*attach)(int fd, const struct sockaddr *address, socklen_t size), const char **why)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = passive ? AI_PASSIVE : 0};
    struct addrinfo *list = NULL;
    int fd = -1, one = 1, code = getaddrinfo(host, port, &hints, &list);
    *why = code ? gai_strerror(code) : NULL;
    for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
        if (fd >= 0 && passive)
            setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
        if (fd >= 0 && attach(fd, a->ai_addr, a->ai_addrlen)) {
            int reason = errno;
            close(fd);
            errno = reason;
            fd = -1;
        }
    }
    if (list)
        freeaddrinfo(list);
    return fd;
}

static int try_tcp(const char *host, const char *port, const char **why)
{
    int fd = ipi_tcp(host, port, false, connect, why), one = 1;
    if (fd >= 0)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

/* The server may start later: try ten times a second until the time is over. */
enum status ipi_connect(struct ipi_link *l, struct err *err)
{
    struct ipi_address a;
    const char *why = NULL;
    if (ipi_address_parse(l->address, &a, err))
        return ST_USAGE;
    double end = threads_wall() + l->timeout;
    for (;;) {
        l->fd = a.local ? try_unix(a.name) : try_tcp(a.host, a.name, &why);
        if (l->fd >= 0 || !(threads_wall() < end))
            break;
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
        if (stopped(l))
            break;
    }
    const char *reason = why ? why : strerror(errno);
    free(a.host);
    if (l->fd >= 0)
        return ST_OK;
    return err_set(err, ST_SYSTEM, "no i-PI server at %s%s within %g s: %s", l->address,
                   a.local && !strchr(a.name, '/') ? " (below /tmp/ipi_)" : "", l->timeout, reason);
}

/* ---- bytes ---- */

static enum status broken(const struct ipi_link *l, const char *what, struct err *err)
{
    return err_set(err, ST_SYSTEM, "the connection with %s broke: %s", l->address, what);
}

/* Until something can be read. *stop: a signal asks for the end. seconds < 0: no limit. */
static enum status wait_for(const struct ipi_link *l, double seconds, bool *stop, struct err *err)
{
    struct pollfd p = {.fd = l->fd, .events = POLLIN};
    for (;;) {
        int ready = poll(&p, 1, seconds < 0 ? -1 : (int)(1000 * seconds));
        if (ready > 0)
            return ST_OK;
        if (ready == 0)
            return broken(l, "a message was not complete in time", err);
        if (errno != EINTR)
            return broken(l, strerror(errno), err);
        *stop = stopped(l);
        if (*stop)
            return ST_OK;
    }
}

/* n bytes. *end: the peer closed (or we were asked to stop) before the first of them, where that is allowed;
 * NULL: it is not. */
enum status ipi_get(const struct ipi_link *l, void *data, size_t n, bool *end, struct err *err)
{
    bool stop = false;
    for (size_t have = 0; have < n;) {
        bool between = end && have == 0;
        enum status status = wait_for(l, between ? -1 : l->timeout, &stop, err);
        if (status)
            return status;
        if (stop && between) {
            *end = true;
            return ST_OK;
        }
        ssize_t got = stop ? 0 : recv(l->fd, (char *)data + have, n - have, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && !(between && errno == ECONNRESET))
            return broken(l, strerror(errno), err);
        if (got <= 0 && between) {
            *end = true;
            return ST_OK;
        }
        if (got <= 0)
            return broken(l, "it ended inside a message", err);
        have += (size_t)got;
    }
    return ST_OK;
}

enum status ipi_put(const struct ipi_link *l, const void *data, size_t n, struct err *err)
{
    for (size_t sent = 0; sent < n;) {
        ssize_t got = send(l->fd, (const char *)data + sent, n - sent, MSG_NOSIGNAL);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return broken(l, strerror(errno), err);
        sent += (size_t)got;
    }
    return ST_OK;
}

enum status ipi_put_header(const struct ipi_link *l, const char *word, struct err *err)
{
    char header[IPI_HEADER];
    memset(header, ' ', IPI_HEADER);
    memcpy(header, word, strlen(word));
    return ipi_put(l, header, IPI_HEADER, err);
}

/* Without the padding; bytes that cannot be printed become '?'. */
static void trim(char header[IPI_HEADER + 1])
{
    header[IPI_HEADER] = 0;
    for (int i = 0; i < IPI_HEADER; i++)
        if (header[i] < ' ' || header[i] > '~')
            header[i] = '?';
    for (int i = IPI_HEADER; i > 0 && header[i - 1] == ' '; i--)
        header[i - 1] = 0;
}

enum status ipi_get_header(const struct ipi_link *l, char header[IPI_HEADER + 1], bool *end,
                           struct err *err)
{
    enum status status = ipi_get(l, header, IPI_HEADER, end, err);
    if (!status && !(end && *end))
        trim(header);
    return status;
}
