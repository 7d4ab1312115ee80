/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to the files of the structure factor. */
#ifndef QMC_STRUCTURE_PARTS_H
#define QMC_STRUCTURE_PARTS_H

#include "qmc/structure.h"

struct wave {
    int n[3]; /* G = n . rec */
    double g[3], length;
};

/* Quantities of the observer: for each wave re rho, im rho, |rho|^2; then for each of the shortest
 * `responses` waves re A, im A, re(A rho*). */
enum { STRUCTURE_DENSITY = 3, STRUCTURE_RESPONSE = 3 };

struct structure {
    const struct wavefunction *psi;
    struct jastrow *alone; /* J of a single electron; NULL: J = 0 */
    int waves, responses, shells, fitted, limit[3];
    struct wave *wave;
    int *first; /* [shells + 1], first wave of each shell */
    int batches;
    double **scratch;           /* [batch] */
    struct jastrow_work **work; /* [batch], of alone */
};

size_t structure_scratch(const struct structure *s);

#endif
