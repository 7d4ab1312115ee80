/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The k points of dft-baseline: a mesh by its numbers, or by the spacing of the points, for every cell anew.
 */
#ifndef DFT_BASELINE_MESH_H
#define DFT_BASELINE_MESH_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "crystal/kpoints.h"
#include "crystal/system.h"
#include "dft/dft.h"

enum { MESH_MOST = 64 };

/* What the options say. */
struct mesh_options {
    const char *mesh, *shift;
    double spacing; /* 1/bohr; 0: the mesh as given */
};

static const char mesh_default[] = "1x1x1";

static enum status mesh_parse_points(const char *text, int mesh[3], struct err *err)
{
    int used = 0;
    if (sscanf(text, "%dx%dx%d%n", &mesh[0], &mesh[1], &mesh[2], &used) != 3 || text[used])
        return err_set(err, ST_USAGE,
                       "--kmesh: '%s' is not a mesh; three numbers as in 2x2x2 would be right",
                       text);
    for (int d = 0; d < 3; d++)
        if (mesh[d] < 1 || mesh[d] > MESH_MOST)
            return err_set(err, ST_USAGE,
                           "--kmesh: '%s' is out of range; 1 to %d points in each direction "
                           "would be right",
                           text, MESH_MOST);
    return ST_OK;
}

/* Split at x first: "0x0" alone would be a hexadecimal number. */
static enum status mesh_parse_shift(const char *text, double shift[3], struct err *err)
{
    char *copy = mem_text(text), *rest = NULL, *stop;
    int parts = 0;
    bool good = true;
    for (char *part = strtok_r(copy, "x", &rest); part && good; part = strtok_r(NULL, "x", &rest)) {
        double x = strtod(part, &stop);
        good = parts < 3 && stop != part && !*stop && x > -1 && x < 1;
        if (good)
            shift[parts++] = x;
    }
    free(copy);
    if (good && parts == 3)
        return ST_OK;
    return err_set(err, ST_USAGE,
                   "--kshift: '%s' is not a shift; three numbers above -1 and below 1 as in "
                   "0.5x0.5x0 would be right",
                   text);
}

/* The options into the settings. ST_USAGE: wrong, or a mesh and a spacing. */
static enum status mesh_parse(const struct mesh_options *o, struct dft_settings *t, struct err *err)
{
    if (o->spacing > 0 && strcmp(o->mesh, mesh_default) != 0)
        return err_set(err, ST_USAGE,
                       "--kspacing and --kmesh both choose the mesh; one of them would be right");
    if (mesh_parse_points(o->mesh, t->mesh, err) != ST_OK)
        return err->status;
    return mesh_parse_shift(o->shift, t->shift, err);
}

/* Orbitals can be real where 2 k is a reciprocal vector, in every direction of the mesh. */
static bool mesh_real(const struct dft_settings *t)
{
    for (int d = 0; d < 3; d++) {
        double twice = 2 * t->shift[d];
        if (t->mesh[d] > 2 || (t->mesh[d] == 2 && t->shift[d] != 0) || twice != floor(twice))
            return false;
    }
    return true;
}

static enum status mesh_check_real(const struct dft_settings *t, enum status wrong, struct err *err)
{
    if (mesh_real(t))
        return ST_OK;
    return err_set(err, wrong,
                   "orbitals of a %dx%dx%d mesh would not be real, which needs k = -k; a --kmesh "
                   "of 1 or 2 points in each direction with a --kshift of 0 (or 0.5 where there is "
                   "one) would be right",
                   t->mesh[0], t->mesh[1], t->mesh[2]);
}

/* The mesh of this cell into the settings, where it follows the spacing; real: orbitals are wanted. */
static enum status mesh_choose(const struct mesh_options *o, const struct system *y, bool real,
                               struct dft_settings *t, struct err *err)
{
    if (o->spacing <= 0 || !y->periodic)
        return ST_OK;
    kpoints_spaced(y->cell, o->spacing, MESH_MOST + 1, t->mesh);
    for (int d = 0; d < 3; d++)
        if (t->mesh[d] > MESH_MOST)
            return err_set(err, ST_USAGE,
                           "--kspacing: more than %d points along direction %d of this cell; a "
                           "wider spacing would be right",
                           MESH_MOST, d + 1);
    return real ? mesh_check_real(t, ST_DATA, err) : ST_OK;
}

/* Points of this cell that are solved, where `set` is right for others; 1: what is wrong will be said of the frame. */
static int mesh_points(const struct mesh_options *o, const struct system *y,
                       const struct dft_settings *set)
{
    struct dft_settings t = *set;
    struct err ignored = {0};
    if (!y->periodic || mesh_choose(o, y, false, &t, &ignored) != ST_OK)
        return 1;
    struct kpoints *mesh = kpoints_mesh(t.mesh, t.shift, true);
    const int n = mesh->n;
    kpoints_free(mesh);
    return n;
}

/* As dft_settings names it; malloced. */
static char *mesh_text(const struct dft_settings *t, const struct system *y)
{
    const int *n = t->mesh;
    const double *x = t->shift;
    if (!y->periodic)
        return mem_text("open");
    if (x[0] == 0 && x[1] == 0 && x[2] == 0)
        return mem_print("%dx%dx%d", n[0], n[1], n[2]);
    return mem_print("%dx%dx%d+%gx%gx%g", n[0], n[1], n[2], x[0], x[1], x[2]);
}

#endif
