/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/controls.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "maths/fastexp.h"
#include "maths/linalg.h"
#include "qmc/images.h"

/* alpha_k = SLOWEST 3^k, bohr^-2: from a cloud around a proton to the inside of its cusp. In a fluid of 32 atoms five that
 * double, four of three other spans, and a DECAY of 0.4 or 1 leave 0.999 to 1.016 times the variance that these do. */
enum { RADIAL = 4 };
#define SLOWEST 0.25
#define CUTOFF 5.0  /* bohr, c at most; in a cell not more than its inradius */
#define PARTNER 4.0 /* bohr, H = exp(-DECAY R^2) (1 - R^2/PARTNER^2)^3 */
#define DECAY 0.6   /* bohr^-2 */
#define CAUTION \
    4.0 /* ridge: this times coefficients per row; rows of a sample are not independent */

/* Columns of forces: A of the fields, B of the same fields, B about neighbours; of the stress: A and B of the fields,
 * B of their traces and of what is between neighbours. */
enum { FIELDS = 1 + 2 * RADIAL, NEIGHBOURS = 2 * FIELDS, KINDS = 5 };
enum { FORCES = NEIGHBOURS + KINDS * RADIAL, STRESS = 4 * RADIAL, STRAINS = 6 };
enum { SETS = 2, MOST = FORCES + 2 };
/* Sums of a set: products of rows, which are its columns and then force and slope, x and b of what is to be estimated,
 * x = a + 2 E b; for every component, rows times E and rows. Of all, at last: samples, E, E^2 */
enum { SUM_SAMPLES, SUM_E, SUM_EE, SUM_MORE };

_Static_assert(FORCES + STRESS == CONTROLS, "coefficients");

/* Components that share coefficients */
struct set {
    int fields, columns, components;
    int first;         /* among the coefficients */
    size_t rows, sums; /* where they begin */
};

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
    struct set set[SETS]; /* forces; stress, without components when open */
    size_t rows, sums;    /* numbers in all */
};

/* sums over electrons about one nucleus, [..][k]; symmetric matrices xx yy zz yz xz xy */
struct moment {
    double pa[3][RADIAL];                /* g dE_L/dr */
    double qa[3][RADIAL];                /* g d (d . dE_L/dr) */
    double pb[3][RADIAL], qb[3][RADIAL]; /* B of g x and g d_x d */
    double ma[6][RADIAL], mb[6][RADIAL]; /* A and B of g (d_x y + d_y x)/2 */
};

struct controls_work {
    struct moment *moment; /* [atom] */
    double *d[3];          /* [atom], of one electron */
    int *near;             /* [atom], nuclei within the cut-off of it */
    double *row;           /* [component][column] of all sets */
    double *x;             /* [component][columns + 2] of one */
};

/* Nuclei within PARTNER of one, into partner (NULL: not); returns how many. */
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

/* set[fields, columns, components] after those before */
static void add_set(struct controls *c, int k, int fields, int columns, int components)
{
    int row = columns + 2;
    c->set[k] =
        (struct set){fields, columns, components, k ? c->set[k - 1].columns : 0, c->rows, c->sums};
    c->rows += (size_t)(components * columns);
    c->sums += (size_t)(row * row) + 2 * (size_t)(components * row);
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
    add_set(c, 0, FIELDS, FORCES, 3 * s->n);
    add_set(c, 1, RADIAL, STRESS, s->periodic ? STRAINS : 0);
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
    w->near = MEM_NEW(int, c->atoms);
    w->row = MEM_NEW(double, c->rows);
    w->x = MEM_NEW(double, (3 * (size_t)c->atoms + STRAINS) * MOST);
    return w;
}

void controls_work_free(struct controls_work *w)
{
    if (!w)
        return;
    for (int x = 0; x < 3; x++)
        free(w->d[x]);
    free(w->near);
    free(w->moment);
    free(w->row);
    free(w->x);
    free(w);
}

