/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ranks_parts.h"
#ifdef HAVE_MPI
#include <mpi.h>
#include <stdlib.h>
#include "base/mem.h"

#define PIECE ((size_t)1 << 30) /* bytes of one message: MPI counts in int */

bool transport_exists(void)
{
    return true;
}

/* Kinds of messages: what is waited for; the length of a letter, and its text. */
enum { AWAITED, LENGTH, LETTER };

struct transport {
    MPI_Comm comm;
    int requests; /* of the letter that is leaving */
    MPI_Request *request;
    void *letter;
    size_t length;
};

static struct transport *make(MPI_Comm comm, int *number, int *size)
{
    struct transport *t = mem_new(1, sizeof *t);
    t->comm = comm;
    MPI_Comm_rank(comm, number);
    MPI_Comm_size(comm, size);
    return t;
}

struct transport *transport_begin(int *number, int *size)
{
    int provided;
    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    return make(MPI_COMM_WORLD, number, size);
}

/* The letter has left. */
static void flush(struct transport *t)
{
    MPI_Waitall(t->requests, t->request, MPI_STATUSES_IGNORE);
    free(t->request);
    free(t->letter);
    t->requests = 0;
    t->request = NULL;
    t->letter = NULL;
}

void transport_end(struct transport *t)
{
    flush(t);
    free(t);
    MPI_Finalize();
}

struct transport *transport_split(struct transport *t, int group, int *number, int *size)
{
    MPI_Comm comm;
    MPI_Comm_split(t->comm, group, 0, &comm);
    return make(comm, number, size);
}

void transport_free(struct transport *t)
{
    flush(t);
    MPI_Comm_free(&t->comm);
    free(t);
}

static int piece_of(size_t size, size_t done)
{
    return (int)(size - done < PIECE ? size - done : PIECE);
}

void transport_broadcast(struct transport *t, void *data, size_t size)
{
    for (size_t done = 0; done < size; done += PIECE)
        MPI_Bcast((char *)data + done, piece_of(size, done), MPI_BYTE, 0, t->comm);
}

void transport_send(struct transport *t, const void *data, size_t size, int to)
{
    for (size_t done = 0; done < size; done += PIECE)
        MPI_Send((const char *)data + done, piece_of(size, done), MPI_BYTE, to, AWAITED, t->comm);
}

void transport_receive(struct transport *t, void *data, size_t size, int from)
{
    for (size_t done = 0; done < size; done += PIECE)
        MPI_Recv((char *)data + done, piece_of(size, done), MPI_BYTE, from, AWAITED, t->comm,
                 MPI_STATUS_IGNORE);
}

int transport_most(struct transport *t, int value)
{
    int most;
    MPI_Allreduce(&value, &most, 1, MPI_INT, MPI_MAX, t->comm);
    return most;
}

void transport_sum(struct transport *t, size_t n, double *x)
{
    int number;
    MPI_Comm_rank(t->comm, &number);
    for (size_t done = 0; done < n; done += PIECE / sizeof *x) {
        int count = piece_of(n * sizeof *x, done * sizeof *x) / (int)sizeof *x;
        MPI_Reduce(number ? x + done : MPI_IN_PLACE, x + done, count, MPI_DOUBLE, MPI_SUM, 0,
                   t->comm);
    }
    transport_broadcast(t, x, n * sizeof *x);
}

static size_t pieces(const struct ranks_parcel *p)
{
    return (p->size + PIECE - 1) / PIECE;
}

static int start(struct transport *t, const struct ranks_parcel *p, bool send,
                 MPI_Request request[])
{
    int n = 0;
    for (size_t done = 0; done < p->size; done += PIECE, n++) {
        char *at = (char *)p->data + done;
        int size = piece_of(p->size, done);
        if (send)
            MPI_Isend(at, size, MPI_BYTE, p->to, AWAITED, t->comm, &request[n]);
        else
            MPI_Irecv(at, size, MPI_BYTE, p->from, AWAITED, t->comm, &request[n]);
    }
    return n;
}

void transport_deliver(struct transport *t, int number, int n, const struct ranks_parcel parcel[])
{
    size_t most = 0;
    for (int i = 0; i < n; i++)
        most += pieces(&parcel[i]);
    MPI_Request *request = mem_new(most, sizeof(MPI_Request));
    int at = 0;
    for (int i = 0; i < n; i++)
        if (parcel[i].from == number || parcel[i].to == number)
            at += start(t, &parcel[i], parcel[i].from == number, request + at);
    MPI_Waitall(at, request, MPI_STATUSES_IGNORE);
    free(request);
}

void transport_post(struct transport *t, int to, void *data, size_t size)
{
    flush(t);
    t->letter = data;
    t->length = size;
    t->request = mem_new(1 + (size + PIECE - 1) / PIECE, sizeof(MPI_Request));
    MPI_Isend(&t->length, sizeof size, MPI_BYTE, to, LENGTH, t->comm, &t->request[t->requests++]);
    for (size_t done = 0; done < size; done += PIECE)
        MPI_Isend((char *)data + done, piece_of(size, done), MPI_BYTE, to, LETTER, t->comm,
                  &t->request[t->requests++]);
}

bool transport_fetch(struct transport *t, int *from, void **data, size_t *size)
{
    int here;
    MPI_Status status;
    MPI_Iprobe(MPI_ANY_SOURCE, LENGTH, t->comm, &here, &status);
    if (!here)
        return false;
    *from = status.MPI_SOURCE;
    MPI_Recv(size, sizeof *size, MPI_BYTE, *from, LENGTH, t->comm, MPI_STATUS_IGNORE);
    *data = mem_new(*size + 1, 1);
    for (size_t done = 0; done < *size; done += PIECE)
        MPI_Recv((char *)*data + done, piece_of(*size, done), MPI_BYTE, *from, LETTER, t->comm,
                 MPI_STATUS_IGNORE);
    return true;
}

#else /* nobody calls these: there is never more than one rank */

bool transport_exists(void)
{
    return false;
}

struct transport *transport_begin(int *number, int *size)
{
    *number = 0;
    *size = 1;
    return NULL;
}

void transport_end(struct transport *t)
{
    (void)t;
}

struct transport *transport_split(struct transport *t, int group, int *number, int *size)
{
    (void)group;
    *number = 0;
    *size = 1;
    return t;
}

void transport_free(struct transport *t)
{
    (void)t;
}

void transport_broadcast(struct transport *t, void *data, size_t size)
{
    (void)t;
    (void)data;
    (void)size;
}

void transport_send(struct transport *t, const void *data, size_t size, int to)
{
    (void)t;
    (void)data;
    (void)size;
    (void)to;
}

void transport_receive(struct transport *t, void *data, size_t size, int from)
{
    (void)t;
    (void)data;
    (void)size;
    (void)from;
}

int transport_most(struct transport *t, int value)
{
    (void)t;
    return value;
}

void transport_sum(struct transport *t, size_t n, double *x)
{
    (void)t;
    (void)n;
    (void)x;
}

void transport_deliver(struct transport *t, int number, int n, const struct ranks_parcel parcel[])
{
    (void)t;
    (void)number;
    (void)n;
    (void)parcel;
}
void transport_post(struct transport *t, int to, void *data, size_t size)
{
    (void)t;
    (void)to;
    (void)data;
    (void)size;
}

bool transport_fetch(struct transport *t, int *from, void **data, size_t *size)
{
    (void)t;
    (void)from;
    (void)data;
    (void)size;
    return false;
}

#endif
