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
#include <fftw3.h>

/* The one-dimensional plans of a grid; shared by all k points and threads. */
struct waves_plans {
    int n[3];
    int rows; /* rows 0 .. rows-1 and n1-rows .. n1-1 of a plane may be filled */
    fftw_plan stick[2], row[2], column[2]; /* [0] to real space, [1] back */
};

struct waves_plans *waves_plans_new(const int n[3]);
void waves_plans_free(struct waves_plans *p);

struct waves {
    double k[3];     /* fractional */
    bool real;       /* k = -k: half of the plane waves, real orbitals */
    int twice[3];    /* 2 k, where real */
    int n;           /* plane waves kept */
    int size;        /* doubles of one orbital, 2 n */
    int (*m)[3];     /* n: G = m . rec */
    double (*q)[3];  /* n: k + G, 1/bohr */
    double *kinetic; /* n: q^2/2, Ha */
    int zero;        /* the index of q = 0 where real, else -1 */
    const struct waves_plans *plans;
    int sticks, batches;
    size_t *place;           /* sticks: i1 n2 + i2 */
    size_t *own, *partner;   /* n: where q and -q stand in the sticks; no partner when complex */
    double complex *turn[3]; /* exp(i k.r) along each axis of the grid */
};

/* rec: rows; chosen: reciprocal cell by which plane waves are selected (NULL: rec). */
struct waves *waves_new(const double rec[3][3], const double chosen[3][3], const double k[3],
                        double ecut, const struct waves_plans *plans);
void waves_free(struct waves *s);

/* Scratch of one thread: as large as waves_scratch says, in complex numbers. */
size_t waves_scratch(const struct waves *s);

/* out = P V psi for one orbital, or two at a time where real (b, out_b may be NULL). */
void waves_potential(const struct waves *s, const double *potential, const double *a,
                     const double *b, double *out_a, double *out_b, double complex *scratch);
/* density += wa |psi_a|^2 + wb |psi_b|^2 on the grid (no 1/volume). */
void waves_density(const struct waves *s, double wa, const double *a, double wb, const double *b,
                   double *density, double complex *scratch);

#endif
