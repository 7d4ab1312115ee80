/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Built-in hydrogen sets, made for expanding Kohn-Sham orbitals of the GTH pseudopotential (smooth at the
 * nucleus: the cusp is the Jastrow factor's) from rs 1.2 to the molecule.
 *
 * Exponents and contractions minimise the sum over five systems (H2 at 1.4 bohr; fluids of 16 atoms at
 * rs 1.2 and 1.5, of molecules at rs 2.2 and, 8 atoms, rs 3; PBE, 50 Ha) of the logarithm of
 * spillage + kinetic energy (Ha) of what is left over, averaged over the occupied orbitals, for the
 * least-squares coefficients that dft-baseline --orbitals writes. Found with the simplex method; the
 * lowest exponents are held above 0.1 (s), 0.35 (p), 0.5 (d), where little is gained and sums over
 * images become long. Left over, spillage and kinetic energy in mHa per orbital:
 *
 *         functions         H2 1.4      fluid 1.2     fluid 1.5     molecules 2.2   molecules 3
 *   h-sz  1s           1   2e-3 2.9     2e-2 66       2e-2 49       3e-3 6.3        2e-3 3.4
 *   h-dz  3s1p         6   <1e-6 0.2    9e-5 1.0      1e-4 0.8      2e-4 0.6        1e-4 0.3
 *   h-tz  3s2p1d      14   <1e-6 0.1    2e-5 0.1      2e-5 0.1      4e-5 0.1        5e-5 0.1
 *
 * (H2 alone spills little because its box is finite.) A contraction costs exponentials near a nucleus
 * only; a function costs a column of every matrix of a sampling run.
 */
#include <string.h>
#include "basis/basis.h"

enum { SHELLS = 6, PRIMITIVES = 4 };

struct table {
    const char *name;
    int shells, l[SHELLS], primitives[SHELLS];
    double exponent[SHELLS][PRIMITIVES], contraction[SHELLS][PRIMITIVES];
};

static const struct table tables[] = {
    {"h-sz", 1, {0}, {3}, {{4.594, 0.7533, 0.1723}}, {{0.1830, 0.9222, 1}}},
    {"h-dz",
     4,
     {0, 0, 0, 1},
     {2, 1, 1, 1},
     {{6.645, 1.423}, {0.3978}, {0.1140}, {0.9753}},
     {{0.2403, 1}, {1}, {1}, {1}}},
    {"h-tz",
     6,
     {0, 0, 0, 1, 1, 2},
     {3, 1, 1, 1, 1, 1},
     {{11.65, 3.328, 1.192}, {0.3758}, {0.1089}, {2.767}, {0.5625}, {0.6457}},
     {{0.1047, 0.3653, 1}, {1}, {1}, {1}, {1}, {1}}},
};

struct basis *basis_builtin(const char *name, struct err *err)
{
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
        const struct table *b = &tables[t];
        const double *exponent[SHELLS], *contraction[SHELLS];
        if (strcmp(name, b->name))
            continue;
        for (int s = 0; s < b->shells; s++) {
            exponent[s] = b->exponent[s];
            contraction[s] = b->contraction[s];
        }
        return basis_new(name, 1, b->shells, b->l, b->primitives, exponent, contraction);
    }
    err_set(err, ST_USAGE,
            "there is no built-in basis '%s'; there are h-sz, h-dz, h-tz, and files "
            "in NWChem's format, whose names have a dot or slash",
            name);
    return NULL;
}

struct basis *basis_find(const char *name, int n, const double *list, struct err *err)
{
    return n ? basis_from_list(name, 1, n, list, err) : basis_builtin(name, err);
}
