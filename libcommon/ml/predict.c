/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/threads.h"
#include "maths/linalg.h"
#include "ml/pair.h"
#include "ml/predict.h"
#include "ml/variance.h"

enum { CHUNKS = 8, BLOCK = 32, SMALL = 8 };

/* Models that share one descriptor */
struct group {
    int models;
    const struct potential **model;
    const struct soap *soap;
};

/* Scratch of one thread */
struct work {
    struct soap_local *local;
    struct soap_kept kept[BLOCK]; /* p of each is a row of p */
    double *c;
    int *channel, capacity;
    double (*gradient)[3];
    double *p, *slope; /* [BLOCK][size] */
    double *dot;       /* [BLOCK][count or size of the largest model] */
};

struct block {
    int first, count, channel; /* of the atoms sorted by element */
};

struct predict {
    int models, groups;
    struct potential *const *model;
    struct group *group;
    bool uncertainty;
    int threads;
    struct work *work;
    /* one call: */
    int atoms, blocks;
    int *sorted;
    struct block *block;
    double (*force)[3]; /* [CHUNKS][atoms] */
    double strain[CHUNKS][3][3];
    double *energy;     /* [blocks] */
    double *descriptor; /* [atoms][size], sorted; only for the uncertainty */
};

static void group_models(struct predict *p)
{
    p->group = MEM_NEW(struct group, p->models);
    for (int m = 0; m < p->models; m++) {
        struct group *g = p->group;
        while (g < p->group + p->groups &&
               !soap_settings_equal(&g->soap->settings, &p->model[m]->soap))
            g++;
        if (g == p->group + p->groups) {
            p->groups++;
            g->soap = p->model[m]->descriptor;
            g->model = MEM_NEW(const struct potential *, p->models);
        }
        g->model[g->models++] = p->model[m];
    }
}

struct predict *predict_new(int models, struct potential *const model[], bool uncertainty)
{
    struct predict *p = MEM_NEW(struct predict, 1);
    p->models = models;
    p->model = model;
    p->uncertainty = uncertainty;
    group_models(p);
    return p;
}

static void free_work(struct predict *p)
{
    for (int t = 0; t < p->threads; t++) {
        soap_local_free(p->work[t].local);
        free(p->work[t].c);
        free(p->work[t].channel);
        free(p->work[t].gradient);
        free(p->work[t].p);
        free(p->work[t].slope);
        free(p->work[t].dot);
    }
    free(p->work);
    p->work = NULL;
    p->threads = 0;
}

static void free_atoms(struct predict *p)
{
    free(p->sorted);
    free(p->block);
    free(p->force);
    free(p->energy);
    free(p->descriptor);
}

void predict_free(struct predict *p)
{
    if (!p)
        return;
    free_work(p);
    free_atoms(p);
    for (int g = 0; g < p->groups; g++)
        free(p->group[g].model);
    free(p->group);
    free(p);
}

static void make_work(struct predict *p)
{
    int count = 0, size = 0;
    if (p->work && p->threads >= threads_max())
        return;
    free_work(p);
    p->threads = threads_max();
    p->work = MEM_NEW(struct work, p->threads);
    for (int m = 0; m < p->models; m++) {
        count = p->model[m]->count > count ? p->model[m]->count : count;
        size = p->model[m]->descriptor->size > size ? p->model[m]->descriptor->size : size;
    }
    count = count > size ? count : size;
    for (int t = 0; t < p->threads; t++) {
        p->work[t].p = MEM_NEW(double, (size_t)BLOCK *size);
        p->work[t].slope = MEM_NEW(double, (size_t)BLOCK *size);
        p->work[t].dot = MEM_NEW(double, (size_t)BLOCK *count);
    }
}

/* Each group has its own kind of soap_local. */
static void start_group(struct predict *p, const struct group *g)
{
    if (p->groups == 1 && p->work[0].local)
        return;
    size_t coefficients = (size_t)g->soap->harmonics * g->soap->width;
    for (struct work *w = p->work; w < p->work + p->threads; w++) {
        soap_local_free(w->local);
        w->local = soap_local_new(g->soap);
        free(w->c);
        w->c = MEM_NEW(double, BLOCK *coefficients);
        for (int b = 0; b < BLOCK; b++) {
            w->kept[b].c = w->c + b * coefficients;
            w->kept[b].p = w->p + (size_t)b * g->soap->size;
        }
    }
}

static void make_atoms(struct predict *p, int n)
{
    if (p->atoms == n)
        return;
    free_atoms(p);
    int size = 0;
    for (int g = 0; g < p->groups; g++)
        size = p->group[g].soap->size > size ? p->group[g].soap->size : size;
    p->atoms = n;
    p->sorted = MEM_NEW(int, n);
    p->block = MEM_NEW(struct block, n);
    p->force = mem_new((size_t)CHUNKS * n, sizeof *p->force);
    p->energy = MEM_NEW(double, n);
    p->descriptor = p->uncertainty ? MEM_NEW(double, (size_t)n *size) : NULL;
}

