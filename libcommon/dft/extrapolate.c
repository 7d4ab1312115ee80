/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/extrapolate.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <cblas.h>
#include "base/mem.h"
#include "dft/block.h"
#include "dft/density.h"
#include "maths/linalg.h"

enum {
    PAST = 6,     /* frames whose density is remembered */
    ORBITALS = 3, /* and their orbitals: corrections to these are cheap, memory is not */
    PIECES = 8
};

#define FAR \
    0.25 /* rms error of the predicted positions (bohr) beyond which the past is of no use */
#define NOISE 1e-10 /* Hartree energy of the noise of a past density, Ha per atom */

/* One frame. */
struct past {
    double (*f)[3]; /* fractional positions, in the images nearest to the frame before */
    int bands;
    float **orbital;      /* nk: [bands][size]; NULL where only the density is remembered */
    float complex *atoms; /* density of free atoms, times the volume, on the list of the grid */
    float complex *rho;   /* density less free atoms, likewise */
};

struct extrapolate {
    bool periodic;
    int n, nk, count;
    double cell[3][3];            /* of the latest */
    const struct pseudo **pseudo; /* n */
    struct past past[PAST];       /* latest first */
};

struct extrapolate *extrapolate_new(void)
{
    return MEM_NEW(struct extrapolate, 1);
}

/* Frames that have orbitals. */
static int with_orbitals(const struct extrapolate *p)
{
    return p->count < ORBITALS ? p->count : ORBITALS;
}

static void free_orbitals(const struct extrapolate *p, struct past *x)
{
    for (int j = 0; j < p->nk && x->orbital; j++)
        free(x->orbital[j]);
    free(x->orbital);
    x->orbital = NULL;
}

static void past_free(const struct extrapolate *p, struct past *x)
{
    free_orbitals(p, x);
    free(x->f);
    free(x->atoms);
    free(x->rho);
    memset(x, 0, sizeof *x);
}

void extrapolate_forget(struct extrapolate *p)
{
    for (int i = 0; i < PAST; i++)
        past_free(p, &p->past[i]);
    free(p->pseudo);
    memset(p, 0, sizeof *p);
}

void extrapolate_free(struct extrapolate *p)
{
    if (p)
        extrapolate_forget(p);
    free(p);
}

/* Fractional positions of y in the images nearest to `near` (NULL: as they are). */
static void fractional(const struct system *y, const double cell[3][3], const double (*near)[3],
                       double (*f)[3])
{
    double rec[3][3];
    system_reciprocal(cell, rec);
    for (int i = 0; i < y->n; i++)
        for (int a = 0; a < 3; a++) {
            const double *r = y->pos[i], *b = rec[a];
            f[i][a] = (r[0] * b[0] + r[1] * b[1] + r[2] * b[2]) / (2 * M_PI);
            if (near && y->periodic)
                f[i][a] -= round(f[i][a] - near[i][a]);
        }
}

static bool same_kind(const struct extrapolate *p, const struct state *s)
{
    return p->count && p->n == s->system->n && p->periodic == s->system->periodic &&
           p->nk == s->nk && !memcmp(p->pseudo, s->pseudo, p->n * sizeof *p->pseudo);
}

static void store_density(const struct state *s, const double complex *rho, struct past *x)
{
    const struct grid *g = s->grid;
    double complex *atoms = MEM_RAW(double complex, g->ng);
    density_atoms_list(s, atoms);
    x->atoms = MEM_RAW(float complex, g->ng);
    x->rho = MEM_RAW(float complex, g->ng);
    for (int i = 0; i < g->ng; i++) {
        x->atoms[i] = (float complex)(atoms[i] * g->volume);
        x->rho[i] = (float complex)((rho[i] - atoms[i]) * g->volume);
    }
    free(atoms);
}

static void store_orbitals(const struct state *s, struct past *x)
{
    x->bands = s->bands;
    x->orbital = MEM_NEW(float *, s->nk);
    for (int j = 0; j < s->nk; j++) {
        const size_t numbers = (size_t)s->bands * s->k[j].waves->size;
        x->orbital[j] = MEM_RAW(float, numbers);
        for (size_t i = 0; i < numbers; i++)
            x->orbital[j][i] = (float)s->k[j].orbital[i];
    }
}

