/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Charges on two atoms: with occupations n_Il = sum_i q_l(r_iI), q_l(r) = (1 - r^2/L_q^2)^(3 4^l),
 *   q = sum_{i<j} sum_{I,J} sum_lm lambda^s_lm(R_IJ) q_l(r_iI) q_m(r_jJ),   symmetric in l and m,
 *   lambda^s_lm(R_IJ) = c_lm0 delta_IJ + sum_{k > 0} c_lmk b_k(R_IJ),  b_k = (1 - R^2/L_R^2)^(3 4^(k-1)),
 * the density-density form of Casula, Attaccalite, Sorella, J. Chem. Phys. 121, 7110 (2004), whose matrix
 * is free for each pair of atoms; here it is a smooth function of their distance, so that parameters are
 * few, transfer, and energies are smooth in the nuclei. It describes what u cannot: that two electrons
 * shun one atom, and that the neighbours of a doubly occupied atom are rather empty.
 *
 * An electron of spin s feels field^s_Il = sum_J sum_m lambda_lm(R_IJ) n_Jm, which is kept up to date,
 * on the few nuclei within L_q.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "qmc/jastrow_q.h"

static int parameters(const struct jastrow *j)
{
    return j->elements * (j->elements + 1) / 2 * 2 * j->q_order * JASTROW_PAIRS;
}

/* Number of an unordered pair of elements */
static int kind_of(int e, int f)
{
    return e > f ? e * (e + 1) / 2 + f : f * (f + 1) / 2 + e;
}

/* Of two nuclei: 1 if they are one, then b_k of their distance; b_k'/R. */
static void bond_functions(bool one, double r2, double cutoff, double b[JASTROW_B],
                           double slope[JASTROW_B])
{
    double s = 1 / (cutoff * cutoff), q = one ? 0 : fmax(1 - s * r2, 0);
    b[0] = one;
    slope[0] = 0;
    for (int k = 1; k < JASTROW_B; k++) {
        double p = 3 << 2 * (k - 1);
        b[k] = pow(q, p);
        slope[k] = -2 * s * p * pow(q, p - 1);
    }
}

static void set_bonds(struct jastrow *j)
{
    double cutoff = j->parameters[JASTROW_CUTOFF_R];
    for (int a = 0; a < j->atoms; a++)
        for (int b = 0; b < j->atoms; b++) {
            struct jastrow_bond *more = &j->bond_more[(size_t)a * j->atoms + b];
            double *d = more->d;
            for (int x = 0; x < 3; x++)
                d[x] = j->nucleus[a][x] - j->nucleus[b][x];
            images_shortest(&j->images, 1, &d[0], &d[1], &d[2]);
            more->r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
            bond_functions(a == b, more->r2, cutoff, j->bond[(size_t)a * j->atoms + b],
                           more->slope);
        }
}

void jastrow_q_set(struct jastrow *j, const double a[])
{
    if (!j->q_order)
        return;
    size_t pairs = (size_t)j->atoms * j->atoms;
    if (!j->bond)
        j->bond = mem_new(pairs, sizeof *j->bond);
    if (!j->shift)
        j->shift = mem_new((size_t)j->atoms, sizeof *j->shift);
    if (!j->bond_more)
        j->bond_more = mem_new(pairs, sizeof *j->bond_more);
    set_bonds(j);
    for (int kind = 0; kind < j->elements * (j->elements + 1) / 2; kind++)
        for (int same = 0; same < 2; same++)
            for (int k = 0; k < j->q_order; k++)
                for (int l = 0; l < JASTROW_G; l++)
                    for (int m = l; m < JASTROW_G; m++, a++)
                        j->lambda[kind][same][k][l][m] = j->lambda[kind][same][k][m][l] = *a;
}

static size_t row_size(const struct jastrow_work *work)
{
    return (size_t)work->atoms * JASTROW_G;
}

static int element_of(const struct jastrow *j, int atom)
{
    int e = 0;
    while (atom >= j->first[e + 1])
        e++;
    return e;
}

static void apply(const struct jastrow *j, int kind, int same, jastrow_four n,
                  jastrow_four y[JASTROW_B])
{
    double row[4];
    memcpy(row, &n, sizeof row);
    for (int k = 0; k < JASTROW_B; k++)
        y[k] = jastrow_f_times(row, j->lambda[kind][same][k]);
}

void jastrow_q_add(const struct jastrow *j, int atom, int same, jastrow_four n, double field[])
{
    const double(*b)[4] = (const double(*)[4])j->bond + (size_t)atom * j->atoms;
    int own = element_of(j, atom);
    for (int e = 0; e < j->elements; e++) {
        jastrow_four y[JASTROW_B];
        apply(j, kind_of(own, e), same, n, y);
        for (int a = j->first[e]; a < j->first[e + 1]; a++) {
            jastrow_four *to = (jastrow_four *)(field + (size_t)a * JASTROW_G);
            *to += b[a][0] * y[0] + b[a][1] * y[1] + b[a][2] * y[2] + b[a][3] * y[3];
        }
    }
}

