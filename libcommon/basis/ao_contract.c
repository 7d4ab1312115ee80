/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "basis/ao_contract_fourier.h"
#include "maths/fastexp.h"

#define CHUNK 64
#define LIST (2 * CHUNK)
#define SIMD 8      /* loops over the list run to a multiple of this: no remainder one by one */
#define SMALL 1e-10 /* orbitals are followed until value and Laplacian are below this */
#define LMAX 3
#define SHELLS 64 /* of one atom, not summed in reciprocal space */

struct group { /* a shell of the basis */
    int l, first, primitives;
    const double *exponent, *coefficient;
    double range2; /* bohr^2 */
};

struct ao_contract {
    int atoms, functions, shells; /* functions of one atom */
    bool periodic;
    double cell[3][3], inverse[3][3];
    bool half[3]; /* k = 1/2 along this reciprocal vector */
    double (*pos)[3];
    struct ao_contract_fourier *diffuse; /* shells summed in reciprocal space; NULL: none */
    struct group *shell;                 /* the others, longest range first */
    double *numbers;                     /* their exponents and coefficients */
    int images;
    double (*image)[3]; /* T */
    double *sign;       /* cos 2 pi k.T */
};

/* Points within range of images of one atom, those of the most shells first, and what they sum up. */
struct list {
    int n, at[LIST]; /* at: number of the point in its chunk */
    double d[3][LIST], g[3][LIST], r2[LIST], sign[LIST];
    double l[3][LIST], e[3][LIST];
};

static int padded(int n)
{
    return (n + SIMD - 1) / SIMD * SIMD;
}

/* R(r^2) = sum_p c_p exp(-a_p r^2) and three derivatives with respect to r^2 */
static void radial(const struct group *s, int count, const double r2[], double f[4][LIST])
{
    const int n = padded(count);
    for (int k = 0; k < 4; k++)
        memset(f[k], 0, (size_t)n * sizeof(double));
    for (int p = 0; p < s->primitives; p++) {
        const double a = s->exponent[p], c = s->coefficient[p];
#pragma omp simd
        for (int i = 0; i < n; i++) {
            double e = c * fastexp(-a * r2[i]);
            f[0][i] += e;
            f[1][i] -= a * e;
            f[2][i] += a * a * e;
            f[3][i] -= a * a * a * e;
        }
    }
}

/* Structures by value and no arrays: only such code is vectorised inside a loop. */
struct v3 {
    double x, y, z;
};

struct symmetric {
    double xx, yy, zz, xy, xz, yz;
};

