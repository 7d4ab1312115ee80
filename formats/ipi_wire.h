/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside of the i-PI protocol, for its two sides (ipi.h, ipi_server.h): addresses, bytes, headers. */
#ifndef FORMATS_IPI_WIRE_H
#define FORMATS_IPI_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include "base/err.h"

enum { IPI_HEADER = 12, IPI_LONGEST_TEXT = 1 << 20 };

struct ipi_link {
    int fd;
    const char *address;      /* for messages */
    double timeout;           /* seconds for the rest of a message */
    bool (*stop)(void *self); /* a signal has arrived; may be NULL */
    void *self;
};

/* "unix:NAME" or "host:port"; the caller frees host. ST_USAGE. */
struct ipi_address {
    bool local;
    char *host;
    const char *name; /* of the socket, or the port; within the text */
};
enum status ipi_address_parse(const char *text, struct ipi_address *a, struct err *err);
char *ipi_path(
    const char
        *name); /* of a local socket: /tmp/ipi_NAME, or NAME if it has a slash; caller frees */

/* The first address of host and port that `attach` takes: bind, where passive, or connect. A descriptor, or -1 with
 * errno, or with *why when the name is not one. */
int ipi_tcp(const char *host, const char *port, bool passive,
            int (*attach)(int fd, const struct sockaddr *address, socklen_t size),
            const char **why);

enum status ipi_connect(struct ipi_link *l, struct err *err); /* ST_USAGE, ST_SYSTEM */
/* n bytes. *end: the peer closed (or we were asked to stop) before the first of them, for which there is no limit of
 * time then; NULL: that is an error, ST_SYSTEM like any break. */
enum status ipi_get(const struct ipi_link *l, void *data, size_t n, bool *end, struct err *err);
enum status ipi_put(const struct ipi_link *l, const void *data, size_t n, struct err *err);
/* 12 characters, padded with blanks; what cannot be printed is read as '?', the padding is taken off. */
enum status ipi_put_header(const struct ipi_link *l, const char *word, struct err *err);
enum status ipi_get_header(const struct ipi_link *l, char header[IPI_HEADER + 1], bool *end,
                           struct err *err);

#endif
