/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of the electron-electron-nucleus term that its files share. */
#ifndef QMC_JASTROW_F_H
#define QMC_JASTROW_F_H

#include "qmc/jastrow_term.h"

/* Which of radial_four's powers h_1 and h_2 are: 3 and 12 */
static const int jastrow_f_power[2] = {0, 2};

static inline jastrow_four jastrow_f_load(const double *from)
{
    return *(const jastrow_four *)from;
}

/* sum_l g_l gamma_lm */
static inline jastrow_four jastrow_f_times(const double g[4], const double gamma[4][4])
{
    return g[0] * jastrow_f_load(gamma[0]) + g[1] * jastrow_f_load(gamma[1]) +
           g[2] * jastrow_f_load(gamma[2]) + g[3] * jastrow_f_load(gamma[3]);
}

/* Where electron i has its four numbers about an atom in the rows of one walker. */
static inline size_t jastrow_f_place(const struct jastrow_work *work, int atom, int i)
{
    return ((size_t)atom * work->electrons + i) * JASTROW_G;
}

static inline double jastrow_f_total(jastrow_four v)
{
    return (v[0] + v[1]) + (v[2] + v[3]);
}

/* Nuclei within a cut-off of a point into work->near; returns how many. */
int jastrow_f_near(const struct jastrow *j, struct jastrow_work *work, const double r[3]);
int jastrow_q_near(const struct jastrow *j, struct jastrow_work *work,
                   const double r[3]); /* of q */
/* Electrons within the cut-off of electron i at r into work->partner and h, those of spin up first;
 * cut: the derivatives with respect to the cut-off into h_cut as well. Returns how many, *ups of them
 * with spin up. */
int jastrow_f_partners(const struct jastrow *j, struct jastrow_work *work, const double pos[][3],
                       int i, const double r[3], bool cut, int *ups);
/* sum over partners of g_m(r_jI) times h_n, its gradient, its Laplacian: sum[n-1][5]; row: [electron][4]
 * of one nucleus. */
void jastrow_f_sums(const double row[], int n, const int partner[], const double h[][5][2],
                    jastrow_four sum[2][5]);

/* `electron` of the term for two electrons in all, who need neither load nor accept. */
void jastrow_f_two(const struct jastrow *j, int walkers, const double pos[][3], int i,
                   const double r[][3], double value[], double gradient[][3], double laplacian[]);

void jastrow_f_derivatives(const struct jastrow *j, struct jastrow_work *work,
                           const double pos[][3], const double velocity[][3], int at,
                           double value[], double energy[]);
void jastrow_f_differential(const struct jastrow *j, struct jastrow_work *work,
                            const double pos[][3], const double velocity[][3],
                            struct jastrow_differential *d);

#endif
