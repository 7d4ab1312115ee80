/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of the term of charges on two atoms that its files share. */
#ifndef QMC_JASTROW_Q_H
#define QMC_JASTROW_Q_H

#include "qmc/jastrow_f.h"

/* Rows q_l(r_iI), their sums over each spin (of the last walker) and the fields of all walkers,
 * whatever the parameters are. */
void jastrow_q_fill(const struct jastrow *j, struct jastrow_work *work, int walkers,
                    const double pos[][3]);

/* The field of one electron's row, which its own terms must not contain. */
struct jastrow_q_own {
    int n;                 /* atoms with a part in the row, */
    const int *atom;       /* which, */
    const jastrow_four *y; /* and lambda applied to it, [n][element][k] */
};
/* row[atoms][4]; in scratch of `work` number 0 or 1. */
struct jastrow_q_own jastrow_q_own(const struct jastrow *j, struct jastrow_work *work, int scratch,
                                   const double row[]);
/* `field` at an atom of element e without the own part. */
jastrow_four jastrow_q_without(const struct jastrow *j, const struct jastrow_q_own *own, int atom,
                               int e, const double field[]);
/* field[atoms][4] += that of the occupations n of one atom for electrons of the same or opposite spin. */
void jastrow_q_add(const struct jastrow *j, int atom, int same, jastrow_four n, double field[]);

/* Of one configuration: for each electron q_flow[I] = -1/2 lap q - v.grad q about all nuclei, their
 * sums over each spin and the field of these. */
void jastrow_q_flow(const struct jastrow *j, struct jastrow_work *work, const double pos[][3],
                    const double velocity[][3]);

/*
 * After jastrow_q_fill and jastrow_q_flow: what multiplies lambda_lm(R_IJ) in J and in K = -1/2 sum lap
 * J - sum v.grad J, in parts: visit is called for pairs I < J of nuclei, several times for each,
 * value[l] and energy[l] being rows over m.
 */
struct jastrow_q_pair {
    int i, j, same;
    jastrow_four value[JASTROW_G], energy[JASTROW_G];
};
void jastrow_q_pairs(const struct jastrow *j, struct jastrow_work *work, const double pos[][3],
                     void (*visit)(void *context, const struct jastrow_q_pair *p), void *context);

int jastrow_q_kind(const struct jastrow *j, int atom,
                   int other); /* number of their elements' pair */
/* sum_lm lambda_lm m_lm */
static inline double jastrow_q_contract(const double lambda[4][4], const jastrow_four m[4])
{
    return jastrow_f_total(jastrow_f_load(lambda[0]) * m[0] + jastrow_f_load(lambda[1]) * m[1] +
                           jastrow_f_load(lambda[2]) * m[2] + jastrow_f_load(lambda[3]) * m[3]);
}

void jastrow_q_derivatives(const struct jastrow *j, struct jastrow_work *work,
                           const double pos[][3], const double velocity[][3], int at,
                           double value[], double energy[]);
void jastrow_q_differential(const struct jastrow *j, struct jastrow_work *work,
                            const double pos[][3], const double velocity[][3],
                            struct jastrow_differential *d);

#endif
