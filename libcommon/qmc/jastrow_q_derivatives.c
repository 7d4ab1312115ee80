/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Derivatives of the term of charges on two atoms. With e = -1/2 lap q - v.grad q for each electron
 * and nucleus, sums N and E of q and e over a spin, a pair of nuclei I, J has the coefficient of
 * lambda_lm(R_IJ)
 *   in J:  N^up_I N^down_J + N^down_I N^up_J,  sum_s [N^s_I N^s_J - sum_i q_iI q_iJ],
 *   in K = -1/2 sum lap J - sum v.grad J: the same with e in the place of each q in turn,
 * and K = sum_i sum_I e_iI (field_I - own). Cut-offs and positions of electrons change q and e.
 */
#include <string.h>
#include "qmc/jastrow_q.h"

/* e of one electron about one nucleus */
static jastrow_four flow(const struct jastrow_near *near, const double v[3])
{
    double along = v[0] * near->d[0] + v[1] * near->d[1] + v[2] * near->d[2];
    return -0.5 * jastrow_f_load(near->four[2]) - along * jastrow_f_load(near->four[1]);
}

void jastrow_q_flow(const struct jastrow *j, struct jastrow_work *work, const double pos[][3],
                    const double velocity[][3])
{
    size_t size = (size_t)work->atoms * JASTROW_G;
    memset(work->q_flow, 0, j->electrons * size * sizeof(double));
    memset(work->q_flow_sum, 0, 2 * size * sizeof(double));
    memset(work->q_flow_field, 0, 2 * size * sizeof(double));
    for (int i = 0; i < j->electrons; i++) {
        int n = jastrow_q_near(j, work, pos[i]);
        double *sum = work->q_flow_sum + (i >= j->n_up) * size;
        for (int k = 0; k < n; k++) {
            size_t at = (size_t)work->near[k].atom * JASTROW_G;
            jastrow_four e = flow(&work->near[k], velocity[i]);
            *(jastrow_four *)(work->q_flow + i * size + at) = e;
            *(jastrow_four *)(sum + at) += e;
        }
    }
    for (int a = 0; a < j->atoms; a++)
        for (int t = 0; t < 4; t++)
            jastrow_q_add(j, a, t / 2 == t % 2,
                          jastrow_f_load(work->q_flow_sum + (t / 2) * size + a * JASTROW_G),
                          work->q_flow_field + (t % 2) * size);
}

/* value += sign n_l m_m, energy += sign (e_l m_m + n_l f_m) */
static void outer(struct jastrow_q_pair *p, double sign, const double n[4], const double e[4],
                  const double m[4], const double f[4])
{
    for (int l = 0; l < JASTROW_G; l++) {
        p->value[l] += sign * n[l] * jastrow_f_load(m);
        p->energy[l] += sign * (e[l] * jastrow_f_load(m) + n[l] * jastrow_f_load(f));
    }
}

static bool bonded(const struct jastrow *j, int a, int b)
{
    return a == b || j->bond[(size_t)a * j->atoms + b][1] > 0;
}

static void pair_of_sums(const struct jastrow_work *work, double weight, struct jastrow_q_pair *p)
{
    size_t size = (size_t)work->atoms * JASTROW_G, i = (size_t)p->i * JASTROW_G,
           k = (size_t)p->j * JASTROW_G;
    for (int s = 0; s < 2; s++) {
        const double *n = work->q_sum + s * size, *m = work->q_sum + (s ^ !p->same) * size;
        const double *e = work->q_flow_sum + s * size,
                     *f = work->q_flow_sum + (s ^ !p->same) * size;
        outer(p, weight, n + i, e + i, m + k, f + k);
    }
}

void jastrow_q_pairs(const struct jastrow *j, struct jastrow_work *work, const double pos[][3],
                     void (*visit)(void *context, const struct jastrow_q_pair *p), void *context)
{
    size_t size = (size_t)work->atoms * JASTROW_G;
    for (int a = 0; a < j->atoms; a++)
        for (int b = a; b < j->atoms; b++)
            for (int same = 0; bonded(j, a, b) && same < 2; same++) {
                struct jastrow_q_pair p = {a, b, same, {{0}}, {{0}}};
                pair_of_sums(work, a == b ? 0.5 : 1, &p);
                visit(context, &p);
            }
    for (int i = 0; i < j->electrons; i++) {
        const double *n = work->q_row + i * size, *e = work->q_flow + i * size;
        int near = jastrow_q_near(j, work, pos[i]);
        for (int k = 0; k < near; k++)
            for (int m = k; m < near; m++) {
                struct jastrow_q_pair p = {work->near[k].atom, work->near[m].atom, 1, {{0}}, {{0}}};
                size_t ka = (size_t)p.i * JASTROW_G, ma = (size_t)p.j * JASTROW_G;
                if (!bonded(j, p.i, p.j))
                    continue;
                outer(&p, m == k ? -0.5 : -1, n + ka, e + ka, n + ma, e + ma);
                visit(context, &p);
            }
    }
}

