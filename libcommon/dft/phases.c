/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/phases.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "maths/linalg.h"

enum { PIECE = 64 }; /* rows of vectors in one matrix product */

/* Vectors that follow each other along the third axis: m[2] = first, first + 1, .. from `start` of the list. */
struct row {
    int start, first, count;
};

struct phases {
    const struct grid *g;
    int n, rows, pieces;
    struct row *row;
    double complex *axis[3]; /* [m][n] exp(-i m b_d.r_a), at m = 0 */
    double complex *room;    /* where axis[0] begins */
};

static void find_rows(struct phases *s)
{
    const struct grid *g = s->g;
    s->row = MEM_RAW(struct row, g->ng);
    for (int i = 0; i < g->ng; i++) {
        const int *m = g->m[i], *last = i ? g->m[i - 1] : NULL;
        if (last && m[0] == last[0] && m[1] == last[1] && m[2] == last[2] + 1)
            s->row[s->rows - 1].count++;
        else
            s->row[s->rows++] = (struct row){i, m[2], 1};
    }
    s->pieces = (s->rows + PIECE - 1) / PIECE;
}

static void fill_axes(struct phases *s, const double (*r)[3])
{
    const struct grid *g = s->g;
    const int n = s->n;
    size_t from[3], size = 0;
    for (int d = 0; d < 3; d++) {
        from[d] = size + (size_t)(g->n[d] / 2) * n;
        size += (size_t)(g->n[d] + 1) * n;
    }
    s->room = MEM_RAW(double complex, size);
    for (int d = 0; d < 3; d++) {
        const double *b = g->rec[d];
        s->axis[d] = s->room + from[d];
#pragma omp parallel for schedule(static)
        for (int m = -(g->n[d] / 2); m <= g->n[d] / 2; m++)
            for (int a = 0; a < n; a++)
                s->axis[d][m * n + a] =
                    cexp(-I * (m * (b[0] * r[a][0] + b[1] * r[a][1] + b[2] * r[a][2])));
    }
}

static struct phases *phases_new(const struct grid *g, int n, const double (*r)[3])
{
    struct phases *s = MEM_NEW(struct phases, 1);
    s->g = g;
    s->n = n;
    find_rows(s);
    fill_axes(s, r);
    return s;
}

static void phases_free(struct phases *s)
{
    free(s->row);
    free(s->room);
    free(s);
}

/* factor[row][n]: the first two axes of the rows of piece p, whose number is returned; *low, *high: the range
 * of their third index. */
static int open_piece(const struct phases *s, int p, double complex *factor, int *low, int *high)
{
    const int rows = s->rows - p * PIECE < PIECE ? s->rows - p * PIECE : PIECE, n = s->n;
    *low = s->g->n[2];
    *high = -s->g->n[2];
    for (int i = 0; i < rows; i++) {
        const struct row *row = s->row + (size_t)p * PIECE + i;
        const int *m = s->g->m[row->start];
        const double complex *x = s->axis[0] + m[0] * n, *y = s->axis[1] + m[1] * n;
        for (int a = 0; a < n; a++)
            factor[i * n + a] = x[a] * y[a];
        *low = row->first < *low ? row->first : *low;
        *high = row->first + row->count > *high ? row->first + row->count : *high;
    }
    return rows;
}

void phases_sum(const struct grid *g, int n, const double (*r)[3], const double *weight,
                double complex *sum)
{
    struct phases *s = phases_new(g, n, r);
#pragma omp parallel
    {
        double complex *factor = MEM_RAW(double complex, (size_t)PIECE *n);
        double complex *out = MEM_RAW(double complex, (size_t)PIECE *(g->n[2] + 1));
#pragma omp for schedule(static)
        for (int p = 0; p < s->pieces; p++) {
            int low, high;
            const int rows = open_piece(s, p, factor, &low, &high), width = high - low;
            for (int i = 0; i < rows * n; i++)
                factor[i] *= weight[i % n];
            linalg_gemm_z(LINALG_N, LINALG_T, rows, width, n, 1, factor, s->axis[2] + low * n, 0,
                          out);
            for (int i = 0; i < rows; i++) {
                const struct row *row = s->row + (size_t)p * PIECE + i;
                memcpy(sum + row->start, out + i * width + row->first - low,
                       row->count * sizeof *sum);
            }
        }
        free(factor);
        free(out);
    }
    phases_free(s);
}

/* table[2 rows][width]: list*, and after all rows m[2] list*, zero where a row has no vector */
static void open_list(const struct phases *s, int p, int rows, int low, int width,
                      const double complex *list, double complex *table)
{
    memset(table, 0, (size_t)2 * rows * width * sizeof *table);
    for (int i = 0; i < rows; i++) {
        const struct row *row = s->row + (size_t)p * PIECE + i;
        for (int k = 0, at = i * width + row->first - low; k < row->count; k++, at++) {
            table[at] = conj(list[row->start + k]);
            table[at + rows * width] = (row->first + k) * table[at];
        }
    }
}

/* sum[n][3] of m Im[list* exp(-i G.r)] over piece p; y[2 rows][n]: the sums over the third axis */
static void sum_piece(const struct phases *s, int p, int rows, const double complex *factor,
                      const double complex *y, double (*sum)[3])
{
    const int n = s->n;
    memset(sum, 0, n * sizeof *sum);
    for (int i = 0; i < rows; i++) {
        const int *m = s->g->m[s->row[(size_t)p * PIECE + i].start];
        for (int a = 0; a < n; a++) {
            const double x = cimag(factor[i * n + a] * y[i * n + a]);
            sum[a][0] += m[0] * x;
            sum[a][1] += m[1] * x;
            sum[a][2] += cimag(factor[i * n + a] * y[(rows + i) * n + a]);
        }
    }
}

static void add_forces(const struct phases *s, const double *weight, double (*part)[3],
                       double (*force)[3])
{
    for (int a = 0; a < s->n; a++) {
        double sum[3] = {
            0}; /* along the reciprocal vectors; piece after piece whatever the threads */
        for (int p = 0; p < s->pieces; p++)
            for (int d = 0; d < 3; d++)
                sum[d] += part[(size_t)p * s->n + a][d];
        for (int d = 0; d < 3; d++)
            for (int e = 0; e < 3; e++)
                force[a][d] -= weight[a] * sum[e] * s->g->rec[e][d];
    }
}

void phases_forces(const struct grid *g, int n, const double (*r)[3], const double *weight,
                   const double complex *list, double (*force)[3])
{
    struct phases *s = phases_new(g, n, r);
    double(*part)[3] = mem_raw((size_t)s->pieces * n, sizeof *part);
#pragma omp parallel
    {
        double complex *factor = MEM_RAW(double complex, (size_t)PIECE *n);
        double complex *table = MEM_RAW(double complex, (size_t)2 * PIECE * (g->n[2] + 1));
        double complex *y = MEM_RAW(double complex, (size_t)2 * PIECE * n);
#pragma omp for schedule(static)
        for (int p = 0; p < s->pieces; p++) {
            int low, high;
            const int rows = open_piece(s, p, factor, &low, &high), width = high - low;
            open_list(s, p, rows, low, width, list, table);
            linalg_gemm_z(LINALG_N, LINALG_N, 2 * rows, n, width, 1, table, s->axis[2] + low * n, 0,
                          y);
            sum_piece(s, p, rows, factor, y, part + (size_t)p * n);
        }
        free(factor);
        free(table);
        free(y);
    }
    add_forces(s, weight, part, force);
    free(part);
    phases_free(s);
}
