/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The second derivative of the Kohn-Sham energy with respect to doubly occupied orbitals (dft/response.h), over 4 w_k, on
 * orbitals orthogonal to these:
 *
 *   x -> P [H x - h x + V'[rho'] psi],   rho' = 4/V sum_k w_k sum_n psi_kn x_kn.
 *
 * Arrays of orbitals are x[k][occupied][size].
 */
#ifndef DFT_HESSIAN_H
#define DFT_HESSIAN_H

#include "dft/kernel.h"
#include "dft/state.h"

struct hessian {
    const struct state *s;
    int occupied;
    double *potential;     /* Ha, on the grid */
    struct kernel *kernel; /* at the density of s */
    double **h;            /* of each k: [n][m] = <psi_m|H|psi_n> */
};

/* s must outlive it; its orbitals and density are those of now. */
struct hessian *hessian_new(const struct state *s);
void hessian_shift(struct hessian *v, double by); /* x -> ... + by x (Ha) */
void hessian_free(struct hessian *v);

size_t hessian_numbers(const struct hessian *v, int k); /* in an array of one k */
double **hessian_arrays(const struct hessian *v);       /* zero; free with hessian_free_arrays */
void hessian_free_arrays(const struct hessian *v, double **x);

void hessian_project(const struct hessian *v, int k, double *x); /* x -= psi <psi|x> */
void hessian_density(const struct hessian *v, double *const *x, double *change); /* rho' */
void hessian_apply(const struct hessian *v, double *const *x, double **out);

#endif
