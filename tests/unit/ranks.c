/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Run alone and, by tests/unit/ranks.bats, as 2 and 4 ranks: the same checks hold for any number. */
#include "tests/unit/check.h"
#include <stdlib.h>
#include "base/mem.h"
#include "base/ranks.h"

enum { ITEMS = 7, ROW = 5 };

static struct ranks *begin(void)
{
    struct err err = {0};
    struct ranks *r;
    if (ranks_begin(&r, &err))
        printf("%s\n", err.text);
    CHECK(err.status == ST_OK);
    return r;
}

static void shares_join_and_rank_0_has_some(void)
{
    struct ranks *r = begin();
    for (int items = 0; items < 30; items++) {
        int first, last, seen[30] = {0}, least = 30, most = 0;
        ranks_share(r, items, &first, &last);
        for (int i = first; i < last; i++)
            seen[i] = 1;
        for (int i = 0; i < items; i++)
            CHECK(ranks_most(r, seen[i]) == 1);
        for (int i = 0; i < items; i++)
            CHECK(seen[i] == (ranks_owner(r, items, i) == ranks_number(r)));
        most = ranks_most(r, last - first);
        least = -ranks_most(r, first - last);
        CHECK(most - least <= 1);
        CHECK(!ranks_first(r) || items == 0 || last > first);
    }
    ranks_end(r);
}

static void rank_0_gets_all_rows(void)
{
    struct ranks *r = begin();
    double row[ITEMS][ROW] = {{0}};
    int first, last;
    ranks_share(r, ITEMS, &first, &last);
    for (int i = first; i < last; i++)
        for (int k = 0; k < ROW; k++)
            row[i][k] = 2.385 + i * 0.1 + k * 0.01;
    ranks_gather_rows(r, ITEMS, row, sizeof row[0]);
    for (int i = 0; ranks_first(r) && i < ITEMS; i++)
        for (int k = 0; k < ROW; k++)
            CHECK(row[i][k] == 2.385 + i * 0.1 + k * 0.01);
    ranks_end(r);
}

/* Items of different sizes: item i has i numbers. */
struct lists {
    int n[ITEMS];
    double *x[ITEMS];
};

static void list(void *context, int i, struct checkpoint *c)
{
    struct lists *all = context;
    void *data = all->x[i];
    checkpoint_array(c, &data, &all->n[i], sizeof(double));
    all->x[i] = data;
}

static void rank_0_gets_items_of_any_size(void)
{
    struct ranks *r = begin();
    struct lists all = {{0}, {0}};
    int first, last;
    ranks_share(r, ITEMS, &first, &last);
    for (int i = first; i < last; i++) {
        all.n[i] = i;
        all.x[i] = MEM_NEW(double, i);
        for (int k = 0; k < i; k++)
            all.x[i][k] = i + 0.5 * k;
    }
    ranks_gather(r, ITEMS, list, &all);
    for (int i = 0; i < ITEMS; i++) {
        CHECK(!ranks_first(r) || all.n[i] == i);
        for (int k = 0; k < all.n[i]; k++)
            CHECK(all.x[i][k] == i + 0.5 * k);
        free(all.x[i]);
    }
    ranks_end(r);
}

static void all_get_what_rank_0_tells(void)
{
    struct ranks *r = begin();
    double x[3] = {1, 2, 3};
    struct checkpoint *c = checkpoint_new();
    if (ranks_first(r)) {
        x[0] = 2.385;
        x[2] = -17;
        checkpoint_bytes(c, x, sizeof x);
    }
    ranks_broadcast(r, x, sizeof x);
    CHECK(x[0] == 2.385 && x[1] == 2 && x[2] == -17);
    ranks_broadcast_checkpoint(r, c);
    if (!ranks_first(r)) {
        double y[3] = {0};
        checkpoint_bytes(c, y, sizeof y);
        CHECK(!c->refused && c->at == c->size && y[0] == 2.385 && y[2] == -17);
    }
    checkpoint_free(c);
    CHECK(ranks_most(r, 10 * ranks_number(r)) == 10 * (ranks_size(r) - 1));
    ranks_end(r);
}