/* g_k and dg_k/d(d^2) */
static void radial(double r2, double cutoff2, double g[RADIAL], double slope[RADIAL])
{
    double q = 1 - r2 / cutoff2, p = q * q * q, dp = -3 * q * q / cutoff2;
    double e = fastexp(-SLOWEST * r2), alpha = SLOWEST;
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
        double cross = 0.5 * (d[x] * v[y] + d[y] * v[x]),
               across = 0.5 * (d[x] * u[y] + d[y] * u[x]);
        for (int k = 0; k < RADIAL; k++) {
            m->pa[x][k] += g[k] * u[x];
            m->qa[x][k] += g[k] * d[x] * du;
            m->pb[x][k] += g[k] * v[x] + slope[k] * d[x];
            m->qb[x][k] += d[x] * (g[k] * (dv + 2) + slope[k] * r2);
            m->ma[x][k] += g[k] * d[x] * u[x];
            m->ma[place[x]][k] += g[k] * across;
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
        int near = 0;
        for (int a = 0; a < c->atoms; a++) { /* without branches */
            double x = w->d[0][a], y = w->d[1][a], z = w->d[2][a];
            w->near[near] = a;
            near += x * x + y * y + z * z < c2;
        }
        for (int m = 0; m < near; m++) {
            const int a = w->near[m];
            const double d[3] = {w->d[0][a], w->d[1][a], w->d[2][a]};
            double r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2], g[RADIAL], slope[RADIAL];
            radial(r2, c2, g, slope);
            add_electron(&w->moment[a], d, r2, e->energy[i], e->velocity[i], g, slope);
        }
    }
}

/* Columns of one nucleus that the electrons about it give: out[x][FORCES] */
static void own_columns(const struct moment *m, double out[][FORCES])
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
                        double out[][FORCES])
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

static void take_off_means(int atoms, double (*row)[3][FORCES])
{
    for (int x = 0; x < 3; x++) {
        double mean[FORCES] = {0};
        for (int a = 0; a < atoms; a++)
            for (int k = 0; k < FORCES; k++)
                mean[k] += row[a][x][k];
        for (int k = 0; k < FORCES; k++)
            mean[k] /= atoms;
        for (int a = 0; a < atoms; a++)
            for (int k = 0; k < FORCES; k++)
                row[a][x][k] -= mean[k];
    }
}

/* out[xx yy zz yz xz xy][STRESS] */
static void stress_columns(const struct controls *c, const struct moment *moment,
                           double out[STRAINS][STRESS])
{
    static const int row[STRAINS] = {0, 1, 2, 1, 0, 0}, column[STRAINS] = {0, 1, 2, 2, 2, 1};
    for (int a = 0; a < c->atoms; a++) {
        const struct moment *m = &moment[a];
        for (int k = 0; k < RADIAL; k++) {
            double trace = m->mb[0][k] + m->mb[1][k] + m->mb[2][k];
            for (int t = 0; t < STRAINS; t++) {
                out[t][k] += m->ma[t][k];
                out[t][RADIAL + k] += m->mb[t][k];
                out[t][2 * RADIAL + k] += t < 3 ? trace : 0;
            }
            for (int j = c->first[a]; j < c->first[a + 1]; j++) {
                const struct partner *p = &c->partner[j];
                for (int t = 0; t < STRAINS; t++)
                    out[t][3 * RADIAL + k] +=
                        p->weight * p->direction[row[t]] * p->direction[column[t]] * trace;
            }
        }
    }
}

void controls_measure(const struct controls *c, struct controls_work *w,
                      const struct controls_electrons *e)
{
    double(*row)[3][FORCES] = (double(*)[3][FORCES])(void *)w->row;
    moments(c, w, e);
    memset(w->row, 0, c->rows * sizeof(double));
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
    if (c->set[1].components)
        stress_columns(c, w->moment, (double(*)[STRESS])(void *)(w->row + c->set[1].rows));
}

/* What the multiples add to a and b of component m of a set */
static void added(const struct set *s, const double rows[], const double coefficient[], int m,
                  double *a, double *b)
{
    const double *row = rows + s->rows + (size_t)(m * s->columns);
    double sum = 0, slope = 0;
#pragma omp simd reduction(+ : sum)
    for (int k = 0; k < s->columns; k++)
        sum += coefficient[s->first + k] * row[k];
    for (int k = 0; k < s->fields; k++)
        slope += coefficient[s->first + k] * row[s->fields + k];
    *a = sum;
    *b = slope;
}

