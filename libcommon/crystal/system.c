/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/units.h"
#include "crystal/neighbour.h"
#include "crystal/system.h"

struct system *system_new(int n)
{
    struct system *s = MEM_NEW(struct system, 1);
    s->n = n;
    s->element = MEM_NEW(int, n);
    s->mass = MEM_NEW(double, n);
    s->pos = mem_new((size_t)n, sizeof *s->pos);
    return s;
}

struct system *system_copy(const struct system *s)
{
    struct system *c = system_new(s->n);
    size_t n = (size_t)s->n;
    c->periodic = s->periodic;
    memcpy(c->cell, s->cell, sizeof c->cell);
    if (n == 0)
        return c;
    memcpy(c->element, s->element, n * sizeof *c->element);
    memcpy(c->mass, s->mass, n * sizeof *c->mass);
    memcpy(c->pos, s->pos, n * sizeof *c->pos);
    if (s->velocity) {
        system_add_velocity(c);
        memcpy(c->velocity, s->velocity, n * sizeof *c->velocity);
    }
    return c;
}

void system_free(struct system *s)
{
    if (!s)
        return;
    free(s->element);
    free(s->mass);
    free(s->pos);
    free(s->velocity);
    free(s);
}

void system_add_velocity(struct system *s)
{
    if (!s->velocity)
        s->velocity = mem_new((size_t)s->n, sizeof *s->velocity);
}

static void cross(const double a[3], const double b[3], double c[3])
{
    c[0] = a[1] * b[2] - a[2] * b[1];
    c[1] = a[2] * b[0] - a[0] * b[2];
    c[2] = a[0] * b[1] - a[1] * b[0];
}

static double dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

double system_det(const double m[3][3])
{
    double c[3];
    cross(m[1], m[2], c);
    return dot(m[0], c);
}

double system_volume(const struct system *s)
{
    return fabs(system_det(s->cell));
}

void system_inverse(const double m[3][3], double inv[3][3])
{
    double det = system_det(m), column[3];
    for (int j = 0; j < 3; j++) {
        cross(m[(j + 1) % 3], m[(j + 2) % 3], column);
        for (int i = 0; i < 3; i++)
            inv[i][j] = column[i] / det;
    }
}

void system_reciprocal(const double cell[3][3], double rec[3][3])
{
    double inv[3][3];
    system_inverse(cell, inv);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            rec[i][j] = 2 * M_PI * inv[j][i];
}

double system_mass_density(const struct system *s)
{
    double mass = 0;
    for (int i = 0; i < s->n; i++)
        mass += s->mass[i];
    return mass / system_volume(s);
}

/* Subtract from row i the multiple of row j that makes it shortest; true if that shortened it. */
static bool shorten(double cell[3][3], int map[3][3], int i, int j)
{
    double q = rint(dot(cell[i], cell[j]) / dot(cell[j], cell[j]));
    /* a cell so skewed that the multiple is beyond an int is singular for every purpose */
    if (!(fabs(q) >= 1 && fabs(q) < 1e9))
        return false;
    double before = dot(cell[i], cell[i]), row[3];
    for (int x = 0; x < 3; x++)
        row[x] = cell[i][x] - q * cell[j][x];
    if (!(dot(row, row) < before * (1 - 1e-12)))
        return false;
    for (int x = 0; x < 3; x++) {
        cell[i][x] = row[x];
        map[i][x] -= (int)q * map[j][x];
    }
    return true;
}

void system_reduce(const double cell[3][3], double reduced[3][3], int map[3][3])
{
    memcpy(reduced, cell, 9 * sizeof(double));
    for (int i = 0; i < 9; i++)
        map[i / 3][i % 3] = i % 4 == 0;
    bool changed = true;
    for (int round = 0; changed && round < 200; round++) {
        changed = false;
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++)
                if (i != j && shorten(reduced, map, i, j))
                    changed = true;
    }
}

/*
 * The shortest d + n . cell. An image no longer than `length` has fractional coordinates
 * |f_i| <= length |b_i| / 2 pi, which bounds the search; zero says whether the null vector counts.
 */
static void search(const double cell[3][3], const double inv[3][3], double d[3], bool zero)
{
    double f[3], best[3], bound = 0;
    int low[3], high[3];
    for (int i = 0; i < 3; i++)
        bound = fmax(bound, zero ? 0 : dot(cell[i], cell[i]));
    double best2 = zero ? dot(d, d) : bound;
    memcpy(best, zero ? d : cell[0], sizeof best);
    for (int i = 0; i < 3; i++) {
        f[i] = d[0] * inv[0][i] + d[1] * inv[1][i] + d[2] * inv[2][i];
        double width = sqrt(inv[0][i] * inv[0][i] + inv[1][i] * inv[1][i] + inv[2][i] * inv[2][i]);
        double reach = fmin(sqrt(best2) * width * (1 + 1e-12), 100);
        low[i] = (int)ceil(-reach - f[i]);
        high[i] = (int)floor(reach - f[i]);
    }
    for (int a = low[0]; a <= high[0]; a++)
        for (int b = low[1]; b <= high[1]; b++)
            for (int c = low[2]; c <= high[2]; c++) {
                double e[3];
                if (!zero && a == 0 && b == 0 && c == 0)
                    continue;
                for (int x = 0; x < 3; x++)
                    e[x] = d[x] + a * cell[0][x] + b * cell[1][x] + c * cell[2][x];
                double e2 = dot(e, e);
                if (e2 < best2) {
                    best2 = e2;
                    memcpy(best, e, sizeof best);
                }
            }
    memcpy(d, best, sizeof best);
}

