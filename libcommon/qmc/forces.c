/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "basis/ao_contract.h"
#include "maths/linalg.h"
#include "qmc/coulomb_gradient.h"
#include "qmc/forces.h"
#include "qmc/scratch.h"
#include "qmc/warp.h"

#define POINTS 64 /* electrons whose orbitals are contracted together, about */

struct forces {
    const struct wavefunction *psi;
    struct forces_settings settings;
    struct ao_contract **contract; /* [twist] */
    struct coulomb_gradient *coulomb;
    struct images images;
    int atoms, electrons;
    struct controls *controls; /* NULL: none */
    double coefficient[CONTROLS];
};

struct forces_scratch {
    int group;            /* walkers at a time */
    double *inverse, *x;  /* [point][orbital] */
    double *q, *qx;       /* [function][point] */
    double *b, *m, *row;  /* n n for one determinant */
    double (*jastrow)[3]; /* [point], grad J */
    struct ao_contract_sums sums;
    struct jastrow_differential d;
    struct jastrow_work *work;
    double (*potential)[3]; /* [electrons + atoms] */
    double *coulomb;
    double (*electron)[3];       /* dE_L/dr */
    double *weight, (*slope)[3]; /* [atom] */
    double *warp_a, *warp_b;     /* [3 per atom] */
    struct controls_work *controls;
};

struct forces *forces_new(const struct wavefunction *psi, const struct basis *basis,
                          const double kpoint[][3], const struct forces_settings *settings,
                          struct err *err)
{
    struct forces *f = MEM_NEW(struct forces, 1);
    f->psi = psi;
    f->settings = *settings;
    f->atoms = psi->system->n;
    f->electrons = psi->electrons;
    f->contract = mem_new((size_t)psi->twists, sizeof *f->contract);
    for (int t = 0; t < psi->twists; t++)
        if (!(f->contract[t] = ao_contract_new(psi->system, basis, kpoint[t], err))) {
            forces_free(f);
            return NULL;
        }
    f->coulomb = coulomb_gradient_new(psi->system, psi->electrons);
    images_start(&f->images, psi->system);
    if (settings->controls && !settings->bare && !settings->no_pulay && f->atoms > 1)
        f->controls = controls_new(psi->system, settings->warp);
    return f;
}

void forces_free(struct forces *f)
{
    if (!f)
        return;
    for (int t = 0; t < f->psi->twists; t++)
        ao_contract_free(f->contract[t]);
    free(f->contract);
    coulomb_gradient_free(f->coulomb);
    controls_free(f->controls);
    free(f);
}

int forces_components(const struct forces *f)
{
    return 3 * f->atoms + 9;
}

struct forces_scratch *forces_scratch_new(const struct forces *f, int n)
{
    struct forces_scratch *s = MEM_NEW(struct forces_scratch, 1);
    int e = f->electrons, a = f->atoms, o = f->psi->orbitals;
    s->group = POINTS / e < 1 ? 1 : POINTS / e < n ? POINTS / e : n;
    int points = s->group * e;
    s->inverse = MEM_NEW(double, points *o);
    s->x = MEM_NEW(double, points *o);
    s->q = mem_new((size_t)points * f->psi->functions, sizeof(double));
    s->qx = mem_new((size_t)points * f->psi->functions, sizeof(double));
    s->b = MEM_NEW(double, o *o);
    s->m = MEM_NEW(double, o *o);
    s->row = MEM_NEW(double, o *o);
    s->jastrow = mem_new((size_t)points, sizeof *s->jastrow);
    s->sums.l = mem_new((size_t)points * a, sizeof *s->sums.l);
    s->sums.e = mem_new((size_t)points * a, sizeof *s->sums.e);
    s->sums.l_strain = mem_new((size_t)points, sizeof *s->sums.l_strain);
    s->sums.e_strain = mem_new((size_t)points, sizeof *s->sums.e_strain);
    s->d.value_electron = mem_new((size_t)e, sizeof *s->d.value_electron);
    s->d.energy_electron = mem_new((size_t)e, sizeof *s->d.energy_electron);
    s->d.value_nucleus = mem_new((size_t)a, sizeof *s->d.value_nucleus);
    s->d.energy_nucleus = mem_new((size_t)a, sizeof *s->d.energy_nucleus);
    s->potential = mem_new((size_t)(e + a), sizeof *s->potential);
    s->coulomb = MEM_NEW(double, coulomb_gradient_scratch(f->coulomb));
    s->electron = mem_new((size_t)e, sizeof *s->electron);
    s->weight = MEM_NEW(double, a);
    if (f->psi->jastrow)
        s->work = jastrow_work_new(f->psi->jastrow, 1);
    s->slope = mem_new((size_t)a, sizeof *s->slope);
    s->warp_a = MEM_NEW(double, 3 * a);
    s->warp_b = MEM_NEW(double, 3 * a);
    if (f->controls)
        s->controls = controls_work_new(f->controls);
    return s;
}

