/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qmc/jastrow_term.h"

void jastrow_list_distances(struct jastrow_list *list, const struct jastrow *j)
{
    images_shortest(&j->images, list->n, list->x, list->y, list->z);
#pragma omp simd
    for (int m = 0; m < list->n; m++)
        list->r2[m] = list->x[m] * list->x[m] + list->y[m] * list->y[m] + list->z[m] * list->z[m];
}

/* gradient of f(|r - p|) with respect to r: (f'/r) d */
static void add_segment(const struct jastrow_list *list, const struct jastrow_sums *sums,
                        int segment, const double value[], const double slope[],
                        const double laplacian[])
{
    double v = 0, gx = 0, gy = 0, gz = 0, l = 0;
#pragma omp simd reduction(+ : v, gx, gy, gz, l)
    for (int m = list->start[segment]; m < list->start[segment + 1]; m++) {
        v += value[m];
        gx += slope[m] * list->x[m];
        gy += slope[m] * list->y[m];
        gz += slope[m] * list->z[m];
        l += laplacian[m];
    }
    int o = list->owner[segment];
    sums->value[o] += v;
    sums->gradient[o][0] += gx;
    sums->gradient[o][1] += gy;
    sums->gradient[o][2] += gz;
    sums->laplacian[o] += l;
}

void jastrow_list_flush(struct jastrow_list *list, const struct jastrow_sums *sums)
{
    double value[RADIAL_LIST], slope[RADIAL_LIST], laplacian[RADIAL_LIST];
    jastrow_list_distances(list, sums->j);
    radial_laplacian(sums->f, list->n, list->r2, value, slope, laplacian);
    for (int s = 0; s < list->segments; s++)
        add_segment(list, sums, s, value, slope, laplacian);
    list->n = list->segments = 0;
}

void jastrow_list_add(struct jastrow_list *list, const struct jastrow_sums *sums, int owner,
                      const double r[3], int n, const double partner[][3])
{
    for (int done = 0; done < n;) {
        if (list->n == RADIAL_LIST)
            jastrow_list_flush(list, sums);
        int room = RADIAL_LIST - list->n, part = n - done < room ? n - done : room;
        double *x = list->x + list->n, *y = list->y + list->n, *z = list->z + list->n;
        for (int m = 0; m < part; m++) {
            x[m] = r[0] - partner[done + m][0];
            y[m] = r[1] - partner[done + m][1];
            z[m] = r[2] - partner[done + m][2];
        }
        list->owner[list->segments] = owner;
        list->start[list->segments++] = list->n;
        list->start[list->segments] = list->n += part;
        done += part;
    }
}

/* One partner of all walkers after another */
static void add_few(struct jastrow_list *list, int walkers, const double r[][3],
                    const double partner[][3], size_t stride)
{
    double *x = list->x + list->n, *y = list->y + list->n, *z = list->z + list->n;
    for (int w = 0; w < walkers; w++) {
        const double *p = partner[w * stride];
        x[w] = r[w][0] - p[0];
        y[w] = r[w][1] - p[1];
        z[w] = r[w][2] - p[2];
    }
    list->n += walkers;
}

/* The sums over partners of walkers first .. first + walkers - 1 */
static void flush_few(struct jastrow_list *list, const struct jastrow_sums *sums, int first,
                      int walkers)
{
    double value[RADIAL_LIST], slope[RADIAL_LIST], laplacian[RADIAL_LIST];
    jastrow_list_distances(list, sums->j);
    radial_laplacian(sums->f, list->n, list->r2, value, slope, laplacian);
    for (int w = 0; w < walkers; w++) {
        double v = 0, gx = 0, gy = 0, gz = 0, l = 0;
        for (int m = w; m < list->n; m += walkers) {
            v += value[m];
            gx += slope[m] * list->x[m];
            gy += slope[m] * list->y[m];
            gz += slope[m] * list->z[m];
            l += laplacian[m];
        }
        sums->value[first + w] += v;
        sums->gradient[first + w][0] += gx;
        sums->gradient[first + w][1] += gy;
        sums->gradient[first + w][2] += gz;
        sums->laplacian[first + w] += l;
    }
}

void jastrow_list_few(const struct jastrow_sums *sums, int walkers, const double r[][3], int n,
                      const int k[], const double partner[][3], size_t stride)
{
    struct jastrow_list list;
    const int most = RADIAL_LIST / JASTROW_FEW;
    for (int first = 0, some; n && first < walkers; first += some) {
        some = walkers - first < most ? walkers - first : most;
        list.n = 0;
        for (int m = 0; m < n; m++)
            add_few(&list, some, r + first, partner + first * stride + k[m], stride);
        flush_few(&list, sums, first, some);
    }
}
