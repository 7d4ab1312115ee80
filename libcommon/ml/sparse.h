/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Farthest-point sampling: the first point is the first row; each further one is the row farthest from
 * those already chosen (Tirelli et al., Phys. Rev. B 106, L041105 (2022)). Rows are unit vectors, so that
 * |p - q|^2 = 2 - 2 p.q, and the order is the same in the feature space of any power of p.q. Ties go
 * to the lower row; the result does not depend on the number of threads.
 */
#ifndef ML_SPARSE_H
#define ML_SPARSE_H

#include <stddef.h>

/* Choose up to count of rows[n][size]. kind[n]: rows of different kinds are at the distance of
 * orthogonal vectors (NULL: all alike). Stops early when all others are duplicates (distance below 1e-3).
 * chosen[count]; returns how many. */
int sparse_farthest(size_t n, int size, const float rows[], const int kind[], int count,
                    size_t chosen[]);

/* One row for a structure: the mean of the descriptors row[atoms][size] of its atoms, of length 1. */
void sparse_mean(int atoms, int size, const double row[], float mean[]);

#endif