static void all_get_all_items_and_sums(void)
{
    struct ranks *r = begin();
    struct lists all = {{0}, {0}};
    int first, last, size = ranks_size(r);
    double sum[2] = {ranks_number(r) + 0.5, -2.385};
    ranks_share(r, ITEMS, &first, &last);
    for (int i = 0; i < ITEMS; i++) {
        all.n[i] = i;
        all.x[i] = MEM_NEW(double, i);
        for (int k = 0; i >= first && i < last && k < i; k++)
            all.x[i][k] = i + 0.5 * k;
    }
    ranks_exchange(r, ITEMS, list, &all);
    for (int i = 0; i < ITEMS; i++)
        for (int k = 0; k < i; k++)
            CHECK(all.n[i] == i && all.x[i][k] == i + 0.5 * k);
    ranks_sum(r, 2, sum);
    CHECK_NEAR(sum[0], 0.5 * size * size, 1e-14 * size * size);
    CHECK_NEAR(sum[1], -2.385 * size, 1e-14 * size);
    for (int i = 0; i < ITEMS; i++)
        free(all.x[i]);
    ranks_end(r);
}

/* A round dance of parcels, two to each neighbour, one to itself is none. */
static void parcels_arrive_in_their_order(void)
{
    struct ranks *r = begin();
    int size = ranks_size(r), me = ranks_number(r), n = 0;
    long sent[2] = {1000L * me + 1, 1000L * me + 2}, got[2] = {0};
    struct ranks_parcel *parcel = mem_new(2 * (size_t)size, sizeof *parcel);
    for (int from = 0; size > 1 && from < size; from++)
        for (int k = 0; k < 2; k++) {
            int to = (from + 1) % size;
            void *data = from == me ? &sent[k] : to == me ? &got[k] : NULL;
            parcel[n++] = (struct ranks_parcel){from, to, data, sizeof(long)};
        }
    ranks_deliver(r, n, parcel);
    long before = (me + size - 1) % size;
    if (size > 1)
        CHECK(got[0] == 1000 * before + 1 && got[1] == 1000 * before + 2);
    free(parcel);
    ranks_end(r);
}

/* Gathers: what rank 0 receives is what the others' items hold; broadcasts: what was told. */
static void messages_and_bytes_are_counted(void)
{
    struct ranks *r = begin();
    double row[ITEMS][ROW] = {{0}};
    int first, last;
    ranks_share(r, ITEMS, &first, &last);
    ranks_gather_rows(r, ITEMS, row, sizeof row[0]);
    ranks_broadcast(r, row, 24);
    struct ranks_traffic t = ranks_traffic(r);
    int rows = ranks_first(r) ? ITEMS - last : last - first;
    CHECK(t.gathered == (double)rows * (double)sizeof row[0]);
    CHECK(t.gathers == (ranks_size(r) > 1) && t.broadcasts == t.gathers);
    CHECK(t.broadcast_bytes == (ranks_size(r) > 1 ? 24 : 0));
    CHECK(t.waited >= 0);
    ranks_end(r);
}

/* Two groups, the odd and the even: each has its own first, its own sums, and what goes through it is counted. */
static void groups_are_as_runs_of_their_size(void)
{
    struct ranks *r = begin();
    const int me = ranks_number(r), size = ranks_size(r), odd = me % 2;
    struct ranks *group = ranks_split(r, odd);
    int told = me;
    double sum = me;
    CHECK(ranks_number(group) == me / 2 && ranks_size(group) == (size + 1 - odd) / 2);
    ranks_broadcast(group, &told, sizeof told);
    CHECK(told == odd);
    ranks_sum(group, 1, &sum);
    double expected = 0;
    for (int k = odd; k < size; k += 2)
        expected += k;
    CHECK(sum == expected);
    CHECK(ranks_traffic(r).broadcasts == (group ? 2 : 0));
    ranks_leave(group);
    CHECK(ranks_most(r, me) == size - 1);
    ranks_end(r);
}

