/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the sums of the groups of walkers to the gradient and the replicas of its fluctuation. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "qmc/orbital_gradient_parts.h"

enum { GROUPS = ORBITAL_GRADIENT_GROUPS, REPLICAS = ORBITAL_GRADIENT_REPLICAS };

/* Means of one twist (combination 0) and their replicas (1 .. REPLICAS), before they are linearised. */
struct combined {
    double weight[GROUPS]; /* <f> */
    double energy[GROUPS];
    double *orbital; /* [combination][2][orbital][function] */
    double *nuclear; /* [combination][2][component] */
};

static double product(const double x[GROUPS], const double y[GROUPS], const double weight[GROUPS])
{
    double sum = 0;
    for (int j = 0; j < GROUPS; j++)
        sum += weight[j] * x[j] * y[j];
    return sum;
}

/*
 * c[0] = 1 and the c_k above, group by group: the first two harmonics of the group's number,
 * orthonormalised with share[j] = W_j / W; they are so already when all groups are equal.
 */
static void contrasts(const double share[GROUPS], double c[GROUPS][GROUPS])
{
    for (int j = 0; j < GROUPS; j++) {
        c[0][j] = 1;
        for (int k = 1; k < GROUPS; k++) {
            double phase = 2 * M_PI * ((k + 1) / 2) * j / GROUPS;
            c[k][j] = k % 2 ? cos(phase) : sin(phase);
        }
    }
    for (int k = 1; k < GROUPS; k++) {
        for (int l = 0; l < k; l++) {
            double overlap = product(c[k], c[l], share);
            for (int j = 0; j < GROUPS; j++)
                c[k][j] -= overlap * c[l][j];
        }
        double norm = sqrt(product(c[k], c[k], share));
        for (int j = 0; j < GROUPS; j++)
            c[k][j] /= norm;
    }
}

static void add_scaled(size_t n, double factor, const double x[], double y[])
{
    for (size_t i = 0; i < n; i++)
        y[i] += factor * x[i];
}

/* share[group]: of the samples of a twist; returns how many these are. */
static double samples_of(const struct orbital_gradient *g, int twist, double share[GROUPS])
{
    double all = 0;
    memset(share, 0, GROUPS * sizeof *share);
    for (int k = 0; k < g->shares; k++)
        if (g->share[k].twist == twist) {
            share[g->share[k].group] += g->share[k].samples;
            all += g->share[k].samples;
        }
    for (int j = 0; j < GROUPS; j++)
        share[j] /= all;
    return all;
}

static void combine(const struct orbital_gradient *g, int twist, struct combined *m)
{
    size_t orbital = 2 * (size_t)g->psi->orbitals * g->psi->functions, nuclear = 2 * g->components;
    double share[GROUPS], c[GROUPS][GROUPS], all = samples_of(g, twist, share);
    contrasts(share, c);
    memset(m->weight, 0, sizeof m->weight);
    memset(m->energy, 0, sizeof m->energy);
    memset(m->orbital, 0, GROUPS * orbital * sizeof *m->orbital);
    memset(m->nuclear, 0, GROUPS * nuclear * sizeof *m->nuclear);
    for (int at = 0; at < g->shares; at++) {
        const struct orbital_gradient_share *s = &g->share[at];
        for (int k = 0; k < GROUPS && s->twist == twist; k++) {
            double factor = c[k][s->group] / all;
            m->weight[k] += factor * s->weight;
            m->energy[k] += factor * s->energy;
            add_scaled(orbital, factor, s->orbital, m->orbital + k * orbital);
            add_scaled(nuclear, factor, s->nuclear, m->nuclear + k * nuclear);
        }
    }
}

/* Means <f y> / <f> of x[combination][n], and their fluctuations (f y - <f y> / <f> f) / <f>. */
static void normalise(const double weight[GROUPS], size_t n, double x[])
{
    for (size_t i = 0; i < n; i++) {
        x[i] /= weight[0];
        for (int k = 1; k < GROUPS; k++)
            x[k * n + i] = (x[k * n + i] - x[i] * weight[k]) / weight[0];
    }
}

/*
 * value - scale (<E> score + E <score>) of combination k, where x[combination][2][n] holds both, the last
 * product in replicas only: the mean of the whole is value - scale <E> score.
 */
