/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Derivatives of the term of charges on two atoms for forces and stress. Electron i about nucleus I,
 * d = r_i - R_I, feels the fields f of the other electrons' q and g of their e (own parts left out):
 *   dJ/dd = slope.f d,   dK/dd = -(third/2 + bend (d.v)).f d - slope.f v + slope.g d,
 * slope, bend, third those of q_l (qmc/radial.h); and each pair of nuclei has dlambda/dR.
 */
#include <string.h>
#include "qmc/jastrow_q.h"

struct terms {
    const struct jastrow *j;
    struct jastrow_differential *d;
};

static void add_vector(const double d[3], double s, const double v[3], double t, double out[3],
                       double other[3], double strain[3][3])
{
    for (int x = 0; x < 3; x++) {
        double g = s * d[x] + t * v[x];
        out[x] += g;
        other[x] -= g;
        for (int y = 0; y < 3; y++)
            strain[x][y] += g * d[y];
    }
}

static void one_site(const struct jastrow *j, const struct jastrow_near *near, int i,
                     const double v[3], jastrow_four f, jastrow_four g,
                     struct jastrow_differential *out)
{
    const double *d = near->d;
    double along = d[0] * v[0] + d[1] * v[1] + d[2] * v[2];
    jastrow_four slope = jastrow_f_load(near->four[1]), bend = jastrow_f_load(near->four[3]),
                 third = jastrow_f_load(near->four[4]);
    double sf = jastrow_f_total(slope * f);
    double se = jastrow_f_total(slope * g - (0.5 * third + along * bend) * f);
    int a = j->atom[near->atom];
    add_vector(d, sf, v, 0, out->value_electron[i], out->value_nucleus[a], out->value_strain);
    add_vector(d, se, v, -sf, out->energy_electron[i], out->energy_nucleus[a], out->energy_strain);
}

static void add_bond(void *context, const struct jastrow_q_pair *p)
{
    struct terms *t = context;
    const struct jastrow *j = t->j;
    const struct jastrow_bond *bond = &j->bond_more[(size_t)p->i * j->atoms + p->j];
    double value = 0, energy = 0;
    int kind = jastrow_q_kind(j, p->i, p->j), a = j->atom[p->i], b = j->atom[p->j];
    for (int k = 0; k < j->q_order; k++) {
        const double(*lambda)[4] = j->lambda[kind][p->same][k];
        value += bond->slope[k] * jastrow_q_contract(lambda, p->value);
        energy += bond->slope[k] * jastrow_q_contract(lambda, p->energy);
    }
    add_vector(bond->d, value, bond->d, 0, t->d->value_nucleus[a], t->d->value_nucleus[b],
               t->d->value_strain);
    add_vector(bond->d, energy, bond->d, 0, t->d->energy_nucleus[a], t->d->energy_nucleus[b],
               t->d->energy_strain);
}

void jastrow_q_differential(const struct jastrow *j, struct jastrow_work *work,
                            const double pos[][3], const double velocity[][3],
                            struct jastrow_differential *d)
{
    size_t size = (size_t)work->atoms * JASTROW_G;
    struct terms t = {j, d};
    if (!j->q_active)
        return;
    jastrow_q_fill(j, work, 1, pos);
    jastrow_q_flow(j, work, pos, velocity);
    jastrow_q_pairs(j, work, pos, add_bond, &t);
    for (int i = 0; i < j->electrons; i++) {
        size_t spin = (i >= j->n_up) * size;
        struct jastrow_q_own own = jastrow_q_own(j, work, 0, work->q_row + i * size);
        struct jastrow_q_own flows = jastrow_q_own(j, work, 1, work->q_flow + i * size);
        int n = jastrow_q_near(j, work, pos[i]);
        for (int k = 0; k < n; k++) {
            const struct jastrow_near *near = &work->near[k];
            int a = near->atom, e = near->element;
            one_site(j, near, i, velocity[i],
                     jastrow_q_without(j, &own, a, e, work->q_field + spin),
                     jastrow_q_without(j, &flows, a, e, work->q_flow_field + spin), d);
        }
    }
}
