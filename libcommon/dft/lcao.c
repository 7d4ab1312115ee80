/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/lcao.h"
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "dft/block.h"
#include "dft/solver.h"
#include "maths/linalg.h"

/* h and overlap of the functions of one atom with all of them, rows of the matrices [row][row] */
static void one_atom(const struct kstate *k, const double *potential, int functions, int row,
                     const double *chi, const double *own, double *work, double *h, double *overlap)
{
    const struct block block = {true, k->waves->size};
    solver_apply(k->waves, potential, functions, own, work);
    block_inner(&block, row, chi, functions, work, h);
    block_inner(&block, row, chi, functions, own, overlap);
}

enum status lcao_orbitals(const struct state *s, const struct kstate *k, const struct projection *p,
                          int functions, int orbitals, double *c, struct err *err)
{
    int atoms = s->system->n, row = atoms * functions;
    size_t block = (size_t)functions * k->waves->size;
    double *chi = MEM_NEW(double, atoms *block), *work = MEM_NEW(double, block);
    double *potential = MEM_NEW(double, s->grid->points), *e = MEM_NEW(double, row);
    double *h = MEM_NEW(double, (size_t)row *row), *overlap = MEM_NEW(double, (size_t)row *row);
    state_density_energy(s, potential);
    for (int a = 0; a < atoms; a++)
        projection_functions(p, s->system->pos[a], chi + a * block);
    for (int a = 0; a < atoms; a++) {
        size_t at = (size_t)a * functions * row;
        one_atom(k, potential, functions, row, chi, chi + a * block, work, h + at, overlap + at);
    }
    enum status status = linalg_eigen_general(row, h, overlap, e, err);
    if (status == ST_OK)
        memcpy(c, h, (size_t)orbitals * row * sizeof *c);
    free(chi);
    free(work);
    free(potential);
    free(e);
    free(h);
    free(overlap);
    return status;
}
