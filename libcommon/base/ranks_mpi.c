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

void transport_begin(int *number, int *size)
{
    int provided;
    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, number);
    MPI_Comm_size(MPI_COMM_WORLD, size);
}

void transport_end(void)
{
    MPI_Finalize();
}

static int piece_of(size_t size, size_t done)
{
    return (int)(size - done < PIECE ? size - done : PIECE);
}

void transport_broadcast(void *data, size_t size)
{
    for (size_t done = 0; done < size; done += PIECE)
        MPI_Bcast((char *)data + done, piece_of(size, done), MPI_BYTE, 0, MPI_COMM_WORLD);
}

void transport_send(const void *data, size_t size, int to)
{
    for (size_t done = 0; done < size; done += PIECE)
        MPI_Send((const char *)data + done, piece_of(size, done), MPI_BYTE, to, 0, MPI_COMM_WORLD);
}

void transport_receive(void *data, size_t size, int from)
{
    for (size_t done = 0; done < size; done += PIECE)
        MPI_Recv((char *)data + done, piece_of(size, done), MPI_BYTE, from, 0, MPI_COMM_WORLD,
                 MPI_STATUS_IGNORE);
}

int transport_most(int value)
{
    int most;
    MPI_Allreduce(&value, &most, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    return most;
}

void transport_sum(size_t n, double *x)
{
    int number;
    MPI_Comm_rank(MPI_COMM_WORLD, &number);
    for (size_t done = 0; done < n; done += PIECE / sizeof *x) {
        int count = piece_of(n * sizeof *x, done * sizeof *x) / (int)sizeof *x;
        MPI_Reduce(number ? x + done : MPI_IN_PLACE, x + done, count, MPI_DOUBLE, MPI_SUM, 0,
                   MPI_COMM_WORLD);
    }
    transport_broadcast(x, n * sizeof *x);
}

static size_t pieces(const struct ranks_parcel *p)
{
    return (p->size + PIECE - 1) / PIECE;
}

static int start(const struct ranks_parcel *p, bool send, MPI_Request request[])
{
    int n = 0;
    for (size_t done = 0; done < p->size; done += PIECE, n++) {
        char *at = (char *)p->data + done;
        int size = piece_of(p->size, done);
        if (send)
            MPI_Isend(at, size, MPI_BYTE, p->to, 0, MPI_COMM_WORLD, &request[n]);
        else
            MPI_Irecv(at, size, MPI_BYTE, p->from, 0, MPI_COMM_WORLD, &request[n]);
    }
    return n;
}

void transport_deliver(int number, int n, const struct ranks_parcel parcel[])
{
    size_t most = 0;
    for (int i = 0; i < n; i++)
        most += pieces(&parcel[i]);
    MPI_Request *request = mem_new(most, sizeof(MPI_Request));
    int at = 0;
    for (int i = 0; i < n; i++)
        if (parcel[i].from == number || parcel[i].to == number)
            at += start(&parcel[i], parcel[i].from == number, request + at);
    MPI_Waitall(at, request, MPI_STATUSES_IGNORE);
    free(request);
}

#else /* nobody calls these: there is never more than one rank */

bool transport_exists(void)
{
    return false;
}

void transport_begin(int *number, int *size)
{
    *number = 0;
    *size = 1;
}

void transport_end(void)
{
}

void transport_broadcast(void *data, size_t size)
{
    (void)data;
    (void)size;
}

void transport_send(const void *data, size_t size, int to)
{
    (void)data;
    (void)size;
    (void)to;
}

void transport_receive(void *data, size_t size, int from)
{
    (void)data;
    (void)size;
    (void)from;
}

int transport_most(int value)
{
    return value;
}

void transport_sum(size_t n, double *x)
{
    (void)n;
    (void)x;
}

void transport_deliver(int number, int n, const struct ranks_parcel parcel[])
{
    (void)number;
    (void)n;
    (void)parcel;
}
#endif
