/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Electron-electron term u(r_ij): antiparallel (0) and parallel (1) pairs have their own function.
 */
#include <math.h>
#include <stddef.h>
#include "qmc/jastrow_term.h"

static int parameters(const struct jastrow *j)
{
    return 2 * j->u_order;
}

/* Pairs of i with electrons first .. last-1, without itself. */
static void add_range(struct jastrow_list *list, const struct jastrow_sums *sums, int walker,
                      const double r[3], int i, int first, int last, const double pos[][3])
{
    if (i >= first && i < last) {
        jastrow_list_add(list, sums, walker, r, i - first, pos + first);
        first = i + 1;
    }
    jastrow_list_add(list, sums, walker, r, last - first, pos + first);
}

/* The same if they are few: of all walkers at once */
static void add_few(const struct jastrow_sums *sums, int walkers, const double r[][3], int i,
                    int first, int last, const double pos[][3])
{
    int k[JASTROW_FEW], n = 0;
    for (int m = first; m < last; m++)
        if (m != i)
            k[n++] = m;
    jastrow_list_few(sums, walkers, r, n, k, pos, (size_t)sums->j->electrons);
}

static void electron(const struct jastrow *j, struct jastrow_work *work, int walkers,
                     const double pos[][3], int i, const double r[][3], double value[],
                     double gradient[][3], double laplacian[])
{
    struct jastrow_list list;
    int up = i < j->n_up;
    (void)work;
    list.n = list.segments = 0;
    for (int spin = 0; spin < 2; spin++) { /* of the partners: 0 up */
        struct jastrow_sums sums = {j, &j->u[up != spin], value, gradient, laplacian};
        int first = spin ? j->n_up : 0, last = spin ? j->electrons : j->n_up;
        if (last - first - (i >= first && i < last) <= JASTROW_FEW) {
            add_few(&sums, walkers, r, i, first, last, pos);
            continue;
        }
        for (int w = 0; w < walkers; w++)
            add_range(&list, &sums, w, r[w], i, first, last, pos + (size_t)w * j->electrons);
        jastrow_list_flush(&list, &sums);
    }
}

/* dE_L/dp of one pair: -lap g - (g'/r) d.(v_i - v_k), g = du/dp */
static void pair_derivatives(const struct radial *u, const double d[3], const double *vi,
                             const double *vk, int at, double value[], double energy[])
{
    double r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2], along = 0;
    double g[RADIAL_ORDER + 2], slope[RADIAL_ORDER + 2], laplacian[RADIAL_ORDER + 2];
    if (r2 >= fmax(u->cutoff * u->cutoff, u->range * u->range))
        return;
    radial_basis(u, r2, g, slope, laplacian);
    for (int x = 0; energy && x < 3; x++)
        along += d[x] * (vi[x] - vk[x]);
    for (int l = 0; l < u->order + 2; l++) {
        int to = l < 2 ? JASTROW_RANGE_U + l : at + l - 2;
        value[to] += g[l];
        if (energy)
            energy[to] -= laplacian[l] + slope[l] * along;
    }
}

static void derivatives(const struct jastrow *j, struct jastrow_work *work, const double pos[][3],
                        const double velocity[][3], int at, double value[], double energy[])
{
    (void)work;
    for (int i = 0; i < j->electrons; i++)
        for (int k = 0; k < i; k++) {
            double d[3] = {pos[i][0] - pos[k][0], pos[i][1] - pos[k][1], pos[i][2] - pos[k][2]};
            int same = (i < j->n_up) == (k < j->n_up);
            images_shortest(&j->images, 1, &d[0], &d[1], &d[2]);
            pair_derivatives(&j->u[same], d, energy ? velocity[i] : 0, energy ? velocity[k] : 0,
                             at + same * j->u_order, value, energy);
        }
}

/*
 * One pair, d = r_i - r_k: J gradient (f'/r) d; K = -lap f - (f'/r) d.dv with dv = v_i - v_k:
 * dK/dd = -third d - (f'/r) dv - bend d (d.dv).
 */
static void differential_list(const struct jastrow *j, int i, int first, const double velocity[][3],
                              const struct radial *u, struct jastrow_list *list,
                              struct jastrow_differential *out)
{
    double slope[RADIAL_LIST], bend[RADIAL_LIST], third[RADIAL_LIST];
    jastrow_list_distances(list, j);
    radial_third(u, list->n, list->r2, slope, bend, third);
    for (int m = 0; m < list->n; m++) {
        int k = first + m;
        double d[3] = {list->x[m], list->y[m], list->z[m]}, along = 0;
        for (int x = 0; x < 3; x++)
            along += d[x] * (velocity[i][x] - velocity[k][x]);
        for (int x = 0; x < 3; x++) {
            double g = slope[m] * d[x];
            double e =
                -(third[m] + bend[m] * along) * d[x] - slope[m] * (velocity[i][x] - velocity[k][x]);
            out->value_electron[i][x] += g;
            out->value_electron[k][x] -= g;
            out->energy_electron[i][x] += e;
            out->energy_electron[k][x] -= e;
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
    for (int i = 1; i < j->electrons; i++)
        for (int spin = 0; spin < 2; spin++) {
            int first = spin ? j->n_up : 0, last = spin ? i : i < j->n_up ? i : j->n_up;
            const struct radial *u = &j->u[(i < j->n_up) != spin];
            for (; first < last; first += RADIAL_LIST) {
                int n = last - first < RADIAL_LIST ? last - first : RADIAL_LIST;
                jastrow_list_add(&list, 0, 0, pos[i], n, pos + first);
                differential_list(j, i, first, velocity, u, &list, d);
            }
        }
}

const struct jastrow_term jastrow_u = {0.5,  parameters, NULL,        NULL,
                                       NULL, electron,   derivatives, differential};
