/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A kernel force field: sparse Gaussian-process regression on SOAP environments (Bartok et al., Phys.
 * Rev. Lett. 104, 136403 (2010); Deringer et al., Chem. Rev. 121, 10073 (2021), sec. 2.6),
 *
 *   E = sum_i [ e0(element i) + sum_m weight_m (p_i . q_m)^zeta ] + sum_{i<j} [ V(d_ij) + V_pair(d_ij) ],
 *
 * where m runs over sparse environments whose central atom is of the element of i, V is the fitted two-body term
 * (ml/two_body.h) and V_pair the fixed repulsion (ml/pair.h). The prior of the
 * atomic energies is a Gaussian process of variance amplitude^2 (p . p')^zeta; the posterior covariance
 * of all weights, those of the environments and after them those of V, is (factor^T factor)^-1. Hartree atomic units.
 */
#ifndef ML_POTENTIAL_H
#define ML_POTENTIAL_H

#include "base/err.h"
#include "crystal/neighbour.h"
#include "ml/soap.h"
#include "ml/two_body.h"

/* A central atom and its neighbours; d[count][3] from the centre, bohr. */
struct environment {
    int element, count;
    int *neighbour; /* elements */
    double (*d)[3];
};

struct potential {
    struct soap_settings soap;
    int zeta;
    double amplitude;                /* Ha */
    double pair_cutoff;              /* bohr; 0: no fixed repulsion */
    double e0[SOAP_MAX_ELEMENTS];    /* Ha, in the order of soap.element */
    int count;                       /* sparse environments */
    struct environment *environment; /* count */
    double *weight;                  /* count, Ha */
    struct potential_two_body {
        double reach, amplitude, length; /* bohr, Ha, bohr */
        int knots;                       /* 0: no two-body term */
        double *weight;                  /* [pairs of elements][knots], Ha */
    } two;
    double *factor; /* [columns][columns] upper triangle, 1/Ha; NULL: no uncertainty */

    /* Made by potential_prepare. Sorted by element: rows first[e] .. first[e+1]-1 of q belong to
     * environment order[row]. */
    struct soap *descriptor;
    struct two_body *curves;
    int columns; /* count and the weights of the two-body term */
    int first[SOAP_MAX_ELEMENTS + 1], *order;
    double *q;      /* [count][size] */
    double *sorted; /* weight[order[row]] */
    double *square; /* zeta = 2: [elements][size][size], sum_m weight_m q_m q_m^T; else NULL */
    double *
        prior; /* [count][count] Cholesky factor L of the kernel (amplitude 1), order of q; NULL without factor */
};

/* x^n for n >= 0 */
static inline double potential_power(double x, int n)
{
    double y = 1;
    for (; n; n >>= 1, x *= x)
        if (n & 1)
            y *= x;
    return y;
}

/* Everything zero; count environments to be filled in. */
struct potential *potential_new(int count);
void potential_free(struct potential *p);

/* Check what was filled in and make the rest. ST_DATA: incomplete or not a number. May be called again
 * after weights have changed. */
enum status potential_prepare(struct potential *p, struct err *err);

/* kernel[rows][m] = (p_row . q_m)^zeta for m of one element (channel), dot[rows][m] = p . q. */
void potential_kernel(const struct potential *p, int channel, int rows, const double descriptor[],
                      double kernel[], double dot[]);

/* Cholesky factor of the kernel matrix of the sparse set (order of q), amplitude 1, with the smallest
 * jitter on its diagonal that makes it positive definite, at least 1e-10. l[count][count] */
enum status potential_prior(const struct potential *p, double l[], struct err *err);

void environment_free(struct environment *e);
/* Atom i of a system with its neighbours. */
void environment_cut(struct environment *e, const struct system *s, const struct neighbour *list,
                     int i);

#endif
