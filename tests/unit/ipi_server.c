/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An i-PI server for the tests, written from the protocol: ipi_server ADDRESS MODE <FRAMES >FRAMES sends the
 * positions of every frame to one client and writes them with what came back: energy, forces, stress
 * (from the virial). ADDRESS: unix:PATH or a TCP port on this machine. MODE: plain; fused (no STATUS between);
 * slow (bytes one by one); and bad ones: hang (ends inside POSDATA), garbage, batch, fewer (one atom missing).
 */
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/mem.h"
#include "formats/convert.h"
#include "formats/frame.h"
#include "formats/keys.h"
#include "formats/stream.h"

static const char *mode;
static int peer;

static void die(const char *what)
{
    perror(what);
    exit(9);
}

static void give(const void *data, size_t n)
{
    size_t step = !strcmp(mode, "slow") ? 1 : n;
    for (size_t at = 0; at < n; at += step)
        if (write(peer, (const char *)data + at, step) != (ssize_t)step)
            die("write");
}

static void take(void *data, size_t n)
{
    for (size_t have = 0; have < n;) {
        ssize_t got = read(peer, (char *)data + have, n - have);
        if (got <= 0)
            die("read");
        have += (size_t)got;
    }
}

static void give_header(const char *word)
{
    char header[13];
    snprintf(header, sizeof header, "%-12s", word);
    give(header, 12);
}

static void expect(const char *word)
{
    char header[13] = "", wanted[13];
    snprintf(wanted, sizeof wanted, "%-12s", word);
    take(header, 12);
    if (strcmp(header, wanted)) {
        fprintf(stderr, "got '%s', expected '%s'\n", header, wanted);
        exit(8);
    }
}

static void ask(const char *state)
{
    give_header("STATUS");
    expect(state);
}

static int listen_at(const char *address)
{
    int fd, one = 1;
    if (!strncmp(address, "unix:", 5)) {
        struct sockaddr_un where = {.sun_family = AF_UNIX};
        snprintf(where.sun_path, sizeof where.sun_path, "%s", address + 5);
        fd = socket(AF_UNIX, SOCK_STREAM, 0);
        if (bind(fd, (struct sockaddr *)&where, sizeof where))
            die("bind");
    } else {
        struct sockaddr_in where = {.sin_family = AF_INET,
                                    .sin_port = htons((uint16_t)atoi(address)),
                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        fd = socket(AF_INET, SOCK_STREAM, 0);
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
        if (bind(fd, (struct sockaddr *)&where, sizeof where))
            die("bind");
    }
    if (listen(fd, 1))
        die("listen");
    return fd;
}

static void start(void)
{
    int32_t bead = 0, n = 1;
    if (!strcmp(mode, "garbage"))
        give_header("HELLO");
    ask("NEEDINIT");
    give_header("INIT");
    give(&bead, 4);
    if (!strcmp(mode, "batch")) {
        n = 14;
        give(&n, 4);
        give("batch_size:4  ", 14);
    } else {
        give(&n, 4);
        give(" ", 1);
    }
    ask("READY");
}

/* The cell goes out with its vectors in columns, then its inverse likewise, then the atoms. */
static void send_positions(const struct system *s)
{
    double inverse[3][3], m[9], w[9];
    int32_t n = s->n - !strcmp(mode, "fewer");
    system_inverse(s->cell, inverse);
    for (int i = 0; i < 9; i++) {
        m[i] = s->cell[i % 3][i / 3];
        w[i] = inverse[i % 3][i / 3];
    }
    give_header("POSDATA");
    give(m, sizeof m);
    if (!strcmp(mode, "hang"))
        exit(0);
    give(w, sizeof w);
    give(&n, 4);
    give(s->pos, (size_t)n * sizeof *s->pos);
}

static void receive(const struct system *s, struct frame *f)
{
    double energy, virial[9], stress[9], *force = MEM_NEW(double, 3 * s->n);
    int32_t n, extra;
    expect("FORCEREADY");
    take(&energy, 8);
    take(&n, 4);
    if (n != s->n)
        exit(7);
    take(force, 3 * (size_t)n * sizeof *force);
    take(virial, sizeof virial);
    take(&extra, 4);
    if (extra)
        exit(6);
    for (int i = 0; i < 9; i++)
        stress[i] = -virial[i] / system_volume(s);
    keys_set(f, "energy", 1, &energy);
    keys_set_column(f, "forces", 3, force);
    keys_set(f, "stress", 9, stress);
    free(force);
}

static void one_frame(struct frame *f)
{
    struct system *s = system_from_frame(f, NULL);
    bool fused = !strcmp(mode, "fused");
    send_positions(s);
    if (!fused)
        ask("HAVEDATA");
    give_header("GETFORCE");
    receive(s, f);
    if (!fused)
        ask("READY");
    system_free(s);
}

int main(int argc, char **argv)
{
    bool end = false;
    struct err err;
    if (argc != 3)
        return 2;
    mode = argv[2];
    int fd = listen_at(argv[1]);
    peer = accept(fd, NULL, NULL);
    if (peer < 0)
        die("accept");
    struct reader *in = reader_open("-", false, &err);
    struct writer *out = writer_open(NULL, COMPRESS_NEVER, false, 1, &err);
    struct frame *f = frame_new();
    start();
    while (!reader_next(in, f, &end, &err) && !end) {
        one_frame(f);
        writer_put(out, f, &err);
    }
    give_header("EXIT");
    close(fd);
    frame_free(f);
    reader_close(in);
    return writer_close(out, true, &err);
}
