/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include "base/mem.h"
#include "maths/linalg.h"
#include "ml/pair.h"
#include "ml/rows.h"

static const int voigt[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};

enum { BATCH = 4 }; /* atoms of one element in one matrix product, so that q is read less often */

struct fill {
    const struct potential *p;
    const struct rows_label *label;
    const struct neighbour *list;
    int force, stress; /* first row of each; -1: none */
    int stresses;      /* rows of stress */
    double *a, *b;
    struct soap_local *local;
    int *channel;
    int waiting, atom[BATCH], channel_of_batch, rows; /* atoms of the batch and rows of jacobian */
    double *jacobian;                                 /* [BATCH * 3 neighbours][size] */
    double *slope;  /* [BATCH * 3 neighbours][count], dE_m/dd before the factor of the kernel */
    double *kernel; /* [count] */
    double *factor; /* [BATCH][count] */
};

int rows_count(const struct rows_label *label)
{
    return label->has_energy + (label->has_forces ? 3 * label->system->n : 0) + rows_stress(label);
}

int rows_stress(const struct rows_label *label)
{
    return label->has_stress ? label->pressure ? 1 : 6 : 0;
}

double rows_stress_of(const struct rows_label *label, int v, const double stress[3][3])
{
    return label->pressure ? (stress[0][0] + stress[1][1] + stress[2][2]) / 3
                           : stress[voigt[v][0]][voigt[v][1]];
}

void rows_set_noise(struct rows_label *label, const struct rows_noise *noise)
{
    int n = label->system->n;
    label->energy_noise = hypot(label->energy_error, noise->energy * sqrt(n));
    for (int i = 0; label->force_noise && i < 3 * n; i++)
        label->force_noise[i] = hypot(label->force_error ? label->force_error[i] : 0, noise->force);
    for (int v = 0; v < 6; v++)
        label->stress_noise[v] = hypot(label->stress_error[v], noise->stress);
}

/* Energies and the kernel's derivative factor zeta (p.q)^(zeta - 1) of the next atom of the batch */
static void energy_row(struct fill *f, int e)
{
    const struct potential *p = f->p;
    int first = p->first[e], count = p->first[e + 1] - first;
    double *factor = f->factor + (size_t)f->waiting * p->count;
    potential_kernel(p, e, 1, f->local->p, f->kernel, factor);
    for (int m = 0; m < count; m++)
        factor[m] = p->zeta * potential_power(factor[m], p->zeta - 1);
    for (int m = 0; f->label->has_energy && m < count; m++)
        f->a[first + m] += f->kernel[m];
}

static void add(double *row, double scale, const double *factor, const double *slope, int count)
{
#pragma omp simd
    for (int m = 0; m < count; m++)
        row[m] += scale * factor[m] * slope[m];
}

/* What dE/dd_x is multiplied by in row v of V times the stress */
static double lever(const struct fill *f, int v, int x, const double d[3])
{
    if (f->label->pressure)
        return d[x] / 3;
    return voigt[v][0] == x ? d[voigt[v][1]] : 0;
}

/* slope[3 neighbours][count] of atom i to the rows of forces and stress */
static void spread(struct fill *f, int i, const double *factor, const double *slope)
{
    const struct potential *p = f->p;
    int first = p->first[f->channel_of_batch], count = p->first[f->channel_of_batch + 1] - first;
    for (size_t k = f->list->first[i]; k < f->list->first[i + 1]; k++)
        for (int x = 0; x < 3; x++, slope += count) {
            const double *d = f->list->d[k];
            int j = f->list->atom[k];
            if (f->force >= 0) {
                add(f->a + (size_t)(f->force + 3 * j + x) * p->columns + first, -1, factor, slope,
                    count);
                add(f->a + (size_t)(f->force + 3 * i + x) * p->columns + first, 1, factor, slope,
                    count);
            }
            for (int v = 0; v < f->stresses; v++) {
                double scale = lever(f, v, x, d);
                if (scale != 0)
                    add(f->a + (size_t)(f->stress + v) * p->columns + first, scale, factor, slope,
                        count);
            }
        }
}

static void flush(struct fill *f)
{
    const struct potential *p = f->p;
    int size = p->descriptor->size, first = p->first[f->channel_of_batch],
        count = p->first[f->channel_of_batch + 1] - first;
    const double *slope = f->slope;
    if (f->rows)
        linalg_gemm(LINALG_N, LINALG_T, f->rows, count, size, 1, f->jacobian,
                    p->q + (size_t)first * size, 0, f->slope);
    for (int b = 0; b < f->waiting; b++) {
        int i = f->atom[b];
        spread(f, i, f->factor + (size_t)b * p->count, slope);
        slope += 3 * (f->list->first[i + 1] - f->list->first[i]) * (size_t)count;
    }
    f->waiting = f->rows = 0;
}

/* Atom i, whose descriptor is in f->local and factor in its place, joins the batch. */
static void force_rows(struct fill *f, int i)
{
    soap_jacobian(f->p->descriptor, f->local,
                  f->jacobian + (size_t)f->rows * f->p->descriptor->size);
    f->rows += 3 * (int)(f->list->first[i + 1] - f->list->first[i]);
    f->atom[f->waiting++] = i;
    if (f->waiting == BATCH)
        flush(f);
}

