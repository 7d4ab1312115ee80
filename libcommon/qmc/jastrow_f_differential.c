/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Derivatives of the electron-electron-nucleus term for forces and stress. A pair i, j about nucleus
 * I gives F(a, b, d), a = r_i - R_I, b = r_j - R_I, d = r_i - r_j, and with
 *   K = -1/2 [F_aa + F_bb + 2 F_dd] - (a.d) F_ad + (b.d) F_bd - (v_i.a) F_a - (v_j.b) F_b - (v_ij.d) F_d
 * (F_x = (1/x) dF/dx, F_xx = the Laplacian in x) all follows from dK/da, dK/db, dK/dd: those of r_i
 * are d/da + d/dd, of r_j d/db - d/dd, of R_I -(d/da + d/db). Superscripts 0..4 of the radial
 * functions: value, slope f'/r, Laplacian, bend, third (qmc/radial.h); d slope = bend d,
 * d Laplacian = third d.
 */
#include <math.h>
#include <string.h>
#include "qmc/jastrow_f.h"

enum { VALUE, SLOPE, LAPLACIAN, BEND, THIRD, KINDS };

static double dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/* Enter electron i into the lists of the nuclei it is near to; they are in ascending order. */
static void enter(const struct jastrow *j, struct jastrow_work *work, int i, int near)
{
    for (int k = 0; k < near; k++) {
        int atom = work->near[k].atom;
        size_t at = (size_t)atom * j->electrons + work->deep_count[atom]++;
        work->deep[at] = work->near[k];
        work->deep_electron[at] = i;
    }
}

#define HALF(atom, same) ((size_t)(2 * (atom) + (same)) * JASTROW_H * KINDS)

/* gamma applied to radial_four of electron i: half[atom][spin][n][kind] */
static void apply_gamma(const struct jastrow *j, struct jastrow_work *work, int near)
{
    for (int k = 0; k < near; k++)
        for (int same = 0; same < 2; same++)
            for (int n = 0; n < JASTROW_H; n++)
                for (int q = 0; q < KINDS; q++)
                    work->half[HALF(work->near[k].atom, same) + n * KINDS + q] = jastrow_f_times(
                        work->near[k].four[q], j->gamma[work->near[k].element][same][n]);
}

/* sum_n half_n^kind h_n^which (h_0 = 1) */
static jastrow_four weigh(const jastrow_four *half, const struct jastrow_pair *p, int kind,
                          int which)
{
    jastrow_four v = half[KINDS + kind] * p->h[which][0] + half[2 * KINDS + kind] * p->h[which][1];
    return which == VALUE ? v + half[kind] : v;
}

static void set(double out[3], double s, const double x[3], double t, const double y[3], double u,
                const double z[3])
{
    for (int c = 0; c < 3; c++)
        out[c] = s * x[c] + t * y[c] + u * z[c];
}

/* Gradients of J and K of one pair about one nucleus, with respect to a, b, d. */
static void pair_gradient(const struct jastrow_pair *p, const jastrow_four *half,
                          const double four[5][4], const double a[3], const double b[3],
                          double value[3][3], double energy[3][3])
{
    const double *d = p->d, v[3] = {p->vi[0] - p->vj[0], p->vi[1] - p->vj[1], p->vi[2] - p->vj[2]};
    const jastrow_four b0 = jastrow_f_load(four[VALUE]), b1 = jastrow_f_load(four[SLOPE]),
                       b2 = jastrow_f_load(four[LAPLACIAN]), b3 = jastrow_f_load(four[BEND]),
                       b4 = jastrow_f_load(four[THIRD]);
    const double ad = dot(a, d), bd = dot(b, d), va = dot(p->vi, a), vb = dot(p->vj, b),
                 vd = dot(v, d);
    jastrow_four v0 = weigh(half, p, VALUE, VALUE), v1 = weigh(half, p, SLOPE, VALUE),
                 v2 = weigh(half, p, LAPLACIAN, VALUE), v3 = weigh(half, p, BEND, VALUE),
                 v4 = weigh(half, p, THIRD, VALUE), s0 = weigh(half, p, VALUE, SLOPE),
                 s1 = weigh(half, p, SLOPE, SLOPE), s2 = weigh(half, p, LAPLACIAN, SLOPE),
                 s3 = weigh(half, p, BEND, SLOPE), l0 = weigh(half, p, VALUE, LAPLACIAN),
                 l1 = weigh(half, p, SLOPE, LAPLACIAN), c0 = weigh(half, p, VALUE, BEND),
                 c1 = weigh(half, p, SLOPE, BEND), t0 = weigh(half, p, VALUE, THIRD);
    double along_a = jastrow_f_total(-0.5 * (v4 * b0 + v1 * b2) - l1 * b0 - ad * s3 * b0 +
                                     bd * s1 * b1 - va * v3 * b0 - vb * v1 * b1 - vd * s1 * b0);
    double along_b = jastrow_f_total(-0.5 * (v2 * b1 + v0 * b4) - l0 * b1 - ad * s1 * b1 +
                                     bd * s0 * b3 - va * v1 * b1 - vb * v0 * b3 - vd * s0 * b1);
    double along_d = jastrow_f_total(-0.5 * (s2 * b0 + s0 * b2) - t0 * b0 - ad * c1 * b0 +
                                     bd * c0 * b1 - va * s1 * b0 - vb * s0 * b1 - vd * c0 * b0);
    double fa = jastrow_f_total(v1 * b0), fb = jastrow_f_total(v0 * b1),
           fd = jastrow_f_total(s0 * b0), fad = jastrow_f_total(s1 * b0),
           fbd = jastrow_f_total(s0 * b1);
    set(value[0], fa, a, 0, a, 0, a);
    set(value[1], fb, b, 0, b, 0, b);
    set(value[2], fd, d, 0, d, 0, d);
    set(energy[0], along_a, a, -fad, d, -fa, p->vi);
    set(energy[1], along_b, b, fbd, d, -fb, p->vj);
    set(energy[2], along_d, d, -fad, a, fbd, b);
    for (int c = 0; c < 3; c++)
        energy[2][c] -= fd * v[c];
}

