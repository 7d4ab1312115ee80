/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bloch sums of diffuse shells in rectangular cells. A Gaussian factorises, its lattice sum is a product
 * of three one-dimensional sums, and each is short in Fourier space when it is long in real space
 * (Poisson's formula, w = 2 pi (j + k) / L):
 *
 *   sum_t cos(2 pi k t) exp(-a (x + t L)^2) = sqrt(pi/a)/L sum_j exp(-w_j^2/4a) cos(w_j x).
 *
 * cos(w (x - X)) = cos wx cos wX + sin wx sin wX makes the sums for all atoms X at once a small matrix
 * product, with derivatives at the price of more rows. The solid harmonics are derivatives too:
 *
 *   S_lm(r) exp(-a r^2) = (-1/2a)^l S_lm(d/dr) exp(-a r^2)   (Hobson's theorem).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "basis/ao_parts.h"

enum { LANES = 4, ORDERS = AO_FOURIER_ORDERS, TERMS = 3 * SOLID_TERMS, LEVELS = 4 };

typedef double lanes __attribute__((vector_size(8 * LANES), aligned(8)));

struct term {
    double c;
    int order[3]; /* of the derivatives along x, y, z */
};

/* The functions of a shell as sums of derivatives: of function m of quantity q those from
 * first[q (2 l + 1) + m] on. */
struct recipe {
    int first[AO_THIRD * AO_MAX_M + 1];
    struct term *term;
};

static const double cut = 1e-12; /* of exp(-w^2/4a) */

struct ao_fourier {
    int padded; /* atoms, up to a multiple of LANES */
    int most;   /* frequencies in the tables */
    double length[3];
    bool used[3][2];     /* is there a k with component 0, 1/2 */
    double *table[3][2]; /* [2 most][padded]: cos w_j X, sin w_j X of the atoms */
    /* [shell][primitive][axis][half][most]: sqrt(pi/a)/L exp(-w^2/4a) (2), and along x besides the
     * coefficient and (-1/2a)^l */
    double *weight;
    int primitives; /* the most that a shell has */
    int recipes;
    struct recipe *recipe; /* [shell][level] */
};

static double frequency(const struct ao_fourier *f, int axis, int half, int j)
{
    return 2 * M_PI * (j + 0.5 * half) / f->length[axis];
}

/* Frequencies that a primitive needs along an axis. */
static int frequencies(const struct ao_fourier *f, int axis, double a)
{
    return (int)ceil(sqrt(-4 * a * log(cut)) * f->length[axis] / (2 * M_PI)) + 1;
}

/*
 * Cycles for one point with Laplacian, either way; constants fitted to measurements. In real space they
 * go with the number of images, here with the number of atoms.
 */
static bool cheaper(const struct ao *a, const struct ao_fourier *f, const struct ao_shell *s)
{
    double volume = f->length[0] * f->length[1] * f->length[2];
    double images = a->atoms / volume * 4 * M_PI / 3 * pow(s->cutoff2, 1.5);
    int width = 2 * s->l + 1;
    double direct = images * (14 + 6 * s->primitives + 10 * width), fourier = 0;
    for (int p = 0; p < s->primitives; p++)
        for (int x = 0; x < 3; x++)
            fourier += 2 * frequencies(f, x, s->exponent[p]) * (s->l + 3) * 0.3;
    fourier = a->atoms * (fourier + s->primitives * width * 16);
    return fourier < direct;
}

static void fill_table(const struct ao *a, struct ao_fourier *f, int axis, int half)
{
    double *t = MEM_NEW(double, (size_t)(2 * f->most) * (size_t)f->padded);
    for (int j = 0; j < f->most; j++)
        for (int i = 0; i < a->atoms; i++) {
            double angle = frequency(f, axis, half, j) * a->system->pos[i][axis];
            t[2 * j * f->padded + i] = cos(angle);
            t[(2 * j + 1) * f->padded + i] = sin(angle);
        }
    f->table[axis][half] = t;
}

static double *weight_of(const struct ao_fourier *f, int shell, int p, int axis, int half)
{
    size_t at = (size_t)(((shell * f->primitives + p) * 3 + axis) * 2 + half);
    return f->weight + at * (size_t)f->most;
}

static void fill_weights(const struct ao *a, struct ao_fourier *f)
{
    for (int s = 0; s < a->shells; s++)
        f->primitives =
            a->shell[s].primitives > f->primitives ? a->shell[s].primitives : f->primitives;
    f->weight = MEM_NEW(double, (size_t)(a->shells * f->primitives * 6) * (size_t)f->most);
    for (int s = 0; s < a->shells; s++)
        for (int p = 0; a->shell[s].fourier && p < a->shell[s].primitives; p++)
            for (int i = 0; i < 6 * f->most; i++) {
                int j = i / 6, axis = i % 6 / 2, half = i % 2;
                double w = frequency(f, axis, half, j), e = a->shell[s].exponent[p];
                double scale = a->shell[s].coefficient[p] * pow(-2 * e, -a->shell[s].l);
                weight_of(f, s, p, axis, half)[j] = sqrt(M_PI / e) / f->length[axis] *
                                                    exp(-w * w / (4 * e)) * (w > 0 ? 2 : 1) *
                                                    (axis ? 1 : scale);
            }
}

/* The quantities of ao.h as sums of derivatives: how many, and along which axes. */
static int quantity(enum ao_level level, int q, int add[3][3])
{
    static const int pairs[6][2] = {{0, 0}, {0, 1}, {0, 2}, {1, 1}, {1, 2}, {2, 2}};
    memset(add, 0, 9 * sizeof(int));
    if (q >= 1 && q <= 3)
        add[0][q - 1] = 1;
    if (q < 4)
        return 1;
    if (level == AO_THIRD && q < 10) {
        add[0][pairs[q - 4][0]]++;
        add[0][pairs[q - 4][1]]++;
        return 1;
    }
    for (int i = 0; i < 3; i++) { /* the Laplacian, or its gradient */
        add[i][i] = 2;
        if (level == AO_THIRD)
            add[i][q - 10]++;
    }
    return 3;
}

static int list_terms(const struct polynomial *s, enum ao_level level, int q, struct term *term)
{
    int add[3][3], n = quantity(level, q, add), count = 0;
    for (int i = 0; i < n; i++)
        for (int t = 0; t < s->terms; t++, count++) {
            term[count].c = s->c[t];
            for (int x = 0; x < 3; x++)
                term[count].order[x] = s->power[t][x] + add[i][x];
        }
    return count;
}

static int level_index(enum ao_level level)
{
    return level == AO_VALUE ? 0 : level == AO_GRADIENT ? 1 : level == AO_LAPLACIAN ? 2 : 3;
}

static void write_recipe(const struct ao_shell *s, enum ao_level level, struct recipe *r)
{
    int width = 2 * s->l + 1;
    r->term = MEM_NEW(struct term, (int)level * width * TERMS);
    for (int i = 0; i < (int)level * width; i++)
        r->first[i + 1] =
            r->first[i] + list_terms(&s->s[i % width], level, i / width, r->term + r->first[i]);
}

static void write_recipes(const struct ao *a, struct ao_fourier *f)
{
    static const enum ao_level level[LEVELS] = {AO_VALUE, AO_GRADIENT, AO_LAPLACIAN, AO_THIRD};
    f->recipe = mem_new((size_t)a->shells * LEVELS, sizeof *f->recipe);
    for (int i = 0; i < a->shells * LEVELS; i++)
        if (a->shell[i / LEVELS].fourier)
            write_recipe(&a->shell[i / LEVELS], level[i % LEVELS], &f->recipe[i]);
    f->recipes = a->shells * LEVELS;
}

void ao_fourier_new(struct ao *a)
{
    struct ao_fourier *f = MEM_NEW(struct ao_fourier, 1);
    bool any = false;
    for (int i = 0; i < 3; i++)
        for (int x = 0; x < 3; x++) {
            if (!a->periodic || (i != x && a->system->cell[i][x] != 0)) {
                free(f);
                return;
            }
            f->length[i] = fabs(a->system->cell[i][i]);
        }
    f->padded = (a->atoms + LANES - 1) / LANES * LANES;
    for (int s = 0; s < a->shells; s++) {
        a->shell[s].fourier = cheaper(a, f, &a->shell[s]);
        any |= a->shell[s].fourier;
        for (int p = 0; a->shell[s].fourier && p < a->shell[s].primitives; p++)
            for (int x = 0; x < 3; x++) {
                int n = frequencies(f, x, a->shell[s].exponent[p]);
                f->most = n > f->most ? n : f->most;
            }
    }
    for (int k = 0; k < a->nk; k++)
        for (int x = 0; x < 3; x++)
            f->used[x][a->given[k][x] & 1] = true;
    for (int x = 0; x < 3; x++)
        for (int half = 0; any && half < 2; half++)
            if (f->used[x][half])
                fill_table(a, f, x, half);
    fill_weights(a, f);
    write_recipes(a, f);
    a->fourier = f;
}

void ao_fourier_free(struct ao_fourier *f)
{
    for (int x = 0; f && x < 3; x++)
        for (int half = 0; half < 2; half++)
            free(f->table[x][half]);
    if (!f)
        return;
    for (int i = 0; i < f->recipes; i++)
        free(f->recipe[i].term);
    free(f->recipe);
    free(f->weight);
    free(f);
}

/* cos and sin of w_j x, j < most, by the angle addition; [2 j], [2 j + 1] */
static void point_phases(const struct ao_fourier *f, int axis, int half, double x, double *out)
{
    double step = 2 * M_PI / f->length[axis] * x, c = cos(step), s = sin(step);
    double re = half ? cos(0.5 * step) : 1, im = half ? sin(0.5 * step) : 0;
    for (int j = 0; j < f->most; j++) {
        out[2 * j] = re;
        out[2 * j + 1] = im;
        double next = re * c - im * s;
        im = re * s + im * c;
        re = next;
    }
}

/* d[order][padded] = the derivatives of the one-dimensional sum at x - X for all atoms X; uv: what cos and
 * sin of each frequency and order are multiplied by. A known number of orders keeps the sums in registers. */
static inline __attribute__((always_inline)) void one_axis_of(int orders, int padded, int n,
                                                              const double *table,
                                                              const double (*uv)[ORDERS][2],
                                                              double *restrict d)
{
    for (int i = 0; i < padded; i += LANES) {
        lanes sum[ORDERS] = {{0}};
        const double *t = table + i;
        for (int j = 0; j < n; j++, t += 2 * padded) {
            lanes cosine = *(const lanes *)t, sine = *(const lanes *)(t + padded);
            for (int order = 0; order < orders; order++)
                sum[order] += uv[j][order][0] * cosine + uv[j][order][1] * sine;
        }
        for (int order = 0; order < orders; order++)
            *(lanes *)(d + order * padded + i) = sum[order];
    }
}

static void one_axis(const struct ao_fourier *f, int axis, int half, int n, const double *weight,
                     const double *phase, int orders, double (*uv)[ORDERS][2], double *d)
{
    const double *table = f->table[axis][half];
    for (int j = 0; j < n; j++) {
        double w = frequency(f, axis, half, j);
        double u = weight[j] * phase[2 * j], v = weight[j] * phase[2 * j + 1];
        for (int order = 0; order < orders; order++) {
            uv[j][order][0] = u;
            uv[j][order][1] = v;
            double next = -w * v; /* d/dx of (cos, sin) = w (-sin, cos) */
            v = w * u;
            u = next;
        }
    }
    const double(*c)[ORDERS][2] = (const double(*)[ORDERS][2])uv;
    if (orders == 3)
        one_axis_of(3, f->padded, n, table, c, d);
    else if (orders == 4)
        one_axis_of(4, f->padded, n, table, c, d);
    else if (orders == 5)
        one_axis_of(5, f->padded, n, table, c, d);
    else
        one_axis_of(orders, f->padded, n, table, c, d);
}

/* sum_t c_t dx dy dz into the functions of all atoms */
static void combine(const struct ao *a, const struct term *term, const struct term *end,
                    const double *const axis[3], double *to)
{
    int padded = a->fourier->padded;
    for (int i = 0; i < padded; i += LANES) {
        lanes sum = {0};
        for (const struct term *t = term; t < end; t++)
            sum += t->c * *(const lanes *)(axis[0] + t->order[0] * padded + i) *
                   *(const lanes *)(axis[1] + t->order[1] * padded + i) *
                   *(const lanes *)(axis[2] + t->order[2] * padded + i);
        for (int lane = 0; lane < LANES && i + lane < a->atoms; lane++)
            to[(i + lane) * a->per_atom] += sum[lane];
    }
}

size_t ao_fourier_scratch(const struct ao *a)
{
    const struct ao_fourier *f = a->fourier;
    return f ? (size_t)f->padded * 6 * ORDERS + (size_t)f->most * (12 + 2 * ORDERS) : 0;
}

static void one_primitive(const struct ao *a, int shell, int p, enum ao_level level, double *work,
                          size_t step, double *out)
{
    const struct ao_fourier *f = a->fourier;
    const struct ao_shell *s = &a->shell[shell];
    int orders = s->l + (level == AO_VALUE      ? 1
                         : level == AO_GRADIENT ? 2
                         : level == AO_THIRD    ? 4
                                                : 3);
    const struct recipe *recipe = &f->recipe[shell * LEVELS + level_index(level)];
    int width = 2 * s->l + 1;
    double *axis[3][2], *phase = work + 6 * ORDERS * f->padded;
    double(*uv)[ORDERS][2] = (double(*)[ORDERS][2])(phase + 12 * f->most);
    for (int x = 0; x < 3; x++)
        for (int half = 0; half < 2; half++) {
            axis[x][half] = work + (2 * x + half) * ORDERS * f->padded;
            if (f->used[x][half])
                one_axis(f, x, half, frequencies(f, x, s->exponent[p]),
                         weight_of(f, shell, p, x, half), phase + (2 * x + half) * 2 * f->most,
                         orders, uv, axis[x][half]);
        }
    for (int k = 0; k < a->nk; k++) {
        const int *twice = a->given[k];
        const double *const at[3] = {axis[0][twice[0] & 1], axis[1][twice[1] & 1],
                                     axis[2][twice[2] & 1]};
        double *to = out + (size_t)(k * (int)level) * step + s->offset;
        for (int q = 0, i = 0; q < (int)level; q++, to += step)
            for (int m = 0; m < width; m++, i++)
                combine(a, recipe->term + recipe->first[i], recipe->term + recipe->first[i + 1], at,
                        to + m);
    }
}

void ao_fourier_eval(const struct ao *a, enum ao_level level, const double r[3], double *work,
                     size_t step, double *out)
{
    const struct ao_fourier *f = a->fourier;
    if (!f || !f->most)
        return;
    double *phase = work + 6 * ORDERS * f->padded;
    for (int x = 0; x < 3; x++)
        for (int half = 0; half < 2; half++)
            if (f->used[x][half])
                point_phases(f, x, half, r[x], phase + (2 * x + half) * 2 * f->most);
    for (int i = 0; i < a->shells; i++)
        for (int p = 0; a->shell[i].fourier && p < a->shell[i].primitives; p++)
            one_primitive(a, i, p, level, work, step, out);
}

int ao_fourier_padded(const struct ao *a)
{
    return a->fourier->padded;
}

int ao_fourier_phases(const struct ao *a)
{
    return (6 + 2 * ORDERS) * a->fourier->most;
}

void ao_fourier_point(const struct ao *a, const double r[3], double *phase)
{
    const struct ao_fourier *f = a->fourier;
    for (int x = 0; x < 3; x++)
        point_phases(f, x, a->given[0][x] & 1, r[x], phase + (size_t)(2 * x) * (size_t)f->most);
}

void ao_fourier_axes(const struct ao *a, int shell, int primitive, int orders, double *phase,
                     double *d)
{
    const struct ao_fourier *f = a->fourier;
    double(*uv)[ORDERS][2] = (double(*)[ORDERS][2])(void *)(phase + 6 * (size_t)f->most);
    for (int x = 0; x < 3; x++) {
        int half = a->given[0][x] & 1;
        one_axis(f, x, half, frequencies(f, x, a->shell[shell].exponent[primitive]),
                 weight_of(f, shell, primitive, x, half), phase + (size_t)(2 * x) * (size_t)f->most,
                 orders, uv, d + (size_t)(x * ORDERS) * (size_t)f->padded);
    }
}
