/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Surroundings of an atom:
 *   m = sum_i sum_{I, J != I} sum_l mu_l(R_IJ) q_l(r_iI),   mu_l(R) = sum_k d_lk b_k(R), k > 0,
 * with the functions of the term of charges on two atoms (jastrow_q.c). It is what that term needs
 * to correlate deviations from the mean charges: otherwise electrons would shun the middle of a molecule,
 * where neighbours are many. In an electron's field it is a constant, the shift.
 */
#include <string.h>
#include "qmc/jastrow_q.h"

static int parameters(const struct jastrow *j)
{
    return j->elements * j->elements * j->m_order * JASTROW_G;
}

struct neighbour {      /* of atom a, that has an influence on it */
    int a, other, e, f; /* f: its element, e: that of a */
    const double *b;    /* functions of their distance */
    const struct jastrow_bond *bond;
};

static void neighbours(const struct jastrow *j,
                       void (*visit)(void *context, const struct neighbour *n), void *context)
{
    for (int e = 0; e < j->elements; e++)
        for (int f = 0; f < j->elements; f++)
            for (int a = j->first[e]; a < j->first[e + 1]; a++)
                for (int b = j->first[f]; b < j->first[f + 1]; b++) {
                    size_t at = (size_t)a * j->atoms + b;
                    struct neighbour n = {a, b, e, f, j->bond[at], &j->bond_more[at]};
                    if (a != b && n.b[1] > 0)
                        visit(context, &n);
                }
}

static void add_shift(void *context, const struct neighbour *n)
{
    struct jastrow *j = context;
    for (int k = 0; k < j->m_order; k++)
        for (int l = 0; l < JASTROW_G; l++)
            j->shift[n->a][l] += j->mu[n->e][n->f][k][l] * n->b[k + 1];
}

void jastrow_m_set(struct jastrow *j, const double a[])
{
    if (!j->m_order)
        return;
    for (int e = 0; e < j->elements; e++)
        for (int f = 0; f < j->elements; f++, a += j->m_order * JASTROW_G)
            memcpy(j->mu[e][f], a, (size_t)j->m_order * sizeof j->mu[e][f][0]);
    memset(j->shift, 0, (size_t)j->atoms * sizeof *j->shift);
    neighbours(j, add_shift, j);
}

/* Half of m: in the fields of q two electrons share what they feel, but m belongs to one alone. */
static void rest(const struct jastrow *j, const struct jastrow_work *work, int walkers,
                 double value[])
{
    size_t size = (size_t)j->atoms * JASTROW_G;
    if (!j->q_active || !j->m_order)
        return;
    for (int w = 0; w < walkers; w++)
        for (int i = 0; i < j->electrons; i++) {
            const double *row = work->q_row + ((size_t)w * j->electrons + i) * size;
            for (int a = 0; a < j->atoms; a++)
                value[w] += 0.5 * jastrow_f_total(jastrow_f_load(row + a * JASTROW_G) *
                                                  jastrow_f_load(j->shift[a]));
        }
}

struct sums {
    const struct jastrow *j;
    const double *n, *e;    /* [spin][atom][4], of q and of its flow */
    double *value, *energy; /* of this term's parameters */
    double cut_value, cut_energy;
    struct jastrow_differential *d;
};

static jastrow_four of_both(const struct jastrow *j, const double sum[], int atom)
{
    const double *at = sum + (size_t)atom * JASTROW_G;
    return jastrow_f_load(at) + jastrow_f_load(at + (size_t)j->atoms * JASTROW_G);
}

static void add_parameters(void *context, const struct neighbour *nb)
{
    struct sums *s = context;
    const struct jastrow *j = s->j;
    jastrow_four n = of_both(j, s->n, nb->a), e = of_both(j, s->e, nb->a);
    double scale = -nb->bond->r2 / j->parameters[JASTROW_CUTOFF_R];
    for (int k = 0; k < j->m_order; k++) {
        size_t at = (size_t)((nb->e * j->elements + nb->f) * j->m_order + k) * JASTROW_G;
        jastrow_four mu = jastrow_f_load(j->mu[nb->e][nb->f][k]);
        double cut = scale * nb->bond->slope[k + 1];
        s->cut_value += cut * jastrow_f_total(mu * n);
        s->cut_energy += cut * jastrow_f_total(mu * e);
        for (int l = 0; l < JASTROW_G; l++) {
            s->value[at + l] += nb->b[k + 1] * n[l];
            s->energy[at + l] += nb->b[k + 1] * e[l];
        }
    }
}

/* After those of q, which left the sums. */
static void derivatives(const struct jastrow *j, struct jastrow_work *work, const double pos[][3],
                        const double velocity[][3], int at, double value[], double energy[])
{
    struct sums s = {j, work->q_sum, work->q_flow_sum, value + at, energy + at, 0, 0, NULL};
    (void)pos, (void)velocity;
    if (!j->m_order)
        return;
    neighbours(j, add_parameters, &s);
    value[JASTROW_CUTOFF_R] += s.cut_value;
    energy[JASTROW_CUTOFF_R] += s.cut_energy;
}

static void add_bond(void *context, const struct neighbour *nb)
{
    struct sums *s = context;
    const struct jastrow *j = s->j;
    jastrow_four n = of_both(j, s->n, nb->a), e = of_both(j, s->e, nb->a);
    double value = 0, energy = 0;
    for (int k = 0; k < j->m_order; k++) {
        jastrow_four mu = nb->bond->slope[k + 1] * jastrow_f_load(j->mu[nb->e][nb->f][k]);
        value += jastrow_f_total(mu * n);
        energy += jastrow_f_total(mu * e);
    }
    int a = j->atom[nb->a], b = j->atom[nb->other];
    for (int x = 0; x < 3; x++) {
        double v = value * nb->bond->d[x], g = energy * nb->bond->d[x];
        s->d->value_nucleus[a][x] += v;
        s->d->value_nucleus[b][x] -= v;
        s->d->energy_nucleus[a][x] += g;
        s->d->energy_nucleus[b][x] -= g;
        for (int y = 0; y < 3; y++) {
            s->d->value_strain[x][y] += v * nb->bond->d[y];
            s->d->energy_strain[x][y] += g * nb->bond->d[y];
        }
    }
}

static void differential(const struct jastrow *j, struct jastrow_work *work, const double pos[][3],
                         const double velocity[][3], struct jastrow_differential *d)
{
    struct sums s = {j, work->q_sum, work->q_flow_sum, NULL, NULL, 0, 0, d};
    (void)pos, (void)velocity;
    if (j->q_active && j->m_order)
        neighbours(j, add_bond, &s);
}

const struct jastrow_term jastrow_m = {.parameters = parameters,
                                       .rest = rest,
                                       .derivatives = derivatives,
                                       .differential = differential};