struct sums { /* of the pairs of one electron about one nucleus */
    double electron[3], nucleus[3], strain[3][3];
};

static inline void distribute(const double g[3][3], const double arm[3][3], double other[3],
                              struct sums *s)
{
    for (int c = 0; c < 3; c++) {
        s->electron[c] += g[0][c] + g[2][c];
        other[c] += g[1][c] - g[2][c];
        s->nucleus[c] -= g[0][c] + g[1][c];
        for (int y = 0; y < 3; y++)
            s->strain[c][y] += g[0][c] * arm[0][y] + g[1][c] * arm[1][y] + g[2][c] * arm[2][y];
    }
}

static void add_sums(const struct sums *s, double electron[3], double nucleus[3],
                     double strain[3][3])
{
    for (int c = 0; c < 3; c++) {
        electron[c] += s->electron[c];
        nucleus[c] += s->nucleus[c];
        for (int y = 0; y < 3; y++)
            strain[c][y] += s->strain[c][y];
    }
}

/* All pairs of electron i and those entered before it, about one nucleus */
static void one_site(const struct jastrow *j, struct jastrow_work *work,
                     const struct jastrow_pair pair[], int i, const struct jastrow_near *site,
                     struct jastrow_differential *out)
{
    size_t first = (size_t)site->atom * j->electrons;
    int atom = j->atom[site->atom];
    struct sums value = {{0}, {0}, {{0}}}, energy = value;
    for (int k = 0; k < work->deep_count[site->atom]; k++) {
        const struct jastrow_near *other = &work->deep[first + k];
        int partner = work->deep_electron[first + k];
        const struct jastrow_pair *p = &pair[partner];
        int same = (i < j->n_up) == (partner < j->n_up);
        double arm[3][3], of_value[3][3], of_energy[3][3];
        memcpy(arm[0], site->d, sizeof arm[0]);
        memcpy(arm[1], other->d, sizeof arm[1]);
        memcpy(arm[2], p->d, sizeof arm[2]);
        pair_gradient(p, work->half + HALF(site->atom, same), (const double(*)[4])other->four,
                      arm[0], arm[1], of_value, of_energy);
        distribute((const double(*)[3])of_value, (const double(*)[3])arm,
                   out->value_electron[partner], &value);
        distribute((const double(*)[3])of_energy, (const double(*)[3])arm,
                   out->energy_electron[partner], &energy);
    }
    add_sums(&value, out->value_electron[i], out->value_nucleus[atom], out->value_strain);
    add_sums(&energy, out->energy_electron[i], out->energy_nucleus[atom], out->energy_strain);
}

/* The pairs of electron i and those before it */
static void start_pairs(const struct jastrow *j, struct jastrow_work *work, const double pos[][3],
                        const double velocity[][3], int i, struct jastrow_pair pair[])
{
    double *x = work->x, *y = work->y, *z = work->z;
    for (int k = 0; k < i; k++)
        x[k] = pos[i][0] - pos[k][0], y[k] = pos[i][1] - pos[k][1], z[k] = pos[i][2] - pos[k][2];
    images_shortest(&j->images, i, x, y, z);
    for (int k = 0; k < i; k++) {
        double four[5][4];
        struct jastrow_pair *p = &pair[k];
        *p = (struct jastrow_pair){{x[k], y[k], z[k]}, {{0}}, velocity[i], velocity[k]};
        radial_four(dot(p->d, p->d), j->parameters[JASTROW_CUTOFF_H], four);
        for (int q = 0; q < KINDS; q++)
            for (int n = 0; n < 2; n++)
                p->h[q][n] = four[q][jastrow_f_power[n]];
    }
}

void jastrow_f_differential(const struct jastrow *j, struct jastrow_work *work,
                            const double pos[][3], const double velocity[][3],
                            struct jastrow_differential *d)
{
    if (!j->f_active)
        return;
    memset(work->deep_count, 0, (size_t)j->atoms * sizeof *work->deep_count);
    for (int i = 0; i < j->electrons; i++) {
        int near = jastrow_f_near(j, work, pos[i]);
        apply_gamma(j, work, near);
        start_pairs(j, work, pos, velocity, i, work->pair);
        for (int k = 0; k < near; k++)
            one_site(j, work, work->pair, i, &work->near[k], d);
        enter(j, work, i, near);
    }
}
