/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/follow.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "dft/block.h"

struct follow {
    int nk, occupied;
    double **old; /* nk blocks of the occupied orbitals */
};

static void remember(struct follow *f, const struct state *s)
{
    for (int j = 0; j < f->nk; j++)
        memcpy(f->old[j], s->k[j].orbital,
               (size_t)f->occupied * s->k[j].waves->size * sizeof(double));
}

struct follow *follow_new(const struct state *s)
{
    struct follow *f = MEM_NEW(struct follow, 1);
    f->nk = s->nk;
    f->occupied = (int)ceil(s->electrons / 2);
    f->old = MEM_NEW(double *, s->nk);
    for (int j = 0; j < s->nk; j++) {
        size_t numbers = (size_t)f->occupied * (size_t)s->k[j].waves->size;
        f->old[j] = MEM_NEW(double, numbers);
    }
    remember(f, s);
    return f;
}

void follow_free(struct follow *f)
{
    if (!f)
        return;
    for (int j = 0; j < f->nk; j++)
        free(f->old[j]);
    free(f->old);
    free(f);
}

/* Norm of each orbital's part in the old occupied space. */
static void overlaps(const struct follow *f, const struct kstate *k, const double *old, int bands,
                     double *norm)
{
    const struct block block = {k->waves->real, k->waves->size};
    size_t row = (size_t)f->occupied * (size_t)block_scalars(&block);
    double *m = MEM_NEW(double, row *(size_t)bands);
    block_inner(&block, f->occupied, old, bands, k->orbital, m);
    for (int b = 0; b < bands; b++) {
        norm[b] = 0;
        for (size_t i = 0; i < row; i++)
            norm[b] += m[b * row + i] * m[b * row + i];
    }
    free(m);
}

/* Orbital `from` to place `to` < from, those between one up. */
static void move(struct kstate *k, int from, int to, double *norm)
{
    size_t size = (size_t)k->waves->size, between = (size_t)(from - to);
    double *keep = MEM_NEW(double, size), eigenvalue = k->eigenvalue[from], n = norm[from];
    memcpy(keep, k->orbital + from * size, size * sizeof *keep);
    memmove(k->orbital + (to + 1) * size, k->orbital + to * size, between * size * sizeof *keep);
    memcpy(k->orbital + to * size, keep, size * sizeof *keep);
    memmove(k->eigenvalue + to + 1, k->eigenvalue + to, between * sizeof *keep);
    memmove(norm + to + 1, norm + to, between * sizeof *keep);
    k->eigenvalue[to] = eigenvalue;
    norm[to] = n;
    free(keep);
}

void follow_fill(struct follow *f, struct state *s)
{
    double *norm = MEM_NEW(double, s->bands);
    for (int j = 0; j < f->nk; j++) {
        struct kstate *k = &s->k[j];
        overlaps(f, k, f->old[j], s->bands, norm);
        for (int to = 0; to < f->occupied; to++) {
            int best = to;
            for (int b = to + 1; b < s->bands; b++)
                if (norm[b] > norm[best])
                    best = b;
            if (best != to)
                move(k, best, to, norm);
        }
        for (int b = 0; b < s->bands; b++)
            k->occupation[b] = fmin(2, fmax(0, s->electrons - 2 * b));
    }
    free(norm);
    remember(f, s);
}
