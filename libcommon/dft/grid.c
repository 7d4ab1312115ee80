/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/grid.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "crystal/system.h"

enum { LONG = 1 << 14 }; /* points from which on threads are worth waking */

static bool smooth(int n)
{
    static const int factors[] = {2, 3, 5};
    for (int i = 0; i < 3; i++)
        while (n % factors[i] == 0)
            n /= factors[i];
    return n == 1;
}

int grid_smooth(int least)
{
    int n = least > 2 ? least + least % 2 : 2;
    while (!smooth(n))
        n += 2;
    return n;
}

void grid_size(const double cell[3][3], double gmax, int n[3])
{
    for (int i = 0; i < 3; i++) {
        double length =
            sqrt(cell[i][0] * cell[i][0] + cell[i][1] * cell[i][1] + cell[i][2] * cell[i][2]);
        n[i] = grid_smooth(2 * (int)ceil(gmax * length / (2 * M_PI)));
    }
}

static double square(const double rec[3][3], const int m[3], double g[3])
{
    for (int d = 0; d < 3; d++)
        g[d] = m[0] * rec[0][d] + m[1] * rec[1][d] + m[2] * rec[2][d];
    return g[0] * g[0] + g[1] * g[1] + g[2] * g[2];
}

/* One vector onto the list, if it is short enough in the deciding cell. */
static void list_add(struct grid *g, const double chosen[3][3], const int i[3], int *capacity)
{
    int m[3], nz = g->n[2] / 2 + 1;
    double dummy[3];
    for (int d = 0; d < 3; d++)
        m[d] = i[d] <= g->n[d] / 2 ? i[d] : i[d] - g->n[d];
    if (square(chosen, m, dummy) > g->gmax * g->gmax)
        return;
    if (g->ng == *capacity) {
        size_t old = *capacity, new = old ? 2 * old : 1024;
        g->place = mem_grow(g->place, old, new, sizeof *g->place);
        g->weight = mem_grow(g->weight, old, new, sizeof *g->weight);
        g->m = mem_grow(g->m, old, new, sizeof *g->m);
        g->g = mem_grow(g->g, old, new, sizeof *g->g);
        g->g2 = mem_grow(g->g2, old, new, sizeof *g->g2);
        *capacity = (int)new;
    }
    int at = g->ng++;
    g->place[at] = ((size_t)i[0] * g->n[1] + i[1]) * nz + i[2];
    g->weight[at] = i[2] == 0 || 2 * i[2] == g->n[2] ? 1 : 2;
    memcpy(g->m[at], m, sizeof m);
    g->g2[at] = square(g->rec, m, g->g[at]);
}

static void list_make(struct grid *g, const double chosen[3][3])
{
    int capacity = 0, i[3];
    for (i[0] = 0; i[0] < g->n[0]; i[0]++)
        for (i[1] = 0; i[1] < g->n[1]; i[1]++)
            for (i[2] = 0; i[2] <= g->n[2] / 2; i[2]++)
                list_add(g, chosen, i, &capacity);
}

/* Plane after plane, then all columns: threads share a transform, and the number of them changes nothing. */
static void make_plans(struct grid *g)
{
    const int row = g->n[2] / 2 + 1;
    double *field = MEM_RAW(double, g->points);
    double complex *coefficient = MEM_RAW(double complex, g->half);
    double complex *out = MEM_RAW(double complex, (size_t)g->n[0] * row);
    g->plane[0] = fftw_plan_dft_r2c_2d(g->n[1], g->n[2], field, coefficient,
                                       FFTW_ESTIMATE | FFTW_PRESERVE_INPUT);
    g->plane[1] = fftw_plan_dft_c2r_2d(g->n[1], g->n[2], coefficient, field, FFTW_ESTIMATE);
    for (int i = 0; i < 2; i++)
        g->column[i] = fftw_plan_many_dft(1, g->n, row, coefficient, NULL, g->n[1] * row, 1, out,
                                          NULL, row, 1, i ? FFTW_BACKWARD : FFTW_FORWARD,
                                          FFTW_ESTIMATE | FFTW_PRESERVE_INPUT);
    free(field);
    free(coefficient);
    free(out);
}

struct grid *grid_new(const double cell[3][3], const double chosen[3][3], const int n[3],
                      double gmax)
{
    struct grid *g = MEM_NEW(struct grid, 1);
    double rec[3][3];
    memcpy(g->n, n, sizeof g->n);
    memcpy(g->cell, cell, sizeof g->cell);
    g->gmax = gmax;
    g->points = (size_t)n[0] * n[1] * n[2];
    g->half = (size_t)n[0] * n[1] * (n[2] / 2 + 1);
    g->volume = fabs(system_det(cell));
    system_reciprocal(cell, g->rec);
    system_reciprocal(chosen ? chosen : cell, rec);
#pragma omp parallel sections if (g->points >= LONG)
    {
#pragma omp section
        list_make(g, rec);
#pragma omp section
        make_plans(g);
    }
    return g;
}

