/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/controls.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "maths/linalg.h"
#include "qmc/images.h"

/* alpha_k = SLOWEST 3^k, bohr^-2: from a cloud around a proton to the inside of its cusp. Of these and 2, 4 and 5 others,
 * of other cut-offs and decays, none left less than a hundredth less of the variance. */
enum { RADIAL = 4 };
#define SLOWEST 0.25
#define CUTOFF 5.0  /* bohr, c at most; in a cell not more than its inradius */
#define PARTNER 4.0 /* bohr, H = exp(-DECAY R^2) (1 - R^2/PARTNER^2)^3 */
#define DECAY 0.6   /* bohr^-2 */
#define CAUTION \
    4.0 /* ridge in units of coefficients per row: rows of one sample are not independent */

/* Columns: A of the fields, B of the same fields, B about neighbours. */
enum { FIELDS = 1 + 2 * RADIAL, NEIGHBOURS = 2 * FIELDS, KINDS = 5 };
enum { FORCE = CONTROLS, SLOPE, ROW }; /* f x and f b of the force itself, x = a + 2 E b */
/* Sums: products of rows; for every component, rows times f E and times f; at last: samples and sums of */
enum { SUM_SAMPLES, SUM_FF, SUM_FFE, SUM_FFEE, SUM_MORE };

_Static_assert(NEIGHBOURS + KINDS * RADIAL == CONTROLS, "columns");

struct partner {
    int atom;
    double weight, direction[3];
};

struct controls {
    const struct system *system;
    struct images images;
    int atoms;
    bool warp;
    double cutoff;
    int *first; /* [atoms + 1], into partner */
    struct partner *partner;
};

/* sums over electrons about one nucleus, [..][k]; symmetric matrices xx yy zz yz xz xy */
struct moment {
    double pa[3][RADIAL];                /* g dE_L/dr */
    double qa[3][RADIAL];                /* g d (d . dE_L/dr) */
    double pb[3][RADIAL], qb[3][RADIAL]; /* B of g x and g d_x d */
    double mb[6][RADIAL];                /* B of g d_y z, symmetrised */
};

struct controls_work {
    struct moment *moment; /* [atom] */
    double *d[3];          /* [atom], of one electron */
    double *row;           /* [component][CONTROLS] */
    double *x;             /* [component][ROW] */
};

/* *partner NULL: count only */
static int find_partners(const struct controls *c, int atom, struct partner partner[])
{
    const double(*pos)[3] = (const double(*)[3])c->system->pos;
    int n = 0;
    for (int j = 0; j < c->atoms; j++) {
        double d[3] = {pos[j][0] - pos[atom][0], pos[j][1] - pos[atom][1],
                       pos[j][2] - pos[atom][2]};
        images_shortest(&c->images, 1, &d[0], &d[1], &d[2]);
        double r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2], r = sqrt(r2);
        double p = 1 - r2 / (PARTNER * PARTNER);
        if (j == atom || p <= 0 || !(r > 0))
            continue;
        if (partner)
            partner[n] =
                (struct partner){j, exp(-DECAY * r2) * p * p * p, {d[0] / r, d[1] / r, d[2] / r}};
        n++;
    }
    return n;
}

struct controls *controls_new(const struct system *s, bool warp)
{
    struct controls *c = MEM_NEW(struct controls, 1);
    c->system = s;
    c->atoms = s->n;
    c->warp = warp;
    images_start(&c->images, s);
    c->cutoff = fmin(CUTOFF, c->images.inradius);
    c->first = MEM_NEW(int, s->n + 1);
    c->first[0] = 0;
    for (int a = 0; a < s->n; a++)
        c->first[a + 1] = c->first[a] + find_partners(c, a, NULL);
    c->partner = MEM_NEW(struct partner, c->first[s->n] + 1);
    for (int a = 0; a < s->n; a++)
        find_partners(c, a, c->partner + c->first[a]);
    return c;
}

void controls_free(struct controls *c)
{
    if (!c)
        return;
    free(c->first);
    free(c->partner);
    free(c);
}

struct controls_work *controls_work_new(const struct controls *c)
{
    struct controls_work *w = MEM_NEW(struct controls_work, 1);
    w->moment = MEM_NEW(struct moment, c->atoms);
    for (int x = 0; x < 3; x++)
        w->d[x] = MEM_NEW(double, c->atoms);
    w->row = MEM_NEW(double, 3 * (size_t)c->atoms * CONTROLS);
    w->x = MEM_NEW(double, 3 * (size_t)c->atoms * ROW);
    return w;
}