void forces_scratch_free(struct forces_scratch *s)
{
    if (!s)
        return;
    jastrow_work_free(s->work);
    controls_work_free(s->controls);
    void *all[] = {s->inverse,
                   s->x,
                   s->q,
                   s->qx,
                   s->b,
                   s->m,
                   s->row,
                   s->jastrow,
                   s->sums.l,
                   s->sums.e,
                   s->sums.l_strain,
                   s->sums.e_strain,
                   s->d.value_electron,
                   s->d.energy_electron,
                   s->d.value_nucleus,
                   s->d.energy_nucleus,
                   s->potential,
                   s->coulomb,
                   s->electron,
                   s->weight,
                   s->slope,
                   s->warp_a,
                   s->warp_b,
                   s};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        free(all[k]);
}

/* Rows of A^-1 and of X = A^-1 B A^-1 (both transposed: [electron][orbital]) of one determinant of
 * walker k, into the places of its electrons; unused orbitals stay zero. */
static void determinant(const struct forces *f, struct forces_scratch *s, const struct walkers *w,
                        int k, int spin, int point)
{
    const struct wavefunction *psi = f->psi;
    int n = spin ? psi->down : psi->up, first = spin ? psi->up : 0, o = psi->orbitals;
    const double *inverse = walkers_inverse(w, k, spin);
    if (!n)
        return;
    for (int i = 0; i < n; i++) {
        const double *phi = w->orbital + ((size_t)k * psi->electrons + first + i) * 5 * o;
        const double *g = s->jastrow[point + first + i];
        for (int j = 0; j < n; j++)
            s->b[i * n + j] = -0.5 * phi[4 * o + j] - g[0] * phi[o + j] - g[1] * phi[2 * o + j] -
                              g[2] * phi[3 * o + j];
    }
    linalg_gemm(LINALG_N, LINALG_T, n, n, n, 1, s->b, inverse, 0, s->m);
    linalg_gemm(LINALG_T, LINALG_N, n, n, n, 1, s->m, inverse, 0, s->row);
    for (int i = 0; i < n; i++) {
        size_t at = (size_t)(point + first + i) * o, size = (size_t)n * sizeof(double);
        memset(s->inverse + at, 0, (size_t)o * sizeof(double));
        memset(s->x + at, 0, (size_t)o * sizeof(double));
        memcpy(s->inverse + at, inverse + i * n, size);
        memcpy(s->x + at, s->row + i * n, size);
    }
}

/* Everything that orbitals give, for walkers first .. first+count-1: s->sums. */
static void orbital_part(const struct forces *f, struct forces_scratch *s, const struct walkers *w,
                         int first, int count)
{
    const struct wavefunction *psi = f->psi;
    int points = count * f->electrons;
    size_t at = (size_t)first * f->electrons;
    const double *c = psi->coefficient[w->twist];
    for (int p = 0; p < points; p++)
        for (int x = 0; x < 3; x++)
            s->jastrow[p][x] = w->velocity[at + p][x] - w->slater[at + p][x];
    for (int k = 0; k < count; k++)
        for (int spin = 0; spin < 2; spin++)
            determinant(f, s, w, first + k, spin, k * f->electrons);
    linalg_gemm(LINALG_T, LINALG_T, psi->functions, points, psi->orbitals, 1, c, s->inverse, 0,
                s->q);
    linalg_gemm(LINALG_T, LINALG_T, psi->functions, points, psi->orbitals, 1, c, s->x, 0, s->qx);
    ao_contract_eval(f->contract[w->twist], points, (const double(*)[3])w->pos + at,
                     (const double(*)[3])s->jastrow, s->q, s->qx, &s->sums);
}

