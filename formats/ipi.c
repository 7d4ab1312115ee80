/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/ipi.h"
#include <errno.h>
#include <math.h>
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

enum { HEADER = 12, LONGEST_TEXT = 1 << 20 };

struct link {
    int fd;
    const char *address;
    double timeout;
    const struct ipi_provider *provider;
};

/* ---- the connection ---- */

/* Descriptor, or -1 with errno */
static int try_unix(const char *name)
{
    struct sockaddr_un where = {.sun_family = AF_UNIX};
    char *path = strchr(name, '/') ? mem_text(name) : mem_print("/tmp/ipi_%s", name);
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

static int try_tcp(const char *host, const char *port, const char **why)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    int fd = -1, one = 1, code = getaddrinfo(host, port, &hints, &list);
    *why = code ? gai_strerror(code) : NULL;
    for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen)) {
            int reason = errno;
            close(fd);
            errno = reason;
            fd = -1;
        }
    }
    if (list)
        freeaddrinfo(list);
    if (fd >= 0)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

/* The server may start later: try ten times a second until the time is over. */
static enum status open_link(struct link *l, struct err *err)
{
    bool local = !strncmp(l->address, "unix:", 5);
    const char *colon = strrchr(l->address, ':'), *why = NULL;
    if (!colon || colon == l->address || !colon[1])
        return err_set(err, ST_USAGE, "'%s' is not unix:NAME or host:port", l->address);
    char *host = mem_print("%.*s", (int)(colon - l->address), l->address);
    double end = threads_wall() + l->timeout;
    for (;;) {
        l->fd = local ? try_unix(colon + 1) : try_tcp(host, colon + 1, &why);
        if (l->fd >= 0 || !(threads_wall() < end))
            break;
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
        if (l->provider->stop && l->provider->stop(l->provider->self))
            break;
    }
    const char *reason = why ? why : strerror(errno);
    free(host);
    if (l->fd >= 0)
        return ST_OK;
    return err_set(err, ST_SYSTEM, "no i-PI server at %s%s within %g s: %s", l->address,
                   local && !strchr(colon, '/') ? " (below /tmp/ipi_)" : "", l->timeout, reason);
}

/* ---- bytes ---- */

static enum status broken(const struct link *l, const char *what, struct err *err)
{
    return err_set(err, ST_SYSTEM, "the connection with %s broke: %s", l->address, what);
}

/* Until something can be read. *stop: a signal asks for the end. seconds < 0: no limit. */
static enum status wait_for(const struct link *l, double seconds, bool *stop, struct err *err)
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
        *stop = l->provider->stop && l->provider->stop(l->provider->self);
        if (*stop)
            return ST_OK;
    }
}

/* n bytes. *end: the peer closed (or we were asked to stop) before the first of them, where that is allowed;
 * NULL: it is not. */
static enum status get(const struct link *l, void *data, size_t n, bool *end, struct err *err)
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

static enum status put(const struct link *l, const void *data, size_t n, struct err *err)
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

static enum status put_header(const struct link *l, const char *word, struct err *err)
{
    char header[HEADER];
    memset(header, ' ', HEADER);
    memcpy(header, word, strlen(word));
    return put(l, header, HEADER, err);
}

/* ---- messages ---- */

static enum status get_init(const struct link *l, struct err *err)
{
    int32_t bead, n;
    enum status status = get(l, &bead, sizeof bead, NULL, err);
    if (!status)
        status = get(l, &n, sizeof n, NULL, err);
    if (status)
        return status;
    if (n < 0 || n > LONGEST_TEXT)
        return err_set(err, ST_DATA, "INIT announces a text of %ld bytes: 0 to %d would be right",
                       (long)n, LONGEST_TEXT);
    char *text = MEM_NEW(char, n + 1);
    status = get(l, text, (size_t)n, NULL, err);
    if (!status && strstr(text, "batch_size"))
        status =
            err_set(err, ST_DATA, "the server wants batches of systems: set its batch_size to 1");
    free(text);
    return status;
}

