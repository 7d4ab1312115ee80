/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Gaussian basis sets in files of NWChem's format, as the Basis Set Exchange gives them:
 *
 *   # comment
 *   BASIS "ao basis" SPHERICAL PRINT      may be missing
 *   H    S                                element and letter of the shell: S P D F ...; SP shares exponents
 *       13.01     0.0197                  exponent (1/bohr^2) and a coefficient for each shell made of them
 *        1.962    0.1380
 *   END
 *
 * Coefficients are those of normalised primitives; contractions are normalised by whoever uses them.
 */
#ifndef FORMATS_BASIS_FILE_H
#define FORMATS_BASIS_FILE_H

#include "base/err.h"

/* The shells of the element `symbol` as basis/basis.h lists them (basis_from_list): *list, of *n numbers,
 * is new. ST_SYSTEM: cannot read; ST_DATA names file and line. */
enum status basis_file_read(const char *path, const char *symbol, int *n, double **list,
                            struct err *err);

#endif
