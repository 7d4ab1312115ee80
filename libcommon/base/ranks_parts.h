/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to ranks.c and ranks_mpi.c: bytes from process to process. */
#ifndef BASE_RANKS_PARTS_H
#define BASE_RANKS_PARTS_H

#include "base/ranks.h"

struct transport; /* some processes, numbered from 0, and what is on its way between them */

bool transport_exists(void);
struct transport *transport_begin(int *number, int *size); /* all processes */
void transport_end(struct transport *t);                   /* of all; the last call */
/* Those that call with the same group, in the order of their numbers. All of t call. */
struct transport *transport_split(struct transport *t, int group, int *number, int *size);
void transport_free(struct transport *t);                               /* of transport_split */
void transport_broadcast(struct transport *t, void *data, size_t size); /* from rank 0 */
void transport_send(struct transport *t, const void *data, size_t size, int to);
void transport_receive(struct transport *t, void *data, size_t size, int from);
int transport_most(struct transport *t, int value);
void transport_sum(struct transport *t, size_t n, double *x);
/* All parcels that rank `number` sends or receives, at once. */
void transport_deliver(struct transport *t, int number, int n, const struct ranks_parcel parcel[]);
/* data, which becomes the transport's, once the letter before has left. */
void transport_post(struct transport *t, int to, void *data, size_t size);
/* A letter that has come: *from, *size, *data (malloced). False: none. */
bool transport_fetch(struct transport *t, int *from, void **data, size_t *size);

#endif