/* d less the lattice vector that its rounded fractional coordinates name */
static void wrap(const double cell[3][3], const double inv[3][3], double d[3])
{
    double f[3];
    for (int i = 0; i < 3; i++)
        f[i] = rint(d[0] * inv[0][i] + d[1] * inv[1][i] + d[2] * inv[2][i]);
    for (int x = 0; x < 3; x++)
        d[x] -= f[0] * cell[0][x] + f[1] * cell[1][x] + f[2] * cell[2][x];
}

void system_minimum_image(const struct system *s, const double d[3], double shortest[3])
{
    double inv[3][3], reduced[3][3], width = 0;
    int map[3][3];
    memcpy(shortest, d, 3 * sizeof(double));
    if (!s->periodic)
        return;
    system_reduce(s->cell, reduced, map);
    system_inverse(reduced, inv);
    wrap(reduced, inv, shortest);
    for (int i = 0; i < 3; i++) /* squared inverse distance of the lattice planes */
        width = fmax(width, inv[0][i] * inv[0][i] + inv[1][i] * inv[1][i] + inv[2][i] * inv[2][i]);
    if (4 * dot(shortest, shortest) * width > 1) /* else no other image can be nearer */
        search(reduced, inv, shortest, true);
}

double system_inradius(const struct system *s)
{
    double inv[3][3], reduced[3][3], d[3] = {0, 0, 0};
    int map[3][3];
    if (!s->periodic)
        return INFINITY;
    system_reduce(s->cell, reduced, map);
    system_inverse(reduced, inv);
    search(reduced, inv, d, false);
    return 0.5 * sqrt(dot(d, d));
}

static const double overlap_distance = 0.05 / UNITS_BOHR_A; /* stream.md, "Bad input" */

static enum status check_cell(const struct system *s, struct err *err)
{
    double size = 1;
    for (int i = 0; i < 3; i++) {
        double length = sqrt(dot(s->cell[i], s->cell[i]));
        if (!isfinite(length))
            return err_set(err, ST_DATA, "lattice vector %d is not finite", i + 1);
        size *= length;
    }
    if (!(fabs(system_det(s->cell)) > 1e-9 * size))
        return err_set(err, ST_DATA,
                       "the cell is singular: its three lattice vectors lie in a "
                       "plane; they must span a volume");
    double inradius = system_inradius(s);
    if (!(2 * inradius >= overlap_distance))
        return err_set(err, ST_DATA,
                       "the cell is so small that atoms are %.4g A from their own images; at least "
                       "0.05 A is needed",
                       2 * inradius * UNITS_BOHR_A);
    return ST_OK;
}

static enum status check_positions(const struct system *s, struct err *err)
{
    double inv[3][3] = {{1e-3, 0, 0}, {0, 1e-3, 0}, {0, 0, 1e-3}};
    if (s->periodic)
        system_inverse(s->cell, inv);
    for (int i = 0; i < s->n; i++) {
        const double *r = s->pos[i];
        if (!isfinite(r[0]) || !isfinite(r[1]) || !isfinite(r[2]))
            return err_set(err, ST_DATA, "the position of atom %d is not finite", i + 1);
        for (int x = 0; x < 3; x++) /* farther away a double has no digits left for the distance */
            if (!(fabs(r[0] * inv[0][x] + r[1] * inv[1][x] + r[2] * inv[2][x]) < 1e8))
                return err_set(err, ST_DATA, "atom %d is more than 10^8 cells away from the origin",
                               i + 1);
    }
    return ST_OK;
}

enum status system_check(const struct system *s, struct err *err)
{
    if (s->n < 1)
        return err_set(err, ST_DATA, "there are no atoms; at least one is needed");
    enum status st = s->periodic ? check_cell(s, err) : ST_OK;
    if (!st)
        st = check_positions(s, err);
    if (st)
        return st;
    int i, j;
    double distance;
    if (neighbour_closer(s, overlap_distance, &i, &j, &distance))
        return err_set(err, ST_DATA,
                       "atoms %d and %d are %.4g A apart (periodic images included); at least "
                       "0.05 A is needed",
                       i + 1, j + 1, distance * UNITS_BOHR_A);
    return ST_OK;
}
