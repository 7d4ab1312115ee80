/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What dft/respond.c and dft/shrink.c share: gradients of trial orbitals at all k points. */
#ifndef DFT_RESPOND_PARTS_H
#define DFT_RESPOND_PARTS_H

#include "basis/ao.h"
#include "dft/dft.h"
#include "dft/projection.h"
#include "dft/response.h"

/* One k point; matrices over orbitals n and functions row. */
struct part {
    int n, row;
    double *own;         /* C */
    const double *given; /* C */
    double *factor;      /* of Cholesky, of M */
    double *covariant;   /* own S */
    double *metric;      /* own S own^T, then its Cholesky factor */
    double *turn;        /* given = turn own */
    double *g, *u;       /* g and M^-1 g, [vector][n][row] */
    struct projection *projection;
};

/* What gradients mostly look like, as derivatives of an energy < sum_n <psi_n|O|psi_n> > with one-body operators O: with
 * t = -1/2 d^2/dr^2, t itself and the potential of the nuclei, that of the density n, n^1/3 and n; and with f one of the
 * first three of these, the derivative with respect to psi -> (1 + f) psi at fixed energy, [t, f]. */
enum {
    RESPOND_FIELDS = 4,
    RESPOND_FACTORS = 3,
    RESPOND_SHAPES = 1 + RESPOND_FIELDS + RESPOND_FACTORS
};

/* Vectors are the gradients, of which the first `count` are responded to, and the shapes behind them. */
struct responding {
    struct dft *d;
    struct ao *ao;
    struct part *part; /* of each k */
    struct response *response;
    int count, gradients, vectors;
    double **y;         /* of each k, [vector][orbital][size] */
    double (*slope)[3]; /* [count][atom]: explicit derivatives */
    double (*strain)[3][3];
    double *field[RESPOND_FIELDS]; /* what shapes are made of, on the grid, where there are any */
};

/* Fill and free w->field; g[shape][n][row] = <chi|O|psi> at this k */
void respond_fields(struct responding *w);
void respond_fields_free(struct responding *w);
void respond_shapes(const struct responding *w, int k, double *g);

/*
 * Empirical Bayes (Efron & Morris, J. Am. Stat. Assoc. 68, 117 (1973)): gradient 0 is measured, the others are draws of
 * its error. u and y of the first `count` become those of the gradient's best estimate and of draws of its error:
 * what a least-squares fit of the shapes gives, and of the rest the part `kept`.
 */
enum status respond_shrink(struct responding *w, double *kept, struct err *err);

#endif
