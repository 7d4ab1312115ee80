/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lowest eigenstates of the Kohn-Sham Hamiltonian of one k point: block Davidson with the
 * preconditioner of Teter, Payne & Allan, Phys. Rev. B 40, 12255 (1989), eq. (5.16). Each step applies
 * H to the preconditioned residuals of the orbitals that are not good enough yet, and diagonalises in
 * the space of everything so far.
 *
 * With orthonormal orbitals X and their residuals R = (1 - X X^H) H X, corrections W orthogonal to X have
 * <X|H|W> = <R|W>: of H W only <W|H|W> matters, to second order in the correction. So X and R are found
 * in double precision (R in single where no more is asked for), and everything else, which is as small as R, in single precision with H W on a coarser
 * grid (dft/waves.h); what that leaves is part of the next residual.
 */
#ifndef DFT_SOLVER_H
#define DFT_SOLVER_H

#include "base/err.h"
#include "dft/state.h"

/* A potential on the grid, in both precisions, and on the coarse grid, Ha. */
struct solver_potential {
    const double *fine;
    const float *single, *coarse;
    const struct dft *session; /* that may ask to hurry (dft/session.h); NULL: nobody */
};

/* Residual (Ha) that a transform in single precision leaves: where limits are well above, it is enough. */
#define SOLVER_SINGLE 1e-5

/* out = H x for n orbitals in the potential (Ha, on the grid). */
void solver_apply(const struct waves *s, const double *potential, int n, const double *x,
                  double *out);

/* h[j][i] = <x_i|H|x_j> for n vectors, in the scalars of dft/block.h; not all of it where the session hurries. */
void solver_matrix(const struct waves *s, const struct solver_potential *potential, int n,
                   const double *x, double *h);

/* Orthonormal orbitals of k from scratch: diagonalised in `start` vectors (atom-centred functions, then
 * random ones; seed makes the random ones of k points differ). */
enum status solver_start(struct kstate *k, const struct system *y,
                         const struct solver_potential *potential, int bands, int seed,
                         struct err *err);

/* Random orbitals from .. bands - 1, orthonormal to the ones before and to each other; false: dependent. */
bool solver_append(struct kstate *k, int from, int bands, int seed);

/* Workspace of solver_improve, for one k point at a time; grows as needed. */
struct solver_space *solver_space_new(void);
void solver_space_free(struct solver_space *space);

/* Improve the orbitals of k in at most `steps` steps until each residual norm |H x - e x| is below
 * limit[band] (Ha). *worst: the largest residual / limit at the last look. Not where the session hurries. */
enum status solver_improve(struct kstate *k, struct solver_space *space,
                           const struct solver_potential *potential, int bands, int steps,
                           const double *limit, double *worst, struct err *err);

/* r_b -> K r_b for n residuals r of the orbitals x: the same preconditioner. */
void solver_precondition(const struct waves *s, int n, const double *x, double *r);
/* In single precision, of one residual; scale: of its orbital x, a kinetic energy (Ha). */
double solver_scale(const struct waves *s, const double *x);
void solver_precondition_single(const struct waves *s, double scale, float *r);

#endif
