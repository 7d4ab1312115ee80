/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/cost.h"

/* Seconds per electron, measured on one core of a server; each decides in some system: orbitals where bases are large,
 * waves in small cells, pairs in large ones. */
#define ATOM 1e-7          /* distances to an atom and its images, exponentials */
#define FUNCTION 1.5e-8    /* of the basis: a value, gradient and Laplacian */
#define DETERMINANT 3e-10  /* per number of the inverse matrix */
#define COULOMB 1e-8       /* per other particle */
#define WAVE 4e-9          /* of the Ewald sum */
#define JASTROW 8e-8       /* per other particle, at three to four looks */
#define JASTROW_PLANE 3e-6 /* waves of its term p, in cells */

double cost_sample(const struct wavefunction *psi)
{
    const double particles = psi->electrons + psi->system->n;
    double each = ATOM * psi->system->n + FUNCTION * psi->functions +
                  DETERMINANT * psi->orbitals * psi->orbitals + COULOMB * particles +
                  WAVE * coulomb_waves(psi->coulomb);
    if (psi->jastrow)
        each += JASTROW * particles + (psi->system->periodic ? JASTROW_PLANE : 0);
    return each * psi->electrons;
}
