/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kinetic energy: sum_k w_k sum_n f_n sum_q |c_n(q)|^2 q^2/2. */
#include "dft/state.h"

static double norm(const struct kstate *k, int band, int i)
{
    const double *c = k->orbital + (size_t)band * k->waves->size + 2 * i;
    return c[0] * c[0] + c[1] * c[1];
}

static double energy(const struct state *s, double *potential)
{
    (void)potential;
    double sum = 0;
    for (int j = s->first; j < s->last; j++) {
        const struct kstate *k = &s->k[j];
        for (int b = 0; b < s->bands; b++) {
            double part = 0;
            for (int i = 0; i < k->waves->n; i++)
                part += k->waves->kinetic[i] * norm(k, b, i);
            sum += k->weight * k->occupation[b] * part;
        }
    }
    ranks_sum(s->ranks, 1, &sum);
    return sum;
}

/* q -> (1 - strain) q */
static void strain(const struct state *s, double out[3][3])
{
    for (int j = 0; j < s->nk; j++) {
        const struct kstate *k = &s->k[j];
        for (int i = 0; i < k->waves->n; i++) {
            double charge = 0;
            const double *q = k->waves->q[i];
            for (int b = 0; b < s->bands; b++)
                charge += k->occupation[b] * norm(k, b, i);
            for (int a = 0; a < 9; a++)
                out[a / 3][a % 3] -= k->weight * charge * q[a / 3] * q[a % 3];
        }
    }
}

const struct term kinetic_term = {"kinetic", energy, NULL, strain};
