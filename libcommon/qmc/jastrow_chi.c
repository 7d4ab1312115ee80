/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Electron-nucleus term chi(r_iI), one function for each element. */
#include <math.h>
#include <stddef.h>
#include "qmc/jastrow_term.h"

static int parameters(const struct jastrow *j)
{
    return j->elements * j->chi_order;
}

static void electron(const struct jastrow *j, struct jastrow_work *work, int walkers,
                     const double pos[][3], int i, const double r[][3], double value[],
                     double gradient[][3], double laplacian[])
{
    struct jastrow_list list;
    (void)work, (void)pos, (void)i; /* only the moved electron counts */
    list.n = list.segments = 0;
    for (int e = 0; e < j->elements; e++) {
        struct jastrow_sums sums = {j, &j->chi[e], value, gradient, laplacian};
        const int n = j->first[e + 1] - j->first[e], k[JASTROW_FEW] = {0, 1, 2};
        if (n <= JASTROW_FEW) {
            jastrow_list_few(&sums, walkers, r, n, k, j->nucleus + j->first[e], 0);
            continue;
        }
        for (int w = 0; w < walkers; w++)
            jastrow_list_add(&list, &sums, w, r[w], j->first[e + 1] - j->first[e],
                             j->nucleus + j->first[e]);
        jastrow_list_flush(&list, &sums);
    }
}

/* dE_L/dp of one pair: -1/2 lap g - (g'/r) d.v_i, g = dchi/dp */
static void pair_derivatives(const struct radial *chi, const double d[3], const double *v, int at,
                             double value[], double energy[])
{
    double r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
    double g[RADIAL_ORDER + 2], slope[RADIAL_ORDER + 2], laplacian[RADIAL_ORDER + 2];
    if (r2 >= fmax(chi->cutoff * chi->cutoff, chi->range * chi->range))
        return;
    radial_basis(chi, r2, g, slope, laplacian);
    double along = energy ? d[0] * v[0] + d[1] * v[1] + d[2] * v[2] : 0;
    for (int l = 0; l < chi->order + 2; l++) {
        int to = l < 2 ? JASTROW_RANGE_CHI + l : at + l - 2;
        value[to] += g[l];
        if (energy)
            energy[to] -= 0.5 * laplacian[l] + slope[l] * along;
    }
}

static void derivatives(const struct jastrow *j, struct jastrow_work *work, const double pos[][3],
                        const double velocity[][3], int at, double value[], double energy[])
{
    (void)work;
    for (int e = 0; e < j->elements; e++)
        for (int i = 0; i < j->electrons; i++)
            for (int a = j->first[e]; a < j->first[e + 1]; a++) {
                const double *c = j->nucleus[a];
                double d[3] = {pos[i][0] - c[0], pos[i][1] - c[1], pos[i][2] - c[2]};
                images_shortest(&j->images, 1, &d[0], &d[1], &d[2]);
                pair_derivatives(&j->chi[e], d, energy ? velocity[i] : 0, at + e * j->chi_order,
                                 value, energy);
            }
}

/* d = r_i - R_I: J gradient (f'/r) d; K = -1/2 lap f - (f'/r) d.v_i. */
static void differential_list(const struct jastrow *j, int i, int first, const double v[3],
                              const struct radial *chi, struct jastrow_list *list,
                              struct jastrow_differential *out)
{
    double slope[RADIAL_LIST], bend[RADIAL_LIST], third[RADIAL_LIST];
    jastrow_list_distances(list, j);
    radial_third(chi, list->n, list->r2, slope, bend, third);
    for (int m = 0; m < list->n; m++) {
        int a = j->atom[first + m];
        double d[3] = {list->x[m], list->y[m], list->z[m]};
        double along = d[0] * v[0] + d[1] * v[1] + d[2] * v[2];
        for (int x = 0; x < 3; x++) {
            double g = slope[m] * d[x];
            double e = -(0.5 * third[m] + bend[m] * along) * d[x] - slope[m] * v[x];
            out->value_electron[i][x] += g;
            out->value_nucleus[a][x] -= g;
            out->energy_electron[i][x] += e;
            out->energy_nucleus[a][x] -= e;
            for (int y = 0; y < 3; y++) {
                out->value_strain[x][y] += g * d[y];
                out->energy_strain[x][y] += e * d[y];
            }
        }
    }
    list->n = list->segments = 0;
}

static void differential(const struct jastrow *j, struct jastrow_work *work, const double pos[][3],
                         const double velocity[][3], struct jastrow_differential *d)
{
    struct jastrow_list list;
    (void)work;
    list.n = list.segments = 0;
    for (int e = 0; e < j->elements; e++)
        for (int i = 0; i < j->electrons; i++)
            for (int first = j->first[e]; first < j->first[e + 1]; first += RADIAL_LIST) {
                int left = j->first[e + 1] - first, n = left < RADIAL_LIST ? left : RADIAL_LIST;
                jastrow_list_add(&list, 0, 0, pos[i], n, j->nucleus + first);
                differential_list(j, i, first, velocity[i], &j->chi[e], &list, d);
            }
}

const struct jastrow_term jastrow_chi = {1.0,  parameters, NULL,        NULL,
                                         NULL, electron,   derivatives, differential};
