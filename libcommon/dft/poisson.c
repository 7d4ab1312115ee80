/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/poisson.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"

enum { LONG = 1 << 15 }; /* points from which on threads are worth waking for a pass over them */

/* erf(a r)/r on the doubled grid, from the nearest corner, transformed; times volume */
static void smooth_part(const struct grid *g, double a, double complex *list)
{
    double *field = MEM_NEW(double, g->points);
    for (int i = 0; i < g->n[0]; i++)
        for (int j = 0; j < g->n[1]; j++)
            for (int l = 0; l < g->n[2]; l++) {
                int at[3] = {i, j, l};
                double r2 = 0;
                for (int d = 0; d < 3; d++) {
                    int m = 2 * at[d] > g->n[d] ? at[d] - g->n[d] : at[d];
                    double x = m * g->cell[d][d] / g->n[d];
                    r2 += x * x;
                }
                double r = sqrt(r2);
                field[((size_t)i * g->n[1] + j) * g->n[2] + l] =
                    r > 0 ? erf(a * r) / r : 2 * a / sqrt(M_PI);
            }
    grid_to_list(g, field, list);
    for (int i = 0; i < g->ng; i++)
        list[i] *= g->volume;
    free(field);
}

static void open_kernel(struct poisson *p)
{
    const struct grid *g = p->grid;
    double a = g->gmax / 12; /* exp(-gmax^2 / 4 a^2) = 2e-16 */
    double complex *smooth = MEM_NEW(double complex, g->ng);
    smooth_part(g, a, smooth);
    for (int i = 0; i < g->ng; i++) {
        double x = g->g2[i] / (4 * a * a);
        double sharp = x > 0 ? -4 * M_PI * expm1(-x) / g->g2[i] : M_PI / (a * a);
        p->kernel[i] = sharp + creal(smooth[i]);
    }
    free(smooth);
}

struct poisson *poisson_new(const struct grid *box, bool open)
{
    struct poisson *p = MEM_NEW(struct poisson, 1);
    p->open = open;
    p->box = p->grid = box;
    if (open) {
        double cell[3][3] = {{0}};
        int n[3];
        for (int d = 0; d < 3; d++) {
            cell[d][d] = 2 * box->cell[d][d];
            n[d] = 2 * box->n[d];
        }
        p->grid = p->doubled = grid_new(cell, NULL, n, box->gmax);
        p->kernel = MEM_NEW(double, p->grid->ng);
        open_kernel(p);
        return p;
    }
    p->kernel = MEM_NEW(double, box->ng);
    p->slope = MEM_NEW(double, box->ng);
    for (int i = 1; i < box->ng; i++) {
        p->kernel[i] = 4 * M_PI / box->g2[i];
        p->slope[i] = -p->kernel[i] / box->g2[i];
    }
    return p;
}

void poisson_free(struct poisson *p)
{
    if (!p)
        return;
    grid_free(p->doubled);
    free(p->kernel);
    free(p->slope);
    free(p);
}

/* Copy rows between the box and the corner of the doubled grid that it fills. */
static void copy_box(const struct poisson *p, double *box, double *doubled, bool out)
{
    const int *n = p->box->n, *m = p->grid->n;
    for (int i = 0; i < n[0]; i++)
        for (int j = 0; j < n[1]; j++) {
            double *small = box + ((size_t)i * n[1] + j) * n[2];
            double *large = doubled + ((size_t)i * m[1] + j) * m[2];
            for (int l = 0; l < n[2] && out; l++)
                small[l] += large[l];
            if (!out)
                memcpy(large, small, (size_t)n[2] * sizeof *small);
        }
}

void poisson_to_list(const struct poisson *p, const double *field, double complex *list)
{
    if (!p->open) {
        grid_to_list(p->grid, field, list);
        return;
    }
    double *large = MEM_NEW(double, p->grid->points);
    copy_box(p, (double *)(size_t)field, large, false);
    grid_to_list(p->grid, large, list);
    free(large);
}

void poisson_add_field(const struct poisson *p, const double complex *list, double *field)
{
    double *work = MEM_RAW(double, p->grid->points);
    grid_from_list(p->grid, list, work);
    if (p->open)
        copy_box(p, field, work, true);
    else {
#pragma omp parallel for schedule(static) if (p->grid->points >= LONG)
        for (size_t i = 0; i < p->grid->points; i++)
            field[i] += work[i];
    }
    free(work);
}