void extrapolate_store(struct extrapolate *p, const struct state *s, const double complex *rho)
{
    const struct system *y = s->system;
    struct past now = {0};
    if (!same_kind(p, s)) {
        extrapolate_forget(p);
        p->n = y->n;
        p->nk = s->nk;
        p->periodic = y->periodic;
        p->pseudo = MEM_RAW(const struct pseudo *, y->n);
        memcpy(p->pseudo, s->pseudo, y->n * sizeof *p->pseudo);
    }
    now.f = mem_new(y->n, sizeof *now.f);
    fractional(y, s->grid->cell, p->count ? (const double(*)[3])p->past[0].f : NULL, now.f);
    store_density(s, rho, &now);
    store_orbitals(s, &now);
    past_free(p, &p->past[PAST - 1]);
    free_orbitals(p, &p->past[ORBITALS - 1]);
    memmove(p->past + 1, p->past, (PAST - 1) * sizeof *p->past);
    p->past[0] = now;
    p->count += p->count < PAST;
    memcpy(p->cell, s->grid->cell, sizeof p->cell);
}

/* rms distance of positions f from where they were (two frames: from where they were heading), bohr */
static double misfit(const struct extrapolate *p, int frames, const double (*f)[3])
{
    double sum = 0;
    for (int i = 0; i < p->n; i++) {
        double d[3] = {0};
        for (int a = 0; a < 3; a++) {
            const double now = p->past[0].f[i][a];
            const double x = f[i][a] - now - (frames > 1 ? now - p->past[1].f[i][a] : 0);
            for (int c = 0; c < 3; c++)
                d[c] += x * p->cell[a][c];
        }
        sum += d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
    }
    return sqrt(sum / p->n);
}

/* Cells within which coefficients relative to the cell still mean the same. */
static bool similar(const double a[3][3], const double b[3][3])
{
    double difference = 0, size = 0;
    for (int i = 0; i < 9; i++) {
        difference = fmax(difference, fabs(a[i / 3][i % 3] - b[i / 3][i % 3]));
        size = fmax(size, fabs(a[i / 3][i % 3]));
    }
    return difference < 0.1 * size;
}

bool extrapolate_near(const struct system *now, const struct system *before,
                      const struct system *earlier)
{
    const struct system *y[3] = {now, before, earlier};
    struct extrapolate p = {.periodic = now->periodic, .n = now->n};
    double(*f[3])[3] = {NULL, NULL, NULL}, (*near)[3] = NULL;
    bool helps = false;
    for (int i = 0; i < 3 && y[i] && y[i]->n == now->n && y[i]->periodic == now->periodic &&
                    !memcmp(y[i]->element, now->element, now->n * sizeof *now->element);
         i++)
        p.count = i;
    for (int i = p.count; i >= 0; i--) {
        near = f[i] = mem_new(now->n, sizeof *f[i]);
        fractional(y[i], y[i]->cell, i < p.count ? (const double(*)[3])f[i + 1] : NULL, near);
    }
    for (int i = 0; i < 2; i++)
        p.past[i].f = f[i + 1];
    if (p.count)
        memcpy(p.cell, before->cell, sizeof p.cell);
    for (int frames = 1; frames <= p.count && similar(p.cell, now->cell); frames++)
        helps = helps || misfit(&p, frames, (const double(*)[3])f[0]) < FAR * (1 + 1e-9);
    for (int i = 0; i < 3; i++)
        free(f[i]);
    return helps;
}

bool extrapolate_helps(struct extrapolate *p, const struct state *s)
{
    double(*f)[3] = mem_new(s->system->n, sizeof *f);
    bool helps = false;
    if (same_kind(p, s) && similar(p->cell, s->grid->cell)) {
        fractional(s->system, s->grid->cell, (const double(*)[3])p->past[0].f, f);
        for (int frames = 1; frames <= 2 && frames <= p->count; frames++)
            helps = helps || misfit(p, frames, (const double(*)[3])f) < FAR;
    }
    free(f);
    if (!helps)
        extrapolate_forget(p);
    return helps;
}