/* Derivatives with respect to the nuclei, and into s->electron those of E_L with respect to electrons. */
static void join_parts(const struct forces *f, struct forces_scratch *s, int point, double a[],
                       double b[])
{
    const struct jastrow_differential *d = &s->d;
    for (int i = 0; i < f->electrons; i++)
        for (int x = 0; x < 3; x++)
            s->electron[i][x] = d->energy_electron[i][x] + s->potential[i][x];
    for (int n = 0; n < f->atoms; n++)
        for (int x = 0; x < 3; x++) {
            a[3 * n + x] = d->energy_nucleus[n][x] + s->potential[f->electrons + n][x];
            b[3 * n + x] = d->value_nucleus[n][x];
        }
    for (int i = 0; i < f->electrons; i++)
        for (int n = 0; n < f->atoms; n++) {
            const double *e = s->sums.e[(size_t)(point + i) * f->atoms + n];
            const double *l = s->sums.l[(size_t)(point + i) * f->atoms + n];
            for (int x = 0; x < 3; x++) {
                s->electron[i][x] += e[x];
                a[3 * n + x] -= e[x];
                b[3 * n + x] -= l[x];
            }
        }
    for (int n = 0; f->settings.bare && n < f->atoms; n++)
        memcpy(a + 3 * n, s->potential[f->electrons + n], sizeof(double[3]));
}

/* A and B of the warp, into s->warp_a and s->warp_b */
static void warp_part(const struct forces *f, struct forces_scratch *s, const double pos[][3],
                      const double velocity[][3])
{
    size_t size = 3 * (size_t)f->atoms * sizeof(double);
    memset(s->warp_a, 0, size);
    memset(s->warp_b, 0, size);
    for (int i = 0; f->settings.warp && i < f->electrons; i++) {
        warp_weights(&f->images, f->atoms, (const double(*)[3])f->psi->system->pos, pos[i],
                     s->weight, s->slope);
        for (int n = 0; n < f->atoms; n++)
            for (int x = 0; x < 3; x++) {
                s->warp_a[3 * n + x] += s->weight[n] * s->electron[i][x];
                s->warp_b[3 * n + x] += s->weight[n] * velocity[i][x] + 0.5 * s->slope[n][x];
            }
    }
}

static void strain_part(const struct forces *f, const struct forces_scratch *s, int point,
                        const double potential[3][3], double a[9], double b[9])
{
    for (int t = 0; t < 9; t++) {
        a[t] = s->d.energy_strain[t / 3][t % 3] + potential[t / 3][t % 3];
        b[t] = s->d.value_strain[t / 3][t % 3];
        for (int i = 0; i < f->electrons; i++) {
            a[t] += s->sums.e_strain[point + i][t];
            b[t] += s->sums.l_strain[point + i][t];
        }
    }
}

static void clear_jastrow(const struct forces *f, struct jastrow_differential *d)
{
    size_t e = (size_t)f->electrons * sizeof(double[3]), a = (size_t)f->atoms * sizeof(double[3]);
    memset(d->value_electron, 0, e);
    memset(d->energy_electron, 0, e);
    memset(d->value_nucleus, 0, a);
    memset(d->energy_nucleus, 0, a);
    memset(d->value_strain, 0, sizeof d->value_strain);
    memset(d->energy_strain, 0, sizeof d->energy_strain);
}

