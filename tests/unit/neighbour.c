/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include "base/rng.h"
#include "check.h"
#include "crystal/neighbour.h"

static struct system *random_system(const double cell[3][3], int n, uint64_t seed)
{
    struct system *s = system_new(n);
    struct rng rng;
    rng_start(&rng, seed, RNG_TEST, 0, 0, 0);
    s->periodic = true;
    memcpy(s->cell, cell, sizeof s->cell);
    for (int i = 0; i < n; i++) {
        double f[3];
        for (int x = 0; x < 3; x++)
            f[x] = 4 * rng_uniform(&rng) - 2; /* atoms outside the cell too */
        for (int x = 0; x < 3; x++)
            s->pos[i][x] = f[0] * cell[0][x] + f[1] * cell[1][x] + f[2] * cell[2][x];
    }
    return s;
}

/* Number of images of j within cutoff of i by brute force, and the sum of their distances. */
static int brute(const struct system *s, int i, int j, double cutoff, double *sum)
{
    int count = 0, m = s->periodic ? 12 : 0;
    for (int a = -m; a <= m; a++)
        for (int b = -m; b <= m; b++)
            for (int c = -m; c <= m; c++) {
                double r2 = 0;
                for (int x = 0; x < 3; x++) {
                    double d = s->pos[j][x] - s->pos[i][x] + a * s->cell[0][x] + b * s->cell[1][x] +
                               c * s->cell[2][x];
                    r2 += d * d;
                }
                if (r2 < cutoff * cutoff && (i != j || a || b || c)) {
                    count++;
                    *sum += sqrt(r2);
                }
            }
    return count;
}

static void compare(const struct system *s, double cutoff)
{
    struct neighbour *list = neighbour_new(s, cutoff);
    int *count = calloc((size_t)s->n, sizeof *count);
    double *sum = calloc((size_t)s->n, sizeof *sum);
    for (int i = 0; i < s->n; i++) {
        memset(count, 0, (size_t)s->n * sizeof *count);
        memset(sum, 0, (size_t)s->n * sizeof *sum);
        for (size_t p = list->first[i]; p < list->first[i + 1]; p++) {
            const double *d = list->d[p];
            int j = list->atom[p];
            count[j]++;
            sum[j] += sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
            for (int x = 0; x < 3; x++)
                CHECK_NEAR(s->pos[j][x] - s->pos[i][x] + list->shift[p][0] * s->cell[0][x] +
                               list->shift[p][1] * s->cell[1][x] +
                               list->shift[p][2] * s->cell[2][x],
                           d[x], 1e-10);
        }
        for (int j = 0; j < s->n; j++) {
            double expected = 0;
            CHECK(count[j] == brute(s, i, j, cutoff, &expected));
            CHECK_NEAR(sum[j], expected, 1e-9);
        }
    }
    free(count);
    free(sum);
    neighbour_free(list);
}

static void any_cell(void)
{
    double cubic[3][3] = {{5.1, 0, 0}, {0, 5.1, 0}, {0, 0, 5.1}};
    double skewed[3][3] = {{3.1, 0.3, -0.2}, {4.7, -3.9, 0.4}, {-2.2, 2.6, 4.3}};
    double thin[3][3] = {{1.3, 0, 0}, {0.4, 9.7, 0}, {0, 0.3, 8.1}};
    struct {
        const double (*cell)[3];
        int n;
        double cutoff;
    } cases[] = {{cubic, 9, 1.3},  {cubic, 5, 2.55}, {cubic, 3, 6.2}, {skewed, 6, 1.1},
                 {skewed, 4, 5.3}, {thin, 7, 2.7},   {thin, 1, 5.2}};
    for (int i = 0; i < 7; i++) {
        struct system *s = random_system(cases[i].cell, cases[i].n, (uint64_t)i);
        compare(s, cases[i].cutoff);
        s->periodic = false;
        compare(s, cases[i].cutoff);
        system_free(s);
    }
}

static void symmetric(void)
{
    double cell[3][3] = {{9.1, 0.3, 0}, {-1.7, 8.2, 0.4}, {0.2, 0.6, 7.3}};
    struct system *s = random_system(cell, 60, 3);
    struct neighbour *list = neighbour_new(s, 4.2);
    double sum[3] = {0, 0, 0};
    for (size_t p = 0; p < list->first[60]; p++)
        for (int x = 0; x < 3; x++)
            sum[x] += list->d[p][x];
    for (int x = 0; x < 3; x++)
        CHECK_NEAR(sum[x], 0, 1e-9);
    double ideal = 60 * 59 / system_volume(s) * 4 * M_PI / 3 * pow(4.2, 3);
    CHECK(fabs((double)list->first[60] / ideal - 1) < 0.1);
    neighbour_free(list);
    system_free(s);
}

static void closer(void)
{
    double cell[3][3] = {{9.1, 0.3, 0}, {-1.7, 8.2, 0.4}, {0.2, 0.6, 7.3}};
    struct system *s = random_system(cell, 12, 3);
    struct neighbour *list = neighbour_new(s, 6);
    double nearest = INFINITY, found = 0;
    for (size_t p = 0; p < list->first[12]; p++) {
        const double *d = list->d[p];
        nearest = fmin(nearest, sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]));
    }
    int i = -1, j = -1;
    CHECK(!neighbour_closer(s, nearest * 0.999, &i, &j, &found));
    CHECK(neighbour_closer(s, nearest * 1.001, &i, &j, &found));
    CHECK_NEAR(found, nearest, 1e-12);
    CHECK(i >= 0 && i <= j && j < 12);
    neighbour_free(list);
    system_free(s);
}

int main(int argc, char **argv)
{
    static const struct check_case cases[] = {
        {"any_cell", any_cell}, {"symmetric", symmetric}, {"closer", closer}, {0}};
    return check_main(argc, argv, cases);
}