void controls_work_free(struct controls_work *w)
{
    if (!w)
        return;
    for (int x = 0; x < 3; x++)
        free(w->d[x]);
    free(w->moment);
    free(w->row);
    free(w->x);
    free(w);
}

/* g_k and dg_k/d(d^2) */
static void radial(double r2, double cutoff2, double g[RADIAL], double slope[RADIAL])
{
    double q = 1 - r2 / cutoff2, p = q * q * q, dp = -3 * q * q / cutoff2;
    double e = exp(-SLOWEST * r2), alpha = SLOWEST;
    for (int k = 0; k < RADIAL; k++) {
        g[k] = e * p;
        slope[k] = e * (dp - alpha * p);
        e *= e * e;
        alpha *= 3;
    }
}

static void add_electron(struct moment *m, const double d[3], double r2, const double u[3],
                         const double v[3], const double g[RADIAL], const double slope[RADIAL])
{
    static const int other[3] = {1, 2, 0}, place[3] = {5, 3, 4}; /* xy yz zx */
    double du = d[0] * u[0] + d[1] * u[1] + d[2] * u[2];
    double dv = d[0] * v[0] + d[1] * v[1] + d[2] * v[2];
    for (int x = 0; x < 3; x++) {
        int y = other[x];
        double cross = 0.5 * (d[x] * v[y] + d[y] * v[x]);
        for (int k = 0; k < RADIAL; k++) {
            m->pa[x][k] += g[k] * u[x];
            m->qa[x][k] += g[k] * d[x] * du;
            m->pb[x][k] += g[k] * v[x] + slope[k] * d[x];
            m->qb[x][k] += d[x] * (g[k] * (dv + 2) + slope[k] * r2);
            m->mb[x][k] += g[k] * (d[x] * v[x] + 0.5) + slope[k] * d[x] * d[x];
            m->mb[place[x]][k] += g[k] * cross + slope[k] * d[x] * d[y];
        }
    }
}

static void moments(const struct controls *c, struct controls_work *w,
                    const struct controls_electrons *e)
{
    const double(*pos)[3] = (const double(*)[3])c->system->pos, c2 = c->cutoff * c->cutoff;
    memset(w->moment, 0, (size_t)c->atoms * sizeof *w->moment);
    for (int i = 0; i < e->n; i++) {
        for (int a = 0; a < c->atoms; a++)
            for (int x = 0; x < 3; x++)
                w->d[x][a] = e->pos[i][x] - pos[a][x];
        images_shortest(&c->images, c->atoms, w->d[0], w->d[1], w->d[2]);
        for (int a = 0; a < c->atoms; a++) {
            const double d[3] = {w->d[0][a], w->d[1][a], w->d[2][a]};
            double r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2], g[RADIAL], slope[RADIAL];
            if (r2 >= c2)
                continue;
            radial(r2, c2, g, slope);
            add_electron(&w->moment[a], d, r2, e->energy[i], e->velocity[i], g, slope);
        }
    }
}

/* Columns of one nucleus that the electrons about it give: out[x][CONTROLS] */
static void own_columns(const struct moment *m, double out[][CONTROLS])
{
    for (int x = 0; x < 3; x++)
        for (int k = 0; k < RADIAL; k++) {
            out[x][1 + k] = m->pa[x][k];
            out[x][1 + RADIAL + k] = m->qa[x][k];
            out[x][FIELDS + 1 + k] = m->pb[x][k];
            out[x][FIELDS + 1 + RADIAL + k] = m->qb[x][k];
        }
}

/* ... and those about a neighbour */
static void add_partner(const struct partner *p, const struct moment *own, const struct moment *m,
                        double out[][CONTROLS])
{
    const double *n = p->direction;
    for (int k = 0; k < RADIAL; k++) {
        double along = 0, bend = 0;
        for (int x = 0; x < 3; x++) {
            along += n[x] * m->pb[x][k];
            bend += n[x] * n[x] * m->mb[x][k];
        }
        bend +=
            2 * (n[1] * n[2] * m->mb[3][k] + n[0] * n[2] * m->mb[4][k] + n[0] * n[1] * m->mb[5][k]);
        double trace = m->mb[0][k] + m->mb[1][k] + m->mb[2][k];
        double mine = own->mb[0][k] + own->mb[1][k] + own->mb[2][k];
        for (int x = 0; x < 3; x++) {
            double *o = out[x] + NEIGHBOURS + k, h = p->weight * n[x];
            o[0] += p->weight * m->pb[x][k];
            o[RADIAL] += h * along;
            o[2 * RADIAL] += h * trace;
            o[3 * RADIAL] += h * bend;
            o[4 * RADIAL] += h * mine;
        }
    }
}

