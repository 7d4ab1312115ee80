/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside the Jastrow factor: what its terms (one file each) see of it and what each of them offers.
 * Shapes and units as in jastrow.h; all functions ADD to their outputs.
 */
#ifndef QMC_JASTROW_TERM_H
#define QMC_JASTROW_TERM_H

#include "qmc/images.h"
#include "qmc/jastrow.h"
#include "qmc/radial.h"

#define JASTROW_ELEMENTS 8 /* different elements in one system */

struct jastrow {
    struct images images;
    int n_up, electrons;
    int atoms;
    double (*nucleus)[3]; /* sorted by element */
    int *atom;            /* number in the system of nucleus[.] */
    int elements;
    int charge[JASTROW_ELEMENTS];    /* ascending */
    int first[JASTROW_ELEMENTS + 1]; /* nuclei of element e: first[e] .. first[e+1]-1 */
    int u_order, chi_order, count;
    double *parameters;
    struct radial u[2]; /* antiparallel, parallel */
    struct radial chi[JASTROW_ELEMENTS];
    char form[40];
};

struct jastrow_term {
    double share; /* of a term's value that belongs to one electron: 1/2 where each pair is met
                     twice */
    int (*free_parameters)(const struct jastrow *j);
    void (*electron)(const struct jastrow *j, int walkers, const double pos[][3], int i,
                     const double r[][3], double value[], double gradient[][3], double laplacian[]);
    void (*derivatives)(const struct jastrow *j, const double pos[][3], const double velocity[][3],
                        double value[], double energy[]); /* of this term's own parameters */
    void (*differential)(const struct jastrow *j, const double pos[][3], const double velocity[][3],
                         struct jastrow_differential *d);
};

extern const struct jastrow_term jastrow_u, jastrow_chi;

/*
 * A list of displacements for the radial functions, in segments that belong to one owner. When a
 * list is full it is flushed: evaluated and added to its owners.
 */
struct jastrow_list {
    int n, segments;
    double x[RADIAL_LIST], y[RADIAL_LIST], z[RADIAL_LIST], r2[RADIAL_LIST];
    int owner[RADIAL_LIST], start[RADIAL_LIST + 1];
};

/* Append r - partner[0 .. n-1] to the list as (part of) owner's segment, flushing when it is full.
 */
struct jastrow_sums {
    const struct jastrow *j;
    const struct radial *f;
    double *value, (*gradient)[3], *laplacian; /* per owner */
};
void jastrow_list_add(struct jastrow_list *list, const struct jastrow_sums *sums, int owner,
                      const double r[3], int n, const double partner[][3]);
void jastrow_list_flush(struct jastrow_list *list, const struct jastrow_sums *sums);
/* Fold to the shortest images and fill r2. */
void jastrow_list_distances(struct jastrow_list *list, const struct jastrow *j);

#endif
