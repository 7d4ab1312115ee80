/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the atomic orbitals share; not for others. */
#ifndef BASIS_AO_PARTS_H
#define BASIS_AO_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include "basis/ao.h"
#include "basis/solid.h"

struct ao_fourier;

/* Cells from the origin: the sum of three such numbers is an int. */
#define AO_FARTHEST 0x1p28

enum { AO_CHUNK = 64, AO_MAX_M = 2 * SOLID_LMAX + 1 };

struct ao_shell {
    int l, primitives;
    double *exponent, *coefficient, lowest, highest; /* exponents */
    int offset;     /* of its first function among those of an atom */
    double cutoff2; /* beyond, the shell is left out */
    bool fourier;   /* summed in reciprocal space instead */
    /* S_lm, its first (x y z) and second (xx xy xz yy yz zz) derivatives */
    struct polynomial s[AO_MAX_M], d[AO_MAX_M][3], dd[AO_MAX_M][6];
};

/* Atom images near a part of the cell. */
struct ao_block {
    int n;
    double *x, *y, *z;
    int *atom;
    unsigned *odd; /* bit k: cos(2 pi k.T) = -1 */
};

/* Displacements and g(s), s = r^2, of a shell there, with its first three derivatives. */
struct ao_radial {
    const double *x, *y, *z, *r2;
    double g[4][AO_CHUNK];
};

struct ao {
    int atoms, per_atom, functions, nk;
    bool periodic;
    double cell[3][3], inverse[3][3]; /* reduced */
    int (*twice)[3];                  /* nk: 2 k in the basis of the reduced cell, modulo 2 */
    int (*given)[3];                  /* the same in that of the system's cell */
    int shells;
    struct ao_shell *shell;     /* by falling cut-off */
    double cutoff2;             /* the largest of those summed in real space */
    struct ao_fourier *fourier; /* rectangular cells; else NULL */
    struct system *system;      /* a copy, for the overlap */
    int split[3];               /* blocks per axis */
    struct ao_block *block;
};

/* The images of a block relative to a point, and the list of those within the present cut-off. */
struct ao_near {
    const struct ao_block *block; /* NULL: the point is no place, or too far */
    unsigned odd;                 /* of the lattice vector that was taken off the point */
    double *x, *y, *z, *r2;
    int n, *list;
    double *work; /* for ao_fourier_eval */
};

/* g of a shell and its derivatives with respect to s up to `order` at n <= AO_CHUNK places r2. */
void ao_radial_eval(const struct ao_shell *s, int order, int n, struct ao_radial *r);

/* Values of one shell at n <= AO_CHUNK displacements: out[quantity][m][AO_CHUNK]. */
void ao_shell_eval(const struct ao_shell *s, enum ao_level level, int n, const double x[],
                   const double y[], const double z[], const double r2[], double out[]);

/* The same for l <= 2, given the radial functions; false: l is larger, nothing done. */
bool ao_kernel(int l, enum ao_level level, int n, const struct ao_radial *in, double *out);

/* Decide which shells are summed in reciprocal space (ao_fourier.c), and prepare that. */
void ao_fourier_new(struct ao *a);
void ao_fourier_free(struct ao_fourier *f);
size_t ao_fourier_scratch(const struct ao *a); /* doubles */
/* Add those shells' values at one point; quantities are `step` doubles apart. */
void ao_fourier_eval(const struct ao *a, enum ao_level level, const double r[3], double *work,
                     size_t step, double *out);

/*
 * The one-dimensional sums that these are made of, for other uses; of the first k. phase: those of a
 * point, ao_fourier_phases doubles of them with room to work. d[axis][order][ao_fourier_padded]: the order-th derivative,
 * order < AO_FOURIER_ORDERS, of sum_t cos(2 pi k t) exp(-a (x - X + t L)^2) for all atoms X, along x
 * times the primitive's coefficient and (-1/2a)^l.
 */
enum { AO_FOURIER_ORDERS = SOLID_LMAX + 4 };
int ao_fourier_padded(const struct ao *a);
int ao_fourier_phases(const struct ao *a);
void ao_fourier_point(const struct ao *a, const double r[3], double *phase);
void ao_fourier_axes(const struct ao *a, int shell, int primitive, int orders, double *phase,
                     double *d);

/* Is the shell so diffuse that its overlaps are summed in reciprocal space? And these, into the rows and
 * columns of overlap (ao.h) that are such shells'. */
bool overlap_diffuse(const struct ao *a, const struct ao_shell *s);
void overlap_fourier(const struct ao *a, int k, double *overlap);

/* Parity of 2 k.T, bit k. */
unsigned ao_parity(const struct ao *a, const int t[3]);

#endif
