/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/projection.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "dft/block.h"
#include "maths/harmonics.h"

#define RIDGE 1e-5 /* from 1e-6 to 1e-4 forces fluctuate the same */

struct projection {
    const struct waves *waves;
    const struct basis *basis;
    struct block block;
    double volume;
    double *form;          /* [function][n]: F_s(|q|) S_lm(q) */
    double (*gradient)[3]; /* [function][n]: d/dq of it */
};

/* F S_lm and its gradient (NULL: not wanted) of every function at one q; functions are `step` apart. */
static void forms_at(const struct basis *b, const double q[3], double kinetic, size_t step,
                     double *form, double (*gradient)[3])
{
    enum { ALL = (PROJECTION_LMAX + 1) * (PROJECTION_LMAX + 1) };
    double solid[ALL], slope[ALL][3], length = sqrt(2 * kinetic);
    harmonics_solid(PROJECTION_LMAX, q, solid, slope);
    for (int s = 0, f = 0; s < b->shells; s++) {
        const int l = b->shell[s].l;
        const double radial = basis_fourier(&b->shell[s], length);
        const double bend = 2 * basis_fourier_slope(&b->shell[s], length);
        for (int m = 0; m < 2 * l + 1; m++, f++) {
            form[f * step] = radial * solid[l * l + m];
            for (int x = 0; x < 3; x++)
                gradient[f * step][x] =
                    radial * slope[l * l + m][x] + bend * solid[l * l + m] * q[x];
        }
    }
}

struct projection *projection_new(const struct waves *w, const struct basis *b, double volume)
{
    struct projection *p = MEM_NEW(struct projection, 1);
    const size_t n = w->n;
    p->waves = w;
    p->basis = b;
    p->block = (struct block){true, w->size};
    p->volume = volume;
    p->form = MEM_RAW(double, b->functions *n);
    p->gradient = mem_raw(b->functions * n, sizeof *p->gradient);
    for (size_t i = 0; i < n; i++)
        forms_at(b, w->q[i], w->kinetic[i], n, p->form + i, p->gradient + i);
    return p;
}

void projection_free(struct projection *p)
{
    if (!p)
        return;
    free(p->form);
    free(p->gradient);
    free(p);
}

/* V^-1/2 exp(-i q.r), twice as large in the square where q stands for -q too */
static double complex phase(const struct projection *p, int i, const double r[3])
{
    const double *q = p->waves->q[i];
    const double scale = (i == p->waves->zero ? 1 : M_SQRT2) / sqrt(p->volume);
    return scale * cexp(-I * (q[0] * r[0] + q[1] * r[1] + q[2] * r[2]));
}

/* (-i)^l z */
static double complex turned(int l, double complex z)
{
    return l % 4 == 0 ? z : l % 4 == 1 ? -I * z : l % 4 == 2 ? -z : I * z;
}

void projection_functions(const struct projection *p, const double r[3], double *out)
{
    const struct basis *b = p->basis;
    const size_t n = p->waves->n, size = p->waves->size;
    for (size_t i = 0; i < n; i++) {
        const double complex z = phase(p, (int)i, r);
        for (int s = 0, f = 0; s < b->shells; s++) {
            const int l = b->shell[s].l;
            const double complex x = turned(l, z);
            for (int m = 0; m < 2 * l + 1; m++, f++) {
                out[f * size + 2 * i] = creal(x) * p->form[f * n + i];
                out[f * size + 2 * i + 1] = cimag(x) * p->form[f * n + i];
            }
        }
    }
}

void projection_overlaps(const struct projection *p, const struct system *y, int orbitals,
                         const double *orbital, double *overlap)
{
    const int functions = p->basis->functions, row = y->n * functions;
#pragma omp parallel for schedule(static)
    for (int a = 0; a < y->n; a++) {
        double *chi = MEM_RAW(double, (size_t)functions * p->waves->size);
        double *part = MEM_RAW(double, (size_t)orbitals *functions);
        projection_functions(p, y->pos[a], chi);
        block_inner(&p->block, functions, chi, orbitals, orbital, part);
        for (int o = 0; o < orbitals; o++)
            memcpy(overlap + (size_t)o * row + a * functions, part + o * functions,
                   functions * sizeof *part);
        free(chi);
        free(part);
    }
}

