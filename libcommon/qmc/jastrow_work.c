/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "qmc/jastrow_term.h"

struct jastrow_work *jastrow_work_new(const struct jastrow *j, int walkers)
{
    struct jastrow_work *w = MEM_NEW(struct jastrow_work, 1);
    size_t most = (size_t)(j->atoms > j->electrons ? j->atoms : j->electrons), n = (size_t)walkers;
    size_t row = (size_t)j->atoms * JASTROW_G, electrons = (size_t)j->electrons;
    size_t waves = j->images.periodic ? 2 * JASTROW_WAVES : 0;
    w->walkers = walkers;
    w->electrons = j->electrons;
    w->atoms = j->atoms;
    w->x = mem_new(most, sizeof *w->x);
    w->y = mem_new(most, sizeof *w->y);
    w->z = mem_new(most, sizeof *w->z);
    w->r2 = mem_new(most, sizeof *w->r2);
    w->list = mem_new(most, sizeof *w->list);
    w->near = mem_new((size_t)j->atoms, sizeof *w->near);
    w->h = mem_new(electrons, sizeof *w->h);
    w->partner = mem_new(electrons, sizeof *w->partner);
    w->row = mem_new(n * electrons * row, sizeof *w->row);
    w->row_sum = mem_new((n + 1) * 2 * row, sizeof *w->row_sum);
    w->row_new = mem_new(n * row, sizeof *w->row_new);
    if (j->q_order) {
        w->q_row = mem_new(n * electrons * row, sizeof *w->q_row);
        w->q_sum = mem_new(2 * row, sizeof *w->q_sum);
        w->q_field = mem_new(n * 2 * row, sizeof *w->q_field);
        w->q_row_new = mem_new(n * row, sizeof *w->q_row_new);
        w->q_y = mem_new(2 * (size_t)(j->atoms * j->elements) * JASTROW_B, sizeof *w->q_y);
        w->q_atom = MEM_NEW(int, 2 * j->atoms);
    }
    w->wave = mem_new(n * electrons * waves, sizeof *w->wave);
    w->wave_sum = mem_new(n * waves, sizeof *w->wave_sum);
    w->wave_new = mem_new(n * waves, sizeof *w->wave_new);
    return w;
}

void jastrow_work_deepen(struct jastrow_work *w)
{
    size_t electrons = (size_t)w->electrons, atoms = (size_t)w->atoms;
    if (w->deep)
        return;
    w->deep = mem_new(electrons * atoms, sizeof *w->deep);
    w->deep_electron = mem_new(electrons * atoms, sizeof *w->deep_electron);
    w->deep_count = mem_new(atoms, sizeof *w->deep_count);
    w->row_cut = mem_new(electrons * atoms * JASTROW_G, sizeof *w->row_cut);
    w->h_cut = mem_new(electrons, sizeof *w->h_cut);
    if (w->q_row) {
        size_t row = atoms * JASTROW_G;
        w->q_flow = mem_new(electrons * row, sizeof *w->q_flow);
        w->q_flow_sum = mem_new(2 * row, sizeof *w->q_flow_sum);
        w->q_flow_field = mem_new(2 * row, sizeof *w->q_flow_field);
    }
    w->half = mem_new(atoms * 2 * JASTROW_H * 5, sizeof *w->half);
    w->pair = mem_new(electrons, sizeof *w->pair);
}

void jastrow_work_free(struct jastrow_work *w)
{
    if (!w)
        return;
    void *all[] = {w->x,
                   w->y,
                   w->z,
                   w->near,
                   w->h,
                   w->partner,
                   w->row,
                   w->row_sum,
                   w->row_new,
                   w->deep,
                   w->deep_electron,
                   w->deep_count,
                   w->row_cut,
                   w->h_cut,
                   w->half,
                   w->wave,
                   w->wave_sum,
                   w->wave_new,
                   w->q_row,
                   w->q_sum,
                   w->q_field,
                   w->q_row_new,
                   w->q_y,
                   w->q_atom,
                   w->q_flow,
                   w->q_flow_sum,
                   w->q_flow_field,
                   w->pair,
                   w->r2,
                   w->list,
                   w};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        free(all[k]);
}
