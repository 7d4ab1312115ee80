/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ranks: the processes of one run of one program, on one or several machines, that share its work (MPI).
 *
 * All ranks go through the same calls in the same order. Work is cut into items (batches of walkers, k points,
 * blocks of rows), as many for any number of ranks, and each rank has a contiguous share of them. What is made
 * of the items is gathered on rank 0, item by item; rank 0 adds in the order of the items, decides, and
 * broadcasts what it decided. So results have the same bytes for any number of ranks, and machines whose
 * last bits differ do not go different ways. Rank 0 alone reads and writes.
 *
 * A null pointer is a process alone, whose share is everything and which sends nothing: so it is without MPI,
 * and in a program that neither mpirun nor srun started. From the main thread only, outside parallel
 * regions. MPI ends the whole run when a rank dies or communication fails.
 */
#ifndef BASE_RANKS_H
#define BASE_RANKS_H

#include <stdbool.h>
#include <stddef.h>
#include "base/checkpoint.h"
#include "base/err.h"

struct ranks; /* NULL: alone */

/* What the launcher says in the environment, without MPI: one of *size > 1 processes, *number from 0? */
bool ranks_launched(int *number, int *size);
/* One of several processes of srun that nobody has connected: how many; otherwise 1. */
int ranks_lonely(void);
/* Hide that from programs that this one starts, which are not ranks. */
void ranks_hide(void);

/* *ranks NULL: alone. ST_SYSTEM: launched as one of many, but built without MPI or with another MPI than the
 * launcher's. ranks_end after all others have ended their calls. */
enum status ranks_begin(struct ranks **ranks, struct err *err);
void ranks_end(struct ranks *r);
bool ranks_available(void); /* built with MPI */

/* Those who call with the same group among themselves, in the order of their numbers; NULL: alone in it. All ranks of r
 * call. ranks_leave, by all of the group. Counts of what goes through it are added to those of r. */
struct ranks *ranks_split(struct ranks *r, int group);
void ranks_leave(struct ranks *group);

int ranks_number(const struct ranks *r); /* of this process, from 0 */
int ranks_size(const struct ranks *r);
static inline bool ranks_first(const struct ranks *r)
{
    return ranks_number(r) == 0;
}

/* This rank's items: *first .. *last - 1. Rank 0 has some as soon as there are any; numbers differ by one at most. */
void ranks_share(const struct ranks *r, int items, int *first, int *last);

int ranks_owner(const struct ranks *r, int items, int i); /* number of the rank that has item i */

/* data of rank 0 to all */
void ranks_broadcast(struct ranks *r, void *data, size_t size);
/* What rank 0 has written to c; the others' becomes one to be read from. */
void ranks_broadcast_checkpoint(struct ranks *r, struct checkpoint *c);
/* The largest of all ranks' values, to all */
int ranks_most(struct ranks *r, int value);

/* Called on the rank that has item i to write it, then on rank 0 to read it, item by item in their order. */
typedef void ranks_item(void *context, int i, struct checkpoint *c);
void ranks_gather(struct ranks *r, int items, ranks_item *item, void *context);
/* The same for rows of `size` bytes at data + i * size. */
void ranks_gather_rows(struct ranks *r, int items, void *data, size_t size);

/* The same, but all ranks read all items. */
void ranks_exchange(struct ranks *r, int items, ranks_item *item, void *context);
/* x[n] summed over ranks, the same sums to all; in an order of MPI's, so that rounding differs with their number */
void ranks_sum(struct ranks *r, size_t n, double *x);

/* Pieces of memory from one rank to another; all ranks give the same list (of their own memory, NULL where it is not
 * theirs to send or receive). Between the same two ranks in the order of the list. */
struct ranks_parcel {
    int from, to;
    void *data;
    size_t size;
};
void ranks_deliver(struct ranks *r, int n, const struct ranks_parcel parcel[]);

/* Letters, of any size, which are not waited for: what c holds goes to a rank, once the letter before has left. The order
 * between two ranks is kept. ranks_fetch: one that has come (the caller frees it), from rank *from; NULL: none. */
void ranks_post(struct ranks *r, int to, const struct checkpoint *c);
struct checkpoint *ranks_fetch(struct ranks *r, int *from);

/* Seen by this rank: what went through it, and how long it waited for others and for the network. */
struct ranks_traffic {
    long gathers, broadcasts, parcels, letters; /* calls; parcels and letters sent or received */
    double gathered, broadcast_bytes, parcel_bytes; /* sent (rank 0: received), sent or received */
    double letter_bytes;
    double waited; /* seconds */
};
struct ranks_traffic ranks_traffic(const struct ranks *r);

#endif