static inline double dot(struct v3 a, struct v3 b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

static inline struct v3 apply(struct symmetric m, struct v3 d)
{
    struct v3 v = {m.xx * d.x + m.xy * d.y + m.xz * d.z, m.xy * d.x + m.yy * d.y + m.yz * d.z,
                   m.xz * d.x + m.yz * d.y + m.zz * d.z};
    return v;
}

/*
 * The homogeneous polynomial S = sum_m q_m S_lm (order and norms of maths/harmonics.h), v = grad S and
 * h = (grad grad S) g; for l >= 2 through the symmetric matrix (contraction of the symmetric tensor with
 * d for l = 3) m with S = d.m d.
 */
struct shape {
    double s;
    struct v3 v, h;
};

static inline struct symmetric matrix_d(double q[7][LIST], int i)
{
    double c = sqrt(15 / (16 * M_PI)), z = sqrt(5 / (16 * M_PI)) * q[2][i];
    struct symmetric m = {c * q[4][i] - z, -c * q[4][i] - z, 2 * z,
                          c * q[0][i],     c * q[3][i],      c * q[1][i]};
    return m;
}

static inline struct symmetric matrix_f(double q[7][LIST], int i, struct v3 d)
{
    double a = sqrt(35 / (32 * M_PI)), b = sqrt(105 / (4 * M_PI)), c = sqrt(21 / (32 * M_PI));
    double z = sqrt(7 / (16 * M_PI)) * q[3][i], w = sqrt(105 / (16 * M_PI)) * q[5][i];
    double xxx = a * q[6][i] - c * q[4][i], yyy = -a * q[0][i] - c * q[2][i], zzz = 2 * z;
    double xxy = a * q[0][i] - c / 3 * q[2][i], xxz = w / 3 - z;
    double xyy = -a * q[6][i] - c / 3 * q[4][i], yyz = -w / 3 - z;
    double xzz = 4 * c / 3 * q[4][i], yzz = 4 * c / 3 * q[2][i], xyz = b / 6 * q[1][i];
    struct symmetric m = {xxx * d.x + xxy * d.y + xxz * d.z, xyy * d.x + yyy * d.y + yyz * d.z,
                          xzz * d.x + yzz * d.y + zzz * d.z, xxy * d.x + xyy * d.y + xyz * d.z,
                          xxz * d.x + xyz * d.y + xzz * d.z, xyz * d.x + yyz * d.y + yzz * d.z};
    return m;
}

static inline struct shape shape_of(int l, double q[7][LIST], int i, struct v3 d, struct v3 g)
{
    struct shape a = {0, {0, 0, 0}, {0, 0, 0}};
    if (l == 0) {
        a.s = sqrt(1 / (4 * M_PI)) * q[0][i];
    } else if (l == 1) {
        double c = sqrt(3 / (4 * M_PI));
        a.v.x = c * q[2][i], a.v.y = c * q[0][i], a.v.z = c * q[1][i];
        a.s = dot(a.v, d);
    } else {
        struct symmetric m = l == 2 ? matrix_d(q, i) : matrix_f(q, i, d);
        int twice = l * (l - 1);
        a.v = apply(m, d);
        a.h = apply(m, g);
        a.s = dot(a.v, d);
        a.v.x *= l, a.v.y *= l, a.v.z *= l;
        a.h.x *= twice, a.h.y *= twice, a.h.z *= twice;
    }
    return a;
}

/*
 * chi = R S, R' = dR/dr^2:  grad chi = R grad S + 2 R' d S;  lap chi = M S, M = 4 r^2 R'' + (4 l + 6) R';
 * (grad grad chi) g = R h + 2 R' [grad S (d.g) + d (grad S.g) + g S] + 4 R'' d (d.g) S.
 */
static inline void add_points(struct list *list, int count, int l, double f[4][LIST],
                              double q[7][LIST], double x[7][LIST])
{
    const int n = padded(count);
#pragma omp simd
    for (int i = 0; i < n; i++) {
        struct v3 d = {list->d[0][i], list->d[1][i], list->d[2][i]};
        struct v3 g = {list->g[0][i], list->g[1][i], list->g[2][i]};
        struct shape sq = shape_of(l, q, i, d, g), sx = shape_of(l, x, i, d, g);
        double r0 = f[0][i], r1 = 2 * f[1][i], r2 = 4 * f[2][i], along = dot(d, g);
        double m = list->r2[i] * r2 + (2 * l + 3) * r1;
        double m1 = 2 * (r2 + 4 * list->r2[i] * f[3][i]) + (2 * l + 3) * r2; /* 2 dM/dr^2 */
        double on_v = 0.5 * m + r1 * along, on_g = r1 * sq.s;
        double on_d = 0.5 * m1 * sq.s + r1 * (dot(sq.v, g) + sx.s) + r2 * along * sq.s;
        list->l[0][i] += r0 * sq.v.x + on_g * d.x;
        list->l[1][i] += r0 * sq.v.y + on_g * d.y;
        list->l[2][i] += r0 * sq.v.z + on_g * d.z;
        list->e[0][i] -= on_v * sq.v.x + on_d * d.x + r0 * (sq.h.x + sx.v.x) + on_g * g.x;
        list->e[1][i] -= on_v * sq.v.y + on_d * d.y + r0 * (sq.h.y + sx.v.y) + on_g * g.y;
        list->e[2][i] -= on_v * sq.v.z + on_d * d.z + r0 * (sq.h.z + sx.v.z) + on_g * g.z;
    }
}

/* weights of the shell's functions at the first points of the list; zero where it is padded */
static void weights(const struct list *list, int count, int functions, int points,
                    const double from[], double to[7][LIST])
{
    for (int m = 0; m < functions; m++) {
        for (int i = 0; i < count; i++)
            to[m][i] = from[(size_t)m * points + list->at[i]];
        for (int i = count; i < padded(count); i++)
            to[m][i] = 0;
    }
}

static void add_shell(struct list *list, int count, const struct group *s, int points,
                      const double q[], const double x[])
{
    double f[4][LIST], mq[7][LIST], mx[7][LIST];
    radial(s, count, list->r2, f);
    weights(list, count, 2 * s->l + 1, points, q + (size_t)s->first * points, mq);
    weights(list, count, 2 * s->l + 1, points, x + (size_t)s->first * points, mx);
    switch (s->l) { /* a constant l lets the loop be unrolled and vectorised */
    case 0:
        add_points(list, count, 0, f, mq, mx);
        break;
    case 1:
        add_points(list, count, 1, f, mq, mx);
        break;
    case 2:
        add_points(list, count, 2, f, mq, mx);
        break;
    default:
        add_points(list, count, 3, f, mq, mx);
    }
}

struct chunk { /* points of one call, at most CHUNK, with displacements from one atom */
    int n, points;
    const double (*g)[3];
    double d[3][CHUNK], sign[CHUNK];
};

/* d = r - R_I wrapped into the cell about R_I, with the Bloch sign of the lattice vector taken off. */
static void wrap(const struct ao_contract *a, const double r[][3], const double centre[3],
                 struct chunk *c)
{
    for (int p = 0; p < c->n; p++) {
        double d[3], f[3] = {0};
        int odd = 0;
        for (int k = 0; k < 3; k++)
            d[k] = r[p][k] - centre[k];
        for (int i = 0; a->periodic && i < 3; i++) {
            f[i] =
                rint(d[0] * a->inverse[0][i] + d[1] * a->inverse[1][i] + d[2] * a->inverse[2][i]);
            odd += a->half[i] && fmod(f[i], 2) != 0;
        }
        for (int i = 0; a->periodic && i < 3; i++)
            for (int k = 0; k < 3; k++)
                d[k] -= f[i] * a->cell[i][k];
        for (int k = 0; k < 3; k++)
            c->d[k][p] = d[k];
        c->sign[p] = odd % 2 ? -1 : 1;
    }
}

struct pair {
    int point, image;
};

/* Add the points within range of an image to pairs, without branches; return their new number. */
static int find(const struct ao_contract *a, const struct chunk *c, int image, int n,
                struct pair pair[])
{
    const double *t = a->image[image], range2 = a->shell[0].range2;
    double r2[CHUNK];
#pragma omp simd
    for (int p = 0; p < c->n; p++) {
        double x = c->d[0][p] - t[0], y = c->d[1][p] - t[1], z = c->d[2][p] - t[2];
        r2[p] = x * x + y * y + z * z;
    }
    for (int p = 0; p < c->n; p++) {
        pair[n] = (struct pair){p, image};
        n += r2[p] < range2;
    }
    return n;
}

/* The list of n pairs; count[s]: how many of them, from the first, shell s reaches. */
static void sort(const struct ao_contract *a, const struct chunk *c, int n,
                 const struct pair pair[], struct list *list, int count[])
{
    int shells[LIST], place[SHELLS + 1];
    double r2[LIST];
    for (int i = 0; i < n; i++) {
        const double *t = a->image[pair[i].image];
        int p = pair[i].point;
        double x = c->d[0][p] - t[0], y = c->d[1][p] - t[1], z = c->d[2][p] - t[2];
        r2[i] = x * x + y * y + z * z;
        shells[i] = 0;
    }
    for (int s = 0; s < a->shells; s++) {
        count[s] = 0;
        for (int i = 0; i < n; i++) {
            int within = r2[i] < a->shell[s].range2;
            shells[i] += within;
            count[s] += within;
        }
    }
    memcpy(place, count, (size_t)a->shells * sizeof *place);
    place[a->shells] = 0; /* reached by all */
    for (int i = 0; i < n; i++) {
        int at = place[shells[i]]++, p = pair[i].point;
        for (int k = 0; k < 3; k++) {
            list->d[k][at] = c->d[k][p] - a->image[pair[i].image][k];
            list->g[k][at] = c->g[p][k];
        }
        list->r2[at] = r2[i];
        list->sign[at] = c->sign[p] * a->sign[pair[i].image];
        list->at[at] = p;
    }
    list->n = n;
    for (int i = n; i < padded(n); i++)
        list->r2[i] = 0;
    for (int k = 0; k < 3; k++) {
        for (int i = n; i < padded(n); i++)
            list->d[k][i] = list->g[k][i] = 0;
        for (int i = 0; i < padded(n); i++)
            list->l[k][i] = list->e[k][i] = 0;
    }
}

/* Add the sums of the list: sign times gradient, and gradient times displacement. */
static void scatter(const struct list *list, int atom, int atoms,
                    const struct ao_contract_sums *sums)
{
    for (int i = 0; i < list->n; i++) {
        int p = list->at[i];
        double *l = sums->l[(size_t)p * atoms + atom], *e = sums->e[(size_t)p * atoms + atom];
        for (int x = 0; x < 3; x++) {
            double lx = list->sign[i] * list->l[x][i], ex = list->sign[i] * list->e[x][i];
            l[x] += lx;
            e[x] += ex;
            for (int y = 0; y < 3; y++) {
                sums->l_strain[p][3 * x + y] += lx * list->d[y][i];
                sums->e_strain[p][3 * x + y] += ex * list->d[y][i];
            }
        }
    }
}

static void add_pairs(const struct ao_contract *a, const struct chunk *c, int atom, int n,
                      const struct pair pair[], const double q[], const double x[],
                      const struct ao_contract_sums *sums)
{
    struct list list;
    int count[SHELLS];
    size_t first = (size_t)atom * a->functions * c->points;
    sort(a, c, n, pair, &list, count);
    for (int s = 0; s < a->shells && count[s]; s++)
        add_shell(&list, count[s], &a->shell[s], c->points, q + first, x + first);
    scatter(&list, atom, a->atoms, sums);
}

static void add_atom(const struct ao_contract *a, const struct chunk *c, int atom, const double q[],
                     const double x[], const struct ao_contract_sums *sums)
{
    struct pair pair[LIST];
    int n = 0;
    for (int t = 0; t < a->images && a->shells; t++) {
        if (n > LIST - c->n) {
            add_pairs(a, c, atom, n, pair, q, x, sums);
            n = 0;
        }
        n = find(a, c, t, n, pair);
    }
    if (n)
        add_pairs(a, c, atom, n, pair, q, x, sums);
}

void ao_contract_eval(const struct ao_contract *a, int points, const double r[][3],
                      const double g[][3], const double q[], const double x[],
                      const struct ao_contract_sums *sums)
{
    memset(sums->l, 0, (size_t)points * a->atoms * sizeof *sums->l);
    memset(sums->e, 0, (size_t)points * a->atoms * sizeof *sums->e);
    memset(sums->l_strain, 0, (size_t)points * sizeof *sums->l_strain);
    memset(sums->e_strain, 0, (size_t)points * sizeof *sums->e_strain);
    for (int p = 0; p < points; p += CHUNK) {
        struct chunk c = {
            .n = points - p < CHUNK ? points - p : CHUNK, .points = points, .g = g + p};
        size_t at = (size_t)p * a->atoms;
        struct ao_contract_sums part = {sums->l + at, sums->e + at, sums->l_strain + p,
                                        sums->e_strain + p};
        for (int atom = 0; atom < a->atoms; atom++) {
            wrap(a, r + p, a->pos[atom], &c);
            add_atom(a, &c, atom, q + p, x + p, &part);
        }
    }
    if (a->diffuse)
        ao_contract_fourier_add(a->diffuse, points, r, g, q, x, sums);
}

/* Beyond this squared distance r^l R and its Laplacian stay below SMALL. */
static double range_of(const struct shell *s)
{
    double r = 0.5;
    for (; r < 60; r += 0.1) {
        double sum = 0;
        for (int p = 0; p < s->primitives; p++) {
            double a = s->exponent[p];
            sum +=
                fabs(s->coefficient[p]) * exp(-a * r * r) * pow(r, s->l) * (1 + 4 * a * a * r * r);
        }
        if (sum < SMALL)
            break;
    }
    return r * r;
}

static int by_range(const void *x, const void *y)
{
    const struct group *a = x, *b = y;
    int order = (a->range2 < b->range2) - (a->range2 > b->range2);
    return order ? order : a->first - b->first;
}

static enum status copy_basis(struct ao_contract *a, const struct basis *b, struct err *err)
{
    int count = 0, first = 0;
    double *at;
    for (int s = 0; s < b->shells; s++)
        count += b->shell[s].primitives;
    a->functions = b->functions;
    a->shell = MEM_NEW(struct group, b->shells);
    a->numbers = at = MEM_NEW(double, 2 * count);
    for (int s = 0; s < b->shells; s++) {
        const struct shell *from = &b->shell[s];
        size_t size = (size_t)from->primitives * sizeof(double);
        if (from->l > LMAX)
            return err_set(err, ST_DATA, "basis '%s' has l = %d: forces are made for l up to %d",
                           b->name, from->l, LMAX);
        if (!ao_contract_fourier_has(a->diffuse, first)) {
            if (a->shells == SHELLS)
                return err_set(err, ST_DATA,
                               "basis '%s' has more than %d shells: forces are made for up to that",
                               b->name, SHELLS);
            memcpy(at, from->exponent, size);
            memcpy(at + from->primitives, from->coefficient, size);
            a->shell[a->shells++] = (struct group){
                from->l, first, from->primitives, at, at + from->primitives, range_of(from)};
            at += 2 * from->primitives;
        }
        first += 2 * from->l + 1;
    }
    qsort(a->shell, (size_t)a->shells, sizeof *a->shell, by_range);
    return ST_OK;
}

/* All T that may stand within range of a displacement wrapped to [-1/2, 1/2)^3. */
static void find_images(struct ao_contract *a, double range)
{
    int reach[3] = {0};
    double corner = 0;
    for (int i = 0; a->periodic && i < 3; i++) {
        double b2 = 0, c2 = 0;
        for (int k = 0; k < 3; k++) {
            b2 += a->inverse[k][i] * a->inverse[k][i];
            c2 += a->cell[i][k] * a->cell[i][k];
        }
        reach[i] = (int)(range * sqrt(b2) + 0.5); /* planes 1/|b| apart */
        corner += 0.5 * sqrt(c2);
    }
    int most = (2 * reach[0] + 1) * (2 * reach[1] + 1) * (2 * reach[2] + 1);
    a->image = mem_new((size_t)most, sizeof *a->image);
    a->sign = MEM_NEW(double, most);
    for (int t = 0; t < most; t++) {
        int n[3] = {t / (2 * reach[2] + 1) / (2 * reach[1] + 1) - reach[0],
                    t / (2 * reach[2] + 1) % (2 * reach[1] + 1) - reach[1],
                    t % (2 * reach[2] + 1) - reach[2]},
            odd = 0;
        double *v = a->image[a->images];
        for (int k = 0; k < 3; k++)
            v[k] = n[0] * a->cell[0][k] + n[1] * a->cell[1][k] + n[2] * a->cell[2][k];
        for (int i = 0; i < 3; i++)
            odd += a->half[i] && n[i] % 2 != 0;
        if (sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]) < range + corner)
            a->sign[a->images++] = odd % 2 ? -1 : 1;
    }
}

struct ao_contract *ao_contract_new(const struct system *s, const struct basis *b,
                                    const double kpoint[3], struct err *err)
{
    struct ao_contract *a = MEM_NEW(struct ao_contract, 1);
    a->atoms = s->n;
    a->periodic = s->periodic;
    a->pos = mem_new((size_t)s->n, sizeof *a->pos);
    memcpy(a->pos, s->pos, (size_t)s->n * sizeof *a->pos);
    if (s->periodic) {
        memcpy(a->cell, s->cell, sizeof a->cell);
        system_inverse(s->cell, a->inverse);
        for (int i = 0; i < 3; i++)
            a->half[i] = fabs(kpoint[i] - rint(kpoint[i])) > 0.25;
    }
    a->diffuse = ao_contract_fourier_new(s, b, kpoint);
    if (copy_basis(a, b, err)) {
        ao_contract_free(a);
        return NULL;
    }
    find_images(a, a->shells ? sqrt(a->shell[0].range2) : 0);
    return a;
}

void ao_contract_free(struct ao_contract *a)
{
    if (!a)
        return;
    ao_contract_fourier_free(a->diffuse);
    free(a->pos);
    free(a->shell);
    free(a->numbers);
    free(a->image);
    free(a->sign);
    free(a);
}
