/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "maths/linalg.h"
#include "ml/variance.h"

enum { BLOCK = 64 };

/* sum_m over the rows of a block into k[count] */
static void with_sparse(const struct potential *m, int e, int rows, const double p[], double k[],
                        double kernel[], double dot[])
{
    int first = m->first[e], count = m->first[e + 1] - first;
    potential_kernel(m, e, rows, p, kernel, dot);
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < count; j++)
            k[first + j] += kernel[(size_t)i * count + j];
}

/* sum_ij (p_i . p_j)^zeta of rows against all atoms of their element */
static double with_atoms(const struct potential *m, int rows, const double p[], int atoms,
                         const double all[], double dot[])
{
    double sum = 0;
    linalg_gemm(LINALG_N, LINALG_T, rows, atoms, m->descriptor->size, 1, p, all, 0, dot);
    for (size_t i = 0; i < (size_t)rows * atoms; i++)
        sum += potential_power(dot[i], m->zeta);
    return sum;
}

static double norm2(int n, const double x[])
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += x[i] * x[i];
    return sum;
}

/* |L^-1 k|^2 by forward substitution, k destroyed */
static double prior_norm2(const struct potential *m, double k[])
{
    int n = m->count;
    for (int i = 0; i < n; i++) {
        const double *l = m->prior + (size_t)i * n;
        double sum = k[i];
        for (int j = 0; j < i; j++)
            sum -= l[j] * k[j];
        k[i] = sum / l[i];
    }
    return norm2(n, k);
}

double variance_energy(const struct potential *m, const int first[], const double descriptor[],
                       const struct system *s, const struct neighbour *list)
{
    int elements = m->soap.elements, n = first[elements], size = m->descriptor->size;
    int widest = n > m->count ? n : m->count;
    if (!m->factor)
        return 0;
    double *k = MEM_NEW(double, m->count), *posterior = MEM_NEW(double, m->columns), self = 0;
    double *dot = MEM_NEW(double, (size_t)BLOCK *widest),
           *kernel = MEM_NEW(double, (size_t)BLOCK *widest);
    for (int e = 0; e < elements; e++)
        for (int i = first[e]; i < first[e + 1]; i += BLOCK) {
            int rows = first[e + 1] - i < BLOCK ? first[e + 1] - i : BLOCK;
            const double *p = descriptor + (size_t)i * size,
                         *all = descriptor + (size_t)first[e] * size;
            with_sparse(m, e, rows, p, k, kernel, dot);
            self += with_atoms(m, rows, p, first[e + 1] - first[e], all, dot);
        }
    for (int i = 0; i < m->count; i++)
        posterior[m->order[i]] = k[i];
    two_body_energy_row(m->curves, s, list, posterior + m->count);
    double data = HUGE_VAL;
    if (!linalg_solve_upper(m->columns, m->factor, true, posterior, NULL))
        data = norm2(m->columns, posterior);
    double prior = self - prior_norm2(m, k);
    free(k);
    free(posterior);
    free(dot);
    free(kernel);
    return data + m->amplitude * m->amplitude * (prior > 0 ? prior : 0);
}
