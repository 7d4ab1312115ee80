/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The real-space grid of a cell and the reciprocal vectors of the density, |G| <= gmax.
 *
 * Real fields are [n0][n1][n2]; point (i, j, l) is at i/n0 a + j/n1 b + l/n2 c. A field is
 * f(r) = sum_G f(G) exp(i G.r); being real it is kept on half of the G (those with non-negative third
 * index), and sums over G are sums over the list with `weight` 2, or 1 where -G is on the list too.
 */
#ifndef DFT_GRID_H
#define DFT_GRID_H

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>
#include <fftw3.h>

struct grid {
    int n[3];
    size_t points, half; /* n0 n1 n2; n0 n1 (n2/2 + 1) */
    double cell[3][3];   /* bohr, rows */
    double rec[3][3];    /* 1/bohr, rows, 2 pi included */
    double volume, gmax;
    int ng;                        /* vectors on the list; the first is G = 0 */
    size_t *place;                 /* ng: where G stands in the half-complex array */
    double *weight;                /* ng */
    int (*m)[3];                   /* ng: G = m . rec */
    double (*g)[3], *g2;           /* ng: Cartesian, squared length */
    fftw_plan plane[2], column[2]; /* [0] to coefficients, [1] back */
};

/* Smallest even integer with factors 2, 3, 5 that is not below `least`. */
int grid_smooth(int least);
/* Smallest even integers with factors 2, 3, 5 and n_i/2 >= gmax |a_i| / 2 pi. */
void grid_size(const double cell[3][3], double gmax, int n[3]);

/* chosen: the cell by which |G| <= gmax is decided (NULL: cell itself), so that a strained cell can
 * keep the plane waves of the unstrained one. */
struct grid *grid_new(const double cell[3][3], const double chosen[3][3], const int n[3],
                      double gmax);
void grid_free(struct grid *g);

/* All coefficients of a real field, [half], and back. Thread safe. */
void grid_forward(const struct grid *g, const double *field, double complex *coefficient);
void grid_backward(const struct grid *g, double complex *coefficient,
                   double *field); /* destroys input */
/* out = i G_d in, or, on request, added to out, over the half-complex array; the ambiguous component n/2 has no
 * derivative. */
void grid_derive(const struct grid *g, int d, const double complex *in, bool add,
                 double complex *out);
/* The same for coefficients on the list, [ng]. */
void grid_to_list(const struct grid *g, const double *field, double complex *list);
void grid_from_list(const struct grid *g, const double complex *list, double *field);

/* Integral over the cell of f, or f times by (not NULL); the same whatever the number of threads. */
double grid_integral(const struct grid *g, const double *f, const double *by);

#endif