/* Places of a component of the stress among nine */
static const int places[STRAINS][2] = {{0, 0}, {4, 4}, {8, 8}, {5, 7}, {2, 6}, {1, 3}};

void controls_add(const struct controls *c, const struct controls_work *w,
                  const double coefficient[], double a[], double b[])
{
    double da, db, *sa = a + 3 * c->atoms, *sb = b + 3 * c->atoms;
    for (int m = 0; m < c->set[0].components; m++) {
        added(&c->set[0], w->row, coefficient, m, &da, &db);
        a[m] += da;
        b[m] += db;
    }
    for (int t = 0; t < c->set[1].components; t++) {
        added(&c->set[1], w->row, coefficient, t, &da, &db);
        for (int side = 0; side < (t < 3 ? 1 : 2); side++) {
            sa[places[t][side]] += da;
            sb[places[t][side]] += db;
        }
    }
}

size_t controls_sums(const struct controls *c)
{
    return c->sums + SUM_MORE;
}

static void learn_set(const struct set *s, const double rows[], const struct controls_target *t,
                      double x[], double sums[])
{
    int n = s->components, size = s->columns + 2;
    double twice = 2 * t->energy, *at = sums + s->sums;
    double *with_energy = at + size * size, *total = with_energy + (size_t)(n * size);
    for (int m = 0; m < n; m++) {
        const double *row = rows + s->rows + (size_t)(m * s->columns);
        double *to = x + (size_t)(m * size);
        for (int k = 0; k < s->columns; k++)
            to[k] = row[k] + (k < s->fields ? twice * row[s->fields + k] : 0);
        to[s->columns] = t->a[m] + twice * t->b[m];
        to[s->columns + 1] = t->b[m];
        for (int k = 0; k < size; k++) {
            with_energy[(size_t)(m * size + k)] += t->energy * to[k];
            total[(size_t)(m * size + k)] += to[k];
        }
    }
    if (n)
        linalg_gemm(LINALG_T, LINALG_N, size, size, n, 1, x, x, 1, at);
}

void controls_learn(const struct controls *c, struct controls_work *w,
                    const struct controls_target *t, double sums[])
{
    const double *sa = t->a + 3 * c->atoms, *sb = t->b + 3 * c->atoms;
    double a[STRAINS], b[STRAINS], *more = sums + c->sums;
    learn_set(&c->set[0], w->row, t, w->x, sums);
    for (int k = 0; k < c->set[1].components; k++) {
        a[k] = 0.5 * (sa[places[k][0]] + sa[places[k][1]]);
        b[k] = 0.5 * (sb[places[k][0]] + sb[places[k][1]]);
    }
    learn_set(&c->set[1], w->row, &(struct controls_target){a, b, t->energy}, w->x, sums);
    more[SUM_SAMPLES] += 1;
    more[SUM_E] += t->energy;
    more[SUM_EE] += t->energy * t->energy;
}

/* x = a + 2 E b of every column with E relative to E_0 + e */
static void shift_row(const struct set *s, double row[], double e)
{
    for (int k = 0; k < s->fields; k++)
        row[k] -= 2 * e * row[s->fields + k];
    row[s->columns] -= 2 * e * row[s->columns + 1];
}

/* The same of rows and columns of products */
static void shift_products(const struct set *s, double product[], double e)
{
    int size = s->columns + 2;
    double *force = product + (size_t)(s->columns * size), *slope = force + size;
    for (int k = 0; k < size; k++)
        shift_row(s, product + (size_t)(k * size), e);
    for (int l = 0; l < size; l++) {
        for (int k = 0; k < s->fields; k++)
            product[k * size + l] -= 2 * e * product[(s->fields + k) * size + l];
        force[l] -= 2 * e * slope[l];
    }
}

/*
 * Of one twist: products X_k X_l, y X_k and y^2 of the control variates and of what an estimator fluctuates by,
 * y = a + 2 (E_L - E) b - 2 beta (E_L - E) - m, where E, beta and m are the means of E_L, b and the rest, added to
 * product[][columns + 2], y in the place of the force.
 */