static void one_walker(const struct forces *f, struct forces_scratch *s, const struct walkers *w,
                       int k, int point, double a[], double b[])
{
    const double(*pos)[3] = (const double(*)[3])w->pos + (size_t)k * f->electrons;
    const double(*velocity)[3] = (const double(*)[3])w->velocity + (size_t)k * f->electrons;
    double strain[3][3];
    if (f->psi->jastrow)
        jastrow_differential(f->psi->jastrow, s->work, pos, velocity, &s->d);
    else
        clear_jastrow(f, &s->d);
    coulomb_gradient_eval(f->coulomb, pos, s->coulomb, s->potential, strain);
    join_parts(f, s, point, a, b);
    warp_part(f, s, pos, velocity);
    int m = 3 * f->atoms;
    for (int c = 0; c < m; c++) {
        a[c] += s->warp_a[c];
        b[c] += s->warp_b[c];
    }
    if (f->controls)
        controls_measure(f->controls, s->controls,
                         &(struct controls_electrons){f->electrons, pos,
                                                      (const double(*)[3])s->electron, velocity,
                                                      s->warp_a, s->warp_b});
    memset(a + m, 0, 9 * sizeof(double));
    memset(b + m, 0, 9 * sizeof(double));
    if (f->images.periodic)
        strain_part(f, s, point, (const double(*)[3])strain, a + m, b + m);
}

/* 1/d^2 of one determinant = (sum_i |grad_i ln D|^8)^(1/4) */
static double nearness(int n, const double gradient[][3])
{
    double sum = 0;
    for (int i = 0; i < n; i++) {
        const double *g = gradient[i], square = g[0] * g[0] + g[1] * g[1] + g[2] * g[2];
        sum += square * square * square * square;
    }
    return sqrt(sqrt(sum));
}

double forces_damping(double near)
{
    const double x2 = 1 / near;
    return near > 1 ? x2 * (20 + x2 * (-70 + x2 * (84 - 33 * x2))) : 1;
}

/* f of walker k, for epsilon and twice that */
static void damping(const struct forces *f, const struct walkers *w, int k, double regular[2])
{
    const double(*g)[3] = (const double(*)[3])w->slater + (size_t)k * f->electrons;
    const double up = nearness(f->psi->up, g), down = nearness(f->psi->down, g + f->psi->up);
    for (int twice = 0; twice < 2; twice++) {
        const double epsilon = (1 + twice) * f->settings.epsilon, square = epsilon * epsilon;
        regular[twice] = forces_damping(square * up) * forces_damping(square * down);
    }
}

void forces_measure(const struct forces *f, struct forces_scratch *s, const struct walkers *w,
                    double a[], double b[], double regular[][2])
{
    int size = forces_components(f);
    for (int first = 0; first < w->n; first += s->group) {
        int count = w->n - first < s->group ? w->n - first : s->group;
        orbital_part(f, s, w, first, count);
        for (int k = 0; k < count; k++) {
            size_t at = (size_t)(first + k) * size;
            one_walker(f, s, w, first + k, k * f->electrons, a + at, b + at);
            if (f->controls)
                controls_add(f->controls, s->controls, f->coefficient, a + at, b + at);
        }
    }
    for (int k = 0; k < w->n; k++)
        damping(f, w, k, regular[k]);
    if (f->settings.no_pulay)
        memset(b, 0, (size_t)w->n * (size_t)size * sizeof *b);
}

const struct controls *forces_controls(const struct forces *f)
{
    return f->controls;
}

double *forces_coefficients(struct forces *f)
{
    return f->coefficient;
}

void forces_learn(const struct forces *f, struct forces_scratch *s, const struct walkers *w,
                  double energy0, double sums[])
{
    double *a = MEM_NEW(double, forces_components(f)), *b = MEM_NEW(double, forces_components(f));
    for (int first = 0; first < w->n; first += s->group) {
        int count = w->n - first < s->group ? w->n - first : s->group;
        orbital_part(f, s, w, first, count);
        for (int k = 0; k < count; k++) {
            double regular[2];
            one_walker(f, s, w, first + k, k * f->electrons, a, b);
            damping(f, w, first + k, regular);
            if (regular[0] < 1) /* a few large numbers would decide */
                continue;
            controls_learn(f->controls, s->controls,
                           &(struct controls_target){a, b, w->energy[first + k] - energy0}, sums);
        }
    }
    free(a);
    free(b);
}
