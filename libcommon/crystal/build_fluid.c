/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/units.h"
#include "crystal/build.h"

enum { ATTEMPTS = 400, SWEEPS = 5000 };

/* Smallest distance between molecules when none is given: about the Wigner-Seitz radius, within what
 * atoms of a real fluid come to (0.5 to 1 A; molecules to 1.3 A). */
static double default_distance(const struct build_fluid *f)
{
    double rs = cbrt(3 * f->volume / (4 * M_PI));
    double low = 0.5 / UNITS_BOHR_A, high = (f->molecular ? 1.3 : 1.0) / UNITS_BOHR_A;
    return fmin(fmax(f->molecular ? 1.1 * rs : rs, low), high);
}

/* Squared distance in the cubic cell; d: from b to a. */
static double apart(const struct system *s, const double a[3], const double b[3], double d[3])
{
    double length = s->cell[0][0], r2 = 0;
    for (int x = 0; x < 3; x++) {
        d[x] = a[x] - b[x];
        d[x] -= length * rint(d[x] / length);
        r2 += d[x] * d[x];
    }
    return r2;
}

/* Square of the distance from the m atoms of a molecule to the first n placed atoms. */
static double clearance(const struct system *s, int n, double (*atom)[3], int m)
{
    double least = INFINITY, d[3];
    for (int i = 0; i < n; i++)
        for (int p = 0; p < m; p++)
            least = fmin(least, apart(s, atom[p], s->pos[i], d));
    return least;
}

static void random_molecule(const struct system *s, const struct build_fluid *f, struct rng *rng,
                            double atom[2][3])
{
    double axis[3], length = 0;
    for (int x = 0; x < 3; x++) {
        atom[0][x] = atom[1][x] = s->cell[x][x] * rng_uniform(rng);
        axis[x] = f->molecular ? rng_normal(rng) : 0;
        length += axis[x] * axis[x];
    }
    for (int x = 0; f->molecular && x < 3; x++) {
        atom[0][x] -= 0.5 * f->bond * axis[x] / sqrt(length);
        atom[1][x] += 0.5 * f->bond * axis[x] / sqrt(length);
    }
}

/* Random places, the roomiest of some attempts where none is free; true if all were free. */
static bool insert(struct system *s, const struct build_fluid *f, double distance, struct rng *rng)
{
    int size = f->molecular ? 2 : 1;
    bool all_free = true;
    for (int i = 0; i < s->n; i += size) {
        double best = -1, atom[2][3];
        for (int k = 0; k < ATTEMPTS && best < distance * distance; k++) {
            random_molecule(s, f, rng, atom);
            double room = clearance(s, i, atom, size);
            if (room > best) {
                best = room;
                memcpy(s->pos[i], atom, (size_t)size * sizeof atom[0]);
            }
        }
        if (best < distance * distance)
            all_free = false;
    }
    return all_free;
}

static void shift(double (*atom)[3], int size, const double d[3], double by)
{
    for (int p = 0; p < size; p++)
        for (int x = 0; x < 3; x++)
            atom[p][x] += by * d[x];
}

/* Move the molecules of atoms i and j apart as far as they lack; 0: they did not. */
static int push(struct system *s, int size, double distance, int i, int j)
{
    double d[3], r2 = apart(s, s->pos[i], s->pos[j], d);
    if (r2 >= distance * distance)
        return 0;
    double r = sqrt(r2), move = 0.5 * (1.02 * distance - r) / fmax(r, 1e-3 * distance);
    shift(s->pos + i / size * size, size, d, move);
    shift(s->pos + j / size * size, size, d, -move);
    return 1;
}

static bool relax(struct system *s, int size, double distance)
{
    int moved = 1;
    for (int sweep = 0; moved && sweep < SWEEPS; sweep++) {
        moved = 0;
        for (int i = 0; i < s->n; i++)
            for (int j = 0; j < i / size * size; j++)
                moved += push(s, size, distance, i, j);
    }
    return !moved;
}

struct system *build_fluid(const struct build_fluid *f, struct rng *rng, struct err *err)
{
    struct system *s = system_new(f->atoms);
    double distance = f->distance > 0 ? f->distance : default_distance(f);
    s->periodic = true;
    for (int i = 0; i < 3; i++)
        s->cell[i][i] = cbrt(f->volume * f->atoms);
    for (int i = 0; i < s->n; i++) {
        s->element[i] = 1;
        s->mass[i] = f->mass;
    }
    if (distance <= s->cell[0][0] &&
        (insert(s, f, distance, rng) || relax(s, f->molecular ? 2 : 1, distance)))
        return s;
    err_set(err, ST_COMPUTE,
            "a fluid of this density cannot be packed with atoms of different molecules at least "
            "%.3g A apart; give a smaller --min-distance or more volume",
            distance * UNITS_BOHR_A);
    system_free(s);
    return NULL;
}