/* The label less e0 */
static void right_side(struct fill *f)
{
    const struct potential *p = f->p;
    const struct system *s = f->label->system;
    double energy = f->label->energy, volume = system_volume(s);
    for (int i = 0; f->force >= 0 && i < 3 * s->n; i++)
        f->b[f->force + i] = f->label->force[i];
    for (int v = 0; v < f->stresses; v++)
        f->b[f->stress + v] = volume * f->label->stress[v];
    for (int i = 0; i < s->n; i++)
        energy -= p->e0[soap_channel(p->descriptor, s->element[i])];
    if (f->label->has_energy)
        f->b[0] = energy;
}

/* value and slope of half a pair, to one column of a matrix with that many columns: x is f->a or f->b */
static void pair_column(const struct fill *f, double *x, int columns, int i, const double d[3],
                        double r, double value, double slope)
{
    if (f->label->has_energy)
        x[0] += 0.5 * value;
    for (int a = 0; f->force >= 0 && a < 3; a++)
        x[(size_t)(f->force + 3 * i + a) * columns] += slope * d[a] / r;
    for (int v = 0; v < f->stresses; v++)
        for (int a = 0; a < 3; a++)
            x[(size_t)(f->stress + v) * columns] += 0.5 * slope / r * lever(f, v, a, d) * d[a];
}

/* Functions of the two-body term, and the repulsion off the label, of one pair seen from atom i */
static void pair_rows(struct fill *f, int i, int element, int other, const double d[3])
{
    const struct two_body *t = f->p->curves;
    double value[TWO_BODY_SUPPORT], slope[TWO_BODY_SUPPORT],
        r = sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
    if (r < t->reach) {
        int pair = f->p->count + two_body_first(t, element, other),
            first = two_body_values(t, r, value, slope);
        for (int b = 0; b < TWO_BODY_SUPPORT && first + b < t->knots; b++)
            pair_column(f, f->a + pair + first + b, f->p->columns, i, d, r, value[b], slope[b]);
    }
    if (r < f->p->pair_cutoff) {
        double known = pair_energy(element, other, f->p->pair_cutoff, r, slope);
        pair_column(f, f->b, 1, i, d, r, -known, -slope[0]);
    }
}

static void pairs(struct fill *f)
{
    const struct system *s = f->label->system;
    for (int i = 0; i < s->n; i++)
        for (size_t k = f->list->first[i]; k < f->list->first[i + 1]; k++)
            pair_rows(f, i, s->element[i], s->element[f->list->atom[k]], f->list->d[k]);
}

static void scale_row(struct fill *f, int row, double noise)
{
    double *a = f->a + (size_t)row * f->p->columns, w = isfinite(noise) ? 1 / noise : 0;
    f->b[row] = w > 0 ? f->b[row] * w : 0;
    for (int m = 0; m < f->p->columns; m++)
        a[m] *= w;
}

static void weigh(struct fill *f)
{
    const struct rows_label *l = f->label;
    if (l->has_energy)
        scale_row(f, 0, l->energy_noise);
    for (int i = 0; f->force >= 0 && i < 3 * l->system->n; i++)
        scale_row(f, f->force + i, l->force_noise[i]);
    for (int v = 0; v < f->stresses; v++)
        scale_row(f, f->stress + v, system_volume(l->system) * l->stress_noise[v]);
}

static int most_neighbours(const struct neighbour *list)
{
    size_t most = 0;
    for (int i = 0; i < list->n; i++)
        if (list->first[i + 1] - list->first[i] > most)
            most = list->first[i + 1] - list->first[i];
    return (int)most;
}

static enum status atoms(struct fill *f, struct err *err)
{
    const struct soap *soap = f->p->descriptor;
    const struct system *s = f->label->system;
    for (int i = 0; i < s->n; i++) {
        size_t begin = f->list->first[i];
        int count = (int)(f->list->first[i + 1] - begin), own = soap_channel(soap, s->element[i]);
        if (own < 0)
            return err_set(err, ST_DATA, "%s is not among the elements of the model",
                           species_symbol(s->element[i]));
        for (int j = 0; j < count; j++)
            f->channel[j] = soap_channel(soap, s->element[f->list->atom[begin + j]]);
        soap_expand(soap, own, count, (const double(*)[3])f->list->d + begin, f->channel, f->local);
        if (own != f->channel_of_batch)
            flush(f);
        f->channel_of_batch = own;
        energy_row(f, own);
        if (f->force >= 0 || f->stress >= 0)
            force_rows(f, i);
    }
    flush(f);
    return ST_OK;
}

enum status rows_fill(const struct potential *p, const struct rows_label *label, double a[],
                      double b[], struct err *err)
{
    struct fill f = {.p = p, .label = label, .a = a, .b = b};
    f.list = neighbour_new(label->system, p->soap.cutoff);
    int most = most_neighbours(f.list) + 1;
    f.force = label->has_forces ? label->has_energy : -1;
    f.stresses = rows_stress(label);
    f.stress = f.stresses ? rows_count(label) - f.stresses : -1;
    f.local = soap_local_new(p->descriptor);
    f.channel = MEM_NEW(int, most);
    f.jacobian = MEM_NEW(double, (size_t)BATCH * 3 * most * p->descriptor->size);
    f.slope = MEM_NEW(double, (size_t)BATCH * 3 * most * p->count);
    f.kernel = MEM_NEW(double, p->count);
    f.factor = MEM_NEW(double, (size_t)BATCH * p->count);
    enum status status = atoms(&f, err);
    if (!status) {
        right_side(&f);
        pairs(&f);
        weigh(&f);
    }
    neighbour_free((struct neighbour *)f.list);
    soap_local_free(f.local);
    free(f.channel);
    free(f.jacobian);
    free(f.slope);
    free(f.kernel);
    free(f.factor);
    return status;
}
