/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An i-PI driver for the tests, written from the protocol: ipi_driver ADDRESS MODE connects to unix:PATH or a TCP port on
 * this machine and answers with no energy, no forces, no virial. MODE: plain; extras (with a text behind); slow (bytes one by
 * one); once (breaks off after the first answer); and bad ones: die (inside an answer), hang, garbage, nan, fewer (one
 * atom missing), state (READY where there are data), long (extras of 2 GB).
 */
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include "base/mem.h"

static const char *mode;
static int peer;

static bool is(const char *name)
{
    return !strcmp(mode, name);
}

static void give(const void *data, size_t n)
{
    size_t step = is("slow") ? 1 : n;
    for (size_t at = 0; at < n; at += step)
        if (write(peer, (const char *)data + at, step) != (ssize_t)step)
            exit(9);
}

/* The server may close between messages: then all is over. */
static void take(void *data, size_t n)
{
    for (size_t have = 0; have < n;) {
        ssize_t got = read(peer, (char *)data + have, n - have);
        if (got <= 0)
            exit(have ? 8 : 0);
        have += (size_t)got;
    }
}

static void give_header(const char *word)
{
    char header[13];
    snprintf(header, sizeof header, "%-12s", word);
    give(header, 12);
}

static int connect_to(const char *address)
{
    if (!strncmp(address, "unix:", 5)) {
        struct sockaddr_un where = {.sun_family = AF_UNIX};
        snprintf(where.sun_path, sizeof where.sun_path, "%s", address + 5);
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        return connect(fd, (struct sockaddr *)&where, sizeof where) ? -1 : fd;
    }
    struct sockaddr_in where = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)atoi(address)),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return connect(fd, (struct sockaddr *)&where, sizeof where) ? -1 : fd;
}

static void take_init(void)
{
    int32_t bead, n;
    char text[256];
    take(&bead, 4);
    take(&n, 4);
    if (n < 0 || n > 256)
        exit(7);
    take(text, (size_t)n);
}

/* Cell times inverse is the unit matrix, however it is stored. Returns the number of atoms. */
static int32_t take_positions(void)
{
    double m[9], w[9];
    int32_t n;
    take(m, sizeof m);
    take(w, sizeof w);
    take(&n, 4);
    for (int i = 0; i < 3; i++) {
        double one = m[3 * i] * w[i] + m[3 * i + 1] * w[3 + i] + m[3 * i + 2] * w[6 + i];
        if (!(one > 1 - 1e-12 && one < 1 + 1e-12))
            exit(6);
    }
    double *pos = MEM_NEW(double, 3 * n);
    take(pos, 3 * (size_t)n * sizeof *pos);
    free(pos);
    return n;
}

static void answer(int32_t n)
{
    double energy = 0, virial[9] = {0};
    int32_t extra = 0;
    double *force = MEM_NEW(double, 3 * n);
    if (is("nan"))
        force[3] = 0 / energy;
    give_header("FORCEREADY");
    give(&energy, 8);
    if (is("die"))
        exit(0);
    n -= is("fewer");
    give(&n, 4);
    give(force, 3 * (size_t)n * sizeof *force);
    free(force);
    give(virial, sizeof virial);
    if (is("extras"))
        extra = 17;
    if (is("long"))
        extra = 2147483647;
    give(&extra, 4);
    if (is("extras"))
        give("{\"dipole\": \"none\"}", 17);
}

int main(int argc, char **argv)
{
    char header[13] = "";
    bool ready = false, data = false;
    int32_t n = 0;
    if (argc != 3)
        return 2;
    mode = argv[2];
    for (int i = 0; i < 200 && (peer = connect_to(argv[1])) < 0; i++)
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    if (peer < 0)
        return 5;
    for (;;) {
        take(header, 12);
        if (!strcmp(header, "STATUS      ")) {
            if (is("hang") && data)
                pause();
            give_header(is("garbage")          ? "HELLO"
                        : data && !is("state") ? "HAVEDATA"
                        : ready                ? "READY"
                                               : "NEEDINIT");
        } else if (!strcmp(header, "INIT        ")) {
            take_init();
            ready = true;
        } else if (!strcmp(header, "POSDATA     ")) {
            n = take_positions();
            data = true;
        } else if (!strcmp(header, "GETFORCE    ")) {
            answer(n);
            data = false;
            if (is("once"))
                return 0;
        } else {
            return strcmp(header, "EXIT        ") ? 4 : 0;
        }
    }
}