void projection_metric(int n, const double *overlap, double *metric)
{
    if (metric != overlap)
        memcpy(metric, overlap, (size_t)n * n * sizeof *metric);
    for (int f = 0; f < n; f++)
        metric[(size_t)f * n + f] += RIDGE;
}

void projection_expand(const struct projection *p, const struct system *y, int orbitals,
                       const double *u, double *out)
{
    const int functions = p->basis->functions, row = y->n * functions;
    double *chi = MEM_RAW(double, (size_t)functions * p->waves->size);
    for (int a = 0; a < y->n; a++) {
        projection_functions(p, y->pos[a], chi);
        block_combine(&p->block, 1, functions, chi, orbitals, u + a * functions, row, a > 0, out);
    }
    free(chi);
}

/* field[function][size] = sum_n u[n][function] psi_n for one atom */
static void collect(const struct projection *p, int orbitals, const double *orbital,
                    const double *u, int row, double *field)
{
    const int functions = p->basis->functions;
    double *m = MEM_RAW(double, (size_t)functions *orbitals);
    for (int f = 0; f < functions; f++)
        for (int n = 0; n < orbitals; n++)
            m[f * orbitals + n] = u[(size_t)n * row + f];
    block_combine(&p->block, 1, orbitals, orbital, functions, m, orbitals, 0, field);
    free(m);
}

/* <field|chi> of one atom differentiated: chi -> -i q_x chi for the nucleus; for the strain q -> (1 - strain) q
 * with q.r fixed, and V^-1/2. */
static void atom_gradient(const struct projection *p, const double r[3], const double *field,
                          double gradient[3], double strain[3][3])
{
    const struct basis *b = p->basis;
    const size_t n = p->waves->n, size = p->waves->size;
    for (size_t i = 0; i < n; i++) {
        const double *q = p->waves->q[i];
        const double complex z = phase(p, (int)i, r);
        double along = 0, norm = 0, form[3] = {0};
        for (int s = 0, f = 0; s < b->shells; s++) {
            const double complex x = turned(b->shell[s].l, z);
            for (int m = 0; m < 2 * b->shell[s].l + 1; m++, f++) {
                const double *c = field + f * size + 2 * i;
                const double in = creal(x) * c[0] + cimag(x) * c[1];
                along += p->form[f * n + i] * (cimag(x) * c[0] - creal(x) * c[1]);
                norm += p->form[f * n + i] * in;
                for (int a = 0; a < 3; a++)
                    form[a] += p->gradient[f * n + i][a] * in;
            }
        }
        for (int a = 0; a < 3; a++) {
            gradient[a] += q[a] * along;
            strain[a][a] -= 0.5 * norm;
            for (int c = 0; c < 3; c++)
                strain[a][c] -= form[a] * q[c];
        }
    }
}

void projection_gradient(const struct projection *p, const struct system *y, int orbitals,
                         const double *orbital, const double *u, double gradient[][3],
                         double strain[3][3])
{
    const int functions = p->basis->functions, row = y->n * functions;
    double(*part)[3][3] = mem_new(y->n, sizeof *part);
#pragma omp parallel for schedule(static)
    for (int a = 0; a < y->n; a++) {
        double *field = MEM_RAW(double, (size_t)functions * p->waves->size);
        collect(p, orbitals, orbital, u + a * functions, row, field);
        atom_gradient(p, y->pos[a], field, gradient[a], part[a]);
        free(field);
    }
    for (int a = 0; a < y->n; a++)
        for (int t = 0; t < 9; t++)
            strain[t / 3][t % 3] += part[a][t / 3][t % 3];
    free(part);
}
