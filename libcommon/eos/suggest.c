/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "eos/suggest.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

const char *const suggest_reasons[] = {"missing", "bracket", "maximum", "refine"};

/* How far beyond an estimate a state must stand to enclose it, as a fraction. */
static const double beyond = 0.03;

struct list {
    int n;
    struct suggestion *item;
};

static void add(struct list *l, enum suggest_reason reason, double temperature, double density)
{
    l->item = mem_grow(l->item, (size_t)l->n, (size_t)l->n + 1, sizeof *l->item);
    l->item[l->n++] = (struct suggestion){reason, temperature, density};
}

static void add_at(struct list *l, enum suggest_reason reason, const struct eos_group *g, double x)
{
    const bool isotherm = g->along == EOS_ISOTHERMS;
    add(l, reason, isotherm ? g->nominal : x, isotherm ? x : g->nominal);
}

static double root_of(const struct eos_group *g, const struct hugoniot_point *p)
{
    return g->along == EOS_ISOTHERMS ? p->density : p->temperature;
}

static void missing(struct list *l, const struct eos_group *g, double wanted)
{
    if (!isfinite(wanted))
        return;
    add_at(l, SUGGEST_MISSING, g, wanted);
    add_at(l, SUGGEST_MISSING, g, wanted * (wanted > g->x[g->n - 1] ? 1 + beyond : 1 - beyond));
}

static void bracket(struct list *l, const struct eos_group *g, double root)
{
    int below = 0;
    while (below < g->n && g->x[below] <= root)
        below++;
    const double spacing = fmin((g->x[g->n - 1] - g->x[0]) / (g->n - 1), 2 * beyond * root);
    if (below < 2)
        add_at(l, SUGGEST_BRACKET, g, g->x[0] - spacing);
    if (g->n - below < 2)
        add_at(l, SUGGEST_BRACKET, g, g->x[g->n - 1] + spacing);
}

/* On the next isotherm by the ratio of the last two, on both sides of the last root; on the next
 * isochore by half their distance, at higher temperatures. */
static void maximum(struct list *l, int n, const struct eos_group groups[],
                    const struct hugoniot_point p[])
{
    const bool at_end = p[n - 1].compression > p[0].compression;
    const int last = at_end ? n - 1 : 0, other = at_end ? n - 2 : 1;
    if (groups[last].along == EOS_ISOTHERMS) {
        const double t = p[last].temperature * p[last].temperature / p[other].temperature;
        add(l, SUGGEST_MAXIMUM, t, (1 - beyond) * p[last].density);
        add(l, SUGGEST_MAXIMUM, t, (1 + beyond) * p[last].density);
        return;
    }
    const double rho = p[last].density + 0.5 * fabs(p[last].density - p[other].density);
    add(l, SUGGEST_MAXIMUM, p[last].temperature, rho);
    add(l, SUGGEST_MAXIMUM, p[last].temperature * 1.2, rho);
}

/* How far one standard error of E or P of each state moves H at the root; the sum of squares. */
static double influence(const struct eos_initial *initial, const struct eos_group *g, double root,
                        int state)
{
    double c[EOS_MODEL_TERMS], sum = 0;
    double *noise = MEM_NEW(double, g->n);
    noise[state] = 1;
    const struct eos_path centre = eos_group_path(g);
    const double at = eos_path_point(initial, &centre, root).residual;
    for (int k = 0; k < 2; k++) {
        struct eos_path path = centre;
        eos_model_redraw(k ? path.pressure : path.energy, noise, NULL, c);
        *(k ? &path.pressure_c : &path.energy_c) = c;
        const double moved = eos_path_point(initial, &path, root).residual - at;
        sum += moved * moved;
    }
    free(noise);
    return sum;
}

static void refine(struct list *l, const struct eos_initial *initial, int n,
                   const struct eos_group groups[], const struct hugoniot_point points[],
                   const struct hugoniot_point error[])
{
    int worst = -1, state = 0;
    double most = 0, top = 0;
    for (int i = 0; i < n; i++) {
        const double relative = root_of(&groups[i], &error[i]) / root_of(&groups[i], &points[i]);
        if (relative > most) {
            most = relative;
            worst = i;
        }
    }
    if (worst < 0)
        return;
    const struct eos_group *g = &groups[worst];
    for (int k = 0; k < g->n; k++) {
        const double moved = influence(initial, g, root_of(g, &points[worst]), k);
        if (moved > top) {
            top = moved;
            state = k;
        }
    }
    if (top > 0)
        add_at(l, SUGGEST_REFINE, g, g->x[state]);
}

int suggest_states(const struct eos_initial *initial, int n, const struct eos_group groups[],
                   const struct hugoniot_point points[], const struct hugoniot_point error[],
                   bool inside, int lost_n, const struct eos_group lost[], const double wanted[],
                   struct suggestion **list)
{
    struct list l = {0};
    for (int i = 0; i < lost_n; i++)
        missing(&l, &lost[i], wanted[i]);
    for (int i = 0; i < n; i++)
        bracket(&l, &groups[i], root_of(&groups[i], &points[i]));
    if (n > 1 && !inside)
        maximum(&l, n, groups, points);
    refine(&l, initial, n, groups, points, error);
    *list = l.item;
    return l.n;
}
