/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include "base/mem.h"
#include "base/units.h"
#include "crystal/build.h"

struct lattice {
    int sites, per_site;
    double site[8][3];
};

static const struct lattice lattices[] = {
    [BUILD_SC] = {1, 1, {{0, 0, 0}}},
    [BUILD_BCC] = {2, 1, {{0, 0, 0}, {0.5, 0.5, 0.5}}},
    [BUILD_FCC] = {4, 1, {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}}},
    [BUILD_DIAMOND] = {8,
                       1,
                       {{0, 0, 0},
                        {0, 0.5, 0.5},
                        {0.5, 0, 0.5},
                        {0.5, 0.5, 0},
                        {0.25, 0.25, 0.25},
                        {0.25, 0.75, 0.75},
                        {0.75, 0.25, 0.75},
                        {0.75, 0.75, 0.25}}},
    [BUILD_MOLECULAR] = {4, 2, {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}}},
};

/* Axes of the molecules of the four fcc sites of Pa-3. */
static const double axes[4][3] = {{1, 1, 1}, {-1, 1, -1}, {-1, -1, 1}, {1, -1, -1}};

int build_lattice_atoms(enum build_lattice kind)
{
    return lattices[kind].sites * lattices[kind].per_site;
}

/* The block of `count` cells nearest to a cube; false if none is within a ratio of two. */
static bool best_block(int count, int cells[3])
{
    double best = 2 + 1e-9;
    bool found = false;
    for (int a = 1; a * a * a <= count; a++)
        for (int b = a; count % a == 0 && b * b <= count / a; b++) {
            int c = count / a / b;
            if (count / a % b || c > best * a)
                continue;
            best = (double)c / a;
            found = true;
            cells[0] = a;
            cells[1] = b;
            cells[2] = c;
        }
    return found;
}

enum status build_supercell(enum build_lattice kind, int atoms, int cells[3], struct err *err)
{
    int per_cell = build_lattice_atoms(kind), other[3];
    if (atoms > 0 && atoms % per_cell == 0 && best_block(atoms / per_cell, cells))
        return ST_OK;
    if (atoms < 1 || atoms > BUILD_MOST_ATOMS)
        return err_set(err, ST_USAGE, "%d atoms do not make a lattice; 1 to %d can", atoms,
                       BUILD_MOST_ATOMS);
    int below = atoms / per_cell, above = below + 1;
    while (below > 0 && !best_block(below, other))
        below--;
    while (!best_block(above, other))
        above++;
    if (below == 0)
        return err_set(err, ST_USAGE, "%d atoms do not fill this lattice; at least %d do", atoms,
                       above * per_cell);
    return err_set(
        err, ST_USAGE,
        "%d atoms do not fill cells of this lattice in a nearly cubic block; the nearest "
        "that do are %d and %d",
        atoms, below * per_cell, above * per_cell);
}

static struct system *blank(int n, double mass)
{
    struct system *s = system_new(n);
    for (int i = 0; i < n; i++) {
        s->element[i] = 1;
        s->mass[i] = mass;
    }
    return s;
}

static void fill_cell(const struct lattice *l, const int at[3], double a, double bond,
                      double (*pos)[3])
{
    for (int i = 0; i < l->sites; i++)
        for (int p = 0; p < l->per_site; p++, pos++)
            for (int x = 0; x < 3; x++) {
                double along = l->per_site == 2 ? (p - 0.5) * bond / sqrt(3) * axes[i][x] : 0;
                (*pos)[x] = (at[x] + l->site[i][x]) * a + along;
            }
}

struct system *build_lattice(enum build_lattice kind, const int cells[3], double volume,
                             double bond, double mass)
{
    const struct lattice *l = &lattices[kind];
    int per_cell = build_lattice_atoms(kind), at[3];
    double a = cbrt(volume * per_cell);
    struct system *s = blank(cells[0] * cells[1] * cells[2] * per_cell, mass);
    s->periodic = true;
    for (int i = 0; i < 3; i++)
        s->cell[i][i] = cells[i] * a;
    double(*pos)[3] = s->pos;
    for (at[0] = 0; at[0] < cells[0]; at[0]++)
        for (at[1] = 0; at[1] < cells[1]; at[1]++)
            for (at[2] = 0; at[2] < cells[2]; at[2]++, pos += per_cell)
                fill_cell(l, at, a, bond, pos);
    return s;
}

struct system *build_chain(int n, double spacing, double mass)
{
    struct system *s = blank(n, mass);
    for (int i = 0; i < n; i++)
        s->pos[i][2] = (i - 0.5 * (n - 1)) * spacing;
    return s;
}

void build_rattle(struct system *s, double sigma, struct rng *rng)
{
    for (int i = 0; i < s->n; i++)
        for (int x = 0; x < 3; x++)
            s->pos[i][x] += sigma * rng_normal(rng);
}
