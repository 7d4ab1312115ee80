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
    double *form;        /* [function][n]: F_s(|q|) S_lm(q) */
    double *gradient[3]; /* [function][n]: d/dq_x of it */
};

/* F S_lm and its gradient of every function at one q; functions are `step` apart. */
static void forms_at(const struct basis *b, const double q[3], double kinetic, size_t step,
                     double *form, double *const gradient[3])
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
                gradient[x][f * step] =
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
    for (int x = 0; x < 3; x++)
        p->gradient[x] = MEM_RAW(double, b->functions *n);
    for (size_t i = 0; i < n; i++) {
        double *const gradient[3] = {p->gradient[0] + i, p->gradient[1] + i, p->gradient[2] + i};
        forms_at(b, w->q[i], w->kinetic[i], n, p->form + i, gradient);
    }
    return p;
}

void projection_free(struct projection *p)
{
    if (!p)
        return;
    free(p->form);
    for (int x = 0; x < 3; x++)
        free(p->gradient[x]);
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

/* field[gradient, function][size] = sum_n u[gradient][n][function] psi_n for one atom */
static void collect(const struct projection *p, int count, int orbitals, const double *orbital,
                    const double *u, int row, double *field)
{
    const int functions = p->basis->functions, all = count * functions;
    double *m = MEM_RAW(double, (size_t)all *orbitals);
    for (int f = 0; f < all; f++)
        for (int n = 0; n < orbitals; n++)
            m[(size_t)f * orbitals + n] =
                u[(size_t)(f / functions * orbitals + n) * row + f % functions];
    block_combine(&p->block, 1, orbitals, orbital, all, m, orbitals, 0, field);
    free(m);
}

/* What <field|chi> of one atom and its derivatives need of each wave, summed over functions. */
struct sums {
    double *re, *im; /* of the phase */
    double *along;   /* -Im <field|chi> form */
    double *norm;    /* Re */
    double *form[3]; /* Re with d form/dq */
};

/* Function f of shell degree l: chi = (-i)^l phase form */
static void sum_function(const struct projection *p, int f, int l, const double *field,
                         struct sums *s)
{
    const size_t n = p->waves->n;
    const double *form = p->form + f * n;
    const double sign_re = l % 4 < 2 ? 1 : -1, sign_im = l % 4 == 0 || l % 4 == 3 ? 1 : -1;
    const double *re = l % 2 ? s->im : s->re, *im = l % 2 ? s->re : s->im;
    const double *gx = p->gradient[0] + f * n, *gy = p->gradient[1] + f * n,
                 *gz = p->gradient[2] + f * n;
    for (size_t i = 0; i < n; i++) {
        const double xr = sign_re * re[i], xi = sign_im * im[i];
        const double in = xr * field[2 * i] + xi * field[2 * i + 1];
        s->along[i] += form[i] * (xi * field[2 * i] - xr * field[2 * i + 1]);
        s->norm[i] += form[i] * in;
        s->form[0][i] += gx[i] * in;
        s->form[1][i] += gy[i] * in;
        s->form[2][i] += gz[i] * in;
    }
}

/* chi -> -i q_x chi for the nucleus; for the strain q -> (1 - strain) q with q.r fixed, and V^-1/2. */
static void sum_waves(const struct projection *p, const struct sums *s, double gradient[3],
                      double strain[3][3])
{
    for (int i = 0; i < p->waves->n; i++) {
        const double *q = p->waves->q[i];
        for (int a = 0; a < 3; a++) {
            gradient[a] += q[a] * s->along[i];
            strain[a][a] -= 0.5 * s->norm[i];
            for (int c = 0; c < 3; c++)
                strain[a][c] -= s->form[a][i] * q[c];
        }
    }
}

/* <field|chi> of one atom differentiated, the phases in s->re and im */
static void atom_gradient(const struct projection *p, const double *field, struct sums *s,
                          double gradient[3], double strain[3][3])
{
    const struct basis *b = p->basis;
    memset(s->along, 0, 5 * (size_t)p->waves->n * sizeof *s->along);
    for (int k = 0, f = 0; k < b->shells; k++)
        for (int m = 0; m < 2 * b->shell[k].l + 1; m++, f++)
            sum_function(p, f, b->shell[k].l, field + (size_t)f * p->waves->size, s);
    sum_waves(p, s, gradient, strain);
}

static void phases(const struct projection *p, const double r[3], struct sums *s)
{
    for (int i = 0; i < p->waves->n; i++) {
        const double complex z = phase(p, i, r);
        s->re[i] = creal(z);
        s->im[i] = cimag(z);
    }
}

static struct sums sums_in(double *room, size_t n)
{
    return (struct sums){
        room, room + n, room + 2 * n, room + 3 * n, {room + 4 * n, room + 5 * n, room + 6 * n}};
}

void projection_gradient(const struct projection *p, const struct system *y, int count,
                         int orbitals, const double *orbital, const double *u,
                         double (*gradient)[3], double (*strain)[3][3])
{
    const int functions = p->basis->functions, row = y->n * functions;
    const size_t n = p->waves->n, block = (size_t)functions * p->waves->size;
    double(*part)[3][3] = mem_new(count * y->n, sizeof *part);
#pragma omp parallel for schedule(static)
    for (int a = 0; a < y->n; a++) {
        double *field = MEM_RAW(double, count *block), *room = MEM_RAW(double, 7 * n);
        struct sums s = sums_in(room, n);
        collect(p, count, orbitals, orbital, u + a * functions, row, field);
        phases(p, y->pos[a], &s);
        for (int k = 0; k < count; k++)
            atom_gradient(p, field + k * block, &s, gradient[k * y->n + a], part[k * y->n + a]);
        free(field);
        free(room);
    }
    for (int k = 0; k < count; k++)
        for (int a = 0; a < y->n; a++)
            for (int t = 0; t < 9; t++)
                strain[k][t / 3][t % 3] += part[k * y->n + a][t / 3][t % 3];
    free(part);
}
