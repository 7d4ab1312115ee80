/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "dft/grid.h"
#include "dft/waves.h"

#define REAL double
#define FFTW(name) fftw_##name
#define NAME(name) fine_##name
#include "dft/transform.h"
#undef REAL
#undef FFTW
#undef NAME
#define REAL float
#define FFTW(name) fftwf_##name
#define NAME(name) single_##name
#include "dft/transform.h"

/* Of the coarse grid over the fine one, along an axis: a potential smoothed for it keeps two thirds of
 * its waves. */
#define COARSE (2.0 / 3)

static void choose_coarse(const int n[3], int coarse[3])
{
    for (int d = 0; d < 3; d++) {
        const int reach = n[d] / 4 + 1, least = 2 * reach + 2;
        coarse[d] = (int)ceil(COARSE * n[d]);
        coarse[d] = grid_smooth(coarse[d] > least ? coarse[d] : least);
        if (coarse[d] > n[d])
            coarse[d] = n[d];
    }
}

static void all_single_plans(struct waves_plans *p)
{
    const int *m = p->coarse;
    single_plans(p->n, p->rows, p->single_stick, p->single_row, p->single_column);
    single_plans(m, p->coarse_rows, p->coarse_stick, p->coarse_row, p->coarse_column);
    float *field = MEM_RAW(float, waves_coarse_points(p));
    float complex *half = MEM_RAW(float complex, (size_t)m[0] * m[1] * (m[2] / 2 + 1));
    p->coarse_field = fftwf_plan_dft_c2r_3d(m[0], m[1], m[2], half, field, FFTW_ESTIMATE);
    free(field);
    free(half);
}

struct waves_plans *waves_plans_new(const int n[3])
{
    struct waves_plans *p = MEM_NEW(struct waves_plans, 1);
    memcpy(p->n, n, sizeof p->n);
    choose_coarse(n, p->coarse);
    const int rows = n[1] / 4 + 2;
    p->rows = rows < n[1] / 2 ? rows : n[1] / 2;
    p->coarse_rows = rows < p->coarse[1] / 2 ? rows : p->coarse[1] / 2;
#pragma omp parallel sections /* each planner, of double and of single precision, by one thread */
    {
#pragma omp section
        fine_plans(n, p->rows, p->stick, p->row, p->column);
#pragma omp section
        all_single_plans(p);
    }
    return p;
}

void waves_plans_free(struct waves_plans *p)
{
    if (!p)
        return;
    for (int i = 0; i < 2; i++) {
        fftw_destroy_plan(p->stick[i]);
        fftw_destroy_plan(p->row[i]);
        fftw_destroy_plan(p->column[i]);
        fftwf_destroy_plan(p->single_stick[i]);
        fftwf_destroy_plan(p->single_row[i]);
        fftwf_destroy_plan(p->single_column[i]);
        fftwf_destroy_plan(p->coarse_stick[i]);
        fftwf_destroy_plan(p->coarse_row[i]);
        fftwf_destroy_plan(p->coarse_column[i]);
    }
    fftwf_destroy_plan(p->coarse_field);
    free(p);
}

size_t waves_coarse_points(const struct waves_plans *p)
{
    return (size_t)p->coarse[0] * p->coarse[1] * p->coarse[2];
}

/* Where index i of a coarse axis stands on the fine one; -1 where n/2 on the coarse one has no partner. */
static int refined(int i, int coarse, int n)
{
    if (2 * i == coarse && coarse < n)
        return -1;
    return 2 * i > coarse ? i + n - coarse : i;
}

void waves_coarse_field(const struct waves_plans *p, const struct grid *g, const double *field,
                        float *coarse)
{
    const int *n = p->n, *c = p->coarse, row = c[2] / 2 + 1;
    double complex *all = MEM_RAW(double complex, g->half);
    float complex *half = MEM_NEW(float complex, (size_t)c[0] * c[1] * row);
    grid_forward(g, field, all);
    for (int i = 0; i < c[0]; i++)
        for (int j = 0; j < c[1]; j++) {
            const int a = refined(i, c[0], n[0]), b = refined(j, c[1], n[1]);
            const double complex *from = all + ((size_t)a * n[1] + b) * (n[2] / 2 + 1);
            float complex *to = half + ((size_t)i * c[1] + j) * row;
            for (int l = 0; l < row && a >= 0 && b >= 0; l++)
                if (refined(l, c[2], n[2]) >= 0)
                    to[l] = (float complex)from[l];
        }
    fftwf_execute_dft_c2r(p->coarse_field, half, coarse);
    free(all);
    free(half);
}