/* Atoms sorted by element and cut into blocks of one element; small systems into smaller blocks, for
 * the sake of threads. */
static enum status make_blocks(struct predict *p, const struct group *g, const struct system *s,
                               struct err *err)
{
    int longest = (s->n + 3) / 4, next = 0;
    longest = longest < SMALL ? SMALL : longest > BLOCK ? BLOCK : longest;
    p->blocks = 0;
    for (int e = 0; e < g->soap->settings.elements; e++) {
        int begin = next;
        for (int i = 0; i < s->n; i++)
            if (s->element[i] == g->soap->settings.element[e])
                p->sorted[next++] = i;
        for (int i = begin; i < next; i += longest)
            p->block[p->blocks++] = (struct block){i, next - i < longest ? next - i : longest, e};
    }
    if (next == s->n)
        return ST_OK;
    int odd = 0;
    while (soap_channel(g->soap, s->element[odd]) >= 0)
        odd++;
    return err_set(err, ST_DATA, "atom %d is %s, an element that the model was not fitted for",
                   odd + 1, species_symbol(s->element[odd]));
}

/* dot[m] becomes dE/ddot; returns the energy */
static double contract(int zeta, int count, const double weight[], double dot[])
{
    double e = 0;
    if (zeta == 4) {
#pragma omp simd reduction(+ : e)
        for (int m = 0; m < count; m++) {
            double w = weight[m] * dot[m] * dot[m] * dot[m];
            e += w * dot[m];
            dot[m] = 4 * w;
        }
        return e;
    }
    for (int m = 0; m < count; m++) {
        double w = weight[m] * potential_power(dot[m], zeta - 1);
        e += w * dot[m];
        dot[m] = zeta * w;
    }
    return e;
}

/* Energy of the atoms of a block in one model; slope[b][size] += dE/dp. */
static double block_model(const struct potential *m, const struct block *b, struct work *w,
                          int size, bool first)
{
    double e = b->count * m->e0[b->channel];
    if (m->square) {
        const double *square = m->square + (size_t)b->channel * size * size;
        linalg_gemm(LINALG_N, LINALG_N, b->count, size, size, 1, w->p, square, 0, w->dot);
        for (int i = 0; i < b->count * size; i++) {
            e += w->dot[i] * w->p[i];
            w->slope[i] = 2 * w->dot[i] + (first ? 0 : w->slope[i]);
        }
        return e;
    }
    int row = m->first[b->channel], count = m->first[b->channel + 1] - row;
    const double *q = m->q + (size_t)row * size;
    linalg_gemm(LINALG_N, LINALG_T, b->count, count, size, 1, w->p, q, 0, w->dot);
    for (int i = 0; i < b->count; i++)
        e += contract(m->zeta, count, m->sorted + row, w->dot + (size_t)i * count);
    linalg_gemm(LINALG_N, LINALG_N, b->count, size, count, 1, w->dot, q, first ? 0 : 1, w->slope);
    return e;
}

/* Repulsion and two-body term of the neighbours of one atom, half of every pair; gradient[j] += dE/dd. */
static double pairs(const struct group *g, const struct system *s, const struct neighbour *list,
                    int i, double gradient[][3])
{
    double e = 0;
    for (int m = 0; m < g->models; m++) {
        const struct two_body *t = g->model[m]->curves;
        double cutoff = g->model[m]->pair_cutoff, reach = cutoff > t->reach ? cutoff : t->reach;
        for (size_t j = list->first[i]; j < list->first[i + 1]; j++) {
            const double *d = list->d[j];
            double r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2], slope, more = 0;
            if (r2 >= reach * reach)
                continue;
            int z = s->element[i], other = s->element[list->atom[j]];
            double r = sqrt(r2);
            e += 0.5 * pair_energy(z, other, cutoff, r, &slope);
            e += 0.5 * two_body_energy(t, two_body_first(t, z, other), r, &more);
            slope += more;
            for (int a = 0; a < 3; a++)
                gradient[j - list->first[i]][a] += 0.5 * slope * d[a] / r;
        }
    }
    return e;
}

static void reserve(struct work *w, int count)
{
    if (count <= w->capacity)
        return;
    free(w->channel);
    free(w->gradient);
    w->capacity = 2 * count;
    w->channel = MEM_NEW(int, w->capacity);
    w->gradient = mem_new(w->capacity, sizeof *w->gradient);
}

/* How many neighbours atom i has; w->channel of each */
static int channels(const struct group *g, const struct system *s, const struct neighbour *list,
                    int i, struct work *w)
{
    int count = (int)(list->first[i + 1] - list->first[i]);
    reserve(w, count);
    for (int j = 0; j < count; j++)
        w->channel[j] = soap_channel(g->soap, s->element[list->atom[list->first[i] + j]]);
    return count;
}