/* Where the vectors m of one list stand in another: index[to], -1 where they do not. */
static int *correspondence(int from, const int (*old)[3], int to, const int (*new)[3])
{
    int most[3] = {0}, *index = MEM_RAW(int, to);
    for (int i = 0; i < from; i++)
        for (int d = 0; d < 3; d++)
            most[d] = abs(old[i][d]) > most[d] ? abs(old[i][d]) : most[d];
    const int n[3] = {2 * most[0] + 1, 2 * most[1] + 1, 2 * most[2] + 1};
    int *box = MEM_NEW(int, (size_t)n[0] * n[1] * n[2]); /* 1 + place in old */
#define PLACE(m) (((size_t)((m)[0] + most[0]) * n[1] + (m)[1] + most[1]) * n[2] + (m)[2] + most[2])
    for (int i = 0; i < from; i++)
        box[PLACE(old[i])] = i + 1;
    for (int i = 0; i < to; i++) {
        const int *m = new[i];
        bool inside = abs(m[0]) <= most[0] && abs(m[1]) <= most[1] && abs(m[2]) <= most[2];
        index[i] = inside ? box[PLACE(m)] - 1 : -1;
    }
#undef PLACE
    free(box);
    return index;
}

/* rows of `from` complex numbers become rows of `to` */
static float complex *rearranged(int rows, int from, int to, const int *index,
                                 const float complex *x)
{
    float complex *y = MEM_RAW(float complex, (size_t)rows *to);
    for (int r = 0; r < rows; r++)
        for (int i = 0; i < to; i++)
            y[(size_t)r * to + i] = index[i] < 0 ? 0 : x[(size_t)r * from + index[i]];
    return y;
}

void extrapolate_transfer(struct extrapolate *p, const struct state *old, const struct state *s)
{
    int *index = correspondence(old->grid->ng, (const int(*)[3])old->grid->m, s->grid->ng,
                                (const int(*)[3])s->grid->m);
    for (int i = 0; i < p->count; i++) {
        float complex **lists[2] = {&p->past[i].atoms, &p->past[i].rho};
        for (int l = 0; l < 2; l++) {
            float complex *x = *lists[l];
            *lists[l] = rearranged(1, old->grid->ng, s->grid->ng, index, x);
            free(x);
        }
    }
    free(index);
    for (int j = 0; j < p->nk; j++) {
        const struct waves *a = old->k[j].waves, *b = s->k[j].waves;
        index = correspondence(a->n, (const int(*)[3])a->m, b->n, (const int(*)[3])b->m);
        for (int i = 0; i < with_orbitals(p); i++) {
            float *x = p->past[i].orbital[j];
            p->past[i].orbital[j] =
                (float *)rearranged(p->past[i].bands, a->n, b->n, index, (const float complex *)x);
            free(x);
        }
        free(index);
    }
}

int extrapolate_bands(const struct extrapolate *p)
{
    return p->past[0].bands;
}

/* Hartree inner product of two differences of densities (times the volume): (a - b | c - d), Ha */
static double hartree(const struct grid *g, const float complex *a, const float complex *b,
                      const float complex *c, const float complex *d)
{
    double sum = 0;
    for (int i = 1; i < g->ng; i++) {
        const float complex x = a[i] - b[i], y = c[i] - d[i];
        sum += g->weight[i] / g->g2[i] * (double)(crealf(x) * crealf(y) + cimagf(x) * cimagf(y));
    }
    return 2 * M_PI / g->volume * sum;
}

/* Weights w_m, of sum 1, of the past frames that minimise
 * |atoms - sum_m w_m atoms_m|^2 + noise sum_m w_m^2 in the Hartree norm. */
