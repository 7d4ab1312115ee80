/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The other side of ipi.h: we listen, a driver (kernel-predict --ipi, i-PI's drivers, ASE's SocketClient, LAMMPS, CP2K, Quantum
 * ESPRESSO, ...) connects, gets positions, and answers with energy, forces and virial. The driver must know
 * the species and their order, which are not sent.
 */
#ifndef FORMATS_IPI_SERVER_H
#define FORMATS_IPI_SERVER_H

#include "formats/ipi.h"

struct ipi_server; /* opaque */

/*
 * Listen at address, "unix:NAME" (the socket /tmp/ipi_NAME, or NAME itself when it has a slash; a stale file is
 * replaced) or "host:port". timeout: seconds to wait for a driver, and for an answer. stop(self): a signal asks to
 * wait no longer for a driver; may be NULL. The address must outlive it. ST_USAGE: an address of another form. ST_SYSTEM:
 * cannot listen there, also because another one does.
 */
struct ipi_server *ipi_server_new(const char *address, double timeout, bool (*stop)(void *self),
                                  void *self, struct err *err);
/* ST_COMPUTE: no driver came, or it did not answer in time, or with something else than the protocol and finite numbers
 * of as many atoms. A driver that breaks off is replaced by the next that connects, three times per question. */
enum status ipi_server_ask(struct ipi_server *v, const struct system *s, struct ipi_result *r,
                           struct err *err);
void ipi_server_free(struct ipi_server *v); /* tells the driver to end; removes the socket */

#endif
