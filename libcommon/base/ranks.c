/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ranks_parts.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/threads.h"

struct ranks {
    int number, size;
    struct transport *transport;
    struct ranks_traffic own,
        *traffic; /* where it is counted: a group's in what it was split from */
};

/* Which process of how many: Open MPI (any launcher of its own), MPICH and what srun --mpi=pmi2 imitates, srun --mpi=pmix,
 * MVAPICH2. Variables of a job alone (SLURM_NTASKS) also stand in the environment of its script, which is no
 * rank; so do those of a step that was started without MPI. */
static const char *const launcher[][2] = {
    {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
    {"PMI_RANK", "PMI_SIZE"},
    {"PMIX_RANK", "SLURM_STEP_NUM_TASKS"},
    {"MV2_COMM_WORLD_RANK", "MV2_COMM_WORLD_SIZE"},
};
enum { LAUNCHERS = sizeof launcher / sizeof *launcher };

static bool number_of(const char *variable, int *x)
{
    const char *text = getenv(variable);
    char *end;
    if (!text || !*text)
        return false;
    long value = strtol(text, &end, 10);
    *x = (int)value;
    return !*end && value >= 0 && value == *x;
}

bool ranks_launched(int *number, int *size)
{
    for (int i = 0; i < LAUNCHERS; i++)
        if (number_of(launcher[i][0], number) && number_of(launcher[i][1], size) && *size > 1 &&
            *number < *size)
            return true;
    *number = 0;
    *size = 1;
    return false;
}

int ranks_lonely(void)
{
    int number, size;
    if (ranks_launched(&number, &size) || getenv("PMI_RANK") || getenv("PMIX_RANK") ||
        !number_of("SLURM_STEP_NUM_TASKS", &size) || !number_of("SLURM_PROCID", &number))
        return 1;
    return size;
}

void ranks_hide(void)
{
    for (int i = 0; i < LAUNCHERS; i++)
        unsetenv(launcher[i][0]);
}

bool ranks_available(void)
{
    return transport_exists();
}

enum status ranks_begin(struct ranks **ranks, struct err *err)
{
    int number, size;
    *ranks = NULL;
    if (!ranks_launched(&number, &size))
        return ST_OK;
    if (!transport_exists())
        return err_set(
            err, ST_SYSTEM,
            "started as one of %d processes, but built without MPI: install its headers, "
            "remove build/config.mk and run make again",
            size);
    struct ranks *r = mem_new(1, sizeof *r);
    r->transport = transport_begin(&r->number, &r->size);
    r->traffic = &r->own;
    if (r->size == size) {
        *ranks = r;
        return ST_OK;
    }
    err_set(err, ST_SYSTEM,
            "started as one of %d processes, but MPI sees %d: the launcher must be of the MPI that "
            "the program was built with",
            size, r->size);
    ranks_end(r);
    return ST_SYSTEM;
}

void ranks_end(struct ranks *r)
{
    if (!r)
        return;
    transport_end(r->transport);
    free(r);
}

struct ranks *ranks_split(struct ranks *r, int group)
{
    if (!r)
        return NULL;
    struct ranks *part = mem_new(1, sizeof *part);
    part->transport = transport_split(r->transport, group, &part->number, &part->size);
    part->traffic = r->traffic;
    if (part->size > 1)
        return part;
    ranks_leave(part);
    return NULL;
}

void ranks_leave(struct ranks *group)
{
    if (!group)
        return;
    transport_free(group->transport);
    free(group);
}

int ranks_number(const struct ranks *r)
{
    return r ? r->number : 0;
}

int ranks_size(const struct ranks *r)
{
    return r ? r->size : 1;
}

static int begin_of(int items, int number, int size)
{
    return (int)(((long)items * number + size - 1) / size);
}

void ranks_share(const struct ranks *r, int items, int *first, int *last)
{
    *first = begin_of(items, ranks_number(r), ranks_size(r));
    *last = begin_of(items, ranks_number(r) + 1, ranks_size(r));
}

int ranks_owner(const struct ranks *r, int items, int i)
{
    return (int)((long)i * ranks_size(r) / items);
}

void ranks_broadcast(struct ranks *r, void *data, size_t size)
{
    if (!r)
        return;
    double start = threads_wall();
    transport_broadcast(r->transport, data, size);
    r->traffic->broadcasts++;
    r->traffic->broadcast_bytes += (double)size;
    r->traffic->waited += threads_wall() - start;
}

void ranks_broadcast_checkpoint(struct ranks *r, struct checkpoint *c)
{
    if (!r)
        return;
    ranks_broadcast(r, &c->size, sizeof c->size);
    if (!ranks_first(r)) {
        free(c->data);
        c->data = mem_new(c->size, 1);
        c->room = c->size;
        c->at = 0;
        c->reading = true;
    }
    ranks_broadcast(r, c->data, c->size);
}

int ranks_most(struct ranks *r, int value)
{
    if (!r)
        return value;
    double start = threads_wall();
    value = transport_most(r->transport, value);
    r->traffic->broadcasts++;
    r->traffic->broadcast_bytes += sizeof value;
    r->traffic->waited += threads_wall() - start;
    return value;
}

static void give(const struct ranks *r, int items, ranks_item *item, void *context,
                 struct checkpoint *c)
{
    int first, last;
    ranks_share(r, items, &first, &last);
    for (int i = first; i < last; i++)
        item(context, i, c);
    transport_send(r->transport, &c->size, sizeof c->size, 0);
    transport_send(r->transport, c->data, c->size, 0);
}

static void take(const struct ranks *r, int items, int number, ranks_item *item, void *context,
                 struct checkpoint *c)
{
    transport_receive(r->transport, &c->size, sizeof c->size, number);
    c->data = mem_new(c->size, 1);
    c->reading = true;
    transport_receive(r->transport, c->data, c->size, number);
    for (int i = begin_of(items, number, r->size); i < begin_of(items, number + 1, r->size); i++)
        item(context, i, c);
    assert(!c->refused && c->at == c->size);
}

void ranks_gather(struct ranks *r, int items, ranks_item *item, void *context)
{
    if (!r)
        return;
    double start = threads_wall();
    for (int k = 1; k < r->size; k++) {
        struct checkpoint *c = checkpoint_new();
        if (r->number == 0)
            take(r, items, k, item, context, c);
        else if (r->number == k)
            give(r, items, item, context, c);
        r->traffic->gathered += (double)c->size;
        checkpoint_free(c);
    }
    r->traffic->gathers++;
    r->traffic->waited += threads_wall() - start;
}

void ranks_exchange(struct ranks *r, int items, ranks_item *item, void *context)
{
    if (!r)
        return;
    ranks_gather(r, items, item, context);
    struct checkpoint *c = checkpoint_new();
    for (int i = 0; ranks_first(r) && i < items; i++)
        item(context, i, c);
    ranks_broadcast_checkpoint(r, c);
    for (int i = 0; !ranks_first(r) && i < items; i++)
        item(context, i, c);
    checkpoint_free(c);
}

void ranks_sum(struct ranks *r, size_t n, double *x)
{
    if (!r)
        return;
    double start = threads_wall();
    transport_sum(r->transport, n, x);
    r->traffic->broadcasts++;
    r->traffic->gathers++;
    r->traffic->broadcast_bytes += (double)(n * sizeof *x);
    r->traffic->gathered += (double)(n * sizeof *x);
    r->traffic->waited += threads_wall() - start;
}

struct rows {
    char *data;
    size_t size;
};

static void row(void *context, int i, struct checkpoint *c)
{
    const struct rows *rows = context;
    checkpoint_bytes(c, rows->data + (size_t)i * rows->size, rows->size);
}

void ranks_gather_rows(struct ranks *r, int items, void *data, size_t size)
{
    ranks_gather(r, items, row, &(struct rows){data, size});
}

void ranks_deliver(struct ranks *r, int n, const struct ranks_parcel parcel[])
{
    if (!r || n == 0)
        return;
    double start = threads_wall();
    for (int i = 0; i < n; i++)
        if (parcel[i].from == r->number || parcel[i].to == r->number) {
            r->traffic->parcels++;
            r->traffic->parcel_bytes += (double)parcel[i].size;
        }
    transport_deliver(r->transport, r->number, n, parcel);
    r->traffic->waited += threads_wall() - start;
}

static void count_letter(struct ranks *r, size_t size)
{
    r->traffic->letters++;
    r->traffic->letter_bytes += (double)size;
}

void ranks_post(struct ranks *r, int to, const struct checkpoint *c)
{
    double start = threads_wall();
    void *copy = mem_new(c->size + 1, 1);
    if (c->size)
        memcpy(copy, c->data, c->size);
    count_letter(r, c->size);
    transport_post(r->transport, to, copy, c->size);
    r->traffic->waited += threads_wall() - start;
}

struct checkpoint *ranks_fetch(struct ranks *r, int *from)
{
    void *data;
    size_t size;
    if (!r || !transport_fetch(r->transport, from, &data, &size))
        return NULL;
    struct checkpoint *c = checkpoint_new();
    c->reading = true;
    c->data = data;
    c->size = c->room = size;
    count_letter(r, size);
    return c;
}

struct ranks_traffic ranks_traffic(const struct ranks *r)
{
    return r ? *r->traffic : (struct ranks_traffic){0};
}
