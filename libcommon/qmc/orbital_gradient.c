/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/orbital_gradient_parts.h"
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/threads.h"
#include "maths/linalg.h"
#include "qmc/scratch.h"

enum { GROUPS = ORBITAL_GRADIENT_GROUPS };
enum { POINTS = 64 }; /* electrons whose orbitals are evaluated together, about */

static size_t orbital_size(const struct wavefunction *psi)
{
    return (size_t)psi->orbitals * psi->functions;
}

static struct orbital_gradient_work work_new(const struct wavefunction *psi, int chunk)
{
    size_t points = (size_t)chunk * psi->electrons;
    struct orbital_gradient_work w = {
        .left = mem_new(points * 2 * psi->orbitals, sizeof(double)),
        .chi = mem_new(points * psi->functions, sizeof(double)),
        .ao = mem_new(psi->twists, sizeof(struct ao_work *)),
    };
    for (int t = 0; t < psi->twists; t++)
        w.ao[t] = ao_work_new(psi->ao[t]);
    return w;
}

static void work_free(struct orbital_gradient_work *w, int twists)
{
    for (int t = 0; t < twists; t++)
        ao_work_free(w->ao[t]);
    free(w->ao);
    free(w->left);
    free(w->chi);
}

/* Group of walker number w of the `walkers` of its twist: neighbours, so that few shares are needed */
static int group_of(int w, int walkers)
{
    return (int)((long)w * GROUPS / walkers);
}

static void add_share(struct orbital_gradient *g, int batch, int group, int first, int walkers)
{
    struct orbital_gradient_share *s = &g->share[g->shares++];
    s->batch = batch;
    s->twist = batch / (g->batches / g->psi->twists);
    s->group = group;
    s->first = first;
    s->walkers = walkers;
    s->orbital = mem_new(2 * orbital_size(g->psi), sizeof(double));
    s->nuclear = mem_new(2 * (size_t)g->components, sizeof(double));
}

static void divide(struct orbital_gradient *g, const struct vmc *v)
{
    int per = g->batches / g->psi->twists, size = vmc_size(v), all = per * size;
    g->begin = MEM_NEW(int, g->batches + 1);
    g->share = mem_new((size_t)g->batches * GROUPS, sizeof *g->share);
    for (int b = 0; b < g->batches; b++) {
        int offset = b % per * size;
        g->begin[b] = g->shares;
        for (int first = 0, last; first < size; first = last) {
            int group = group_of(offset + first, all);
            for (last = first; last < size && group_of(offset + last, all) == group;)
                last++;
            add_share(g, b, group, first, last - first);
        }
    }
    g->begin[g->batches] = g->shares;
}

struct orbital_gradient *orbital_gradient_new(const struct vmc *v, const struct forces *f,
                                              struct err *err)
{
    const struct wavefunction *psi = vmc_wavefunction(v);
    int batches = vmc_batches(v), walkers = batches / psi->twists * vmc_size(v);
    if (walkers < GROUPS) {
        err_set(err, ST_USAGE,
                "the orbital gradient needs %d walkers for each of %d twists: %d in all", GROUPS,
                psi->twists, GROUPS * psi->twists);
        return NULL;
    }
    struct orbital_gradient *g = MEM_NEW(struct orbital_gradient, 1);
    g->psi = psi;
    g->components = forces_components(f);
    g->batches = batches;
    g->chunk = psi->electrons < POINTS ? POINTS / psi->electrons : 1;
    g->threads = threads_max();
    g->work = mem_new(g->threads, sizeof *g->work);
    for (int t = 0; t < g->threads; t++)
        g->work[t] = work_new(psi, g->chunk);
    divide(g, v);
    return g;
}

void orbital_gradient_free(struct orbital_gradient *g)
{
    if (!g)
        return;
    for (int t = 0; t < g->threads; t++)
        work_free(&g->work[t], g->psi->twists);
    for (int k = 0; k < g->shares; k++) {
        free(g->share[k].orbital);
        free(g->share[k].nuclear);
    }
    free(g->work);
    free(g->share);
    free(g->begin);
    free(g);
}

