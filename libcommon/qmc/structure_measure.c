/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/structure_parts.h"
#include <math.h>
#include <string.h>

struct work {
    double *table[3];   /* [2 (2 limit + 1)][electron]: cos, sin of n b_i.r */
    double *re, *im;    /* [electron] */
    double (*force)[3]; /* [walker][electron], grad J_2 */
    double *value, *laplacian;
};

enum { WALKERS = 64 }; /* of a batch, at most */

size_t structure_scratch(const struct structure *s)
{
    size_t n = s->psi->electrons, rows = 0;
    for (int i = 0; i < 3; i++)
        rows += 2 * (2 * s->limit[i] + 1);
    return n * (rows + 2 + 5 * WALKERS);
}

static struct work divide(const struct structure *s, double *scratch)
{
    size_t n = s->psi->electrons;
    struct work k;
    for (int i = 0; i < 3; i++) {
        k.table[i] = scratch;
        scratch += n * 2 * (2 * s->limit[i] + 1);
    }
    k.re = scratch;
    k.im = k.re + n;
    k.value = k.im + n;
    k.laplacian = k.value + n * WALKERS;
    k.force = (double(*)[3])(void *)(k.laplacian + n * WALKERS);
    return k;
}

/* cos and sin of n phase, |n| <= limit, of one electron */
static void fill_phases(int limit, int electrons, double phase, double *t)
{
    double c1 = cos(phase), s1 = sin(phase), re = 1, im = 0;
    for (int n = 0; n <= limit; n++) {
        t[2 * (limit + n) * electrons] = t[2 * (limit - n) * electrons] = re;
        t[(2 * (limit + n) + 1) * electrons] = im;
        t[(2 * (limit - n) + 1) * electrons] = -im;
        double next = re * c1 - im * s1;
        im = re * s1 + im * c1;
        re = next;
    }
}

static void fill_tables(const struct structure *s, const double rec[3][3], const double pos[][3],
                        struct work *k)
{
    int n = s->psi->electrons;
    for (int e = 0; e < n; e++)
        for (int i = 0; i < 3; i++) {
            const double *b = rec[i];
            double phase = b[0] * pos[e][0] + b[1] * pos[e][1] + b[2] * pos[e][2];
            fill_phases(s->limit[i], n, phase, k->table[i] + e);
        }
}

/* exp(i G.r) of every electron into re, im; their sum into rho */
static void density(const struct structure *s, const struct wave *w, struct work *k, double rho[2])
{
    int n = s->psi->electrons;
    const double *x = k->table[0] + 2 * (s->limit[0] + w->n[0]) * n;
    const double *y = k->table[1] + 2 * (s->limit[1] + w->n[1]) * n;
    const double *z = k->table[2] + 2 * (s->limit[2] + w->n[2]) * n;
    double re = 0, im = 0;
#pragma omp simd reduction(+ : re, im)
    for (int e = 0; e < n; e++) {
        double a = x[e] * y[e] - x[n + e] * y[n + e], b = x[e] * y[n + e] + x[n + e] * y[e];
        k->re[e] = a * z[e] - b * z[n + e];
        k->im[e] = a * z[n + e] + b * z[e];
        re += k->re[e];
        im += k->im[e];
    }
    rho[0] = re;
    rho[1] = im;
}

/* A = sum_e (re + i im) (-i G.f) */
static void response(const struct structure *s, const struct wave *w, const struct work *k,
                     const double force[][3], const double rho[2], double out[STRUCTURE_RESPONSE])
{
    double re = 0, im = 0;
    for (int e = 0; e < s->psi->electrons; e++) {
        double f = w->g[0] * force[e][0] + w->g[1] * force[e][1] + w->g[2] * force[e][2];
        re += k->im[e] * f;
        im -= k->re[e] * f;
    }
    out[0] = re;
    out[1] = im;
    out[2] = re * rho[0] + im * rho[1];
}

/* grad J_2 = grad ln Psi - grad ln D - grad J of an electron alone, for all walkers */
static void two_body_force(const struct structure *s, const struct walkers *w, struct work *k)
{
    int all = w->n * s->psi->electrons;
    jastrow_all(s->alone, s->work[w->index], all, (const double(*)[3])w->pos, k->value, k->force,
                k->laplacian);
    for (int e = 0; e < all; e++)
        for (int x = 0; x < 3; x++)
            k->force[e][x] = w->velocity[e][x] - w->slater[e][x] - k->force[e][x];
}

static void measure(void *context, const struct walkers *w, double out[])
{
    const struct structure *s = context;
    struct work k = divide(s, s->scratch[w->index]);
    int n = s->psi->electrons;
    double rec[3][3], rho[2], *to = out;
    system_reciprocal(s->psi->system->cell, rec);
    if (s->alone)
        two_body_force(s, w, &k);
    for (int m = 0; m < w->n; m++) {
        double *a = to + STRUCTURE_DENSITY * s->waves;
        fill_tables(s, (const double(*)[3])rec, (const double(*)[3])w->pos + m * n, &k);
        for (int g = 0; g < s->waves; g++, to += STRUCTURE_DENSITY) {
            density(s, &s->wave[g], &k, rho);
            to[0] = rho[0];
            to[1] = rho[1];
            to[2] = rho[0] * rho[0] + rho[1] * rho[1];
            if (s->alone && g < s->responses)
                response(s, &s->wave[g], &k, (const double(*)[3])k.force + m * n, rho,
                         a + STRUCTURE_RESPONSE * g);
        }
        if (!s->alone)
            memset(to, 0, STRUCTURE_RESPONSE * s->responses * sizeof *to);
        to += STRUCTURE_RESPONSE * s->responses;
    }
}

struct vmc_observer structure_observer(struct structure *s)
{
    return (struct vmc_observer){STRUCTURE_DENSITY * s->waves + STRUCTURE_RESPONSE * s->responses,
                                 measure, s};
}
