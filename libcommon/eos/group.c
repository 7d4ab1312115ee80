/* SPDX-License-Identifier: GPL-3.0-or-later */
/* State points sorted into isotherms or isochores, and the fits of E and P along them. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "eos/hugoniot.h"

struct sortable {
    double key, slack, x; /* what is grouped; its own tolerance; the running variable */
    int index;
};

static int by_key(const void *a, const void *b)
{
    const struct sortable *p = a, *q = b;
    if (p->key != q->key)
        return p->key < q->key ? -1 : 1;
    return p->index - q->index;
}

static int by_x(const void *a, const void *b)
{
    const struct sortable *p = a, *q = b;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    return p->index - q->index;
}

static struct eos_group make_group(enum eos_along along, int n, struct sortable *member)
{
    struct eos_group g = {.along = along, .n = n};
    qsort(member, (size_t)n, sizeof *member, by_x);
    g.index = MEM_NEW(int, n);
    g.x = MEM_NEW(double, n);
    for (int i = 0; i < n; i++) {
        g.index[i] = member[i].index;
        g.x[i] = member[i].x;
        g.nominal += member[i].key / n;
    }
    return g;
}

int eos_groups(enum eos_along along, double tolerance, int n, const struct eos_state states[],
               struct eos_group **groups)
{
    struct sortable *item = MEM_NEW(struct sortable, n);
    for (int i = 0; i < n; i++) {
        const struct eos_state *s = &states[i];
        const bool isotherm = along == EOS_ISOTHERMS;
        item[i].key = isotherm ? s->temperature : s->density;
        item[i].x = isotherm ? s->density : s->temperature;
        item[i].slack = isotherm ? 3 * s->temperature_error : 0;
        item[i].index = i;
    }
    qsort(item, (size_t)n, sizeof *item, by_key);
    *groups = MEM_NEW(struct eos_group, n);
    int count = 0;
    for (int first = 0, last; first < n; first = last) {
        last = first + 1;
        while (last < n &&
               item[last].key - item[first].key <=
                   fmax(tolerance * item[first].key, item[last].slack + item[first].slack))
            last++;
        (*groups)[count++] = make_group(along, last - first, item + first);
    }
    free(item);
    return count;
}

void eos_group_free(struct eos_group *group)
{
    free(group->index);
    free(group->x);
    eos_fit_free(&group->energy);
    eos_fit_free(&group->pressure);
    *group = (struct eos_group){0};
}

enum status eos_group_fit(struct eos_group *group, enum eos_model_kind only,
                          const struct eos_state states[], struct err *err)
{
    double *value = MEM_NEW(double, 4 * (size_t)group->n);
    double *energy = value, *pressure = value + group->n;
    double *energy_error = value + 2 * group->n, *pressure_error = value + 3 * group->n;
    for (int i = 0; i < group->n; i++) {
        const struct eos_state *s = &states[group->index[i]];
        energy[i] = s->energy;
        energy_error[i] = s->energy_error;
        pressure[i] = s->pressure;
        pressure_error[i] = s->pressure_error;
    }
    enum status status =
        eos_fit_make(&group->energy, only, group->n, group->x, energy, energy_error, err);
    if (status == ST_OK)
        status =
            eos_fit_make(&group->pressure, only, group->n, group->x, pressure, pressure_error, err);
    free(value);
    return status;
}