/* Rows of the inverse times both weights; unoccupied orbitals are zero. */
static void weighted_rows(const struct walkers *w, int k, const double weight[2], double *left)
{
    const struct wavefunction *psi = w->psi;
    int o = psi->orbitals;
    for (int i = 0; i < psi->electrons; i++, left += 2 * o) {
        int spin = i >= psi->up, n = spin ? psi->down : psi->up, row = spin ? i - psi->up : i;
        const double *inverse = walkers_inverse(w, k, spin) + (size_t)row * n;
        memset(left, 0, 2 * (size_t)o * sizeof *left);
        for (int j = 0; j < n; j++) {
            left[j] = weight[0] * inverse[j];
            left[o + j] = weight[1] * inverse[j];
        }
    }
}

/* sum[2][orbital][function] += O of `count` walkers from the first, times weight[walker][2] */
static void add_orbital(const struct orbital_gradient *g, struct orbital_gradient_work *work,
                        const struct walkers *w, int first, int count, const double weight[][2],
                        double *sum)
{
    const struct wavefunction *psi = g->psi;
    int e = psi->electrons, rows = 2 * psi->orbitals, points = count * e;
    for (int k = 0; k < count; k++)
        weighted_rows(w, first + k, weight[k], work->left + (size_t)k * e * rows);
    ao_eval_with(psi->ao[w->twist], work->ao[w->twist], AO_VALUE, points,
                 (const double(*)[3])w->pos + (size_t)first * e, work->chi);
    linalg_gemm(LINALG_T, LINALG_N, rows, psi->functions, points, 1, work->left, work->chi, 1, sum);
}

static void add_nuclear(int m, const double a[], const double b[], double f, double energy,
                        double *sum)
{
    for (int c = 0; c < m; c++) {
        sum[c] += f * (a[c] + 2 * energy * b[c]);
        sum[m + c] += f * b[c];
    }
}

void orbital_gradient_measure(struct orbital_gradient *g, int thread, const struct walkers *w,
                              const struct orbital_gradient_sample *sample)
{
    int m = g->components;
    double weight[POINTS][2];
    for (int at = g->begin[w->index]; at < g->begin[w->index + 1]; at++) {
        struct orbital_gradient_share *s = &g->share[at];
        for (int done = 0, count; done < s->walkers; done += count) {
            int left = s->walkers - done, first = s->first + done;
            count = left < g->chunk ? left : g->chunk;
            for (int k = 0; k < count; k++) {
                double f = sample->regular[first + k][0];
                double d = w->energy[first + k] - sample->reference;
                size_t row = (size_t)(first + k) * m;
                weight[k][0] = f * d;
                weight[k][1] = f;
                s->weight += f;
                s->energy += f * d;
                add_nuclear(m, sample->a + row, sample->b + row, f, d, s->nuclear);
            }
            add_orbital(g, &g->work[thread], w, first, count, (const double(*)[2])weight,
                        s->orbital);
        }
        s->samples += s->walkers;
    }
}

void orbital_gradient_derivative(struct orbital_gradient *g, const struct walkers *w, int k,
                                 double out[])
{
    size_t size = orbital_size(g->psi);
    double *both = MEM_NEW(double, 2 * size);
    add_orbital(g, &g->work[0], w, k, 1, (const double[1][2]){{1, 0}}, both);
    memcpy(out, both, size * sizeof *out);
    free(both);
}

static void keep_batch(void *context, int b, struct checkpoint *c)
{
    const struct orbital_gradient *g = context;
    for (int k = g->begin[b]; k < g->begin[b + 1]; k++) {
        struct orbital_gradient_share *s = &g->share[k];
        checkpoint_bytes(c, &s->samples, sizeof s->samples);
        checkpoint_bytes(c, &s->weight, sizeof s->weight);
        checkpoint_bytes(c, &s->energy, sizeof s->energy);
        checkpoint_bytes(c, s->orbital, 2 * orbital_size(g->psi) * sizeof(double));
        checkpoint_bytes(c, s->nuclear, 2 * (size_t)g->components * sizeof(double));
    }
}

void orbital_gradient_gather(struct orbital_gradient *g, struct ranks *ranks)
{
    ranks_gather(ranks, g->batches, keep_batch, g);
}

void orbital_gradient_keep(struct orbital_gradient *g, struct checkpoint *c)
{
    for (int b = 0; b < g->batches; b++)
        keep_batch(g, b, c);
}
