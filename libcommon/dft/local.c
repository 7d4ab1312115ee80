/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Interaction of the electrons with the local pseudopotentials: V sum_G rho*(G) v(G), with
 *
 *   v(G) = (1/V) sum_I exp(-i G.R_I) [ -Z kernel(G) exp(-x^2/2) + short(G) ];
 *
 * in a cell kernel = 4 pi/G^2 and the G = 0 part of the bracket is its limit with the divergence, which
 * neutrality cancels, left out: 2 pi Z r^2 + short(0).
 */
#include <math.h>
#include <stdlib.h>
#include "base/mem.h"
#include "dft/state.h"
#include "dft/phases.h"

/* The bracket at vector i of the list; *slope: d/dG^2 (cells only). */
static double form(const struct state *s, const struct pseudo *p, int i, double *slope)
{
    const struct poisson *c = s->poisson;
    double charge_slope, short_slope, charge = pseudo_charge(p, c->grid->g2[i], &charge_slope);
    double sum = pseudo_short(p, c->grid->g2[i], &short_slope) - p->charge * c->kernel[i] * charge;
    *slope = 0;
    if (!c->open) {
        *slope = short_slope - p->charge * (c->slope[i] * charge + c->kernel[i] * charge_slope);
        if (i == 0)
            sum += 2 * M_PI * p->charge * p->radius * p->radius;
    }
    return sum;
}

/* The bracket, or its slope, over the whole list, per element; atoms of one element follow each other mostly. */
static void form_list(const struct state *s, const struct pseudo *p, bool of_slope, double *out)
{
#pragma omp parallel for schedule(static)
    for (int i = 0; i < s->poisson->grid->ng; i++) {
        double slope, value = form(s, p, i, &slope);
        out[i] = of_slope ? slope : value;
    }
}

/* One past the last of the atoms from a on that share a pseudopotential; weight is 1 for these. */
static int group(const struct state *s, int a, double *weight)
{
    int end = a;
    for (; end < s->system->n && s->pseudo[end] == s->pseudo[a]; end++)
        weight[end] = 1;
    return end;
}

void local_potential(struct state *s)
{
    const struct grid *g = s->poisson->grid;
    double complex *v = MEM_NEW(double complex, g->ng), *sum = MEM_RAW(double complex, g->ng);
    double *value = MEM_RAW(double, g->ng), *weight = MEM_NEW(double, s->system->n);
    for (int a = 0, end = 0; a < s->system->n; a = end) {
        end = group(s, a, weight);
        form_list(s, s->pseudo[a], false, value);
        phases_sum(g, end - a, (const double(*)[3])s->system->pos + a, weight + a, sum);
        for (int i = 0; i < g->ng; i++)
            v[i] += value[i] / g->volume * sum[i];
    }
    for (size_t i = 0; i < s->grid->points; i++)
        s->local[i] = 0;
    poisson_add_field(s->poisson, v, s->local);
    free(v);
    free(sum);
    free(value);
    free(weight);
}

static double energy(const struct state *s, double *potential)
{
    const size_t points = potential ? s->grid->points : 0;
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < points; i++)
        potential[i] += s->local[i];
    return grid_integral(s->grid, s->local, s->rho);
}

/* -dE/dR = -Re sum rho* value (-i G) phase = -sum G value Im(rho* phase) */
static void force(const struct state *s, double (*out)[3])
{
    const struct grid *g = s->poisson->grid;
    double complex *list = MEM_RAW(double complex, g->ng);
    double *value = MEM_RAW(double, g->ng), *weight = MEM_NEW(double, s->system->n);
    for (int a = 0, end = 0; a < s->system->n; a = end) {
        end = group(s, a, weight);
        form_list(s, s->pseudo[a], false, value);
        for (int i = 0; i < g->ng; i++)
            list[i] = g->weight[i] * value[i] * s->rho_list[i];
        phases_forces(g, end - a, (const double(*)[3])s->system->pos + a, weight + a, list,
                      out + a);
    }
    free(list);
    free(value);
    free(weight);
}

/* Two thirds of dE/dlnE_c on the diagonal: a stress at constant cut-off (dft/correction.h). sum: of the
 * phases of the atoms that have p. */
static void strain_basis(const struct state *s, const struct pseudo *p, const double complex *sum,
                         double out[3][3])
{
    const struct grid *g = s->poisson->grid;
    double slope = 0;
    if (p->pulay == 0)
        return;
    for (int i = 0; i < g->ng; i++)
        slope += g->weight[i] * pseudo_gaussian(p, g->g2[i]) * creal(conj(s->rho_list[i]) * sum[i]);
    for (int d = 0; d < 3; d++)
        out[d][d] -= 2.0 / 3 * p->pulay * slope;
}

static void strain(const struct state *s, double out[3][3])
{
    const struct grid *g = s->poisson->grid;
    double e = energy(s, NULL);
    double complex *sum = MEM_RAW(double complex, g->ng);
    double *slope = MEM_RAW(double, g->ng), *weight = MEM_NEW(double, s->system->n);
    for (int d = 0; d < 3; d++)
        out[d][d] -= e;
    for (int a = 0, end = 0; a < s->system->n; a = end) {
        const struct pseudo *p = s->pseudo[a];
        end = group(s, a, weight);
        phases_sum(g, end - a, (const double(*)[3])s->system->pos + a, weight + a, sum);
        strain_basis(s, p, sum, out);
        form_list(s, p, true, slope);
        for (int i = 1; i < g->ng; i++) {
            double x = g->weight[i] * slope[i] * creal(conj(s->rho_list[i]) * sum[i]);
            for (int d = 0; d < 9; d++)
                out[d / 3][d % 3] -= 2 * x * g->g[i][d / 3] * g->g[i][d % 3];
        }
    }
    free(sum);
    free(slope);
    free(weight);
}

const struct term local_term = {"local", energy, force, strain};