static void weights(const struct extrapolate *p, int frames, const struct grid *g,
                    const float complex *atoms, double *w)
{
    const int n = frames - 1;
    double a[PAST * PAST], noise = NOISE * p->n;
    const struct past *x = p->past;
    for (int i = 0; i < n; i++) {
        w[i + 1] = hartree(g, x[i + 1].atoms, x[0].atoms, atoms, x[0].atoms) + noise;
        for (int j = 0; j <= i; j++)
            a[i * n + j] = a[j * n + i] =
                hartree(g, x[i + 1].atoms, x[0].atoms, x[j + 1].atoms, x[0].atoms) +
                noise * (i == j ? 2 : 1);
    }
    if (n > 0 && linalg_cholesky(n, a, NULL) == ST_OK)
        linalg_cholesky_solve(n, a, 1, w + 1);
    else
        memset(w + 1, 0, n * sizeof *w);
    w[0] = 1;
    for (int i = 1; i <= n; i++)
        w[0] -= w[i];
}

/* w: weights of the frames that have orbitals, by themselves */
static void predict_density(const struct extrapolate *p, struct state *s, double *w)
{
    const struct grid *g = s->grid;
    double all[PAST];
    double complex *list = MEM_RAW(double complex, g->ng);
    float complex *atoms = MEM_RAW(float complex, g->ng);
    density_atoms_list(s, list);
    for (int i = 0; i < g->ng; i++)
        atoms[i] = (float complex)(list[i] * g->volume);
    weights(p, p->count, g, atoms, all);
    weights(p, with_orbitals(p), g, atoms, w);
    for (int m = 0; m < p->count; m++)
        for (int i = 0; i < g->ng; i++)
            list[i] += all[m] / g->volume * (double complex)p->past[m].rho[i];
    grid_from_list(g, list, s->rho);
    density_set(s, s->rho);
    free(list);
    free(atoms);
}

/* y[j] += weight x_i <x_i|latest_j> for the orbitals j of one piece */
static void add_projected(const struct waves *w, float weight, int nx, const float *x, int ny,
                          const float *latest, float *overlap, float *y)
{
    const float one[2] = {1, 0}, zero[2] = {0, 0}, scale[2] = {weight, 0};
    const int size = w->size, n = w->n;
    if (w->real) {
        cblas_sgemm(CblasColMajor, CblasTrans, CblasNoTrans, nx, ny, size, 1, x, size, latest, size,
                    0, overlap, nx);
        cblas_sgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, size, ny, nx, weight, x, size,
                    overlap, nx, 1, y, size);
        return;
    }
    cblas_cgemm(CblasColMajor, CblasConjTrans, CblasNoTrans, nx, ny, n, one, x, n, latest, n, zero,
                overlap, nx);
    cblas_cgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n, ny, nx, scale, x, n, overlap, nx, one,
                y, n);
}

/* sum_m w_m |C_m><C_m| C_0 for a piece of the orbitals of k point j */
static void predict_piece(const struct extrapolate *p, const double *weight, int j, int from,
                          int count, struct kstate *k)
{
    const struct waves *w = k->waves;
    const size_t size = w->size, numbers = count * size;
    const float *latest = p->past[0].orbital[j] + from * size;
    int most = 0;
    for (int m = 0; m < with_orbitals(p); m++)
        most = p->past[m].bands > most ? p->past[m].bands : most;
    float *sum = MEM_RAW(float, numbers), *overlap = MEM_RAW(float, (size_t)2 * most * count);
    for (size_t i = 0; i < numbers; i++)
        sum[i] = (float)weight[0] * latest[i];
    for (int m = 1; m < with_orbitals(p); m++)
        add_projected(w, (float)weight[m], p->past[m].bands, p->past[m].orbital[j], count, latest,
                      overlap, sum);
    for (size_t i = 0; i < numbers; i++)
        k->orbital[from * size + i] = sum[i];
    free(sum);
    free(overlap);
}

bool extrapolate_state(const struct extrapolate *p, struct state *s)
{
    const int bands = extrapolate_bands(p);
    double w[PAST];
    bool good = true;
    predict_density(p, s, w);
    for (int j = 0; j < s->nk && good; j++) {
        const struct block block = {s->k[j].waves->real, s->k[j].waves->size};
#pragma omp parallel for schedule(dynamic)
        for (int i = 0; i < PIECES; i++) {
            const int from = bands * i / PIECES, to = bands * (i + 1) / PIECES;
            if (to > from)
                predict_piece(p, w, j, from, to - from, &s->k[j]);
        }
        good = block_orthonormal(&block, bands, s->k[j].orbital);
    }
    return good;
}
