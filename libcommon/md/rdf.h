/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Radial distribution function of all atoms, whatever their element:
 *   g(r) = V / (N (N - 1)) < sum_{i != j} delta(r - r_ij) > / (4 pi r^2),
 * so that an ideal gas has g = 1 at any N (Allen & Tildesley, Computer Simulation of Liquids, eq. (2.95),
 * with N - 1 for N). Images are counted, an atom's own are not. Bohr. Periodic cells only.
 */
#ifndef MD_RDF_H
#define MD_RDF_H

#include "crystal/system.h"

struct rdf;

struct rdf *rdf_new(double cutoff, int bins); /* cutoff in bohr */
void rdf_free(struct rdf *rdf);
/* Lists all pairs: so many, about, as rdf_pairs says. */
void rdf_add(struct rdf *rdf, const struct system *s);
double rdf_pairs(const struct system *s, double cutoff);
int rdf_bins(const struct rdf *rdf);
/* For every bin its middle, g there, and the mean number of neighbours within its outer edge. */
void rdf_result(const struct rdf *rdf, double r[], double g[], double neighbours[]);

#endif
