/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A trial wave function as it travels on a frame: LCAO coefficients of the occupied orbitals and the
 * parameters of the Jastrow factor. Plain numbers, to be handed on to the physics.
 *
 * On the stream: key `kpoints` (3 nk fractional numbers), key `orbital_basis` (its name) and, where that
 * is not a built-in one, key `orbital_shells` (its shells), column
 * `orbitals` of nk * orbitals * functions reals per atom in the order k point, orbital, basis function
 * of this atom; keys `jastrow_form` (its name) and `jastrow` (its parameters; missing when there are
 * none). Coefficients and parameters are in atomic units and dimensionless as basis and Jastrow
 * define them; they are never converted.
 */
#ifndef FORMATS_TRIAL_H
#define FORMATS_TRIAL_H

#include "base/err.h"
#include "formats/frame.h"

struct trial {
    int nk;
    double (*kpoint)[3]; /* nk, fractional */
    char *basis;         /* name */
    int numbers;         /* of its list; 0: a built-in basis */
    double *list;        /* shells as basis_from_list of basis/basis.h takes them */
    int atoms;
    int functions;       /* basis functions per atom, the same for all atoms */
    int orbitals;        /* per k point */
    double *coefficient; /* [nk][orbitals][atoms * functions] */
    char *jastrow_form;  /* NULL: no Jastrow factor */
    int parameters;
    double *parameter; /* NULL when there are none */
};

/* Zeroed coefficients and k points; the basis name is copied. */
struct trial *trial_new(int nk, int atoms, int orbitals, int functions, const char *basis);
void trial_free(struct trial *t);
void trial_set_list(struct trial *t, int n, const double *list); /* copied */
void trial_set_jastrow(struct trial *t, const char *form, int n,
                       const double *parameter); /* copied */

/* Which basis a frame has: *name is the frame's; *list, of *n numbers, is new, NULL for a built-in one. */
enum status trial_basis(const struct frame *f, const char **name, int *n, double **list,
                        struct err *err);
/* From a frame whose basis (trial_basis) has that many functions per atom.
 * NULL and ST_DATA: a key or column is missing, or the column's width is not a multiple of
 * nk * functions. A frame without jastrow_form gives no Jastrow factor. */
struct trial *trial_from_frame(const struct frame *f, int functions, struct err *err);
void trial_to_frame(const struct trial *t, struct frame *f); /* f has t->atoms atoms */

/* Any column of the shape of `orbitals` (vmc_orbital_gradient): c is [nk][orbitals][atoms * functions]. */
enum status trial_get_column(const struct trial *t, const struct frame *f, const char *name,
                             double *c, struct err *err);
void trial_set_column(const struct trial *t, struct frame *f, const char *name, const double *c);

/* Only the Jastrow part: ST_DATA if the frame has none. *parameter is new, NULL when n is 0; *form is
 * the frame's. */
enum status trial_get_jastrow(const struct frame *f, const char **form, int *n, double **parameter,
                              struct err *err);
void trial_put_jastrow(struct frame *f, const char *form, int n, const double *parameter);

#endif
