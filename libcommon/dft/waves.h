/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The plane waves of one k point, q = k + G with |q|^2/2 <= ecut, and the transforms of orbitals to
 * the real-space grid and back.
 *
 * At a k with k = -k modulo a reciprocal vector, orbitals can be chosen real and c(-q) = c*(q): only
 * half of the q is kept, with coefficients times sqrt(2) (c(0), at Gamma, is real and kept as it is), so
 * that the plain dot product of the 2 n doubles of two orbitals is their inner product. Two such
 * orbitals share one complex transform, f = psi_1 + i psi_2.
 *
 * Transforms skip what is zero (the sphere fills a sixteenth of the grid): sticks along the first
 * axis, then plane after plane in cache: rows that carry something, all columns; the operation in real
 * space; and back. An orbital is sum_q c(q) exp(i q.r), normalised to sum |c|^2 = 1.
 */
#ifndef DFT_WAVES_H
#define DFT_WAVES_H

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>
#include "dft/grid.h"

/*
 * The grid, and the coarse one of single precision, which just holds orbitals: products with a potential
 * smoothed for it are approximate, good enough for what only decides how far to go (dft/solver.h).
 */
struct waves_plans {
    int n[3], coarse[3];
    int rows, coarse_rows; /* rows 0 .. rows-1 and n1-rows .. n1-1 of a plane may be filled */
    fftw_plan stick[2], row[2], column[2]; /* one-dimensional; [0] to real space, [1] back */
    fftwf_plan single_stick[2], single_row[2], single_column[2]; /* the grid in single precision */
    fftwf_plan coarse_stick[2], coarse_row[2], coarse_column[2], coarse_field;
};

/* For all k points and threads. A grid that holds the density: waves reach to a quarter of n, and k. */
struct waves_plans *waves_plans_new(const int n[3]);
void waves_plans_free(struct waves_plans *p);
/* Numbers in a field on the coarse grid, and the smooth part that it holds of a field on the grid. */
size_t waves_coarse_points(const struct waves_plans *p);
void waves_coarse_field(const struct waves_plans *p, const struct grid *g, const double *field,
                        float *coarse);

/* Where the plane waves stand on a grid: on sticks along its first axis. */
struct sticks {
    int count, batches;
    size_t *place;         /* count: i1 n2 + i2 */
    size_t *own, *partner; /* waves: where q and -q stand in the sticks; no partner when complex */
};

enum { WAVES_BATCH = 16 }; /* sticks transformed together: what SIMD and cache lines like */

struct waves {
    double rec[3][3]; /* 1/bohr, rows */
    double k[3];      /* fractional */
    bool real;        /* k = -k: half of the plane waves, real orbitals */
    int twice[3];     /* 2 k, where real */
    int n;            /* plane waves kept */
    int size;         /* doubles of one orbital, 2 n */
    int (*m)[3];      /* n: G = m . rec */
    double (*q)[3];   /* n: k + G, 1/bohr */
    double *kinetic;  /* n: q^2/2, Ha */
    int zero;         /* the index of q = 0 where real, else -1 */
    const struct waves_plans *plans;
    struct sticks fine, coarse;
    double complex *turn[3]; /* exp(i k.r) along each axis of the grid */
};

/* rec: rows; chosen: reciprocal cell by which plane waves are selected (NULL: rec). */
struct waves *waves_new(const double rec[3][3], const double chosen[3][3], const double k[3],
                        double ecut, const struct waves_plans *plans);
void waves_free(struct waves *s);

/* Scratch of one thread: as large as these say, in complex numbers. */
size_t waves_scratch(const struct waves *s);
size_t waves_single_scratch(const struct waves *s); /* on the grid or on the coarse one */

/* out = P V psi for one orbital, or two at a time where real (b, out_b may be NULL). */
void waves_potential(const struct waves *s, const double *potential, const double *a,
                     const double *b, double *out_a, double *out_b, double complex *scratch);
/* The same in single precision. */
void waves_single_potential(const struct waves *s, const float *potential, const float *a,
                            const float *b, float *out_a, float *out_b, float complex *scratch);
/* The same with a potential on the coarse grid. */
void waves_coarse_potential(const struct waves *s, const float *potential, const float *a,
                            const float *b, float *out_a, float *out_b, float complex *scratch);
/* One orbital, or a + i b of two where real, on the grid, without the phase exp(i k.r): Re x* y of two such fields is
 * the product of both pairs of orbitals, summed. */
void waves_open(const struct waves *s, const double *a, const double *b, double complex *field,
                double complex *scratch);
/* out = P (v x + w y) of such fields and potentials. */
void waves_close(const struct waves *s, const double *v, const double complex *x, const double *w,
                 const double complex *y, double *out_a, double *out_b, double complex *scratch);
/* The same on the coarse grid. */
void waves_coarse_open(const struct waves *s, const float *a, const float *b, float complex *field,
                       float complex *scratch);
void waves_coarse_close(const struct waves *s, const float *v, const float complex *x,
                        const float *w, const float complex *y, float *out_a, float *out_b,
                        float complex *scratch);
/* density += wa |psi_a|^2 + wb |psi_b|^2 on the grid (no 1/volume). */
void waves_density(const struct waves *s, double wa, const double *a, double wb, const double *b,
                   double *density, double complex *scratch);
/* The same by a transform in single precision. */
void waves_single_density(const struct waves *s, double wa, const float *a, double wb,
                          const float *b, double *density, float complex *scratch);

#endif
