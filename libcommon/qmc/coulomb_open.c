/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/coulomb_open.h"
#include <math.h>
#include <stddef.h>

enum { GROUP = 16 }; /* walkers at a time */

struct places { /* of one electron */
    double x[GROUP], y[GROUP], z[GROUP];
};

int coulomb_open_scratch(int n)
{
    return n * (int)(sizeof(struct places) / sizeof(double));
}

/* The last walker fills the group. */
static void place(int walkers, const double pos[][3], int stride, struct places *p)
{
    for (int w = 0; w < GROUP; w++) {
        const double *r = pos[(w < walkers ? w : walkers - 1) * stride];
        p->x[w] = r[0];
        p->y[w] = r[1];
        p->z[w] = r[2];
    }
}

/* sum += 1 / |r - p| */
static void add_pair(const struct places *r, const struct places *p, double sum[GROUP])
{
#pragma omp simd
    for (int w = 0; w < GROUP; w++) {
        const double x = p->x[w] - r->x[w], y = p->y[w] - r->y[w], z = p->z[w] - r->z[w];
        sum[w] += 1 / sqrt(x * x + y * y + z * z);
    }
}

/* sum += q / |r - p| */
static void add_nucleus(double q, const struct places *r, const double p[3], double sum[GROUP])
{
#pragma omp simd
    for (int w = 0; w < GROUP; w++) {
        const double x = p[0] - r->x[w], y = p[1] - r->y[w], z = p[2] - r->z[w];
        sum[w] += q / sqrt(x * x + y * y + z * z);
    }
}

void coulomb_open(int walkers, int n, const double pos[][3], int atoms, const double nucleus[][3],
                  const double charge[], double nuclear, double scratch[],
                  struct coulomb_energy energy[])
{
    struct places *at = (struct places *)scratch;
    for (int first = 0; first < walkers; first += GROUP) {
        const int some = walkers - first < GROUP ? walkers - first : GROUP;
        double ee[GROUP] = {0}, en[GROUP] = {0};
        for (int i = 0; i < n; i++) {
            double electrons[GROUP] = {0}, nuclei[GROUP] = {0};
            place(some, pos + (size_t)first * n + i, n, &at[i]);
            for (int j = 0; j < i; j++)
                add_pair(&at[i], &at[j], electrons);
            for (int a = 0; a < atoms; a++)
                add_nucleus(charge[a], &at[i], nucleus[a], nuclei);
            for (int w = 0; w < GROUP; w++) {
                ee[w] += electrons[w];
                en[w] -= nuclei[w];
            }
        }
        for (int w = 0; w < some; w++)
            energy[first + w] = (struct coulomb_energy){ee[w], en[w], nuclear};
    }
}