/* Each sends its number and, after it, as many bytes to rank 0, which answers. */
static void letters_are_fetched_in_their_order(void)
{
    struct ranks *r = begin();
    const int me = ranks_number(r), size = ranks_size(r);
    int from, got[8] = {0}, letters = 0;
    for (int k = 0; me && k < 2; k++) {
        struct checkpoint *c = checkpoint_new();
        for (int i = 0; i < (k ? 100000 * me : 1); i++)
            checkpoint_bytes(c, &(int){me}, sizeof(int));
        ranks_post(r, 0, c);
        checkpoint_free(c);
    }
    while (!me && letters < 2 * (size - 1)) {
        struct checkpoint *c = ranks_fetch(r, &from);
        if (!c)
            continue;
        int number = 0;
        CHECK(c->reading && c->size == sizeof number * (got[from] ? 100000 * (size_t)from : 1));
        while (c->at < c->size) {
            checkpoint_bytes(c, &number, sizeof number);
            CHECK(number == from);
        }
        got[from]++;
        letters++;
        checkpoint_free(c);
    }
    const struct ranks_traffic t = ranks_traffic(r);
    CHECK(t.letters == (me ? 2 : letters));
    CHECK(!me || t.letter_bytes == 4 + 4e5 * me);
    CHECK(size == 1 || ranks_fetch(r, &from) == NULL);
    ranks_end(r);
}

static void set(const char *rank, const char *number, const char *size, const char *of)
{
    setenv(rank, number, 1);
    setenv(size, of, 1);
}

/* What mpirun and srun leave in the environment, and what must not be taken for it. */
static void launchers_are_known_by_their_variables(void)
{
    int number, size;
    ranks_hide();
    CHECK(!ranks_launched(&number, &size) && number == 0 && size == 1);
    set("OMPI_COMM_WORLD_RANK", "3", "OMPI_COMM_WORLD_SIZE", "4");
    CHECK(ranks_launched(&number, &size) && number == 3 && size == 4);
    set("OMPI_COMM_WORLD_RANK", "0", "OMPI_COMM_WORLD_SIZE", "1");
    CHECK(!ranks_launched(&number, &size));
    set("OMPI_COMM_WORLD_RANK", "7", "OMPI_COMM_WORLD_SIZE", "four");
    CHECK(!ranks_launched(&number, &size));
    ranks_hide();
    set("SLURM_PROCID", "0", "SLURM_NTASKS", "4"); /* in the script of a job */
    CHECK(!ranks_launched(&number, &size) && ranks_lonely() == 1);
    set("SLURM_PROCID", "0", "SLURM_STEP_NUM_TASKS", "2"); /* srun --mpi=none */
    CHECK(!ranks_launched(&number, &size) && ranks_lonely() == 2);
    set("PMIX_RANK", "1", "SLURM_STEP_NUM_TASKS", "2");
    CHECK(ranks_launched(&number, &size) && number == 1 && size == 2);
    ranks_hide();
    set("PMI_RANK", "5", "PMI_SIZE", "6");
    CHECK(ranks_launched(&number, &size) && number == 5 && size == 6);
    ranks_hide();
    CHECK(!ranks_launched(&number, &size));
}

static const struct check_case cases[] = {
    {"shares", shares_join_and_rank_0_has_some},
    {"rows", rank_0_gets_all_rows},
    {"items", rank_0_gets_items_of_any_size},
    {"broadcast", all_get_what_rank_0_tells},
    {"exchange", all_get_all_items_and_sums},
    {"parcels", parcels_arrive_in_their_order},
    {"traffic", messages_and_bytes_are_counted},
    {"groups", groups_are_as_runs_of_their_size},
    {"letters", letters_are_fetched_in_their_order},
    {"launchers", launchers_are_known_by_their_variables},
    {NULL, NULL},
};

int main(int argc, char **argv)
{
    return check_main(argc, argv, cases);
}