static void describe(struct predict *p, const struct group *g, const struct system *s,
                     const struct neighbour *list, const struct block *b, struct work *w)
{
    int size = g->soap->size;
    for (int k = 0; k < b->count; k++) {
        int i = p->sorted[b->first + k], count = channels(g, s, list, i, w);
        soap_describe(g->soap, b->channel, count, (const double(*)[3])list->d + list->first[i],
                      w->channel, w->local, &w->kept[k]);
    }
    if (p->uncertainty)
        memcpy(p->descriptor + (size_t)b->first * size, w->p,
               (size_t)b->count * size * sizeof *w->p);
}

/* gradient[count] of atom i to the forces and the strain derivative of a chunk */
static void spread(const struct neighbour *list, int i, const double gradient[][3],
                   double force[][3], double strain[3][3])
{
    for (size_t j = list->first[i]; j < list->first[i + 1]; j++) {
        const double *g = gradient[j - list->first[i]], *d = list->d[j];
        double *f = force[list->atom[j]];
        for (int a = 0; a < 3; a++) {
            f[a] -= g[a];
            force[i][a] += g[a];
            for (int b = 0; b < 3; b++)
                strain[a][b] += g[a] * d[b];
        }
    }
}

static double one_block(struct predict *p, const struct group *g, const struct system *s,
                        const struct neighbour *list, const struct block *b, struct work *w,
                        double force[][3], double strain[3][3])
{
    int size = g->soap->size;
    double e = 0;
    describe(p, g, s, list, b, w);
    for (int m = 0; m < g->models; m++)
        e += block_model(g->model[m], b, w, size, m == 0);
    for (int k = 0; k < b->count; k++) {
        int i = p->sorted[b->first + k], count = channels(g, s, list, i, w);
        soap_resume(g->soap, count, (const double(*)[3])list->d + list->first[i], w->channel,
                    &w->kept[k], w->local);
        soap_backward(g->soap, w->local, w->slope + (size_t)k * size, w->gradient);
        e += pairs(g, s, list, i, w->gradient);
        spread(list, i, (const double(*)[3])w->gradient, force, strain);
    }
    return e;
}

static void run_group(struct predict *p, const struct group *g, const struct system *s,
                      const struct neighbour *list)
{
    int n = s->n;
    memset(p->force, 0, (size_t)CHUNKS * n * sizeof *p->force);
    memset(p->strain, 0, sizeof p->strain);
    start_group(p, g);
#pragma omp parallel for schedule(dynamic) num_threads(p->threads)
    for (int c = 0; c < CHUNKS; c++)
        for (int b = c; b < p->blocks; b += CHUNKS)
            p->energy[b] = one_block(p, g, s, list, &p->block[b], &p->work[omp_get_thread_num()],
                                     p->force + (size_t)c * n, p->strain[c]);
}

static void collect(const struct predict *p, const struct system *s, struct predict_result *r)
{
    for (int b = 0; b < p->blocks; b++)
        r->energy += p->energy[b];
    double volume = s->periodic ? system_volume(s) : HUGE_VAL;
    for (int c = 0; c < CHUNKS; c++) {
        const double(*force)[3] = (const double(*)[3])p->force + (size_t)c * s->n;
        for (int i = 0; r->force && i < s->n; i++)
            for (int a = 0; a < 3; a++)
                r->force[i][a] += force[i][a];
        for (int a = 0; a < 9; a++)
            r->stress[a / 3][a % 3] += p->strain[c][a / 3][a % 3] / volume;
    }
}

/* Models are independent: their variances add. */
static double variance(const struct predict *p, const struct group *g, const struct system *s,
                       const struct neighbour *list)
{
    int first[SOAP_MAX_ELEMENTS + 1] = {0};
    double sum = 0;
    for (int e = 0; e < g->soap->settings.elements; e++) {
        first[e + 1] = first[e];
        for (int i = 0; i < s->n; i++)
            first[e + 1] += s->element[i] == g->soap->settings.element[e];
    }
    for (int m = 0; m < g->models; m++)
        sum += variance_energy(g->model[m], first, p->descriptor, s, list);
    return sum;
}

static enum status check(const struct predict_result *r, int n, struct err *err)
{
    bool finite = isfinite(r->energy);
    for (int i = 0; r->force && i < 3 * n; i++)
        finite = finite && isfinite(r->force[i / 3][i % 3]);
    return finite ? ST_OK
                  : err_set(err, ST_DATA, "the predicted energy or forces are not finite numbers");
}

enum status predict_evaluate(struct predict *p, const struct system *s, struct predict_result *r,
                             struct err *err)
{
    double sum = 0;
    make_work(p);
    make_atoms(p, s->n);
    r->energy = 0;
    memset(r->stress, 0, sizeof r->stress);
    if (r->force)
        memset(r->force, 0, s->n * sizeof *r->force);
    for (struct group *g = p->group; g < p->group + p->groups; g++) {
        enum status status = make_blocks(p, g, s, err);
        if (status)
            return status;
        struct neighbour *list = neighbour_new(s, g->soap->settings.cutoff);
        run_group(p, g, s, list);
        collect(p, s, r);
        sum += p->uncertainty ? variance(p, g, s, list) : 0;
        neighbour_free(list);
    }
    r->uncertainty = sqrt(sum > 0 ? sum : 0);
    return check(r, s->n, err);
}
