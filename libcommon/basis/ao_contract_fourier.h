/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Diffuse s and p shells of ao_contract.h by sums in reciprocal space; private to it. */
#ifndef BASIS_AO_CONTRACT_FOURIER_H
#define BASIS_AO_CONTRACT_FOURIER_H

#include <stdbool.h>
#include "basis/ao_contract.h"

struct ao_contract_fourier;

/* NULL: no shell is worth it, or the cell is not rectangular. */
struct ao_contract_fourier *ao_contract_fourier_new(const struct system *s, const struct basis *b,
                                                    const double kpoint[3]);
void ao_contract_fourier_free(struct ao_contract_fourier *f);
/* Is the shell whose first function of an atom is this one of them? f may be NULL. */
bool ao_contract_fourier_has(const struct ao_contract_fourier *f, int first);
/* As ao_contract_eval, added to the sums. */
void ao_contract_fourier_add(const struct ao_contract_fourier *f, int points, const double r[][3],
                             const double g[][3], const double q[], const double x[],
                             const struct ao_contract_sums *sums);

#endif