void jastrow_q_fill(const struct jastrow *j, struct jastrow_work *work, int walkers,
                    const double pos[][3])
{
    size_t size = row_size(work);
    memset(work->q_row, 0, (size_t)walkers * j->electrons * size * sizeof(double));
    for (int w = 0; w < walkers; w++) {
        double *field = work->q_field + (size_t)2 * w * size;
        memcpy(field, j->shift, size * sizeof(double));
        memcpy(field + size, j->shift, size * sizeof(double));
        memset(work->q_sum, 0, 2 * size * sizeof(double));
        for (int i = 0; i < j->electrons; i++) {
            size_t at = (size_t)w * j->electrons + i;
            double *sum = work->q_sum + (i >= j->n_up) * size;
            int n = jastrow_q_near(j, work, pos[at]);
            for (int k = 0; k < n; k++)
                for (int l = 0; l < JASTROW_G; l++) {
                    int to = work->near[k].atom * JASTROW_G + l;
                    work->q_row[at * size + to] = work->near[k].four[0][l];
                    sum[to] += work->near[k].four[0][l];
                }
        }
        for (int a = 0; a < j->atoms; a++)
            for (int t = 0; t < 4; t++) { /* of electrons of spin t/2 for those of spin t%2 */
                const double *sum = work->q_sum + (t / 2) * size + (size_t)a * JASTROW_G;
                if (sum[0] != 0) /* the widest; an electron alone is near few atoms */
                    jastrow_q_add(j, a, t / 2 == t % 2, jastrow_f_load(sum),
                                  field + (t % 2) * size);
            }
    }
}

static void load(const struct jastrow *j, struct jastrow_work *work, int walkers,
                 const double pos[][3])
{
    if (j->q_active)
        jastrow_q_fill(j, work, walkers, pos);
}

static void accept(const struct jastrow *j, struct jastrow_work *work, int walker, int i)
{
    size_t size = row_size(work);
    if (!j->q_active)
        return;
    double *row = work->q_row + ((size_t)walker * j->electrons + i) * size;
    double *field = work->q_field + (size_t)2 * walker * size;
    const double *new = work->q_row_new + (size_t)walker *size;
    int spin = i >= j->n_up;
    for (int a = 0; a < j->atoms; a++) {
        size_t at = (size_t)a * JASTROW_G;
        if (row[at] == 0 && new[at] == 0) /* the widest function of all */
            continue;
        jastrow_four change = jastrow_f_load(new + at) - jastrow_f_load(row + at);
        jastrow_q_add(j, a, 1, change, field + spin * size);
        jastrow_q_add(j, a, 0, change, field + !spin * size);
        memcpy(row + at, new + at, JASTROW_G * sizeof *row);
    }
}

int jastrow_q_kind(const struct jastrow *j, int atom, int other)
{
    return kind_of(element_of(j, atom), element_of(j, other));
}

struct jastrow_q_own jastrow_q_own(const struct jastrow *j, struct jastrow_work *work, int scratch,
                                   const double row[])
{
    jastrow_four *y = work->q_y + (size_t)scratch * j->atoms * j->elements * JASTROW_B;
    int *atom = work->q_atom + (size_t)scratch * j->atoms;
    struct jastrow_q_own own = {0, atom, y};
    for (int a = 0; a < j->atoms; a++) {
        const double *n = row + (size_t)a * JASTROW_G;
        if (n[0] == 0 && n[1] == 0 && n[2] == 0 && n[3] == 0)
            continue;
        for (int e = 0; e < j->elements; e++, y += JASTROW_B)
            apply(j, kind_of(element_of(j, a), e), 1, jastrow_f_load(n), y);
        atom[own.n++] = a;
    }
    return own;
}

jastrow_four jastrow_q_without(const struct jastrow *j, const struct jastrow_q_own *own, int atom,
                               int e, const double field[])
{
    const double(*b)[4] = (const double(*)[4])j->bond + (size_t)atom * j->atoms;
    jastrow_four f = jastrow_f_load(field + (size_t)atom * JASTROW_G);
    for (int n = 0; n < own->n; n++) {
        const jastrow_four *y = own->y + ((size_t)n * j->elements + e) * JASTROW_B;
        const double *c = b[own->atom[n]];
        f -= c[0] * y[0] + c[1] * y[1] + c[2] * y[2] + c[3] * y[3];
    }
    return f;
}

static void one_walker(const struct jastrow *j, struct jastrow_work *work, int w, int i,
                       const double r[3], double *value, double gradient[3], double *laplacian)
{
    size_t size = row_size(work);
    const double *field = work->q_field + ((size_t)2 * w + (i >= j->n_up)) * size;
    double *new = work->q_row_new + (size_t)w *size;
    struct jastrow_q_own own =
        jastrow_q_own(j, work, 0, work->q_row + ((size_t)w * j->electrons + i) * size);
    int near = jastrow_q_near(j, work, r);
    memset(new, 0, size * sizeof *new);
    for (int k = 0; k < near; k++) {
        const struct jastrow_near *site = &work->near[k];
        jastrow_four f = jastrow_q_without(j, &own, site->atom, site->element, field);
        memcpy(new + site->atom *JASTROW_G, site->four[0], sizeof site->four[0]);
        double along = jastrow_f_total(jastrow_f_load(site->four[1]) * f);
        *value += jastrow_f_total(jastrow_f_load(site->four[0]) * f);
        *laplacian += jastrow_f_total(jastrow_f_load(site->four[2]) * f);
        for (int x = 0; x < 3; x++)
            gradient[x] += along * site->d[x];
    }
}

static void electron(const struct jastrow *j, struct jastrow_work *work, int walkers,
                     const double pos[][3], int i, const double r[][3], double value[],
                     double gradient[][3], double laplacian[])
{
    (void)pos;
    for (int w = 0; j->q_active && w < walkers; w++)
        one_walker(j, work, w, i, r[w], &value[w], gradient[w], &laplacian[w]);
}

const struct jastrow_term jastrow_q = {
    0.5, parameters, load, accept, NULL, electron, jastrow_q_derivatives, jastrow_q_differential};
