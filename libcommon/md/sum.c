/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "md/sum.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"

struct sum {
    int parts, atoms; /* atoms: rows that scratch holds */
    struct force_source *part;
    double (*scratch)[3];
};

struct sum *sum_new(void)
{
    return MEM_NEW(struct sum, 1);
}

void sum_add(struct sum *sum, struct force_source part)
{
    sum->part = mem_grow(sum->part, sum->parts, sum->parts + 1, sizeof part);
    sum->part[sum->parts++] = part;
}

static void reserve(struct sum *sum, int atoms)
{
    if (atoms <= sum->atoms)
        return;
    sum->scratch = mem_grow(sum->scratch, sum->atoms, atoms, sizeof sum->scratch[0]);
    sum->atoms = atoms;
}

static void add(int n, const struct force_result *part, struct force_result *total)
{
    total->energy += part->energy;
    total->entropy += part->entropy;
    total->uncertainty = hypot(total->uncertainty, part->uncertainty);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            total->stress[i][j] += part->stress[i][j];
    for (int i = 0; i < n; i++)
        for (int c = 0; c < 3; c++)
            total->force[i][c] += part->force[i][c];
}

static enum status evaluate(void *self, const struct system *s, struct force_result *result,
                            struct err *err)
{
    struct sum *sum = self;
    double(*force)[3] = result->force;
    reserve(sum, s->n);
    *result = (struct force_result){.force = force};
    memset(force, 0, sizeof force[0] * s->n);
    for (int k = 0; k < sum->parts; k++) {
        struct force_result part = {.force = sum->scratch};
        enum status status = sum->part[k].evaluate(sum->part[k].self, s, &part, err);
        if (status)
            return status;
        add(s->n, &part, result);
    }
    return ST_OK;
}

struct force_source sum_source(struct sum *sum)
{
    return (struct force_source){evaluate, sum};
}

void sum_free(struct sum *sum)
{
    if (!sum)
        return;
    free(sum->part);
    free(sum->scratch);
    free(sum);
}