static void take_off_means(int atoms, double (*row)[3][CONTROLS])
{
    for (int x = 0; x < 3; x++) {
        double mean[CONTROLS] = {0};
        for (int a = 0; a < atoms; a++)
            for (int k = 0; k < CONTROLS; k++)
                mean[k] += row[a][x][k] / atoms;
        for (int a = 0; a < atoms; a++)
            for (int k = 0; k < CONTROLS; k++)
                row[a][x][k] -= mean[k];
    }
}

void controls_measure(const struct controls *c, struct controls_work *w,
                      const struct controls_electrons *e)
{
    double(*row)[3][CONTROLS] = (double(*)[3][CONTROLS])(void *)w->row;
    moments(c, w, e);
    memset(w->row, 0, 3 * (size_t)c->atoms * CONTROLS * sizeof(double));
    for (int a = 0; a < c->atoms; a++) {
        own_columns(&w->moment[a], row[a]);
        for (int x = 0; c->warp && x < 3; x++) {
            row[a][x][0] = e->warp_a[3 * a + x];
            row[a][x][FIELDS] = e->warp_b[3 * a + x];
        }
        for (int p = c->first[a]; p < c->first[a + 1]; p++)
            add_partner(&c->partner[p], &w->moment[a], &w->moment[c->partner[p].atom], row[a]);
    }
    take_off_means(c->atoms, row);
}

void controls_add(const struct controls *c, const struct controls_work *w,
                  const double coefficient[], double a[], double b[])
{
    for (int m = 0; m < 3 * c->atoms; m++) {
        const double *row = w->row + (size_t)m * CONTROLS;
        double sum = 0, slope = 0;
#pragma omp simd reduction(+ : sum)
        for (int k = 0; k < CONTROLS; k++)
            sum += coefficient[k] * row[k];
        for (int k = 0; k < FIELDS; k++)
            slope += coefficient[k] * row[FIELDS + k];
        a[m] += sum;
        b[m] += slope;
    }
}

size_t controls_sums(const struct controls *c)
{
    return ROW * ROW + 2 * 3 * (size_t)c->atoms * ROW + SUM_MORE;
}

void controls_learn(const struct controls *c, struct controls_work *w,
                    const struct controls_target *t, double sums[])
{
    int n = 3 * c->atoms;
    double f = t->weight, fe = f * t->energy;
    double *with_energy = sums + ROW * ROW, *with_weight = with_energy + (size_t)n * ROW;
    double *more = with_weight + (size_t)n * ROW;
    for (int m = 0; m < n; m++) {
        const double *row = w->row + (size_t)m * CONTROLS;
        double *x = w->x + (size_t)m * ROW;
        for (int k = 0; k < CONTROLS; k++)
            x[k] = f * row[k] + (k < FIELDS ? 2 * fe * row[FIELDS + k] : 0);
        x[FORCE] = f * t->a[m] + 2 * fe * t->b[m];
        x[SLOPE] = f * t->b[m];
        for (int k = 0; k < ROW; k++) {
            with_energy[(size_t)m * ROW + k] += fe * x[k];
            with_weight[(size_t)m * ROW + k] += f * x[k];
        }
    }
    linalg_gemm(LINALG_T, LINALG_N, ROW, ROW, n, 1, w->x, w->x, 1, sums);
    more[SUM_SAMPLES] += 1;
    more[SUM_FF] += f * f;
    more[SUM_FFE] += f * fe;
    more[SUM_FFEE] += fe * fe;
}

/* x = a + 2 E b of every column with E relative to E_0 + e */
static void shift_row(double row[ROW], double e)
{
    for (int k = 0; k < FIELDS; k++)
        row[k] -= 2 * e * row[FIELDS + k];
    row[FORCE] -= 2 * e * row[SLOPE];
}

