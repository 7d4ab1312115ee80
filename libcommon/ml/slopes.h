/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Jacobians times sparse descriptors, J q^T: most of what a fit to forces costs. The descriptors of one element are much
 * alike: q = q V^T V + rest, where a tenth as many directions V as a descriptor has numbers leave a rest of less than 1e-3.
 * Hence
 *
 *   J q^T = (J V^T)(q V^T)^T + J rest^T,  V [lead][size] the first eigenvectors of q^T q,
 *
 * with the last product in single precision is right to about 4e-11 |J| in two thirds of the time. Fits, whose large weights
 * cancel, need that: a rest of 3e-3 changed errors of forces by 0.2 per cent, one of 2e-2 by 7.
 */
#ifndef ML_SLOPES_H
#define ML_SLOPES_H

#include "ml/potential.h"

/* The sparse environments of one element; lead = 0: not worth it, all in double precision */
struct slopes_part {
    int lead;
    double *direction, *q; /* V [lead][size]; q V^T [count][lead] */
    float *rest;           /* [count][size] */
};

struct slopes {
    struct slopes_part part[SOAP_MAX_ELEMENTS];
};

/* For up to as many rows as it was made for; one per thread */
struct slopes_room {
    double *slope;   /* [rows][count], the product */
    float *rest;     /* [rows][count] */
    double *lead;    /* J V^T */
    float *jacobian; /* J */
};

/* p: prepared. NULL and *err: no eigenvectors. */
struct slopes *slopes_new(const struct potential *p, struct err *err);
void slopes_free(struct slopes *s);

/* s = NULL in these: double precision throughout */
void slopes_room_new(const struct potential *p, const struct slopes *s, int rows,
                     struct slopes_room *room);
void slopes_room_free(struct slopes_room *room);
/* jacobian[rows][size] of atoms of one element (channel). The product is room->slope plus what is returned, if not NULL;
 * to be added where it is used, as that costs nothing. */
const float *slopes_product(const struct potential *p, const struct slopes *s, int channel,
                            int rows, const double jacobian[], struct slopes_room *room);

#endif
