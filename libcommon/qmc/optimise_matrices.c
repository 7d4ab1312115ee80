/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/optimise_matrices.h"
#include "base/mem.h"
#include "maths/linalg.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* S of functions that few samples reach is not known: they are scaled as if it were this at least. */
#define FLOOR 1e-3
#define BLOCK 64 /* configurations whose products are summed together */

struct matrices *matrices_new(int n)
{
    struct matrices *m = mem_new(1, sizeof *m);
    m->n = n;
    m->h = MEM_NEW(double, n *n);
    m->s = MEM_NEW(double, n *n);
    m->g = MEM_NEW(double, n);
    m->scratch = MEM_NEW(double, n *n + 2 * n + 4 * BLOCK * n);
    return m;
}

void matrices_free(struct matrices *m)
{
    if (!m)
        return;
    free(m->h);
    free(m->s);
    free(m->g);
    free(m->scratch);
    free(m);
}

void matrices_clear(struct matrices *m)
{
    memset(m->h, 0, m->n * m->n * sizeof *m->h);
    memset(m->s, 0, m->n * m->n * sizeof *m->s);
    memset(m->g, 0, m->n * sizeof *m->g);
}

struct part_of_twist {
    const struct configurations *c;
    int first, last, twist, count;
    double energy;       /* mean of E_L */
    const double *o, *e; /* [n] means of O_i = d ln Psi/dp_i and of dE_L/dp_i */
};

static void means(struct matrices *m, struct part_of_twist *p)
{
    const struct configurations *c = p->c;
    int n = m->n;
    double *o = m->scratch + n * n, *e = o + n;
    memset(o, 0, 2 * n * sizeof *o);
    p->count = 0;
    p->energy = 0;
    for (int k = p->first; k < p->last; k++) {
        if (c->twist[k] != p->twist)
            continue;
        p->count++;
        p->energy += c->energy[k];
        for (int i = 0; i < n; i++) {
            o[i] += c->dlog[(size_t)k * n + i];
            e[i] += c->denergy[(size_t)k * n + i];
        }
    }
    p->energy /= p->count;
    for (int i = 0; i < 2 * n; i++)
        o[i] /= p->count;
    p->o = o;
    p->e = e;
}

/*
 * Toulouse & Umrigar (2007), eqs. (54): in the basis of derivatives made orthogonal to Psi
 *   S_ij = <dO_i dO_j>, g_i = <dO_i E_L>, h_ij = <dO_i dO_j (E_L - E)> + <dO_i dE_L/dp_j>,
 * not symmetrised (zero-variance principle); and the Gauss-Newton form for the variance (Umrigar &
 * Filippi, PRL 94, 150201 (2005)): its weight times <d(dE_L/dp_i) d(dE_L/dp_j)> and <dE_L
 * d(dE_L/dp_i)>. Rows of a block: dO; dO (E_L - E) + weight d(dE_L/dp) ... so that
 *   h = sum O^T [O (E_L - E) + e] + weight e^T e.
 */
static void add_block(struct matrices *m, int rows, const double *o, const double *e,
                      const double *right, double *weighted, double share, double weight)
{
    int n = m->n;
    for (int k = 0; k < rows; k++)
        for (int i = 0; i < n; i++) {
            weighted[k * n + i] = o[k * n + i] * right[k] + e[k * n + i];
            m->g[i] += share * right[k] * (o[k * n + i] + weight * e[k * n + i]);
        }
    linalg_gemm(LINALG_T, LINALG_N, n, n, rows, share, o, o, 1, m->s);
    linalg_gemm(LINALG_T, LINALG_N, n, n, rows, share, o, weighted, 1, m->h);
    linalg_gemm(LINALG_T, LINALG_N, n, n, rows, share * weight, e, e, 1, m->h);
}

static void add_twist(struct matrices *m, struct part_of_twist *p, double share, double weight)
{
    const struct configurations *c = p->c;
    int n = m->n, rows = 0;
    double *o = m->scratch + n * n + 2 * n, *e = o + BLOCK * n, *weighted = e + BLOCK * n;
    double right[BLOCK];
    means(m, p);
    for (int k = p->first; k < p->last; k++) {
        if (c->twist[k] == p->twist) {
            right[rows] = c->energy[k] - p->energy;
            for (int i = 0; i < n; i++) {
                o[rows * n + i] = c->dlog[(size_t)k * n + i] - p->o[i];
                e[rows * n + i] = c->denergy[(size_t)k * n + i] - p->e[i];
            }
            rows++;
        }
        if (rows == BLOCK || (k == p->last - 1 && rows)) {
            add_block(m, rows, o, e, right, weighted, share / p->count, weight);
            rows = 0;
        }
    }
}

void matrices_add(struct matrices *m, const struct configurations *c, enum configurations_part part,
                  double share, double weight)
{
    struct part_of_twist p = {.c = c};
    configurations_range(c, part, &p.first, &p.last);
    for (p.twist = 0; p.twist < c->psi->twists; p.twist++)
        add_twist(m, &p, share / c->psi->twists, weight);
}

static double square(int n, const double a[])
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += a[i] * a[i];
    return sum;
}

bool matrices_finite(const struct matrices *m)
{
    return isfinite(square(m->n * m->n, m->h) + square(m->n * m->n, m->s) + square(m->n, m->g));
}

static void average(int n, double to[], double weight, const double other[], double other_weight)
{
    double sum = weight + other_weight;
    for (int i = 0; i < n; i++) {
        double a = weight > 0 ? weight / sum * to[i] : 0;
        to[i] = a + (other_weight > 0 ? other_weight / sum * other[i] : 0);
    }
}

void matrices_average(struct matrices *m, double weight, const struct matrices *other,
                      double other_weight)
{
    int n = m->n;
    average(n * n, m->h, weight, other->h, other_weight);
    average(n * n, m->s, weight, other->s, other_weight);
    average(n, m->g, weight, other->g, other_weight);
}

void matrices_move(struct matrices *m, const double step[])
{
    for (int i = 0; i < m->n; i++)
        for (int j = 0; j < m->n; j++)
            m->g[i] += m->h[i * m->n + j] * step[j];
}

bool matrices_step(struct matrices *m, const struct stabilisation *by, double damping,
                   const double given[], double step[])
{
    int n = m->n;
    double *a = m->scratch;
    for (int i = 0; i < n; i++) {
        double si = sqrt(m->s[i * n + i] + FLOOR);
        bool dead = !(m->s[i * n + i] > 0), known = dead || isfinite(given[i]);
        step[i] = dead ? 0 : known ? given[i] * si : -m->g[i] / si;
        for (int j = 0; j < n; j++) {
            double sj = sqrt(m->s[j * n + j] + FLOOR);
            a[i * n + j] = known || !(m->s[j * n + j] > 0)
                               ? 0
                               : (m->h[i * n + j] + by->overlap * m->s[i * n + j]) / (si * sj);
        }
        a[i * n + i] += known ? 1 : by->unit + damping / (si * si);
    }
    if (linalg_solve(n, a, 1, step, NULL) != ST_OK)
        return false;
    for (int i = 0; i < n; i++) {
        step[i] = m->s[i * n + i] > 0 ? step[i] / sqrt(m->s[i * n + i] + FLOOR) : 0;
        if (!isfinite(step[i]))
            return false;
    }
    return true;
}