void grid_free(struct grid *g)
{
    if (!g)
        return;
    for (int i = 0; i < 2; i++) {
        fftw_destroy_plan(g->plane[i]);
        fftw_destroy_plan(g->column[i]);
    }
    free(g->place);
    free(g->weight);
    free(g->m);
    free(g->g);
    free(g->g2);
    free(g);
}

/* Along the first axis: scale times the transforms of all columns, a row of them at a time. Shared by the threads
 * of the region around it. */
static void columns(const struct grid *g, fftw_plan plan, double scale, double complex *coefficient)
{
    const size_t row = g->n[2] / 2 + 1, plane = g->n[1] * row;
    double complex *out = MEM_RAW(double complex, g->n[0] * row);
#pragma omp for schedule(static)
    for (int j = 0; j < g->n[1]; j++) {
        fftw_execute_dft(plan, coefficient + j * row, out);
        for (int i = 0; i < g->n[0]; i++)
            for (size_t l = 0; l < row; l++)
                coefficient[i * plane + j * row + l] = scale * out[i * row + l];
    }
    free(out);
}

void grid_forward(const struct grid *g, const double *field, double complex *coefficient)
{
    const size_t points = (size_t)g->n[1] * g->n[2], half = (size_t)g->n[1] * (g->n[2] / 2 + 1);
#pragma omp parallel if (g->points >= LONG)
    {
#pragma omp for schedule(static)
        for (int i = 0; i < g->n[0]; i++) /* FFTW_PRESERVE_INPUT: the field is only read */
            fftw_execute_dft_r2c(g->plane[0], (double *)(size_t)field + i * points,
                                 coefficient + i * half);
        columns(g, g->column[0], 1.0 / (double)g->points, coefficient);
    }
}

void grid_backward(const struct grid *g, double complex *coefficient, double *field)
{
    const size_t points = (size_t)g->n[1] * g->n[2], half = (size_t)g->n[1] * (g->n[2] / 2 + 1);
#pragma omp parallel if (g->points >= LONG)
    {
        columns(g, g->column[1], 1, coefficient);
#pragma omp for schedule(static)
        for (int i = 0; i < g->n[0]; i++)
            fftw_execute_dft_c2r(g->plane[1], coefficient + i * half, field + i * points);
    }
}

void grid_derive(const struct grid *g, int d, const double complex *in, bool add,
                 double complex *out)
{
    const int last = g->n[2] / 2;
#pragma omp parallel for schedule(static) if (g->points >= LONG)
    for (int i = 0; i < g->n[0]; i++)
        for (int j = 0; j < g->n[1]; j++) {
            const int m[2] = {i > g->n[0] / 2 ? i - g->n[0] : i, j > g->n[1] / 2 ? j - g->n[1] : j};
            const size_t row = ((size_t)i * g->n[1] + j) * (last + 1);
            double x = 0;
            for (int a = 0; a < 2; a++)
                if (2 * m[a] != g->n[a])
                    x += m[a] * g->rec[a][d];
            const double *from = (const double *)(in + row);
            double *to = (double *)(out + row);
            for (int l = 0; l <= last; l++) {
                const double y = l < last ? x + l * g->rec[2][d] : x;
                const double re = -y * from[2 * l + 1], im = y * from[2 * l];
                to[2 * l] = add ? to[2 * l] + re : re;
                to[2 * l + 1] = add ? to[2 * l + 1] + im : im;
            }
        }
}

void grid_to_list(const struct grid *g, const double *field, double complex *list)
{
    double complex *work = MEM_RAW(double complex, g->half);
    grid_forward(g, field, work);
#pragma omp parallel for schedule(static) if (g->points >= LONG)
    for (int i = 0; i < g->ng; i++)
        list[i] = work[g->place[i]];
    free(work);
}

void grid_from_list(const struct grid *g, const double complex *list, double *field)
{
    double complex *work = MEM_RAW(double complex, g->half);
#pragma omp parallel for schedule(static) if (g->points >= LONG)
    for (size_t i = 0; i < g->half; i++)
        work[i] = 0;
#pragma omp parallel for schedule(static) if (g->points >= LONG)
    for (int i = 0; i < g->ng; i++)
        work[g->place[i]] = list[i];
    grid_backward(g, work, field);
    free(work);
}

double grid_integral(const struct grid *g, const double *f, const double *by)
{
    const size_t plane = (size_t)g->n[1] * g->n[2];
    double *part = MEM_RAW(double, g->n[0]), sum = 0;
#pragma omp parallel for schedule(static) if (g->points >= LONG)
    for (int p = 0; p < g->n[0]; p++) {
        double s = 0;
        for (size_t i = p * plane; i < (p + 1) * plane; i++)
            s += by ? f[i] * by[i] : f[i];
        part[p] = s;
    }
    for (int p = 0; p < g->n[0]; p++)
        sum += part[p];
    free(part);
    return sum * g->volume / (double)g->points;
}
