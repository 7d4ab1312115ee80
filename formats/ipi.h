/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The i-PI socket protocol as a provider of forces speaks it (Kapil et al., Comput. Phys. Commun.
 * 236, 214 (2019)): the server (i-PI, ASE's SocketIOCalculator) listens and sends positions, we connect and
 * answer with energy, forces and virial. Headers are 12 characters padded with blanks; integers have 4
 * bytes, reals 8, in the machine's order; atomic units. The cell is sent row by row with the lattice
 * vectors as columns. Species are not sent: the caller gives them.
 */
#ifndef FORMATS_IPI_H
#define FORMATS_IPI_H

#include <stdbool.h>
#include "base/err.h"
#include "crystal/system.h"

struct ipi_result {
    double energy;       /* Ha */
    double (*force)[3];  /* [n][3] Ha/bohr */
    double stress[3][3]; /* (1/V) dE/dstrain, Ha/bohr^3; the virial sent is -V times it */
};

/* Who computes. Both get self. */
struct ipi_provider {
    void *self;
    enum status (*evaluate)(void *self, const struct system *s, struct ipi_result *r,
                            struct err *err);
    bool (*stop)(void *self); /* asked when a signal has arrived while waiting; may be NULL */
};

/* ST_USAGE: not the form of an address of ipi_serve. For a check before anything is read. */
enum status ipi_check_address(const char *address, struct err *err);

/*
 * Connect to address, "unix:NAME" (the socket /tmp/ipi_NAME, or NAME itself when it has a slash) or "host:port", and serve
 * until the server says EXIT or closes the connection between two messages. s has the atoms; its positions
 * and, when it is periodic, its cell become those of the last message. The connection is tried again for
 * `timeout` seconds, and a message that has begun must be complete after as long; between messages there is no limit.
 * *served counts the evaluations.
 * ST_USAGE: an address of another form. ST_SYSTEM: no server, a broken connection. ST_DATA: a message
 * that is not of this protocol, another number of atoms, a batch of several systems. ST_COMPUTE: numbers
 * that are not finite are not sent. Errors of evaluate are passed on.
 */
enum status ipi_serve(const char *address, double timeout, struct system *s,
                      const struct ipi_provider *provider, long *served, struct err *err);

#endif
