/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "maths/linalg.h"
#include "ml/pair.h"
#include "ml/rows.h"

static const int voigt[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};

enum {
    BATCH = 8, /* atoms of one element in one matrix product, so that q is read less often */
    SUMS = 9   /* rows besides those of neighbours, at most: force on the atom itself, stress */
};

struct fill {
    const struct potential *p;
    const struct slopes *slopes;
    const struct rows_label *label;
    const struct neighbour *list;
    int force, stress; /* first row of each; -1: none */
    int stresses;      /* rows of stress */
    double *a, *b;
    struct soap_local *local;
    int *channel;
    /* The batch: atoms of one element, and rows of their Jacobians, each of which goes to one row of a */
    int waiting, element, rows;
    double *descriptor;       /* [BATCH][size] */
    double *jacobian;         /* [BATCH * (SUMS + 3 neighbours)][size] */
    int *target, *from;       /* as many: the row of a, the atom of the batch */
    struct slopes_room slope; /* minus the change of a before the factor of the kernel */
    double *kernel, *factor;  /* [BATCH][count] */
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

/* What dE/dd_x is multiplied by in row v of V times the stress */
static double lever(const struct fill *f, int v, int x, const double d[3])
{
    if (f->label->pressure)
        return d[x] / 3;
    return voigt[v][0] == x ? d[voigt[v][1]] : 0;
}

/* row -= factor (slope + rest) */
static void subtract(double *row, const double *factor, const double *slope, const float *rest,
                     int count)
{
    if (rest) {
#pragma omp simd
        for (int m = 0; m < count; m++)
            row[m] -= factor[m] * (slope[m] + (double)rest[m]);
    } else {
#pragma omp simd
        for (int m = 0; m < count; m++)
            row[m] -= factor[m] * slope[m];
    }
}

/* Energies, and factor = zeta (p.q)^(zeta - 1), the derivative of the kernel */
static void kernels(struct fill *f, int count)
{
    const struct potential *p = f->p;
    double *energy = f->a + p->first[f->element];
    potential_kernel(p, f->element, f->waiting, f->descriptor, f->kernel, f->factor);
    for (int m = 0; m < f->waiting * count; m++)
        f->factor[m] = p->zeta * potential_power(f->factor[m], p->zeta - 1);
    for (int b = 0; b < f->waiting && f->label->has_energy; b++)
        for (int m = 0; m < count; m++)
            energy[m] += f->kernel[(size_t)b * count + m];
}

static void flush(struct fill *f)
{
    const struct potential *p = f->p;
    int first = p->first[f->element], count = p->first[f->element + 1] - first;
    kernels(f, count);
    const float *rest = slopes_product(p, f->slopes, f->element, f->rows, f->jacobian, &f->slope);
    for (int r = 0; r < f->rows; r++) {
        size_t at = (size_t)r * count;
        subtract(f->a + (size_t)f->target[r] * p->columns + first,
                 f->factor + (size_t)f->from[r] * count, f->slope.slope + at,
                 rest ? rest + at : NULL, count);
    }
    f->waiting = f->rows = 0;
}

static void add(double *to, double scale, const double *x, int size)
{
#pragma omp simd
    for (int i = 0; i < size; i++)
        to[i] += scale * x[i];
}

/* The batch's next row is one of the atom that joins, and goes to that row of a. */
static void mark(struct fill *f, int target)
{
    f->target[f->rows] = target;
    f->from[f->rows++] = f->waiting;
}

/* dp/dd of the neighbours of atom i, and before them what goes to its own force and to the stress: sums of them,
 * which are far fewer rows to multiply and to add than theirs. */
static void add_jacobian(struct fill *f, int i)
{
    const int size = f->p->descriptor->size, own = f->force >= 0 ? 3 : 0;
    double *sum = f->jacobian + (size_t)f->rows * size, *stress = sum + own * size,
           *dp = stress + f->stresses * size;
    for (int x = 0; x < own; x++)
        mark(f, f->force + 3 * i + x);
    for (int v = 0; v < f->stresses; v++)
        mark(f, f->stress + v);
    memset(sum, 0, (size_t)(dp - sum) * sizeof *sum);
    soap_jacobian(f->p->descriptor, f->local, dp);
    for (size_t k = f->list->first[i]; k < f->list->first[i + 1]; k++)
        for (int x = 0; x < 3; x++, dp += size) {
            if (own) {
                mark(f, f->force + 3 * f->list->atom[k] + x);
                add(sum + x * size, -1, dp, size);
            }
            for (int v = 0; v < f->stresses; v++) {
                double scale = lever(f, v, x, f->list->d[k]);
                if (scale != 0)
                    add(stress + v * size, -scale, dp, size);
            }
        }
}

/* Atom i, which is in f->local, joins the batch. */
static void join(struct fill *f, int i)
{
    const int size = f->p->descriptor->size;
    memcpy(f->descriptor + (size_t)f->waiting * size, f->local->p, size * sizeof(double));
    if (f->force >= 0 || f->stress >= 0)
        add_jacobian(f, i);
    if (++f->waiting == BATCH)
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
        if (own != f->element)
            flush(f);
        f->element = own;
        join(f, i);
    }
    flush(f);
    return ST_OK;
}

enum status rows_fill(const struct potential *p, const struct slopes *slopes,
                      const struct rows_label *label, double a[], double b[], struct err *err)
{
    struct fill f = {.p = p, .slopes = slopes, .label = label, .a = a, .b = b};
    f.list = neighbour_new(label->system, p->soap.cutoff);
    int most = most_neighbours(f.list) + 1;
    f.force = label->has_forces ? label->has_energy : -1;
    f.stresses = rows_stress(label);
    f.stress = f.stresses ? rows_count(label) - f.stresses : -1;
    f.local = soap_local_new(p->descriptor);
    f.channel = MEM_NEW(int, most);
    const size_t rows = (size_t)BATCH * (SUMS + 3 * most), size = p->descriptor->size;
    f.descriptor = MEM_RAW(double, BATCH *size);
    f.jacobian = MEM_RAW(double, rows *size);
    f.target = MEM_RAW(int, rows);
    f.from = MEM_RAW(int, rows);
    slopes_room_new(p, slopes, (int)rows, &f.slope);
    f.kernel = MEM_RAW(double, (size_t)BATCH * p->count);
    f.factor = MEM_RAW(double, (size_t)BATCH * p->count);
    enum status status = atoms(&f, err);
    if (!status) {
        right_side(&f);
        pairs(&f);
        weigh(&f);
    }
    neighbour_free((struct neighbour *)f.list);
    soap_local_free(f.local);
    free(f.channel);
    free(f.descriptor);
    free(f.jacobian);
    free(f.target);
    free(f.from);
    slopes_room_free(&f.slope);
    free(f.kernel);
    free(f.factor);
    return status;
}