struct sums {
    const struct jastrow *j;
    /* [pair of elements][same][k][l], rows over m */
    jastrow_four value[JASTROW_KINDS][2][JASTROW_B][JASTROW_G],
        energy[JASTROW_KINDS][2][JASTROW_B][JASTROW_G];
    double cut_value, cut_energy; /* by L_R */
};

static void add_parameters(void *context, const struct jastrow_q_pair *p)
{
    struct sums *s = context;
    const struct jastrow *j = s->j;
    size_t at = (size_t)p->i * j->atoms + p->j;
    int kind = jastrow_q_kind(j, p->i, p->j);
    double scale = -j->bond_more[at].r2 / j->parameters[JASTROW_CUTOFF_R];
    for (int k = 0; k < j->q_order; k++) {
        double b = j->bond[at][k], cut = scale * j->bond_more[at].slope[k];
        const double(*lambda)[4] = j->lambda[kind][p->same][k];
        s->cut_value += cut * jastrow_q_contract(lambda, p->value);
        s->cut_energy += cut * jastrow_q_contract(lambda, p->energy);
        for (int l = 0; l < JASTROW_G; l++) {
            s->value[kind][p->same][k][l] += b * p->value[l];
            s->energy[kind][p->same][k][l] += b * p->energy[l];
        }
    }
}

/* Both lambda_lm and lambda_ml are the same parameter. */
static double *fold(const jastrow_four m[JASTROW_G], double *to)
{
    for (int l = 0; l < JASTROW_G; l++)
        for (int k = l; k < JASTROW_G; k++)
            *to++ += k == l ? m[l][l] : m[l][k] + m[k][l];
    return to;
}

/* dq/dL_q and de/dL_q of one electron about one nucleus with the fields there. */
static void cut_range(const struct jastrow_near *near, const double v[3], double cutoff,
                      jastrow_four field, jastrow_four flow_field, double *value, double *energy)
{
    const double *d = near->d, r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
    double along = v[0] * d[0] + v[1] * d[1] + v[2] * d[2];
    const jastrow_four slope = jastrow_f_load(near->four[1]), lap = jastrow_f_load(near->four[2]),
                       bend = jastrow_f_load(near->four[3]), third = jastrow_f_load(near->four[4]);
    jastrow_four q = -r2 * slope / cutoff,
                 e = (0.5 * (2 * lap + r2 * third) + along * (2 * slope + r2 * bend)) / cutoff;
    *value += jastrow_f_total(q * field);
    *energy += jastrow_f_total(e * field + q * flow_field);
}

static void cut_ranges(const struct jastrow *j, struct jastrow_work *work, const double pos[][3],
                       const double velocity[][3], double *value, double *energy)
{
    size_t size = (size_t)work->atoms * JASTROW_G;
    double cutoff = j->parameters[JASTROW_CUTOFF_Q];
    for (int i = 0; i < j->electrons; i++) {
        size_t spin = (i >= j->n_up) * size;
        struct jastrow_q_own own = jastrow_q_own(j, work, 0, work->q_row + i * size);
        struct jastrow_q_own flows = jastrow_q_own(j, work, 1, work->q_flow + i * size);
        int n = jastrow_q_near(j, work, pos[i]);
        for (int k = 0; k < n; k++) {
            const struct jastrow_near *near = &work->near[k];
            int a = near->atom, e = near->element;
            cut_range(near, velocity[i], cutoff,
                      jastrow_q_without(j, &own, a, e, work->q_field + spin),
                      jastrow_q_without(j, &flows, a, e, work->q_flow_field + spin), value, energy);
        }
    }
}

void jastrow_q_derivatives(const struct jastrow *j, struct jastrow_work *work,
                           const double pos[][3], const double velocity[][3], int at,
                           double value[], double energy[])
{
    struct sums s = {.j = j};
    if (!j->q_order)
        return;
    jastrow_q_fill(j, work, 1, pos);
    jastrow_q_flow(j, work, pos, velocity);
    jastrow_q_pairs(j, work, pos, add_parameters, &s);
    double *v = value + at, *e = energy + at;
    for (int kind = 0; kind < j->elements * (j->elements + 1) / 2; kind++)
        for (int same = 0; same < 2; same++)
            for (int k = 0; k < j->q_order; k++) {
                v = fold(s.value[kind][same][k], v);
                e = fold(s.energy[kind][same][k], e);
            }
    value[JASTROW_CUTOFF_R] += s.cut_value;
    energy[JASTROW_CUTOFF_R] += s.cut_energy;
    cut_ranges(j, work, pos, velocity, &value[JASTROW_CUTOFF_Q], &energy[JASTROW_CUTOFF_Q]);
}