static void linearise(const struct combined *m, int k, size_t n, const double x[], double scale,
                      double out[])
{
    const double *value = x + 2 * k * n, *score = value + n, *mean = x + n;
    double energy = k ? m->energy[k] : 0;
    for (size_t i = 0; i < n; i++)
        out[i] = value[i] - scale * (m->energy[0] * score[i] + energy * mean[i]);
}

/* scale[orbital]: of the coefficients that were sampled with over those given */
static void put_orbitals(const struct combined *m, int twist, const double scale[],
                         struct orbital_gradient_result *r)
{
    size_t n = (size_t)r->orbitals * r->functions;
    for (int k = 0; k < GROUPS; k++) {
        double *to = k ? r->replica + (size_t)(k - 1) * r->twists * n : r->mean;
        to += twist * n;
        linearise(m, k, n, m->orbital, 1, to);
        for (size_t i = 0; i < n; i++)
            to[i] *= 2.0 / r->twists * scale[i / (size_t)r->functions];
    }
}

/* volume: 0 if there is no stress. scratch[component] */
static void add_nuclear(const struct combined *m, int components, double volume,
                        struct orbital_gradient_result *r, double *scratch)
{
    const double *strain = scratch + 3 * r->atoms;
    for (int k = 0; k < REPLICAS; k++) {
        double *force = r->force[(size_t)k * r->atoms];
        linearise(m, k + 1, components, m->nuclear, 2, scratch);
        add_scaled(3 * (size_t)r->atoms, -1.0 / r->twists, scratch, force);
        for (int x = 0; x < 3 && volume > 0; x++)
            for (int y = 0; y < 3; y++)
                r->stress[k][x][y] +=
                    0.5 * (strain[3 * x + y] + strain[3 * y + x]) / (volume * r->twists);
    }
}

static void result_new(struct orbital_gradient_result *r)
{
    size_t n = (size_t)r->twists * r->orbitals * r->functions;
    r->mean = MEM_NEW(double, n);
    r->replica = MEM_NEW(double, r->replicas *n);
    r->force = mem_new((size_t)r->replicas * r->atoms, sizeof *r->force);
    r->stress = mem_new(r->replicas, sizeof *r->stress);
}

void orbital_gradient_evaluate(const struct orbital_gradient *g,
                               struct orbital_gradient_result *result)
{
    const struct wavefunction *psi = g->psi;
    const struct system *s = psi->system;
    size_t orbital = 2 * (size_t)psi->orbitals * psi->functions;
    struct combined m = {.orbital = MEM_NEW(double, GROUPS *orbital),
                         .nuclear = MEM_NEW(double, GROUPS * 2 * g->components)};
    double *scratch = MEM_NEW(double, g->components);
    *result = (struct orbital_gradient_result){.replicas = REPLICAS,
                                               .twists = psi->twists,
                                               .orbitals = psi->orbitals,
                                               .functions = psi->functions,
                                               .atoms = s->n};
    result_new(result);
    for (int t = 0; t < psi->twists; t++) {
        combine(g, t, &m);
        normalise(m.weight, 1, m.energy);
        normalise(m.weight, orbital, m.orbital);
        normalise(m.weight, 2 * (size_t)g->components, m.nuclear);
        put_orbitals(&m, t, g->psi->scale + t * g->psi->orbitals, result);
        add_nuclear(&m, g->components, s->periodic ? system_volume(s) : 0, result, scratch);
    }
    free(m.orbital);
    free(m.nuclear);
    free(scratch);
}

void orbital_gradient_result_free(struct orbital_gradient_result *r)
{
    free(r->mean);
    free(r->replica);
    free(r->force);
    free(r->stress);
    *r = (struct orbital_gradient_result){0};
}

void orbital_gradient_result_keep(struct orbital_gradient_result *r, struct checkpoint *c)
{
    struct orbital_gradient_result numbers = *r;
    checkpoint_bytes(c, &numbers, sizeof numbers);
    if (c->reading) {
        *r = numbers;
        result_new(r);
    }
    size_t n = (size_t)r->twists * r->orbitals * r->functions;
    checkpoint_bytes(c, r->mean, n * sizeof *r->mean);
    checkpoint_bytes(c, r->replica, r->replicas * n * sizeof *r->replica);
    checkpoint_bytes(c, r->force, (size_t)r->replicas * r->atoms * sizeof *r->force);
    checkpoint_bytes(c, r->stress, r->replicas * sizeof *r->stress);
}