static enum status get_positions(const struct link *l, struct system *s, struct err *err)
{
    double m[9], inverse[9];
    int32_t n;
    enum status status = get(l, m, sizeof m, NULL, err);
    if (!status)
        status = get(l, inverse, sizeof inverse, NULL, err);
    if (!status)
        status = get(l, &n, sizeof n, NULL, err);
    if (status)
        return status;
    if (n != s->n)
        return err_set(err, ST_DATA, "the server sends %ld atoms, the frame that names them has %d",
                       (long)n, s->n);
    status = get(l, s->pos, (size_t)n * sizeof *s->pos, NULL, err);
    for (int i = 0; s->periodic && i < 9; i++)
        s->cell[i % 3][i / 3] = m[i]; /* vectors stand in columns */
    return status ? status : system_check(s, err);
}

static bool all_finite(const struct ipi_result *r, int n)
{
    bool good = isfinite(r->energy);
    for (int i = 0; i < 3 * n; i++)
        good = good && isfinite(r->force[i / 3][i % 3]);
    for (int i = 0; i < 9; i++)
        good = good && isfinite(r->stress[i / 3][i % 3]);
    return good;
}

static enum status put_result(const struct link *l, const struct system *s,
                              const struct ipi_result *r, struct err *err)
{
    int32_t n = s->n, none = 0;
    double virial[9], volume = s->periodic ? system_volume(s) : 0;
    if (!all_finite(r, s->n))
        return err_set(err, ST_COMPUTE, "energy, forces or stress are not finite: nothing is sent");
    for (int i = 0; i < 9; i++)
        virial[i] = -volume * r->stress[i / 3][i % 3];
    enum status status = put_header(l, "FORCEREADY", err);
    if (!status)
        status = put(l, &r->energy, sizeof r->energy, err);
    if (!status)
        status = put(l, &n, sizeof n, err);
    if (!status)
        status = put(l, r->force, (size_t)n * sizeof *r->force, err);
    if (!status)
        status = put(l, virial, sizeof virial, err);
    return status ? status : put(l, &none, sizeof none, err);
}

enum state { NEED_INIT, READY, HAVE_DATA };

/* One message; *end after EXIT. */
static enum status answer(const struct link *l, const char *header, struct system *s,
                          struct ipi_result *r, enum state *state, bool *end, struct err *err)
{
    static const char *const names[] = {"NEEDINIT", "READY", "HAVEDATA"};
    enum status status = ST_OK;
    if (!strcmp(header, "STATUS"))
        return put_header(l, names[*state], err);
    if (!strcmp(header, "INIT")) {
        *state = READY;
        return get_init(l, err);
    }
    if (!strcmp(header, "POSDATA")) {
        status = get_positions(l, s, err);
        *state = HAVE_DATA;
        return status ? status : l->provider->evaluate(l->provider->self, s, r, err);
    }
    if (!strcmp(header, "GETFORCE") && *state == HAVE_DATA) {
        *state = READY;
        return put_result(l, s, r, err);
    }
    *end = !strcmp(header, "EXIT");
    return *end ? ST_OK
                : err_set(err, ST_DATA, "message '%s' %s", header,
                          strcmp(header, "GETFORCE") ? "is not one of the i-PI protocol"
                                                     : "came before any POSDATA");
}

/* Without the padding; bytes that cannot be printed become '?'. */
static void trim(char header[HEADER + 1])
{
    header[HEADER] = 0;
    for (int i = 0; i < HEADER; i++)
        if (header[i] < ' ' || header[i] > '~')
            header[i] = '?';
    for (int i = HEADER; i > 0 && header[i - 1] == ' '; i--)
        header[i - 1] = 0;
}

enum status ipi_serve(const char *address, double timeout, struct system *s,
                      const struct ipi_provider *provider, long *served, struct err *err)
{
    struct link l = {-1, address, timeout, provider};
    struct ipi_result r = {.force = mem_new(s->n, sizeof *r.force)};
    enum state state = NEED_INIT;
    char header[HEADER + 1];
    bool end = false;
    enum status status = open_link(&l, err);
    *served = 0;
    while (!status && !end) {
        status = get(&l, header, HEADER, &end, err);
        if (status || end)
            break;
        trim(header);
        bool evaluation = !strcmp(header, "POSDATA");
        status = answer(&l, header, s, &r, &state, &end, err);
        *served += evaluation && !status;
    }
    if (l.fd >= 0)
        close(l.fd);
    free(r.force);
    return status;
}