static struct fine_grid fine(const struct waves *s)
{
    const struct waves_plans *p = s->plans;
    return (struct fine_grid){s,      &s->fine, {p->n[0], p->n[1], p->n[2]}, p->rows, p->stick,
                              p->row, p->column};
}

static struct single_grid single(const struct waves *s)
{
    const struct waves_plans *p = s->plans;
    return (struct single_grid){s,
                                &s->fine,
                                {p->n[0], p->n[1], p->n[2]},
                                p->rows,
                                p->single_stick,
                                p->single_row,
                                p->single_column};
}

static struct single_grid coarse(const struct waves *s)
{
    const struct waves_plans *p = s->plans;
    return (struct single_grid){s,
                                &s->coarse,
                                {p->coarse[0], p->coarse[1], p->coarse[2]},
                                p->coarse_rows,
                                p->coarse_stick,
                                p->coarse_row,
                                p->coarse_column};
}

size_t waves_scratch(const struct waves *s)
{
    const struct fine_grid g = fine(s);
    return fine_scratch(&g);
}

size_t waves_single_scratch(const struct waves *s)
{
    const struct single_grid f = single(s), c = coarse(s);
    const size_t a = single_scratch(&f), b = single_scratch(&c);
    return a > b ? a : b;
}

void waves_potential(const struct waves *s, const double *potential, const double *a,
                     const double *b, double *out_a, double *out_b, double complex *scratch)
{
    const struct fine_grid g = fine(s);
    fine_potential(&g, potential, a, b, out_a, out_b, scratch);
}

void waves_single_potential(const struct waves *s, const float *potential, const float *a,
                            const float *b, float *out_a, float *out_b, float complex *scratch)
{
    const struct single_grid g = single(s);
    single_potential(&g, potential, a, b, out_a, out_b, scratch);
}

void waves_coarse_potential(const struct waves *s, const float *potential, const float *a,
                            const float *b, float *out_a, float *out_b, float complex *scratch)
{
    const struct single_grid g = coarse(s);
    single_potential(&g, potential, a, b, out_a, out_b, scratch);
}

void waves_open(const struct waves *s, const double *a, const double *b, double complex *field,
                double complex *scratch)
{
    const struct fine_grid g = fine(s);
    fine_open(&g, a, b, field, scratch);
}

void waves_close(const struct waves *s, const double *v, const double complex *x, const double *w,
                 const double complex *y, double *out_a, double *out_b, double complex *scratch)
{
    const struct fine_grid g = fine(s);
    fine_close(&g, v, x, w, y, out_a, out_b, scratch);
}

void waves_coarse_open(const struct waves *s, const float *a, const float *b, float complex *field,
                       float complex *scratch)
{
    const struct single_grid g = coarse(s);
    single_open(&g, a, b, field, scratch);
}

void waves_coarse_close(const struct waves *s, const float *v, const float complex *x,
                        const float *w, const float complex *y, float *out_a, float *out_b,
                        float complex *scratch)
{
    const struct single_grid g = coarse(s);
    single_close(&g, v, x, w, y, out_a, out_b, scratch);
}

void waves_density(const struct waves *s, double wa, const double *a, double wb, const double *b,
                   double *density, double complex *scratch)
{
    const struct fine_grid g = fine(s);
    fine_density(&g, wa, a, wb, b, density, scratch);
}

void waves_single_density(const struct waves *s, double wa, const float *a, double wb,
                          const float *b, double *density, float complex *scratch)
{
    const struct single_grid g = single(s);
    single_density(&g, wa, a, wb, b, density, scratch);
}
