/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to ranks.c and ranks_mpi.c: bytes from process to process. */
#ifndef BASE_RANKS_PARTS_H
#define BASE_RANKS_PARTS_H

#include "base/ranks.h"

bool transport_exists(void);
void transport_begin(int *number, int *size);
void transport_end(void);
void transport_broadcast(void *data, size_t size); /* from rank 0 */
void transport_send(const void *data, size_t size, int to);
void transport_receive(void *data, size_t size, int from);
int transport_most(int value);
void transport_sum(size_t n, double *x);
/* All parcels that rank `number` sends or receives, at once. */
void transport_deliver(int number, int n, const struct ranks_parcel parcel[]);

#endif