/* The same of rows and columns of product[ROW][ROW] */
static void shift_products(double product[ROW * ROW], double e)
{
    double *slope = product + (size_t)SLOPE * ROW, *force = product + (size_t)FORCE * ROW;
    for (int k = 0; k < ROW; k++)
        shift_row(product + (size_t)k * ROW, e);
    for (int l = 0; l < ROW; l++) {
        for (int k = 0; k < FIELDS; k++)
            product[k * ROW + l] -= 2 * e * product[(FIELDS + k) * ROW + l];
        force[l] -= 2 * e * slope[l];
    }
}

/*
 * Of one twist: products X_k X_l, y X_k and y^2 of the control variates and of what a force fluctuates by,
 * y = f [ a + 2 (E_L - E) b - 2 beta (E_L - E) - m ], where E, beta and m are the means of E_L, b and the rest, added to
 * product[ROW][ROW], y in the place of the force.
 */
static void add_twist(const struct controls *c, const double sums[], double product[ROW * ROW])
{
    int n = 3 * c->atoms;
    const double *with_energy = sums + ROW * ROW, *with_weight = with_energy + (size_t)n * ROW;
    const double *more = with_weight + (size_t)n * ROW;
    double e = more[SUM_FFE] / more[SUM_FF], squares = more[SUM_FFEE] - e * more[SUM_FFE];
    double own[ROW * ROW], right[ROW], energy[ROW], weight[ROW], yy = 0;
    memcpy(own, sums, sizeof own);
    shift_products(own, e);
    memcpy(right, own + (size_t)FORCE * ROW, sizeof right);
    for (int m = 0; m < n; m++) {
        for (int k = 0; k < ROW; k++) {
            weight[k] = with_weight[(size_t)m * ROW + k];
            energy[k] = with_energy[(size_t)m * ROW + k] - e * weight[k];
        }
        shift_row(weight, e);
        shift_row(energy, e);
        double beta = weight[SLOPE] / more[SUM_FF], mean = weight[FORCE] / more[SUM_FF];
        for (int k = 0; k < CONTROLS; k++)
            right[k] -= 2 * beta * energy[k] + mean * weight[k];
        yy += 4 * beta * (beta * squares - energy[FORCE]) - mean * weight[FORCE];
    }
    right[FORCE] += yy;
    for (int k = 0; k <= FORCE; k++) {
        for (int l = 0; l < CONTROLS; l++)
            product[k * ROW + l] += k < FORCE ? own[k * ROW + l] : right[l];
        product[k * ROW + FORCE] += right[k];
    }
}

/* Which part of y^2 is left with these coefficients */
static double part_left(const double product[ROW * ROW], const double coefficient[])
{
    const double *force = product + (size_t)FORCE * ROW;
    double left = force[FORCE];
    for (int k = 0; k < CONTROLS; k++) {
        left += 2 * coefficient[k] * force[k];
        for (int l = 0; l < CONTROLS; l++)
            left += coefficient[k] * coefficient[l] * product[k * ROW + l];
    }
    return left / force[FORCE];
}

double controls_solve(const struct controls *c, int twists, const double sums[],
                      double coefficient[])
{
    double product[ROW * ROW] = {0}, matrix[CONTROLS * CONTROLS], scale[CONTROLS], samples = 0;
    size_t size = controls_sums(c);
    struct err err;
    for (int t = 0; t < twists; t++) {
        add_twist(c, sums + t * size, product);
        samples += sums[(t + 1) * size - SUM_MORE + SUM_SAMPLES];
    }
    for (int k = 0; k < CONTROLS; k++)
        scale[k] = product[k * ROW + k] > 0 ? 1 / sqrt(product[k * ROW + k]) : 0;
    for (int k = 0; k < CONTROLS; k++) {
        for (int l = 0; l < CONTROLS; l++)
            matrix[k * CONTROLS + l] = scale[k] * scale[l] * product[k * ROW + l];
        matrix[k * CONTROLS + k] = 1 + CAUTION * CONTROLS / (3 * c->atoms * samples);
        coefficient[k] = -scale[k] * product[FORCE * ROW + k];
    }
    bool good = linalg_cholesky(CONTROLS, matrix, &err) == ST_OK;
    if (good)
        linalg_cholesky_solve(CONTROLS, matrix, 1, coefficient);
    for (int k = 0; k < CONTROLS; k++)
        coefficient[k] *= scale[k];
    double left = part_left(product, coefficient);
    if (good && isfinite(left))
        return left;
    memset(coefficient, 0, CONTROLS * sizeof *coefficient);
    return 1;
}