static void add_twist(const struct set *s, const double sums[], const double more[],
                      double product[])
{
    int n = s->components, size = s->columns + 2, force = s->columns;
    const double *with_energy = sums + s->sums + size * size;
    const double *total = with_energy + (size_t)(n * size);
    double samples = more[SUM_SAMPLES], e = more[SUM_E] / samples;
    double squares = more[SUM_EE] - e * more[SUM_E];
    double own[MOST * MOST], right[MOST], energy[MOST], sum[MOST], yy = 0;
    memcpy(own, sums + s->sums, (size_t)(size * size) * sizeof *own);
    shift_products(s, own, e);
    memcpy(right, own + (size_t)(force * size), (size_t)size * sizeof *right);
    for (int m = 0; m < n; m++) {
        for (int k = 0; k < size; k++) {
            sum[k] = total[(size_t)(m * size + k)];
            energy[k] = with_energy[(size_t)(m * size + k)] - e * sum[k];
        }
        shift_row(s, sum, e);
        shift_row(s, energy, e);
        double beta = sum[force + 1] / samples, mean = sum[force] / samples;
        for (int k = 0; k < s->columns; k++)
            right[k] -= 2 * beta * energy[k] + mean * sum[k];
        yy += 4 * beta * (beta * squares - energy[force]) - mean * sum[force];
    }
    right[force] += yy;
    for (int k = 0; k <= force; k++) {
        for (int l = 0; l < s->columns; l++)
            product[k * size + l] += k < force ? own[k * size + l] : right[l];
        product[k * size + force] += right[k];
    }
}

/* Which part of y^2 is left with these coefficients */
static double part_left(const struct set *s, const double product[], const double coefficient[])
{
    int n = s->columns, size = n + 2;
    const double *force = product + (size_t)(n * size);
    double left = force[n];
    for (int k = 0; k < n; k++) {
        left += 2 * coefficient[k] * force[k];
        for (int l = 0; l < n; l++)
            left += coefficient[k] * coefficient[l] * product[k * size + l];
    }
    return left / force[n];
}

/* Least squares with a ridge: coefficient[columns], and what is left */
static double solve_set(const struct set *s, const double product[], double samples,
                        double coefficient[])
{
    int n = s->columns, size = n + 2;
    double matrix[FORCES * FORCES], scale[FORCES];
    struct err err;
    for (int k = 0; k < n; k++)
        scale[k] = product[k * size + k] > 0 ? 1 / sqrt(product[k * size + k]) : 0;
    for (int k = 0; k < n; k++) {
        for (int l = 0; l < n; l++)
            matrix[k * n + l] = scale[k] * scale[l] * product[k * size + l];
        matrix[k * n + k] = 1 + CAUTION * n / (s->components * samples);
        coefficient[k] = -scale[k] * product[n * size + k];
    }
    bool good = linalg_cholesky(n, matrix, &err) == ST_OK;
    if (good)
        linalg_cholesky_solve(n, matrix, 1, coefficient);
    for (int k = 0; k < n; k++)
        coefficient[k] *= scale[k];
    double left = part_left(s, product, coefficient);
    if (good && isfinite(left))
        return left;
    memset(coefficient, 0, (size_t)n * sizeof *coefficient);
    return 1;
}

void controls_solve(const struct controls *c, int twists, const double sums[], double coefficient[],
                    double left[2])
{
    size_t size = controls_sums(c);
    for (int k = 0; k < SETS; k++) {
        const struct set *s = &c->set[k];
        double product[MOST * MOST] = {0}, samples = 0;
        left[k] = 1;
        memset(coefficient + s->first, 0, (size_t)s->columns * sizeof *coefficient);
        for (int t = 0; t < twists && s->components; t++) {
            const double *of = sums + t * size, *more = of + c->sums;
            if (more[SUM_SAMPLES] > 0)
                add_twist(s, of, more, product);
            samples += more[SUM_SAMPLES];
        }
        if (s->components)
            left[k] = solve_set(s, product, samples, coefficient + s->first);
    }
}
